"""What the pages about storage show. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from minispaces_contract.storage import Entry, EntryKind, Listing
from minispaces_platform.models.storage import SpaceStorage
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.views import SpaceView
from minispaces_platform.storage.sizes import Size, sizes_of
from minispaces_platform.wording import memory

_MIB = 1 << 20
_NEARLY_FULL = 90


@dataclass(frozen=True, slots=True)
class Fill:
    """How full a volume is. `percent` is of what was agreed."""

    words: str
    percent: int
    is_kept: bool
    """False where the machine only counts."""

    @property
    def is_high(self) -> bool:
        return self.percent >= _NEARLY_FULL


@dataclass(frozen=True, slots=True)
class StorageSection:
    """Of the settings. `fill` is None for a Space without storage; `larger` are the sizes that it may choose."""

    fill: Fill | None
    size: str
    larger: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Crumb:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """`href` is empty for what cannot be opened."""

    name: str
    icon: str
    href: str
    download: str
    size: int | None
    changed: datetime


@dataclass(frozen=True, slots=True)
class FolderView:
    space: SpaceView
    fill: Fill
    crumbs: tuple[Crumb, ...]
    parent: str
    zip: str
    rows: tuple[Row, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class AdminRow:
    space: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class AdminView:
    sum: str
    rows: tuple[AdminRow, ...]


def admin_view(storages: Sequence[tuple[str, SpaceStorage]]) -> AdminView:
    used = memory(sum(storage.used for _, storage in storages))
    promised = memory(sum(storage.size_mb for _, storage in storages) * _MIB)
    rows = tuple(AdminRow(name, fill_of(storage)) for name, storage in storages)
    return AdminView(f"{used} used, {promised} promised", rows)


def section_of(storage: SpaceStorage | None, settings: PlatformSettings) -> StorageSection:
    has = storage.size_mb if storage else 0
    larger = tuple(size for size in sizes_of(settings) if size.mb > has)
    return StorageSection(fill_of(storage) if storage else None, memory(has * _MIB), larger)


def fill_of(storage: SpaceStorage) -> Fill:
    """Of a volume that the machine keeps to its size a part is the file system's own."""
    room = storage.limit or storage.size_mb * _MIB
    words = f"{memory(storage.used)} of {memory(storage.size_mb * _MIB)} used" if storage.seen_at else "not counted yet"
    return Fill(words, min(100, round(100 * storage.used / room)), storage.limit > 0 or storage.seen_at is None)


def folder_view(space: SpaceView, storage: SpaceStorage, listing: Listing, *, path: str) -> FolderView:
    """`path` is quoted: its parts are names as the runner tells them."""
    base = f"{space.face.path}/storage"
    parts = [part for part in path.split("/") if part]
    above = [Crumb(spoken(part), _to(base, parts[: at + 1])) for at, part in enumerate(parts)]
    return FolderView(
        space=space,
        fill=fill_of(storage),
        crumbs=(Crumb("data", base), *above),
        parent=_to(base, parts[:-1]) if parts else "",
        zip=_to(f"{base}/zip", parts),
        rows=tuple(_row(base, parts, entry) for entry in listing.entries),
        left_out=listing.total - len(listing.entries),
    )


def spoken(quoted: str) -> str:
    """A name for people; bytes that are no text become question marks."""
    return unquote(quoted, errors="replace")


def _row(base: str, parts: list[str], entry: Entry) -> Row:
    inner = [*parts, entry.name]
    is_folder, is_file = entry.kind is EntryKind.FOLDER, entry.kind is EntryKind.FILE
    file = _to(f"{base}/file", inner) if is_file else ""
    return Row(
        name=spoken(entry.name),
        icon={EntryKind.FOLDER: "folder", EntryKind.LINK: "link"}.get(entry.kind, "file"),
        href=_to(base, inner) if is_folder else file,
        download=_to(f"{base}/zip", inner) if is_folder else file,
        size=entry.size if is_file else None,
        changed=_moment(entry.changed),
    )


def _to(address: str, parts: list[str]) -> str:
    return f"{address}?path={quote('/'.join(parts), safe='/')}" if parts else address


def _moment(seconds: float) -> datetime:
    """Apps set the times of their files as they like."""
    return datetime.fromtimestamp(min(max(seconds, 0), 4e9), UTC)
