"""What is known when offers are asked for: the hosts, what is taken, and how far to trust it."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

import msgspec

from scheduling.bookings import Booking, BookingState, Busy
from scheduling.connections import Health
from scheduling.events import Blocking, Span
from scheduling.intervals import merge
from scheduling.pages import Page, Schedule
from scheduling.zones import MINUTE


class Mode(StrEnum):
    """How far the calendars can be trusted now, and so what a booking becomes (§9).

    LIVE: confirmed. TO_BE_CONFIRMED: requested, and confirmed by itself after a good read.
    OFFLINE: requested only, accepted by a person.
    """

    LIVE = "live"
    TO_BE_CONFIRMED = "to_be_confirmed"
    OFFLINE = "offline"


def mode(calendars: Iterable[tuple[Health, bool]]) -> Mode:
    """The mode that follows from the conflict calendars: the health of each, and if it is ignored.

    The worst one rules. A calendar that its owner ignores is as good as a fresh one; no calendar
    at all is offline mode.
    """
    worst: Mode | None = None
    for health, ignored in calendars:
        if ignored or health is Health.FRESH:
            worst = worst or Mode.LIVE
        elif health is Health.STALE:
            worst = Mode.TO_BE_CONFIRMED
        else:
            return Mode.OFFLINE
    return worst or Mode.OFFLINE


class Own(msgspec.Struct, frozen=True):
    """A meeting of koble's own that takes time, with the buffers (minutes) of its page."""

    start: int
    end: int
    buffer_before: int
    buffer_after: int
    id: str
    event_id: str
    title: str

    def kept(self, page: Page) -> Span:
        """The time that meetings of `page` must leave free for this one, buffers included (§3)."""
        between = sum if page.buffer_between == "sum" else max
        before = between((page.buffer_after, self.buffer_before))
        after = between((page.buffer_before, self.buffer_after))
        return self.start - before * MINUTE, self.end + after * MINUTE


class Host(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One person who must be free: working hours, time that is taken, koble's own bookings.

    `bookings` are those of all pages; requested and confirmed ones take time. What is derived
    from ten thousand busy times is derived once: keep a host for as long as its data is the same.
    """

    schedule: Schedule
    busy: tuple[Busy, ...] = ()
    bookings: tuple[Booking, ...] = ()
    name: str = ""

    @cached_property
    def hard(self) -> list[Span]:
        """Time taken by others' events that block in any case, sorted and apart."""
        return merge((b.start, b.end) for b in self.busy if b.blocking is _HARD and not b.own)

    @cached_property
    def taken(self) -> list[Span]:
        """Time taken by others' events, soft ones among them, sorted and apart."""
        return merge((b.start, b.end) for b in self.busy if b.blocking is not _NO and not b.own)

    @cached_property
    def own(self) -> tuple[Own, ...]:
        """What koble itself has put there."""
        booked = [
            Own(b.start, b.end, b.buffer_before, b.buffer_after, b.id, b.event_id, b.title)
            for b in self.bookings
            if b.state in TAKING and b.start < b.end
        ]
        return tuple(
            booked
            + [
                Own(b.start, b.end, b.buffer_before, b.buffer_after, "", b.event_id, b.title)
                for b in self.busy
                if b.own and b.blocking is not _NO and b.start < b.end
            ]
        )

    def without(self, moving: str) -> "Host":
        """This host as if the booking `moving`, and its event in a calendar, were not there."""
        event_ids = {b.event_id for b in self.bookings if b.id == moving and b.event_id}
        return Host(
            schedule=self.schedule,
            busy=tuple(b for b in self.busy if b.event_id not in event_ids),
            bookings=tuple(b for b in self.bookings if b.id != moving),
            name=self.name,
        )


TAKING = (BookingState.REQUESTED, BookingState.CONFIRMED)
"""States in which a booking takes its time and counts towards limits."""
_HARD, _NO = Blocking.HARD, Blocking.NO


class State(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All that is known when offers are asked for.

    All `hosts` must be free; the first is the owner, whose zone and limits rule. `moving` is the
    id of the booking that is being rescheduled: it neither blocks nor counts. `as_host`: notice,
    window and limits do not bind, and `explain` names them as marks.
    """

    hosts: tuple[Host, ...]
    mode: Mode = Mode.LIVE
    moving: str = ""
    as_host: bool = False

    @cached_property
    def present(self) -> tuple[Host, ...]:
        """The hosts without what is being moved."""
        if not self.moving:
            return self.hosts
        return tuple(host.without(self.moving) for host in self.hosts)
