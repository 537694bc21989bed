"""Which deployments sleep, on disk: a stopped one looks to a new runner like one that is to be started."""

from collections.abc import Iterable
from pathlib import Path


def load_sleepers(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text().split())
    except FileNotFoundError:
        return frozenset()


def save_sleepers(path: Path, sleepers: Iterable[str]) -> None:
    """Written only when it says something else."""
    if load_sleepers(path) == frozenset(sleepers):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text("".join(f"{each}\n" for each in sorted(sleepers)))
    new.replace(path)
