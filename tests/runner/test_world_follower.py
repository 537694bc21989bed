"""A Space's hint fetches that Space's part of the world; whatever concerns more fetches all of it."""

import pytest
from support.platform_door import Door, deployment, world_of

from minispaces_contract import hints
from minispaces_contract.client import RunnerDoor
from minispaces_runner.world_follower import wanted_spaces, with_part

DEMO, OTHER = deployment(1), deployment(1, space="eve/other")


@pytest.mark.parametrize(
    ("channels", "spaces"),
    [
        ([hints.world("s1"), hints.world("s2")], {"s1", "s2"}),
        ([hints.world("s1"), hints.WORLD], set()),
        ([f"{hints.WORLD}*"], set()),
        ([], set()),
        ([hints.world(f"s{number}") for number in range(51)], set()),
    ],
)
def test_single_spaces_are_asked_for_unless_more_has_changed(channels, spaces):
    assert wanted_spaces(channels) == spaces


def test_a_part_takes_the_place_of_what_was_known_of_its_spaces():
    newer = deployment(2)
    assert with_part(world_of(DEMO, OTHER), world_of(newer), of=["ada-demo"]) == world_of(OTHER, newer)
    assert with_part(world_of(DEMO, OTHER), world_of(), of=["ada-demo"]) == world_of(OTHER)


@pytest.mark.anyio
async def test_only_what_is_asked_for_goes_over_the_wire(settings):
    async with (door := Door(world_of(DEMO, OTHER))).open(settings.internal_url):
        asked = RunnerDoor(settings)
        assert await asked.world(["eve-other"]) == world_of(OTHER)
        assert await asked.world() == door.world


@pytest.mark.anyio
async def test_a_hint_about_one_space_brings_only_that_one(lab, client):
    await lab.change(DEMO)
    await lab.until("running", DEMO)
    lab.door.world = world_of(DEMO, OTHER)
    await client.publish(hints.world(OTHER.space_id), b"")
    await lab.until("running", OTHER)
    assert [OTHER.space_id] in lab.door.asked
