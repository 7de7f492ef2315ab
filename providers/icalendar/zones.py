"""Time zones by whatever name a calendar gives them (§6): IANA first, then Windows, then its own.

A zone turns wall seconds (wall time written as if it were UTC) into UTC seconds and back. A wall
time that a clock change skips is read with the offset from before it; of a repeated one the first
is meant (RFC 5545 §3.3.5).
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from providers.icalendar import recurrence
from providers.icalendar.lines import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    Component,
    Unreadable,
    offset,
    split,
    stamp,
    unescaped,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROM, _TO = stamp("20000101")[0], stamp("20600101")[0]
"""Between these the clock changes of a calendar's own zone are worked out."""
_STEPS = 100_000
"""What working them out may cost; a zone that needs more makes no sense."""
_OWN = 40
"""So many zones of its own a calendar may have."""
_MIXED = DAY + 1


class Zone(Protocol):
    """Wall seconds to UTC seconds and back. `name` is the IANA name, or empty."""

    name: str

    def utc(self, wall: int) -> int:
        """The instant at which clocks show `wall`."""
        ...

    def wall(self, utc: int) -> int:
        """What clocks show at the instant `utc`."""
        ...


class Iana:
    """A zone of the time zone database."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.name = zone.key
        self._zone = zone
        self._days: dict[int, int] = {}

    def utc(self, wall: int) -> int:
        """The instant at which clocks show `wall`."""
        day = wall // DAY
        ahead = self._days.get(day)
        if ahead is None:
            # A day whose two midnights agree has no clock change in it; true of every zone.
            ahead = self._offset(day * DAY)
            if ahead != self._offset((day + 1) * DAY):
                ahead = _MIXED
            if len(self._days) > 20_000:
                self._days.clear()
            self._days[day] = ahead
        return wall - (ahead if ahead != _MIXED else self._offset(wall))

    def _offset(self, wall: int) -> int:
        return _seconds(_datetime(wall).replace(tzinfo=self._zone).utcoffset())

    def wall(self, utc: int) -> int:
        """What clocks show at the instant `utc`."""
        return utc + _seconds(_datetime(utc).astimezone(self._zone).utcoffset())


def _datetime(seconds: int) -> datetime:
    # A day inside the calendar's ends, so that no zone reaches over them.
    inside = min(max(seconds, (FIRST_DAY + 1) * DAY), (LAST_DAY - 1) * DAY)
    return _EPOCH + timedelta(seconds=inside)


def _seconds(ahead: timedelta | None) -> int:
    return int(ahead.total_seconds()) if ahead else 0


class Table:
    """A zone by its clock changes: instants, and the offset from each on."""

    def __init__(self, before: int, changes: list[tuple[int, int]] | None = None) -> None:
        self.name = ""
        changes = changes or []
        self._instants = [instant for instant, _ in changes]
        self._offsets = [before, *(after for _, after in changes)]
        self._walls = [
            instant + max(self._offsets[index], after)
            for index, (instant, after) in enumerate(changes)
        ]

    def utc(self, wall: int) -> int:
        """The instant at which clocks show `wall`."""
        return wall - self._offsets[bisect_right(self._walls, wall)]

    def wall(self, utc: int) -> int:
        """What clocks show at the instant `utc`."""
        return utc + self._offsets[bisect_right(self._instants, utc)]


class Utc:
    """UTC itself, and wall times that belong to no zone."""

    name = "UTC"

    def utc(self, wall: int) -> int:
        """The same."""
        return wall

    def wall(self, utc: int) -> int:
        """The same."""
        return utc


UTC_ZONE = Utc()


def definitions(calendar: Component) -> dict[str, Component]:
    """The VTIMEZONE components of a calendar that are needed, by TZID."""
    found: dict[str, Component] = {}
    for each in calendar.components:
        if each.name == "VTIMEZONE" and len(found) < _OWN:
            name = each.value("TZID")
            if not known(name[:200]):
                found[name] = each
    return found


def find(name: str, definitions: Mapping[str, Component]) -> tuple[Zone | None, bool]:
    """The zone that `name` means, and whether that is certain.

    Args:
        name: a TZID as the calendar writes it.
        definitions: the calendar's own. They are asked only where neither the IANA nor the
            Windows table knows the name: a calendar does not get to say what "Europe/Berlin" is.
    """
    if zone := known(name[:200]):
        return zone, True
    definition = definitions.get(name) or definitions.get(unescaped(name))
    if definition is not None:
        location = definition.value("X-LIC-LOCATION")
        if zone := (known(location) if location else None) or _defined(definition):
            return zone, True
    return _by_offset(name[:200])


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}", re.ASCII)
_UTC_NAMES = {"UTC", "Z", "ZULU", "GMT", "ETC/UTC", "ETC/GMT", "UCT", "TZONE://MICROSOFT/UTC"}


@lru_cache(maxsize=1024)
def known(name: str) -> Zone | None:
    """The zone of an IANA name, also behind a maker's prefix, or of a Windows name."""
    name = name.strip().strip('"').strip()
    if name.upper() in _UTC_NAMES:
        return UTC_ZONE
    parts = name.split("/")
    if zone := _iana(name):
        return zone
    if "/" in name:
        # "/mozilla.org/20050126_1/Europe/Berlin": the longest end that is a zone.
        for length in (3, 2):
            if len(parts) > length and (zone := _iana("/".join(parts[-length:]))):
                return zone
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # slow, and seldom needed

    if windows := WINDOWS_TO_OLSON.get(name):
        return _iana(windows)
    if same := _spelled().get(name.casefold()):
        return _iana(same)
    return None


