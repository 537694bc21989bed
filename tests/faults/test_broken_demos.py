"""Apps that are broken on purpose, pushed one after the other: word, message and time are compared with the table."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.broken import break_later, differences, open_house, owner_in, push, push_healthy
from support.broken_demos import DEMOS, LATER
from support.installation import Installation, Person, environment_for

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=["process"])
def house(request: pytest.FixtureRequest) -> Iterator[Installation]:
    with open_house("process", environment_for(request)) as made:
        yield made


@pytest.fixture(scope="module")
def owner(house: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    with owner_in(house, tmp_path_factory.mktemp("warm")) as somebody:
        yield somebody


@pytest.fixture
def healthy(house: Installation, owner: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for each test: what ends again and again has to wait longer each time."""
    return push_healthy(house, owner, tmp_path_factory.mktemp("healthy"))


@pytest.mark.parametrize("name", DEMOS)
def test_its_owner_is_told_what_is_wrong_and_soon(
    house: Installation, owner: Person, tmp_path: Path, figure: Callable[[str], None], name: str
) -> None:
    outcome = push(house, owner, tmp_path / re.sub(r"\W+", "-", name), DEMOS[name])
    figure(f"{outcome.stage} after {outcome.seconds:.1f} s: {outcome.message}")
    assert differences(DEMOS[name], outcome) == [], outcome.said


@pytest.mark.parametrize("name", LATER)
def test_one_that_was_up_is_started_again_and_says_why(
    house: Installation, owner: Person, healthy: str, figure: Callable[[str], None], name: str
) -> None:
    figure(break_later(house, owner, healthy, LATER[name]))
