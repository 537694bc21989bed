"""R26: an app that ends again and again, on a clock of the test's own."""

from itertools import pairwise

import pytest
from support.plans import NOW, spec

from minispaces_contract.messages import DesiredWorld
from minispaces_runner.engine import Exit, Instance
from minispaces_runner.memory import Memory
from minispaces_runner.plan import next_moment, plan
from minispaces_runner.progress import Progress, after_crash
from minispaces_runner.steps import Fail, Recover, Start

APP = spec(1)


def live_for(seconds: float, *, lived: float) -> tuple[list[float], bool]:
    """When an app that was live starts that ends `lived` seconds after each start; and whether it was given up."""
    now, end, starts, there = NOW, NOW + seconds, [], []
    progress = {APP.id: Progress(lived=True)}
    while now < end:
        memory = Memory(routes={}, progress=progress, now=now)
        match plan(DesiredWorld(deployments=(APP,), routes=()), there, memory):
            case [Start()]:
                starts.append(now - NOW)
                there = [Instance(APP.id, APP.space_id, "10.0.0.1", 7860, now, Exit(code=1))]
                now += lived
            case [Recover()]:
                progress = {APP.id: after_crash(progress[APP.id], lived_seconds=lived, now=now)}
                there = []
            case [Fail()]:
                return starts, True
            case _:
                now = next_moment(progress, now=now, drain_seconds=0) or end
    return starts, False


def test_it_backs_off_and_is_given_up_well_within_fifteen_starts_in_ten_minutes():
    starts, given_up = live_for(600, lived=1)
    assert [round(later - earlier) for earlier, later in pairwise(starts)] == [2, 3, 5, 9, 17]
    assert given_up
    assert len(starts) <= 15


@pytest.mark.parametrize("lived", [61, 300])
def test_one_that_lives_for_more_than_a_minute_each_time_goes_on(lived):
    starts, given_up = live_for(600, lived=lived)
    assert not given_up
    assert len(starts) == 600 // (lived + 1) + 1
