from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from words import dates, use

OSLO = "Europe/Oslo"


def at(text: str, zone: str = OSLO) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    use("en")
    yield
    use("en")


def test_days_are_named_in_full_and_in_short() -> None:
    day = date(2027, 3, 4)
    assert dates.day_heading(day) == "Thursday 4 March"
    assert dates.day_heading(day, date(2027, 12, 31)) == "Thursday 4 March"
    assert dates.day_heading(day, date(2026, 12, 31)) == "Thursday 4 March 2027"
    assert dates.day_short(day) == "Thu 4 Mar"
    assert dates.day_short(day, date(2026, 1, 1)) == "Thu 4 Mar 2027"
    assert dates.month_heading(day) == "March 2027"


def test_names_come_in_order() -> None:
    assert [dates.weekday_letters(n) for n in range(7)] == [
        "Mo",
        "Tu",
        "We",
        "Th",
        "Fr",
        "Sa",
        "Su",
    ]
    assert [dates.weekday_short(n) for n in (0, 6)] == ["Mon", "Sun"]
    assert [dates.weekday(n) for n in (0, 6)] == ["Monday", "Sunday"]
    assert [dates.month(n) for n in (1, 12)] == ["January", "December"]
    assert [dates.month_short(n) for n in (1, 12)] == ["Jan", "Dec"]


def test_a_week_is_named_by_its_number_and_days() -> None:
    assert dates.week_heading(date(2027, 3, 1)) == "Week 9 · 1–7 March"
    assert dates.week_heading(date(2027, 3, 29)) == "Week 13 · 29 Mar – 4 Apr"
    assert dates.week_heading(date(2026, 12, 28)) == "Week 53 · 28 Dec – 3 Jan"


def test_times_are_of_the_zone() -> None:
    instant = int(datetime(2027, 3, 4, 13, 30, tzinfo=UTC).timestamp())
    assert dates.time_of_day(instant, OSLO) == "14:30"
    assert dates.time_of_day(instant, "America/New_York") == "08:30"
    assert dates.offset_text(instant, OSLO) == "+01:00"
    assert dates.offset_text(instant, "America/St_Johns") == "-03:30"
    assert dates.moment_text(instant, OSLO) == "Thu 4 Mar 14:30"


def test_spans() -> None:
    assert dates.span_text(at("2027-03-04 14:30"), at("2027-03-04 15:00"), OSLO) == "14:30–15:00"
    assert dates.span_text(at("2027-03-04 22:00"), at("2027-03-05 00:00"), OSLO) == "22:00–24:00"
    assert dates.span_text(at("2027-03-04 22:00"), at("2027-03-05 06:00"), OSLO) == (
        "Thu 4 Mar 22:00 – Fri 5 Mar 06:00"
    )


def test_times_carry_their_offset_on_a_day_on_which_clocks_change() -> None:
    start = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())
    assert dates.clocks_change(date(2026, 10, 25), OSLO)
    assert not dates.clocks_change(date(2026, 10, 26), OSLO)
    assert dates.span_text(start, start + 1800, OSLO) == "02:30+02:00–02:00+01:00"
    assert dates.moment_text(start + 3600, OSLO) == "Sun 25 Oct 02:30 +01:00"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "now"),
        (59, "now"),
        (60, "in 1 min"),
        (27 * 60, "in 27 min"),
        (-27 * 60, "27 min ago"),
        (3600, "in 1 h"),
        (2 * 3600 + 300, "in 2 h 5 min"),
        (-2 * 3600, "2 h ago"),
        (5 * 3600 + 1800, "in 5 h"),
        (47 * 3600, "in 47 h"),
        (48 * 3600, "in 2 days"),
        (-20 * 86400, "20 days ago"),
    ],
)
def test_how_far_away(seconds: int, said: str) -> None:
    now = at("2027-03-04 14:03")
    assert dates.relative(now + seconds, now) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(15, "15 min"), (60, "1 h"), (90, "1 h 30 min"), (1440, "24 h"), (2880, "2 days")],
)
def test_lengths(minutes: int, said: str) -> None:
    assert dates.length_text(minutes) == said