@lru_cache(maxsize=1024)
def _iana(name: str) -> Zone | None:
    # "posix/", "right/" (with leap seconds) and "localtime" lie beside the zones on some systems.
    if not _NAME.fullmatch(name) or name.startswith(("posix", "right/", "local", "Factory")):
        return None
    try:
        return Iana(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@cache
def _spelled() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2}):?(\d\d)?", re.ASCII)
_INSIDE = re.compile(r"\((?:GMT|UTC)\s*([+-])(\d{1,2})[:.]?(\d\d)?\)", re.ASCII)


def _by_offset(name: str) -> tuple[Zone | None, bool]:
    """A name that is an offset ("GMT+0200"), or that holds one: then summer time is a guess."""
    exact = _OFFSET.fullmatch(name.strip().strip('"'))
    match = exact or _INSIDE.search(name)
    if match is None:
        return None, False
    seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
    if seconds > 16 * 3600:
        return None, False
    return Table(-seconds if match[1] == "-" else seconds), exact is not None


def _defined(definition: Component) -> Zone | None:
    """The zone that a VTIMEZONE describes; None where it makes no sense."""
    parts = []
    for each in definition.components:
        if each.name in ("STANDARD", "DAYLIGHT"):
            found = each.properties
            parts.append(
                (
                    each.value("DTSTART"),
                    each.value("TZOFFSETFROM"),
                    each.value("TZOFFSETTO"),
                    tuple(split(rest)[1] for rest in found.get("RRULE", ())),
                    tuple(split(rest)[1] for rest in found.get("RDATE", ())),
                )
            )
    return _table(tuple(parts[:200]))


_Part = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=256)
def _table(parts: tuple[_Part, ...]) -> Zone | None:
    changes: dict[int, tuple[int, int]] = {}
    budget = recurrence.Budget(_STEPS)
    try:
        for start_text, before_text, after_text, rules, dates in parts:
            start = stamp(start_text)[0]
            before, after = offset(before_text), offset(after_text)
            walls = {start}
            for text in rules:
                rule = recurrence.parse(text)
                if rule.frequency != recurrence.YEARLY:
                    return None
                until = None
                if rule.until:
                    wall, kind = stamp(rule.until)
                    until = wall + before if kind == "utc" else wall
                found, _ = recurrence.expand(rule, start, (_FROM, _TO), until=until, budget=budget)
                walls.update(found)
            for text in dates:
                walls.update(stamp(each)[0] for each in text.split(",")[:1000])
            for wall in walls:
                changes[wall - before] = (before, after)
    except Unreadable:
        return None
    if not changes:
        return None
    ordered = sorted(changes.items())
    return Table(ordered[0][1][0], [(instant, after) for instant, (_, after) in ordered])
