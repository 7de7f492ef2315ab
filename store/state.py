"""Everything stored, as read from the files: a snapshot and the journals that follow it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from scheduling.errors import ErrorKind, KobleError
from store.home import write_whole
from store.journal import Journal, Unreadable, files, journal_path
from store.migrations import SCHEMA
from store.rows import Rows
from store.shapes import PLAIN, SHAPES
from store.snapshot import Damaged, Meta, Snapshot, index_path, read_json, snapshot_path
from words import Phrase

_COMMIT = msgspec.json.Decoder(dict[str, dict[int, msgspec.Raw]])
_ATTEMPTS = 5


class State:
    """The tables as of the journal's tail; `catch_up` moves on to what was committed since.

    Attributes:
        tables: rows by table name.
        base: what the snapshot in use is.
        base_size: bytes of its JSON.
        journal: the journal file in use; None where nothing is stored yet.
        notices: what was found damaged, in words for a person.
    """

    def __init__(
        self, home: Path, *, writable: bool, without: frozenset[Path] = frozenset()
    ) -> None:
        self.home = home
        self.tables: dict[str, Rows] = {name: Rows(shape) for name, shape in SHAPES.items()}
        self.base = Meta(number=1, schema=SCHEMA, commits=0)
        self.base_size = 0
        self.journal: Journal | None = None
        self.notices: list[Phrase] = []
        self._writable = writable
        self._earlier = 0
        self._snapshot: Snapshot | None = None
        self._without = without
        self._damaged: list[Path] = []

    @classmethod
    def load(cls, home: Path, *, writable: bool, without: frozenset[Path] = frozenset()) -> "State":
        """Read what is stored in `home`, `without` files that are known to be damaged.

        Nothing is changed, also where damage is found: that is up to `repair`.

        Raises:
            KobleError: storage, where a newer koble wrote it or no good copy is left.
            OSError: it cannot be read.
        """
        for _ in range(_ATTEMPTS):
            state = cls(home, writable=writable, without=without)
            try:
                state._read_files()
                return state
            except Damaged:
                without |= state.damaged
                state.close()
            except FileNotFoundError:
                # Another process has written a snapshot and removed what came before it.
                state.close()
            except BaseException:
                state.close()
                raise
        raise BeyondRepair(home)

    @property
    def commits(self) -> int:
        """How many commits have been seen, counted from the store's first."""
        return self.journal.commits if self.journal is not None else self.base.commits

    @property
    def journalled(self) -> int:
        """Bytes in the journals since the snapshot."""
        return self._earlier + (self.journal.tail if self.journal is not None else 0)

    def rows(self, table: str) -> Rows:
        """The rows of `table`, which is made where it is not there."""
        rows = self.tables.get(table)
        if rows is None:
            rows = self.tables[table] = Rows(SHAPES.get(table, PLAIN))
        return rows

    def sources(self) -> Iterator[tuple[str, Iterator[tuple[int, bytes]]]]:
        """All tables with their documents, as a snapshot wants them."""
        for name, rows in self.tables.items():
            yield name, rows.documents()

    def catch_up(self) -> set[str]:
        """Apply what was committed since; the names of the tables that changed.

        Raises:
            FileNotFoundError: too much has happened: load anew.
        """
        changed: set[str] = set()
        while self.journal is not None:
            for payload in self.journal.read():
                commit = _COMMIT.decode(payload)
                changed.update(commit)
                for table, documents in commit.items():
                    rows = self.rows(table)
                    for number, raw in documents.items():
                        text = bytes(raw)
                        rows.set(number, None if text == b"null" else text)
            if not self.journal.sealed:
                break
            following = self._open_journal(self.journal.number + 1)
            self._earlier += self.journal.tail
            self.journal.close()
            self.journal = following
        return changed

    @property
    def outdated(self) -> bool:
        """Whether to load anew: a newer snapshot, a damaged one, nothing there so far."""
        if self.damaged or self.journal is None:
            return True
        number = self.journal.number
        return number > self.base.number and snapshot_path(self.home, number).exists()

    @property
    def damaged(self) -> frozenset[Path]:
        """Files that turned out to be damaged while they were in use."""
        if self._snapshot is None or self._snapshot.damaged is None:
            return frozenset()
        return frozenset({self._snapshot.damaged})

    @property
    def makeshift(self) -> bool:
        """Whether it was put together without a good snapshot, so that a new one is due."""
        return self._snapshot is None and self.base_size > 0

    def repair(self) -> None:
        """Cut off what is no whole commit, and keep aside what is damaged; under the lock.

        Raises:
            OSError: it could not be kept aside, and was left alone.
        """
        if self.journal is not None and (rest := self.journal.rest()):
            self._cut(self.journal, rest)
        for path in self._damaged:
            if path.exists():
                path.replace(path.with_name(path.name + ".damaged"))
        self._damaged.clear()

    def close(self) -> None:
        """Let go of the files; rows that somebody still goes through stay readable."""
        self.tables = {}
        self._snapshot = None
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    def _read_files(self) -> None:
        if not self._writable and not self.home.exists():
            return
        snapshots, journals = files(self.home)
        if snapshots:
            self._read_snapshot(snapshots, journals)
        if journals:
            self.journal = self._open_journal(self.base.number)
            if self._snapshot is None and not self.base_size:
                self.base = Meta(number=1, schema=self.journal.schema, commits=0)
            self.catch_up()

    def _read_snapshot(self, numbers: list[int], journals: list[int]) -> None:
        for number in reversed(numbers):
            path = snapshot_path(self.home, number)
            try:
                self._use_snapshot(number, path)
                break
            except Unreadable:
                self._damaged.append(path)
        else:
            if 1 not in journals:
                raise BeyondRepair(self.home)
        if any(path.suffix == ".json" for path in self._damaged):
            self.notices.append(
                Phrase("A snapshot was damaged. The one before it and the journal had it all.")
            )

    def _use_snapshot(self, number: int, path: Path) -> None:
        if path in self._without:
            raise Unreadable(f"{path}: damaged")
        try:
            if index_path(path) in self._without:
                raise Unreadable(f"{index_path(path)}: damaged")
            snapshot = Snapshot(path)
            check_schema(snapshot.meta.schema)
            tables = snapshot.tables()
        except Unreadable:
            # Without a good index, the JSON says it all; the next snapshot has an index again.
            meta, documents = read_json(path)
            check_schema(meta.schema)
            for name, raws in documents.items():
                rows = self.rows(name)
                for document, raw in raws.items():
                    rows.set(document, raw)
            self.base_size = path.stat().st_size
            self._damaged.append(index_path(path))
        else:
            for name, table in tables.items():
                self.tables[name] = Rows(SHAPES.get(name, PLAIN), table)
            meta, self.base_size, self._snapshot = snapshot.meta, snapshot.size, snapshot
        self.base = Meta(number=number, schema=meta.schema, commits=meta.commits)

    def _open_journal(self, number: int) -> Journal:
        path = journal_path(self.home, number)
        try:
            journal = Journal(path, writable=self._writable, commits=self.commits)
        except Unreadable as error:
            raise BeyondRepair(path) from error
        check_schema(journal.schema)
        return journal

    def _cut(self, journal: Journal, rest: bytes) -> None:
        """Make room behind the last whole commit; what may have been one is kept aside."""
        if not journal.broken_off(rest):
            aside = self.home / f"damaged-{journal.number:08}-{journal.tail}"
            write_whole(aside, [rest])
            # Journals that follow build on what is missing: they are kept, and not applied.
            for number in files(self.home)[1]:
                if number > journal.number:
                    path = journal_path(self.home, number)
                    path.replace(self.home / f"damaged-{number:08}")
            self.notices.append(
                Phrase(
                    "The journal was damaged. What came before the damage is here; "
                    "what came after it is kept in {path}.",
                    path=str(aside),
                )
            )
        journal.cut(rest)


def check_schema(schema: int) -> None:
    """Refuse what a newer koble wrote.

    Raises:
        KobleError: storage.
    """
    if schema > SCHEMA:
        raise KobleError(
            ErrorKind.STORAGE,
            Phrase("A newer koble has written this store (format {found}).", found=schema),
            Phrase("Update koble, or choose another folder. Nothing was changed."),
        )


class BeyondRepair(KobleError):
    """The store is damaged, and no good copy is left: only a backup helps."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            ErrorKind.STORAGE,
            Phrase("The store in {path} is damaged, and no good copy is left.", path=str(path)),
            Phrase(
                "Nothing was changed. See koble doctor --verify, then put a backup in its place: "
                "koble restore."
            ),
        )
