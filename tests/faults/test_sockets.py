"""R21 and R24: an open WebSocket stays open while versions follow each other and the hub dies."""

import pytest
from faults.conftest import hub_answers
from faults.sockets import Sockets, repeating_app, version_of_a_new_one
from support.waiting import wait_for

REDEPLOYS = 3


@pytest.mark.network
def test_r21_r24_open_sockets_outlive_redeploys_and_restarts_of_the_hub(
    *, at, person, tmp_path, rounds, sockets, figure
):
    tree = person.work_on("talk", tmp_path / "talk", repeating_app("v0"))
    assert (pushed := tree.push()).returncode == 0, pushed.stderr
    host = person.host_of("talk")
    with Sockets(at, host, many=sockets) as held:
        for turn in range(1, REDEPLOYS + 1):
            tree.commit(repeating_app(f"v{turn}"))
            assert tree.push().returncode == 0
            assert version_of_a_new_one(at, host) == f"v{turn}"
        for _ in range(2 * rounds):
            at.kill_part("platform")
            wait_for(lambda: hub_answers(at), seconds=60)
    figure(f"{sockets} sockets over {REDEPLOYS} redeploys and {2 * rounds} restarts of the hub: "
           f"{held.counted} answers, dropped: {dict(held.dropped)}")  # fmt: skip
    assert held.versions == {"v0": sockets}
    assert held.dropped == {}
