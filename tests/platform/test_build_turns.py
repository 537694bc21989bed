"""Whose build is made next: owners take turns, previews wait, and nobody has more made at once than they may."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from minispaces_platform.builds.turns import Making, Waiting, in_turn, may_begin

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def crowd(owner, count, *, first=0):
    return [Waiting(f"{first + number:04}-{owner}", owner) for number in range(count)]


def test_one_build_of_another_owner_goes_before_the_third_of_a_crowd():
    turns = in_turn([*crowd("a", 50), Waiting("9999-b", "b")], {})
    assert turns.index("9999-b") < 2


def test_whoever_waited_longest_for_a_turn_goes_first():
    making = {"a": Making(last=NOON), "b": Making(last=NOON - timedelta(minutes=1))}
    assert in_turn([*crowd("a", 2), *crowd("b", 2, first=10)], making)[0] == "0010-b"


def test_whoever_has_a_build_being_made_lets_others_go_first():
    assert in_turn([*crowd("a", 1), *crowd("b", 1, first=10)], {"a": Making(now=1)})[0] == "0010-b"


def test_a_preview_waits_for_everything_else():
    preview = Waiting("0000-b", "b", is_late=True)
    assert in_turn([preview, *crowd("a", 3, first=10)], {})[-1] == "0000-b"


def test_nobody_has_more_made_at_once_than_they_may():
    making = {"a": Making(now=2, most=2)}
    waiting = [*crowd("a", 2), Waiting("9999-b", "b", is_late=True)]
    assert in_turn(waiting, making)[0] == "9999-b"
    assert [may_begin(each, making) for each in waiting] == [False, False, True]


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_each_that_waits_gets_exactly_one_turn_and_owners_alternate(owners):
    waiting = [Waiting(f"{number:03}", owner) for number, owner in enumerate(owners)]
    turns = in_turn(waiting, {})
    assert sorted(turns) == sorted(each.build_id for each in waiting)
    owner_of = {each.build_id: each.owner_id for each in waiting}
    for number in range(len(set(owners))):
        assert owner_of[turns[number]] not in {owner_of[each] for each in turns[:number]}
