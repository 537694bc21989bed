"""When an app that answered before counts as hanging, on a clock of the test's own."""

import pytest
from support.plans import HOST, NOW, READY, instance, spec, steps_for

from minispaces_runner.activity import Activity, Use
from minispaces_runner.engine import Instance
from minispaces_runner.health import Heard, Knock, Silence, after_knock, is_hung, knock_for
from minispaces_runner.progress import Progress, after_crash, lived_seconds, target_of
from minispaces_runner.steps import DropRoute, Fail, Recover
from minispaces_runner.tiers import Machine
from minispaces_runner.words import words_for_hang

APP = spec(1)
THERE = instance(APP, age=1000)
ROUTES = {HOST: target_of(THERE)}
HUNG = Silence(NOW - 300, NOW - 300)


def listen(*heard: Heard, work: float = 0, period: float = 30) -> float | None:
    """After how many seconds it counts as hanging; `work` is the share of a processor that it uses."""
    silence = None
    for turn, each in enumerate(heard):
        now = NOW + turn * period
        silence = after_knock(silence, each, worked=work * turn * period, now=now)
        if is_hung(silence, now=now, seconds=300):
            return now - NOW
    return None


def test_one_that_does_nothing_and_answers_nobody_hangs_after_its_time():
    assert listen(*[Heard.NOTHING] * 30) == 300


def test_a_closed_port_is_enough_after_a_fifth_of_that():
    assert listen(*[Heard.CLOSED] * 30) == 60


def test_a_long_calculation_that_keeps_everybody_waiting_is_no_hang():
    assert listen(*[Heard.NOTHING] * 50, Heard.ANSWER, *[Heard.NOTHING] * 9, work=0.9) is None


def test_a_calculation_without_an_end_is_one():
    assert listen(*[Heard.NOTHING] * 100, work=1) == 1800


def test_an_answer_in_between_begins_it_anew():
    assert listen(*[Heard.NOTHING] * 9, Heard.ANSWER, *[Heard.NOTHING] * 30) == 600


def test_nobody_hangs_where_that_is_switched_off():
    assert not is_hung(Silence(0, 0, closed=True), now=NOW, seconds=0)


@pytest.mark.parametrize(
    ("before", "now", "silence", "knock"),
    [
        (None, Use(1, 0, 1, 0), None, Knock.TRY),
        (Use(1, 0, 5, 100), Use(1, 0, 9, 200), None, Knock.TRY),
        (Use(0, 0, 5, 100), Use(0, 60, 5, 100), None, Knock.TRY),
        (Use(0, 0, 5, 100), Use(1, 0, 6, 100), None, Knock.ASK),
        (Use(0, 0, 5, 100), Use(0, 9, 6, 100), None, Knock.ASK),
        (Use(0, 0, 6, 100), Use(0, 39, 6, 100), Silence(NOW, NOW), Knock.ASK),
        (Use(0, 0, 6, 100), Use(0, 39, 6, 100), Silence(NOW, NOW, closed=True), Knock.TRY),
    ],
    ids=["unknown", "answers", "unused", "somebody waits", "somebody gave up", "silent before", "closed before"],
)
def test_only_where_somebody_waits_in_vain_a_page_is_asked_for(before, now, silence, knock):
    assert knock_for(before, now, silence) is knock


def test_what_hangs_loses_its_route_and_is_recovered_from():
    progress = {APP.id: Progress(ready=True, lived=True, announced=True, silence=HUNG)}
    assert steps_for(APP, there=[THERE], routes=ROUTES, progress=progress) == [DropRoute(HOST), Recover(APP, THERE)]


def test_what_is_frozen_does_not_hang():
    frozen = Instance(APP.id, APP.space_id, "10.0.0.1", 7860, NOW - 1000, frozen=True)
    progress = {APP.id: Progress(ready=True, lived=True, announced=True, sleeps=True, silence=HUNG)}
    assert steps_for(APP, there=[frozen], progress=progress) == []


def test_what_is_silent_is_not_put_to_rest_before_it_is_known_whether_it_hangs():
    silent = Silence(NOW - 200, NOW - 200)
    activity = Activity({APP.id: Use(0, 900)}, 1e6)
    for silence, rests in ((silent, False), (None, True)):
        progress = {APP.id: Progress(ready=True, lived=True, announced=True, silence=silence)}
        able = {"activity": activity, "machine": Machine(can_freeze=True)}
        assert bool(steps_for(APP, there=[THERE], routes=ROUTES, progress=progress, **able)) is rests


def test_one_that_hangs_soon_after_each_start_backs_off_and_is_given_up():
    starts, progress = 0, READY
    while True:
        starts += 1
        hung_at = NOW - 300
        there = Instance(APP.id, APP.space_id, "10.0.0.1", 7860, hung_at - 10)
        progress = Progress(lived=True, ready=True, crashes=progress.crashes, silence=Silence(hung_at, hung_at))
        (step,) = steps_for(APP, there=[there], progress={APP.id: progress})
        if step == Fail(APP, there):
            break
        progress = after_crash(progress, lived_seconds=lived_seconds(there, progress, now=NOW), now=NOW)
        assert (progress.not_before, progress.silence) == (NOW + 2 ** (starts - 1), None)
    assert starts == 6


def test_it_is_said_how_long_it_was_silent_and_in_which_way():
    idle, busy = Silence(NOW - 300, NOW - 300), Silence(NOW - 1800, NOW)
    assert words_for_hang(APP, idle, now=NOW) == "The app stopped answering for 5 minutes."
    assert words_for_hang(APP, busy, now=NOW).endswith("for 30 minutes. It was busy all the time.")
    closed = words_for_hang(APP, Silence(NOW - 60, NOW - 60, closed=True), now=NOW, crashes=5)
    assert closed.startswith("Nothing listened on port 7860 for 60 seconds, though the app ran on. It has now ended 6")
