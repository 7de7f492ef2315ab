"""What koble does to its files, each in a process of its own that may be killed at any moment.

`python -m tests.desk.crash_operations PLACE…` does, for each folder, the operation that the folder
is named for, and prints how each ended: 0, 1 with an error in words, or the signal that killed it,
below zero. All work on files is done in one thread, so that strace,
which counts by thread, counts all of it; and what is printed goes by `writev`, which it leaves
alone.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import store.compaction
import store.migrations
import store.state
import store.storage
from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from providers import local
from scheduling.bookings import BookingState, Guest
from scheduling.errors import KobleError
from store.secrets import Secrets
from store.store import Store

NOW = 1_796_018_400
"""2026-11-30T06:00Z"""
NINE, TEN, NOON = (NOW + (24 + hour) * 3600 for hour in (2, 3, 5))
"""The next day, in Oslo."""
GUEST = Guest(name="Alan Turing", email="alan@example.com")
TOKEN = {"refresh": "second", "note": "x" * 500}
assert local  # imported here once, and not again in each process


async def book(desk: Desk, said: Callable[[], None]) -> None:
    await desk.bookings.book("intro", TEN, GUEST, key="ten")
    said()
    await desk.read(Store.compact)


async def accept(desk: Desk, said: Callable[[], None]) -> None:
    [request] = await desk.bookings.requests()
    await desk.bookings.accept(request.id)
    said()


async def cancel(desk: Desk, said: Callable[[], None]) -> None:
    [booking] = await desk.bookings.all(BookingState.CONFIRMED)
    await desk.bookings.cancel(booking.id)
    said()


async def reschedule(desk: Desk, said: Callable[[], None]) -> None:
    [booking] = await desk.bookings.all(BookingState.CONFIRMED)
    await desk.bookings.reschedule(booking.id, NOON)
    said()


async def outbox(desk: Desk, said: Callable[[], None]) -> None:
    await desk.outbox.perform()
    said()


async def sync(desk: Desk, said: Callable[[], None]) -> None:
    [report] = await desk.sync.now()
    if report.error:
        raise report.error
    said()


async def settings(desk: Desk, said: Callable[[], None]) -> None:
    await desk.settings.set("profile.name", "Kari Nordmann")
    said()


async def snapshot(desk: Desk, said: Callable[[], None]) -> None:
    await desk.read(Store.compact)
    said()


DESK_OPERATIONS: dict[str, Callable[[Desk, Callable[[], None]], Awaitable[None]]] = {
    each.__name__: each
    for each in (book, accept, cancel, reschedule, outbox, sync, settings, snapshot)
}


def token(home: Path, said: Callable[[], None]) -> None:
    Secrets.open(home).set("google", TOKEN)
    said()


def rename(tables: dict[str, dict[int, dict[str, Any]]]) -> None:
    for contact in tables["contacts"].values():
        contact["called"] = contact.pop("name")


KNOW_THE_SCHEMA = (store.migrations, store.state, store.storage, store.compaction)


def migration(home: Path, said: Callable[[], None]) -> None:
    for module in KNOW_THE_SCHEMA:
        vars(module)["SCHEMA"] = 2
    store.migrations.MIGRATIONS[1] = rename
    Store.open(home).close()
    said()


FILE_OPERATIONS = {each.__name__: each for each in (token, migration)}
OPERATIONS = (*DESK_OPERATIONS, *FILE_OPERATIONS)


async def at_a_desk(name: str, home: Path, said: Callable[[], None]) -> None:
    """Do it at a desk that does everything in one thread."""
    thread = ThreadPoolExecutor(max_workers=1)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(thread)
    opened = await loop.run_in_executor(thread, Store.open, home)
    clock, ids = FixedClock(NOW), counted_ids("new")
    desk = Desk(home, opened, thread, clock=clock, ids=ids, zone="Europe/Oslo")
    try:
        await DESK_OPERATIONS[name](desk, said)
    finally:
        await desk.close()


def tell(file: Path, text: str) -> None:
    """Add `text` to `file`, in a way that strace leaves alone."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.writev(descriptor, [text.encode()])
    os.close(descriptor)


def perform(place: Path) -> None:
    """Do the operation of `place`; each time something is acknowledged, its file `said` grows."""

    def said() -> None:
        tell(place / "said", ".")

    os.environ["KOBLE_KEY_FILE"] = str(place / "key")
    if place.name in DESK_OPERATIONS:
        asyncio.run(at_a_desk(place.name, place / "home", said))
    else:
        FILE_OPERATIONS[place.name](place / "home", said)


def main() -> None:
    """Each operation in a child, so that Python starts and imports once."""
    for place in map(Path, sys.argv[1:]):
        child = os.fork()
        if not child:
            code = 2
            try:
                perform(place)
                code = 0
            except KobleError as error:
                tell(place / "error", str(error))
                code = 1
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        os.writev(1, [f"{place.name} {os.waitstatus_to_exitcode(status)}\n".encode()])


if __name__ == "__main__":
    main()
