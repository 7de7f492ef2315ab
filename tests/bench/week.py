"""The week: a new week, a step of the cursor, and drawing it all, with 10,000 events at hand."""

import asyncio
import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from scheduling.events import Blocking
from tests.tui.week.sample import MONDAY, OSLO, Host, at, event, hours
from tui.week.data import Entry, WeekData
from tui.week.grid import WeekGrid

EVENTS = 10_000
SIZE = (120, 40)


def run() -> list[tuple[str, float, str, float]]:
    """Rows of (name, measured, unit, goal)."""
    return asyncio.run(_run())


async def _run() -> list[tuple[str, float, str, float]]:
    year, week = _entries(364), _entries(7)
    grid = WeekGrid()
    async with Host(grid).run_test(size=SIZE) as pilot:
        grid.show(_week(year))
        grid.focus()
        await pilot.pause()
        weeks = [_week(year, offset) for offset in range(0, 70, 7)]
        steps = [at(f"2027-03-0{day} {hour:02}:00") for hour in range(8, 18) for day in range(1, 8)]
        new = [_milliseconds(lambda data=data: _shown(grid, data)) for data in weeks]
        grid.show(_week(year))
        await pilot.pause()
        began = time.process_time()
        for instant in steps:
            grid.move_to(instant)
            await pilot.pause()
            assert grid.cursor == instant
        step = (time.process_time() - began) * 1000 / len(steps)
        full = [_milliseconds(lambda: _painted(grid)) for _ in range(10)]
        crowded = [_milliseconds(lambda: _shown(grid, _week(week))) for _ in range(3)]
    return [
        ("new week of 10,000 events over a year, laid out", statistics.median(new), "ms", 50.0),
        ("step of the cursor, until the screen shows it (CPU)", step, "ms", 5.0),
        ("the whole week drawn, 120×40", statistics.median(full), "ms", 50.0),
        ("new week with 10,000 events in it, laid out", statistics.median(crowded), "ms", 250.0),
    ]


def _milliseconds(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _shown(grid: WeekGrid, week: WeekData) -> None:
    grid.show(week)
    grid.render_line(10)


def _painted(grid: WeekGrid) -> None:
    grid.refresh()
    lines = [grid.render_line(y) for y in range(SIZE[1])]
    assert len(lines) == SIZE[1]


def _week(entries: list[Entry], offset: int = 0) -> WeekData:
    first = MONDAY + timedelta(offset)
    return WeekData(
        first_day=first, zone=OSLO, now=at(f"{first} 10:00"), entries=entries, hours=hours(first)
    )


def _entries(days: int) -> list[Entry]:
    pick = random.Random(4)
    kinds = list(Blocking)
    entries: list[Entry] = []
    made = event("2027-03-01 09:00", "2027-03-01 10:00", "Meeting").source
    for number in range(EVENTS):
        start = at(f"{MONDAY} 00:00") + pick.randrange(0, days * 86_400, 900)
        end = start + pick.choice((900, 1800, 2700, 3600, 5400, 14_400))
        entries.append(
            Entry(
                start=start,
                end=end,
                title=f"Meeting {number} about a plan",
                blocking=pick.choice(kinds),
                booked=number % 7 == 0,
                source=made,
            )
        )
    return entries
