"""Folders of .ics files: the first read, and a look when nothing changed; parsing by itself.

And with the desk: the first week that is seen of a year, and any other.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import icalendar
import recurring_ical_events

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from providers.icalendar import Reading, read
from providers.icalendar.lines import parse
from providers.local import LocalProvider
from scheduling.events import Span

FILES, SERIES = 10_000, 500
YEAR: Span = (1_767_225_600, 1_798_761_600)  # 2026
ZONES = ("Europe/Oslo", "America/New_York", "Europe/Berlin")
RULES = (
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=MONTHLY;BYDAY=2TU",
)


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, milliseconds or times the reference, unit, goal.

    The libraries are the reference; libical takes 0.032 of their time for parsing and 0.048 for
    expanding, so that the goals are twice libical's time and once.
    """
    random.seed(1)
    singles = [_event(number) for number in range(FILES)]
    series = [_event(number, random.choice(RULES)) for number in range(SERIES)]
    return [
        ("taking 2,000 events apart, beside icalendar", _parsing(singles[:2_000]), "×", 0.065),
        ("a year of 100 series, beside recurring-ical-events", _expanding(series[:100]), "×", 0.05),
        *_folder("10,000 files", singles, 3_000.0, 400.0),
        *_folder("500 series", series, 600.0, 40.0),
        *asyncio.run(_windows(series + singles[:5_000])),
        *(
            (f"reading {name}", _best(partial(_read, data), times=1)[0], "ms", 2_000.0)
            for name, data in _hostile().items()
        ),
    ]


def _read(data: bytes) -> Reading:
    return read(data, calendar="c", resource="r", etag="1", horizon=YEAR)


def _hostile() -> dict[str, bytes]:
    """Files made to take long."""
    start, early = "DTSTART:20260601T090000Z", "DTSTART:00010101T000000Z"

    def events(count: int, *lines: str) -> bytes:
        body = "\r\n".join(["BEGIN:VEVENT", "UID:{n}", *lines, "END:VEVENT", ""])
        return _calendar(*(body.format(n=number) for number in range(count)))

    def later(number: int) -> str:
        day, hour = divmod(number, 24)
        return f"RECURRENCE-ID;RANGE=THISANDFUTURE:202606{1 + day % 30:02}T{hour:02}0000Z"

    def zone(number: int) -> str:
        part = ["BEGIN:STANDARD", "DTSTART:19700101T000000", "RRULE:FREQ=YEARLY;BYDAY=MO"]
        offsets = ["TZOFFSETFROM:+0100", f"TZOFFSETTO:+{number // 60:02}{number % 60:02}"]
        lines = ["BEGIN:VTIMEZONE", f"TZID:z{number}", *part, *offsets, "END:STANDARD"]
        event = ["BEGIN:VEVENT", f"UID:{number}", f"DTSTART;TZID=z{number}:20260601T090000"]
        return "\r\n".join([*lines, "END:VTIMEZONE", *event, "END:VEVENT", ""])

    moved = "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:0\r\n"
    return {
        "300 rules that tick each second": events(300, start, "RRULE:FREQ=SECONDLY"),
        "300 rules counted from the year 1": events(
            300, early, "RRULE:FREQ=YEARLY;BYWEEKNO=1;COUNT=99999"
        ),
        "1,000 rules that never come round": events(
            1_000, start, "RRULE:FREQ=SECONDLY;BYHOUR=3;BYMONTH=2;BYMONTHDAY=30"
        ),
        "2,000 changes from here on to one series": events(
            1,
            start,
            "RRULE:FREQ=HOURLY",
            *(moved + later(n) + "\r\n" + start for n in range(2_000)),
        ),
        "5,000 events of one name": events(5_000, start).replace(b"UID:", b"UID:same\r\nX-N:"),
        "500 zones of its own": _calendar(*map(zone, range(500))),
        "a title of two million line ends": events(1, start, "SUMMARY:" + "\r" * 2_000_000),
        "a guest of a million quotes": events(1, start, 'ATTENDEE;CN="' + 'a"' * 1_000_000 + ":x"),
    }


