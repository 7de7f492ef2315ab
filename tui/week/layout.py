"""Where everything stands in the week: columns of overlapping events, and the strip above them.

Positions are quarters of an hour down the axis and cells across a day. Pure, and quick enough for
ten thousand entries.
"""

from bisect import bisect_right
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from scheduling.events import Blocking
from scheduling.zones import DAY, HOUR
from tui.week.axis import ROW, Axis
from tui.week.data import Entry, Kind, WeekData

QUARTER = 15
"""Minutes in a quarter; a row of the week is two of them."""
NARROWEST = 6
"""Cells below which an event is not drawn on its own."""
MORE_WIDTH = 3
"""Cells that "+n" takes beside events."""
LANES = 3
"""Rows of the all-day strip."""
_RANK = {Blocking.HARD: 1, Blocking.SOFT: 2, Blocking.NO: 3}


class Part(NamedTuple):
    """An entry on one day, from quarter `top` to `bottom`, with at least one whole row in it.

    `start` and `end` are its true quarters, where it is too short for a row. `begins` and `ends`
    tell whether this day holds its beginning and its end.
    """

    top: int
    bottom: int
    entry: Entry
    start: int
    end: int
    begins: bool = True
    ends: bool = True


class Block(NamedTuple):
    """What is drawn in one day: one entry, or with `more` those that "+n" stands for.

    `shaded` sets a block apart from one that it touches above.
    """

    top: int
    bottom: int
    left: int
    width: int
    entries: tuple[Entry, ...]
    start: int
    end: int
    begins: bool = True
    ends: bool = True
    more: bool = False
    shaded: bool = False


class Bar(NamedTuple):
    """An entry in the all-day strip, on the days `first` to `last` of the week."""

    lane: int
    first: int
    last: int
    entry: Entry
    begins: bool = True
    ends: bool = True


class Strip(NamedTuple):
    """The all-day strip: its bars, the rows that they take, and what each day's "+n" hides."""

    bars: tuple[Bar, ...]
    rows: int
    hidden: tuple[tuple[Entry, ...], ...]


class Sorted(NamedTuple):
    """The entries of a week by day, before anything is known of widths."""

    parts: tuple[tuple[Part, ...], ...]
    strip: Strip


def sort_entries(week: WeekData, axis: Axis) -> Sorted:
    """The entries that lie in the week, as parts of its days and as the strip above them.

    All-day entries, and all others that last a whole day or longer, are in the strip.
    """
    start, end = axis.starts[0], axis.starts[-1]
    parts: list[list[Part]] = [[] for _ in range(week.days)]
    long: list[Entry] = []
    for entry in week.entries:
        if entry.start >= end or entry.end < start or (entry.end == start and entry.start < start):
            continue
        if is_long(entry):
            long.append(entry)
            continue
        first = max(0, axis.day_of(entry.start))
        last = first if entry.end <= entry.start else axis.day_of(entry.end - 1)
        for day in range(first, min(last, week.days - 1) + 1):
            if axis.starts[day] < axis.starts[day + 1]:
                parts[day].append(_part(entry, axis, day))
    return Sorted(tuple(tuple(day) for day in parts), _strip(long, axis))


def is_long(entry: Entry) -> bool:
    """Whether an entry belongs in the strip: all-day, or as long as the shortest of days."""
    return entry.all_day or entry.end - entry.start >= DAY - HOUR


