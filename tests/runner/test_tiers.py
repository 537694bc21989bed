"""How deep apps sleep, and when they get up: the rules as data."""

from dataclasses import replace

import pytest
from support.plans import HOST, NOW, READY, instance, spec, steps_for

from minispaces_contract.messages import SleepRule
from minispaces_contract.states import DesiredState
from minispaces_runner.activity import Activity, Use, parse_activity
from minispaces_runner.engine import Exit
from minispaces_runner.progress import Progress, recall, target_of
from minispaces_runner.shortage import has_swap, is_short
from minispaces_runner.steps import Freeze, PageOut, PutToSleep, Start, Stop, Thaw
from minispaces_runner.tiers import Machine, Resident, Tier, tiers_of

RULE = SleepRule(freeze_after=300, stop_after=3600)
ABLE = Machine(can_freeze=True, has_swap=True, page_out_after=300)


def app(**life):
    return spec().model_copy(update={"sleep": RULE, **life})


def steps(one, *, there=None, idle=None, connections=0, progress=READY, machine=ABLE, **memory):
    """What is planned for an app that was last used `idle` seconds ago."""
    there = there or []
    routes = {one.host: target_of(there[0])} if there and not (there[0].frozen or there[0].exit) else {}
    activity = None if idle is None else Activity({one.id: Use(connections, idle)}, 1e6)
    known = {one.id: progress}
    return steps_for(one, there=there, routes=routes, progress=known, activity=activity, machine=machine, **memory)


def frozen(one):
    return replace(instance(one, age=1e5), frozen=True)


ONE = app()
UP, STILL = instance(ONE, age=1e5), frozen(ONE)
ASLEEP = Progress(lived=True, announced=True, sleeps=True, slept_at=NOW - 50)


@pytest.mark.parametrize(
    ("idle", "step"),
    [(299, []), (300, [Freeze(ONE, UP)]), (599, [Freeze(ONE, UP)]), (3600, [PutToSleep(ONE, UP)])],
)
def test_who_runs_sleeps_the_deeper_the_longer_nobody_came(idle, step):
    assert steps(ONE, there=[UP], idle=idle) == step


@pytest.mark.parametrize(("idle", "step"), [(599, []), (600, [PageOut(ONE, STILL)]), (3600, [PutToSleep(ONE, STILL)])])
def test_who_is_frozen_sleeps_deeper(idle, step):
    assert steps(ONE, there=[STILL], idle=idle) == step


def test_an_open_connection_keeps_an_app_awake_and_so_does_a_proxy_that_cannot_be_asked():
    assert steps(ONE, there=[UP], idle=9999, connections=1) == []
    assert steps(ONE, there=[UP], idle=None) == []


def test_idleness_is_counted_from_the_first_answer_where_that_is_later():
    assert steps(ONE, there=[UP], idle=9999, progress=replace(READY, since=NOW - 10)) == []
    assert steps(ONE, there=[UP], idle=9999, progress=replace(READY, since=NOW - 400)) == [Freeze(ONE, UP)]


def test_where_nothing_can_be_frozen_apps_run_until_they_are_stopped():
    assert steps(ONE, there=[UP], idle=3000, machine=Machine()) == []
    assert steps(ONE, there=[UP], idle=3600, machine=Machine()) == [PutToSleep(ONE, UP)]


def test_who_is_never_to_sleep_does_not_even_when_memory_is_short():
    one = app(sleep=SleepRule(freeze_after=None, stop_after=None))
    assert steps(one, there=[UP], idle=1e6, machine=replace(ABLE, is_short=True)) == []


def resident(name, idle, *, tier=Tier.RUNNING, rule=RULE):
    return Resident(name, idle, tier, rule)


def test_when_memory_is_short_the_least_recently_used_gives_way_one_at_a_time():
    machine = replace(ABLE, is_short=True)
    new, old, used = resident("new", 60), resident("old", 90), resident("used", None)
    assert tiers_of([new, old, used], machine, now=NOW) == {"new": Tier.RUNNING, "old": Tier.PAGED_OUT}
    gone = resident("old", 90, tier=Tier.PAGED_OUT, rule=SleepRule(stop_after=None))
    assert tiers_of([new, gone, used], machine, now=NOW)["new"] is Tier.PAGED_OUT
    assert tiers_of([new, old], replace(machine, has_swap=False), now=NOW)["old"] is Tier.STOPPED
    assert tiers_of([resident("old", 20)], machine, now=NOW)["old"] is Tier.RUNNING


def test_a_visitor_a_connection_or_a_hand_wakes_the_frozen():
    assert steps(ONE, there=[STILL], idle=400, wanted=frozenset({HOST})) == [Thaw(ONE, STILL)]
    assert steps(ONE, there=[STILL], idle=400, connections=1) == [Thaw(ONE, STILL)]
    woken = app(sleep=SleepRule(awake_since=NOW - 1))
    assert steps(woken, there=[frozen(woken)], idle=400, progress=replace(ASLEEP, ready=True)) == [
        Thaw(woken, frozen(woken))
    ]


def test_a_stopped_sleeper_starts_for_a_visitor_and_for_nothing_else():
    assert steps(ONE, progress=ASLEEP) == []
    assert steps(ONE, progress=ASLEEP, wanted=frozenset({HOST})) == [Start(ONE)]
    woken = app(sleep=SleepRule(awake_since=NOW - 60))
    assert steps(woken, progress=ASLEEP) == []
    assert steps(woken, progress=replace(ASLEEP, slept_at=NOW - 70)) == [Start(woken)]


