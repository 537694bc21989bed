"""What the runner tells of a Space's storage when somebody looks into it. Names are hostile.

`name` is the percent-quoted bytes of a file's name, which need not be UTF-8; paths are such names, joined by `/`.
"""

from enum import StrEnum

from pydantic import Field

from minispaces_contract.messages import Message


class EntryKind(StrEnum):
    FOLDER = "folder"
    FILE = "file"
    LINK = "link"
    OTHER = "other"


class Entry(Message):
    """`changed` in seconds since the epoch, as the app set it."""

    name: str
    kind: EntryKind
    size: int = 0
    changed: float = 0


class Listing(Message):
    """Of one folder; `total` counts what is not told as well."""

    entries: tuple[Entry, ...]
    total: int = Field(description="how many there are")
