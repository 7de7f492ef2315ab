"""The journal: every commit, one checked frame behind the other, in numbered files.

A file begins with a header (magic, schema, number, a random salt, checksum).
A frame is its length, a checksum of that, a checksum of the rest, and the rest: JSON,
`{table: {document number: document or null}}` with only what changed. Each checksum carries on
from the frame before, so that nothing left over from an earlier write is ever taken for a frame.
Zeros follow, written in advance: to overwrite them makes a commit cheaper than to let the file
grow (0.11 against 0.16 ms). The last frame of a file that is closed for good says so.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from store.home import flush, write_whole

_HEADER = struct.Struct("<8sII8sI")
_MAGIC = b"koble-j\n"
_FRAME = struct.Struct("<III")
_SEAL = 0xFFFFFFFF
_AHEAD = 256 * 1024


class Unreadable(Exception):
    """A file of the store is not what it should be; the text says how, for the log."""


def _frame(before: int, length: int, payload: bytes = b"") -> bytes:
    """The head of the frame that follows a frame whose checksum is `before`."""
    checked_length = zlib.crc32(length.to_bytes(4, "little"), before)
    return _FRAME.pack(length, checked_length, zlib.crc32(payload, checked_length))


class Journal:
    """One file of the journal, read and written at its tail; `commits` lie before it.

    Attributes:
        number: the file's place in the order of files.
        schema: the schema that its documents follow.
        commits: how many commits lie before the tail.
        tail: where the next frame begins.
        sealed: whether the next file carries on.
        stuck: whether `read` came upon something that is no whole frame, or not yet.
    """

    def __init__(self, path: Path, *, writable: bool, commits: int = 0) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
        header = os.pread(self._file, _HEADER.size, 0)
        if len(header) < _HEADER.size or zlib.crc32(header[:-4]) != int.from_bytes(
            header[-4:], "little"
        ):
            self.close()
            raise Unreadable(f"{path}: no header")
        magic, schema, number, _, last = _HEADER.unpack(header)
        if magic != _MAGIC:
            self.close()
            raise Unreadable(f"{path}: not a journal")
        self.schema: int = schema
        self.number: int = number
        self.commits = commits
        self._last: int = last
        self.tail = _HEADER.size
        self.sealed = False
        self.stuck = False
        self._size = 0

    @staticmethod
    def create(path: Path, *, schema: int, number: int) -> None:
        """Put an empty journal at `path`, durably."""
        head = _HEADER.pack(_MAGIC, schema, number, os.urandom(8), 0)[:-4]
        head += zlib.crc32(head).to_bytes(4, "little")
        write_whole(path, [head, bytes(_AHEAD - len(head))])

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def read(self) -> Iterator[bytes]:
        """The frames that were added since the last call, up to what is no whole frame."""
        self.stuck = False
        while not self.sealed:
            head = os.pread(self._file, _FRAME.size, self.tail)
            length = int.from_bytes(head[:4], "little")
            if not length or len(head) < _FRAME.size:
                return
            if length == _SEAL:
                self.sealed = head == _frame(self._last, _SEAL)
                self.stuck = not self.sealed
                return
            payload = os.pread(self._file, length, self.tail + _FRAME.size)
            if len(payload) < length or head != _frame(self._last, length, payload):
                self.stuck = True
                return
            self._advance(head, length)
            yield payload

    def behind(self) -> bool:
        """Whether something was added since the last read."""
        return any(os.pread(self._file, 4, self.tail))

    def append(self, payload: bytes) -> None:
        """Add a commit. When this returns, it survives a power cut.

        Raises:
            OSError: the journal is as it was before.
        """
        head = _frame(self._last, len(payload), payload)
        self._write(head + payload)
        self._advance(head, len(payload))

    def seal(self) -> None:
        """Say that the next file carries on."""
        self._write(_frame(self._last, _SEAL))
        self.sealed = True

    def rest(self) -> bytes:
        """What lies behind the last whole frame, without the zeros at the end."""
        size = os.fstat(self._file).st_size
        rest = os.pread(self._file, max(0, size - self.tail), self.tail)
        return b"" if rest == bytes(len(rest)) else rest.rstrip(b"\0")

    def broken_off(self, rest: bytes) -> bool:
        """Whether `rest` is one write that was cut short, and so was never acknowledged."""
        if len(rest) < _FRAME.size:
            return True
        length = int.from_bytes(rest[:4], "little")
        return rest[:8] == _frame(self._last, length)[:8] and len(rest) < _FRAME.size + length

    def cut(self, rest: bytes) -> None:
        """Overwrite `rest` with zeros."""
        self._write_all(bytes(len(rest)), self.tail)
        flush(self._file)
        self.stuck = False

    def _advance(self, head: bytes, length: int) -> None:
        self.tail += _FRAME.size + length
        self.commits += 1
        self._last = int.from_bytes(head[-4:], "little")

    def _write(self, frame: bytes) -> None:
        end = self.tail + len(frame)
        if end > self._size:
            self._size = os.fstat(self._file).st_size
        size = self._size
        try:
            if end > size:
                self._grow(end)
            self._write_all(frame, self.tail)
            flush(self._file)
        except OSError:
            self._take_back(size, end)
            raise

    def _grow(self, end: int) -> None:
        """Write zeros ahead; where there is no space for them, the frame may still fit."""
        try:
            self._write_all(bytes(end + _AHEAD - self._size), self._size)
        except OSError:
            os.ftruncate(self._file, self._size)

    def _write_all(self, data: bytes, offset: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file, view, offset)
            view, offset = view[written:], offset + written

    def _take_back(self, size: int, end: int) -> None:
        """Undo a write that failed, so that nobody takes it for a commit later."""
        os.ftruncate(self._file, size)
        os.pwrite(self._file, bytes(max(0, min(end, size) - self.tail)), self.tail)


def whole_frames(rest: bytes) -> Iterator[bytes]:
    """The frames in `rest`, which lies behind damage: whole, but nothing says what came before."""
    place = rest.find(b'{"')
    while place >= 0:
        if place >= _FRAME.size:
            length, before, checksum = _FRAME.unpack_from(rest, place - _FRAME.size)
            end = place + length
            if end <= len(rest) and zlib.crc32(rest[place:end], before) == checksum:
                yield rest[place:end]
                place = end - 1
        place = rest.find(b'{"', place + 1)


def files(folder: Path) -> tuple[list[int], list[int]]:
    """The numbers of the snapshots and of the journals in `folder`, each in order."""
    snapshots, journals = [], []
    for name in os.listdir(folder):
        if name.startswith("koble-") and name.endswith(".json") and name[6:-5].isdigit():
            snapshots.append(int(name[6:-5]))
        elif name.startswith("journal-") and name[8:].isdigit():
            journals.append(int(name[8:]))
    return sorted(snapshots), sorted(journals)


def journal_path(folder: Path, number: int) -> Path:
    """Where journal `number` lies."""
    return folder / f"journal-{number:08}"
