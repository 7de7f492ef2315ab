"""Hours of a day as people write them: "09:00–12:00, 13:00–16:00"; and the week of them."""

import re
from collections.abc import Iterable, Mapping

from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import WEEKDAYS, Hours, Weekday
from scheduling.text import clean
from words import Phrase, _

Ranges = tuple[tuple[str, str], ...]
_RANGE = re.compile(r"(\d{1,2})(?:[:.]?(\d\d))?\s*[-–—]\s*(\d{1,2})(?:[:.]?(\d\d))?", re.ASCII)
MOST = 24
"""Ranges that one day may have."""


def ranges_text(ranges: Ranges) -> str:
    """The ranges of a day, for reading and for a field."""
    return ", ".join(f"{start}–{end}" for start, end in ranges)


def read_ranges(text: str, field: str) -> Ranges:
    """The ranges that somebody wrote: "9-12, 13-16:30"; nothing: a day off.

    Whether they are times of day at all, scheduling checks when they are kept.

    Raises:
        KobleError: invalid, naming `field`, for what is no range.
    """
    found: list[tuple[str, str]] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = _RANGE.fullmatch(part)
        if match is None or len(found) == MOST:
            raise KobleError(
                ErrorKind.INVALID,
                Phrase("“{text}” is not a range of hours.", text=clean(part, limit=30)),
                Phrase("Write ranges such as 09:00–12:00, 13:00–16:00."),
                field=field,
            )
        start, start_minutes, end, end_minutes = match.groups(default="00")
        found.append((f"{int(start):02}:{start_minutes}", f"{int(end):02}:{end_minutes}"))
    return tuple(found)


def by_day(hours: Iterable[Hours]) -> dict[Weekday, Ranges]:
    """The ranges of each weekday, in the order in which they are on that day."""
    days: dict[Weekday, list[tuple[str, str]]] = {day: [] for day in WEEKDAYS}
    for each in hours:
        for day in each.days:
            days[day].append((each.start, each.end))
    return {day: tuple(sorted(ranges)) for day, ranges in days.items()}


def week_of(days: Mapping[Weekday, Ranges]) -> tuple[Hours, ...]:
    """The weekly hours of these days; days with the same range share it."""
    shared: dict[tuple[str, str], list[Weekday]] = {}
    for day in WEEKDAYS:
        for each in days[day]:
            if day not in shared.setdefault(each, []):
                shared[each].append(day)
    return tuple(Hours(tuple(days_), start, end) for (start, end), days_ in shared.items())


def day_off() -> str:
    """What stands where a day has no hours."""
    return _("not at work")
