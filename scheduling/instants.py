"""Instants as text: ISO 8601 in, local or with an offset; UTC with `Z` out."""

import re

from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from scheduling.zones import DAY, HOUR, MINUTE, Zone, date_text, offset_text, parse_date
from words import Phrase

_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.0+)?)?"
    r"(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?",
    re.ASCII,
)


def parse_instant(text: str, zone: Zone, *, field: str = "start", end: bool = False) -> int:
    """The instant (UTC seconds) of `2026-12-01T08:00Z`, `…+01:00`, `2026-12-01T09:00` or a date.

    Without an offset it is wall time in `zone`. A date alone is the first instant of that day;
    with `end`, which says that the text ends a span, the first one after it.

    Raises:
        KobleError: invalid, naming `field`: nonsense, a date that does not exist, a wall time that
            the clocks skip (with the next one that exists) or pass twice (asking for an offset).
    """
    found = _INSTANT.fullmatch(text.strip()[:60])
    if found is None:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("“{text}” is not a time.", text=clean(text, limit=40)),
            Phrase("Write it as 2026-12-01T09:00, or with an offset, as 2026-12-01T08:00Z."),
            field=field,
        )
    day = parse_date(found["day"], field=field)
    if found["hour"] is None:
        return zone.midnight(day + 1 if end else day)
    wall = (
        day * DAY
        + int(found["hour"]) * HOUR
        + int(found["minute"]) * MINUTE
        + int(found["second"] or 0)
    )
    if found["offset"]:
        return wall - _seconds(found["offset"])
    return _local(wall, zone, field)


def utc_text(instant: int) -> str:
    """`2026-12-01T08:00:00Z`."""
    return f"{_wall_text(instant)}:{instant % MINUTE:02}Z"


def local_text(instant: int, zone: Zone) -> str:
    """`2026-12-01T09:00+01:00`, to the minute."""
    offset = zone.offset(instant)
    return f"{_wall_text(instant + offset)}{offset_text(offset)}"


def _wall_text(wall: int) -> str:
    return f"{date_text(wall // DAY)}T{wall % DAY // HOUR:02}:{wall % HOUR // MINUTE:02}"


def _seconds(offset: str) -> int:
    if offset in "Zz":
        return 0
    seconds = int(offset[1:3]) * HOUR + int(offset[-2:]) * MINUTE
    return -seconds if offset[0] == "-" else seconds


def _local(wall: int, zone: Zone, field: str) -> int:
    first, last = zone.instant(wall), zone.instant(wall, end=True)
    if first != last:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("{time} comes twice in {zone}.", time=_wall_text(wall), zone=zone.name),
            Phrase(
                "Add the offset: {first} or {last}.",
                first=local_text(first, zone),
                last=local_text(last, zone),
            ),
            field=field,
        )
    if zone.wall(first) != wall:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase(
                "{time} does not exist in {zone}: the clocks skip it.",
                time=_wall_text(wall),
                zone=zone.name,
            ),
            Phrase("The next time that exists is {next}.", next=local_text(first, zone)),
            field=field,
        )
    return first
