"""Whether everything stored can be read, each document and each checksum; and what lies aside."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from scheduling.errors import KobleError
from store.compaction import take
from store.home import trouble
from store.journal import Journal, Unreadable, files, journal_path, whole_frames
from store.lock import Lock
from store.rows import Rows
from store.snapshot import Damaged, Snapshot, is_as_written, read_json, snapshot_path
from store.state import State
from words import Phrase

_COMMIT = msgspec.json.Decoder(dict[str, dict[int, msgspec.Raw]])
_EVER = 1 << 60


class Finding(msgspec.Struct, frozen=True):
    """What was found in one file, or in all together."""

    ok: bool
    text: Phrase


def verify(home: Path) -> list[Finding]:
    """Read all that is stored in `home`; nothing is changed or repaired.

    Raises:
        KobleError: storage, where it cannot be looked at.
    """
    if not home.exists():
        return []
    # No snapshot is written, and none removed, while this reads.
    alone = Lock(home / "lock.snapshot")
    take(alone)
    try:
        snapshots, journals = files(home)
        return [
            *(_snapshot(snapshot_path(home, number)) for number in snapshots),
            *(_journal(home, number) for number in journals),
            *_together(home),
            *_aside(home),
        ]
    except OSError as error:
        raise trouble(error, home) from error
    finally:
        alone.close()


def _snapshot(path: Path) -> Finding:
    try:
        meta, documents = read_json(path)
    except Unreadable:
        return Finding(False, Phrase("{file} is damaged: it is no snapshot.", file=path.name))
    count = sum(map(len, documents.values()))
    try:
        wrong = _wrong(Snapshot(path), documents)
    except (Unreadable, Damaged):
        return Finding(
            True,
            Phrase(
                "{file} is whole, with {count} documents; its index is not there or damaged, and "
                "is made anew.",
                file=path.name,
                count=count,
            ),
        )
    if wrong:
        return Finding(
            False,
            Phrase(
                "{file} is damaged in {count} places: {places}.",
                file=path.name,
                count=len(wrong),
                places=_some(wrong),
            ),
        )
    if not is_as_written(path, meta, ((name, raws.items()) for name, raws in documents.items())):
        return Finding(
            False,
            Phrase("{file} or its index was changed; all documents are whole.", file=path.name),
        )
    return Finding(True, Phrase("{file} is whole: {count} documents.", file=path.name, count=count))


def _wrong(snapshot: Snapshot, documents: Mapping[str, Mapping[int, bytes]]) -> list[str]:
    """The documents of a snapshot that are not what its index says.

    Raises:
        Unreadable, Damaged: nothing can be told, because of the index itself.
    """
    wrong = []
    for name, table in snapshot.tables().items():
        raws = documents.get(name, {})
        for slot, number in enumerate(table.numbers):
            try:
                good = table.raw(slot) == raws.get(number)
            except Damaged:
                if snapshot.damaged != snapshot.path:
                    raise
                good = False
            if not good:
                wrong.append(f"{name} {number}")
        if table.count != len(raws):
            wrong.append(name)
    return wrong


def _journal(home: Path, number: int) -> Finding:
    path = journal_path(home, number)
    lock = Lock(home / "lock")
    try:
        journal = Journal(path, writable=False)
    except Unreadable:
        return Finding(False, Phrase("{file} is damaged from its beginning.", file=path.name))
    try:
        commits = _commits(journal)
        if journal.stuck:
            # Perhaps somebody is writing just there.
            take(lock)
            commits += _commits(journal)
        if journal.stuck or (not journal.sealed and journal.rest()):
            return Finding(
                False,
                Phrase(
                    "{file} is damaged behind {count} whole commits, at byte {place}.",
                    file=path.name,
                    count=commits,
                    place=journal.tail,
                ),
            )
    except msgspec.MsgspecError:
        return Finding(False, Phrase("{file} holds what is no commit.", file=path.name))
    finally:
        journal.close()
        lock.close()
    return Finding(True, Phrase("{file} is whole: {count} commits.", file=path.name, count=commits))


def _commits(journal: Journal) -> int:
    return sum(1 for payload in journal.read() if _COMMIT.decode(payload) is not None)


def _together(home: Path) -> Iterator[Finding]:
    """What all files come to, and whether every document is found by what it should be."""
    try:
        state = State.load(home, writable=False)
    except KobleError as error:
        yield Finding(False, error.message)
        return
    try:
        count, lost = 0, []
        for name, rows in state.tables.items():
            count += len(rows)
            lost += [f"{name} {number}" for number in sorted(_lost(rows))]
    except Damaged as error:
        yield Finding(False, error.message)
        return
    finally:
        state.close()
    if lost:
        text = Phrase(
            "{count} documents are not found: {places}.", count=len(lost), places=_some(lost)
        )
        yield Finding(False, text)
        return
    yield Finding(
        True, Phrase("All {count} documents are read, and found by every index.", count=count)
    )


def _lost(rows: Rows) -> set[int]:
    """The numbers of documents that an index misses, or that cannot be read."""
    lost: set[int] = set()
    values: defaultdict[tuple[str, str], Counter[bytes]] = defaultdict(Counter)
    timed: Counter[bytes] = Counter()
    numbers: dict[bytes, int] = {}
    for number, raw in rows.documents():
        try:
            msgspec.json.decode(raw)
            keys = rows.shape.keys(raw)
        except msgspec.MsgspecError:
            lost.add(number)
            continue
        numbers[raw] = number
        if keys.id is not None and rows.by_id(keys.id) != (number, raw):
            lost.add(number)
        for field, value in zip(rows.shape.fields, keys.values, strict=True):
            if value is not None:
                values[field, value][raw] += 1
        timed[raw] += any(end > start for start, end in keys.spans)
    for (field, value), wanted in values.items():
        lost |= {numbers[raw] for raw in wanted - Counter(rows.by_field(field, value))}
    lost |= {numbers[raw] for raw in timed - Counter(rows.overlapping(-_EVER, _EVER))}
    return lost


def _aside(home: Path) -> Iterator[Finding]:
    """What was kept aside when damage was found, and what could be saved from it."""
    for path in sorted(home.glob("damaged-*")):
        if path.is_file():
            saved = _documents(whole_frames(path.read_bytes()))
            if not saved:
                text = Phrase("{file} was kept aside: nothing in it is whole.", file=path.name)
                yield Finding(True, text)
                continue
            yield Finding(
                False,
                Phrase(
                    "{file} was kept aside: {count} changes in it are whole, and may be missing: "
                    "{places}.",
                    file=path.name,
                    count=len(saved),
                    places=_some(saved),
                ),
            )


def _documents(payloads: Iterable[bytes]) -> list[str]:
    """The documents that commits set or removed: table, and id or number."""
    found = []
    for payload in payloads:
        for table, documents in _COMMIT.decode(payload).items():
            for number, raw in documents.items():
                document = msgspec.json.decode(raw)
                id = document.get("id") if isinstance(document, dict) else None
                found.append(f"{table} {id or number}")
    return found


def _some(names: list[str]) -> str:
    """The first few of many."""
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
