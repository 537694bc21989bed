"""One running installation per engine and worker: journeys share it, each with people and Spaces of its own."""

import uuid
from collections.abc import Iterator

import pytest
from support.installation import Installation, Person, environment_for, installation
from support.names import names_leading_here

PROCESS = pytest.param("process", marks=[pytest.mark.network, pytest.mark.xdist_group("journeys: process")])
DOCKER = pytest.param(
    "docker", marks=[pytest.mark.network, pytest.mark.docker, pytest.mark.xdist_group("journeys: docker")]
)
ENGINES = [PROCESS, DOCKER]


@pytest.fixture(scope="session", params=ENGINES)
def at(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A running Minispaces, once per engine."""
    with installation(request.param, environment=environment_for(request)) as made:
        yield made


@pytest.fixture
def person(at: Installation) -> Iterator[Person]:
    yield (made := at.add_person(f"u{uuid.uuid4().hex[:10]}"))
    made.stop_apps()


@pytest.fixture(scope="module")
def owner(at: Installation) -> Iterator[Person]:
    """Somebody whose Spaces the tests of one file look at."""
    yield (made := at.add_person(f"o{uuid.uuid4().hex[:10]}"))
    made.stop_apps()


@pytest.fixture(scope="session", autouse=True)
def _names_of_apps() -> Iterator[None]:
    with names_leading_here():
        yield
