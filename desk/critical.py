"""The critical section in which a time is sold once: what one commit looks at and stores (§9)."""

from typing import TYPE_CHECKING

import msgspec

from desk.offers import WEEK
from desk.outbox import Effect
from desk.records import document, record
from scheduling.bookings import Booking, BookingState, Guest, accept
from scheduling.connections import Connection, exchange_refusal
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Mode, Offer, Reason, State, explain, nearest, offer
from scheduling.pages import Page
from scheduling.text import clean, clean_lines
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk


class NotOffered(KobleError):
    """The time is not offered (any more): why, for the host, and the nearest times that are."""

    def __init__(self, reasons: list[Reason], others: list[Offer]) -> None:
        hint = reasons[0].phrase if reasons else None
        super().__init__(
            ErrorKind.NOT_OFFERED, Phrase("That time is not offered."), hint, field="start"
        )
        self.reasons = reasons
        self.others = others


class CriticalSection:
    """The parts that commits about bookings are made of.

    Each but `read_afresh` runs inside a transaction, with nothing awaited in it.
    """

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def around(self, store: Store, booking: Booking) -> tuple[Page, State]:
        """The page of a booking, and everything around the booking but itself."""
        try:
            page = self._desk.pages.get_in(store, booking.page)
        except KobleError:
            page = Page(name=booking.page)  # deleted since; its meetings stay
        state = self._desk.offers.state_in(
            store, page, booking.start, booking.end, moving=booking.id, as_host=True
        )
        return page, state

    async def read_afresh(self, around: int) -> None:
        """Read every conflict calendar, as far as the weeks around an instant."""
        calendars = await self._desk.calendars.all()
        await self._desk.sync.now(only={each.id for each in calendars if each.conflicts})
        await self._desk.sync.cover(around - 2 * WEEK, around + 2 * WEEK)

    def offered(
        self,
        store: Store,
        page: Page,
        start: int,
        minutes: int,
        *,
        moving: str = "",
        as_host: bool = False,
    ) -> State:
        """The state in which exactly this time is offered; `NotOffered` where it is not."""
        now = self._desk.clock.now()
        end = start + minutes * 60
        state = self._desk.offers.state_in(
            store, page, start - WEEK, end + WEEK, moving=moving, as_host=as_host
        )
        offers = offer(page, state, (start - WEEK, end + WEEK), now, minutes)
        if Offer(start, end) not in offers:
            raise NotOffered(explain(page, state, start, now, minutes), nearest(offers, start, 3))
        return state

    def clashes(self, store: Store, booking: Booking) -> list[Reason]:
        """Reasons of an accepted booking that no host may overrule: what else lies there."""
        page, state = self.around(store, booking)
        reasons = explain(
            page,
            state,
            booking.start,
            self._desk.clock.now(),
            (booking.end - booking.start) // 60,
        )
        return [each for each in reasons if each.rule in ("busy", "booking", "past")]

    def new(
        self, page: Page, start: int, minutes: int, guest: Guest, *, key: str = "", note: str = ""
    ) -> Booking:
        """A request for that time, as the page is now; not stored."""
        booking_id = self._desk.ids()
        return Booking(
            id=booking_id,
            page=page.name,
            title=clean(f"{page.title or page.name}: {guest.name}"),
            start=start,
            end=start + minutes * 60,
            guest=guest,
            state=BookingState.REQUESTED,
            made_at=self._desk.clock.now(),
            uid=f"{booking_id}@koble",
            buffer_before=page.buffer_before,
            buffer_after=page.buffer_after,
            key=key,
            note=clean_lines(note, limit=5_000),
            location=page.location,
            conference=page.conference,
        )

    def put_new(
        self, store: Store, booking: Booking, mode: Mode, *, by_host: bool = False
    ) -> Booking:
        """Store a booking and, where a calendar is connected, the intent to write its event.

        `by_host`: made on the record of a contact, which not every calendar takes (S21): then it
        is confirmed without an event, and says why.
        """
        destination = self._desk.connections.overview_in(store).destination
        refusal = (
            self.refusal(store, destination.id, "to_calendar") if by_host and destination else None
        )
        if refusal is not None:
            booking = msgspec.structs.replace(accept(booking), trouble=str(refusal))
            said = Phrase("Booked: {title}.", title=booking.title)
        elif mode is not Mode.OFFLINE and destination is not None:
            booking = msgspec.structs.replace(booking, adding=True, calendar=destination.id)
            self._desk.outbox.add(store, Effect.CREATE, booking, due=self._desk.clock.now())
            said = Phrase("Booked: {title}.", title=booking.title)
        else:
            said = Phrase("Requested: {title}.", title=booking.title)
        self.put(store, booking, said)
        return booking

    def take_out(self, store: Store, booking: Booking, *, wait: int = 0) -> None:
        """Promise to delete the event of a booking in `wait` seconds, where it may have one."""
        unheard = self._desk.outbox.withdraw(store, booking.id)
        if not unheard and (booking.event_id or booking.adding):
            due = self._desk.clock.now() + wait
            self._desk.outbox.add(store, Effect.DELETE, booking, due=due)

    def put(self, store: Store, booking: Booking, said: Phrase) -> None:
        """Store a booking, and say in the log what became of it."""
        store.bookings.put(document(booking))
        self._desk.log.add(store, said, subject=booking.id)

    @staticmethod
    def get(store: Store, booking_id: str) -> Booking:
        """A booking by its id, or by an unambiguous beginning of it.

        Raises:
            KobleError: not_found.
        """
        if found := store.bookings.by_id(booking_id):
            return record(Booking, found)
        near = [each for each in store.bookings.all() if each["id"].startswith(booking_id)]
        if len(near) == 1 and len(booking_id) >= 4:
            return record(Booking, near[0])
        raise KobleError(
            ErrorKind.NOT_FOUND,
            Phrase("There is no booking {id}.", id=clean(booking_id, limit=40)),
            field="booking",
        )

    def allowed(self, store: Store, booking: Booking, action: str) -> None:
        """Nothing, where the booking's calendar allows the action.

        Raises:
            KobleError: permission (Exchange, S20).
        """
        if booking.event_id and (refusal := self.refusal(store, booking.calendar, action)):
            raise refusal

    def may_propose(self, store: Store) -> None:
        """Nothing, where times may be proposed from the calendar that is booked into.

        Raises:
            KobleError: permission (Exchange, S23).
        """
        into = self._desk.connections.overview_in(store).destination
        if into and (refusal := self.refusal(store, into.id, "propose")):
            raise refusal

    @staticmethod
    def refusal(store: Store, calendar_id: str, action: str) -> KobleError | None:
        """Why the calendar's connection does not allow it (Exchange, S20, S21 and S23)."""
        calendar = store.calendars.by_id(calendar_id)
        found = store.connections.by_id(calendar["connection"]) if calendar else None
        return exchange_refusal(record(Connection, found), action) if found else None
