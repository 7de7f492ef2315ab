"""Compaction: a fresh snapshot of everything, and an end to the journals before it.

The journal goes on in a new file while the snapshot is written from the old ones: nobody waits for
it, in this process or another. The snapshot before it and the journals since are kept: the last
good copy.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from scheduling.errors import ErrorKind, KobleError
from store.home import sync_folder, write_whole
from store.journal import Journal, files, journal_path
from store.lock import Lock
from store.migrations import MIGRATIONS, SCHEMA, Tables
from store.snapshot import Meta, Source, as_json, index_path, snapshot_path, write_snapshot
from store.state import State
from words import Phrase

PATIENCE = 10.0
"""Seconds to wait for another process; a commit takes milliseconds."""


class Stopped(Exception):
    """Compaction was asked to stop; nothing is lost, the next one does it all."""


def compact(home: Path, stopped: Callable[[], bool]) -> None:
    """Write a snapshot of what is stored in `home`, unless another process is at it.

    Raises:
        Stopped: `stopped()` came true.
        KobleError, OSError: it could not be written; the journals say all that it would have.
    """
    alone, lock = Lock(home / "lock.snapshot"), Lock(home / "lock")
    try:
        if not alone.acquire(0):
            return
        state = State.load(home, writable=True)
        try:
            take(lock)
            try:
                state.catch_up()
                state.repair()
                meta = _begin_next_journal(state)
            finally:
                lock.release()
            tables = _watched(state.sources(), stopped)
            write_snapshot(snapshot_path(home, meta.number), meta, tables)
            _prune(home, state.base.number)
        finally:
            state.close()
    finally:
        lock.close()
        alone.close()


def take(lock: Lock) -> None:
    """Take the lock of the store.

    Raises:
        KobleError: storage; another process has it and does not let go.
    """
    if not lock.acquire(PATIENCE):
        raise KobleError(
            ErrorKind.STORAGE,
            Phrase("Another koble is writing and does not finish."),
            Phrase("Nothing was changed. Try again, or close the other koble."),
        )


def migrate(state: State) -> None:
    """Bring documents of an older schema to today's, after a backup; under the lock.

    Raises:
        KobleError, OSError: everything is as it was.
    """
    home, found = state.home, state.base.schema
    backup = home / f"backup-of-format-{found}.json"
    write_whole(backup, as_json(state.base, state.sources()))
    tables: Tables = {
        name: {number: msgspec.json.decode(raw) for number, raw in documents}
        for name, documents in state.sources()
    }
    for schema in range(found, SCHEMA):
        MIGRATIONS[schema](tables)
    meta = _begin_next_journal(state)
    encoded = (
        (name, ((number, msgspec.json.encode(rows[number])) for number in sorted(rows)))
        for name, rows in tables.items()
    )
    write_snapshot(snapshot_path(home, meta.number), meta, encoded)
    _prune(home, state.base.number)


def _begin_next_journal(state: State) -> Meta:
    """Close the journal in use for good; what the snapshot up to there is to be."""
    journal = state.journal
    if journal is None:
        raise FileNotFoundError(journal_path(state.home, state.base.number))
    meta = Meta(number=journal.number + 1, schema=SCHEMA, commits=journal.commits)
    path = journal_path(state.home, meta.number)
    Journal.create(path, schema=SCHEMA, number=meta.number, commits=meta.commits)
    journal.seal()
    return meta


def _watched(tables: Iterable[Source], stopped: Callable[[], bool]) -> Iterator[Source]:
    def watch(documents: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        for number, raw in documents:
            if not number % 256 and stopped():
                raise Stopped
            yield number, raw

    for name, documents in tables:
        yield name, watch(documents)


def _prune(home: Path, last_good: int) -> None:
    """Remove what lies before the last good copy, and what interrupted compactions left."""
    snapshots, journals = files(home)
    for number in snapshots:
        if number < last_good:
            snapshot_path(home, number).unlink(missing_ok=True)
            index_path(snapshot_path(home, number)).unlink(missing_ok=True)
    for number in journals:
        if number < last_good:
            journal_path(home, number).unlink(missing_ok=True)
    for path in [*home.glob("koble-*.tmp"), *home.glob("koble-*.new")]:
        path.unlink(missing_ok=True)
    sync_folder(home)
