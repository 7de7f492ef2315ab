"""A real desk under the screens: a temporary home, the sample week, a clock that stands still."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from desk.clock import Clock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.sample import furnish
from tests.tui.conftest import ZONE

TRIES = 400


def opens(home: Path, clock: Clock, *, sample: bool = True) -> Callable[[], Awaitable[Desk]]:
    """What `KobleApp` opens its desk with: one in `home`, furnished with the sample or empty."""

    async def open_desk() -> Desk:
        desk = await Desk.open(home, clock=clock, ids=counted_ids(), zone=ZONE)
        if sample:
            await furnish(desk)
        return desk

    return open_desk


async def until(pilot: Pilot[Any], true: Callable[[], object]) -> None:
    """Let the app go on until `true()`; fails where that never comes."""
    for _ in range(TRIES):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to that")


async def settle(pilot: Pilot[Any]) -> Desk:
    """Wait until the desk is open and everything that was begun is done; returns the desk."""
    app: Any = pilot.app
    await until(pilot, lambda: app.desk is not None)
    # Work may begin further work, by a message.
    for _ in range(3):
        await pilot.pause()
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers))
    await pilot.pause()
    desk: Desk = app.desk
    return desk


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one, and wait after each until its work is done."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def shown(app: Any, selector: str) -> str:
    """What a widget of the screen in front says."""
    return str(app.screen.query_one(selector).render())
