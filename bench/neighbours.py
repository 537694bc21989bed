"""What visitors of a running demo notice of a large build beside it: in turn with and without, in the same run."""

import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from support.git import WorkingTree
from support.installation import SHARED, Installation, Person, installation
from support.waiting import wait_for

from bench.measure import Row
from bench.pushes import APP, README
from minispaces_builder.bytecode import COMPILED

ROUNDS, IDLE_SECONDS, PAUSE = 4, 20, 0.01
_WAIT_SECONDS = 900
"""Compiling has the lowest priority of all: on a busy machine it takes its time."""
SETTINGS = SHARED | {"MINISPACES_BROWSER": "none"}
_LARGE = "scipy\nscikit-learn\nsympy\nplotly\nmatplotlib\nnetworkx\n"
_SERVER = "import http.server as h\nh.HTTPServer(('0.0.0.0', 7860), h.SimpleHTTPRequestHandler).serve_forever()\n"


def measure_neighbours() -> list[Row]:
    with installation("process", environment=SETTINGS) as at, tempfile.TemporaryDirectory() as folder:
        person = at.add_person("ada")
        demo: dict[str, str | bytes] = {"README.md": README, "app.py": APP.format(marker="demo")}
        person.work_on("demo", Path(folder) / "demo", demo).push().check_returncode()
        tree = person.work_on("large", Path(folder) / "large", {"README.md": README, "app.py": _SERVER})
        _build(tree, 0, building=threading.Event())  # fetches the packages
        idle, busy = _in_turn(at, person, tree)
    (floor, last), (middle, most) = map(_spread, (idle, busy))
    return [
        Row(f"p99 of a running Gradio demo during {ROUNDS} large builds, of {len(busy)} requests",
            f"p50 {middle:.1f} ms, p99 {most:.1f} ms", f"idle p50 {floor:.1f} ms, p99 {last:.1f} ms", most / last,
            "<= 1.2")
    ]  # fmt: skip


def _in_turn(at: Installation, person: Person, tree: WorkingTree) -> tuple[list[float], list[float]]:
    idle: list[float] = []
    busy: list[float] = []
    building = threading.Event()
    for number in range(1, ROUNDS + 1):
        wait_for(lambda: _all_compiled(at), seconds=_WAIT_SECONDS)
        idle += _visit(at, person.host_of("demo"), goes_on=_for_a_while())
        building.clear()
        pushing = threading.Thread(target=_build, args=(tree, number), kwargs={"building": building})
        pushing.start()
        if not building.wait(_WAIT_SECONDS):
            raise TimeoutError("no build")
        busy += _visit(at, person.host_of("demo"), goes_on=lambda: building.is_set() or not _all_compiled(at))
        pushing.join()
    return idle, busy


def _all_compiled(at: Installation) -> bool:
    """What the builder does last, when the app is up already: it belongs to the build."""
    return all((each.parent / COMPILED).exists() for each in (at.data / "environments").glob("*/.complete"))


def _for_a_while() -> Callable[[], bool]:
    until = time.monotonic() + IDLE_SECONDS
    return lambda: time.monotonic() < until


def _build(tree: WorkingTree, number: int, *, building: threading.Event) -> None:
    """An environment that is not there yet; `building` from its first package to its last."""
    tree.commit({"requirements.txt": f"{_LARGE}six==1.{12 + number}.0\n"})
    with subprocess.Popen(
        ["git", "push", tree.remote, "main"], cwd=tree.folder, stderr=subprocess.PIPE, text=True
    ) as git:
        assert git.stderr is not None
        for line in git.stderr:
            if "Resolving packages" in line:
                building.set()
            if "Starting the app" in line:
                building.clear()
    building.clear()


def _visit(at: Installation, host: str, *, goes_on: Callable[[], bool]) -> list[float]:
    """Milliseconds of one visitor's requests, a little apart: the demo itself is not busy."""
    taken: list[float] = []
    connection = HTTPConnection("127.0.0.1", at.port, timeout=60)
    while goes_on():
        begun = time.perf_counter()
        connection.request("GET", "/", headers={"Host": f"{host}:{at.port}"})
        answer = connection.getresponse()
        if not answer.read() or answer.status != 200:
            raise RuntimeError(answer.status)
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(PAUSE)
    connection.close()
    return taken


def _spread(taken: list[float]) -> tuple[float, float]:
    """The middle, and what 99 of a hundred took at most."""
    return statistics.median(taken), statistics.quantiles(taken, n=100)[-1]
