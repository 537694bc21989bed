"""The Dockerfiles that we write: one image per Python and SDK version, and a thin one per version of a Space."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from minispaces_builder.package_index import PackageIndex

_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_APT = "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
_PATH = "/opt/venv/bin:/home/user/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ACCOUNT = (
    "RUN if getent passwd 1000 >/dev/null; then userdel -r $(getent passwd 1000 | cut -d: -f1); fi; "
    "useradd -m -u 1000 user && mkdir -p /home/user/app && chown -R 1000:1000 /home/user"
)
_VENV = "UV_PYTHON_INSTALL_DIR=/opt/python UV_SYSTEM_CERTS=1 uv venv --no-project --quiet --python"


@dataclass(frozen=True, slots=True)
class SdkImage:
    """What an SDK image is made of; `python` is a minor version such as 3.11."""

    base: str
    python: str
    system_packages: Sequence[str] = ()
    extra_ca: bool = False


@dataclass(frozen=True, slots=True)
class SpaceImage:
    """What a Space adds to its SDK image. `cache` names the uv cache that its installation may write."""

    sdk_image: str
    command: Sequence[str]
    system_packages: Sequence[str] = ()
    locked: bool = False
    options: Sequence[str] = ()
    cache: str = "minispaces-uv"
    builds_code: bool = False


def sdk_dockerfile(image: SdkImage, *, packages: bool = True, program: bool) -> str:
    """Context: `uv`, `lock.txt`, and if asked for `extra-ca.crt` and our static server `minispaces_static.py`.

    Without `packages` it is a Python to install into.
    """
    lines = [f"FROM {image.base}", "USER root", *(_trust() if image.extra_ca else ()), *_apt(image.system_packages)]
    lines += [
        "COPY uv /usr/local/bin/uv",
        _ACCOUNT,
        f"RUN {_VENV} {image.python} /opt/venv && chown -R 1000:1000 /opt/venv",
        f"ENV HOME=/home/user PATH={_PATH} VIRTUAL_ENV=/opt/venv UV_CACHE_DIR=/cache/uv UV_LINK_MODE=copy",
        "USER 1000",
    ]
    if packages:
        lines.append("COPY lock.txt /opt/minispaces/sdk.lock")
        lines.append(_install("/opt/minispaces/sdk.lock", cache="minispaces-uv", options=("--no-build",)))
    if program:
        lines.append(f"COPY minispaces_static.py /opt/venv/lib/python{image.python}/site-packages/")
    return _text([*lines, "WORKDIR /home/user/app"])


def space_dockerfile(image: SpaceImage) -> str:
    """Context: `app/`, and `lock.txt` where the Space's packages differ from the SDK's."""
    lines = [f"FROM {image.sdk_image}"]
    if image.system_packages:
        lines += ["USER root", *_apt(image.system_packages), "USER 1000"]
    if image.locked:
        options = (*image.options, *(() if image.builds_code else ("--no-build",)))
        lines += ["COPY lock.txt /opt/minispaces/app.lock"]
        lines += [_install("/opt/minispaces/app.lock", cache=image.cache, options=options)]
    lines += ["COPY --chown=1000:1000 app /home/user/app", f"CMD {json.dumps(list(image.command))}"]
    return _text(lines)


def uv_config(index: PackageIndex) -> str:
    """For a secret mount at /etc/uv/uv.toml: addresses of indexes may hold passwords, which no layer may keep."""
    lines = [f"index-url = {json.dumps(index.url)}", 'index-strategy = "unsafe-best-match"']
    if index.extra_urls:
        lines.append(f"extra-index-url = {json.dumps(list(index.extra_urls))}")
    if index.find_links:
        lines.append(f"find-links = {json.dumps(list(index.find_links))}")
    return _text(lines)


def _install(lock: str, *, cache: str, options: Sequence[str]) -> str:
    """Sync makes the environment exactly the lock, so a package that is there already costs nothing."""
    mounts = f"--mount=type=cache,id={cache},target=/cache/uv,uid=1000,gid=1000"
    mounts += " --mount=type=secret,id=uv,target=/etc/uv/uv.toml,mode=0444"
    return f"RUN {mounts} UV_SYSTEM_CERTS=1 uv pip sync --quiet --compile-bytecode {shlex.join(options)} {lock}"


def _apt(packages: Sequence[str]) -> list[str]:
    return [f"RUN {_APT} {shlex.join(packages)} && rm -rf /var/lib/apt/lists/*"] if packages else []


def _trust() -> list[str]:
    variables = " ".join(f"{name}={_CERTIFICATES}" for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"))
    return [
        "COPY extra-ca.crt /usr/local/share/ca-certificates/minispaces-extra.crt",
        f"RUN command -v update-ca-certificates >/dev/null || ({_APT} ca-certificates); update-ca-certificates",
        f"ENV {variables}",
    ]


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
