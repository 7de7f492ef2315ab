"""What is bookable, and why the rest is not: one sweep, asked by every face and every booking."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from scheduling import reasons
from scheduling.events import Span
from scheduling.hours import Plan, absent, plan
from scheduling.intervals import intersect, merge, subtract
from scheduling.limits import closed, full, too_long
from scheduling.pages import Limits, Page, Window
from scheduling.reasons import Reason
from scheduling.state import Host, Mode, State, mode
from scheduling.zones import DAY, MINUTE, Zone, parse_date, weekday, zone

__all__ = ["Host", "Mode", "Offer", "Reason", "State", "explain", "mode", "nearest", "offer"]

GRAINS = (60, 30, 20, 15, 10, 5)
"""Minutes past the hour of which a free range may start at a multiple (§5)."""
_NO_LIMITS = Limits()


class Offer(msgspec.Struct, frozen=True, gc=False, order=True):
    """A bookable time, in UTC seconds."""

    start: int
    end: int


def offer(
    page: Page, state: State, span: Span, now: int, minutes: int | None = None
) -> list[Offer]:
    """Every bookable time of `minutes` (the page's first duration) that lies wholly in `span`.

    In order of time; all guests see the same instants, whatever span they ask for. With a window
    of bookable days, `state` must know what is taken from `now` on, not only within `span`.
    """
    minutes = page.durations[0] if minutes is None else minutes
    if not page.enabled or minutes not in page.durations:
        return []
    guest = not state.as_host
    ahead = plan(state.hosts[0].schedule, page)
    length = minutes * MINUTE
    low, high = max(span[0], now), span[1] - length
    soonest = now + page.notice * MINUTE
    if guest:
        first, last = _window(page.window, ahead.zone.day(now))
        low = max(low, soonest)
        low = low if first is None else max(low, ahead.zone.midnight(first))
        high = high if last is None else min(high, ahead.zone.midnight(last + 1) - 1)
    wanted = page.window.bookable_days if guest else None
    if wanted is None:
        starts = _starts(page, state, ahead, low, high, length, guest=guest)
    else:
        starts = _starts(page, state, ahead, soonest, high, length, guest=guest)
        days = _first_days(starts, ahead.zone, wanted)
        end = ahead.zone.midnight(days[-1] + 1) if days else low
        starts = [part for each in starts if (part := _clip(each, low, end))]
    offers: list[Offer] = []
    for each in starts:
        ends = range(each.start + length, each.stop + length, each.step)
        offers.extend(map(Offer, each, ends))
    return offers


def explain(
    page: Page, state: State, start: int, now: int, minutes: int | None = None
) -> list[Reason]:
    """Every reason why a meeting of `minutes` at `start` is not offered.

    Empty exactly where `offer` has it; for a host (`state.as_host`) marks may remain.
    """
    minutes = page.durations[0] if minutes is None else minutes
    ahead = plan(state.hosts[0].schedule, page)
    end = start + minutes * MINUTE
    found: list[Reason] = []
    if not page.enabled:
        found.append(reasons.disabled())
    if minutes not in page.durations:
        found.append(reasons.duration(page, minutes))
    found += _bounds(page, state, ahead, start, now, minutes)
    places = _places(page, state, ahead, start, end)
    if not places and not _grid(page, state.present, ahead, start, start, end - start):
        around = _grid(page, state.present, ahead, start - DAY, start + DAY, end - start)
        earlier = [each[bisect_left(each, start) - 1] for each in around if each.start < start]
        later = [each[bisect_left(each, start)] for each in around if each[-1] > start]
        places.append(
            reasons.step(max(earlier, default=None), min(later, default=None), ahead.zone)
        )
    return found + places


def nearest(offers: Sequence[Offer], start: int, n: int = 3) -> list[Offer]:
    """The `n` offers nearest to `start`, which is not among them; in order of time."""
    others = (each for each in offers if each.start != start)
    return sorted(sorted(others, key=lambda each: abs(each.start - start))[:n])


def _bounds(
    page: Page, state: State, ahead: Plan, start: int, now: int, minutes: int
) -> Iterator[Reason]:
    """Reasons from the clock and from what is booked, wherever the start lies in the day."""
    where, mark = ahead.zone, state.as_host
    soonest = now + page.notice * MINUTE
    if start < now:
        yield reasons.past(where, now)
    elif start < soonest:
        yield reasons.notice(page, where, start, now, mark=mark)
    first, last = _window(page.window, where.day(now))
    day = where.day(start)
    wanted = page.window.bookable_days
    if wanted is not None:
        # Only earlier days can have used up the window.
        high, length = where.midnight(day) - 1, minutes * MINUTE
        earlier = _starts(page, state, ahead, soonest, high, length, guest=True)
        days = _first_days(earlier, where, wanted)
        last = days[-1] if len(days) == wanted else None
    if first is not None and day < first:
        yield reasons.before_window(first, mark=mark)
    if last is not None and day > last:
        yield reasons.after_window(last, mark=mark)
    owner = state.present[0]
    for each in full(page, owner.bookings, where, owner.schedule.week_start, minutes, start):
        yield from reasons.limit(each, minutes, mark=mark)


def _places(page: Page, state: State, ahead: Plan, start: int, end: int) -> list[Reason]:
    """Reasons from where the meeting would lie: each host's hours, absences and other meetings."""
    where = ahead.zone
    found: list[Reason] = []
    for number, host in enumerate(state.present):
        theirs = plan(host.schedule) if number else ahead
        each = [
            *reasons.hours(theirs, where, start, end),
            *reasons.absences(host, where, start, end),
            *reasons.conflicts(page, host, where, start, end),
        ]
        found += [reasons.of_other(host, reason) for reason in each] if number else each
    return found


def _starts(
    page: Page, state: State, ahead: Plan, low: int, high: int, length: int, *, guest: bool
) -> list[range]:
    """Starts from `low` to `high`, both included; for a guest, not where a limit is reached."""
    minutes = length // MINUTE
    if low > high or (guest and too_long(page, minutes)):
        return []
    starts = _grid(page, state.present, ahead, low, high, length)
    if not guest or page.limits == _NO_LIMITS:
        return starts
    owner = state.present[0]
    shut = closed(page, owner.bookings, ahead.zone, owner.schedule.week_start, minutes)
    return [
        part
        for each in starts
        for begin, end in subtract([(each.start, each[-1] + 1)], shut)
        if (part := _clip(each, begin, end))
    ]


def _grid(
    page: Page, hosts: Sequence[Host], ahead: Plan, low: int, high: int, length: int
) -> list[range]:
    """Starts from `low` to `high` at which all hosts are free for `length`, by free range (§5).

    What is free and touches is one range for what fits into it; where the ranges of another day
    begin within it, starts are counted anew, so that no day's starts hang on another day.
    """
    free, begins = _free(page, hosts, ahead, low, high + length)
    step, grain = _step(page, length)
    shift = page.offset * MINUTE
    starts: list[range] = []
    offset, until = ahead.zone.era(free[0][0]) if free else (0, 0)
    k, days = 0, len(begins)
    for begin, end in free:
        last = min(end - length, high)
        while begin <= last:
            while k < days and begins[k] <= begin:
                k += 1
            stop = min(last, begins[k] - 1) if k < days else last
            first = begin
            if grain:
                if begin >= until:
                    offset, until = ahead.zone.era(begin)
                first = begin - (begin + offset) % -grain
                if first >= until:
                    first = _on_the_clock(ahead.zone, begin, grain)
            first += shift
            if first < low:
                first += -((first - low) // step) * step
            if first <= stop:
                starts.append(range(first, stop + 1, step))
            begin = stop + 1
    return starts


def _free(
    page: Page, hosts: Sequence[Host], ahead: Plan, low: int, high: int
) -> tuple[list[Span], list[int]]:
    """The free time that touches `[low, high)`, whole to its beginning, and where days begin."""
    pieces = ahead.pieces(low // DAY - 2, high // DAY + 1)
    reaching = next((i for i, piece in enumerate(pieces) if piece[1] > low), len(pieces))
    pieces = pieces[reaching : bisect_left(pieces, (high,))]
    if not pieces:
        return [], []
    first = pieces[0][0]
    free = merge(pieces)
    for host in hosts[1:]:
        theirs = plan(host.schedule).pieces(first // DAY - 2, high // DAY + 1)
        free = intersect(free, merge(theirs))
    for host in hosts:
        if host.schedule.absences:
            free = subtract(free, absent(host.schedule.absences, zone(host.schedule.zone)))
    for host in hosts:
        kept = host.kept(page)
        i = max(bisect_left(kept, (first,)) - 1, 0)
        free = subtract(free, kept[i : bisect_left(kept, (high,))])
    return free, [piece[0] for piece in pieces]


def _step(page: Page, length: int) -> tuple[int, int]:
    """Seconds from one start to the next, and of the clock's grain (0: none)."""
    if page.step == "duration":
        minutes = length // MINUTE
    elif page.step == "duration+buffers":
        minutes = length // MINUTE + page.buffer_before + page.buffer_after
    else:
        minutes = page.step
    grain = next((each for each in GRAINS if minutes % each == 0), 1)
    return (minutes + page.offset) * MINUTE, grain * MINUTE if page.anchor == "clock" else 0


def _on_the_clock(where: Zone, instant: int, grain: int) -> int:
    """The first instant from `instant` on that is a multiple of `grain` past the hour."""
    while True:
        offset, until = where.era(instant)
        first = instant - (instant + offset) % -grain
        if first < until:
            return first
        instant = until


def _window(window: Window, today: int) -> tuple[int | None, int | None]:
    """The first and the last civil day that `window` offers, where it says so by itself (§4)."""
    if window.days is not None:
        return None, today + window.days
    if window.business_days is not None:
        day, left = today, window.business_days
        while left:
            day += 1
            left -= weekday(day) < 5
        return None, day
    first = None if window.first is None else parse_date(window.first, field="window")
    last = None if window.last is None else parse_date(window.last, field="window")
    return first, last


def _first_days(starts: Sequence[range], where: Zone, n: int) -> list[int]:
    """The first `n` civil days that have a start."""
    days: list[int] = []
    for each in starts:
        start = each.start
        while start < each.stop:
            day = where.day(start)
            if not days or day > days[-1]:
                if len(days) == n:
                    return days
                days.append(day)
            start = _clip(each, where.midnight(day + 1), each.stop).start
    return days


def _clip(starts: range, low: int, high: int) -> range:
    """The part of `starts` within `[low, high)`; it may be empty."""
    first = starts.start
    if first < low:
        first += -((first - low) // starts.step) * starts.step
    return range(first, min(starts.stop, high), starts.step)
