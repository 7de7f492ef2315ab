"""Snapshots: all documents as JSON that plain TinyDB opens, and beside it a binary index.

Nothing is read before somebody asks for it. The index holds, per table, where each document lies
with its length and checksum, and what finds it: hashes of "id" and of the declared fields, and its
spans. It can be lost: then the whole JSON is read instead. Nothing is mapped into memory: that
would be slower here, would count as memory in use (60 MB of 62), and a bad disk block would kill
the process where a read reports it.
"""

import os
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

import msgspec

from scheduling.errors import ErrorKind, KobleError
from store.home import sync_folder, write_whole
from store.journal import Unreadable
from store.shapes import PLAIN, SHAPES, Shape
from store.spans import Entry, SnapshotSpans, length_class
from words import Phrase

_MAGIC = b"koble-index 1\n"
_HEAD = struct.Struct("<II")
META = "_koble"
"""The table in the JSON that says what the snapshot is; TinyDB sees one document in it."""
_CHUNK = 256 * 1024

Source = tuple[str, Iterable[tuple[int, bytes]]]
"""A table's name, and its documents in the order of their numbers."""


class Meta(msgspec.Struct, frozen=True):
    """What a snapshot is: its number, its schema, the commits in it."""

    number: int
    schema: int
    commits: int


_Place = tuple[str, int, int, int]
"""A section of the index: type code, offset, size, checksum."""


class _TableHead(msgspec.Struct):
    count: int
    highest: int
    fields: list[str]
    classes: list[tuple[int, int, int]]
    sections: dict[str, _Place]


class _Head(msgspec.Struct):
    byteorder: str
    size: int
    meta: Meta
    tables: dict[str, _TableHead]


def snapshot_path(folder: Path, number: int) -> Path:
    """Where snapshot `number` lies; its index lies beside it."""
    return folder / f"koble-{number:08}.json"


def index_path(snapshot: Path) -> Path:
    """Where the index of `snapshot` lies."""
    return snapshot.with_suffix(".index")


def write_snapshot(path: Path, meta: Meta, tables: Iterable[Source]) -> None:
    """Write `tables` to `path` with an index beside it, durably; the JSON comes last."""
    writer = _Writer(meta)
    temporary = path.with_suffix(".new")
    write_whole(temporary, writer.json(tables))
    write_whole(index_path(path), writer.index())
    temporary.replace(path)
    sync_folder(path.parent)


def is_as_written(path: Path, meta: Meta, tables: Iterable[Source]) -> bool:
    """Whether the snapshot at `path` and its index are, to the byte, what `tables` come to."""
    writer = _Writer(meta)
    return (
        b"".join(writer.json(tables)) == path.read_bytes()
        and b"".join(writer.index()) == index_path(path).read_bytes()
    )


def as_json(meta: Meta, tables: Iterable[Source]) -> Iterator[bytes]:
    """The text of a snapshot, in pieces."""
    return _Writer(meta).json(tables)


class _Writer:
    """Writes the JSON while it notes what the index needs."""

    def __init__(self, meta: Meta) -> None:
        self._meta = meta
        self._tables: dict[str, _TableNotes] = {}
        self._size = 0

    def json(self, tables: Iterable[Source]) -> Iterator[bytes]:
        pieces: list[bytes] = []
        waiting = 0

        def add(piece: bytes) -> None:
            nonlocal waiting
            pieces.append(piece)
            waiting += len(piece)
            self._size += len(piece)

        add(b'{"%s":{"1":%s}' % (META.encode(), msgspec.json.encode(self._meta)))
        for name, documents in tables:
            notes = self._tables[name] = _TableNotes(SHAPES.get(name, PLAIN))
            add(b",\n%s:{" % msgspec.json.encode(name))
            separator = b"\n"
            for number, raw in documents:
                add(b'%s"%d":' % (separator, number))
                notes.note(number, self._size, raw)
                add(raw)
                separator = b",\n"
                if waiting >= _CHUNK:
                    yield b"".join(pieces)
                    pieces.clear()
                    waiting = 0
            add(b"}")
        add(b"}\n")
        yield b"".join(pieces)

    def index(self) -> Iterator[bytes]:
        sections: list[bytes] = []
        offset = 0
        heads = {}
        for name, notes in self._tables.items():
            places: dict[str, _Place] = {}
            for section, data in notes.sections().items():
                content = data.tobytes()
                places[section] = (data.typecode, offset, len(content), zlib.crc32(content))
                sections.append(content)
                offset += len(sections[-1])
            heads[name] = _TableHead(
                len(notes.numbers),
                notes.numbers[-1] if notes.numbers else 0,
                list(notes.shape.fields),
                notes.classes,
                places,
            )
        head = msgspec.json.encode(_Head(sys.byteorder, self._size, self._meta, heads))
        yield _MAGIC + _HEAD.pack(len(head), zlib.crc32(head)) + head
        yield from sections


