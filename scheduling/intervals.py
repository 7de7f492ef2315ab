"""Sorted half-open spans (§1): touching is no overlap, and an empty span takes no time."""

from collections.abc import Iterable, Sequence

from scheduling.events import Span


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that are sorted and apart: overlapping and touching ones as one."""
    merged: list[Span] = []
    reach = None
    for start, end in sorted(spans):
        if start >= end:
            continue
        if reach is None or start > reach:
            merged.append((start, end))
            reach = end
        elif end > reach:
            merged[-1] = (merged[-1][0], end)
            reach = end
    return merged


def subtract(spans: Iterable[Span], holes: Sequence[Span]) -> list[Span]:
    """What `holes` leave of `spans`; both sorted and without overlap within themselves."""
    left: list[Span] = []
    i, last = 0, len(holes)
    for start, end in spans:
        while i < last and holes[i][1] <= start:
            i += 1
        j = i
        while j < last and holes[j][0] < end:
            hole_start, hole_end = holes[j]
            if start < hole_start:
                left.append((start, hole_start))
            start = hole_end
            j += 1
        if start < end:
            left.append((start, end))
        i = max(i, j - 1)
    return left


def intersect(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """The time that is in both; each sorted and without overlap within itself."""
    both: list[Span] = []
    i = j = 0
    while i < len(some) and j < len(others):
        start = max(some[i][0], others[j][0])
        end = min(some[i][1], others[j][1])
        if start < end:
            both.append((start, end))
        if some[i][1] < others[j][1]:
            i += 1
        else:
            j += 1
    return both
