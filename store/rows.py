"""The documents of one table: a snapshot, and over it what changed since."""

from collections.abc import Iterable, Iterator

from store.shapes import Shape
from store.snapshot import SnapshotTable
from store.spans import Spans

_ABSENT = object()


class Rows:
    """Undecoded documents by number, and what finds them.

    A changed document (or None for a removed one) hides the snapshot's of the same number. The
    indexes of changed documents are made when they are first asked for.
    """

    def __init__(self, shape: Shape, base: SnapshotTable | None = None) -> None:
        self.shape = shape
        self._base = base if base is not None and base.count else None
        self._changed: dict[int, bytes | None] = {}
        self._count = base.count if base is not None else 0
        self._last = base.highest if base is not None else 0
        self._unindexed: dict[int, bytes] = {}
        self._ids: dict[str, int] = {}
        self._values: tuple[dict[str, set[int]], ...] = tuple({} for _ in shape.fields)
        self._spans = Spans()

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: int) -> bool:
        changed = self._changed.get(number, _ABSENT)
        if changed is _ABSENT:
            return self._base is not None and self._base.slot(number) is not None
        return changed is not None

    def numbers(self) -> list[int]:
        """The numbers of all documents, in order."""
        changed = self._changed
        found = [number for number, raw in changed.items() if raw is not None]
        if self._base is not None:
            found.extend(number for number in self._base.numbers if number not in changed)
        found.sort()
        return found

    def highest(self) -> int:
        """The highest number of a document; 0 where there is none."""
        if self._last and self._last not in self:
            self._last = max(self.numbers(), default=0)
        return self._last

    def raw(self, number: int) -> bytes | None:
        """The JSON of one document."""
        raw = self._changed.get(number, _ABSENT)
        if raw is not _ABSENT:
            return raw  # type: ignore[return-value]  # the sentinel is out of the way
        if self._base is None or (slot := self._base.slot(number)) is None:
            return None
        return self._base.raw(slot)

    def documents(self) -> Iterator[tuple[int, bytes]]:
        """All documents, in order. Removing some while this runs is allowed."""
        for number in self.numbers():
            if (raw := self.raw(number)) is not None:
                yield number, raw

    def set(self, number: int, raw: bytes | None) -> None:
        """Insert, replace or (None) remove a document."""
        old = self._changed.get(number, _ABSENT)
        if old is _ABSENT:
            in_base = was_there = self._in_base(number)
        else:
            in_base = raw is None and self._in_base(number)
            was_there = old is not None
            self._unindex(number, old)  # type: ignore[arg-type]  # no sentinel here
        if raw is not None:
            self._changed[number] = self._unindexed[number] = raw
            self._last = max(self._last, number)
        elif in_base:
            self._changed[number] = None
        else:
            self._changed.pop(number, None)
        self._count += (raw is not None) - was_there

    def _in_base(self, number: int) -> bool:
        return self._base is not None and self._base.slot(number) is not None

    def by_id(self, id: str) -> tuple[int, bytes] | None:
        """The number and the JSON of the document whose "id" is `id`."""
        self._index()
        number = self._ids.get(id)
        if number is not None:
            raw = self._changed[number]
            return None if raw is None else (number, raw)
        if self._base is not None:
            for slot in self._base.slots_by("id", id):
                if (number := self._base.numbers[slot]) not in self._changed:
                    raw = self._base.raw(slot)
                    if self.shape.keys(raw).id == id:
                        return number, raw
        return None

    def by_field(self, field: str, value: str) -> list[bytes]:
        """The JSON of the documents whose declared `field` is `value`, in order."""
        if field not in self.shape.fields:
            raise ValueError(f"{field!r} is not indexed")
        place = self.shape.fields.index(field)
        value = self.shape.fold(field, value)
        self._index()
        found = self._raws(self._values[place].get(value, ()))
        if self._base is not None:
            numbers, changed = self._base.numbers, self._changed
            slots = [s for s in self._base.slots_by(field, value) if numbers[s] not in changed]
            for slot, raw in zip(slots, self._base.raws(slots), strict=True):
                if self.shape.keys(raw).values[place] == value:
                    found.append((numbers[slot], raw))
        found.sort()
        return [raw for _, raw in found]

    def overlapping(self, start: int, end: int) -> list[bytes]:
        """The JSON of the documents with time in `[start, end)`, by their first such span."""
        self._index()
        firsts = self._spans.overlapping(start, end)
        found = [(firsts[number], number, raw) for number, raw in self._raws(firsts)]
        if self._base is not None:
            numbers, changed = self._base.numbers, self._changed
            begins = self._base.overlapping(start, end)
            slots = [slot for slot in begins if numbers[slot] not in changed]
            for slot, raw in zip(slots, self._base.raws(slots), strict=True):
                found.append((begins[slot], numbers[slot], raw))
        found.sort()
        return [raw for _, _, raw in found]

    def _raws(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        changed = self._changed
        return [(number, raw) for number in numbers if (raw := changed[number]) is not None]

    def _index(self) -> None:
        if not self._unindexed:
            return
        for number, raw in self._unindexed.items():
            keys = self.shape.keys(raw)
            if keys.id is not None:
                self._ids[keys.id] = number
            for values, value in zip(self._values, keys.values, strict=True):
                if value is not None:
                    values.setdefault(value, set()).add(number)
            self._spans.add(number, keys.spans)
        self._unindexed.clear()

    def _unindex(self, number: int, raw: bytes | None) -> None:
        if raw is None:
            return
        if number in self._unindexed:
            del self._unindexed[number]
            return
        keys = self.shape.keys(raw)
        if keys.id is not None and self._ids.get(keys.id) == number:
            del self._ids[keys.id]
        for values, value in zip(self._values, keys.values, strict=True):
            if value is not None:
                numbers = values[value]
                numbers.discard(number)
                if not numbers:
                    del values[value]
        self._spans.remove(number, keys.spans)
