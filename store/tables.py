"""Tables: TinyDB's, with documents found by id, by field and by time."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import tinydb.table

Document = dict[str, Any]


class Table(tinydb.table.Table):
    """A TinyDB table whose every change is a durable commit (or part of the open transaction).

    Documents come in the order of their TinyDB ids and are the caller's own: to change a document
    that was read changes nothing here. Those with an "id" (a string) are found by it; no two
    in a table may share one (ValueError).
    """

    def by_id(self, id: str) -> Document | None:
        """The document whose "id" is `id`."""
        raise NotImplementedError

    def put(self, document: Mapping[str, Any]) -> None:
        """Insert `document`, or replace the whole of the one that has its "id"."""
        raise NotImplementedError

    def put_many(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """`put` each of them, in one commit."""
        raise NotImplementedError

    def drop(self, id: str) -> bool:
        """Remove the document whose "id" is `id`; whether there was one."""
        raise NotImplementedError

    def where(self, field: str, value: str) -> list[Document]:
        """Documents whose `field` is `value`, by a declared index (KeyError without one).

        E-mail addresses are compared without regard to case.
        """
        raise NotImplementedError

    def overlapping(
        self, start: int, end: int, calendars: Collection[str] | None = None
    ) -> list[Document]:
        """Documents with time in `[start, end)`, only of these `calendars` where given.

        Documents come whole, with all their spans, sorted by their first span that overlaps.
        All-day and floating events hold wall time as if it were UTC: callers widen by a day.
        """
        raise NotImplementedError
