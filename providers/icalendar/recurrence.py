"""Recurrence rules (RFC 5545 §3.3.10) in wall time: whole numbers in, whole numbers out.

An expander of our own, because a rule must never hang the desk: each step is paid for from a
budget, and time beyond the asked span is not looked at. Its answers are those of dateutil, which
the tests hold it against; where dateutil leaves the standard (a `BYDAY` that mixes `MO` and
`1TU`, `BYSETPOS` in the first week of a weekly series) it does not follow.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from providers.icalendar.lines import DAY, FIRST_DAY, LAST_DAY, Unreadable
from scheduling.text import clean
from words import Phrase

YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)
_FREQUENCIES = {
    name: number
    for number, name in enumerate(
        ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
    )
}
_UNIT = {HOURLY: 3600, MINUTELY: 60, SECONDLY: 1}
_DAYS = {YEARLY: (365, 366), MONTHLY: (28, 31), WEEKLY: (7, 7), DAILY: (1, 1)}
_WEEKDAYS = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_EPOCH = date(1970, 1, 1).toordinal()
STEPS = 100_000
"""Steps that one series may take; a step is one day looked at, or one time found on it."""


class Budget:
    """Steps left for a whole resource, so that many bad rules are no better than one."""

    def __init__(self, steps: int = 10 * STEPS) -> None:
        self.steps = steps


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, its parts in range. `until` is left as it was written: its zone is the event's."""

    frequency: int
    interval: int = 1
    count: int | None = None
    until: str = ""
    weekdays: tuple[tuple[int, int], ...] = ()
    """The n-th (0: each) and the day (0: Monday)."""
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


def parse(text: str) -> Rule:
    """A rule from its text.

    Raises:
        Unreadable: a part is missing, unknown or out of range.
    """
    parts: dict[str, str] = {}
    for part in filter(None, text.replace(" ", "").upper().split(";")):
        name, _, value = part.partition("=")
        parts[name] = value
    if parts.get("COUNT") == "-1":
        del parts["COUNT"]  # what Confluence writes where there is none
    if parts.get("RSCALE") == "GREGORIAN" and parts.get("SKIP", "OMIT") == "OMIT":
        del parts["RSCALE"]  # RFC 7529: what is meant without it
        parts.pop("SKIP", None)
    frequency = _FREQUENCIES.get(parts.pop("FREQ", ""))
    if frequency is None:
        raise Unreadable(Phrase("the rule {rule} has no frequency", rule=clean(text, limit=80)))
    start = parts.pop("WKST", "MO")
    rule = Rule(
        frequency=frequency,
        interval=_number(parts.pop("INTERVAL", "1"), 1),
        count=_number(parts.pop("COUNT"), 1) if "COUNT" in parts else None,
        until=parts.pop("UNTIL", ""),
        weekdays=tuple(sorted(set(map(_weekday, _list(parts.pop("BYDAY", "")))))),
        month_days=_numbers(parts.pop("BYMONTHDAY", ""), 31, signed=True),
        months=_numbers(parts.pop("BYMONTH", ""), 12),
        year_days=_numbers(parts.pop("BYYEARDAY", ""), 366, signed=True),
        weeks=_numbers(parts.pop("BYWEEKNO", ""), 53, signed=True),
        hours=_numbers(parts.pop("BYHOUR", ""), 23, least=0),
        minutes=_numbers(parts.pop("BYMINUTE", ""), 59, least=0),
        seconds=_numbers(parts.pop("BYSECOND", "").replace("60", "59"), 59, least=0),
        positions=_numbers(parts.pop("BYSETPOS", ""), 366, signed=True),
        week_start=_weekday(start)[1],
    )
    for name in parts:
        if not name.startswith("X-"):
            part = clean(name, limit=20)
            raise Unreadable(Phrase("the rule's part {part} is not known", part=part))
    return rule


def _list(value: str) -> list[str]:
    return [each for each in value.split(",") if each]


def _misplaced(value: str) -> Unreadable:
    return Unreadable(Phrase("the rule says {value} where it cannot", value=clean(value, limit=20)))


