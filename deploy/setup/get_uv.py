"""Put the uv that uv.lock names into a folder, with nothing but Python: `get_uv.py FOLDER`.

A fresh Debian has neither uv nor pip. The lock holds the address and hash of every wheel, and a wheel is a zip file.
"""

import hashlib
import io
import os
import platform
import sys
import tomllib
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import urlopen

from package_index import configured_index, tls_context

LOCK = Path(__file__).resolve().parents[2] / "uv.lock"
_SECONDS = 60


class Wheel(NamedTuple):
    url: str
    sha256: str

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[1]


class Machine(NamedTuple):
    system: str
    architecture: str
    libc: str


def this_machine() -> Machine:
    return Machine(platform.system(), platform.machine(), platform.libc_ver()[0])


def locked_wheels(lock: str) -> list[Wheel]:
    packages = tomllib.loads(lock)["package"]
    (uv,) = (package for package in packages if package["name"] == "uv")
    return [Wheel(wheel["url"], wheel["hash"].removeprefix("sha256:")) for wheel in uv["wheels"]]


def choose(wheels: list[Wheel], machine: Machine) -> Wheel:
    """The wheel for this machine. Raises LookupError."""
    architecture = {"arm64": "aarch64"}.get(machine.architecture, machine.architecture)
    if machine.system == "Darwin":
        marks = ("macosx", machine.architecture)
    else:
        marks = ("manylinux" if machine.libc == "glibc" else "musllinux", architecture)
    for wheel in wheels:
        if all(mark in wheel.name for mark in marks):
            return wheel
    message = f"uv has no wheel for {machine.system} on {machine.architecture}; install uv yourself and put it on PATH"
    raise LookupError(message)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def address_on(index: str, page: str, wheel: Wheel) -> str:
    """Where `index`, whose page of uv is `page`, keeps the wheel. Raises LookupError."""
    links = _Links()
    links.feed(page)
    for link in links.found:
        if link.split("#")[0].endswith("/" + wheel.name):
            return urljoin(f"{index}/uv/", link.split("#")[0])
    message = f"the package index {index} has no {wheel.name}"
    raise LookupError(message)


def _fetch(url: str) -> bytes:
    with urlopen(url, timeout=_SECONDS, context=tls_context()) as answer:
        content: bytes = answer.read()
    return content


def _download(wheel: Wheel) -> bytes:
    index = configured_index()
    url = wheel.url if index is None else address_on(index, _fetch(f"{index}/uv/").decode(), wheel)
    content = _fetch(url)
    if hashlib.sha256(content).hexdigest() != wheel.sha256:
        message = f"{wheel.name} is not the file that uv.lock names: it was damaged or changed on the way"
        raise LookupError(message)
    return content


def unpack(wheel: bytes, folder: Path) -> Path:
    """Write the one program of the wheel, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "uv"
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        (member,) = (name for name in archive.namelist() if name.endswith(".data/scripts/uv"))
        half = target.with_name(f"uv.{os.getpid()}")
        half.write_bytes(archive.read(member))
    half.chmod(0o755)
    return half.replace(target)


def get_uv(folder: Path) -> Path:
    """Raises SystemExit with words for people."""
    try:
        return unpack(_download(choose(locked_wheels(LOCK.read_text()), this_machine())), folder)
    except LookupError as error:
        sys.exit(f"Cannot get uv: {error}.")
    except URLError as error:
        sys.exit(
            f"Cannot get uv: {error.reason}.\nA package index must be reachable: set PIP_INDEX_URL to yours, "
            "and SSL_CERT_FILE to its certificate authorities (or install ca-certificates)."
        )


if __name__ == "__main__":
    print(get_uv(Path(sys.argv[1])))
