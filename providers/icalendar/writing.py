"""A draft to bytes: a new resource, or an existing one with only the draft's fields changed."""

import re
from datetime import UTC, datetime

from providers.base import Draft, ProviderError
from providers.drafts import check
from providers.icalendar.lines import (
    DAY,
    Component,
    escaped,
    name,
    parse,
    quoted,
    text,
)
from providers.icalendar.looks import address
from providers.icalendar.zones import Zone, known
from scheduling.errors import ErrorKind
from scheduling.events import Attendee, Response
from words import Phrase

MARK = "X-KOBLE:booking"
"""By this line koble knows its own meetings again."""
_YEAR = 366 * DAY
_OWN = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "SUMMARY"}
_OWN |= {"LOCATION", "DESCRIPTION", "ORGANIZER", "ATTENDEE", "X-KOBLE"}
_PARTSTAT = {
    Response.OWN: "ACCEPTED",
    Response.ACCEPTED: "ACCEPTED",
    Response.TENTATIVE: "TENTATIVE",
    Response.UNANSWERED: "NEEDS-ACTION",
    Response.DECLINED: "DECLINED",
}


def write(draft: Draft, *, existing: bytes | None, stamp: int, organizer: str = "") -> bytes:
    """The resource that says `draft`; `stamp` is now in UTC seconds.

    With `existing`, all that koble knows nothing of is kept: other properties, alarms, other
    components, and the answers of guests who stay. `organizer` (an address) is named where the
    draft has guests.

    Raises:
        ProviderError: invalid, where an address is none, the meeting has no length, or `existing`
            is cut off or holds no event.
    """
    check(draft, organizer)
    root, calendar, event = _new(draft) if existing is None else _found(existing, draft.uid)
    zone = known(draft.zone)
    times = _times(draft, zone)
    if zone is not None and any("TZID=" in line for line in times):
        _define(calendar, zone, draft)
    event.body = [*_own(draft, event, times, stamp, organizer), *_kept(event)]
    return text(root)


def _new(draft: Draft) -> tuple[Component, Component, Component]:
    root, calendar, event = Component(""), Component("VCALENDAR"), Component("VEVENT")
    root.body = [calendar]
    calendar.body = ["VERSION:2.0", "PRODID:-//koble//koble//EN", event]
    event.body = [f"UID:{escaped(draft.uid)}"]
    return root, calendar, event


def _found(existing: bytes, uid: str) -> tuple[Component, Component, Component]:
    root, complete = parse(existing)
    masters = [
        (calendar, each)
        for calendar in root.components
        for each in calendar.components
        if each.name == "VEVENT" and "RECURRENCE-ID" not in each.properties
    ]
    same = [pair for pair in masters if pair[1].value("UID").strip() == uid] or masters
    if not complete or len(same) != 1:
        raise ProviderError(
            ErrorKind.INVALID,
            Phrase("The calendar's own copy of this meeting cannot be read, so it is left alone."),
        )
    return root, *same[0]


def _times(draft: Draft, zone: Zone | None) -> list[str]:
    """DTSTART and DTEND, in the draft's zone where wall time says the same instants, else UTC."""
    if zone is not None and zone.name != "UTC":
        walls = zone.wall(draft.start), zone.wall(draft.end)
        # The second pass through a repeated hour has no name in wall time.
        if (zone.utc(walls[0]), zone.utc(walls[1])) == (draft.start, draft.end):
            start, end = (_stamp(wall) for wall in walls)
            return [f"DTSTART;TZID={zone.name}:{start}", f"DTEND;TZID={zone.name}:{end}"]
    return [f"DTSTART:{_stamp(draft.start)}Z", f"DTEND:{_stamp(draft.end)}Z"]


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")


def _own(draft: Draft, event: Component, times: list[str], stamp: int, organizer: str) -> list[str]:
    """The lines that are the draft's, in place of what the event said there."""
    found = event.properties
    sequence = event.value("SEQUENCE").strip()
    newest = int(sequence) if re.fullmatch(r"\d{1,9}", sequence, re.ASCII) else 0
    lines = [
        f"DTSTAMP:{_stamp(stamp)}Z",
        f"LAST-MODIFIED:{_stamp(stamp)}Z",
        f"SEQUENCE:{max(newest, draft.sequence)}",
        *times,
        f"SUMMARY:{escaped(draft.title)}",
        MARK,
    ]
    if draft.location:
        lines.append(f"LOCATION:{escaped(draft.location)}")
    if draft.description:
        lines.append(f"DESCRIPTION:{escaped(draft.description)}")
    if draft.attendees:
        if "ORGANIZER" in found:
            lines.append(f"ORGANIZER{found['ORGANIZER'][0]}")
        elif organizer:
            lines.append(f"ORGANIZER:mailto:{organizer}")
        invited = {address(rest).casefold(): rest for rest in found.get("ATTENDEE", ())}
        for guest in draft.attendees:
            rest = invited.get(guest.email.casefold())
            lines.append(f"ATTENDEE{rest}" if rest else _attendee(guest))
    return lines


def _attendee(guest: Attendee) -> str:
    name = f";CN={quoted(guest.name)}" if guest.name else ""
    answer = _PARTSTAT[guest.response]
    return f"ATTENDEE{name};ROLE=REQ-PARTICIPANT;PARTSTAT={answer}:mailto:{guest.email}"


def _kept(event: Component) -> list[str | Component]:
    return [each for each in event.body if isinstance(each, Component) or name(each) not in _OWN]


def _define(calendar: Component, zone: Zone, draft: Draft) -> None:
    """Put a VTIMEZONE for the draft's time into the calendar, unless it has one of that name."""
    if any(
        each.name == "VTIMEZONE" and each.value("TZID") == zone.name for each in calendar.components
    ):
        return
    definition = Component("VTIMEZONE")
    definition.body = [f"TZID:{zone.name}"]
    # Changes a year around the meeting; who needs more knows the zone by its name.
    first = draft.start - _YEAR
    before = zone.wall(first) - first
    for instant, after in [(first, before), *_changes(zone, first, draft.end + _YEAR)]:
        # What counts as summer time is a matter of names; that the clock goes forward is not.
        part = Component("DAYLIGHT" if after > before else "STANDARD")
        part.body = [
            f"DTSTART:{_stamp(instant + before)}",
            f"TZOFFSETFROM:{_offset(before)}",
            f"TZOFFSETTO:{_offset(after)}",
        ]
        definition.body.append(part)
        before = after
    index = next((at for at, each in enumerate(calendar.body) if isinstance(each, Component)), 0)
    calendar.body.insert(index, definition)


def _changes(zone: Zone, first: int, last: int) -> list[tuple[int, int]]:
    """The instants from `first` to `last` at which clocks change, each with the offset after it."""
    found = []
    day = first
    while day < last:
        low, high = day, day + DAY
        after = zone.wall(high) - high
        if zone.wall(low) - low != after:
            while high - low > 1:
                middle = (low + high) // 2
                if zone.wall(middle) - middle == after:
                    high = middle
                else:
                    low = middle
            found.append((high, after))
        day += DAY
    return found


def _offset(seconds: int) -> str:
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{sign}{hours:02}{minutes:02}" + (f"{rest:02}" if rest else "")
