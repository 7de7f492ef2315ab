"""The work that goes on by itself while a face is open."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from desk.records import records
from desk.settings import Preferences
from providers.base import CalendarProvider
from scheduling.bookings import BookingState
from scheduling.connections import Connection
from scheduling.errors import KobleError
from store.store import Store

if TYPE_CHECKING:
    from desk.desk import Desk

GLANCE = 2.0
"""Seconds between looks at what other processes stored: a few bytes read each."""
IDLE = 15 * 60
"""Seconds after which nobody counts as being here: calendars are read less often then."""
RECENT = 30
"""Seconds within which calendars were read a moment ago, for somebody who comes back."""


def pause(preferences: Preferences, *, idle: bool, chance: float) -> float:
    """Seconds until calendars are read again.

    Args:
        preferences: how often that is, and how long a read counts as fresh.
        idle: nobody is here: three times as seldom, but so that what was read stays fresh.
        chance: from 0 to 1: a tenth more or less, so that not everybody asks a vendor at once.
    """
    minutes: float = preferences.poll
    if idle:
        minutes = max(minutes, min(3 * minutes, preferences.fresh / 2))
    return minutes * 60 * (0.9 + 0.2 * chance)


class Round:
    """Reads calendars, performs intents, closes late requests, notices other processes.

    Attributes:
        retry: seconds after which work that failed is tried again.
    """

    def __init__(self, desk: "Desk") -> None:
        self.retry = 15.0
        self._desk = desk
        self._tasks: set[asyncio.Task[None]] = set()
        self._watched: set[str] = set()
        self._told = ""
        self._generation = -1
        self._next: int | None = None
        self._wanted = asyncio.Event()
        self._seen = self._begun = 0

    def start(self, trouble: Callable[[Exception], object]) -> None:
        """Begin; `Desk.close` ends it. What goes wrong is told to `trouble`, and tried again."""
        self._trouble = trouble
        self._seen = self._desk.clock.now()
        self._add(self._glance)
        self._add(self._calendars, self._wanted)

    def attend(self) -> None:
        """Somebody is here, or back: calendars that were not read just now are read at once."""
        self._seen = self._desk.clock.now()
        if self._seen - self._begun > RECENT:
            self._wanted.set()

    def _add(
        self, work: Callable[[], Coroutine[Any, Any, float]], wanted: asyncio.Event | None = None
    ) -> None:
        task = self._repeat(work, wanted or asyncio.Event())
        self._tasks.add(asyncio.get_running_loop().create_task(task))

    async def stop(self) -> None:
        """End all of it."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(
        self, work: Callable[[], Coroutine[Any, Any, float]], wanted: asyncio.Event
    ) -> None:
        """Do `work` again and again: after the seconds that it returns, or once it is `wanted`."""
        while True:
            try:
                pause = await work()
            except Exception as error:
                pause = self.retry
                if str(error) != self._told:
                    self._told = str(error)
                    self._trouble(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await wanted.wait()
            wanted.clear()

    async def _glance(self) -> float:
        """See other processes' commits; perform what is due; close requests that are late."""
        due = await self._desk.read(self._due_in)
        if due is not None and due <= self._desk.clock.now():
            await self._desk.outbox.perform()
            await self._desk.bookings.expire()
        return GLANCE

    def _due_in(self, store: Store) -> int | None:
        """When something is to be done next: an intent, or a request that would be late."""
        if store.generation != self._generation:
            self._generation = store.generation
            waiting = store.bookings.where("state", BookingState.REQUESTED.value)
            times = [each["start"] for each in waiting]
            if (due := self._desk.outbox.due_in(store)) is not None:
                times.append(due)
            self._next = min(times, default=None)
        return self._next

    async def _calendars(self) -> float:
        """Read every calendar now and then; watch those that can be watched."""
        self._begun = self._desk.clock.now()
        for connection in await self._connections():
            if connection.id in self._watched:
                continue
            try:
                provider = await self._desk.connections.provider(connection)
            except KobleError:
                continue  # the read below notes it in the connection's health
            if provider.capabilities.watch:
                self._watched.add(connection.id)
                watch = self._watch(connection, provider)
                self._tasks.add(asyncio.get_running_loop().create_task(watch))
        await self._desk.sync.now()
        preferences = await self._desk.settings.preferences()
        idle = self._desk.clock.now() - self._seen > IDLE
        return pause(preferences, idle=idle, chance=random.random())  # noqa: S311 - no secret

    async def _watch(self, connection: Connection, provider: CalendarProvider) -> None:
        """Read what changed as soon as it did; the next round begins anew where this ends."""
        try:
            async for native in provider.watch():
                if native == "":
                    await self._desk.connections.relist(connection.id)
                calendars = await self._desk.calendars.all()
                await self._desk.sync.now(
                    only={
                        each.id
                        for each in calendars
                        if each.connection == connection.id and native in (each.native, "")
                    }
                )
        except KobleError as error:
            await self._desk.connections.note_read(connection.id, str(error))
        except Exception as error:
            self._trouble(error)
        finally:
            self._watched.discard(connection.id)

    async def _connections(self) -> list[Connection]:
        return records(Connection, await self._desk.read(lambda store: store.connections.all()))
