"""Time zones as Exchange names and describes them."""

import re
from datetime import date
from functools import lru_cache
from itertools import pairwise

from exchangelib.winzone import IANA_TO_MS_TIMEZONE_MAP

from providers.exchange_calls import Element, T
from providers.icalendar import zones
from providers.icalendar.lines import DAY
from scheduling.text import clean
from words import Phrase

_FIRST, _LAST = 1990, 2060
"""Between these years the clock changes of a zone that only the server knows are worked out."""
_EPOCH = date(1970, 1, 1).toordinal()
_DURATION = re.compile(
    r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?", re.ASCII
)
_SHOWN = re.compile(r"\((?:UTC|GMT)(?:([+-])(\d\d):(\d\d))?\)\s*(.+)", re.ASCII)
_SEASONS = (1_767_225_600, 1_782_864_000)
"""A day in each half of a year (2026): in one of them there is no daylight saving time."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def windows(iana: str) -> str:
    """The name by which Exchange knows a zone; UTC where it knows none."""
    return str(IANA_TO_MS_TIMEZONE_MAP.get(iana, ("UTC",))[0])


def zone_of(item: Element, own: str = "") -> tuple[zones.Zone | None, str]:
    """The zone in which an item is kept, and why that is a guess (empty: it is none).

    `own` is the IANA name that koble gave it, which counts as long as nobody chose another zone.

    Its name is asked first, whatever language or maker it is of; then what the server says about
    the zone. None where neither tells anything.
    """
    found = item.find(f"{T}StartTimeZone")
    if found is None:
        return zones.known(own[:200]) if own else None, ""
    name = (found.get("Id") or found.get("Name") or "")[:200]
    if own and windows(own) == name and (known := zones.known(own[:200])):
        return known, ""
    for each in (found.get("Id"), found.get("Name")):
        if each and (known := zones.known(each[:200]) or _shown(each[:200])):
            return known, ""
    if described := _described(found):
        return described, ""
    for each in (found.get("Name"), found.get("Id")):
        guess, certain = zones.find(each, {}) if each else (None, False)
        if guess is not None:
            doubt = Phrase(
                "Only the offset of its time zone {zone} is known.", zone=clean(name, limit=60)
            )
            return guess, "" if certain else str(doubt)
    return None, str(Phrase("Its time zone {zone} is not known.", zone=clean(name, limit=60)))


@lru_cache(maxsize=256)
def _shown(name: str) -> zones.Zone | None:
    """The zone that is called as Windows shows it to people: its offset, and places or a name.

    `(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna` is the zone of the first of these
    cities that is known and has that offset, `(UTC-08:00) Pacific Time (US & Canada)` the one of
    Pacific Standard Time. The offset is the one outside of daylight saving time.
    """
    found = _SHOWN.fullmatch(name.strip())
    if found is None:
        return None
    offset = int(found[2] or 0) * 3600 + int(found[3] or 0) * 60
    for place in found[4].split(","):
        plain = place.strip()
        standard = re.sub(r" Time( \(.*\))?$", " Standard Time", plain)
        for each in (standard, _cities().get(plain.replace(" ", "_"), "")):
            zone = zones.known(each) if each else None
            if zone and min(zone.wall(at) - at for at in _SEASONS) == (
                -offset if found[1] == "-" else offset
            ):
                return zone
    return None


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """IANA names by the cities in them."""
    return {name.rpartition("/")[2]: name for name in IANA_TO_MS_TIMEZONE_MAP if "/" in name}


def _described(definition: Element) -> zones.Zone | None:
    """The zone that a TimeZoneDefinition describes; None where it makes no sense."""
    try:
        periods = {
            each.get("Id", ""): -_seconds(each.get("Bias", ""))
            for each in definition.iterfind(f"{T}Periods/{T}Period")
        }
        groups = {
            group.get("Id", ""): tuple(_transition(each, periods) for each in group)
            for group in definition.iterfind(f"{T}TransitionsGroups/{T}TransitionsGroup")
        }
        turns = []
        for each in definition.iterfind(f"{T}Transitions/*"):
            since = each.findtext(f"{T}DateTime") or ""
            year = int(since[:4]) if since else _FIRST
            target = (each.findtext(f"{T}To") or "").strip()
            group = groups.get(target) or ((0, 0, 0, 0, 0, periods[target]),)
            turns.append((year, group))
    except (KeyError, ValueError):
        return None
    return _table(tuple(sorted(turns))) if turns else None


_Transition = tuple[int, int, int, int, int, int]
"""Month (0: none), day of the week (0 to 6; -1: a date), which one, day, time; the offset after."""


def _transition(element: Element, periods: dict[str, int]) -> _Transition:
    after = periods[(element.findtext(f"{T}To") or "").strip()]
    month = element.findtext(f"{T}Month")
    if month is None:
        return (0, 0, 0, 0, 0, after)
    time = _seconds(element.findtext(f"{T}TimeOffset") or "PT0S")
    if (weekday := element.findtext(f"{T}DayOfWeek")) is not None:
        nth = int(element.findtext(f"{T}Occurrence") or "")
        return (int(month), _WEEKDAYS.index(weekday), nth, 0, time, after)
    return (int(month), -1, 0, int(element.findtext(f"{T}Day") or ""), time, after)


@lru_cache(maxsize=256)
def _table(turns: tuple[tuple[int, tuple[_Transition, ...]], ...]) -> zones.Zone | None:
    """The zone whose years follow these transitions, each group from a year on."""
    walls: list[tuple[int, int]] = []
    years = [year for year, _ in turns] + [_LAST]
    for (_, group), (begin, end) in zip(turns, pairwise(years), strict=True):
        for year in range(max(begin, _FIRST), min(end, _LAST)):
            for each in group:
                if each[0]:
                    walls.append((_wall(year, each), each[5]))
                elif year == begin or (year == _FIRST and begin < _FIRST):
                    walls.append(((date(year, 1, 1).toordinal() - _EPOCH) * DAY, each[5]))
    if not walls:
        return None
    walls.sort()
    before = offset = walls[-1][1] if len(walls) > 1 else walls[0][1]
    changes = []
    for wall, after in walls:
        if after != offset:
            changes.append((wall - offset, after))
        offset = after
    return zones.Table(before, changes)


def _wall(year: int, transition: _Transition) -> int:
    month, weekday, nth, day, time, _after = transition
    if weekday < 0:
        return (date(year, month, day).toordinal() - _EPOCH) * DAY + time
    first = date(year, month, 1)
    if nth > 0:
        at = first.toordinal() + (weekday - first.weekday()) % 7 + 7 * (min(nth, 4) - 1)
        last = (date(year + month // 12, month % 12 + 1, 1)).toordinal()
        if nth > 4 and at + 7 < last:
            at += 7
    else:
        last = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
        at = last - (date.fromordinal(last).weekday() - weekday) % 7
    return (at - _EPOCH) * DAY + time


def _seconds(text: str) -> int:
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    total = days * DAY + hours * 3600 + minutes * 60 + seconds
    return -total if found[1] else total
