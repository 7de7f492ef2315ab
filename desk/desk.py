"""The one object that every face talks to."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from desk.bookings import Bookings
from desk.bus import Bus
from desk.calendars import Calendars
from desk.clock import Clock, SystemClock, local_zone
from desk.connections import Connections
from desk.contacts import Contacts
from desk.ids import Ids, random_ids
from desk.log import Log
from desk.offers import Offers
from desk.outbox import Outbox
from desk.pages import Pages
from desk.round import Round
from desk.settings import Settings
from desk.signin import SignIns
from desk.sync import Sync
from desk.vault import Vault
from store.store import Store

T = TypeVar("T")


class Desk:
    """Everything koble can do, for the terminal, the command line and the web alike.

    Its parts carry the verbs: `connections`, `calendars`, `sync`, `pages`, `offers`, `bookings`,
    `contacts`, `settings`, `sign_in`, `log`. All of them are coroutines, raise `KobleError` with
    words for a person, and may be cancelled. The store lives on a thread of its own; `bus` tells
    which tables changed, by this process or another.
    """

    def __init__(
        self,
        home: Path,
        store: Store,
        thread: ThreadPoolExecutor,
        *,
        clock: Clock,
        ids: Ids,
        zone: str,
    ) -> None:
        self.home = home
        self.clock = clock
        self.ids = ids
        self.local_zone = zone
        self.bus = Bus()
        self.vault = Vault(home)
        self._store = store
        self._thread = thread
        self.log = Log(self)
        self.settings = Settings(self)
        self.sign_in = SignIns(self)
        self.connections = Connections(self)
        self.calendars = Calendars(self)
        self.sync = Sync(self)
        self.pages = Pages(self)
        self.offers = Offers(self)
        self.outbox = Outbox(self)
        self.bookings = Bookings(self)
        self.contacts = Contacts(self)
        self.round = Round(self)

    @classmethod
    async def open(
        cls,
        home: Path,
        *,
        clock: Clock | None = None,
        ids: Ids = random_ids,
        zone: str | None = None,
    ) -> "Desk":
        """Open the state in `home`, making it where there is none.

        Args:
            home: the state directory.
            clock: what tells the time; the machine's unless given.
            ids: what makes ids.
            zone: IANA zone of a new profile; the machine's unless given.

        Raises:
            KobleError: storage, where the state cannot be read or written.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            store = await asyncio.get_running_loop().run_in_executor(thread, Store.open, home)
        except BaseException:
            thread.shutdown(wait=False)
            raise
        return cls(
            home,
            store,
            thread,
            clock=clock or SystemClock(),
            ids=ids,
            zone=zone or local_zone(),
        )

    async def read(self, job: Callable[[Store], T]) -> T:
        """Run `job` on the store's thread, on the newest state that any process committed."""

        def run() -> tuple[T, frozenset[str]]:
            self._store.refresh()
            return job(self._store), self._store.changed()

        return await self._run(run)

    async def write(self, job: Callable[[Store], T]) -> T:
        """Run `job` in one transaction: all of it is stored durably, or nothing.

        Other processes wait meanwhile, so `job` does nothing but decide and store.
        """

        def run() -> tuple[T, frozenset[str]]:
            with self._store.transaction():
                result = job(self._store)
            return result, self._store.changed()

        return await self._run(run)

    async def _run(self, run: Callable[[], tuple[T, frozenset[str]]]) -> T:
        # Shielded: a job that has begun ends, even when whoever asked for it has gone.
        job = asyncio.get_running_loop().run_in_executor(self._thread, run)
        result, changed = await asyncio.shield(job)
        self.bus.publish(changed)
        return result

    async def backup(self, to: Path) -> None:
        """Write everything but secrets to the file `to`, replacing it.

        Raises:
            KobleError: storage, where it cannot be written.
        """
        await self.read(lambda store: store.backup(to))

    async def close(self) -> None:
        """End the background work, let go of calendars, close the store."""
        await self.round.stop()
        await self.connections.close()
        await self.sign_in.close()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown(wait=True)
