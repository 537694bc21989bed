"""git, asked by everybody over every carrier that it has."""

from collections.abc import Iterator

import pytest
from support.house import CARRIERS, ON_SPACE, PEOPLE, House, open_house, owner_for

from minispaces_platform.access import Action
from minispaces_platform.models.roles import Visibility


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house")) as made:
        yield made


GIT = {"git-upload-pack": Action.READ, "git-receive-pack": Action.WRITE}


@pytest.mark.parametrize("service", GIT)
@pytest.mark.parametrize("who", PEOPLE)
def test_git_lets_in_whom_the_pages_let_in(house, who, service):
    wrong = []
    for visibility in (Visibility.PUBLIC, Visibility.PRIVATE):
        house.app.state.parts.store.create(house.spaces[owner_for(who), visibility])
        for carrier in ["none"] if who == "nobody" else CARRIERS[1:]:
            path = f"/spaces/{owner_for(who)}/x-{visibility}.git/info/refs?service={service}"
            status = house.ask("GET", path, who, carrier).status_code
            if status not in expected_of_git(who, visibility, carrier, GIT[service]):
                wrong.append(f"{who} {carrier} {visibility}: {status}")
    assert wrong == []


def expected_of_git(who: str, visibility: str, carrier: str, action: Action) -> set[int]:
    if who == "nobody":
        return {200} if action is Action.READ and visibility == "public" else {401}
    if who == "suspended":
        return {403}
    may = who in ON_SPACE[action][visibility].split() and not (action is Action.WRITE and carrier.endswith("-read"))
    return {200} if may else {404} if action is Action.READ else {403}


def test_git_carries_no_cookie(house):
    path = "/spaces/ada/x-private.git/info/refs?service=git-upload-pack"
    assert house.ask("GET", path, "owner", "cookie").status_code == 401
