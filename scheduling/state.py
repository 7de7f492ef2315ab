"""What is known when offers are asked for: the hosts, what is taken, and how far to trust it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

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
    """The mode that follows from the calendars: the health of each, and if its owner ignores it.

    The worst one rules. An ignored calendar takes no part, as if it were not there; but only
    without any calendar at all is it offline mode for that reason.
    """
    modes = {Mode.LIVE if ignored else _TRUST[health] for health, ignored in calendars}
    return next((each for each in reversed(Mode) if each in modes), Mode.OFFLINE)


_TRUST = {
    Health.FRESH: Mode.LIVE,
    Health.STALE: Mode.TO_BE_CONFIRMED,
    Health.UNKNOWN: Mode.OFFLINE,
    Health.SIGN_IN: Mode.OFFLINE,
}


class Own(msgspec.Struct, frozen=True):
    """A meeting of koble's own that takes time, with the buffers (minutes) of its page."""

    start: int
    end: int
    buffer_before: int
    buffer_after: int
    id: str
    event_id: str
    title: str


class Host(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One person who must be free: working hours, time that is taken, koble's own bookings.

    `bookings` are those of all pages; requested and confirmed ones take time. What is derived
    from ten thousand busy times is derived once: keep a host for as long as its data is the same.
    """

    schedule: Schedule
    busy: tuple[Busy, ...] = ()
    bookings: tuple[Booking, ...] = ()
    name: str = ""

    def kept(self, page: Page) -> list[Span]:
        """The time that a meeting of `page` must leave free, sorted and apart (§3).

        An event `[S, E)` keeps `[S − after, E + before)`; a meeting of koble's own, the larger of
        the two facing buffers, or their sum, on each side.
        """
        key = page.buffer_before, page.buffer_after, page.buffer_between, page.soft_blocks
        if (kept := self._kept.get(key)) is None:
            kept = self._kept[key] = self._keep(page)
        return kept

    def near(self, low: int, high: int) -> list[Busy]:
        """Others' events, soft ones among them, that overlap `[low, high)`; by start."""
        events = self._events
        i = bisect_right(events, low - self._longest, key=attrgetter("start"))
        j = bisect_left(events, high, key=attrgetter("start"))
        return [event for event in events[i:j] if event.end > low]

    @cached_property
    def own(self) -> tuple[Own, ...]:
        """What koble itself has put there."""
        booked = [
            Own(b.start, b.end, b.buffer_before, b.buffer_after, b.id, b.event_id, b.title)
            for b in self.bookings
            if b.state in TAKING and b.start < b.end
        ]
        mirrored = [
            Own(b.start, b.end, b.buffer_before, b.buffer_after, "", b.event_id, b.title)
            for b in self.busy
            if b.own and b.blocking is not _NO and b.start < b.end
        ]
        return (*booked, *mirrored)

    def without(self, moving: str) -> "Host":
        """This host as if the booking `moving`, and its event in a calendar, were not there."""
        event_ids = {b.event_id for b in self.bookings if b.id == moving and b.event_id}
        return Host(
            schedule=self.schedule,
            busy=tuple(b for b in self.busy if b.event_id not in event_ids),
            bookings=tuple(b for b in self.bookings if b.id != moving),
            name=self.name,
        )

    def _keep(self, page: Page) -> list[Span]:
        before, after = page.buffer_before * MINUTE, page.buffer_after * MINUTE
        between = sum if page.buffer_between == "sum" else max
        kept = [
            (
                own.start - between((page.buffer_after, own.buffer_before)) * MINUTE,
                own.end + between((page.buffer_before, own.buffer_after)) * MINUTE,
            )
            for own in self.own
        ]
        # Many events lie within others: they are passed over here, at a third of merge's cost.
        reach = 0
        for event in self._events:
            end = event.end
            if end > reach and (page.soft_blocks or event.blocking is _HARD):
                kept.append((event.start - after, end + before))
                reach = end
        return merge(kept)

    @cached_property
    def _kept(self) -> dict[tuple[int, int, str, bool], list[Span]]:
        return {}

    @cached_property
    def _events(self) -> list[Busy]:
        events = [b for b in self.busy if b.start < b.end and b.blocking is not _NO and not b.own]
        events.sort(key=attrgetter("start"))
        return events

    @cached_property
    def _longest(self) -> int:
        return max((event.end - event.start for event in self._events), default=0)


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