def _part(entry: Entry, axis: Axis, day: int) -> Part:
    start = axis.place(day, entry.start) // QUARTER
    end = max(start + 1, -(-axis.place(day, entry.end) // QUARTER))
    last = axis.rows * ROW // QUARTER
    start, end = min(start, last - 1), min(end, last)
    top, bottom = start, end
    if (start + 1) // 2 * 2 + 2 > end:
        top = start // 2 * 2
        bottom = max(end, top + 2)
    begins = entry.start >= axis.starts[day]
    return Part(top, bottom, entry, start, end, begins, entry.end <= axis.starts[day + 1])


def arrange(parts: Sequence[Part], width: int) -> list[Block]:
    """The parts of one day as blocks in `width` cells; no two of them share a cell.

    Parts that overlap stand in columns; a column is used again as soon as its last part ended,
    and a part grows into free columns to its right. Where columns would be narrower than
    `NARROWEST`, what is least pressing is left to "+n".
    """
    blocks: list[Block] = []
    cluster: list[Part] = []
    bottom = 0
    for part in sorted(parts, key=_order):
        if cluster and part.top >= bottom:
            blocks += _columns(cluster, width)
            cluster, bottom = [], 0
        cluster.append(part)
        bottom = max(bottom, part.bottom)
    if cluster:
        blocks += _columns(cluster, width)
    return _shade(blocks)


def _order(part: Part) -> tuple[int, int, str, int]:
    return part.top, -part.bottom, part.entry.title, part.entry.end


def _pressing(part: Part) -> tuple[int, int, int]:
    """What is asked of the owner first, then what blocks, then what is short."""
    entry = part.entry
    asked = 0 if entry.kind is Kind.REQUEST or entry.booked else 1
    return asked, _RANK[entry.blocking], part.bottom - part.top


def _columns(cluster: list[Part], width: int) -> list[Block]:
    taken = _assign(cluster)
    count = 1 + max(column for _, column in taken)
    if count * NARROWEST <= width or count == 1:
        return _grow(taken, count, width)
    room = width - MORE_WIDTH
    shown, hidden = _choose(cluster, room // NARROWEST)
    if not shown:
        top = hidden[0].top // 2 * 2
        return [_more(hidden, top, max(-(-part.bottom // 2) * 2 for part in hidden), 0, width)]
    blocks = _grow(_assign(shown), room // NARROWEST, room)
    counts = _counts(hidden, room)
    bottoms = [count.bottom for count in counts]
    for index, block in enumerate(blocks):
        if block.left + block.width == room:
            beside = bisect_right(bottoms, block.top)
            if beside == len(counts) or counts[beside].top >= block.bottom:
                blocks[index] = block._replace(width=width - block.left)
    return blocks + counts


def _assign(parts: list[Part]) -> list[tuple[Part, int]]:
    """Each part, in order, with the leftmost column that is free."""
    running: list[tuple[int, int]] = []
    free: list[int] = []
    columns: list[tuple[Part, int]] = []
    count = 0
    for part in parts:
        while running and running[0][0] <= part.top:
            heappush(free, heappop(running)[1])
        if free:
            column = heappop(free)
        else:
            column, count = count, count + 1
        heappush(running, (part.bottom, column))
        columns.append((part, column))
    return columns


def _choose(cluster: list[Part], columns: int) -> tuple[list[Part], list[Part]]:
    """The parts that can stand in that many columns, the most pressing first, and the others."""
    taken: list[list[tuple[int, int]]] = [[] for _ in range(columns)]
    shown: list[Part] = []
    hidden: list[Part] = []
    for part in sorted(cluster, key=_pressing):
        for spans in taken:
            index = bisect_right(spans, (part.top, part.bottom))
            before = index == 0 or spans[index - 1][1] <= part.top
            if before and (index == len(spans) or spans[index][0] >= part.bottom):
                spans.insert(index, (part.top, part.bottom))
                shown.append(part)
                break
        else:
            hidden.append(part)
    return sorted(shown, key=_order), sorted(hidden, key=_order)


def _grow(taken: list[tuple[Part, int]], count: int, width: int) -> list[Block]:
    columns: list[list[Part]] = [[] for _ in range(count)]
    for part, column in taken:
        columns[column].append(part)
    tops = [[part.top for part in column] for column in columns]
    blocks: list[Block] = []
    for part, column in taken:
        until = column + 1
        while until < count:
            index = bisect_right(tops[until], part.bottom - 1)
            if index and columns[until][index - 1].bottom > part.top:
                break
            until += 1
        left, right = column * width // count, until * width // count
        top, bottom, entry, start, end, begins, ends = part
        blocks.append(Block(top, bottom, left, right - left, (entry,), start, end, begins, ends))
    return blocks


def _counts(hidden: list[Part], left: int) -> list[Block]:
    """A "+n" for each stretch of rows in which the same parts are hidden."""
    rows: dict[int, list[Part]] = {}
    for part in hidden:
        for row in range(part.top // 2, (part.bottom + 1) // 2):
            rows.setdefault(row, []).append(part)
    counts: list[Block] = []
    before: list[Part] = []
    for row, parts in sorted(rows.items()):
        if counts and counts[-1].bottom == row * 2 and parts == before:
            counts[-1] = counts[-1]._replace(bottom=row * 2 + 2)
        else:
            counts.append(_more(parts, row * 2, row * 2 + 2, left, MORE_WIDTH))
        before = parts
    return counts


def _more(parts: list[Part], top: int, bottom: int, left: int, width: int) -> Block:
    entries = tuple(part.entry for part in parts)
    return Block(top, bottom, left, width, entries, top, bottom, more=True)


def _shade(blocks: list[Block]) -> list[Block]:
    ends: dict[tuple[int, int], bool] = {}
    for index, block in enumerate(sorted(blocks)):
        shaded = not ends.get((block.left, block.top), True)
        ends[block.left, block.bottom] = shaded
        blocks[index] = block._replace(shaded=shaded)
    return blocks


def _strip(entries: list[Entry], axis: Axis) -> Strip:
    free = [[True] * axis.days for _ in range(LANES)]
    bars: list[Bar] = []
    hidden: list[Bar] = []
    spans = [(*_days(entry, axis), entry) for entry in entries]
    for first, last, entry in sorted(spans, key=lambda s: (s[0], -s[1], s[2].title)):
        begins = entry.start >= axis.starts[0]
        bar = Bar(0, first, last, entry, begins, entry.end <= axis.starts[-1])
        days = range(first, last + 1)
        for lane in range(LANES):
            if all(free[lane][day] for day in days):
                for day in days:
                    free[lane][day] = False
                bars.append(bar._replace(lane=lane))
                break
        else:
            hidden.append(bar)
    # "+n" stands in the last lane, so what lay there on such a day is hidden as well.
    crowded = {day for bar in hidden for day in range(bar.first, bar.last + 1)}
    while pushed := [
        bar
        for bar in bars
        if bar.lane == LANES - 1 and not crowded.isdisjoint(range(bar.first, bar.last + 1))
    ]:
        hidden += pushed
        bars = [bar for bar in bars if bar not in pushed]
        crowded |= {day for bar in pushed for day in range(bar.first, bar.last + 1)}
    by_day: list[list[Entry]] = [[] for _ in range(axis.days)]
    for bar in hidden:
        for day in range(bar.first, bar.last + 1):
            by_day[day].append(bar.entry)
    rows = LANES if hidden else 1 + max((bar.lane for bar in bars), default=-1)
    return Strip(tuple(bars), rows, tuple(tuple(day) for day in by_day))


def _days(entry: Entry, axis: Axis) -> tuple[int, int]:
    """The first and the last day of the week on which `entry` lies."""
    first = min(axis.days - 1, max(0, axis.day_of(entry.start)))
    last = max(first, axis.day_of(max(entry.start, entry.end - 1)))
    return first, min(last, axis.days - 1)


def busy_share(parts: Sequence[Part], top: int, bottom: int) -> float:
    """How much of the quarters `top` to `bottom` is blocked by `parts`, from 0 to 1."""
    taken = {
        quarter
        for part in parts
        if part.entry.blocking is not Blocking.NO
        for quarter in range(max(top, part.start), min(bottom, part.end))
    }
    return len(taken) / (bottom - top) if bottom > top else 0.0
