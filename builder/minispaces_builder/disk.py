"""Whether there is room for another build, and whether one failed for want of it."""

import errno
from pathlib import Path

from minispaces_builder.errors import BuildError
from minispaces_contract.disk import left_when_full

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ROOM_WORDS = ("No space left on device", "Disk quota exceeded", f"os error {errno.ENOSPC}")
_HINT = "What runs goes on running; ask the administrator to free some space, then restart the build."


def check_free_disk(data: Path, *, floor_gb: float) -> None:
    """Raises BuildError."""
    left = left_when_full(data, floor_gb=floor_gb)
    if left is not None:
        raise BuildError(f"The server's disk is nearly full ({left}), so no build was started. {_HINT}")


def is_for_want_of_room(error: Exception) -> bool:
    """Whichever part of a build came to the disk's end: ourselves, or a program that said so."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return any(words in str(error) for words in _NO_ROOM_WORDS)


def disk_became_full() -> BuildError:
    return BuildError(f"The server's disk became full during the build. {_HINT}")
