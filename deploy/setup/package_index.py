"""Where packages come from on this machine: pip's own configuration, for programs that do not read it."""

import os
import ssl
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

PUBLIC_INDEX = "https://pypi.org/simple"


def _pip_file(environment: Mapping[str, str]) -> dict[str, str]:
    """The `[global]` and `[install]` sections of pip's files, the more personal one winning.

    https://pip.pypa.io/en/stable/topics/configuration/
    """
    home = Path(environment.get("HOME") or "/nonexistent")
    places = [Path("/etc/pip.conf"), home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    if "PIP_CONFIG_FILE" in environment:
        places.append(Path(environment["PIP_CONFIG_FILE"]))
    found: dict[str, str] = {}
    for place in places:
        parser = ConfigParser(interpolation=None)
        try:
            parser.read(place)
        except (Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    return found


def pip_setting(name: str, environment: Mapping[str, str]) -> str | None:
    """What pip would use for `name` (as in `index-url`), None where nobody has said anything."""
    variable = "PIP_" + name.upper().replace("-", "_")
    return environment.get(variable) or _pip_file(environment).get(name) or None


def configured_index(environment: Mapping[str, str] = os.environ) -> str | None:
    """The index to use instead of the public one, if this machine has one."""
    index = environment.get("UV_DEFAULT_INDEX") or pip_setting("index-url", environment)
    return None if index is None or index.rstrip("/") == PUBLIC_INDEX else index.rstrip("/")


def certificates(environment: Mapping[str, str] = os.environ) -> str | None:
    """A file of certificate authorities to trust, if this machine names one."""
    return environment.get("SSL_CERT_FILE") or pip_setting("cert", environment)


def tls_context(environment: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """The system's authorities and those that the machine names."""
    context = ssl.create_default_context()
    named = certificates(environment)
    if named and Path(named).is_file():
        context.load_verify_locations(cafile=named)
    return context


def uv_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What uv, which reads no pip configuration, must be told."""
    told = {"UV_SYSTEM_CERTS": "1"}
    if index := configured_index(environment):
        told["UV_DEFAULT_INDEX"] = index
    if named := certificates(environment):
        told["SSL_CERT_FILE"] = named
    return told
