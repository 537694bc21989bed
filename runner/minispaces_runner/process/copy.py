"""An instance's own, writable copy of its app."""

import os
import shutil
import stat
from pathlib import Path

_AT_ONCE = 1 << 30


def copy_tree(source: Path, target: Path, *, owner: int | None) -> None:
    """Copy files, folders and links as they are, owned by `owner`; file systems that can share the blocks do.

    Links are never followed, and what is neither file, folder nor link is left out: the tree was pushed by somebody.
    """
    target.mkdir()
    with os.scandir(source) as entries:
        for entry in entries:
            inside = target / entry.name
            if entry.is_symlink():
                inside.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                copy_tree(Path(entry.path), inside, owner=owner)
            elif entry.is_file():
                _copy_file(Path(entry.path), inside)
            else:
                continue
            _own(inside, owner)
    shutil.copystat(source, target)
    target.chmod(stat.S_IMODE(target.stat().st_mode) | stat.S_IRWXU)
    _own(target, owner)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            while os.copy_file_range(reader.fileno(), writer.fileno(), _AT_ONCE):
                pass
        except OSError:  # another file system, or one that cannot
            reader.seek(0)
            writer.seek(0)
            writer.truncate()
            shutil.copyfileobj(reader, writer, 1 << 20)
    shutil.copystat(source, target, follow_symlinks=False)
    target.chmod((stat.S_IMODE(source.stat().st_mode) | stat.S_IRUSR | stat.S_IWUSR) & 0o777)


def _own(path: Path, owner: int | None) -> None:
    if owner is not None:
        os.chown(path, owner, owner, follow_symlinks=False)
