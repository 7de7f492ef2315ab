"""What is bookable, and why the rest is not: one sweep, asked by every face and every booking."""

from enum import StrEnum

import msgspec

from scheduling.bookings import Booking, Busy
from scheduling.events import Span
from scheduling.pages import Page, Schedule
from words import Phrase


class Mode(StrEnum):
    """How far the calendars can be trusted now, and so what a booking becomes (§9).

    LIVE: confirmed. TO_BE_CONFIRMED: requested, and confirmed by itself after a good read.
    OFFLINE: requested only, accepted by a person.
    """

    LIVE = "live"
    TO_BE_CONFIRMED = "to_be_confirmed"
    OFFLINE = "offline"


class Host(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One person who must be free: working hours, time that is taken, koble's own bookings."""

    schedule: Schedule
    busy: tuple[Busy, ...] = ()
    bookings: tuple[Booking, ...] = ()


class State(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known when offers are asked for.

    All `hosts` must be free; the first is the owner, whose zone and limits rule. `moving` is the
    id of the booking that is being rescheduled: it neither blocks nor counts. `as_host`: notice,
    window and limits do not bind, and `explain` names them as marks.
    """

    hosts: tuple[Host, ...]
    mode: Mode = Mode.LIVE
    moving: str = ""
    as_host: bool = False


class Offer(msgspec.Struct, frozen=True, gc=False, order=True):
    """A bookable time, in UTC seconds."""

    start: int
    end: int


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that keeps a time from being offered.

    `rule` is a stable name; `source` is the id of the event or booking, or the setting, that it
    comes from; `remedy` says what would change it, where anything would. A `mark` does not keep
    the host from booking.
    """

    rule: str
    phrase: Phrase
    source: str = ""
    remedy: Phrase | None = None
    mark: bool = False


def offer(
    page: Page, state: State, span: Span, now: int, minutes: int | None = None
) -> list[Offer]:
    """Every bookable time of `minutes` (the page's first duration) that lies wholly in `span`."""
    raise NotImplementedError


def explain(
    page: Page, state: State, start: int, now: int, minutes: int | None = None
) -> list[Reason]:
    """Every reason why `start` is not offered; empty exactly where `offer` has it."""
    raise NotImplementedError


def nearest(offers: list[Offer], start: int, n: int = 3) -> list[Offer]:
    """The `n` offers nearest to `start`, in order of time."""
    raise NotImplementedError
