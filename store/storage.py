"""TinyDB's storage over the journal: transactions, other processes, snapshots now and then."""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import tinydb.storages

from scheduling.errors import ErrorKind, KobleError
from store.compaction import compact, compact_aside, migrate, take
from store.home import prepare, trouble, write_whole
from store.journal import Journal, journal_path
from store.lock import Lock
from store.migrations import SCHEMA
from store.rows import Rows
from store.snapshot import Meta, as_json
from store.state import State
from words import Phrase

LEAST = 1024 * 1024
"""Bytes of journal below which a snapshot never pays."""
SMALL = 2 * 1024 * 1024
"""Bytes in all below which a snapshot is written at once (20 ms, 60 ms for many series); above,
aside."""
BRAKE_FROM = 1.25
"""So much of journal beside a snapshot: whoever goes on writing while the next one is written is
slowed down, so that the journal does not outgrow it without end."""
BRAKE_LEAST = 4 * LEAST
"""Bytes of journal for which nobody is slowed down: they are read in some 30 ms."""
BRAKE = 0.02
"""Seconds that each commit waits then."""
_WAIT = 60.0
"""Seconds that whoever asks for a snapshot waits for one that is being written."""
_log = logging.getLogger(__name__)


class JournalStorage(tinydb.storages.Storage):
    """Documents of all tables, durable and shared by processes.

    Plain TinyDB tables work on it by `read` and `write`; koble's own change single documents by
    `set` within `transaction`.

    Attributes:
        epoch: grows when commits of another process were taken in.
        notices: what had to be put right, in words for a person.
    """

    def __init__(self, home: Path, *, read_only: bool = False) -> None:
        self.home = home
        self.epoch = 0
        self.notices: tuple[Phrase, ...] = ()
        self._read_only = read_only
        self._lock = Lock(home / "lock")
        self._closed = False
        self._depth = 0
        self._undo: list[tuple[str, int, bytes | None]] = []
        self._foreign: set[str] = set()
        self._changed: set[str] = set()
        self._compaction = 0
        self._put_off = 0
        try:
            self._state = self._open_to_read() if read_only else self._open_to_write()
        except BaseException as error:
            self._lock.close()
            if isinstance(error, OSError):
                raise trouble(error, home) from error
            raise
        self._openings = self._lock.openings

    @property
    def commits(self) -> int:
        """How many commits have been seen, counted from the store's first."""
        return self._state.commits

    def rows(self, table: str) -> Rows:
        """The documents of `table`, as seen now."""
        return self._state.rows(table)

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All documents of all tables, decoded."""
        found = {
            name: {str(number): msgspec.json.decode(raw) for number, raw in documents}
            for name, documents in self._state.sources()
        }
        return {name: documents for name, documents in found.items() if documents} or None

    def write(self, data: Mapping[str, Mapping[Any, Any]]) -> None:
        """Make `data` all that there is, in one commit."""
        with self.transaction():
            for name in {*self._state.tables, *data}:
                wanted = {int(number): document for number, document in data.get(name, {}).items()}
                for number in self.rows(name).numbers():
                    if number not in wanted:
                        self.set(name, number, None)
                for number, document in wanted.items():
                    self.set(name, number, msgspec.json.encode(document))

    def set(self, table: str, number: int, raw: bytes | None) -> None:
        """Insert, replace or (None) remove a document; only within a transaction."""
        self.replace(table, number, self._state.rows(table).raw(number), raw)

    def replace(self, table: str, number: int, old: bytes | None, raw: bytes | None) -> None:
        """As `set`, by whoever has just read that `old` is there."""
        if old != raw:
            self._undo.append((table, number, old))
            self._state.rows(table).set(number, raw)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Store.transaction`."""
        if self._depth:
            mark = len(self._undo)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._roll_back(mark)
                raise
            finally:
                self._depth -= 1
            return
        self._begin()
        try:
            yield
            self._commit()
        except BaseException:
            self._roll_back(0)
            raise
        finally:
            self._depth = 0
            self._lock.release()
        self._compact_if_due()

    def refresh(self) -> frozenset[str]:
        """See `Store.refresh`."""
        try:
            if not self._depth:
                self._look()
        except OSError as error:
            raise trouble(error, self.home) from error
        changed = frozenset(self._foreign)
        self._foreign.clear()
        return changed

    def changed(self) -> frozenset[str]:
        """See `Store.changed`."""
        changed = frozenset(self._changed)
        self._changed.clear()
        return changed

    def compact(self) -> None:
        """See `Store.compact`."""
        if self._read_only:
            raise _read_only(self.home)
        try:
            compact(self.home, _WAIT)
            self._look()
        except OSError as error:
            raise trouble(error, self.home) from error

    def backup(self, to: Path) -> None:
        """See `Store.backup`."""
        meta = Meta(number=1, schema=SCHEMA, commits=self.commits)
        try:
            write_whole(to, as_json(meta, self._state.sources()))
        except OSError as error:
            raise trouble(error, to) from error

    def close(self) -> None:
        """Let go of the files."""
        if self._closed:
            return
        self._closed = True
        self._compacting()
        self._state.close()
        self._lock.close()
        # Whoever goes on using it is told, not given an empty store.
        del self._state

    def _open_to_read(self) -> State:
        state = State.load(self.home, writable=False)
        if state.base.schema < SCHEMA:
            raise KobleError(
                ErrorKind.STORAGE,
                Phrase("An older koble has written this store."),
                Phrase("Start koble once so that it can bring it up to date."),
            )
        self.notices = tuple(state.notices)
        return state

    def _open_to_write(self) -> State:
        tightened = prepare(self.home)
        take(self._lock)
        try:
            state = self._load()
            notices = state.notices
            if state.base.schema < SCHEMA:
                migrate(state)
                state.close()
                state = self._load()
        finally:
            self._lock.release()
        self.notices = (*tightened, *notices)
        state.notices.clear()
        return state

    def _begin(self) -> None:
        if self._read_only:
            raise _read_only(self.home)
        take(self._lock)
        try:
            self._catch_up()
        except BaseException as error:
            self._lock.release()
            if isinstance(error, OSError):
                raise trouble(error, self.home) from error
            raise
        self._depth = 1

    def _commit(self) -> None:
        changed: dict[str, dict[int, None]] = {}
        for table, number, _ in self._undo:
            changed.setdefault(table, {})[number] = None
        if not changed:
            return
        journal = self._state.journal
        if journal is None:
            raise _read_only(self.home)
        try:
            journal.append(b"{%s}" % b",".join(self._encode(*item) for item in changed.items()))
        except OSError as error:
            raise trouble(error, self.home) from error
        self._undo.clear()
        self._changed |= changed.keys()

    def _encode(self, table: str, numbers: Mapping[int, None]) -> bytes:
        raw = self._state.rows(table).raw
        documents = (b'"%d":%s' % (number, raw(number) or b"null") for number in numbers)
        return b"%s:{%s}" % (msgspec.json.encode(table), b",".join(documents))

    def _roll_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            table, number, raw = self._undo.pop()
            self._state.rows(table).set(number, raw)

    def _look(self) -> None:
        """Take in what others committed, if anything, unless one is at it right now."""
        state = self._state
        if state.journal is not None and not state.journal.behind() and not state.outdated:
            return
        if self._read_only:
            self._catch_up()
        elif self._lock.acquire(0):
            try:
                self._catch_up()
            finally:
                self._lock.release()

    def _catch_up(self) -> None:
        """Take in what others committed."""
        before, commits = self._state, self._state.commits
        try:
            changed = before.catch_up()
            commits = before.commits
            exchanged = self._lock.openings != self._openings
            if exchanged or before.outdated:
                self._state = self._load(before.damaged)
        except FileNotFoundError:
            # Journals were removed that had not been read here.
            exchanged = True
            changed = set()
            self._state = self._load()
        if self._state is not before:
            if exchanged or self._state.commits != commits:
                changed = set(before.tables) | set(self._state.tables)
            before.close()
            self._put_off = 0
        self._openings = self._lock.openings
        if not self._read_only and self._state.journal is not None and self._state.journal.stuck:
            self._state.repair()
        self.notices += tuple(self._state.notices)
        self._state.notices.clear()
        if changed:
            self.epoch += 1
            self._foreign |= changed
            self._changed |= changed

    def _load(self, without: frozenset[Path] = frozenset()) -> State:
        """What is stored, with a journal to write to where the lock is held for writing."""
        writable = not self._read_only
        state = State.load(self.home, writable=writable, without=without)
        if self._read_only:
            return state
        if state.journal is None:
            # An empty folder, or one with nothing but a backup in it.
            number, schema = state.base.number, state.base.schema
            Journal.create(journal_path(self.home, number), schema=schema, number=number)
            state = State.load(self.home, writable=True)
        state.repair()
        return state

    def _due(self) -> int:
        """How long the journals may get before a snapshot pays."""
        if self._state.makeshift:
            return 0
        return max(LEAST, self._state.base_size // 4)

    def _compact_if_due(self) -> None:
        """Compact; a failure is none of the commit before it: the journal has it all."""
        state = self._state
        if state.journalled < max(self._due(), self._put_off):
            return
        if self._compacting():
            if state.journalled > max(BRAKE_FROM * state.base_size, BRAKE_LEAST):
                time.sleep(BRAKE)
            return
        self._put_off = state.journalled + max(LEAST, self._due())
        try:
            if state.base_size + state.journalled < SMALL:
                compact(self.home)
                self._look()
            else:
                self._compaction = compact_aside(self.home)
        except (OSError, KobleError) as error:
            _log.warning("No snapshot was written: %s", error)

    def _compacting(self) -> bool:
        """Whether the process that was started to compact is still at it."""
        if not self._compaction:
            return False
        try:
            process, status = os.waitpid(self._compaction, os.WNOHANG)
        except ChildProcessError:  # Somebody else has asked.
            process, status = self._compaction, 0
        if not process:
            return True
        self._compaction = 0
        if status:
            _log.warning("No snapshot was written: %s", os.waitstatus_to_exitcode(status))
        return False


def _read_only(home: Path) -> KobleError:
    return KobleError(
        ErrorKind.STORAGE,
        Phrase("{path} was opened to read only.", path=str(home)),
        Phrase("Nothing was changed."),
    )
