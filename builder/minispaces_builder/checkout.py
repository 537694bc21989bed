"""A commit's files, from the platform's tar stream into a folder; everything in the stream is hostile."""

import io
import os
import posixpath
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from minispaces_builder.errors import BuildError

MAX_BYTES = 2 * 1024**3
MAX_FILES = 100_000
_LFS = b"version https://git-lfs.github.com/spec/v1"
_LFS_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Checkout:
    """`names` are the files and links, relative, with slashes."""

    root: Path
    names: frozenset[str]
    lfs_pointers: tuple[str, ...] = ()
    size_bytes: int = 0

    def has(self, name: str) -> bool:
        return name in self.names

    def read(self, name: str, *, limit: int) -> bytes:
        """At most `limit` + 1 bytes, so that the caller can tell a file that is too large."""
        with (self.root / name).open("rb") as file:
            return file.read(limit + 1)

    def is_link(self, name: str) -> bool:
        return (self.root / name).is_symlink()


@dataclass(slots=True)
class _Progress:
    root: Path
    names: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)
    pointers: list[str] = field(default_factory=list)
    size: int = 0


class _Stream(io.RawIOBase):
    """Chunks as the file that `tarfile` wants; `check` may raise between two of them."""

    def __init__(self, chunks: Iterator[bytes], check: Callable[[], None]) -> None:
        self._chunks, self._check, self._rest = chunks, check, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len()
        if not self._rest:
            self._check()
            self._rest = next(self._chunks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def unpack(chunks: Iterator[bytes], root: Path, *, check: Callable[[], None] = lambda: None) -> Checkout:
    """Raises BuildError for what no repository needs: escaping names or links, devices, too much of anything."""
    root.mkdir(parents=True)
    progress = _Progress(root)
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Stream(chunks, check), 1 << 20), mode="r|") as archive:
            for member in archive:
                _take(archive, member, progress)
    except tarfile.TarError as error:
        raise BuildError("The commit's files did not arrive whole; push again or restart the build.") from error
    _make_links(progress)
    return Checkout(root, frozenset(progress.names), tuple(progress.pointers), progress.size)


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, progress: _Progress) -> None:
    name = safe_name(member.name)
    if name is None:
        raise BuildError(f"The repository holds a file whose name leads outside of it: {member.name[:200]!r}.")
    if member.isdir():
        (progress.root / name).mkdir(parents=True, exist_ok=True)
        return
    progress.names.add(name)
    if len(progress.names) > MAX_FILES:
        raise BuildError(f"The repository has more than {MAX_FILES:,} files.")
    if member.issym():
        progress.links.append((name, member.linkname))
    elif member.isreg():
        _write(archive, member, progress, name=name)
    else:
        raise BuildError(f"{name} is neither a file, a folder nor a symbolic link.")


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, progress: _Progress, *, name: str) -> None:
    progress.size += member.size
    if progress.size > MAX_BYTES:
        raise BuildError(f"The repository is larger than {MAX_BYTES // 1024**3} GB.")
    path = progress.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    if source is None:
        raise BuildError(f"{name} could not be read from the commit.")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _mode(member)), "wb") as out:
        head = source.read(_LFS_LONGEST)
        out.write(head)
        while chunk := source.read(1 << 20):
            out.write(chunk)
    if member.size < _LFS_LONGEST and head.startswith(_LFS):
        progress.pointers.append(name)


def _mode(member: tarfile.TarInfo) -> int:
    return 0o755 if member.mode & 0o100 else 0o644


def _make_links(progress: _Progress) -> None:
    """Last, so that no file is ever written through one; then all are followed, since links can chain."""
    for name, target in progress.links:
        path = progress.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    real_root = os.path.realpath(progress.root)
    for name, target in progress.links:
        real = os.path.realpath(progress.root / name)
        if target.startswith("/") or os.path.commonpath([real_root, real]) != real_root:
            raise BuildError(f"{name} is a symbolic link that leads outside the repository.")


def safe_name(name: str) -> str | None:
    """The name in normal form, or None when it is absolute, escapes or cannot be a file's name."""
    normal = posixpath.normpath(name)
    if name.startswith("/") or "\0" in name or normal == ".." or normal.startswith("../"):
        return None
    return normal
