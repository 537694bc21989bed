"""The policy of GPU leases, as data and as a simulation of thousands of requests."""

import heapq
import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest

from minispaces_runner.gpu.leases import PATIENCE, Ask, Queue, grant, is_overdue, join, leave, places

ONE = Queue(("g0",))
TWO = Queue(("g0", "g1"))


def ask(name, owner="ada", *, at=0.0, among=("g0", "g1"), **more):
    return Ask(name, f"{owner}-space", owner, frozenset(among), at, **more)


def waits(queue, *asks):
    for each in asks:
        queue = join(queue, each)
    return queue


def granted(queue, now=0.0):
    queue, leases = grant(queue, now=now)
    return queue, [lease.ask.id for lease in leases]


@dataclass
class Played:
    """What came of a simulation."""

    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[tuple[float, float]] = field(default_factory=list)
    used: Counter = field(default_factory=Counter)
    most_held: int = 0


def play(queue, arrivals, *, until=math.inf, promise=False):
    """`arrivals` are (moment, ask, how long it really works). Time jumps from event to event."""
    events = [(at, number, "come", each, lasts) for number, (at, each, lasts) in enumerate(arrivals)]
    heapq.heapify(events)
    played, promised, lasting = Played(), {}, {}
    while events and events[0][0] <= until:
        now, number, kind, each, lasts = heapq.heappop(events)
        if kind == "come":
            lasting[each.id] = lasts
            queue = join(queue, each)
            if promise:
                promised[each.id] = places(queue, now=now)[each.id].seconds
        else:
            queue = leave(queue, each.id, now=now)
            played.used[each.owner] += lasts
        queue, leases = grant(queue, now=now)
        for lease in leases:
            waited = now - lease.ask.asked_at
            played.waited[lease.ask.owner].append(waited)
            played.errors.append((promised.get(lease.ask.id), waited))
            end = (now + lasting[lease.ask.id], number, "go", lease.ask, lasting[lease.ask.id])
            heapq.heappush(events, end)
        busy = [gpu for lease in queue.held for gpu in lease.gpus]
        assert len(busy) == len(set(busy))
        played.most_held = max(played.most_held, len(busy))
    return played


def asks_of(owner, moments, *, lasts, gpus=1, expected=None):
    for number, (moment, length) in enumerate(zip(moments, lasts, strict=True)):
        made = ask(f"{owner}{number}", owner, at=moment, gpus=gpus, expected=expected or length)
        yield moment, made, length


def test_a_free_gpu_is_had_at_once_and_the_next_one_waits():
    queue, names = granted(waits(ONE, ask("a"), ask("b", at=1)))
    assert names == ["a"]
    assert places(queue, now=4)["b"].position == 1
    assert places(queue, now=4)["b"].seconds == 6
    assert granted(leave(queue, "a", now=5), now=5)[1] == ["b"]


def test_whoever_gives_up_waiting_is_gone_and_repeated_goodbyes_change_nothing():
    queue, _ = granted(waits(ONE, ask("a"), ask("b")))
    queue = leave(leave(queue, "b", now=1), "b", now=1)
    assert queue.waiting == ()
    assert len(queue.held) == 1


def test_an_owner_who_comes_seldom_goes_before_the_rest_of_a_crowd():
    queue, names = granted(waits(ONE, *(ask(f"a{n}", "ada", at=n) for n in range(50))))
    assert names == ["a0"]
    queue = join(leave(queue, "a0", now=10), ask("b", "bob", at=9))
    assert granted(queue, now=10)[1] == ["b"]


def test_what_is_preferred_goes_first():
    queue = waits(granted(waits(ONE, ask("a")))[0], ask("b", at=1), ask("c", at=2, preferred=True))
    assert granted(leave(queue, "a", now=3), now=3)[1] == ["c"]


