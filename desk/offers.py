"""Which times a page offers, and why others are not: the rules, fed with what the store holds."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from desk.calendars import DAY
from desk.records import records
from scheduling.bookings import Booking, BookingState, Busy, in_calendar
from scheduling.busy import busy
from scheduling.connections import Calendar
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Host, Mode, Offer, Reason, State, explain, offer
from scheduling.pages import Page
from scheduling.rehearsal import Night, rehearse
from scheduling.zones import Zone, zone
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

WEEK = 7 * DAY
YEAR = 370 * DAY
LONGEST = 400 * DAY
"""The longest span that offers are computed for at once."""
COUNTED = (BookingState.REQUESTED, BookingState.CONFIRMED)


class Free(msgspec.Struct, frozen=True, kw_only=True):
    """A page's offers in `[start, end)`; `mode` says what booking one of them leads to."""

    page: Page
    zone: str
    mode: Mode
    start: int
    end: int
    offers: tuple[Offer, ...]


class Slot(msgspec.Struct, frozen=True):
    """A time that the page's hours hold, in UTC seconds, and whether it is offered."""

    start: int
    end: int
    offered: bool


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of a page does to its offers."""

    gained: tuple[Offer, ...]
    lost: tuple[Offer, ...]


class Offers:
    """What is bookable."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._generation = -1
        self._hosts: dict[tuple[str, int, int], Host] = {}

    # Inside a read or a transaction:

    def state_in(
        self,
        store: Store,
        page: Page,
        start: int,
        end: int,
        *,
        moving: str = "",
        as_host: bool = False,
    ) -> State:
        """Everything that `offer` and `explain` need to know about `[start, end)`."""
        if page.window.bookable_days is not None:
            start = min(start, self._desk.clock.now())  # days are counted from today
        # A free range may begin two days before, and a buffer reach a day into it.
        return State(
            hosts=(self._host_in(store, page.zone, start // DAY - 3, end // DAY + 2),),
            mode=self._mode_in(store, start, end),
            moving=moving,
            as_host=as_host,
        )

    def _mode_in(self, store: Store, start: int, end: int) -> Mode:
        """What booking leads to; where a calendar was never read, nothing is known to be free."""
        if not self._desk.sync.knows_in(store, start, end):
            return Mode.OFFLINE
        return self._desk.connections.overview_in(store).mode

    def _host_in(self, store: Store, zone_name: str, first: int, last: int) -> Host:
        """The owner, with what is taken on the days `[first, last)` in UTC.

        Kept for as long as nothing is committed: a host that is asked again answers at once.
        """
        if store.generation != self._generation:
            self._generation = store.generation
            self._hosts.clear()
        key = (zone_name, first, last)
        if (host := self._hosts.get(key)) is None:
            schedule = self._desk.settings.schedule_in(store)
            where = zone(zone_name or schedule.zone)
            start, end = first * DAY, last * DAY
            # Limits count meetings of up to a year around.
            near = records(Booking, store.bookings.overlapping(start - YEAR, end + YEAR))
            # One whose event was moved outside takes its new time, and the old one is free.
            bookings = tuple(
                there for each in near if each.state in COUNTED and (there := in_calendar(each))
            )
            host = self._hosts[key] = Host(
                schedule=schedule,
                busy=self._busy_in(store, start, end, where, bookings),
                bookings=bookings,
            )
        return host

    def _busy_in(
        self, store: Store, start: int, end: int, where: Zone, bookings: tuple[Booking, ...]
    ) -> tuple[Busy, ...]:
        conflicts = [c for c in records(Calendar, store.calendars.all()) if c.conflicts]
        matrices = self._desk.calendars.matrices_in(store)
        # The event that koble wrote for a booking is the booking, unless somebody moved it.
        own = {(each.uid, each.start, each.end) for each in bookings if each.uid}
        return busy(
            (
                each
                for each in self._desk.calendars.occurrences_in(store, start, end, where, conflicts)
                if (each.event.uid, each.start, each.end) not in own
            ),
            {each.id: matrices[each.id] for each in conflicts},
            {each.id: each.name for each in conflicts},
        )

    def _span(self, start: int | None, end: int | None) -> tuple[int, int]:
        first = self._desk.clock.now() if start is None else start
        last = first + WEEK if end is None else end
        if last <= first:
            raise KobleError(
                ErrorKind.INVALID, Phrase("The end must be after the start."), field="to"
            )
        if last - first > LONGEST:
            raise KobleError(
                ErrorKind.INVALID,
                Phrase("That is more than {days} days.", days=LONGEST // DAY),
                Phrase("Ask for a shorter time."),
                field="to",
            )
        return first, last

    # For the faces:

    async def free(
        self,
        page: Page | str,
        start: int | None = None,
        end: int | None = None,
        *,
        minutes: int | None = None,
        moving: str = "",
        as_host: bool = False,
    ) -> Free:
        """The offers of a page (stored, or being edited) in `[start, end)`; seven days unless said.

        Args:
            page: the page, or its name.
            start: UTC seconds; now unless given.
            end: UTC seconds.
            minutes: which of the page's durations; the first unless given.
            moving: id of a booking that is being rescheduled; it does not keep times away.
            as_host: what the host may book, whom notice, window and limits do not bind.
        """
        first, last = self._span(start, end)
        await self._desk.sync.cover(first, last)

        def job(store: Store) -> tuple[Page, State]:
            found = self._desk.pages.get_in(store, page) if isinstance(page, str) else page
            state = self.state_in(store, found, first, last, moving=moving, as_host=as_host)
            return found, state

        found, state = await self._desk.read(job)
        now = self._desk.clock.now()
        return Free(
            page=found,
            zone=found.zone or state.hosts[0].schedule.zone,
            mode=state.mode,
            start=first,
            end=last,
            offers=tuple(offer(found, state, (first, last), now, minutes)),
        )

    async def slots(
        self, page: Page, start: int, end: int, *, minutes: int | None = None
    ) -> list[Slot]:
        """Every time in `[start, end)` that the hours of `page` hold, offered or not.

        `why` tells what keeps the others away; this is what a preview shows.
        """
        await self._desk.sync.cover(start, end)

        def job(store: Store) -> State:
            return self.state_in(store, page, start, end)

        state = await self._desk.read(job)
        now = self._desk.clock.now()
        offered = set(offer(page, state, (start, end), now, minutes))
        hours = msgspec.structs.replace(state.hosts[0].schedule, absences=())
        empty = State(hosts=(Host(schedule=hours),), as_host=True)
        held = offer(page, empty, (start, end), start, minutes)
        return [
            Slot(each.start, each.end, each in offered)
            for each in sorted(offered.union(held), key=lambda each: each.start)
        ]

    async def why(
        self, page: Page | str, start: int, *, minutes: int | None = None, moving: str = ""
    ) -> list[Reason]:
        """Every reason that keeps `start` from being offered; none: it is bookable."""
        await self._desk.sync.cover(start - 2 * DAY, start + 2 * DAY)

        def job(store: Store) -> tuple[Page, State]:
            found = self._desk.pages.get_in(store, page) if isinstance(page, str) else page
            low, high = start - 2 * DAY, start + 2 * DAY
            return found, self.state_in(store, found, low, high, moving=moving)

        found, state = await self._desk.read(job)
        return explain(found, state, start, self._desk.clock.now(), minutes)

    async def obstacle(self, page: Page) -> Reason | None:
        """What keeps most of a page's times in the coming seven days away, for the host.

        None: nothing does; the page holds no hours there, or is switched off.
        """
        now = self._desk.clock.now()
        held = [each for each in await self.slots(page, now, now + WEEK) if not each.offered]
        state = await self._desk.read(lambda store: self.state_in(store, page, now, now + WEEK))
        reasons = [each for slot in held for each in explain(page, state, slot.start, now)]
        often = Counter(each.rule for each in reasons)
        return max(reasons, key=lambda each: often[each.rule], default=None)

    async def change(
        self, before: Page, after: Page, start: int, end: int, *, minutes: int | None = None
    ) -> Change:
        """What the offers in `[start, end)` gain and lose when `before` becomes `after`."""
        old = set((await self.free(before, start, end, minutes=minutes)).offers)
        new = set((await self.free(after, start, end, minutes=minutes)).offers)
        return Change(
            gained=tuple(sorted(new - old, key=lambda each: each.start)),
            lost=tuple(sorted(old - new, key=lambda each: each.start)),
        )

    async def rehearse(self, page: Page | str, guests: Sequence[str] = ()) -> list[Night]:
        """What a page offers on both sides of the next changes of clocks, here and for guests."""

        def job(store: Store) -> list[Night]:
            found = self._desk.pages.get_in(store, page) if isinstance(page, str) else page
            schedule = self._desk.settings.schedule_in(store)
            return rehearse(found, schedule, self._desk.clock.now(), guests)

        return await self._desk.read(job)

    async def counts(self) -> dict[str, int]:
        """How many offers each page has in the coming seven days, by page name."""

        def job(store: Store) -> dict[str, int]:
            now = self._desk.clock.now()
            counts = {}
            for page in records(Page, store.pages.all()):
                state = self.state_in(store, page, now, now + WEEK)
                counts[page.name] = len(offer(page, state, (now, now + WEEK), now))
            return counts

        return await self._desk.read(job)