def _parsing(events: list[str]) -> float:
    data = _calendar(*events)

    def ours() -> int:
        (calendar,) = parse(data)[0].components
        return sum(len(each.properties) for each in calendar.components)

    theirs, calendar = _best(lambda: icalendar.Calendar.from_ical(data), times=1)
    mine, properties = _best(ours)
    assert properties == sum(len(each) for each in calendar.subcomponents)
    return mine / theirs


def _expanding(events: list[str]) -> float:
    data = _calendar(*events)
    low, high = (datetime.fromtimestamp(each, UTC) for each in YEAR)
    calendar = icalendar.Calendar.from_ical(data)
    theirs, found = _best(lambda: recurring_ical_events.of(calendar).between(low, high), times=1)
    # Ours parses as well: what stands in memory between is not worth a name.
    mine, reading = _best(lambda: read(data, calendar="c", resource="r", etag="1", horizon=YEAR))
    assert sum(len(event.spans) for event in reading.events) == len(found)
    return mine / theirs


def _folder(
    name: str, events: list[str], first: float, again: float
) -> list[tuple[str, float, str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        for number, event in enumerate(events):
            (work / f"{number}.ics").write_bytes(_calendar(event))
        provider = LocalProvider(Path(folder))

        async def changes(cursor: str) -> tuple[int, str]:
            count = 0
            async for page in provider.changes("work", cursor, YEAR):
                count += len(page.changes)
                cursor = page.cursor
            return count, cursor

        whole, (count, cursor) = _best(lambda: asyncio.run(changes("")))
        assert count == len(events)
        rest, (count, _) = _best(lambda: asyncio.run(changes(cursor)))
        assert count == 0
    return [
        (f"{name}: first read", whole, "ms", first),
        (f"{name}: a look when nothing changed", rest, "ms", again),
    ]


async def _windows(events: list[str]) -> list[tuple[str, float, str, float]]:
    """A year of series and single events, from the folder to the weeks that the desk shows."""
    with tempfile.TemporaryDirectory() as place:
        work = Path(place) / "calendars" / "work"
        work.mkdir(parents=True)
        for number, event in enumerate(events):
            (work / f"{number}.ics").write_bytes(_calendar(event))
        middle, week = sum(YEAR) // 2, 7 * 86_400
        desk = await Desk.open(
            Path(place) / "home",
            clock=FixedClock(middle),
            ids=counted_ids(),
            zone="Europe/Oslo",
        )

        async def seen(start: int) -> float:
            began = time.perf_counter()
            assert (await desk.calendars.agenda(start, start + week)).entries
            return (time.perf_counter() - began) * 1000

        try:
            began = time.perf_counter()
            await desk.connections.connect_local(str(work.parent))
            first = (time.perf_counter() - began) * 1000 + await seen(middle)
            later = [await seen(YEAR[0] + number * week) for number in range(1, 40)]
        finally:
            await desk.close()
    name = "a year of 500 series and 5,000 single events"
    return [
        (f"{name}: the first week", first, "ms", 1_500.0),
        (f"{name}: another week", statistics.median(later), "ms", 20.0),
    ]


def _best(job: Callable[[], Any], *, times: int = 3) -> tuple[float, Any]:
    """The shortest time in milliseconds, and what came out."""
    shortest = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        result = job()
        shortest = min(shortest, (time.perf_counter() - began) * 1000)
    return shortest, result


def _event(number: int, rule: str = "") -> str:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
        days=random.randrange(300), minutes=15 * random.randrange(32, 72)
    )
    end = start + timedelta(minutes=random.choice((15, 30, 60, 90)))
    zone = random.choice(ZONES)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{number}-{bool(rule)}@example.org",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}",
        f"DTEND;TZID={zone}:{end:%Y%m%dT%H%M%S}",
        *([f"RRULE:{rule}"] if rule else []),
        f"SUMMARY:Meeting number {number} about things",
        f"LOCATION:Room {number % 10}",
        "DESCRIPTION:An agenda\\, and more\\nlines of it",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "SEQUENCE:1",
        "CREATED:20260101T000000Z",
        "END:VEVENT",
        "",
    ]
    return "\r\n".join(lines)


def _calendar(*events: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()
