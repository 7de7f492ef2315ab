"""What a week is drawn from: plain data, with the cursor's and the clock's part left out."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from scheduling.bookings import Booking
from scheduling.events import Blocking, Occurrence, Span


class Kind(StrEnum):
    """What an entry is: something in a calendar, an unanswered request, or time away."""

    EVENT = "event"
    REQUEST = "request"
    ABSENCE = "absence"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the week, from `start` to `end` in UTC seconds.

    `lines` follow the title where there is room (a guest, a place). `booked` tells that koble
    made it. `colour` is the calendar's (`#rrggbb`), used as an accent only. `source` is what the
    entry was made from, for whoever opens it.
    """

    start: int
    end: int
    title: str = ""
    lines: tuple[str, ...] = ()
    blocking: Blocking = Blocking.HARD
    kind: Kind = Kind.EVENT
    booked: bool = False
    all_day: bool = False
    colour: str = ""
    source: Occurrence | Booking | None = None


class WeekData(msgspec.Struct, frozen=True, kw_only=True):
    """`days` civil days from `first_day`, in the IANA `zone`, seen at `now` (UTC seconds).

    `entries` may hold more than the week. `hours` are working hours, as spans in UTC seconds;
    empty: no difference is shown. `offers` are bookable starts, drawn as light marks.
    `second_zone` adds an hour axis.
    """

    first_day: date
    days: int = 7
    zone: str
    now: int
    entries: Sequence[Entry] = ()
    hours: Sequence[Span] = ()
    offers: Sequence[int] = ()
    second_zone: str = ""


def of_occurrence(
    occurrence: Occurrence, blocking: Blocking, *, booked: bool = False, colour: str = ""
) -> Entry:
    """The entry of a calendar's occurrence; `booked` when koble made its event."""
    event = occurrence.event
    return Entry(
        start=occurrence.start,
        end=occurrence.end,
        title=event.title,
        lines=(event.location,) if event.location else (),
        blocking=blocking,
        booked=booked,
        all_day=event.all_day,
        colour=colour,
        source=occurrence,
    )


def of_request(booking: Booking) -> Entry:
    """The entry of a requested booking that waits for an answer."""
    return Entry(
        start=booking.start,
        end=booking.end,
        title=booking.guest.name or booking.title,
        lines=(booking.title,),
        blocking=Blocking.SOFT,
        kind=Kind.REQUEST,
        booked=True,
        source=booking,
    )


def of_absence(span: Span, title: str) -> Entry:
    """The entry of time away (out of office)."""
    return Entry(start=span[0], end=span[1], title=title, kind=Kind.ABSENCE)
