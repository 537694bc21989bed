"""What the proxy counted is added up by day, and shown as a chart with words."""

from datetime import date, timedelta

from minispaces_contract.visits import VisitsReport
from minispaces_platform.models.spaces import Space
from minispaces_platform.visits.queries import visits_by_day
from minispaces_platform.visits.service import record_visits
from minispaces_platform.visits.views import HEIGHT, visits_view

TODAY = date(2026, 11, 12)


def report(parts, day: date = TODAY, **visits: int) -> None:
    found = VisitsReport(visits={f"{label.replace('_', '-')}.apps.localhost": n for label, n in visits.items()})
    with parts.database.writing() as session:
        record_visits(session, found, parts.settings, day=day)


def test_reports_of_a_day_add_up(parts, world, ada):
    space = world.add_space(ada, "hello")
    report(parts, ada_hello=2)
    report(parts, ada_hello=3)
    report(parts, TODAY - timedelta(1), ada_hello=7)
    with parts.database.reading() as session:
        assert visits_by_day(session, space.id, today=TODAY)[-3:] == (
            (date(2026, 11, 10), 0),
            (date(2026, 11, 11), 7),
            (TODAY, 5),
        )
        assert session.get_one(Space, space.id).visits == 12


def test_hosts_of_nobody_and_of_others_are_passed_over(parts, world, ada):
    space = world.add_space(ada, "hello")
    report(parts, nobody=5)
    with parts.database.writing() as session:
        record_visits(session, VisitsReport(visits={"ada-hello.evil.example": 9}), parts.settings)
        assert session.get_one(Space, space.id).visits == 0


def test_the_chart_says_in_words_what_it_shows():
    view = visits_view([(TODAY - timedelta(1), 3), (TODAY, 9)], ever=12)
    assert view.words == "12 visits in the last 2 days, most of them on 12 November (9)."
    assert [bar.height for bar in view.bars] == [round(HEIGHT / 3, 1), HEIGHT]


def test_a_chart_of_nothing_is_flat():
    view = visits_view([(TODAY, 0)], ever=0)
    assert (view.words, view.bars[0].height) == ("No visits in the last 1 days.", 1.5)
