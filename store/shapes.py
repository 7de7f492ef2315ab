"""What is declared about each table: how its documents are found."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec

_FOREVER = 1 << 60
_Time = Annotated[int, msgspec.Meta(gt=-_FOREVER, lt=_FOREVER)]


class Shape:
    """How the documents of one table are found, besides by their "id".

    Args:
        fields: fields whose text values are indexed.
        folded: those of them that are compared without regard to case.
        spans: whether documents take time: `spans`, or else `start` and `end`.
    """

    def __init__(
        self, *fields: str, folded: frozenset[str] = frozenset(), spans: bool = False
    ) -> None:
        self.fields = fields
        self.spans = spans
        self._folded = folded
        wanted: dict[str, Any] = dict.fromkeys(("id", *fields), str | None)
        if spans:
            wanted |= {"spans": set[tuple[_Time, _Time]] | None}
            wanted |= {"start": _Time | None, "end": _Time | None}
        # Only what is indexed is decoded; anything else in a document is skipped. What is not as
        # it should be is looked at piece by piece: that takes four times as long for a series.
        self._strict = _decoder(wanted)
        self._lenient = _decoder(dict.fromkeys(wanted, Any))

    def keys(self, raw: bytes) -> "Keys":
        """What the document `raw` is found by."""
        try:
            read = self._strict.decode(raw)
        except msgspec.ValidationError:
            read = self._lenient.decode(raw)
        values: list[str | None] = []
        for name in self.fields:
            value = getattr(read, name)
            if not isinstance(value, str):
                value = None
            elif name in self._folded:
                value = value.casefold()
            values.append(value)
        id = read.id if isinstance(read.id, str) else None
        return Keys(id, values, _spans(read) if self.spans else ())

    def fold(self, field: str, value: str) -> str:
        """`value` as the index of `field` holds it."""
        return value.casefold() if field in self._folded else value


class Keys:
    """What one document is found by: its id, the values of the declared fields, its spans."""

    __slots__ = ("id", "spans", "values")

    def __init__(
        self,
        id: str | None,
        values: Sequence[str | None],
        spans: Iterable[tuple[int, int]],
    ) -> None:
        self.id = id
        self.values = values
        self.spans = spans


def _decoder(fields: dict[str, Any]) -> "msgspec.json.Decoder[Any]":
    keys = msgspec.defstruct("Keys", [(name, kind, None) for name, kind in fields.items()])
    return msgspec.json.Decoder(keys)


def _spans(read: Any) -> Iterable[tuple[int, int]]:
    """The spans that make sense; whatever else is there is kept, and not found by time."""
    if isinstance(read.spans, set):
        spans: set[tuple[int, int]] = read.spans
        return spans
    if isinstance(read.spans, list):
        found = set()
        for span in read.spans:
            if isinstance(span, list) and len(span) == 2:
                start, end = span
                if _is_time(start) and _is_time(end):
                    found.add((start, end))
        return found
    if _is_time(read.start) and _is_time(read.end):
        return ((read.start, read.end),)
    return ()


def _is_time(value: object) -> bool:
    return isinstance(value, int) and -_FOREVER < value < _FOREVER


SHAPES = {
    "connections": Shape(),
    "inboxes": Shape("address", "connection", folded=frozenset({"address"})),
    "calendars": Shape("connection"),
    "events": Shape("calendar", "resource", spans=True),
    "pages": Shape(),
    "bookings": Shape("page", "state", "key", "event_id", "replaces", spans=True),
    "intents": Shape("state", "booking"),
    "contacts": Shape("email", folded=frozenset({"email"})),
    "settings": Shape(),
    "log": Shape(),
}
"""Every table of the store. Changing a shape needs no migration: indexes are made anew."""

PLAIN = Shape()
