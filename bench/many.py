"""Two hundred sleeping Gradio apps on one machine, made by duplicating one: each wakes for its first visitor."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from support.installation import SHARED, Installation, Person, installation
from support.waiting import wait_for

from bench.measure import Row, until_answer
from bench.pushes import APP, README

APPS = 200
SETTINGS = SHARED | {
    "MINISPACES_BROWSER": "none", "MINISPACES_FREEZE_AFTER_MINUTES": "0.2", "MINISPACES_SLEEP_AFTER_HOURS": "0.01",
}  # fmt: skip
"""Apps that nobody uses stop after 36 s: whoever opens all of them one after the other has a few awake at a time."""
_LIVE_SECONDS, _ASLEEP_SECONDS = 120, 300
MARKER = "one of many"


def measure_many_sleepers() -> list[Row]:
    with installation("process", environment=SETTINGS) as at, tempfile.TemporaryDirectory() as folder:
        person = at.add_person("ada")
        _seed(at, person, Path(folder))
        wait_for(lambda: not any(each.is_dir() for each in (at.data / "instances").iterdir()), seconds=_ASLEEP_SECONDS)
        asleep, begun = memory(at), time.perf_counter()
        taken = [_wake(at, person.host_of(_name(number))) for number in range(APPS)]
        minutes, awake = (time.perf_counter() - begun) / 60, memory(at)
    p95 = statistics.quantiles(taken, n=20)[-1]
    middle = statistics.median(taken)
    return [
        Row(f"each of {APPS} sleeping Gradio apps opened: {len(taken)} answered in {minutes:.1f} minutes",
            f"median {middle:.2f} s, p95 {p95:.2f} s", f"{asleep} MB while all sleep, {awake} MB after",
            len(taken) / APPS, "1.00")
    ]  # fmt: skip


def _seed(at: Installation, person: Person, folder: Path) -> None:
    """They share one environment: the first build makes it."""
    files: dict[str, str | bytes] = {"README.md": README, "app.py": APP.format(marker=MARKER)}
    person.work_on(_name(0), folder / "first", files).push().check_returncode()
    for number in range(1, APPS):
        _duplicate(at, person, _name(number))
        _wake(at, person.host_of(_name(number)))


def _name(number: int) -> str:
    return f"demo-{number}"


def _duplicate(at: Installation, person: Person, name: str) -> None:
    form = {"to": person.name, "new_name": name, "visibility": "public", "hardware": "cpu-basic"}
    bearer = {"Authorization": f"Bearer {person.token}"}
    answer = at.ask("POST", "localhost", f"/spaces/{person.name}/{_name(0)}/duplicate", headers=bearer, data=form)
    if not answer.is_redirect:
        raise RuntimeError(answer.text)


def _wake(at: Installation, host: str) -> float:
    url = f"http://127.0.0.1:{at.port}/"
    return until_answer(url, host=f"{host}:{at.port}", marker=MARKER, limit=_LIVE_SECONDS)


def memory(at: Installation) -> int:
    """Megabytes of all that runs, parts, fork servers and apps, what several share counted once."""
    pids = [trace.removeprefix("process ") for trace in at.traces() if trace.startswith("process ")]
    return sum(_pss(pid) for pid in {*pids, str(os.getpid())} - {str(os.getpid())}) // 1024


def _pss(pid: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