@pytest.mark.parametrize(("begin", "up"), [(NOW + 61, False), (NOW + 59, True), (NOW - 60, True), (NOW - 101, False)])
def test_who_is_to_be_warm_is_up_a_minute_before_and_not_after(begin, up):
    one = app(sleep=SleepRule(freeze_after=1, warm=((begin, begin + 100),)))
    assert steps(one, progress=ASLEEP) == ([Start(one)] if up else [])
    assert steps(one, there=[UP], idle=3000) == ([] if up else [Freeze(one, UP)])


def test_who_is_sent_to_sleep_sleeps_whoever_is_connected_until_the_next_visitor():
    one = app(sleep=SleepRule(asleep_since=NOW - 5, warm=((NOW - 60, NOW + 60),)))
    assert steps(one, there=[UP], idle=6, connections=1) == [PutToSleep(one, UP, by_hand=True)]
    assert steps(one, there=[UP], idle=4, connections=1) == []


def test_what_is_born_asleep_says_so_once_and_starts_at_once_beside_a_version_that_serves():
    born = app(on_demand=True)
    assert steps(born, progress=Progress()) == [PutToSleep(born)]
    newer = born.model_copy(update={"id": "s1-2"})
    assert Start(newer) in steps_for(ONE, newer, there=[UP], routes={HOST: target_of(UP)}, progress={ONE.id: READY})


def test_while_a_newer_version_starts_the_older_one_sleeps_on():
    newer = app().model_copy(update={"id": "s1-2"})
    wanted = frozenset({HOST})
    assert steps_for(ONE, newer, progress={ONE.id: ASLEEP}, wanted=wanted) == [Start(newer)]


def test_a_sleeper_that_ended_is_cleared_away_and_sleeps_on():
    ended = instance(ONE, ended=Exit(signal=9))
    assert steps(ONE, there=[ended], progress=ASLEEP) == [PutToSleep(ONE, ended)]


def test_a_runner_that_restarts_knows_who_sleeps_and_gives_who_drains_its_time_anew():
    draining = instance(spec(3), age=900)
    progress = recall({}, [STILL, draining], sleepers={"gone": 5.0}, now=NOW)
    assert progress == {
        ONE.id: Progress(ready=True, lived=True, sleeps=True),
        "gone": Progress(lived=True, sleeps=True, slept_at=5.0),
        draining.deployment_id: Progress(replaced_at=NOW),
    }


@pytest.mark.parametrize(
    ("since", "connections", "stays"), [(2, 0, True), (4, 0, False), (599, 1, True), (600, 1, False)]
)
def test_an_older_version_stays_while_somebody_is_connected_and_no_longer_than_it_may(since, connections, stays):
    old, newer = spec(1, desired=DesiredState.STOPPED), spec(2)
    there, routes = [instance(old), instance(newer)], {HOST: target_of(instance(newer))}
    progress = {old.id: Progress(replaced_at=NOW - since), newer.id: READY}
    activity = Activity({old.id: Use(connections, 0), newer.id: Use(1, 0)}, 1e6)
    planned = steps_for(old, newer, there=there, routes=routes, progress=progress, activity=activity, drain_seconds=600)
    assert planned == ([] if stays else [Stop(old.id, "s1", old)])


def test_the_proxys_table_tells_how_long_ago_each_was_used():
    rows = "0x1: key=10.0.0.1|7860|d1|a.test use=0 exp={} gpc0=0 conn_cur={} http_req_cnt=3 bytes_out_cnt=9\n"
    day = 24 * 24 * 3600 * 1000
    answer = rows.format(day - 5000, 0) + rows.format(day - 2000, 1).replace("0.1|", "0.2|") + "Uptime_sec: 77\n"
    assert parse_activity(answer) == Activity({"d1": Use(1, 2.0, requests=6, sent=18)}, 77.0)
    assert parse_activity(answer).of("d2") == Use(0, 77.0)


def test_memory_is_short_when_little_is_left_or_processes_wait_for_it():
    meminfo = "MemTotal: 1000 kB\nMemFree: 5 kB\nMemAvailable: 100 kB\nSwapTotal: 0 kB\n"
    calm, stalled = "some avg10=1.50 avg60=0.00\n", "some avg10=40.00 avg60=0.00\n"
    assert [is_short(meminfo, calm, low_percent=percent) for percent in (10, 11)] == [False, True]
    assert is_short(meminfo, stalled, low_percent=1)
    assert not has_swap(meminfo)
    assert has_swap(meminfo.replace("SwapTotal: 0", "SwapTotal: 7"))


def test_warm_slots_keep_the_last_that_were_used_frozen_though_their_time_is_over():
    apps = [Resident(name, idle, Tier.FROZEN, RULE) for name, idle in (("old", 9000), ("late", 4000), ("new", 100))]
    roomy = replace(ABLE, has_swap=False, warm_slots=1)
    tiers = tiers_of(apps, roomy, now=NOW)
    assert tiers == {"old": Tier.STOPPED, "late": Tier.FROZEN, "new": Tier.RUNNING}
    assert tiers_of(apps, replace(roomy, is_short=True), now=NOW)["old"] is Tier.STOPPED
    assert tiers_of(apps[1:2], replace(roomy, is_short=True), now=NOW) == {"late": Tier.STOPPED}
    hasty = Resident("hasty", 90, Tier.RUNNING, SleepRule(freeze_after=None, stop_after=60))
    assert tiers_of([hasty], roomy, now=NOW) == {"hasty": Tier.STOPPED}
    by_hand = replace(apps[1], by_hand=True)
    assert tiers_of([by_hand], roomy, now=NOW) == {"late": Tier.STOPPED}
