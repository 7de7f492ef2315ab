import asyncio
from collections.abc import Callable
from typing import Any

from desk.clock import FixedClock
from desk.desk import Desk
from desk.round import pause
from desk.settings import Preferences
from scheduling.bookings import BookingState
from scheduling.errors import ErrorKind, KobleError
from tests.desk.conftest import GRACE, Folder, at
from words import Phrase

TUESDAY = at("2026-12-01T09:00+01:00")


async def until(desk: Desk, true: Callable[[], object]) -> None:
    """Wait for commits until `true()`."""
    changed = asyncio.Event()
    leave = desk.bus.listen(lambda _tables: changed.set())
    async with asyncio.timeout(30):
        while not true():
            await changed.wait()
            changed.clear()
    leave()


async def test_a_change_outside_comes_in_by_itself(connected: Desk, folder: Folder) -> None:
    troubles: list[Exception] = []
    connected.round.start(troubles.append)
    found: list[str] = []

    async def look() -> None:
        agenda = await connected.calendars.agenda(TUESDAY, TUESDAY + 3600)
        found[:] = [each.title for each in agenda.entries]

    folder.busy("sudden", "20261201T080000Z", "20261201T083000Z")
    async with asyncio.timeout(30):
        while not found:
            await look()
            await asyncio.sleep(0.05)
    assert found == ["sudden"]
    assert troubles == []


async def test_whoever_comes_back_sees_what_is_there_now(
    connected: Desk, folder: Folder, clock: FixedClock
) -> None:
    reads: asyncio.Queue[int] = asyncio.Queue()
    read = connected.sync.now

    async def count(**only: Any) -> Any:
        found = await read(**only)
        if not only:
            reads.put_nowait(clock.at)
        return found

    connected.sync.now = count  # type: ignore[method-assign]
    connected.round.start(lambda error: None)
    async with asyncio.timeout(30):
        assert await reads.get() == clock.at
        connected.round.attend()  # too early: they were read just now
        clock.at += 31
        connected.round.attend()
        assert await reads.get() == clock.at


def test_calendars_are_read_less_often_while_nobody_is_here() -> None:
    usual = Preferences(poll=5, fresh=20)
    assert pause(usual, idle=False, chance=0.5) == 300
    assert pause(usual, idle=False, chance=0.0) == 270
    assert pause(usual, idle=False, chance=1.0) == 330
    assert pause(usual, idle=True, chance=0.5) == 600
    assert pause(Preferences(poll=5, fresh=60), idle=True, chance=0.5) == 900
    assert pause(Preferences(poll=5, fresh=5), idle=True, chance=0.5) == 300


async def test_a_request_is_closed_when_its_time_comes(desk: Desk, clock: FixedClock) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    clock.at = TUESDAY
    heard: set[str] = set()
    desk.bus.listen(heard.update)
    desk.round.start(lambda error: None)
    await until(desk, lambda: "bookings" in heard)
    assert (await desk.bookings.get(request.id)).state is BookingState.EXPIRED


async def test_what_goes_wrong_is_told_once_and_tried_again(desk: Desk) -> None:
    troubles: list[str] = []
    told = asyncio.Event()

    def trouble(error: Exception) -> None:
        troubles.append(str(error))
        told.set()

    tries = 0
    done = asyncio.Event()

    async def work() -> float:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise KobleError(ErrorKind.STORAGE, Phrase("The disk is full."))
        done.set()
        return 60

    desk.round.retry = 0.0
    desk.round.start(trouble)
    desk.round._add(work)
    async with asyncio.timeout(30):
        await done.wait()
    assert troubles == ["The disk is full."]
    assert told.is_set()
