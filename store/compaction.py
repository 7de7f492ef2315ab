"""Compaction: a fresh snapshot of everything, and an end to the journals before it.

The journal goes on in a new file while the snapshot is written from the old ones: nobody waits for
it, in this process or another. What is large is written by a process of its own: a thread would
hold up the others for 140 ms at 100,000 documents, when it sorts. The snapshot before it and the
journals since are kept: the last good copy.
"""

import os
import sys
from pathlib import Path

import msgspec

from scheduling.errors import ErrorKind, KobleError
from store.home import sync_folder, write_whole
from store.journal import Journal, files, journal_path
from store.lock import Lock
from store.migrations import SCHEMA, Tables, upgrade
from store.snapshot import Meta, as_json, index_path, snapshot_path, write_snapshot
from store.state import State
from words import Phrase

PATIENCE = 10.0
"""Seconds to wait for another process; a commit takes milliseconds."""


_PROGRAM = """
import sys
home, sys.path[:] = sys.argv[1], sys.argv[2:]
from pathlib import Path
from store.compaction import compact
compact(Path(home))
"""


def compact_aside(home: Path) -> int:
    """Start a process that compacts; its id. It finishes also when this one ends before it.

    Raises:
        OSError: it could not be started.
    """
    nowhere = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", _PROGRAM, str(home.resolve()), *sys.path],
        os.environ,
        file_actions=[nowhere, (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)],
        # Not in the group of the terminal, whose ctrl+c is not meant for it.
        setpgroup=0,
    )


def compact(home: Path, patience: float = 0) -> None:
    """Write a snapshot of what is stored in `home`.

    Where another process is at it: wait `patience` seconds for one's turn, then leave it to that.

    Raises:
        KobleError, OSError: it could not be written; the journals say all that it would have.
    """
    alone, lock = Lock(home / "lock.snapshot"), Lock(home / "lock")
    try:
        if not alone.acquire(patience):
            return
        state = State.load(home, writable=True)
        try:
            prepared = _prepare(state)
            take(lock)
            try:
                state.catch_up()
                state.repair()
                meta = _hand_over(state, prepared)
            finally:
                lock.release()
            write_snapshot(snapshot_path(home, meta.number), meta, state.sources())
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
    upgrade(tables, found)
    meta = _hand_over(state, _prepare(state))
    encoded = (
        (name, ((number, msgspec.json.encode(rows[number])) for number in sorted(rows)))
        for name, rows in tables.items()
    )
    write_snapshot(snapshot_path(home, meta.number), meta, encoded)
    _prune(home, state.base.number)


def _prepare(state: State) -> int:
    """Make the journal that is to follow, under another name; its number."""
    journal = state.journal
    if journal is None:
        raise FileNotFoundError(journal_path(state.home, state.base.number))
    Journal.create(_next(state.home), schema=SCHEMA, number=journal.number + 1)
    return journal.number + 1


def _hand_over(state: State, prepared: int) -> Meta:
    """Close the journal in use for good, under the lock; what a snapshot up to there is to be."""
    journal = state.journal
    if journal is None or journal.number + 1 != prepared:
        # Another process was faster.
        prepared = _prepare(state)
    _next(state.home).replace(journal_path(state.home, prepared))
    sync_folder(state.home)
    if journal is not None:
        journal.seal()
    return Meta(number=prepared, schema=SCHEMA, commits=state.commits)


def _next(home: Path) -> Path:
    return home / "journal.next"


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
