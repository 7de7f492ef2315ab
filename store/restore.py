"""A backup in the place of what is stored."""

from pathlib import Path
from typing import Any

import msgspec

from scheduling.errors import ErrorKind, KobleError
from store.compaction import take
from store.home import sync_folder, trouble
from store.journal import Unreadable, files, journal_path
from store.lock import Lock
from store.migrations import Tables, upgrade
from store.snapshot import index_path, read_json, snapshot_path
from store.state import BeyondRepair, check_schema
from store.storage import JournalStorage
from words import Phrase


def restore(home: Path, file: Path) -> Path | None:
    """Make what the backup `file` holds all that is stored in `home`, in one commit.

    Other processes on it see that as any other commit. What was there is kept first: as a backup,
    or its very files where they are damaged beyond repair.

    Returns:
        where that lies; None where nothing was stored.

    Raises:
        KobleError: invalid, where `file` is no backup; storage, where a newer koble made it, or
            `home` cannot be written or is in use for too long. Nothing has changed then.
    """
    tables = _read(file)
    kept = None
    try:
        storage = JournalStorage(home)
    except BeyondRepair:
        kept = _set_aside(home)
        storage = JournalStorage(home)
    try:
        with storage.transaction():
            if storage.read() is not None:
                kept = home / f"before-restore-{storage.commits}.json"
                storage.backup(kept)
            storage.write(tables)
    finally:
        storage.close()
    return kept


def _read(file: Path) -> dict[str, dict[int, dict[str, Any]]]:
    try:
        meta, documents = read_json(file)
        check_schema(meta.schema)
        tables: Tables = {
            name: {
                number: msgspec.json.decode(raw, type=dict[str, Any])
                for number, raw in numbered.items()
            }
            for name, numbered in documents.items()
        }
    except (FileNotFoundError, IsADirectoryError, Unreadable, ValueError) as error:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("{name} is not there.", name=str(file))
            if isinstance(error, FileNotFoundError)
            else Phrase("{file} is no backup of koble's, or is damaged.", file=str(file)),
            Phrase("Nothing was changed. Give a file that koble backup has written."),
            field="file",
        ) from error
    except OSError as error:
        raise trouble(error, file) from error
    upgrade(tables, meta.schema)
    return tables


def _set_aside(home: Path) -> Path:
    """Move the files of a store that cannot be opened into a folder of their own."""
    lock = Lock(home / "lock")
    take(lock)
    try:
        kept = home / "damaged-store"
        turn = 1
        while kept.exists():
            turn += 1
            kept = home / f"damaged-store-{turn}"
        kept.mkdir(mode=0o700)
        snapshots, journals = files(home)
        moved = [journal_path(home, number) for number in journals]
        for number in snapshots:
            moved += [snapshot_path(home, number), index_path(snapshot_path(home, number))]
        for path in moved:
            if path.exists():
                path.replace(kept / path.name)
        sync_folder(kept)
        sync_folder(home)
    except OSError as error:
        raise trouble(error, home) from error
    finally:
        lock.close()
    return kept
