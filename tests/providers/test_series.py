"""Whole series against the library that others use: rules, dates, exceptions, overrides, zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.icalendar import read
from tests.providers.instants import HORIZON
from tests.providers.rules import STARTS, rules

ZONES = ["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Tokyo"]
RULES = rules("MONTHLY", "WEEKLY", "DAILY")
EVENT = ["UID:event", "DTSTAMP:20260101T000000Z"]


def stamp(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%S")


@st.composite
def series(draw: st.DrawFn) -> str:
    """A calendar with one series in one zone, some of its days taken out, added and moved."""
    zone = draw(st.sampled_from(ZONES))
    start = draw(STARTS.map(lambda at: at.replace(year=2026)))
    length = draw(st.sampled_from([30, 60, 90, 600]))
    rule = f"{draw(RULES)};COUNT={draw(st.integers(1, 60))}"

    def time(name: str, at: datetime) -> str:
        return f"{name};TZID={zone}:{stamp(at)}"

    def event(begin: datetime, *more: str) -> list[str]:
        end = begin + timedelta(minutes=length)
        return ["BEGIN:VEVENT", *EVENT, time("DTSTART", begin), time("DTEND", end), *more]

    days = st.integers(0, 80).map(lambda days: start + timedelta(days=days))
    out = draw(st.lists(days, max_size=3, unique=True))
    # Not by whole hours: the library takes an exception's wall time for UTC as well.
    added = draw(st.lists(days.map(lambda at: at + timedelta(minutes=37)), max_size=2, unique=True))
    moved = draw(st.lists(days, max_size=2, unique=True))
    lines = event(
        start,
        f"RRULE:{rule}",
        *(time("EXDATE", at) for at in out),
        *(time("RDATE", at) for at in added),
    )
    lines.append("END:VEVENT")
    for at in moved:
        lines += event(at + timedelta(hours=draw(st.integers(-30, 30))), time("RECURRENCE-ID", at))
        lines.append("END:VEVENT")
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", *lines, "END:VCALENDAR", ""]
    )


def theirs(text: str) -> set[tuple[int, int]]:
    calendar = icalendar.Calendar.from_ical(text)
    low, high = (datetime.fromtimestamp(each, UTC) for each in HORIZON)
    return {
        (int(each["DTSTART"].dt.timestamp()), int(each["DTEND"].dt.timestamp()))
        for each in recurring_ical_events.of(calendar).between(low, high)
    }


def in_a_change(spans: set[tuple[int, int]], zone: str) -> set[tuple[int, int]]:
    """Those with an end that clocks skip or show twice: there the library's own answers differ."""
    info = ZoneInfo(zone)

    def odd(seconds: int) -> bool:
        around = [
            datetime.fromtimestamp(seconds + hours * 3600, info).utcoffset() for hours in (-2, 2)
        ]
        return around[0] != around[1]

    return {span for span in spans if odd(span[0]) or odd(span[1])}


@settings(deadline=None, derandomize=True, max_examples=40)
@given(series())
def test_a_series_has_the_occurrences_that_the_library_finds(text: str) -> None:
    found = read(text.encode(), calendar="c", resource="r", etag="1", horizon=HORIZON)
    ours = {span for event in found.events for span in event.spans}
    expected = theirs(text)
    zone = text.split("TZID=")[1].split(":")[0]
    assert found.problems == ()
    assert ours - in_a_change(ours, zone) == expected - in_a_change(expected, zone)
    assert len(ours) == len(expected)
