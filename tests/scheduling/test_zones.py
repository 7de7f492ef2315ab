from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.errors import ErrorKind, KobleError
from scheduling.zones import (
    DAY,
    date_text,
    offset_text,
    parse_date,
    parse_local,
    parse_time,
    weekday,
    zone,
)
from tests.scheduling.questions import ZONES

NAMES = sorted(available_timezones())


def offset_of(instant: int, name: str) -> int:
    offset = datetime.fromtimestamp(instant, ZoneInfo(name)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(NAMES), st.integers(utc("1970-01-02"), utc("2150-01-01")))
def test_offsets_are_those_of_the_zone(name: str, instant: int) -> None:
    assert zone(name).offset(instant) == offset_of(instant, name)
    offset, until = zone(name).era(instant)
    assert offset == offset_of(instant, name) == offset_of(until - 1, name)
    assert until > instant


@pytest.mark.parametrize("name", ZONES)
def test_offsets_hold_in_every_hour_of_a_year(name: str) -> None:
    for instant in range(utc("2026-01-01"), utc("2027-01-01"), 3_600):
        assert zone(name).offset(instant) == offset_of(instant, name)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(NAMES), st.integers(utc("2020-01-01"), utc("2040-01-01")))
def test_a_wall_time_is_found_again(name: str, instant: int) -> None:
    where = zone(name)
    wall = where.wall(instant)
    first, last = where.instant(wall), where.instant(wall, end=True)
    assert first <= last
    assert instant in (first, last)
    assert where.wall(first) == where.wall(last) == wall


def test_in_a_gap_comes_the_first_instant_after_it() -> None:
    oslo = zone("Europe/Oslo")
    change = utc("2027-03-28T01:00")
    for wall in ("2027-03-28T02:00", "2027-03-28T02:30", "2027-03-28T02:59", "2027-03-28T03:00"):
        assert (
            oslo.instant(parse_local(wall)) == oslo.instant(parse_local(wall), end=True) == change
        )


def test_in_an_overlap_a_start_is_the_first_and_an_end_the_second() -> None:
    oslo = zone("Europe/Oslo")
    wall = parse_local("2026-10-25T02:30")
    assert oslo.instant(wall) == utc("2026-10-25T00:30")
    assert oslo.instant(wall, end=True) == utc("2026-10-25T01:30")


@pytest.mark.parametrize(
    ("name", "day", "first"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
        ("Europe/Oslo", "2026-12-01", "2026-11-30T23:00"),
    ],
)
def test_a_day_starts_with_its_first_instant(name: str, day: str, first: str) -> None:
    start = zone(name).midnight(parse_date(day))
    assert start == utc(first)
    if (name, day) != ("Pacific/Apia", "2011-12-30"):
        assert zone(name).day(start) == parse_date(day)
        assert zone(name).day(start - 1) < parse_date(day)


def test_days_follow_each_other_in_every_zone_whatever_its_clocks_do() -> None:
    for name in NAMES:
        where = zone(name)
        change = utc("2025-01-01")
        while (change := where.next_change(change) or 0) and change < utc("2028-01-01"):
            assert offset_of(change - 1, name) != offset_of(change, name)
            day = where.day(change)
            for each in (day - 1, day, day + 1):
                first, last = where.midnight(each), where.midnight(each + 1) - 1
                assert where.day(first) == where.day(last) == each
                assert where.day(first - 1) == each - 1


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2026-10-25", 25)])
def test_days_of_a_change_are_shorter_or_longer_and_show_their_offset(day: str, hours: int) -> None:
    oslo, number = zone("Europe/Oslo"), parse_date(day)
    assert oslo.midnight(number + 1) - oslo.midnight(number) == hours * 3_600
    assert oslo.changes_on(number)
    assert not oslo.changes_on(number + 1)
    assert oslo.steady(number) is None
    assert oslo.steady(number + 30) == offset_of((number + 30) * DAY, "Europe/Oslo")


def test_times_are_written_for_people() -> None:
    oslo = zone("Europe/Oslo")
    start = utc("2026-12-01T08:00")
    assert oslo.clock(start) == "09:00"
    assert str(oslo.stamp(start)) == "Tue 1 Dec 09:00"
    assert str(oslo.between(start, start + 1_800)) == "Tue 1 Dec 09:00–09:30"
    whole = str(oslo.between(start, start + DAY))
    assert whole == "Tue 1 Dec 09:00 – Wed 2 Dec 09:00"
    assert oslo.clock(utc("2026-10-25T00:30")) == "02:30+02:00"
    assert oslo.clock(utc("2026-10-25T01:30")) == "02:30+01:00"
    assert [offset_text(each) for each in (20_700, -12_600, 0)] == ["+05:45", "-03:30", "+00:00"]
    assert repr(oslo) == "Zone('Europe/Oslo')"


