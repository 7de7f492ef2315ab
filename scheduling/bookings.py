"""Bookings: the meetings that koble itself makes, and the states they go through (§9)."""

from enum import StrEnum

import msgspec

from scheduling.events import Blocking


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
    link: str = ""
    sequence: int = 0
    """Counts the changes of the calendar event, as iCalendar's SEQUENCE does."""
    reason: str = ""
    """Why it was declined or cancelled, in the words of whoever did it."""
    trouble: str = ""
    """Why it is not in the calendar yet, for the host."""
    outcome: Outcome = Outcome.SCHEDULED


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
