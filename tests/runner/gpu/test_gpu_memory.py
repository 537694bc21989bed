"""Whose memory goes from a GPU before another app works there."""

from minispaces_runner.gpu.memory import Resident, to_evict

OLD, NEW = Resident("old", 8, 1.0), Resident("new", 6, 2.0)


def test_nobody_goes_where_there_is_room():
    assert to_evict([OLD, NEW], free=11, need=10) == ()


def test_the_least_recently_used_goes_first_and_only_as_many_as_needed():
    assert to_evict([NEW, OLD], free=4, need=10) == ("old",)
    assert to_evict([NEW, OLD], free=4, need=14) == ("old", "new")


def test_what_is_not_known_gets_the_whole_gpu():
    assert to_evict([NEW, OLD], free=40, need=None) == ("old", "new")


def test_what_works_stays():
    assert to_evict([Resident("busy", 8, 0.0, works=True), NEW], free=0, need=10) == ("new",)
