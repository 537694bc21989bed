"""Campaigns: faults again and again, and afterwards what was acknowledged is compared with what is there.

`make faults` runs them; without `--faults` they are not even collected. `--rounds` is how often each fault happens.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest
from support.installation import SHARED, Installation, Person
from support.names import names_leading_here

_START_SECONDS = 180
"""The machine may be busy with other things."""
STATIC: dict[str, str | bytes] = {"README.md": "---\nsdk: static\n---\n", "index.html": "<p>turn 0</p>"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="run the campaigns")
    parser.addoption("--rounds", type=int, default=5, help="how often each fault happens")
    parser.addoption("--sockets", type=int, default=100, help="how many WebSockets are open meanwhile")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if config.getoption("--faults", default=False) or collection_path.is_dir() else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fifty rounds take their time."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.timeout(3600))


def hub_answers(at: Installation) -> bool:
    try:
        named = {"Host": f"localhost:{at.port}"}
        return (
            httpx2.get(f"http://127.0.0.1:{at.port}/healthz", headers=named, timeout=2).status_code == httpx2.codes.OK
        )
    except httpx2.TransportError:
        return False


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--rounds"))


@pytest.fixture
def sockets(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--sockets"))


@contextmanager
def started(data: Path, **environment: str) -> Iterator[Installation]:
    made = Installation(data, "process", environment=SHARED | {"MINISPACES_BROWSER": "none"} | environment)
    try:
        made.start(seconds=_START_SECONDS)
        yield made
    finally:
        if made.process and made.process.poll() is None:
            made.stop(seconds=_START_SECONDS)


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    """For an installation of the test's own; short, as sockets' paths must be."""
    with TemporaryDirectory(prefix="ms-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def broken_again() -> Iterator[Installation]:
    with (
        names_leading_here(),
        TemporaryDirectory(prefix="ms-", dir="/tmp", ignore_cleanup_errors=True) as folder,
        started(Path(folder), MINISPACES_COLLECT_GRACE_SECONDS="30") as made,
    ):
        yield made


@pytest.fixture
def at(broken_again: Installation) -> Installation:
    """An installation that the test may break: whatever the one before left of it is made whole first."""
    if broken_again.process is None or broken_again.process.poll() is not None:
        broken_again.start(seconds=_START_SECONDS)
    return broken_again


@pytest.fixture
def person(at: Installation) -> Iterator[Person]:
    yield (made := at.add_person(f"u{uuid.uuid4().hex[:8]}"))
    with suppress(httpx2.TransportError):
        made.stop_apps()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """Prints what was measured, beside the test's name."""
    said: list[str] = []
    yield said.append
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("".join(f"\n    {request.node.name}: {each}" for each in said))
