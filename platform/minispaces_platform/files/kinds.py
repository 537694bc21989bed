"""What a file is, from its name and its bytes. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

SHOWN_MAX = 512_000
"""Bytes of a file that a page shows; more is for downloading."""
NOTEBOOK_MAX = 8_000_000
IMAGE_MAX = 20_000_000
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n?"
)
_POINTER_MAX = 1024
_PROBED = 8000
IMAGES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "avif": "image/avif", "bmp": "image/bmp", "ico": "image/x-icon", "svg": "image/svg+xml",
}  # fmt: skip


class Kind(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    NOTEBOOK = "notebook"
    IMAGE = "image"
    POINTER = "pointer"
    BINARY = "binary"
    LARGE = "large"
    """Too large to be shown."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What Git LFS keeps in place of a large file."""

    oid: str
    size: int


def extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def most_bytes(name: str) -> int:
    """How much of a file is worth reading to show it; pictures are not read at all."""
    return {"ipynb": NOTEBOOK_MAX, **dict.fromkeys(IMAGES, SHOWN_MAX)}.get(extension(name), SHOWN_MAX)


def kind_of(name: str, content: bytes, *, size: int) -> Kind:
    """`content` may be only the file's beginning."""
    if pointer_of(content):
        return Kind.POINTER
    if extension(name) in IMAGES:
        return Kind.IMAGE if size <= IMAGE_MAX else Kind.LARGE
    if is_binary(content):
        return Kind.BINARY
    if size > most_bytes(name):
        return Kind.LARGE
    return {"md": Kind.MARKDOWN, "markdown": Kind.MARKDOWN, "ipynb": Kind.NOTEBOOK}.get(extension(name), Kind.TEXT)


def is_binary(content: bytes) -> bool:
    """As git decides it."""
    return b"\0" in content[:_PROBED]


def pointer_of(content: bytes) -> Pointer | None:
    found = _POINTER.fullmatch(content) if len(content) <= _POINTER_MAX else None
    return Pointer(found[1].decode(), int(found[2])) if found else None


def media_type(name: str, content: bytes) -> str:
    """What a browser may take a raw file for: a picture, or text that is nothing but text."""
    if known := IMAGES.get(extension(name)):
        return known
    return "application/octet-stream" if is_binary(content) else "text/plain; charset=utf-8"