def _number(value: str, least: int) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 30 or int(value) < least:
        raise _misplaced(value)
    return int(value)


def _numbers(value: str, most: int, *, least: int = 1, signed: bool = False) -> tuple[int, ...]:
    found = set()
    for each in _list(value):
        digits = each.lstrip("+-") if signed else each
        number = _number(digits, least)
        if number > most or len(each) - len(digits) > 1:
            raise _misplaced(each)
        found.add(-number if each.startswith("-") else number)
    return tuple(sorted(found))


def _weekday(value: str) -> tuple[int, int]:
    day = _WEEKDAYS.get(value[-2:])
    if day is None:
        raise _misplaced(value)
    nth = _numbers(value[:-2], 53, signed=True)
    return (nth[0] if nth else 0), day


def expand(
    rule: Rule, start: int, span: tuple[int, int], *, until: int | None, budget: Budget
) -> tuple[list[int], bool]:
    """The wall times that `rule` gives from `start` on, within `span`, in their order.

    Args:
        rule: what repeats.
        start: wall time of the first one (DTSTART).
        span: half-open, in wall time; nothing before or after it is returned.
        until: the last wall time that counts, or None.
        budget: what the whole resource may still spend.

    Returns:
        The times, and whether they are all: False where the budget ended first.
    """
    low, last = span[0], span[1] - 1
    if until is not None:
        last = min(last, until)
    left = rule.count
    if left is not None and left >= _most(rule, start, last):
        left = None  # it ends after the span anyway, so nothing has to be counted
    steps = min(STEPS, budget.steps)
    budget.steps -= steps
    found: list[int] = []
    for floor, looked, times in _periods(rule, start, low if left is None else start):
        if floor > last:
            break
        steps -= looked + len(times)
        if steps < 0:
            break
        for time in times:
            if time < start:
                continue
            if time > last or left == 0:
                budget.steps += steps
                return found, True
            if left is not None:
                left -= 1
            if time >= low:
                found.append(time)
    budget.steps += max(steps, 0)
    return found, steps >= 0


