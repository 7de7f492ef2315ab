"""The work that goes on by itself while a face is open."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from desk.records import records
from providers.base import CalendarProvider
from scheduling.connections import Connection
from scheduling.errors import KobleError

if TYPE_CHECKING:
    from desk.desk import Desk

GLANCE = 2.0
"""Seconds between looks at what other processes stored: one `stat` each."""


class Round:
    """Reads calendars, performs intents, closes late requests, notices other processes."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._tasks: set[asyncio.Task[None]] = set()
        self._watched: set[str] = set()

    def start(self) -> None:
        """Begin; `Desk.close` ends it."""
        self._add(self._glance())
        self._add(self._calendars())

    def _add(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

    async def stop(self) -> None:
        """End all of it, and raise what went wrong in it."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def _glance(self) -> None:
        """See other processes' commits; perform what is due; close requests that are late."""
        while True:
            due = await self._desk.outbox.next_due()
            if due is not None and due <= self._desk.clock.now():
                await self._desk.outbox.perform()
            await self._desk.bookings.expire()
            await asyncio.sleep(GLANCE)

    async def _calendars(self) -> None:
        """Read every calendar now and then; watch those that can be watched."""
        while True:
            for connection in await self._connections():
                if connection.id in self._watched:
                    continue
                try:
                    provider = await self._desk.connections.provider(connection)
                except KobleError:
                    continue  # the read below notes it in the connection's health
                if provider.capabilities.watch:
                    self._watched.add(connection.id)
                    self._add(self._watch(connection, provider))
            await self._desk.sync.now()
            preferences = await self._desk.settings.preferences()
            await asyncio.sleep(preferences.poll * 60)

    async def _watch(self, connection: Connection, provider: CalendarProvider) -> None:
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
        finally:
            self._watched.discard(connection.id)

    async def _connections(self) -> list[Connection]:
        return records(Connection, await self._desk.read(lambda store: store.connections.all()))
