"""The week, line by line: pure, so that a test can read what a person sees."""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import NamedTuple

from msgspec import structs
from rich.cells import cell_len

from scheduling.zones import HOUR, MINUTE, offset_text, zone
from tui import marks
from tui.week.axis import ROW, Axis, Time
from tui.week.blocks import block_runs, block_text, half_runs, outlined
from tui.week.data import Kind, WeekData
from tui.week.layout import NARROWEST, Bar, Block, Sorted, arrange
from tui.week.runs import AWAY, LINE, OFFER, RANGE, SKIPPED, Look, Run, compact, fit
from words import _

ONE_DAY = 60
"""Columns below which one day is shown, with the week's density above it."""
AXIS, SECOND_AXIS = 5, 7
"""Cells of the hours at the left, and of those of another zone."""
IDLE = 7
"""Cells of a day off with nothing in it, so that the others have more; its name fits."""
MORNING, EVENING = 16, 34
"""The rows of 8:00 and 17:00, the day's middle where working hours are unknown."""


class Cursor(NamedTuple):
    """The half hour under the cursor.

    `row` is negative in the all-day strip: -1 is its lowest row. `picked` is what Enter opens;
    `anchor` is the row from which a range is being chosen.
    """

    day: int
    row: int
    picked: Block | Bar | None = None
    focused: bool = True
    anchor: int | None = None

    def ranged(self, day: int, row: int) -> bool:
        """Whether the range that is being chosen holds this half hour."""
        if self.anchor is None or day != self.day:
            return False
        return min(self.row, self.anchor) <= row <= max(self.row, self.anchor)

    @property
    def look(self) -> Look:
        """How the cursor looks."""
        return Look("cursor" if self.focused else "cursor-off", "title")


