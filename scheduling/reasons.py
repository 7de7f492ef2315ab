"""Why a time is not offered, in words for the host; `offers.explain` asks here, rule by rule."""

from collections.abc import Iterator

import msgspec

from scheduling.bookings import Busy
from scheduling.events import Blocking
from scheduling.hours import Plan, absent
from scheduling.intervals import merge
from scheduling.limits import Full
from scheduling.pages import Page
from scheduling.state import Host, Own
from scheduling.zones import DAY, MINUTE, Zone, date_of, zone
from words import Later, Phrase, dates


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that keeps a time from being offered. For the host only: it names events.

    `rule` is one of these stable names:

    - `disabled`, `duration`: the page is off, or has no meetings of this length
    - `past`, `notice`, `window`: too early (a time in the past is not also too short a notice),
      or outside the days that the page offers
    - `limit_day`, `limit_week`, `limit_month`, `limit_year`: enough meetings in that period
    - `hours`, `override`: it begins outside the weekly hours, or the ranges that replace them
    - `range_end`: it begins within them, and would end after them
    - `absence`: the host is away
    - `busy`, `tentative`, `booking`: an event, a soft one, or a meeting of koble's is there
    - `buffer_before`, `buffer_after`: one is too near before it, or after it
    - `step`: it could be, and yet is no start

    `source` is the id of the event or booking it comes from, or the setting's name; `remedy` says
    what would change it, where anything would. A `mark` does not keep the host from booking.
    """

    rule: str
    phrase: Phrase
    source: str = ""
    remedy: Phrase | None = None
    mark: bool = False


def disabled() -> Reason:
    """The page offers nothing at all."""
    return Reason(
        rule="disabled",
        phrase=Phrase("The page is switched off."),
        source="enabled",
        remedy=Phrase("Switch the page on."),
    )


def duration(page: Page, minutes: int) -> Reason:
    """The page has no meetings of this length."""
    return Reason(
        rule="duration",
        phrase=Phrase(
            "The page has no meetings of {minutes} min, only of {durations} min.",
            minutes=minutes,
            durations=", ".join(map(str, page.durations)),
        ),
        source="durations",
        remedy=Phrase("Add {minutes} min to the durations of the page.", minutes=minutes),
    )


def past(where: Zone, now: int) -> Reason:
    """It has begun already."""
    return Reason(
        rule="past", phrase=Phrase("It is in the past: now it is {now}.", now=where.stamp(now))
    )


def notice(page: Page, where: Zone, start: int, now: int, *, mark: bool) -> Reason:
    """It begins too soon."""
    return Reason(
        rule="notice",
        phrase=Phrase(
            "The page wants {minutes} min of notice: the first time would be {first}.",
            minutes=page.notice,
            first=where.stamp(now + page.notice * MINUTE),
        ),
        source="notice",
        remedy=Phrase("Set the notice to {minutes} min or less.", minutes=(start - now) // MINUTE),
        mark=mark,
    )


def before_window(first: int, *, mark: bool) -> Reason:
    """It lies before the first civil day that the page offers."""
    return Reason(
        rule="window",
        phrase=Phrase("The page offers times from {first} on.", first=_said(first)),
        source="window",
        remedy=Phrase("Let the window begin earlier."),
        mark=mark,
    )


def after_window(last: int, *, mark: bool) -> Reason:
    """It lies after the last civil day that the page offers."""
    return Reason(
        rule="window",
        phrase=Phrase("The page offers times until {last}.", last=_said(last)),
        source="window",
        remedy=Phrase("Let the window end later."),
        mark=mark,
    )


def limit(full: Full, minutes: int, *, mark: bool) -> Iterator[Reason]:
    """Enough is booked in that period: meetings, minutes of them, or both."""
    period = {
        "day": Phrase("day"),
        "week": Phrase("week"),
        "month": Phrase("month"),
        "year": Phrase("year"),
    }[full.period]
    said = []
    if full.limit.bookings is not None and full.bookings >= full.limit.bookings:
        phrase = Phrase(
            "The limit per {period} is reached: {used} of {limit} meetings.",
            period=period,
            used=full.bookings,
            limit=full.limit.bookings,
        )
        needed = Phrase(
            "Set the limit per {period} to {wanted} meetings or more.",
            period=period,
            wanted=full.bookings + 1,
        )
        said.append((phrase, needed))
    if full.limit.minutes is not None and full.minutes + minutes > full.limit.minutes:
        phrase = Phrase(
            "The limit per {period} would be passed: {used} of {limit} min are booked, and this"
            " meeting takes {minutes} min.",
            period=period,
            used=full.minutes,
            limit=full.limit.minutes,
            minutes=minutes,
        )
        needed = Phrase(
            "Set the limit per {period} to {wanted} min or more.",
            period=period,
            wanted=full.minutes + minutes,
        )
        said.append((phrase, needed))
    for phrase, needed in said:
        yield Reason(
            rule=f"limit_{full.period}",
            phrase=phrase,
            source=f"limits.{full.period}",
            remedy=needed,
            mark=mark,
        )


def hours(plan: Plan, where: Zone, start: int, end: int) -> Iterator[Reason]:
    """It begins outside the working hours, or ends after them; times are said in `where`."""
    pieces = plan.pieces(start // DAY - 2, end // DAY + 1)
    until = next((e for s, e in merge(pieces) if s <= start < e), None)
    day = plan.zone.day(start)
    ranges, _, override = plan.on(day)
    if until is not None:
        if end > until:
            yield Reason(
                rule="range_end",
                phrase=Phrase(
                    "It would last until {end}, and the hours end at {until}.",
                    end=where.clock(end),
                    until=where.clock(until),
                ),
                source="overrides" if override else "hours",
                remedy=Phrase("Let the hours end at {end} or later.", end=where.clock(end)),
            )
        return
    texts = (
        ", ".join(dates.span_text(s, e, where.name) for s, e in merge(plan.pieces(day, day)))
        if ranges.plain
        else ""
    )
    if override:
        yield Reason(
            rule="override",
            phrase=Phrase(
                "An override replaces the hours of {date}: {ranges}.",
                date=_said(day),
                ranges=texts,
            )
            if texts
            else Phrase("An override makes {date} a day off.", date=_said(day)),
            source="overrides",
            remedy=Phrase("Change or remove the override of {date}.", date=_said(day)),
        )
    else:
        yield Reason(
            rule="hours",
            phrase=Phrase("It is outside the hours of that day: {ranges}.", ranges=texts)
            if texts
            else Phrase("There are no hours on that day of the week."),
            source="hours",
            remedy=Phrase("Add hours, or an override for {date}.", date=_said(day)),
        )


def absences(host: Host, where: Zone, start: int, end: int) -> Iterator[Reason]:
    """The host is away."""
    home = zone(host.schedule.zone)
    for absence in host.schedule.absences:
        for away_start, away_end in absent((absence,), home):
            if away_start < end and away_end > start:
                span = where.between(away_start, away_end)
                yield Reason(
                    rule="absence",
                    phrase=Phrase("Away: {title}, {span}.", title=absence.title, span=span)
                    if absence.title
                    else Phrase("Away: {span}.", span=span),
                    source="absences",
                    remedy=Phrase("Change or remove this absence."),
                )


def conflicts(page: Page, host: Host, where: Zone, start: int, end: int) -> Iterator[Reason]:
    """What is there already, or too near; an event that mirrors a named booking only once."""
    named = set()
    for own in host.own:
        if reason := _clash(page, own, where, start, end):
            named.add((own.event_id, own.start, own.end))
            yield reason
    margin = max(page.buffer_before, page.buffer_after) * MINUTE
    for busy in host.near(start - margin, end + margin):
        if busy.blocking is Blocking.SOFT and not page.soft_blocks:
            continue
        if busy.event_id and (busy.event_id, busy.start, busy.end) in named:
            continue
        if reason := _clash(page, busy, where, start, end):
            yield reason


def step(earlier: int | None, later: int | None, where: Zone) -> Reason:
    """It could be, and yet is no start; the nearest ones are `earlier` and `later`."""
    if earlier is not None and later is not None:
        phrase = Phrase(
            "Meetings start at {earlier} or {later} here, not between.",
            earlier=where.clock(earlier),
            later=where.clock(later),
        )
    elif earlier is not None or later is not None:
        near = earlier if later is None else later
        phrase = Phrase("The nearest start is {time}.", time=where.clock(near or 0))
    else:
        phrase = Phrase("No start of the page lies in this free time.")
    return Reason(
        rule="step",
        phrase=phrase,
        source="step",
        remedy=Phrase("Choose a smaller step, or let starts follow the free time."),
    )


def of_other(host: Host, reason: Reason) -> Reason:
    """The reason as one that lies with `host`, who is not the owner."""
    if not host.name:
        return reason
    phrase = Phrase("{name}: {reason}", name=host.name, reason=reason.phrase)
    return msgspec.structs.replace(reason, phrase=phrase)


def _clash(page: Page, taken: Busy | Own, where: Zone, start: int, end: int) -> Reason | None:
    own = isinstance(taken, Own)
    if taken.start < end and taken.end > start:
        return _overlap(taken, where)
    between = sum if own and page.buffer_between == "sum" else max
    if taken.end <= start:
        rule, gap = "buffer_before", start - taken.end
        mine, theirs = page.buffer_before, taken.buffer_after if own else 0
    else:
        rule, gap = "buffer_after", taken.start - end
        mine, theirs = page.buffer_after, taken.buffer_before if own else 0
    needed = between((mine, theirs))
    if gap >= needed * MINUTE:
        return None
    # What this page would have to be content with; nothing, where the other's buffer is too much.
    wanted = gap // MINUTE - (theirs if between is sum else 0)
    possible = wanted >= 0 and (between is sum or theirs * MINUTE <= gap)
    if rule == "buffer_before":
        phrase = Phrase(
            "{what} lasts until {time}, and {minutes} min before the meeting are kept free.",
            what=_label(taken),
            time=where.clock(taken.end),
            minutes=needed,
        )
        remedy = Phrase("Set the buffer before meetings to {minutes} min.", minutes=wanted)
    else:
        phrase = Phrase(
            "{what} begins at {time}, and {minutes} min after the meeting are kept free.",
            what=_label(taken),
            time=where.clock(taken.start),
            minutes=needed,
        )
        remedy = Phrase("Set the buffer after meetings to {minutes} min.", minutes=wanted)
    return Reason(
        rule=rule, phrase=phrase, source=_source(taken), remedy=remedy if possible else None
    )


def _overlap(taken: Busy | Own, where: Zone) -> Reason:
    span = where.between(taken.start, taken.end)
    if isinstance(taken, Own):
        return Reason(
            rule="booking",
            phrase=Phrase("{what} is booked: {span}.", what=_label(taken), span=span),
            source=_source(taken),
            remedy=Phrase("Cancel or move the meeting."),
        )
    if taken.blocking is Blocking.SOFT:
        return Reason(
            rule="tentative",
            phrase=Phrase("{what} is tentative: {span}.", what=_label(taken), span=span),
            source=_source(taken),
            remedy=Phrase("Let the page offer times over tentative events."),
        )
    return Reason(
        rule="busy",
        phrase=Phrase("{what} takes this time: {span}.", what=_label(taken), span=span),
        source=_source(taken),
        remedy=Phrase("Move the event, or show it as free."),
    )


def _said(day: int) -> Later:
    return Later(dates.day_year, date_of(day))


def _label(taken: Busy | Own) -> Phrase:
    title = taken.title or Phrase("Untitled")
    if isinstance(taken, Busy) and taken.calendar:
        return Phrase("“{title}” ({calendar})", title=title, calendar=taken.calendar)
    return Phrase("“{title}”", title=title)


def _source(taken: Busy | Own) -> str:
    return (taken.id if isinstance(taken, Own) else "") or taken.event_id
