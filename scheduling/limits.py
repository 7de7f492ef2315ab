"""Limits per day, week, month and year (§4): which periods are full."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from scheduling.bookings import Booking
from scheduling.events import Span
from scheduling.intervals import merge
from scheduling.pages import WEEKDAYS, Limit, Page, Weekday
from scheduling.state import TAKING
from scheduling.zones import EPOCH, MINUTE, Zone, date_of, weekday

Period = Literal["day", "week", "month", "year"]
PERIODS: tuple[Period, ...] = ("day", "week", "month", "year")


class Full(NamedTuple):
    """A period in which no meeting may start any more, and what was counted in it."""

    period: Period
    span: Span
    limit: Limit
    bookings: int
    minutes: int


def days_of(period: Period, day: int, week_start: Weekday = "mon") -> tuple[int, int]:
    """The first civil day of the period in which `day` lies, and the first after it."""
    if period == "day":
        return day, day + 1
    if period == "week":
        first = day - (weekday(day) - WEEKDAYS.index(week_start)) % 7
        return first, first + 7
    there = date_of(day)
    if period == "year":
        return _since(date(there.year, 1, 1)), _since(date(there.year + 1, 1, 1))
    following = date(there.year + there.month // 12, there.month % 12 + 1, 1)
    return _since(there.replace(day=1)), _since(following)


def usage(
    page: Page, bookings: Sequence[Booking], where: Zone, period: Period, week_start: Weekday
) -> dict[int, tuple[int, int]]:
    """Meetings of `page` and their minutes, by the first day of the period they start in."""
    used: dict[int, tuple[int, int]] = {}
    for booking in bookings:
        if booking.page == page.name and booking.state in TAKING:
            first, _ = days_of(period, where.day(booking.start), week_start)
            count, minutes = used.get(first, (0, 0))
            used[first] = count + 1, minutes + (booking.end - booking.start) // MINUTE
    return used


def full(
    page: Page,
    bookings: Sequence[Booking],
    where: Zone,
    week_start: Weekday,
    minutes: int,
    around: int | None = None,
) -> Iterator[Full]:
    """Periods in which a meeting of `minutes` would break a limit of `page`.

    `around` asks for the periods of that instant only; without it, those that have a booking are
    looked at (no other can be full, unless the meeting is longer than the limit: `too_long`).
    """
    for period in PERIODS:
        limit: Limit | None = getattr(page.limits, period)
        if limit is None:
            continue
        used = usage(page, bookings, where, period, week_start)
        if around is not None:
            first, _ = days_of(period, where.day(around), week_start)
            used = {first: used.get(first, (0, 0))}
        for first, (count, taken) in used.items():
            if (limit.bookings is not None and count >= limit.bookings) or (
                limit.minutes is not None and taken + minutes > limit.minutes
            ):
                first, following = days_of(period, first, week_start)
                span = where.midnight(first), where.midnight(following)
                yield Full(period, span, limit, count, taken)


def too_long(page: Page, minutes: int) -> bool:
    """Whether a meeting of `minutes` breaks a limit even where nothing is booked."""
    limits = (getattr(page.limits, period) for period in PERIODS)
    return any(limit and limit.minutes is not None and minutes > limit.minutes for limit in limits)


def closed(
    page: Page, bookings: Sequence[Booking], where: Zone, week_start: Weekday, minutes: int
) -> list[Span]:
    """The time of all full periods, sorted and apart: no meeting may start there."""
    return merge(each.span for each in full(page, bookings, where, week_start, minutes))


def _since(there: date) -> int:
    return (there - EPOCH).days
