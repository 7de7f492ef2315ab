"""Which documents have time in a span: those that changed, and those of a snapshot.

Spans are sorted by length class (the bits of their length), then by start. What overlaps
`[start, end)` starts, in each class, within `(start - 2**class, end)`: two bisections and at most
twice the hits, also where one event lasts for years.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

Entry = tuple[int, int, int]
"""Start, end, document number."""
_FEW = 64


def length_class(start: int, end: int) -> int:
    """The smallest class whose `2**class` exceeds the length."""
    return max(0, end - start).bit_length()


class Spans:
    """The spans of changed documents. Additions are sorted in when somebody asks."""

    def __init__(self) -> None:
        self._sorted: dict[int, list[Entry]] = {}
        self._added: set[Entry] = set()

    def add(self, document: int, spans: Iterable[tuple[int, int]]) -> None:
        """Remember the spans of a document."""
        self._added.update((start, end, document) for start, end in spans)

    def remove(self, document: int, spans: Iterable[tuple[int, int]]) -> None:
        """Forget exactly what was added."""
        for start, end in set(spans):
            entry = (start, end, document)
            if entry in self._added:
                self._added.remove(entry)
                continue
            entries = self._sorted[length_class(start, end)]
            del entries[bisect_left(entries, entry)]

    def overlapping(self, start: int, end: int) -> dict[int, int]:
        """Numbers of the documents with time in `[start, end)` → start of their first such span."""
        self._sort_in()
        found: dict[int, int] = {}
        for size, entries in self._sorted.items():
            low = bisect_right(entries, (start - (1 << size) + 1,))
            high = bisect_left(entries, (end,))
            for begin, finish, document in entries[low:high]:
                if finish > start and begin < found.get(document, end):
                    found[document] = begin
        return found

    def _sort_in(self) -> None:
        if len(self._added) <= _FEW:
            for entry in self._added:
                insort(self._sorted.setdefault(length_class(*entry[:2]), []), entry)
        else:
            for entry in self._added:
                self._sorted.setdefault(length_class(*entry[:2]), []).append(entry)
            for entries in self._sorted.values():
                entries.sort()
        self._added.clear()


class SnapshotSpans:
    """The spans of a snapshot: parallel arrays, and where in them each length class lies."""

    def __init__(
        self,
        classes: Sequence[tuple[int, int, int]],
        starts: Sequence[int],
        ends: Sequence[int],
        slots: Sequence[int],
    ) -> None:
        self._classes = classes
        self._starts = starts
        self._ends = ends
        self._slots = slots

    def overlapping(self, start: int, end: int) -> dict[int, int]:
        """Slots of the documents with time in `[start, end)` → start of their first such span."""
        found: dict[int, int] = {}
        for size, first, last in self._classes:
            low = bisect_right(self._starts, start - (1 << size), first, last)
            high = bisect_left(self._starts, end, low, last)
            for begin, finish, slot in zip(
                self._starts[low:high], self._ends[low:high], self._slots[low:high], strict=True
            ):
                if finish > start and begin < found.get(slot, end):
                    found[slot] = begin
        return found
