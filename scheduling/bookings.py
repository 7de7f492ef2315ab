"""Bookings: the meetings that koble itself makes, and the states they go through (§9)."""

from enum import StrEnum

import msgspec

from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Blocking
from words import Phrase


class BookingState(StrEnum):
    """requested → confirmed | declined | expired; confirmed → rescheduled | cancelled.

    A requested booking may also be cancelled by its guest. A rescheduled booking is closed: its
    successor carries its id in `replaces`.
    """

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"


CLOSED = (BookingState.DECLINED, BookingState.EXPIRED)
"""The states of requests that came to nothing."""


class Outcome(StrEnum):
    """What became of a meeting; asked after it, never guessed."""

    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    RESCHEDULED = "rescheduled"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Guest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who booked; `zone` and `language` are theirs."""

    name: str
    email: str
    zone: str = ""
    language: str = ""


class Outside(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody made of a meeting's event outside koble: moved to `[start, end)`, or `gone`."""

    start: int = 0
    end: int = 0
    gone: bool = False


class Booking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A meeting booked or requested through a page; `start`, `end`, `made_at` in UTC seconds.

    `adding` says that koble itself will confirm a requested booking once the calendar answers
    (stale or unreachable calendar); otherwise a person has to accept it (offline mode).
    `event_id` is the calendar's own name of the event; a booking without one is never confirmed
    while a calendar is connected. The buffers are those of its page when it was made.
    """

    id: str
    page: str
    title: str
    start: int
    end: int
    guest: Guest
    state: BookingState
    made_at: int
    adding: bool = False
    uid: str = ""
    calendar: str = ""
    event_id: str = ""
    buffer_before: int = 0
    buffer_after: int = 0
    key: str = ""
    """Idempotency key: the same key gives the same answer."""
    replaces: str = ""
    proposed: tuple[int, ...] = ()
    """Other starts that the host proposed to the guest."""
    note: str = ""
    location: str = ""
    conference: bool = False
    """Its event is to have a video meeting; `link` leads there once it has."""
    link: str = ""
    sequence: int = 0
    """Counts the changes of the calendar event, as iCalendar's SEQUENCE does."""
    reason: str = ""
    """Why it was declined or cancelled, in the words of whoever did it."""
    trouble: str = ""
    """Why it is not in the calendar yet, for the host."""
    outcome: Outcome = Outcome.SCHEDULED
    written: int = 0
    """When koble wrote its event last (UTC seconds)."""
    outside: Outside | None = None
    """What its event became outside koble, until the host takes it over or puts it back."""
    removed: bool = False
    """The host took it off the list of requests, after it was declined or had expired."""


class Busy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Time that is taken: an event of a conflict calendar, or a booking of koble's own.

    `own` tells that it is koble's, with the buffers (minutes) of its page. `title` and `calendar`
    are for `explain`, and are never shown to guests.
    """

    start: int
    end: int
    blocking: Blocking = Blocking.HARD
    title: str = ""
    calendar: str = ""
    event_id: str = ""
    own: bool = False
    buffer_before: int = 0
    buffer_after: int = 0


def accept(booking: Booking) -> Booking:
    """A request that a person accepted, where no calendar is connected to add it to.

    Raises:
        KobleError: conflict, unless it is requested; so in all these functions.
    """
    _expect(booking, BookingState.REQUESTED)
    return msgspec.structs.replace(booking, state=BookingState.CONFIRMED, adding=False)


def confirm(booking: Booking) -> Booking:
    """A request whose event stands in the calendar.

    Raises:
        KobleError: conflict, unless it is requested and has the calendar's name of its event.
    """
    _expect(booking, BookingState.REQUESTED)
    if not booking.event_id:
        raise KobleError(
            ErrorKind.CONFLICT,
            Phrase("The meeting is not in the calendar yet."),
            Phrase("It is confirmed once its event is written."),
        )
    return msgspec.structs.replace(booking, state=BookingState.CONFIRMED, adding=False)


def decline(booking: Booking, reason: str = "") -> Booking:
    """A request that the host turned down."""
    _expect(booking, BookingState.REQUESTED)
    return _closed(booking, BookingState.DECLINED, reason)


def expire(booking: Booking) -> Booking:
    """A request that nobody answered before it would have begun."""
    _expect(booking, BookingState.REQUESTED)
    return _closed(booking, BookingState.EXPIRED, booking.reason)


def put_away(booking: Booking, *, away: bool = True) -> Booking:
    """A request that came to nothing, taken off the list of requests, or put back on it."""
    if booking.state is BookingState.REQUESTED:
        raise KobleError(
            ErrorKind.CONFLICT,
            Phrase("The request still waits for an answer."),
            Phrase("Accept it or decline it first."),
        )
    if booking.state not in CLOSED:
        raise KobleError(
            ErrorKind.CONFLICT,
            Phrase("Only requests that were declined or have expired can be removed."),
        )
    return msgspec.structs.replace(booking, removed=away)


def cancel(booking: Booking, reason: str = "") -> Booking:
    """A meeting, or a request, that was called off by either side."""
    _expect(booking, BookingState.REQUESTED, BookingState.CONFIRMED)
    cancelled = _closed(booking, BookingState.CANCELLED, reason)
    return msgspec.structs.replace(cancelled, outcome=Outcome.CANCELLED)


def reschedule(booking: Booking) -> Booking:
    """A meeting, or a request, in whose place another one stands (which names it in `replaces`)."""
    _expect(booking, BookingState.REQUESTED, BookingState.CONFIRMED)
    moved = _closed(booking, BookingState.RESCHEDULED, booking.reason)
    return msgspec.structs.replace(moved, outcome=Outcome.RESCHEDULED)


def in_calendar(booking: Booking) -> Booking | None:
    """A booking at the time that its event has, which is what it takes; None: it takes none."""
    there = booking.outside
    if there is None or booking.state is not BookingState.CONFIRMED:
        return booking
    return (
        None if there.gone else msgspec.structs.replace(booking, start=there.start, end=there.end)
    )


def changed_outside(booking: Booking) -> Outside:
    """What became of its event outside koble.

    Raises:
        KobleError: conflict, where it is as koble wrote it, or the meeting is over and done with.
    """
    _expect(booking, BookingState.CONFIRMED)
    if booking.outside is None:
        raise KobleError(
            ErrorKind.CONFLICT, Phrase("Its event is as koble wrote it: nothing was changed.")
        )
    return booking.outside


def guest_refusal(booking: Booking, notice: int, now: int) -> KobleError | None:
    """Why its guest may no longer cancel or move a booking, by the page's notice (minutes)."""
    if booking.start - now >= notice * 60 and now < booking.start:
        return None
    return KobleError(
        ErrorKind.PERMISSION,
        Phrase("It is too late to change this meeting.")
        if now < booking.start
        else Phrase("This meeting has begun already."),
        Phrase("Write to the host instead."),
    )


def _closed(booking: Booking, state: BookingState, reason: str) -> Booking:
    return msgspec.structs.replace(booking, state=state, adding=False, reason=reason)


def _expect(booking: Booking, *states: BookingState) -> None:
    if booking.state not in states:
        raise KobleError(ErrorKind.CONFLICT, _IS_NOW[booking.state])


_IS_NOW = {
    BookingState.REQUESTED: Phrase("It is only requested."),
    BookingState.CONFIRMED: Phrase("It is confirmed already."),
    BookingState.DECLINED: Phrase("It was declined."),
    BookingState.EXPIRED: Phrase("The request has expired."),
    BookingState.RESCHEDULED: Phrase("It was moved to another time."),
    BookingState.CANCELLED: Phrase("It was cancelled."),
}
