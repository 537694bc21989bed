"""An hour in minutes: a sample goes into its minute, and what is older falls off. Pure."""

from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.models.usage import History, Point

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    cpus: float
    memory: int
    traffic: int


def extended(history: History, sample: Sample) -> History:
    minute = int(sample.at.timestamp()) // 60
    points = [point for point in history.points if minute - MINUTES < point.minute <= minute]
    if points and points[-1].minute == minute:
        return History(points=(*points[:-1], _merged(points[-1], sample)))
    return History(
        points=(*points, Point(minute=minute, cpus=sample.cpus, memory=sample.memory, traffic=sample.traffic))
    )


def _merged(point: Point, sample: Sample) -> Point:
    """Mean of CPUs, most of memory, all of the traffic."""
    count = point.samples + 1
    return Point(
        minute=point.minute,
        cpus=point.cpus + (sample.cpus - point.cpus) / count,
        memory=max(point.memory, sample.memory),
        traffic=point.traffic + sample.traffic,
        samples=count,
    )
