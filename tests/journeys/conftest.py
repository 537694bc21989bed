"""One running installation per engine and worker: journeys share it, each with people and Spaces of its own."""

import uuid
from collections.abc import Iterator

import pytest
from support.installation import Installation, Person, installation

ENGINES = [
    pytest.param("process", marks=[pytest.mark.network]),
    pytest.param("docker", marks=[pytest.mark.network, pytest.mark.docker]),
]


@pytest.fixture(scope="session", params=ENGINES)
def at(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A running Minispaces, once per engine."""
    with installation(request.param) as made:
        yield made


@pytest.fixture
def person(at: Installation) -> Person:
    return at.add_person(f"u{uuid.uuid4().hex[:10]}")
