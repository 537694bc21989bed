"""Visits as a small chart with words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 240, 40
_GAP = 2


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    words: str

    def __html__(self) -> str:
        """Drawn here, without a template: thirty of them are a third of a Space's page."""
        box = f'x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}"'
        return f"<rect {box}><title>{self.words}</title></rect>"


@dataclass(frozen=True, slots=True)
class VisitsView:
    """`words` says what the bars show."""

    total: int
    bars: tuple[Bar, ...]
    words: str
    ever: int
    width: int = WIDTH
    height: int = HEIGHT


def visits_view(days: Sequence[tuple[date, int]], *, ever: int) -> VisitsView:
    total, most = sum(count for _, count in days), max((count for _, count in days), default=0)
    step = WIDTH / max(1, len(days))
    bars = tuple(_bar(at * step, step - _GAP, day, count, most=most) for at, (day, count) in enumerate(days))
    return VisitsView(total, bars, _words(days, total=total, most=most), ever)


def _bar(x: float, width: float, day: date, count: int, *, most: int) -> Bar:
    """A day without visits is a thin line, so that the month can be seen."""
    height = max(1.5, round(HEIGHT * count / most, 1)) if most else 1.5
    return Bar(round(x, 1), round(HEIGHT - height, 1), round(width, 1), height, f"{_day(day)}: {_visits(count)}")


def _words(days: Sequence[tuple[date, int]], *, total: int, most: int) -> str:
    if not total:
        return f"No visits in the last {len(days)} days."
    best = next(day for day, count in days if count == most)
    return f"{_visits(total)} in the last {len(days)} days, most of them on {_day(best)} ({most:,})."


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count:,} visits"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
