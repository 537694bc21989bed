"""How long an app waits: what was chosen, within what the installation allows; and what the runner is told of it."""

from datetime import UTC, datetime, time

import pytest

from minispaces_platform.errors import InvalidError
from minispaces_platform.models.sleeping import NEVER, SleepSetting, WarmTime, WarmTimes
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.sleeping.rules import check_sleep_seconds, rule_of, sleep_seconds
from minispaces_platform.wording import duration

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def chosen(seconds: int | None = None, **more) -> SleepSetting:
    return SleepSetting(**({"space_id": "s", "seconds": seconds, "warm": WarmTimes()} | more))


def limits(tmp_path, **given) -> PlatformSettings:
    return PlatformSettings(data=tmp_path, **given)


def test_a_space_without_a_choice_has_the_installations_times(tmp_path):
    rule = rule_of(None, limits(tmp_path), now=NOW)
    assert (rule.freeze_after, rule.stop_after, rule.warm) == (300, 48 * 3600, ())


def test_what_never_sleeps_is_not_frozen_either(tmp_path):
    rule = rule_of(chosen(NEVER), limits(tmp_path), now=NOW)
    assert (rule.freeze_after, rule.stop_after) == (None, None)


def test_an_app_that_stops_sooner_than_others_freeze_is_not_frozen(tmp_path):
    assert rule_of(chosen(120), limits(tmp_path), now=NOW).freeze_after is None
    assert rule_of(chosen(600), limits(tmp_path, freeze_after_minutes=0), now=NOW).freeze_after is None


@pytest.mark.parametrize(("seconds", "kept"), [(NEVER, 7200), (86_400, 7200), (30, 60), (3600, 3600), (None, 7200)])
def test_bounds_that_came_later_hold_for_what_was_chosen_before(tmp_path, seconds, kept):
    assert sleep_seconds(chosen(seconds), limits(tmp_path, longest_sleep_hours=2)) == kept


@pytest.mark.parametrize("seconds", [0, 59, 7201, NEVER])
def test_what_is_out_of_bounds_is_refused_with_the_bounds(tmp_path, seconds):
    with pytest.raises(InvalidError, match="at least 1 minute, and at most 2 hours"):
        check_sleep_seconds(seconds, limits(tmp_path, longest_sleep_hours=2))


def test_every_negative_number_is_never_where_that_may_be(tmp_path):
    assert check_sleep_seconds(-7, limits(tmp_path)) == NEVER


def test_the_runner_is_told_moments(tmp_path):
    warm = WarmTimes(times=(WarmTime(id="w", weekdays=(1,), start=time(15), end=time(16), zone="Europe/Berlin"),))
    rule = rule_of(chosen(warm=warm, asleep_since=NOW, awake_since=None), limits(tmp_path), now=NOW)
    at = NOW.timestamp()
    assert (rule.warm, rule.asleep_since, rule.awake_since) == (((at + 7200, at + 10_800),), at, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (90, "90 seconds"), (5400, "90 minutes"), (172_800, "2 days")],
)
def test_a_time_reads_in_its_largest_unit(seconds, words):
    assert duration(seconds) == words


def test_a_zone_that_is_none_stops_the_platform_with_words(tmp_path):
    with pytest.raises(ValueError, match="no time zone 'Europe/Bremen'"):
        limits(tmp_path, time_zone="Europe/Bremen")
