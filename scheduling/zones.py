"""Zones, civil days and wall time (§2): the only place where the two kinds of time meet.

Instants are UTC seconds. *Wall* is a local date and time written as if it were UTC, in seconds; a
*day* is a civil date as days since 1970-01-01. Durations are elapsed seconds, always.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from scheduling.errors import ErrorKind, KobleError
from scheduling.spelling import nearest
from scheduling.text import clean
from words import Later, Phrase, dates

MINUTE = 60
HOUR = 3_600
DAY = 86_400
EPOCH = date(1970, 1, 1)
FIRST, LAST = -25_567 * DAY, 84_006 * DAY
"""The years 1900 to 2199: nothing that is further away can be said in every zone."""
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CHUNK = 24
"""Offsets are cached by spans of 2**24 seconds (194 days)."""


class Zone:
    """An IANA zone: offsets by cached changes, and the ways between wall time and instants.

    The offset is asked of the zone's own data once a day; a day at whose ends it differs is
    searched to the second.
    """

    __slots__ = ("_chunks", "_info", "_steady", "name")

    def __init__(self, name: str, info: ZoneInfo) -> None:
        self.name = name
        self._info = info
        self._chunks: dict[int, tuple[list[int], list[int]]] = {}
        self._steady: dict[int, int | None] = {}

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"

    def offset(self, instant: int) -> int:
        """Seconds that wall time is ahead of UTC at `instant`."""
        starts, offsets = self._chunks.get(instant >> _CHUNK) or self._chunk(instant >> _CHUNK)
        return offsets[bisect_right(starts, instant) - 1]

    def era(self, instant: int) -> tuple[int, int]:
        """The offset at `instant`, and an instant until which it stays."""
        number = instant >> _CHUNK
        starts, offsets = self._chunks.get(number) or self._chunk(number)
        i = bisect_right(starts, instant)
        return offsets[i - 1], starts[i] if i < len(starts) else (number + 1) << _CHUNK

    def wall(self, instant: int) -> int:
        """The wall time at `instant`."""
        return instant + self.offset(instant)

    def day(self, instant: int) -> int:
        """The civil day on which `instant` lies: between its first instant and that of the next.

        Where clocks went back after midnight to the day before (Newfoundland until 2011, at 00:01),
        they show the old date again on a day that has begun.
        """
        day = (instant + self.offset(instant)) // DAY
        return day + (self.steady(day) is None and instant >= self.midnight(day + 1))

    def instant(self, wall: int, *, end: bool = False) -> int:
        """The instant of a wall time; `end` says that it ends a span instead of starting one.

        In a gap: the first instant after it. Where the wall time comes twice: the first one for a
        start, the second one for an end.
        """
        before, after = self.offset(wall - DAY), self.offset(wall + DAY)
        if before == after:
            return wall - before
        early, late = wall - before, wall - after
        if self.offset(early) != before:
            # Only the offset after the change can have shown it, or none did.
            return late if self.offset(late) == after else _search(self.offset, late, early)
        return late if end and self.offset(late) == after else early

    def midnight(self, day: int) -> int:
        """The first instant of a civil day; not always 00:00, and none at all where it is skipped.

        Of a skipped day (Samoa, 30 December 2011), the first instant of the next.
        """
        return self.instant(day * DAY)

    def steady(self, day: int) -> int | None:
        """The one offset of a civil day and the next; None where clocks change near them."""
        try:
            return self._steady[day]
        except KeyError:
            first = self.offset((day - 1) * DAY)
            steady = first if first == self.offset((day + 3) * DAY) else None
            self._steady[day] = steady
            return steady

    def changes_on(self, day: int) -> bool:
        """Whether clocks change on a civil day, its first instant included."""
        return self.offset(self.midnight(day) - 1) != self.offset(self.midnight(day + 1) - 1)

    def next_change(self, instant: int) -> int | None:
        """The first instant of another offset after `instant`, if it lies within 400 days."""
        offset = self.offset(instant)
        for low in range(instant, instant + 400 * DAY, DAY):
            if self.offset(low + DAY) != offset:
                return _search(self.offset, low, low + DAY)
        return None

    def clock(self, instant: int) -> str:
        """`HH:MM` for a person; with the offset on days when clocks change."""
        wall = self.wall(instant)
        text = f"{wall % DAY // HOUR:02}:{wall % HOUR // MINUTE:02}"
        return f"{text}{offset_text(wall - instant)}" if self.changes_on(wall // DAY) else text

    def stamp(self, instant: int) -> Later:
        """Day and time for a person; with the offset on days when clocks change."""
        return Later(dates.moment_text, instant, self.name)

    def between(self, start: int, end: int) -> Later:
        """A span for a person; the second day only where it is another one."""
        return Later(dates.when_text, start, end, self.name)

    def _chunk(self, number: int) -> tuple[list[int], list[int]]:
        low, high = number << _CHUNK, (number + 1) << _CHUNK
        starts, offsets = [low], [self._ask(low)]
        for left in range(low, high, DAY):
            right = min(left + DAY, high - 1)
            if (offset := self._ask(right)) != offsets[-1]:
                starts.append(_search(self._ask, left, right))
                offsets.append(offset)
        self._chunks[number] = starts, offsets
        return starts, offsets

    def _ask(self, instant: int) -> int:
        offset = datetime.fromtimestamp(instant, self._info).utcoffset() or timedelta()
        return offset.days * DAY + offset.seconds


def _search(offset: Callable[[int], int], low: int, high: int) -> int:
    """The first instant after `low` with the offset of `high`; one change lies between them."""
    new = offset(high)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle) == new:
            high = middle
        else:
            low = middle
    return high


@cache
def zone(name: str) -> Zone:
    """The zone of an IANA name.

    Raises:
        KobleError: invalid, with the nearest known name as the way out.
    """
    try:
        return Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    near = _nearest(name)
    raise KobleError(
        ErrorKind.INVALID,
        Phrase("There is no time zone “{name}”.", name=clean(name, limit=60)),
        Phrase("Did you mean {name}?", name=near)
        if near
        else Phrase("Use a name such as Europe/Oslo."),
        field="zone",
    )


def _nearest(name: str) -> str:
    wanted = name[:60].strip().replace(" ", "_").casefold()
    known = {each.casefold(): each for each in sorted(available_timezones())}
    cities = {each.rpartition("/")[2]: full for each, full in known.items() if "/" in each}
    for names in (known, cities):
        if wanted in names:
            return names[wanted]
    for names in (known, cities):
        if close := nearest(wanted, names, likeness=0.7):
            return names[close]
    return ""


def parse_time(text: str, *, end: bool = False, field: str = "hours") -> int:
    """Minutes since 00:00 of a wall time `HH:MM`; `24:00` is a time only where a span ends.

    Raises:
        KobleError: invalid, naming `field`.
    """
    if found := _TIME.fullmatch(text):
        return int(found[1]) * 60 + int(found[2])
    if end and text == "24:00":
        return 1440
    raise KobleError(
        ErrorKind.INVALID,
        Phrase("“{text}” is not a time of day.", text=clean(text, limit=40)),
        Phrase("Write it as HH:MM, from 00:00 to 24:00.")
        if end
        else Phrase("Write it as HH:MM, from 00:00 to 23:59."),
        field=field,
    )


def parse_date(text: str, *, field: str = "date") -> int:
    """The civil day of a date `YYYY-MM-DD`.

    Raises:
        KobleError: invalid, naming `field`.
    """
    message = Phrase("“{text}” is not a date.", text=clean(text, limit=40))
    hint = Phrase("Write it as YYYY-MM-DD, such as 2027-02-28.")
    if _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            message = Phrase("The date {text} does not exist.", text=text)
        else:
            if _FIRST_YEAR <= day.year <= _LAST_YEAR:
                return (day - EPOCH).days
            message = Phrase("The date {text} is too far away.", text=text)
            hint = Phrase("Use a year from {first} to {last}.", first=_FIRST_YEAR, last=_LAST_YEAR)
    raise KobleError(ErrorKind.INVALID, message, hint, field=field)


def parse_local(text: str, *, field: str = "start") -> int:
    """The wall time of a local date-time `YYYY-MM-DDTHH:MM`, in seconds.

    Raises:
        KobleError: invalid, naming `field`.
    """
    day, t, time = text.partition("T")
    if not t:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("“{text}” is not a date with a time.", text=clean(text, limit=40)),
            Phrase("Write it as YYYY-MM-DDTHH:MM, such as 2027-02-28T09:00."),
            field=field,
        )
    return parse_date(day, field=field) * DAY + parse_time(time, field=field) * MINUTE


def date_of(day: int) -> date:
    """A civil day as a date."""
    return EPOCH + timedelta(days=day)


def date_text(day: int) -> str:
    """A civil day as `YYYY-MM-DD`."""
    return date_of(day).isoformat()


def offset_text(seconds: int) -> str:
    """An offset from UTC as `+01:00`."""
    minutes = abs(seconds) // MINUTE
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def weekday(day: int) -> int:
    """The day of the week of a civil day, Monday being 0."""
    return (day + 3) % 7