def test_the_next_change_is_told_where_there_is_one() -> None:
    assert zone("Europe/Oslo").next_change(utc("2026-12-01")) == utc("2027-03-28T01:00")
    assert zone("Asia/Kathmandu").next_change(utc("2026-12-01")) is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Olso", "Did you mean Europe/Oslo?"),
        ("oslo", "Did you mean Europe/Oslo?"),
        ("EUROPE/OSLO", "Did you mean Europe/Oslo?"),
        ("New York", "Did you mean America/New_York?"),
        ("W. Europe Standard Time", "Use a name such as Europe/Oslo."),
        ("", "Use a name such as Europe/Oslo."),
        ("../../etc/passwd", "Use a name such as Europe/Oslo."),
        ("Europe", "Did you mean"),
        ("x\0y", "Use a name such as Europe/Oslo."),
        ("\ud800", "Use a name such as Europe/Oslo."),
        ("x" * 10_000, "Use a name such as Europe/Oslo."),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_known_one(name: str, hint: str) -> None:
    with pytest.raises(KobleError) as refused:
        zone(name)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, "zone")
    assert hint in str(refused.value)
    assert "\0" not in str(refused.value)


def test_times_of_day_are_read() -> None:
    assert [parse_time(text) for text in ("00:00", "09:05", "23:59")] == [0, 545, 1_439]
    assert parse_time("24:00", end=True) == 1_440


@pytest.mark.parametrize(
    "text", ["", "9:00", "09:60", "24:00", "25:00", "09:00 ", "٠٩:٠٠", "09.00"]
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(KobleError) as refused:
        parse_time(text, field="hours")
    assert refused.value.field == "hours"
    assert "HH:MM" in str(refused.value)


@pytest.mark.parametrize("text", ["24:01", "24:30"])
def test_a_day_ends_at_24_00(text: str) -> None:
    with pytest.raises(KobleError):
        parse_time(text, end=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-02-30", "does not exist"),
        ("2027-02-29", "does not exist"),
        ("20260228", "is not a date"),
        ("2026-W10-1", "is not a date"),
        ("tomorrow", "is not a date"),
        ("0001-01-01", "too far away"),
        ("9999-12-31", "too far away"),
    ],
)
def test_what_is_no_date_is_refused(text: str, said: str) -> None:
    with pytest.raises(KobleError) as refused:
        parse_date(text, field="overrides")
    assert refused.value.field == "overrides"
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["2026-12-01", "2026-12-01 09:00", "2026-12-01T24:00", "T09:00"])
def test_what_is_no_local_time_is_refused(text: str) -> None:
    with pytest.raises(KobleError) as refused:
        parse_local(text, field="absences")
    assert refused.value.field == "absences"


@settings(deadline=None, derandomize=True)
@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_dates_are_days(day: date) -> None:
    number = parse_date(day.isoformat())
    assert date(1970, 1, 1) + timedelta(days=number) == day
    assert date_text(number) == day.isoformat()
    assert weekday(number) == day.weekday()
    assert parse_local(f"{day}T09:30") == number * DAY + 34_200


@pytest.mark.parametrize(
    ("name", "middle"),
    [
        ("America/St_Johns", "2006-10-29T02:30"),
        ("America/Havana", "2026-11-01T05:00"),
        ("Asia/Beirut", "2026-10-24T21:00"),
        ("Pacific/Apia", "2011-12-30T10:00"),
        ("Europe/Oslo", "2026-10-25T00:00"),
    ],
)
def test_a_day_lasts_from_its_first_instant_to_that_of_the_next(name: str, middle: str) -> None:
    where = zone(name)
    around = int(datetime.fromisoformat(middle).replace(tzinfo=UTC).timestamp())
    instants = range(around - 30 * 3600, around + 30 * 3600, 60)
    days = [where.day(instant) for instant in instants]
    assert days == sorted(days)
    for instant, day in zip(instants, days, strict=True):
        assert where.midnight(day) <= instant < where.midnight(day + 1)