def _most(rule: Rule, start: int, last: int) -> int:
    """More times than `rule` can give between `start` and `last`."""
    seconds = len(rule.seconds) or 1
    minutes = len(rule.minutes) or 1
    if rule.frequency < HOURLY:
        shortest, largest = _DAYS[rule.frequency]
        least = DAY * rule.interval * shortest
        size = largest * (len(rule.hours) or 1) * minutes * seconds
    else:
        least = _UNIT[rule.frequency] * rule.interval
        size = {HOURLY: minutes * seconds, MINUTELY: seconds, SECONDLY: 1}[rule.frequency]
    return (max(last - start, 0) // least + 2) * size


_Periods = Iterator[tuple[int, int, list[int]]]
"""For each period: a wall time that nothing in it precedes, steps taken so far, its times."""


def _periods(rule: Rule, start: int, low: int) -> _Periods:
    """The periods from around `low` on. One that is too large for any budget has no times."""
    if rule.frequency >= HOURLY:
        yield from _clock_periods(rule, start, low)
        return
    start_day, time = divmod(start, DAY)
    hours = rule.hours or (time // 3600,)
    minutes = rule.minutes or (time // 60 % 60,)
    seconds = rule.seconds or (time % 60,)
    clock = [h * 3600 + m * 60 + s for h in hours for m in minutes for s in seconds]
    days_of = {YEARLY: _years, MONTHLY: _months, WEEKLY: _weeks, DAILY: _days}[rule.frequency]
    # Without positions nothing asks where a period ends: many short ones go as one.
    together = 1 if rule.positions or len(clock) > 1 else 32
    looked = _DAYS[rule.frequency][1] * (together if rule.frequency >= WEEKLY else 1)
    if rule.weeks:
        looked *= 3  # the number of a day's week is not to be had for nothing
    for first, days in days_of(rule, start_day, low // DAY, together):
        if len(days) * len(clock) > STEPS:
            yield first * DAY, STEPS + 1, []
        else:
            times = [day * DAY + time for day in days for time in clock]
            yield first * DAY, looked, _picked(times, rule.positions)


def _picked(times: list[int], positions: tuple[int, ...]) -> list[int]:
    if not positions:
        return times
    size = len(times)
    indexes = {each - 1 if each > 0 else size + each for each in positions}
    return [times[index] for index in sorted(indexes) if 0 <= index < size]


def _clock_periods(rule: Rule, start: int, low: int) -> _Periods:
    unit = _UNIT[rule.frequency]
    step = unit * rule.interval
    minutes = rule.minutes or (start // 60 % 60,)
    seconds = rule.seconds or (start % 60,)
    inside = {
        HOURLY: [m * 60 + s for m in minutes for s in seconds],
        MINUTELY: list(seconds),
        SECONDLY: [0],
    }[rule.frequency]
    time = start - start % unit
    time += max(0, (low - time) // step - 1) * step
    while time < (LAST_DAY + 1) * DAY:
        # Where a period does not count, everything up to the next day, hour or minute is skipped.
        skip = 0
        if not _day_counts(rule, time // DAY):
            skip = DAY
        elif rule.hours and time // 3600 % 24 not in rule.hours:
            skip = 3600
        elif rule.frequency > HOURLY and rule.minutes and time // 60 % 60 not in rule.minutes:
            skip = 60
        elif rule.frequency > MINUTELY and rule.seconds and time % 60 not in rule.seconds:
            skip = 1
        if skip:
            yield time, 1, []
            time += max(1, -(-(skip - time % skip) // step)) * step
        else:
            yield time, 1, _picked([time + each for each in inside], rule.positions)
            time += step


_Days = Iterator[tuple[int, list[int]]]
"""For each period, or several together: its first day, and the days that count."""


def _days(rule: Rule, start: int, low: int, together: int) -> _Days:
    plain = not (rule.months or rule.month_days or rule.weekdays or rule.year_days or rule.weeks)
    day = start + max(0, (low - start) // rule.interval - 1) * rule.interval
    while day <= LAST_DAY:
        after = day + together * rule.interval
        days = range(day, min(after, LAST_DAY + 1), rule.interval)
        yield day, [each for each in days if plain or _day_counts(rule, each)]
        day = after


def _weeks(rule: Rule, start: int, low: int, together: int) -> _Days:
    step = 7 * rule.interval
    week = start - (_of_week(start) - rule.week_start) % 7
    week += max(0, (low - week) // step - 1) * step
    days: set[int] = set()
    if not (rule.weekdays or rule.month_days or rule.year_days or rule.weeks):
        days = {_of_week(start)}
    elif not (rule.month_days or rule.year_days or rule.weeks):
        days = {day for _, day in rule.weekdays}
    inside = sorted((day - rule.week_start) % 7 for day in days or range(7))
    plain = bool(days) and not rule.months
    while week <= LAST_DAY - 6:
        after = week + together * step
        weeks = range(week, min(after, LAST_DAY - 5), step)
        found = [first + each for first in weeks for each in inside]
        yield week, found if plain else [day for day in found if _day_counts(rule, day)]
        week = after


def _months(rule: Rule, start: int, low: int, _together: int) -> _Days:
    begin = date.fromordinal(start + _EPOCH)
    month = begin.year * 12 + begin.month - 1
    around = date.fromordinal(min(max(low, FIRST_DAY), LAST_DAY) + _EPOCH)
    ahead = (around.year * 12 + around.month - 1 - month) // rule.interval - 1
    month += max(0, ahead) * rule.interval
    special = bool(rule.year_days or rule.weeks)
    while month // 12 <= date.max.year:
        year, number = month // 12, month % 12 + 1
        first = date(year, number, 1).toordinal() - _EPOCH
        if rule.months and number not in rule.months:
            days = []
        elif special:
            days = [
                day
                for day in range(first, first + _length(year, number))
                if _day_counts(rule, day) and _nth_counts(rule, day, by_month=True)
            ]
        else:
            days = _of_month(rule, year, number, begin.day)
        yield first, days
        month += rule.interval


def _years(rule: Rule, start: int, low: int, _together: int) -> _Days:
    begin = date.fromordinal(start + _EPOCH)
    around = date.fromordinal(min(max(low, FIRST_DAY), LAST_DAY) + _EPOCH)
    year = begin.year
    year += max(0, (around.year - year) // rule.interval - 1) * rule.interval
    nth_of_year = not rule.months and any(nth for nth, _ in rule.weekdays)
    if rule.months:
        months: tuple[int, ...] = rule.months
    else:
        months = tuple(range(1, 13)) if rule.month_days or rule.weekdays else (begin.month,)
    while year <= date.max.year:
        first = date(year, 1, 1).toordinal() - _EPOCH
        if rule.year_days or rule.weeks or nth_of_year:
            length = 366 if _length(year, 2) == 29 else 365
            days = [
                day
                for day in range(first, first + length)
                if _day_counts(rule, day) and _nth_counts(rule, day, by_month=not nth_of_year)
            ]
        else:
            days = [day for month in months for day in _of_month(rule, year, month, begin.day)]
        yield first, days
        year += rule.interval


def _of_month(rule: Rule, year: int, month: int, default: int) -> list[int]:
    """The days of one month by BYMONTHDAY and BYDAY; `default` where the rule has neither."""
    length = _length(year, month)
    first = date(year, month, 1).toordinal() - _EPOCH
    if rule.month_days or not rule.weekdays:
        days = {
            first + (each - 1 if each > 0 else length + each)
            for each in rule.month_days or (default,)
            if abs(each) <= length
        }
        if not rule.weekdays:
            return sorted(days)
    else:
        days = set(range(first, first + length))
    wanted: set[int] = set()
    for nth, weekday in rule.weekdays:
        earliest = first + (weekday - _of_week(first)) % 7
        matching = range(earliest, first + length, 7)
        if nth == 0:
            wanted.update(matching)
        elif abs(nth) <= len(matching):
            wanted.add(matching[nth - 1 if nth > 0 else nth])
    return sorted(days & wanted)


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _of_week(day: int) -> int:
    return (day + 3) % 7  # 1 January 1970 was a Thursday


def _day_counts(rule: Rule, day: int) -> bool:
    """Whether one day passes every BY part that speaks of days (the n-th apart)."""
    if rule.weekdays and _of_week(day) not in {weekday for _, weekday in rule.weekdays}:
        return False
    if not (rule.months or rule.month_days or rule.year_days or rule.weeks):
        return True
    civil = date.fromordinal(day + _EPOCH)
    if rule.months and civil.month not in rule.months:
        return False
    if rule.month_days:
        length = _length(civil.year, civil.month)
        if civil.day not in rule.month_days and civil.day - length - 1 not in rule.month_days:
            return False
    if rule.year_days:
        number = civil.timetuple().tm_yday
        length = 366 if _length(civil.year, 2) == 29 else 365
        if number not in rule.year_days and number - length - 1 not in rule.year_days:
            return False
    return not rule.weeks or _week_counts(rule, day)


def _week_counts(rule: Rule, day: int) -> bool:
    """BYWEEKNO: a week belongs to the year that has four or more of its days."""
    middle = day - (_of_week(day) - rule.week_start) % 7 + 3
    if middle > LAST_DAY:
        return False
    year = date.fromordinal(middle + _EPOCH).timetuple()
    number = (year.tm_yday - 1) // 7 + 1
    following = middle + 7 * (53 - number)
    last = 53
    if following > LAST_DAY or date.fromordinal(following + _EPOCH).year != year.tm_year:
        last = 52
    return number in rule.weeks or number - last - 1 in rule.weeks


def _nth_counts(rule: Rule, day: int, *, by_month: bool) -> bool:
    """Whether a day that has the right weekday is also the right one of its month or year."""
    if not rule.weekdays:
        return True
    civil = date.fromordinal(day + _EPOCH)
    if by_month:
        number, length = civil.day, _length(civil.year, civil.month)
    else:
        number = civil.timetuple().tm_yday
        length = 366 if _length(civil.year, 2) == 29 else 365
    nth = {0, (number - 1) // 7 + 1, -((length - number) // 7 + 1)}
    weekday = _of_week(day)
    return any(wanted == weekday and each in nth for each, wanted in rule.weekdays)
