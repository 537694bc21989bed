"""When an app is kept warm: from the clocks of a place to moments, also where clocks are put forward and back."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest

from minispaces_platform.models.sleeping import WarmTime
from minispaces_platform.sleeping.warm import next_window, windows, zones

TUESDAY = 1
MIDDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def weekly(start: str, end: str, *weekdays: int, zone: str = "Europe/Berlin") -> WarmTime:
    return WarmTime(id="w", weekdays=weekdays, start=time.fromisoformat(start), end=time.fromisoformat(end), zone=zone)


def once(day: str, start: str, end: str, zone: str = "Europe/Berlin") -> WarmTime:
    return weekly(start, end, zone=zone).model_copy(update={"day": date.fromisoformat(day)})


def shown(times: list[WarmTime], now: datetime = MIDDAY) -> list[str]:
    return [f"{start:%m-%d %H:%M}-{end:%H:%M}" for start, end in windows(times, now)]


def test_tuesday_in_berlin_is_an_hour_earlier_by_utc():
    assert shown([weekly("15:00", "16:00", TUESDAY)]) == ["11-24 14:00-15:00"]


def test_a_time_that_began_is_told_until_it_ends():
    during = datetime(2026, 11, 24, 14, 59, tzinfo=UTC)
    assert shown([weekly("15:00", "16:00", TUESDAY)], during) == ["11-24 14:00-15:00"]
    assert shown([weekly("15:00", "16:00", TUESDAY)], during + timedelta(minutes=1)) == []


def test_a_night_belongs_to_the_day_on_which_it_begins():
    after_midnight = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert shown([weekly("23:00", "02:00", TUESDAY)], after_midnight) == ["11-24 22:00-01:00"]


def test_what_overlaps_or_meets_is_one():
    times = [weekly("09:00", "11:00", TUESDAY), weekly("10:00", "12:00", TUESDAY), weekly("12:00", "13:00", TUESDAY)]
    assert shown(times) == ["11-24 08:00-12:00"]


def test_a_week_before_is_too_far_to_tell_and_yet_the_next():
    monday = weekly("09:00", "10:00", 0)
    assert shown([monday]) == []
    assert next_window(monday, MIDDAY) == tuple(datetime(2026, 11, 30, hour, tzinfo=UTC) for hour in (8, 9))


def test_a_single_day_comes_once():
    reserved = once("2026-12-01", "15:00", "16:00")
    assert next_window(reserved, MIDDAY) == tuple(datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in (14, 15))
    assert next_window(reserved, datetime(2026, 12, 1, 15, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("day", "start", "end", "expected"),
    [
        # 2026-03-29: 02:00 becomes 03:00 in Berlin
        ("2026-03-29", "01:00", "04:00", "00:00-02:00"),
        ("2026-03-29", "02:30", "04:00", "00:30-02:00"),
        ("2026-03-29", "01:00", "02:30", "00:00-01:30"),
        # 2026-10-25: 03:00 becomes 02:00
        ("2026-10-25", "01:00", "04:00", "23:00-03:00"),
        ("2026-10-25", "02:30", "04:00", "00:30-03:00"),
        ("2026-10-25", "01:00", "02:30", "23:00-01:30"),
        ("2026-10-25", "15:00", "16:00", "14:00-15:00"),
    ],
)
def test_no_change_of_the_clocks_makes_a_time_shorter_than_it_reads(day, start, end, expected):
    window = next_window(once(day, start, end), datetime(2026, 1, 1, tzinfo=UTC))
    assert f"{window[0]:%H:%M}-{window[1]:%H:%M}" == expected


def test_a_weekly_time_follows_the_clocks_over_the_change():
    friday = weekly("09:00", "10:00", 4)
    hours = [next_window(friday, datetime(2026, month, 20, 23, tzinfo=UTC))[0].hour for month in (3, 5)]
    assert hours == [8, 7]


def test_zones_are_known_on_a_machine_without_any():
    """Slim images have no /usr/share/zoneinfo: the package brings them."""
    zoneinfo.reset_tzpath(to=())
    zones.cache_clear()
    try:
        assert "Europe/Berlin" in zones()
        assert zoneinfo.ZoneInfo.no_cache("Europe/Berlin").key == "Europe/Berlin"
    finally:
        zoneinfo.reset_tzpath()
        zones.cache_clear()