class Painter:
    """One week at one width.

    Args:
        week: the data.
        axis: its axis.
        entries: its entries, sorted.
        width: cells of a whole line.
        focus_day: the day that must be shown, where not all of them fit.
        plain: without surfaces, for terminals whose colours are not ours.
    """

    def __init__(
        self,
        week: WeekData,
        axis: Axis,
        entries: Sorted,
        width: int,
        *,
        focus_day: int = 0,
        plain: bool = False,
    ) -> None:
        self.week = week
        self.axis = axis
        self.entries = entries
        self.width = width
        self.plain = plain
        self.axis_width = AXIS + (SECOND_AXIS if week.second_zone else 0)
        room = max(NARROWEST + 1, width - self.axis_width)
        count = 1 if width < ONE_DAY else min(week.days, room // (NARROWEST + 1))
        first = min(max(0, focus_day), week.days - count)
        self.days = range(first, first + count)
        self._work = self._working()
        idle = {day for day in self.days if self._idle(day)} if count == week.days > 1 else set()
        if len(idle) == count:
            idle = set()
        share, extra = divmod(room - IDLE * len(idle), count - len(idle))
        if share <= IDLE:
            idle = set()
            share, extra = divmod(room, count)
        busy = [day for day in self.days if day not in idle]
        wide = dict(zip(busy, [share + 1] * extra + [share] * len(busy), strict=False))
        self.widths = {day: wide.get(day, IDLE) for day in self.days}
        self.lefts: dict[int, int] = {}
        left = self.axis_width
        for day, cells in self.widths.items():
            self.lefts[day] = left
            left += cells
        self._rows: dict[int, dict[int, list[Block]]] = {}
        shown = [part for day in self.days for part in entries.parts[day]]
        self._tops = sorted(part.top for part in shown)
        self._bottoms = sorted(part.bottom for part in shown)
        self.set_now(week.now)
        self._offers: dict[tuple[int, int], int] = {}
        for offer in week.offers:
            if (day := axis.day_of(offer)) in self.days:
                place = day, axis.row_of(day, offer)
                self._offers[place] = self._offers.get(place, 0) + 1
        self._away = {
            day
            for entry in week.entries
            if entry.kind is Kind.ABSENCE
            for day in range(week.days)
            if entry.start <= axis.starts[day] and axis.starts[day + 1] <= entry.end
        }

    def _working(self) -> dict[int, set[int]] | None:
        """The rows of each day that hold working time; None where nothing is known of hours."""
        if not self.week.hours:
            return None
        rows: dict[int, set[int]] = {day: set() for day in range(self.week.days)}
        starts = self.axis.starts
        for start, end in self.week.hours:
            for day in rows:
                if start < starts[day + 1] and starts[day] < end:
                    first = self.axis.place(day, start) // ROW
                    rows[day].update(range(first, -(-self.axis.place(day, end) // ROW)))
        return rows

    def _idle(self, day: int) -> bool:
        """Whether a day needs little room: no working hours, nothing in it, and not today."""
        return (
            self._work is not None
            and not self._work[day]
            and not self.entries.parts[day]
            and day != self.axis.day_of(self.week.now)
        )

    def works(self, day: int, row: int) -> bool:
        """Whether `row` of `day` lies in working hours, or nothing is known of them."""
        return self._work is None or row in self._work[day]

    def working_rows(self) -> range:
        """The rows from the first working hour of the week to the last."""
        rows = {row for day in (self._work or {}).values() for row in day}
        return range(min(rows), max(rows) + 1) if rows else range(MORNING, EVENING)

    def at(self, day: int, row: int) -> list[Block]:
        """The blocks that touch a row of a day, from left to right."""
        rows = self._rows.get(day)
        if rows is None:
            rows = self._rows[day] = {}
            width = self.widths.get(day, self.widths[self.days.start])
            for block in sorted(arrange(self.entries.parts[day], width - 1), key=_from_left):
                for each in range(block.top // 2, (block.bottom + 1) // 2):
                    rows.setdefault(each, []).append(block)
        return rows.get(row, [])

    def above(self, row: int) -> int:
        """How many entries of the shown days end before `row`."""
        return bisect_right(self._bottoms, row * 2)

    def below(self, row: int) -> int:
        """How many entries of the shown days start at `row` or later."""
        return len(self._tops) - bisect_left(self._tops, row * 2)

    def set_now(self, now: int) -> None:
        """Move the line that says what time it is."""
        self.week = structs.replace(self.week, now=now)
        self.today = self.axis.day_of(now)
        inside = 0 <= self.today < self.week.days
        self.now_row = self.axis.row_of(self.today, now) if inside else -1

    def row_runs(self, row: int, cursor: Cursor | None = None) -> list[Run]:
        """One row of the whole week."""
        runs = self.axis_runs(row)
        for day in self.days:
            runs += self.day_runs(day, row, cursor)
        return runs

    def axis_runs(self, row: int) -> list[Run]:
        """The hours at the left of `row`."""
        fore = "muted"
        minute, _again = self.axis.label(row)
        instant = next((i for d in self.days if (i := self.axis.instant(d, row)) is not None), None)
        text = other = ""
        if row == self.now_row and self.today in self.days:
            text, fore = self.axis.zone.clock(self.week.now)[:5], "now"
        elif minute % 60 == 0:
            text = f"{minute // 60 % 24:2}"
        elif self.axis.repeated(row) and instant is not None:
            text = offset_text(self.axis.zone.offset(instant))[:3]
        if not self.week.second_zone:
            return [(fit(text, AXIS), Look("ground", fore))]
        if instant is not None and minute % 60 == 0:
            wall = zone(self.week.second_zone).wall(instant)
            hours, minutes = wall // HOUR % 24, wall // MINUTE % 60
            other = f"{hours:2}:{minutes:02}" if minutes else f"{hours:2}"
        return [
            (fit(other, SECOND_AXIS), Look("ground", "faint")),
            (fit(text, AXIS), Look("ground", fore)),
        ]

    def day_runs(self, day: int, row: int, cursor: Cursor | None = None) -> list[Run]:
        """One row of one day: a gutter of one cell, and what lies in the row."""
        ground = "ground" if self.works(day, row) else "off"
        here = cursor if cursor is not None and (cursor.day, cursor.row) == (day, row) else None
        ranged = cursor is not None and cursor.ranged(day, row)
        runs = [self._gutter(day, row, ground, ranged)]
        blocks = self.at(day, row)
        if self.axis.time(day, row) is Time.SKIPPED:
            return [*runs, *self._free(day, row, ground, self.widths[day] - 1, ranged)]
        edges = {0, self.widths[day] - 1}
        for block in blocks:
            edges |= {block.left, block.left + block.width}
        for left, right in pairwise(sorted(edges)):
            upper, lower = _halves(blocks, left, row * 2)
            found = upper or lower
            whole = found is not None and (
                upper is lower
                or (None in (upper, lower) and outlined(found) and found.width == right - left)
            )
            if here is not None and (
                not blocks or (found is not None and here.picked in (upper, lower))
            ):
                text = self._cursor_text(day, row, found if whole else None, right - left)
                runs.append((text, here.look))
            elif found is None:
                runs += self._free(day, row, ground, right - left, ranged)
            elif whole:
                runs += block_runs(found, day, row, self.axis, ground, self.plain)
            else:
                runs += half_runs(upper, lower, left, right - left, ground, self.plain)
        return runs

    def _gutter(self, day: int, row: int, ground: str, ranged: bool) -> Run:
        if ranged:
            return RANGE, Look(ground, "accent")
        if day == self.today and row == self.now_row:
            return marks.CURSOR, Look(ground, "now")
        dotted = self.axis.label(row)[0] % 60 == 0 and self.works(day, row)
        return marks.DOT if dotted else " ", Look(ground, "faint")

    def _free(self, day: int, row: int, ground: str, width: int, ranged: bool) -> list[Run]:
        """A part of a row in which nothing lies."""
        if ranged:
            return [(" " * width, Look("range"))]
        time = self.axis.time(day, row)
        if time is Time.SKIPPED:
            first = row == 0 or self.axis.time(day, row - 1) is not time
            word = f"{_('skipped')} " if first else ""
            return [(fit(word + SKIPPED * width, width), Look("off", "faint"))]
        if time is Time.VOID:
            return [(" " * width, Look("off"))]
        if day == self.today and row == self.now_row:
            return [(LINE * width, Look(ground, "now"))]
        if offers := self._offers.get((day, row)):
            return [(fit(OFFER * offers, width), Look(ground, "accent"))]
        if day in self._away:
            hatch = (AWAY + "   ") * (width // 4 + 2)
            return [(hatch[row % 4 :][:width], Look("off", "faint"))]
        return [(" " * width, Look(ground))]

    def _cursor_text(self, day: int, row: int, block: Block | None, width: int) -> str:
        """The cursor keeps the words on which it stands; where there are none it says its time."""
        text = mark = ""
        if block is not None:
            text, mark, _first = block_text(block, day, row, self.axis)
        if not text and (instant := self.axis.instant(day, row)) is not None:
            text = compact(self.axis.zone.clock(instant))
        return marks.CURSOR + fit(text, width - 1 - cell_len(mark)) + mark


def _from_left(block: Block) -> tuple[int, int]:
    return block.left, block.top


def _halves(blocks: list[Block], left: int, quarter: int) -> tuple[Block | None, Block | None]:
    """The blocks at cell `left` in the upper and in the lower half of a row."""
    upper = lower = None
    for block in blocks:
        if block.left <= left < block.left + block.width:
            if block.top <= quarter < block.bottom:
                upper = block
            if block.top <= quarter + 1 < block.bottom:
                lower = block
    return upper, lower
