"""Where packages come from: the machine's pip configuration, translated for uv, which reads none of it."""

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_INDEX = "https://pypi.org/simple"


@dataclass(frozen=True, slots=True)
class PackageIndex:
    url: str = DEFAULT_INDEX
    extra_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    certificates: str | None = None

    def uv_env(self) -> dict[str, str]:
        """Like pip, the best version of all indexes is taken, not the first index that knows the name."""
        env = {"UV_SYSTEM_CERTS": "1", "UV_DEFAULT_INDEX": self.url, "UV_INDEX_STRATEGY": "unsafe-best-match"}
        if self.extra_urls:
            env["UV_INDEX"] = " ".join(self.extra_urls)
        if self.find_links:
            env["UV_FIND_LINKS"] = ",".join(self.find_links)
        if self.certificates:
            env["SSL_CERT_FILE"] = self.certificates
        return env

    def remote(self) -> "PackageIndex":
        """What a container can reach: no local folders."""
        return PackageIndex(
            self.url,
            tuple(url for url in self.extra_urls if not url.startswith("file:")),
            tuple(link for link in self.find_links if "://" in link and not link.startswith("file:")),
            None,
        )

    def local_paths(self) -> tuple[Path, ...]:
        """What uv reads on this machine: folders of packages, and the certificates."""
        indexes = [Path(urlsplit(one).path).parent for one in (self.url, *self.extra_urls) if one.startswith("file:")]
        folders = [Path(urlsplit(one).path) for one in self.find_links if urlsplit(one).scheme in {"", "file"}]
        paths = [*indexes, *folders, *([Path(self.certificates)] if self.certificates else [])]
        return tuple(path for path in paths if path.exists() and not path.is_relative_to("/etc/ssl"))

    def local_projects(self) -> frozenset[str]:
        """Projects with files in a local find-links folder; such files have no upload time."""
        folders = [Path(urlsplit(link).path) for link in self.find_links if not link.startswith("http")]
        wheels = [wheel for folder in folders if folder.is_dir() for wheel in folder.iterdir()]
        return frozenset(wheel.name.split("-")[0].lower().replace("_", "-") for wheel in wheels)


def read_package_index(environ: Mapping[str, str], *, files: tuple[Path, ...] | None = None) -> PackageIndex:
    """In pip's order: its variables win over the user's file, which wins over the machine's."""
    options: dict[str, str] = {}
    for path in pip_files(environ) if files is None else files:
        options |= _section(path)
    for name in ("index-url", "extra-index-url", "find-links", "cert"):
        if value := environ.get("PIP_" + name.upper().replace("-", "_")):
            options[name] = value
    return PackageIndex(
        environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL") or options.get("index-url") or DEFAULT_INDEX,
        tuple(options.get("extra-index-url", "").split()),
        tuple(options.get("find-links", "").split()),
        environ.get("SSL_CERT_FILE") or options.get("cert"),
    )


def pip_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where pip looks, weakest first (pip's documentation, "Configuration")."""
    home = Path(environ.get("HOME", "/nonexistent"))
    config = Path(environ.get("XDG_CONFIG_HOME", home / ".config"))
    named = environ.get("PIP_CONFIG_FILE")
    paths = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        config / "pip/pip.conf",
        Path(sys.prefix) / "pip.conf",
    ]
    return () if named == os.devnull else (*paths, *([Path(named)] if named else []))


def _section(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, configparser.Error, UnicodeDecodeError):
        return {}
    return dict(parser["global"]) if parser.has_section("global") else {}
