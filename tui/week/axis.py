"""The wall-time axis that the days of a week share, right through clock changes.

A position is minutes down the axis. On most weeks it is the wall time, 0 to 1440. Where a day of
the week repeats an hour, the axis holds that hour twice, and the second pass is void on the other
days; where a day skips an hour, that hour stays on the axis and is skipped on that day.
"""

from bisect import bisect_right
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from scheduling.zones import DAY, MINUTE, zone

ROW = 30
"""Minutes in a row."""
_EPOCH = date(1970, 1, 1)


class Time(StrEnum):
    """What a row of the axis is on one day."""

    REAL = "real"
    SKIPPED = "skipped"
    VOID = "void"


class _Stretch(NamedTuple):
    """A part of a day with one offset; `minute` is the wall minute at which it starts."""

    start: int
    until: int
    minute: int
    second_pass: bool

    @property
    def end_minute(self) -> int:
        return self.minute + (self.until - self.start) // MINUTE


class _Repeat(NamedTuple):
    """Time that comes twice on `day`: its second pass takes `length` minutes behind `after`."""

    after: int
    length: int
    day: int


class Axis:
    """Rows of half hours for `days` civil days from `first_day` in the zone of that name.

    `starts` holds the first instant of each day and of the day after the last; `rows` is the
    number of half hours on the axis, 48 on a week without a repeated hour.
    """

    def __init__(self, first_day: date, days: int, zone_name: str) -> None:
        self.days = days
        self.first_day = first_day
        self.zone = zone(zone_name)
        self._first = (first_day - _EPOCH).days
        self.starts = [self.zone.midnight(self._first + n) for n in range(days + 1)]
        self._stretches = [self._cut(day) for day in range(days)]
        self._repeats = sorted(
            # Whole rows, so that every day keeps its half hours on rows of their own.
            _Repeat(_up(before.end_minute), _up(before.end_minute - after.minute), day)
            for day, stretches in enumerate(self._stretches)
            for before, after in pairwise(stretches)
            if after.second_pass
        )
        self._plain = [not self._repeats and not self.changes(day) for day in range(days)]
        self.rows = (DAY // MINUTE + sum(each.length for each in self._repeats)) // ROW

    def _cut(self, day: int) -> list[_Stretch]:
        start, end = self.starts[day], self.starts[day + 1]
        midnight = (self._first + day) * DAY
        stretches: list[_Stretch] = []
        while start < end:
            until = end
            if self.changes(day):
                until = min(end, self.zone.next_change(start) or end)
            minute = (self.zone.wall(start) - midnight) // MINUTE
            again = bool(stretches) and minute < stretches[-1].end_minute
            stretches.append(_Stretch(start, until, minute, again))
            start = until
        return stretches

    def date(self, day: int) -> date:
        """The civil date of the day with this index."""
        return self.first_day + timedelta(day)

    def changes(self, day: int) -> bool:
        """Whether the clock changes on `day`."""
        return self.zone.changes_on(self._first + day)

    def day_of(self, instant: int) -> int:
        """The index of the day that holds `instant`; before the first -1, after the last `days`."""
        return bisect_right(self.starts, instant) - 1

    def place(self, day: int, instant: int) -> int:
        """The position of `instant` on `day`; the day's ends for instants outside it."""
        if instant >= self.starts[day + 1]:
            return self.rows * ROW
        instant = max(instant, self.starts[day])
        if self._plain[day]:
            return (instant - self.starts[day]) // MINUTE
        for stretch in self._stretches[day]:
            if instant < stretch.until:
                minute = stretch.minute + (instant - stretch.start) // MINUTE
                return minute + self._shift(day, minute, stretch.second_pass)
        return self.rows * ROW

    def _shift(self, day: int, minute: int, second_pass: bool) -> int:
        """How far repeated time pushes wall `minute` of `day` down the axis."""
        return sum(
            each.length
            for each in self._repeats
            if (second_pass if each.day == day else minute >= each.after)
        )

    def instant(self, day: int, row: int) -> int | None:
        """The instant at which `row` starts on `day`; None where that time does not exist."""
        for stretch in self._stretches[day]:
            minute = self._minute(row * ROW, day, stretch.second_pass)
            if minute is not None and stretch.minute <= minute < stretch.end_minute:
                return stretch.start + (minute - stretch.minute) * MINUTE
        return None

    def _minute(self, position: int, day: int, second_pass: bool) -> int | None:
        """The wall minute at `position` on `day`; None in what another day repeats."""
        shift = 0
        for after, length, owner in self._repeats:
            if owner == day:
                shift += length if second_pass else 0
            elif position >= after + shift + length:
                shift += length
            elif position >= after + shift:
                return None
        return position - shift

    def time(self, day: int, row: int) -> Time:
        """What `row` is on `day`: real, skipped by the clock, or only there for another day."""
        if self.instant(day, row) is not None:
            return Time.REAL
        return Time.VOID if self.label(row)[1] else Time.SKIPPED

    def label(self, row: int) -> tuple[int, bool]:
        """The wall minute that `row` stands for, and whether it is a second pass."""
        position, shift = row * ROW, 0
        for after, length, _ in self._repeats:
            if position < after + shift:
                break
            shift += length
            if position < after + shift:
                return position - shift, True
        return position - shift, False

    def repeated(self, row: int) -> bool:
        """Whether `row` is one of the two passes of a repeated hour."""
        minute, again = self.label(row)
        return again or any(
            each.after - each.length <= minute < each.after for each in self._repeats
        )

    def row_of(self, day: int, instant: int) -> int:
        """The row of `day` in which `instant` lies."""
        return min(self.rows - 1, self.place(day, instant) // ROW)


def _up(minutes: int) -> int:
    return -(-minutes // ROW) * ROW
