"""A demo that went live: its picture is taken, and who opens it is counted."""

from collections.abc import Iterator

import pytest
from support.installation import Person, installation
from support.waiting import wait_for

pytestmark = [pytest.mark.timeout(300), pytest.mark.browser, pytest.mark.xdist_group("journeys: pictures")]

PAGE = "<!doctype html><title>seen</title><body style='background: rebeccapurple; color: white'><h1>Seen</h1>"
SPACE = "/spaces/{name}/seen"


@pytest.fixture(scope="module")
def owner() -> Iterator[Person]:
    """In an installation that takes pictures."""
    with installation("process") as at:
        yield at.add_person("ada")


@pytest.fixture(scope="module")
def space(owner: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    pushed = owner.work_on("seen", tmp_path_factory.mktemp("seen"), {"index.html": PAGE}).push()
    assert pushed.returncode == 0, pushed.stderr
    return SPACE.format(name=owner.name)


def test_a_version_that_went_live_has_its_picture_soon(space: str, owner: Person) -> None:
    wait_for(lambda: owner.at.hub(f"{space}/thumbnail/1.webp").status_code == 200, seconds=90)
    assert owner.at.hub(f"{space}/thumbnail/1.webp").content[8:12] == b"WEBP"


def test_who_opens_the_app_is_counted_and_our_own_visits_are_not(space: str, owner: Person) -> None:
    for _ in range(3):
        owner.at.get(owner.host_of("seen"), headers={"Sec-Fetch-Dest": "iframe"})
    wait_for(lambda: "3 visits in the last 30 days" in owner.at.hub(space).text, seconds=60)