def test_whoever_needs_two_gpus_is_not_passed_for_ever_by_those_who_need_one():
    queue, _ = granted(waits(TWO, ask("a"), ask("b", "bob"), ask("both", "cam", at=1, gpus=2), ask("c", "dan", at=2)))
    queue, names = granted(leave(queue, "a", now=3), now=3)
    assert names == []
    assert granted(leave(queue, "b", now=4), now=4)[1] == ["both"]


def test_what_can_never_be_met_is_refused():
    with pytest.raises(ValueError, match="x"):
        join(ONE, ask("x", gpus=2))


def test_a_lease_that_lasts_too_long_is_overdue_only_when_somebody_waits():
    queue, (lease,) = grant(waits(ONE, ask("a", most=60)), now=0.0)
    assert not is_overdue(queue, lease, now=61)
    waiting = join(queue, ask("b", at=50))
    assert is_overdue(waiting, lease, now=61)
    assert not is_overdue(waiting, lease, now=59)


def test_time_is_shared_evenly_between_owners_however_much_one_asks():
    """Jain's index over what each owner got while all of them wanted more."""
    rng = random.Random(1)
    arrivals = []
    for owner, times in (("ada", 400), ("bob", 120), ("cam", 120), ("dan", 120)):
        moments = sorted(rng.uniform(0, 300) for _ in range(times))
        arrivals += asks_of(owner, moments, lasts=[rng.uniform(1, 20) for _ in range(times)])
    used = play(TWO, arrivals, until=1500).used
    assert sum(used.values()) > 2900
    assert sum(used.values()) ** 2 / (len(used) * sum(value**2 for value in used.values())) > 0.99


def test_long_and_short_work_get_the_same_time():
    arrivals = [*asks_of("long", [0.0] * 30, lasts=[60.0] * 30), *asks_of("short", [0.0] * 300, lasts=[4.0] * 300)]
    used = play(ONE, arrivals, until=1200).used
    assert used["long"] / used["short"] == pytest.approx(1, abs=0.1)


def test_who_says_less_than_they_take_gains_nothing():
    arrivals = [
        *asks_of("liar", [0.0] * 100, lasts=[20.0] * 100, expected=1),
        *asks_of("fair", [0.0] * 100, lasts=[20.0] * 100),
    ]
    used = play(ONE, arrivals, until=2000).used
    assert used["liar"] / used["fair"] == pytest.approx(1, abs=0.1)


def test_nobody_starves_though_new_owners_come_without_end():
    crowd = [each for n in range(3000) for each in asks_of(f"new{n}", [n * 5.0], lasts=[5.0])]
    heavy = list(asks_of("heavy", [0.0] * 20, lasts=[30.0] * 20))
    waited = play(ONE, [*heavy, *crowd], until=14_000).waited["heavy"]
    assert len(waited) == 20
    assert max(waited) < 20 * (PATIENCE + 40)


def test_both_gpus_are_used():
    arrivals = list(asks_of("ada", [0.0] * 200, lasts=[3.0] * 200))
    played = play(TWO, arrivals)
    assert played.most_held == 2
    assert max(played.waited["ada"]) == pytest.approx(99 * 3)


def test_the_wait_that_was_promised_is_kept_when_work_lasts_as_expected():
    arrivals = list(asks_of("ada", [float(n) for n in range(100)], lasts=[4.0] * 100))
    for promised, waited in play(TWO, arrivals, promise=True).errors:
        assert waited == pytest.approx(promised)


def test_the_wait_that_was_promised_is_near_when_work_varies():
    """Three owners with bursts and quiet times, lengths that vary fivefold around what is expected."""
    rng = random.Random(7)
    arrivals = []
    for owner in ("ada", "bob", "cam"):
        moments = sorted(rng.uniform(0, 9000) for _ in range(700))
        arrivals += asks_of(owner, moments, lasts=[rng.uniform(2, 10) for _ in range(700)], expected=6)
    errors = [abs(promised - waited) for promised, waited in play(TWO, arrivals, promise=True).errors]
    errors.sort()
    assert len(errors) == 2100
    assert errors[len(errors) // 2] < 6
    assert errors[int(len(errors) * 0.95)] < 30
