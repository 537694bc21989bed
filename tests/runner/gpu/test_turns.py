"""The policy of turns by the request, as data: who works, whose turn it is, and who stays awake."""

import pytest
from support.platform_door import deployment

from minispaces_contract.messages import SleepRule
from minispaces_runner.activity import Use, parse_activity
from minispaces_runner.gpu.doors import wanted_by
from minispaces_runner.gpu.leases import Ask, Lease, Place, Queue
from minispaces_runner.gpu.seats import Seats
from minispaces_runner.gpu.turns import Movement, Seated, Standing, has_come, turns_of, words_for, works

NOW = 1000.0
G = frozenset({"g"})


def seated(name, *, awake=True, **more):
    return Seated(name, name, G, awake=awake, **more)


def lease(name):
    return Lease(Ask(name, name, name, G, NOW - 10), ("g",), NOW - 10)


def standings(*apps, queue=Queue(("g",)), places=None):
    return {name: turn.standing.value for name, turn in turns_of(apps, queue, places or {}).items()}


@pytest.mark.parametrize(
    ("use", "moved_at", "expected"),
    [
        (Use(connections=1, idle=60), 0, True),
        (Use(connections=1, lasting=1, idle=60), 0, False),
        (Use(connections=2, lasting=1, idle=60), 0, True),
        (Use(connections=1, lasting=1, idle=60), NOW - 2, True),
        (Use(idle=60), NOW - 2, False),
        (Use(idle=0.5), 0, True),
    ],
)
def test_requests_are_work_and_open_pages_are_none_unless_something_moves(use, moved_at, expected):
    assert works(use, Movement(0, moved_at), now=NOW) is expected


def test_pings_move_nothing():
    still = Movement(1000, 0.0)
    assert still.seen(Use(moved=1030), now=NOW) == Movement(1030, 0.0)
    assert still.seen(Use(moved=1300), now=NOW) == Movement(1300, NOW)


def test_the_proxy_tells_lasting_connections_apart():
    row = "0x1: key={}10.0.0.1|7860|d1|ada.test use=1 exp=2073599000 shard=0 http_req_cnt=3 conn_cur={} gpc0=1 {}\n"
    counted = "bytes_in_cnt=10 bytes_out_cnt=20"
    use = parse_activity(row.format("", 2, counted) + row.format("~", 1, counted) + "Uptime_sec: 9\n").of("d1")
    assert (use.connections, use.lasting, use.moved, use.sent, use.works) == (3, 1, 30, 40, True)


def test_of_several_that_nobody_uses_the_last_that_was_used_stays_awake():
    assert standings(seated("a", used_at=5), seated("b", used_at=7), seated("c", awake=False, used_at=9)) == {
        "a": "parked", "b": "free", "c": "parked",
    }  # fmt: skip
    assert standings(seated("a", awake=False)) == {"a": "free"}


def test_a_turn_begins_when_the_rival_holds_still():
    queue = Queue(("g",), held=(lease("b"),))
    assert standings(seated("a"), seated("b", awake=False, ask="b"), queue=queue) == {"a": "parked", "b": "waits"}
    assert standings(seated("a", awake=False), seated("b", awake=False, ask="b"), queue=queue)["b"] == "holds"


def test_a_call_of_an_app_that_asks_itself_makes_the_others_hold_still():
    assert standings(seated("a"), queue=Queue(("g",), held=(lease("elsewhere"),))) == {"a": "parked"}


def test_who_waits_is_told_the_place_and_about_how_long():
    queue = Queue(("g",), held=(lease("a"),), waiting=(Ask("b", "b", "b", G, NOW),))
    turns = turns_of([seated("b", ask="b")], queue, {"b": Place(1, 42.0)})
    assert turns["b"].standing is Standing.WAITS
    assert turns["b"].words == "Waits for its turn at the GPU: number 1 in the queue, about 40 s."
    assert "about 3 min." in words_for(Place(2, 200))


def test_who_has_used_the_minutes_does_not_work_even_alone():
    assert standings(seated("a", spent=True)) == {"a": "spent"}


def test_a_turn_waits_a_moment_for_whoever_waited_for_it():
    fresh = Lease(Ask("a", "a", "a", G, 0), ("g",), NOW - 1)
    assert not has_come(Use(idle=60), fresh, now=NOW)
    assert has_come(Use(idle=0.5), fresh, now=NOW)
    assert has_come(Use(idle=60), fresh, now=NOW + 4)


def test_in_the_times_for_which_it_was_asked_to_be_warm_an_app_goes_first(tmp_path):
    asked = deployment(1).model_copy(update={"sleep": SleepRule(warm=((NOW - 5, NOW + 5),))})
    first = [wanted_by(asked, Seats(tmp_path), longest=60, now=moment).preferred for moment in (NOW - 9, NOW, NOW + 9)]
    assert first == [False, True, False]
