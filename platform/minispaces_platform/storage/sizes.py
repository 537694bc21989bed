"""The sizes in which storage comes: the Hub's names, this installation's amounts. Pure."""

from dataclasses import dataclass

from minispaces_platform.errors import InvalidError
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.wording import memory

_GIB_IN_MIB = 1024
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    mb: int

    @property
    def words(self) -> str:
        return memory(self.mb * _MIB)


def sizes_of(settings: PlatformSettings) -> tuple[Size, ...]:
    """Those that are offered, smallest first."""
    amounts = {
        "small": settings.storage_small_gb,
        "medium": settings.storage_medium_gb,
        "large": settings.storage_large_gb,
    }
    return tuple(Size(name, round(gb * _GIB_IN_MIB)) for name, gb in amounts.items() if gb)


def get_size(settings: PlatformSettings, name: str) -> Size:
    offered = sizes_of(settings)
    if found := next((size for size in offered if size.name == name), None):
        return found
    names = ", ".join(size.name for size in offered)
    raise InvalidError(
        f"There is no storage of the size {name[:40]!r} here.",
        hint=f"Choose one of {names}." if names else "This installation offers no storage.",
    )
