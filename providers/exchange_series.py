"""The occurrences of a series that the server tells only as a pattern."""

from datetime import date

import msgspec

from providers.exchange_calls import Element, T
from providers.icalendar import recurrence
from providers.icalendar.lines import DAY, Unreadable
from providers.icalendar.recurrence import DAILY, MONTHLY, WEEKLY, YEARLY, Rule
from scheduling.events import Span
from words import Phrase

_EPOCH = date(1970, 1, 1).toordinal()
_DAYS = {
    name: ((0, number),)
    for number, name in enumerate(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    )
} | {
    "Day": tuple((0, number) for number in range(7)),
    "Weekday": tuple((0, number) for number in range(5)),
    "WeekendDay": ((0, 5), (0, 6)),
}
_NTH = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Pattern(msgspec.Struct, frozen=True):
    """How a series repeats; `until`: the last civil day on which one starts, in wall seconds."""

    rule: Rule
    until: int | None


def pattern(recurrence_: Element) -> Pattern:
    """The pattern of a master's `Recurrence`.

    Raises:
        Unreadable: there is none that makes sense.
    """
    rule: Rule | None = None
    count, until = None, None
    for each in recurrence_:
        name = str(each.tag).removeprefix(T)
        try:
            if name in _RULES:
                rule = _RULES[name](each)
            elif name == "EndDateRecurrence":
                until = _day(each.findtext(f"{T}EndDate") or "") * DAY + DAY - 1
            elif name == "NumberedRecurrence":
                count = int(each.findtext(f"{T}NumberOfOccurrences") or "")
        except (KeyError, ValueError) as error:
            raise Unreadable(Phrase("the pattern {name} makes no sense", name=name[:40])) from error
    if rule is None:
        raise Unreadable(Phrase("it says not how it repeats"))
    return Pattern(msgspec.structs.replace(rule, count=count), until)


def starts(pattern: Pattern, first: int, span: Span) -> tuple[list[int], bool]:
    """The wall times within `span` at which occurrences start, and whether they are all.

    Args:
        pattern: how it repeats.
        first: the wall time of the first one.
        span: half-open, in wall time.
    """
    return recurrence.expand(
        pattern.rule, first, span, until=pattern.until, budget=recurrence.Budget()
    )


def _interval(element: Element) -> int:
    found = int(element.findtext(f"{T}Interval") or "1")
    if not 1 <= found <= 1000:
        raise ValueError(found)
    return found


def _weekdays(element: Element) -> tuple[tuple[int, int], ...]:
    names = (element.findtext(f"{T}DaysOfWeek") or "").split()
    return tuple(sorted({each for name in names for each in _DAYS[name]}))


def _month(element: Element) -> tuple[int, ...]:
    return (_MONTHS.index(element.findtext(f"{T}Month") or "") + 1,)


def _daily(element: Element) -> Rule:
    return Rule(frequency=DAILY, interval=_interval(element))


def _weekly(element: Element) -> Rule:
    first = element.findtext(f"{T}FirstDayOfWeek") or "Sunday"
    return Rule(
        frequency=WEEKLY,
        interval=_interval(element),
        weekdays=_weekdays(element),
        week_start=_DAYS[first][0][1],
    )


def _on_day(rule: Rule, element: Element) -> Rule:
    """The rule on its day of the month; on the last one of a month that is too short for it."""
    day = int(element.findtext(f"{T}DayOfMonth") or "")
    if not 1 <= day <= 31:
        raise ValueError(day)
    if day <= 28:
        return msgspec.structs.replace(rule, month_days=(day,))
    return msgspec.structs.replace(rule, month_days=tuple(range(28, day + 1)), positions=(-1,))


def _relative(element: Element) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    days, nth = _weekdays(element), _NTH[element.findtext(f"{T}DayOfWeekIndex") or ""]
    return days, (nth,)


def _absolute_monthly(element: Element) -> Rule:
    return _on_day(Rule(frequency=MONTHLY, interval=_interval(element)), element)


def _relative_monthly(element: Element) -> Rule:
    days, nth = _relative(element)
    return Rule(frequency=MONTHLY, interval=_interval(element), weekdays=days, positions=nth)


def _absolute_yearly(element: Element) -> Rule:
    return _on_day(Rule(frequency=YEARLY, months=_month(element)), element)


def _relative_yearly(element: Element) -> Rule:
    days, nth = _relative(element)
    return Rule(frequency=YEARLY, months=_month(element), weekdays=days, positions=nth)


_RULES = {
    "DailyRecurrence": _daily,
    "WeeklyRecurrence": _weekly,
    "AbsoluteMonthlyRecurrence": _absolute_monthly,
    "RelativeMonthlyRecurrence": _relative_monthly,
    "AbsoluteYearlyRecurrence": _absolute_yearly,
    "RelativeYearlyRecurrence": _relative_yearly,
}


def _day(text: str) -> int:
    return date.fromisoformat(text.strip()[:10]).toordinal() - _EPOCH
