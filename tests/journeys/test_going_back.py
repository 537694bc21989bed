"""Going back to a version while it is asked all the time, and looking at a branch at its own address."""

import pytest
from support.git import WorkingTree
from support.going_back import MARKERS, Switch, go_back_and_forth
from support.installation import Person
from support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def site(owner: Person, tmp_path_factory: pytest.TempPathFactory) -> WorkingTree:
    """Two versions of it."""
    page = f"<!doctype html><h1>{MARKERS[0]}</h1>"
    tree = owner.work_on(
        "site", tmp_path_factory.mktemp("site"), {"README.md": "---\nsdk: static\n---\n", "index.html": page}
    )
    assert tree.push().returncode == 0
    tree.commit({"index.html": page.replace(*MARKERS)})
    assert tree.push().returncode == 0
    return tree


def test_no_request_fails_while_versions_are_switched(site: WorkingTree, owner: Person) -> None:
    seconds, visits = go_back_and_forth(Switch(owner.at, owner, "site"), rollbacks=2, requests=500)
    assert visits.failed == []
    assert len(seconds) == 2


def test_a_branch_sleeps_at_its_own_address_until_somebody_looks(site: WorkingTree, owner: Person) -> None:
    commit = site.commit({"index.html": "<!doctype html><h1>another</h1>"})
    pushed = site.push("main:try/it")
    label = owner.host_of("site").partition(".")[0]
    assert f"http://{commit[:7]}--{label}.apps.localhost" in pushed.stderr
    host = f"{commit[:7]}--{label}.apps.localhost"
    wait_for(lambda: "another" in owner.at.get(host).text)
    assert MARKERS[1] in owner.at.get(owner.host_of("site")).text
    leads = owner.at.get(f"try-it--{label}.apps.localhost", "/x?y=1").headers["location"]
    assert leads == f"http://{host}:{owner.at.port}/x?y=1"
