"""The state on this machine: one store, its tables, its transactions."""

from contextlib import AbstractContextManager
from pathlib import Path

from store.tables import Table
from words import Phrase


class Store:
    """Everything koble remembers, except secrets, in one folder that several processes share.

    One Store belongs to one thread. Two of them on the same folder, in one process or in two,
    see each other's commits at `refresh` and at the start of each `transaction`.

    Attributes:
        home: the folder.
        notices: what had to be put right while opening, in words for a person.
    """

    home: Path
    notices: tuple[Phrase, ...]

    connections: Table
    inboxes: Table
    calendars: Table
    events: Table
    pages: Table
    bookings: Table
    intents: Table
    contacts: Table
    settings: Table
    log: Table

    @classmethod
    def open(cls, home: Path, *, read_only: bool = False) -> "Store":
        """Open the store in `home`, made on first use; read-only never writes and never waits.

        Raises:
            KobleError: storage, with the way out: not writable, disk full, a newer schema,
                a file system without locks, damage that no copy makes good.
        """
        raise NotImplementedError

    @property
    def generation(self) -> int:
        """A number that grows with every commit seen, also those of other processes."""
        raise NotImplementedError

    def transaction(self) -> AbstractContextManager[None]:
        """One commit over all tables: everything at exit, or nothing where an exception leaves.

        Waits for other processes, and sees all that they committed before the block starts. Within
        another transaction it is a part of that one: an exception undoes this part only.

        Raises:
            KobleError: storage, and nothing has changed.
        """
        raise NotImplementedError

    def refresh(self) -> frozenset[str]:
        """Pick up what other processes committed; the names of the tables that they changed."""
        raise NotImplementedError

    def compact(self) -> None:
        """Write a fresh snapshot now and let go of the journal before it."""
        raise NotImplementedError

    def backup(self, to: Path) -> None:
        """Write all documents to the file `to`: JSON that plain TinyDB opens; no secrets."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the files; what was committed is safe with or without it."""
        raise NotImplementedError

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
