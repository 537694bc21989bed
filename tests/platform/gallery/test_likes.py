"""Likes, their sum, and what trends."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from minispaces_platform.access import Actor, Carrier
from minispaces_platform.accounts.service import add_user
from minispaces_platform.database import now
from minispaces_platform.gallery.likes import like, liked_by, list_likers, unlike
from minispaces_platform.gallery.trending import refresh_trending
from minispaces_platform.models.likes import Like
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.visits import VisitDay
from minispaces_platform.spaces.service import find_space

from .conftest import STRANGER, Gallery


def sums(gallery: Gallery, name: str) -> tuple[int, float]:
    with gallery.database.reading() as session:
        space = find_space(session, "ada", name)
        return space.likes, round(space.trending, 2)


def test_liking_twice_is_once_and_unliking_takes_it_back(gallery: Gallery) -> None:
    gallery.add("hello")
    for deed, expected in ((like, (1, 2.0)), (like, (1, 2.0)), (unlike, (0, 1.0)), (unlike, (0, 1.0))):
        with gallery.database.writing() as session:
            deed(session, gallery.as_ada, gallery.ada, find_space(session, "ada", "hello"))
        assert sums(gallery, "hello") == expected


def test_of_many_who_like_at_once_each_counts(gallery: Gallery) -> None:
    gallery.add("hello")
    with gallery.database.writing() as session:
        people = [add_user(session, f"p-{number}") for number in range(4)]
    ready = threading.Barrier(8)

    def press(number: int) -> None:
        person = people[number % 4]
        ready.wait(10)
        with gallery.database.writing() as session:
            like(session, Actor(person, Scope.WRITE, Carrier.COOKIE), person, find_space(session, "ada", "hello"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, range(8)))
    assert sums(gallery, "hello")[0] == 4
    with gallery.database.reading() as session:
        assert len(list_likers(session, find_space(session, "ada", "hello"))) == 4


def test_what_somebody_likes_is_shown_to_those_who_may_read_it(gallery: Gallery) -> None:
    for name, visibility in (("open", Visibility.PUBLIC), ("secret", Visibility.PRIVATE)):
        gallery.add(name, visibility=visibility)
        with gallery.database.writing() as session:
            like(session, gallery.as_ada, gallery.ada, find_space(session, "ada", name))
    with gallery.database.reading() as session:
        names = [
            [it.space.name for it in liked_by(session, actor, gallery.ada.id, most=9)]
            for actor in (gallery.as_ada, STRANGER)
        ]
    assert names == [["secret", "open"], ["open"]]


def test_a_like_and_ten_visits_weigh_half_after_three_days(gallery: Gallery) -> None:
    for days in (0, 3, 6):
        space, then = gallery.add(f"space-{days}"), now() - timedelta(days=days)
        with gallery.database.writing() as session:
            find_space(session, "ada", f"space-{days}").created_at = now() - timedelta(days=400)
            session.add(Like(space_id=space.id, user_id=gallery.ada.id, created_at=then))
            session.add(VisitDay(space_id=space.id, day=then.date(), visits=10))
    assert refresh_trending(gallery.database) == 2  # 3 days: what a new Space begins with
    assert [sums(gallery, f"space-{days}")[1] for days in (0, 3, 6)] == [2.0, 1.0, 0.5]


def test_what_is_long_ago_trends_no_more(gallery: Gallery) -> None:
    gallery.add("hello")
    with gallery.database.writing() as session:
        find_space(session, "ada", "hello").created_at = now() - timedelta(days=30)
    assert refresh_trending(gallery.database) == 1
    assert refresh_trending(gallery.database) == 0
    assert sums(gallery, "hello") == (0, 0.0)