class _TableNotes:
    """What the index of one table is made of."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.numbers = array("q")
        self._offsets = array("Q")
        self._lengths = array("I")
        self._checksums = array("I")
        self._hashes: dict[str, list[int]] = {"id": [], **{name: [] for name in shape.fields}}
        self._spans: defaultdict[int, list[Entry]] = defaultdict(list)
        self.classes: list[tuple[int, int, int]] = []

    def note(self, number: int, offset: int, raw: bytes) -> None:
        slot = len(self.numbers)
        self.numbers.append(number)
        self._offsets.append(offset)
        self._lengths.append(len(raw))
        self._checksums.append(zlib.crc32(raw))
        keys = self.shape.keys(raw)
        for name, value in (("id", keys.id), *zip(self.shape.fields, keys.values, strict=True)):
            if value is not None:
                self._hashes[name].append(_hash(value) << 32 | slot)
        for start, end in keys.spans:
            self._spans[length_class(start, end)].append((start, end, slot))

    def sections(self) -> dict[str, "array[int]"]:
        found = {
            "numbers": self.numbers,
            "offsets": self._offsets,
            "lengths": self._lengths,
            "checksums": self._checksums,
        }
        for name, hashes in self._hashes.items():
            found[f"by {name}"] = array("Q", sorted(hashes))
        starts, ends, slots = array("q"), array("q"), array("I")
        for size, entries in sorted(self._spans.items()):
            self.classes.append((size, len(starts), len(starts) + len(entries)))
            entries.sort()
            for section, values in zip(
                (starts, ends, slots), zip(*entries, strict=True), strict=True
            ):
                section.extend(values)
        found |= {"starts": starts, "ends": ends, "slots": slots}
        return found


def _hash(value: str) -> int:
    # Hits are compared with the document, so that collisions only cost time.
    return zlib.crc32(value.encode("utf-8", "surrogatepass"))


class Damaged(KobleError):
    """Damage was found in the middle of a read; loading anew makes it good."""


class Snapshot:
    """A snapshot that is open.

    Attributes:
        meta: what it is.
        size: bytes of its JSON.
        damaged: the file that turned out to be damaged while it was in use.

    Raises:
        Unreadable: the index is not there, is damaged, or belongs to something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._json = _Open(path)
        self._index = _Open(index_path(path))
        start = len(_MAGIC) + _HEAD.size
        first = self._index.read(start, 0)
        if len(first) < start or not first.startswith(_MAGIC):
            raise Unreadable(f"{path}: no index")
        size, checksum = _HEAD.unpack_from(first, len(_MAGIC))
        encoded = self._index.read(size, start)
        if zlib.crc32(encoded) != checksum:
            raise Unreadable(f"{path}: no index")
        try:
            head = msgspec.json.decode(encoded, type=_Head)
        except msgspec.MsgspecError as error:
            raise Unreadable(f"{path}: an index of another kind") from error
        if head.byteorder != sys.byteorder or head.size != self._json.size():
            raise Unreadable(f"{path}: the index belongs to something else")
        self.meta = head.meta
        self.damaged: Path | None = None
        self.size = head.size
        self._heads = head.tables
        self._start = start + size

    def tables(self) -> "dict[str, SnapshotTable]":
        """The tables, by name.

        Raises:
            Unreadable: other fields were indexed than are declared now.
        """
        for name, head in self._heads.items():
            if tuple(head.fields) != SHAPES.get(name, PLAIN).fields:
                raise Unreadable(f"{self.path}: other indexes of {name}")
        return {name: SnapshotTable(self, head) for name, head in self._heads.items()}

    def text(self, offset: int, length: int) -> bytes:
        """A part of the JSON."""
        try:
            return self._json.read(length, offset)
        except OSError as error:
            raise self.damage(self.path) from error

    def damage(self, path: Path) -> "Damaged":
        """Note that `path` cannot be relied on; what to raise."""
        self.damaged = path
        return Damaged(
            ErrorKind.STORAGE,
            Phrase("A part of what is stored in {path} is damaged.", path=str(path)),
            Phrase("Try again: koble then goes back to its last good copy and the journal."),
        )

    def section(self, place: _Place) -> Sequence[int]:
        """A section of the index, checked."""
        typecode, offset, size, checksum = place
        try:
            part = self._index.read(size, self._start + offset)
        except OSError as error:
            raise self.damage(index_path(self.path)) from error
        if zlib.crc32(part) != checksum:
            raise self.damage(index_path(self.path))
        return cast(Sequence[int], memoryview(part).cast(cast(Literal["q", "Q", "I"], typecode)))


