"""The state on this machine: one store, its tables, its transactions."""

from contextlib import AbstractContextManager
from pathlib import Path

from store.storage import JournalStorage
from store.tables import Table
from words import Phrase


class Store:
    """Everything koble remembers, except secrets, in one folder that several processes share.

    One Store belongs to one thread. Two of them on the same folder, in one process or in two,
    see each other's commits at `refresh` and at the start of each `transaction`.

    Attributes:
        home: the folder.
    """

    def __init__(self, storage: JournalStorage) -> None:
        self._storage = storage
        self.home = storage.home
        self.connections = Table(storage, "connections")
        self.inboxes = Table(storage, "inboxes")
        self.calendars = Table(storage, "calendars")
        self.events = Table(storage, "events")
        self.pages = Table(storage, "pages")
        self.bookings = Table(storage, "bookings")
        self.intents = Table(storage, "intents")
        self.contacts = Table(storage, "contacts")
        self.settings = Table(storage, "settings")
        self.log = Table(storage, "log")

    @classmethod
    def open(cls, home: Path, *, read_only: bool = False) -> "Store":
        """Open the store in `home`, made on first use; read-only never writes and never waits.

        Raises:
            KobleError: storage, with the way out: not writable, disk full, a newer schema,
                a file system without locks, damage that no copy makes good.
        """
        return cls(JournalStorage(home, read_only=read_only))

    @property
    def notices(self) -> tuple[Phrase, ...]:
        """What had to be put right in the folder, in words for a person."""
        return self._storage.notices

    @property
    def generation(self) -> int:
        """A number that grows with every commit seen, also those of other processes."""
        return self._storage.commits

    def transaction(self) -> AbstractContextManager[None]:
        """One commit over all tables: everything at exit, or nothing where an exception leaves.

        Waits for other processes, and sees all that they committed before the block starts. Within
        another transaction it is a part of that one: an exception undoes this part only.

        Raises:
            KobleError: storage, and nothing has changed.
        """
        return self._storage.transaction()

    def refresh(self) -> frozenset[str]:
        """Pick up what other processes committed; the names of the tables that they changed."""
        return self._storage.refresh()

    def changed(self) -> frozenset[str]:
        """The names of the tables that changed since this was last asked, by whoever."""
        return self._storage.changed()

    def compact(self) -> None:
        """Write a fresh snapshot now and let go of the journal before it."""
        self._storage.compact()

    def backup(self, to: Path) -> None:
        """Write all documents to the file `to`: JSON that plain TinyDB opens; no secrets.

        `store.restore` takes it back, and so does an empty folder, as `koble-00000001.json`.
        """
        self._storage.backup(to)

    def close(self) -> None:
        """Let go of the files; what was committed is safe with or without it."""
        self._storage.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
