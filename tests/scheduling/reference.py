"""The rules once more, minute by minute, with nothing clever: slow, and easy to check by eye.

Shares no arithmetic with the rules themselves: it walks over every minute and asks the standard
library what the clock on the wall shows. All times of a question must be whole minutes.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduling.bookings import Booking, BookingState
from scheduling.events import Blocking, Span
from scheduling.offers import Host, State
from scheduling.pages import WEEKDAYS, Page, Schedule

MINUTE = 60
DAY = timedelta(days=1)


@lru_cache(maxsize=2**17)
def wall(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache(maxsize=2**14)
def resolve(shown: datetime, zone: str, *, end: bool) -> int:
    """Look for the instant at which the clock shows `shown`."""
    utc = int(shown.replace(tzinfo=UTC).timestamp())
    quarters = [utc + quarter * 15 * MINUTE for quarter in range(-4 * 26, 4 * 26)]
    found = [instant for instant in quarters if wall(instant, zone) == shown]
    if found:
        return found[-1] if end else found[0]
    return next(each for each in minutes(quarters[0], quarters[-1]) if _skips(each, shown, zone))


def forget() -> None:
    """Let go of what was looked up, so that it weighs on no measurement."""
    for cached in (wall, resolve, range_minutes):
        cached.cache_clear()


def _skips(instant: int, shown: datetime, zone: str) -> bool:
    return wall(instant - MINUTE, zone) < shown < wall(instant, zone)


def first_of(day: date, zone: str) -> int:
    return resolve(datetime.combine(day, datetime.min.time()), zone, end=False)


def minutes(start: int, end: int) -> range:
    return range(start, end, MINUTE)


def day_minutes(day: date, schedule: Schedule, page: Page | None) -> set[int]:
    """Every minute that is open because of the hours of `day`."""
    own_zone = (page.zone if page else "") or schedule.zone
    for overrides, zone in (
        (page.overrides if page else (), own_zone),
        (schedule.overrides, schedule.zone),
    ):
        for override in overrides:
            if override.date == day.isoformat():
                return range_minutes(day, override.ranges, zone)
    hours, zone = schedule.hours, schedule.zone
    if page and page.hours:
        hours, zone = page.hours, own_zone
    weekday = WEEKDAYS[day.weekday()]
    ranges = tuple((each.start, each.end) for each in hours if weekday in each.days)
    return range_minutes(day, ranges, zone)


@lru_cache(maxsize=2**12)
def range_minutes(day: date, ranges: tuple[tuple[str, str], ...], zone: str) -> set[int]:
    opened: set[int] = set()
    for start_text, end_text in ranges:
        start = resolve(at(day, start_text), zone, end=False)
        if end_text == "24:00":
            end = first_of(day + DAY, zone)
        else:
            last_day = day if end_text > start_text else day + DAY
            end = resolve(at(last_day, end_text), zone, end=True)
        opened.update(minutes(start, end))
    return opened


def at(day: date, text: str) -> datetime:
    return datetime.combine(day, datetime.strptime(text, "%H:%M").time())  # noqa: DTZ007


def days_around(span: Span) -> list[date]:
    first = datetime.fromtimestamp(span[0], UTC).date() - 3 * DAY
    return [first + n * DAY for n in range((span[1] - span[0]) // 86_400 + 8)]


def kept_minutes(page: Page, host: Host, moving: str) -> set[int]:
    """Every minute that is taken, or lies in a buffer."""
    moved = {each.event_id for each in host.bookings if each.id == moving and each.event_id}
    kept: set[int] = set()
    for each in host.busy:
        if each.blocking is Blocking.NO or each.event_id in moved or each.start >= each.end:
            continue
        if each.own:
            kept |= own_minutes(page, each.start, each.end, each.buffer_before, each.buffer_after)
        elif each.blocking is Blocking.HARD or page.soft_blocks:
            kept |= own_minutes(page, each.start, each.end, 0, 0)
    for booking in host.bookings:
        if counts(booking) and booking.id != moving and booking.start < booking.end:
            before, after = booking.buffer_before, booking.buffer_after
            kept |= own_minutes(page, booking.start, booking.end, before, after)
    return kept


def own_minutes(page: Page, start: int, end: int, before: int, after: int) -> set[int]:
    if page.buffer_between == "sum":
        early, late = page.buffer_after + before, page.buffer_before + after
    else:
        early, late = max(page.buffer_after, before), max(page.buffer_before, after)
    return set(minutes(start - early * MINUTE, end + late * MINUTE))


def counts(booking: Booking) -> bool:
    return booking.state in (BookingState.REQUESTED, BookingState.CONFIRMED)


def candidates(page: Page, state: State, span: Span, length: int) -> list[int]:
    """Starts by hours, absence, what is taken, and the grid; no notice, window or limit."""
    owner = state.hosts[0].schedule
    zone = page.zone or owner.zone
    free: set[int] = set()
    begins: set[int] = set()
    for day in days_around(span):
        opened = day_minutes(day, owner, page)
        begins |= {minute for minute in opened if minute - MINUTE not in opened}
        free |= opened
    for number, host in enumerate(state.hosts):
        if number:
            their: set[int] = set()
            for day in days_around(span):
                their |= day_minutes(day, host.schedule, None)
            free &= their
        for absence in host.schedule.absences:
            where = absence.zone or host.schedule.zone
            away = resolve(datetime.fromisoformat(absence.start), where, end=False)
            back = resolve(datetime.fromisoformat(absence.end), where, end=True)
            free -= set(minutes(away, back))
        free -= kept_minutes(page, host, state.moving)

    step = {"duration": length, "duration+buffers": length + page.buffer_before + page.buffer_after}
    every = step.get(str(page.step), page.step)
    grain = next((each for each in (60, 30, 20, 15, 10, 5) if every % each == 0), 1)
    found = []
    following = None
    for minute in sorted(free):
        if minute - MINUTE not in free or minute in begins:
            following = minute
            if page.anchor == "clock":
                while wall(following, zone).minute % grain:
                    following += MINUTE
            following += page.offset * MINUTE
        if minute == following:
            if all(each in free for each in minutes(minute, minute + length * MINUTE)):
                found.append(minute)
            following += (every + page.offset) * MINUTE
    return found


def starts(page: Page, state: State, span: Span, now: int, length: int) -> list[int]:
    """What `offer` must say."""
    if not page.enabled or length not in page.durations:
        return []
    zone = page.zone or state.hosts[0].schedule.zone
    found = candidates(page, state, (min(span[0], now), span[1]), length)
    found = [start for start in found if start >= now and start + length * MINUTE <= span[1]]
    if not state.as_host:
        found = [start for start in found if start >= now + page.notice * MINUTE]
        found = [start for start in found if not over_limit(page, state, start, length)]
        offered_days = days_offered(page, now, found, zone)
        found = [start for start in found if wall(start, zone).date() in offered_days]
    return [start for start in found if start >= span[0]]


def days_offered(page: Page, now: int, found: list[int], zone: str) -> set[date]:
    days = sorted({wall(start, zone).date() for start in found})
    today = wall(now, zone).date()
    window = page.window
    if window.bookable_days is not None:
        return set(days[: window.bookable_days])
    if window.days is not None:
        return {day for day in days if day <= today + window.days * DAY}
    if window.business_days is not None:
        last, left = today, window.business_days
        while left:
            last += DAY
            if last.weekday() not in (5, 6):
                left -= 1
        return {day for day in days if day <= last}
    first, last = date.fromisoformat(window.first or ""), date.fromisoformat(window.last or "")
    return {day for day in days if first <= day <= last}


def over_limit(page: Page, state: State, start: int, length: int) -> bool:
    owner = state.hosts[0]
    zone = page.zone or owner.schedule.zone
    week_start = WEEKDAYS.index(owner.schedule.week_start)
    keys = {
        "day": lambda day: day,
        "week": lambda day: day - (day.weekday() - week_start) % 7 * DAY,
        "month": lambda day: (day.year, day.month),
        "year": lambda day: day.year,
    }
    for period, key in keys.items():
        limit = getattr(page.limits, period)
        if limit is None:
            continue
        number, taken = Counter[object](), Counter[object]()
        for each in owner.bookings:
            if counts(each) and each.page == page.name and each.id != state.moving:
                where = key(wall(each.start, zone).date())
                number[where] += 1
                taken[where] += (each.end - each.start) // MINUTE
        here = key(wall(start, zone).date())
        if limit.bookings is not None and number[here] >= limit.bookings:
            return True
        if limit.minutes is not None and taken[here] + length > limit.minutes:
            return True
    return False