class SnapshotTable:
    """One table of a snapshot. Documents have slots: their places in its order.

    Every method may raise Damaged: damage is found where it is read.
    """

    def __init__(self, snapshot: Snapshot, head: _TableHead) -> None:
        self._snapshot = snapshot
        self._head = head
        self._sections: dict[str, Sequence[int]] = {}
        self.count = head.count
        self.highest = head.highest

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of all documents, in order."""
        return self._section("numbers")

    def slot(self, number: int) -> int | None:
        """The slot of document `number`."""
        if not self.count:
            return None
        numbers = self.numbers
        slot = bisect_left(numbers, number)
        return slot if slot < self.count and numbers[slot] == number else None

    def raws(self, slots: Iterable[int]) -> Iterator[bytes]:
        """The JSON of some documents."""
        offsets, lengths = self._section("offsets"), self._section("lengths")
        checksums, text = self._section("checksums"), self._snapshot.text
        for slot in slots:
            raw = text(offsets[slot], lengths[slot])
            if zlib.crc32(raw) != checksums[slot]:
                raise self._snapshot.damage(self._snapshot.path)
            yield raw

    def raw(self, slot: int) -> bytes:
        """The JSON of one document."""
        return next(self.raws((slot,)))

    def slots_by(self, field: str, value: str) -> Iterator[int]:
        """Slots of documents whose `field` may be `value`; compare before use."""
        hashes = self._section(f"by {field}")
        wanted = _hash(value)
        for place in range(bisect_left(hashes, wanted << 32), len(hashes)):
            if hashes[place] >> 32 != wanted:
                return
            yield hashes[place] & 0xFFFFFFFF

    def overlapping(self, start: int, end: int) -> Mapping[int, int]:
        """Slots of documents with time in `[start, end)` → start of their first such span."""
        if not self._head.classes:
            return {}
        return SnapshotSpans(
            self._head.classes,
            self._section("starts"),
            self._section("ends"),
            self._section("slots"),
        ).overlapping(start, end)

    def _section(self, name: str) -> Sequence[int]:
        section = self._sections.get(name)
        if section is None:
            section = self._sections[name] = self._snapshot.section(self._head.sections[name])
        return section


def read_json(path: Path) -> tuple[Meta, dict[str, dict[int, bytes]]]:
    """A snapshot without its index: all documents, undecoded.

    Raises:
        Unreadable: it is no snapshot.
    """
    try:
        tables = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[int, msgspec.Raw]])
        meta = msgspec.json.decode(tables.pop(META)[1], type=Meta)
    except (msgspec.MsgspecError, KeyError) as error:
        raise Unreadable(f"{path}: {error}") from error
    return meta, {
        name: {number: bytes(raw) for number, raw in sorted(documents.items())}
        for name, documents in tables.items()
    }


class _Open:
    """A file that stays open as long as somebody may read it: also while a newer one is in use."""

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError as error:
            self._descriptor = -1
            raise Unreadable(f"{path}: not there") from error

    def read(self, size: int, offset: int) -> bytes:
        return os.pread(self._descriptor, size, offset)

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
