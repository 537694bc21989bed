"""What went wrong with a part that we stand on, and not with the request: as an error that says when to come back."""

import errno
import subprocess
from typing import Any

import redis
from sqlalchemy import exc

from minispaces_platform.errors import AwayError, MinispacesError, StorageFullError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ROOM_WORDS = (b"No space left on device", b"Disk quota exceeded")
_DISK_FULL = "53100"
"""PostgreSQL's code for it."""
_SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL")
_REDIS_AWAY = ("MISCONF", "OOM", "LOADING", "READONLY")
"""How it begins what it says while it takes no writes."""


def outage_of(error: BaseException) -> MinispacesError | None:
    """None for whatever is a fault of ours."""
    if _is_no_room(error):
        return StorageFullError(
            "The storage is full, so nothing can be written for now.",
            hint="What is there can be read, and what runs goes on. Ask an administrator to make room.",
        )
    if _is_database_away(error):
        return AwayError(
            "The database does not answer right now, so nothing was changed.",
            hint="Try again in a few seconds; apps go on meanwhile.",
        )
    if _is_redis_away(error):
        return AwayError("This cannot be done right now.", hint="Try again in a minute.")
    return None


def is_outage(error: BaseException) -> bool:
    """Whether it is worth trying again."""
    return outage_of(error) is not None


def _is_no_room(error: BaseException) -> bool:
    match error:
        case OSError():
            return error.errno in _NO_ROOM
        case subprocess.CalledProcessError(stderr=bytes(said)):
            return any(words in said for words in _NO_ROOM_WORDS)
        case exc.DBAPIError():
            return _sqlite_name(error.orig) == "SQLITE_FULL" or getattr(error.orig, "sqlstate", None) == _DISK_FULL
        case _:
            return False


def _is_database_away(error: BaseException) -> bool:
    """SQLite says `OperationalError` of unknown tables as well."""
    if isinstance(error, exc.TimeoutError):
        return True
    if not isinstance(error, exc.DBAPIError):
        return False
    if name := _sqlite_name(error.orig):
        return name.startswith(_SQLITE_AWAY)
    return error.connection_invalidated or isinstance(error, exc.OperationalError)


def _sqlite_name(error: Any) -> str:
    return getattr(error, "sqlite_errorname", "")


def _is_redis_away(error: BaseException) -> bool:
    """By itself, or as the queue says it."""
    from kombu.exceptions import OperationalError  # a slow import, which only errors need

    if isinstance(error, redis.ConnectionError | redis.TimeoutError | OperationalError):
        return True
    return isinstance(error, redis.ResponseError) and str(error).startswith(_REDIS_AWAY)
