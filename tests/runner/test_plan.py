"""The runner's policy, as data: what is planned for what is wanted and what is there."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import HOST, NOW, READY, instance, spec, steps_for

from minispaces_contract.states import DesiredState
from minispaces_runner.engine import Exit
from minispaces_runner.plan import next_moment
from minispaces_runner.progress import Progress, after_crash, lived_seconds, recall, target_of
from minispaces_runner.routes import Target
from minispaces_runner.steps import AwaitReady, DropRoute, Fail, Recover, Serve, Start, Stop, space_of

OLD, NEW = spec(1), spec(2)
ONE, TWO = instance(OLD), instance(NEW)
TO_ONE, TO_TWO = {HOST: target_of(ONE)}, {HOST: target_of(TWO)}


def test_what_should_run_and_is_not_there_is_started():
    assert steps_for(OLD) == [Start(OLD)]


def test_what_has_started_is_awaited_once():
    assert steps_for(OLD, there=[ONE]) == [AwaitReady(OLD, ONE)]
    assert steps_for(OLD, there=[ONE], watched=frozenset({OLD.id})) == []


def test_what_answers_is_served():
    assert steps_for(OLD, there=[ONE], progress={OLD.id: Progress(ready=True, lived=True)}) == [Serve(OLD, ONE)]


def test_what_is_served_and_was_said_to_be_is_left_alone():
    assert steps_for(OLD, there=[ONE], routes=TO_ONE, progress={OLD.id: READY}) == []


def test_a_route_that_was_lost_is_put_again():
    assert steps_for(OLD, there=[ONE], progress={OLD.id: READY}) == [Serve(OLD, ONE)]


def test_a_newer_deployment_starts_beside_the_older_one():
    assert steps_for(OLD, NEW, there=[ONE], routes=TO_ONE, progress={OLD.id: READY}) == [Start(NEW)]


def test_the_host_goes_over_when_the_newer_one_answers():
    progress = {OLD.id: READY, NEW.id: Progress(ready=True, lived=True)}
    assert steps_for(OLD, NEW, there=[ONE, TWO], routes=TO_ONE, progress=progress) == [Serve(NEW, TWO, (OLD.id,))]


@pytest.mark.parametrize("desired", DesiredState)
def test_the_older_one_drains_and_then_stops(desired):
    old = spec(1, desired=desired)
    for since, steps in ((9, []), (10, [Stop(old.id, "s1", old)])):
        progress = {old.id: Progress(ready=True, lived=True, replaced_at=NOW - since), NEW.id: READY}
        assert steps_for(old, NEW, there=[ONE, TWO], routes=TO_TWO, progress=progress, drain_seconds=10) == steps


def test_a_newer_one_that_ends_before_its_first_answer_has_failed_and_the_older_one_serves_on():
    ended = instance(NEW, ended=Exit(code=1))
    assert steps_for(OLD, NEW, there=[ONE, ended], routes=TO_ONE, progress={OLD.id: READY}) == [Fail(NEW, ended)]


def test_what_has_failed_is_not_started_again():
    progress = {OLD.id: READY, NEW.id: Progress(failed="words")}
    assert steps_for(OLD, NEW, there=[ONE], routes=TO_ONE, progress=progress) == []


def test_what_did_not_answer_in_time_has_failed():
    assert steps_for(OLD, there=[ONE], progress={OLD.id: Progress(timed_out=True)}) == [Fail(OLD, ONE)]


def test_what_was_live_and_does_not_answer_in_time_after_a_new_start_is_tried_again_as_after_a_crash():
    late = Progress(lived=True, timed_out=True, crashes=4)
    assert steps_for(OLD, there=[ONE], progress={OLD.id: late}) == [Recover(OLD, ONE)]
    assert after_crash(late, lived_seconds=lived_seconds(ONE, late, now=NOW), now=NOW).crashes == 5
    assert steps_for(OLD, there=[ONE], progress={OLD.id: replace(late, crashes=5)}) == [Fail(OLD, ONE)]


def test_a_crash_of_what_was_live_takes_its_route_away_and_is_recovered_from():
    ended = instance(OLD, ended=Exit(signal=9))
    steps = steps_for(OLD, there=[ended], routes=TO_ONE, progress={OLD.id: READY})
    assert steps == [DropRoute(HOST), Recover(OLD, ended)]


def test_after_a_crash_the_start_waits_for_its_time():
    waiting = Progress(lived=True, crashes=1, not_before=NOW + 1)
    assert steps_for(OLD, progress={OLD.id: waiting}) == []
    assert steps_for(OLD, progress={OLD.id: Progress(lived=True, crashes=1, not_before=NOW)}) == [Start(OLD)]


@pytest.mark.parametrize(("age", "step"), [(5, Fail), (3600, Recover)])
def test_five_quick_crashes_are_enough_but_a_long_life_wipes_them_out(age, step):
    ended = instance(OLD, ended=Exit(code=1), age=age)
    assert steps_for(OLD, there=[ended], progress={OLD.id: Progress(lived=True, crashes=5)}) == [step(OLD, ended)]


def test_the_wait_doubles_up_to_five_minutes_and_begins_anew_after_a_long_life():
    progress, waits = Progress(lived=True), []
    for _ in range(12):
        progress = after_crash(progress, lived_seconds=1, now=NOW)
        waits.append(progress.not_before - NOW)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert after_crash(progress, lived_seconds=61, now=NOW).not_before == NOW + 1


def test_what_should_stop_is_stopped_after_its_route_is_gone():
    stopped = spec(1, desired=DesiredState.STOPPED)
    steps = steps_for(stopped, there=[ONE], routes=TO_ONE, progress={OLD.id: READY})
    assert steps == [DropRoute(HOST), Stop(stopped.id, "s1", stopped)]


def test_what_nobody_knows_is_stopped():
    assert steps_for(there=[ONE], routes=TO_ONE) == [DropRoute(HOST), Stop(OLD.id, "s1")]


def test_a_route_to_an_address_that_its_deployment_no_longer_has_goes_before_anything_starts():
    other = spec(1, space="s2")
    steps = steps_for(OLD, other, routes={HOST: Target("10.0.0.9", 7860, OLD.id)})
    assert steps == [DropRoute(HOST), Start(other), Start(OLD)]


def test_a_renamed_space_is_served_at_its_new_host_only():
    routes = {"before.apps.test": target_of(ONE)}
    steps = steps_for(OLD, there=[ONE], routes=routes, progress={OLD.id: READY})
    assert steps == [DropRoute("before.apps.test"), Serve(OLD, ONE)]


def test_a_space_whose_steps_are_under_way_is_left_alone():
    ended = instance(OLD, ended=Exit(code=1))
    assert steps_for(OLD, there=[ended], routes=TO_ONE, progress={OLD.id: READY}, busy=frozenset({"s1"})) == []


def test_starts_are_few_at_once_with_those_first_that_somebody_waits_for_and_then_the_live_ones():
    specs = [spec(1, space=f"s{number}") for number in range(1, 6)]
    steps = steps_for(
        *specs, progress={"s4-1": Progress(lived=True)}, wanted=frozenset({"s5.apps.test"}), starts_at_once=2
    )
    assert [step.spec.space for step in steps] == ["s5", "s4"]
    assert steps_for(*specs, watched=frozenset({"x"}), starting=frozenset({"y"}), starts_at_once=2) == []


def test_a_start_that_takes_long_keeps_no_other_from_starting():
    slow, other = instance(OLD, age=61), spec(1, space="s2")
    steps = steps_for(OLD, other, there=[slow], watched=frozenset({OLD.id}), starts_at_once=1)
    assert steps == [Start(other)]


def test_after_a_restart_of_everything_an_older_version_is_not_started_beside_a_live_newer_one():
    progress = recall(TO_TWO, [])
    assert steps_for(OLD, NEW, progress=progress) == [Start(NEW)]


def test_after_a_restart_of_the_runner_who_has_a_route_is_ready():
    progress = recall({HOST: target_of(ONE), "x": target_of(TWO)}, [ONE])
    assert progress == {OLD.id: Progress(ready=True, lived=True), NEW.id: Progress(ready=False, lived=True)}


def test_the_next_moment_is_the_first_that_lies_ahead():
    progress = {
        "a": Progress(not_before=NOW + 9),
        "b": Progress(replaced_at=NOW - 6),
        "c": Progress(not_before=NOW - 1),
    }
    assert next_moment(progress, now=NOW, drain_seconds=10) == NOW + 4
    assert next_moment({}, now=NOW, drain_seconds=10) is None


exits = st.sampled_from([None, Exit(code=0), Exit(code=1), Exit(signal=9)])
progresses = st.builds(
    Progress, ready=st.booleans(), lived=st.booleans(), announced=st.booleans(), timed_out=st.booleans(),
    failed=st.sampled_from([None, "words"]), crashes=st.integers(0, 6),
    not_before=st.sampled_from([0.0, NOW + 5]), replaced_at=st.sampled_from([None, NOW - 1, NOW - 60]),
)  # fmt: skip


@st.composite
def situations(draw):
    specs = [
        spec(number, space=space, desired=draw(st.sampled_from(DesiredState)))
        for space in ("s1", "s2")
        for number in (1, 2, 3)
    ]
    there = [
        instance(one, ended=draw(exits), age=draw(st.sampled_from([1.0, 99.0]))) for one in specs if draw(st.booleans())
    ]
    wanted = [one for one in specs if draw(st.integers(0, 5))]
    routes = {one.host: Target(f"10.0.0.{one.version}", 7860, one.id) for one in specs if draw(st.booleans())}
    progress = {one.id: draw(progresses) for one in specs if draw(st.booleans())}
    busy = frozenset(draw(st.sets(st.sampled_from(["s1", "s2"]))))
    return wanted, there, routes, progress, busy


@given(situations())
def test_whatever_the_situation(situation):
    wanted, there, routes, progress, busy = situation
    steps = steps_for(*wanted, there=there, routes=routes, progress=progress, busy=busy)
    assert steps_for(*wanted, there=there, routes=routes, progress=progress, busy=busy) == steps
    alive = {one.deployment_id for one in there if one.exit is None}
    dropped = {step.host for step in steps if isinstance(step, DropRoute)}
    per_space = [step for step in steps if not isinstance(step, DropRoute)]
    assert not {space_of(step) for step in per_space} & busy
    assert all(steps.index(step) < len(dropped) for step in steps if isinstance(step, DropRoute))
    for step in per_space:
        if isinstance(step, Stop):
            served = {host for host, target in routes.items() if target.deployment_id == step.deployment_id} - dropped
            assert not served or step.deployment_id not in alive
        else:
            assert step.spec.desired is DesiredState.RUNNING
            assert progress.get(step.spec.id, Progress()).failed is None
    serving = [step.spec.host for step in steps if isinstance(step, Serve)]
    assert len(serving) == len(set(serving))
    assert all(step.spec.id in alive for step in steps if isinstance(step, Serve))
