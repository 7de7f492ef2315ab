"""Tables: TinyDB's, with documents found by id, by field and by time."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, cast

import msgspec
import tinydb.table

from store.rows import Rows
from store.storage import JournalStorage

Document = dict[str, Any]
_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Document] = msgspec.json.Decoder().decode


class Table(tinydb.table.Table):
    """A TinyDB table whose every change is a durable commit (or part of the open transaction).

    Documents come in the order of their TinyDB ids and are the caller's own: to change a document
    that was read changes nothing here. Those with an "id" (a string) are found by it; no two
    in a table may share one (ValueError).
    """

    def __init__(self, storage: JournalStorage, name: str) -> None:
        # No query cache: it would hand out the same documents twice, and miss other processes.
        super().__init__(storage, name, cache_size=0)
        self._journal = storage
        self._epoch = storage.epoch

    def by_id(self, id: str) -> Document | None:
        """The document whose "id" is `id`."""
        found = self._rows.by_id(id)
        return None if found is None else _decode(found[1])

    def put(self, document: Mapping[str, Any]) -> None:
        """Insert `document`, or replace the whole of the one that has its "id"."""
        self.put_many((document,))

    def put_many(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """`put` each of them, in one commit."""
        with self._journal.transaction():
            for document in documents:
                id = document["id"]
                if not isinstance(id, str):
                    raise TypeError(f"an id must be text: {id!r}")
                number, old = self._rows.by_id(id) or (self._get_next_id(), None)
                self._journal.replace(self._name, number, old, _encode(document))

    def drop(self, id: str) -> bool:
        """Remove the document whose "id" is `id`; whether there was one."""
        with self._journal.transaction():
            found = self._rows.by_id(id)
            if found is None:
                return False
            self._journal.replace(self._name, *found, None)
            return True

    def where(self, field: str, value: str) -> list[Document]:
        """Documents whose `field` is `value`, by a declared index (ValueError without one).

        E-mail addresses are compared without regard to case.
        """
        return [_decode(raw) for raw in self._rows.by_field(field, value)]

    def overlapping(
        self, start: int, end: int, calendars: Collection[str] | None = None
    ) -> list[Document]:
        """Documents with time in `[start, end)`, only of these `calendars` where given.

        Documents come whole, with all their spans, sorted by their first span that overlaps.
        All-day and floating events hold wall time as if it were UTC: callers widen by a day.
        """
        found = [_decode(raw) for raw in self.json_overlapping(start, end)]
        if calendars is None:
            return found
        return [document for document in found if document.get("calendar") in calendars]

    def json_overlapping(self, start: int, end: int) -> list[bytes]:
        """The JSON of what `overlapping` finds, for those who decode it themselves."""
        return self._rows.overlapping(start, end)

    def insert(self, document: Mapping[str, Any]) -> int:
        """TinyDB's insert. Its number is chosen within the transaction, where others see it."""
        with self._journal.transaction():
            return super().insert(document)

    def upsert(self, document: Mapping[str, Any], cond: Any = None) -> list[int]:
        """TinyDB's upsert: look-up and change are one transaction."""
        with self._journal.transaction():
            return super().upsert(document, cond)

    @property
    def _rows(self) -> Rows:
        return self._journal.rows(self._name)

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return cast(dict[str, Mapping[str, Any]], _Reading(self._rows))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._journal.transaction():
            changes = _Changes(self._journal, self._name)
            updater(changes)
            changes.flush()

    def _get_next_id(self) -> int:
        number = cast("int | None", self._next_id)
        if number is None or self._epoch != self._journal.epoch:
            self._epoch = self._journal.epoch
            number = self._rows.highest() + 1
        self._next_id = cast(None, number + 1)
        return number


def _read(rows: Rows, number: int) -> Document:
    raw = rows.raw(number)
    if raw is None:
        raise KeyError(number)
    return _decode(raw)


class _Reading(Mapping[str, Document]):
    """A table as TinyDB reads it: numbers as text, each document decoded when it is looked at."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return map(str, self._rows.numbers())

    def __getitem__(self, number: str) -> Document:
        return _read(self._rows, int(number))

    def items(self) -> Any:
        """Numbers and documents, one after the other."""
        return ((str(number), _decode(raw)) for number, raw in self._rows.documents())


class _Changes(MutableMapping[int, Document]):
    """A table as TinyDB changes it: documents are looked at, changed in place, set and deleted.

    TinyDB works on one document at a time; the last one that it looked at is compared when it
    moves on, and noted where it changed.
    """

    def __init__(self, storage: JournalStorage, table: str) -> None:
        self._storage = storage
        self._table = table
        self._rows = storage.rows(table)
        self._number = 0
        self._document: Document | None = None

    def flush(self) -> None:
        """Note the last document, if it was changed in place."""
        if self._document is not None:
            self[self._number] = self._document

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows.numbers())

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and number in self._rows

    def __getitem__(self, number: int) -> Document:
        if self._document is None or number != self._number:
            self.flush()
            self._document, self._number = _read(self._rows, number), number
        return self._document

    def __setitem__(self, number: int, document: Document) -> None:
        raw = _encode(document)
        id = document.get("id")
        if isinstance(id, str) and (found := self._rows.by_id(id)) and found[0] != number:
            raise ValueError(f"Document with id {id!r} already exists")
        self._document = None
        self._storage.set(self._table, number, raw)

    def __delitem__(self, number: int) -> None:
        self._document = None
        self._storage.set(self._table, number, None)

    def clear(self) -> None:
        """Delete them all."""
        for number in self:
            del self[number]
