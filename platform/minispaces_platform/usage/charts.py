"""Lines for inline SVG, with the words that say the same. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minispaces_platform.models.usage import History, Point
from minispaces_platform.usage.history import MINUTES
from minispaces_platform.wording import memory, size

WIDTH, HEIGHT = 240, 56


@dataclass(frozen=True, slots=True)
class Chart:
    """`line` and `area` are paths in a box of WIDTH by HEIGHT, empty with less than two minutes."""

    line: str
    area: str
    words: str


def cpu_chart(history: History, *, processors: float = 0) -> Chart:
    return _chart(history, lambda point: point.cpus, most=processors, say=lambda value: f"{value:.2f} CPUs")


def memory_chart(history: History, *, limit: float = 0) -> Chart:
    return _chart(history, lambda point: float(point.memory), most=limit, say=lambda value: memory(int(value)))


def traffic_chart(history: History) -> Chart:
    return _chart(history, lambda point: point.traffic / 60, most=0, say=lambda value: f"{size(int(value))}/s")


def _chart(
    history: History, value_of: Callable[[Point], float], *, most: float, say: Callable[[float], str]
) -> Chart:  # fmt: skip
    """The scale reaches to `most`, or without one to a little above the highest value."""
    points = history.points
    if len(points) < 2:  # noqa: PLR2004 - a line needs two ends
        return Chart("", "", "No history yet.")
    values = [value_of(point) for point in points]
    line = _path(points, values, top=max(most, max(values) * 1.15, 1e-9))
    minutes = points[-1].minute - points[0].minute
    area = f"{line}V{HEIGHT}H{_x(points[0], points):.1f}Z"
    words = f"Last {minutes} min: now {say(values[-1])}, between {say(min(values))} and {say(max(values))}."
    return Chart(line, area, words)


def _path(points: Sequence[Point], values: Sequence[float], *, top: float) -> str:
    places = (
        f"{_x(point, points):.1f} {HEIGHT - 1 - (HEIGHT - 2) * min(1.0, value / top):.1f}"
        for point, value in zip(points, values, strict=True)
    )
    return "M" + "L".join(places)


def _x(point: Point, points: Sequence[Point]) -> float:
    """The right edge is now."""
    return WIDTH - (points[-1].minute - point.minute) * WIDTH / (MINUTES - 1)
