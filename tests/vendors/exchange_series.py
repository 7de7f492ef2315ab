"""Series as Exchange keeps them: a pattern and a range, counted in the wall time of a zone."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, YEARLY, rrule  # type: ignore[import-untyped]
from lxml.etree import _Element as Element

from tests.vendors.exchange_words import find, local, text

DAYS = {
    "Monday": (MO,),
    "Tuesday": (TU,),
    "Wednesday": (WE,),
    "Thursday": (TH,),
    "Friday": (FR,),
    "Saturday": (SA,),
    "Sunday": (SU,),
    "Day": (MO, TU, WE, TH, FR, SA, SU),
    "Weekday": (MO, TU, WE, TH, FR),
    "WeekendDay": (SA, SU),
}
PLACES = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
MONTHS = list(calendar.month_name)
FREQUENCIES = {"Daily": DAILY, "Weekly": WEEKLY, "Monthly": MONTHLY, "Yearly": YEARLY}


def starts(recurrence: Element, first: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When the occurrences start (UTC), those that were deleted or moved included.

    `first`: the start of the master, whose time of day in `zone` is that of all others.
    """
    pattern, extent = recurrence[0], recurrence[1]
    at = first.astimezone(zone).time()
    begin = datetime.combine(_day(text(extent, "t:StartDate")), time.min)
    for day in rrule(dtstart=begin, **_rule(pattern, extent)):
        yield datetime.combine(day.date(), at, zone).astimezone(UTC)


def starts_until(
    recurrence: Element, first: datetime, zone: ZoneInfo, end: datetime
) -> list[datetime]:
    """Those before `end`."""
    return list(takewhile(lambda at: at < end, starts(recurrence, first, zone)))


def last(recurrence: Element, first: datetime, zone: ZoneInfo) -> datetime | None:
    """The last of a series that ends."""
    if local(recurrence[1]) == "NoEndRecurrence":
        return None
    return max(starts(recurrence, first, zone), default=None)


def _day(written: str) -> date:
    return date.fromisoformat(written[:10])  # a zone may follow


def _rule(pattern: Element, extent: Element) -> dict[str, object]:
    name = local(pattern).removesuffix("Recurrence")
    rule: dict[str, object] = {
        "freq": next(value for key, value in FREQUENCIES.items() if name.endswith(key)),
        "interval": int(text(pattern, "t:Interval", "1")),
    }
    days = [day for word in text(pattern, "t:DaysOfWeek").split() for day in DAYS[word]]
    if days:
        rule["byweekday"] = days
    if name.startswith("Relative"):
        rule["bysetpos"] = PLACES[text(pattern, "t:DayOfWeekIndex")]
    if find(pattern, "t:Month") is not None:
        rule["bymonth"] = MONTHS.index(text(pattern, "t:Month"))
    if find(pattern, "t:DayOfMonth") is not None:
        day = int(text(pattern, "t:DayOfMonth"))
        # The 31st of a shorter month is its last day.
        rule["bymonthday"] = list(range(28, day + 1)) if day > 28 else day
        rule["bysetpos"] = -1
    if name == "Weekly":
        rule["wkst"] = DAYS[text(pattern, "t:FirstDayOfWeek", "Monday")][0]
    if local(extent) == "EndDateRecurrence":
        rule["until"] = datetime.combine(_day(text(extent, "t:EndDate")), time.max)
    if local(extent) == "NumberedRecurrence":
        rule["count"] = int(text(extent, "t:NumberOfOccurrences"))
    return rule


def length(start: datetime, end: datetime) -> str:
    """How long it lasts, as `Duration` says it."""
    minutes = int((end - start) / timedelta(minutes=1))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    return f"P{f'{days}D' if days else ''}T{hours}H{minutes}M"
