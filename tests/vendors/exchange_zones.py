"""Time zones as Exchange writes them: by a Windows name, and as the rules of a year."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lxml.etree import _Element as Element

from tests.vendors.exchange_call import Call
from tests.vendors.exchange_words import Refusal, find, m, t, text, zone_named

WEEKDAYS = list(calendar.day_name)


class Turn(NamedTuple):
    """When the clocks change: at a wall time on the n-th (5: last) weekday of a month."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def occurrence(self) -> int:
        last = (self.wall + timedelta(days=7)).month != self.wall.month
        return 5 if last else (self.wall.day - 1) // 7 + 1

    @property
    def wall(self) -> datetime:
        """What the clocks show just before."""
        return (self.at + self.before).replace(tzinfo=None)


def turns(zone: ZoneInfo, year: int) -> list[Turn]:
    """The changes of a year."""
    found = []
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        later = at + timedelta(minutes=30)
        before, after = (each.astimezone(zone).utcoffset() or timedelta() for each in (at, later))
        if before != after:
            found.append(Turn(later, before, after))
        at = later
    return found


def get_server_time_zones(call: Call) -> Element:
    ids = find(call.payload, "m:Ids")
    asked = [each.text or "" for each in (() if ids is None else ids)]
    full = call.payload.get("ReturnFullTimeZoneData") == "true"
    found = []
    for name in asked:
        zone = zone_named(name)
        if zone is None:
            refusal = Refusal("ErrorTimeZone", f"{name} is not known.")
            return m(f"{call.name}Response", m("ResponseMessages", call.bad(refusal)))
        rules = _definition(zone) if full else []
        found.append(t("TimeZoneDefinition", *rules, Id=name, Name=f"(UTC) {name}"))
    good = call.good(m("TimeZoneDefinitions", *found))
    return m(f"{call.name}Response", m("ResponseMessages", good))


def _definition(zone: ZoneInfo, year: int = 2026) -> list[Element]:
    changes = turns(zone, year)
    standard = min([each.after for each in changes] or [_offset(zone, year)])
    periods = [_period(-standard, "Standard")]
    moves = [t("Transition", t("To", "std", Kind="Period"))]
    if changes:
        daylight = max(each.after for each in changes)
        periods.append(_period(-daylight, "Daylight"))
        moves = [
            t(
                "RecurringDayTransition",
                t("To", "std" if each.after == standard else "dlt", Kind="Period"),
                t(
                    "TimeOffset",
                    _duration(each.wall - datetime.combine(each.wall, datetime.min.time())),
                ),
                t("Month", str(each.wall.month)),
                t("DayOfWeek", WEEKDAYS[each.wall.weekday()]),
                t("Occurrence", "-1" if each.occurrence == 5 else str(each.occurrence)),
            )
            for each in changes
        ]
    return [
        t("Periods", *periods),
        t("TransitionsGroups", t("TransitionsGroup", *moves, Id="0")),
        t("Transitions", t("Transition", t("To", "0", Kind="Group"))),
    ]


def _offset(zone: ZoneInfo, year: int) -> timedelta:
    return datetime(year, 1, 1, tzinfo=zone).utcoffset() or timedelta()


def _period(bias: timedelta, name: str) -> Element:
    identifier = "std" if name == "Standard" else "dlt"
    return t("Period", Bias=_duration(bias), Name=name, Id=identifier)


def _duration(length: timedelta) -> str:
    minutes = int(abs(length) / timedelta(minutes=1))
    return f"{'-' if length < timedelta() else ''}PT{minutes // 60}H{minutes % 60}M"


class Asked:
    """The SerializableTimeZone of a request: in its wall time answers are given."""

    def __init__(self, element: Element) -> None:
        bias = int(text(element, "t:Bias"))
        self._standard = -timedelta(minutes=bias + int(text(element, "t:StandardTime/t:Bias")))
        self._daylight = -timedelta(minutes=bias + int(text(element, "t:DaylightTime/t:Bias")))
        self._element = element

    def wall(self, at: datetime) -> datetime:
        """What the clocks of that zone show."""
        standard = (at + self._standard).replace(tzinfo=None)
        begin, end = (self._turn(name, standard.year) for name in ("DaylightTime", "StandardTime"))
        if begin is None or end is None:
            return standard
        daylight = (at + self._daylight).replace(tzinfo=None)
        summer = standard >= begin and daylight < end
        if begin > end:
            summer = standard >= begin or daylight < end
        return daylight if summer else standard

    def instant(self, wall: datetime) -> datetime:
        """Which instant it is when they show that."""
        for offset in (self._daylight, self._standard):
            at = (wall - offset).replace(tzinfo=UTC)
            if self.wall(at) == wall:
                return at
        return (wall - self._standard).replace(tzinfo=UTC)

    def _turn(self, name: str, year: int) -> datetime | None:
        part = find(self._element, f"t:{name}")
        if part is None or not int(text(part, "t:Month", "0")):
            return None
        month, order = int(text(part, "t:Month")), int(text(part, "t:DayOrder"))
        if not order:
            return None
        weekday = WEEKDAYS.index(text(part, "t:DayOfWeek"))
        days = [date(year, month, 1) + timedelta(days=n) for n in range(31)]
        fitting = [day for day in days if day.month == month and day.weekday() == weekday]
        day = fitting[min(order, len(fitting)) - 1]
        clock = datetime.strptime(text(part, "t:Time"), "%H:%M:%S").time()  # noqa: DTZ007
        return datetime.combine(day, clock)
