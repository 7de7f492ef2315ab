"""The whole house with 10,000 events: what a week, a move and sixty days of offers take."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.records import document
from scheduling.connections import Calendar, Connection, Kind
from scheduling.events import Event, Span
from scheduling.pages import Page, Window
from store.store import Store

EVENTS = 10_000
DAY = 86_400
NOW = int(datetime(2027, 3, 4, 13, tzinfo=UTC).timestamp())


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, median milliseconds, unit, goal."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(home: Path) -> list[tuple[str, float, str, float]]:
    desk = await Desk.open(home, clock=FixedClock(NOW), ids=counted_ids(), zone="Europe/Oslo")
    try:
        await desk.write(_fill)
        page = Page(name="intro", durations=(30,), step=15, buffer_before=15, buffer_after=15)
        await desk.pages.add(msgspec.structs.replace(page, window=Window(days=90)))
    finally:
        await desk.close()

    async def opened() -> None:
        desk = await Desk.open(home, clock=FixedClock(NOW), ids=counted_ids())
        agenda = await desk.calendars.agenda(NOW - 3 * DAY, NOW + 4 * DAY)
        assert len(agenda.entries) > 100
        await desk.close()

    rows = [("open, and read the first week of 10,000 events", await _median(opened), "ms", 50.0)]
    desk = await Desk.open(home, clock=FixedClock(NOW), ids=counted_ids())
    try:
        weeks = iter(range(1, 1_000))

        async def moved() -> None:
            start = NOW + next(weeks) % 20 * 7 * DAY
            assert (await desk.calendars.agenda(start, start + 7 * DAY)).entries

        async def offered() -> None:
            free = await desk.offers.free("intro", NOW, NOW + 60 * DAY)
            assert free.offers

        async def offered_anew() -> None:
            await desk.write(lambda store: store.settings.put({"id": "x", "n": next(weeks)}))
            await offered()

        rows.append(("read another week", await _median(moved), "ms", 50.0))
        rows.append(
            ("offers of 60 days, just after a commit", await _median(offered_anew), "ms", 50.0)
        )
        rows.append(("offers of 60 days, asked again", await _median(offered), "ms", 50.0))
    finally:
        await desk.close()
    return rows


def _fill(store: Store) -> None:
    """A year of events: most of them short, some of them series, some all day long."""
    dice = random.Random(7)
    connection = Connection(id="c", kind=Kind.LOCAL, address="x", made_at=0, read_at=NOW)
    store.connections.put(document(connection))
    calendar = Calendar(
        id="w",
        connection="c",
        native="w",
        name="Work",
        destination=True,
        horizon=(NOW - 900 * DAY, NOW + 900 * DAY),
    )
    store.calendars.put(document(calendar))
    events = []
    for n in range(EVENTS):
        start = NOW - 180 * DAY + dice.randrange(365 * 96) * 900
        spans: tuple[Span, ...] = ((start, start + dice.choice((900, 1800, 3600))),)
        all_day = n % 50 == 0
        if all_day:
            spans = ((start // DAY * DAY, start // DAY * DAY + DAY),)
        elif n % 100 == 1:
            spans = tuple((start + w * 7 * DAY, start + w * 7 * DAY + 1800) for w in range(26))
        events.append(
            document(
                Event(
                    id=f"w/{n}",
                    calendar="w",
                    resource=f"{n}.ics",
                    uid=f"{n}@x",
                    title=f"Event {n}",
                    spans=spans,
                    all_day=all_day,
                    zone="Europe/Oslo",
                )
            )
        )
    store.events.put_many(events)


async def _median(job: Callable[[], Awaitable[None]]) -> float:
    took = []
    for _ in range(9):
        began = time.perf_counter()
        await job()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
