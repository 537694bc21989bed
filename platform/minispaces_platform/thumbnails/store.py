"""Pictures on disk, one per version, named by nobody but us."""

from pathlib import Path

from minispaces_platform.settings import PlatformSettings

MAX_BYTES = 1 << 20
_HEAD = 16


def folder(settings: PlatformSettings) -> Path:
    return settings.data / "thumbnails"


def folder_of(settings: PlatformSettings, space_id: str) -> Path:
    return folder(settings) / space_id


def path_of(settings: PlatformSettings, space_id: str, version: int) -> Path:
    return folder_of(settings, space_id) / f"{version}.picture"


def write(path: Path, picture: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(picture)
    unfinished.replace(path)


def media_type(picture: bytes) -> str | None:
    """What a browser may be told that it is; None for anything but a picture. SVG is a program, and none."""
    head = picture[:_HEAD]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    kinds = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
    return next((kind for magic, kind in kinds.items() if head.startswith(magic)), None)
