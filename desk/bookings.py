"""Booking: the critical section in which a time is sold once, and what becomes of it (§9)."""

from typing import TYPE_CHECKING

import msgspec

from desk.offers import WEEK
from desk.outbox import Effect
from desk.records import document, record, records
from scheduling.bookings import (
    Booking,
    BookingState,
    Guest,
    Outcome,
    accept,
    cancel,
    changed_outside,
    decline,
    expire,
    reschedule,
)
from scheduling.checks import check_email
from scheduling.connections import Connection, exchange_refusal
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Mode, Offer, Reason, State, explain, nearest, offer
from scheduling.pages import Page
from scheduling.text import clean, clean_lines
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

_FOREVER = 1 << 40
UNDO = 10
"""Seconds in which an act can be undone, before anything leaves the house."""


class NotOffered(KobleError):
    """The time is not offered (any more): why, for the host, and the nearest times that are."""

    def __init__(self, reasons: list[Reason], others: list[Offer]) -> None:
        hint = reasons[0].phrase if reasons else None
        super().__init__(
            ErrorKind.NOT_OFFERED, Phrase("That time is not offered."), hint, field="start"
        )
        self.reasons = reasons
        self.others = others


class Bookings:
    """Meetings booked or requested through pages."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    # Looking:

    async def get(self, booking_id: str) -> Booking:
        """One booking; an unambiguous beginning of its id is enough."""
        return await self._desk.read(lambda store: self._get(store, booking_id))

    async def all(self, *states: BookingState) -> list[Booking]:
        """Bookings in these states (every one, where none is named), by start."""
        found = await self._desk.read(lambda store: store.bookings.all())
        bookings = [each for each in records(Booking, found) if not states or each.state in states]
        return sorted(bookings, key=lambda each: (each.start, each.made_at))

    async def requests(self) -> list[Booking]:
        """Requests that wait for the host or for the calendar, by start."""
        return await self.all(BookingState.REQUESTED)

    async def upcoming(self, limit: int = 20) -> list[Booking]:
        """The next confirmed meetings that have not ended."""
        now = self._desk.clock.now()
        return [each for each in await self.all(BookingState.CONFIRMED) if each.end > now][:limit]

    async def clashes(self, booking_id: str) -> list[Reason]:
        """What a request would clash with if it were accepted now."""

        def job(store: Store) -> list[Reason]:
            booking = self._get(store, booking_id)
            return self._clashes_in(store, booking)

        return await self._desk.read(job)

    # Acting:

    async def book(
        self,
        page_name: str,
        start: int,
        guest: Guest,
        *,
        minutes: int | None = None,
        key: str = "",
        note: str = "",
        as_host: bool = False,
    ) -> Booking:
        """Book or request `start` (UTC seconds) on a page.

        Connected and fresh: the event is written and the booking confirmed; where that fails it
        stays requested and is added later by itself. Without a calendar it is a request.

        Args:
            page_name: the page.
            start: when, in UTC seconds; must be exactly an offer.
            guest: who books.
            minutes: which of the page's durations; the first unless given.
            key: the same key gives the same booking, however often it is sent.
            note: what the guest wants to say.
            as_host: booked by the host, whom notice, window and limits do not bind.

        Raises:
            NotOffered: with the reasons and the nearest other times.
            KobleError: invalid guest or duration, unknown page.
        """
        guest = _checked_guest(guest)
        await self._read_conflicts_afresh(start)

        def commit(store: Store) -> Booking:
            if key and (known := store.bookings.where("key", key)):
                return record(Booking, known[0])
            page = self._desk.pages.get_in(store, page_name)
            length = minutes or page.durations[0]
            state = self._offered(store, page, start, length, as_host=as_host)
            booking = self._new(page, start, length, guest, key=key, note=note)
            booking = self._put_new(store, booking, state.mode, by_host=as_host)
            self._desk.contacts.note_in(store, guest)
            return booking

        booking = await self._desk.write(commit)
        await self._desk.outbox.perform(booking=booking.id)
        return await self.get(booking.id)

    async def accept(self, booking_id: str) -> Booking:
        """Accept a request: checked against everything that came in between, then written.

        Raises:
            NotOffered: something lies there by now.
            KobleError: conflict, where it is no request any more.
        """
        await self._read_conflicts_afresh((await self.get(booking_id)).start)

        def commit(store: Store) -> Booking:
            booking = self._get(store, booking_id)
            if reasons := self._clashes_in(store, booking):
                raise NotOffered(reasons, [])
            destination = self._desk.connections.overview_in(store).destination
            if destination is None:
                booking = accept(booking)
            else:
                if booking.state is not BookingState.REQUESTED:
                    accept(booking)  # says why not
                booking = msgspec.structs.replace(
                    booking, adding=True, calendar=destination.id, trouble=""
                )
                self._desk.outbox.withdraw(store, booking.id)
                self._desk.outbox.add(store, Effect.CREATE, booking, due=self._desk.clock.now())
            self._put(store, booking, Phrase("Request accepted: {title}.", title=booking.title))
            return booking

        booking = await self._desk.write(commit)
        await self._desk.outbox.perform(booking=booking.id)
        return await self.get(booking.id)

    async def decline(self, booking_id: str, reason: str = "") -> Booking:
        """Decline a request; the reason is kept."""

        def commit(store: Store) -> Booking:
            booking = self._get(store, booking_id)
            declined = decline(booking, reason=clean_lines(reason, limit=2_000))
            self._take_out(store, booking, wait=UNDO)
            self._put(store, declined, Phrase("Request declined: {title}.", title=booking.title))
            return declined

        return await self._desk.write(commit)

    async def propose(self, booking_id: str, starts: list[int]) -> Booking:
        """Note other times for a request; they must be offered."""

        def commit(store: Store) -> Booking:
            booking = self._get(store, booking_id)
            page = self._desk.pages.get_in(store, booking.page)
            for start in starts:
                self._offered(
                    store, page, start, (booking.end - booking.start) // 60, moving=booking.id
                )
            booking = msgspec.structs.replace(booking, proposed=tuple(sorted(starts)))
            self._put(store, booking, Phrase("Other times proposed: {title}.", title=booking.title))
            return booking

        return await self._desk.write(commit)

    async def cancel(self, booking_id: str, reason: str = "", *, undo: bool = False) -> Booking:
        """Cancel a meeting or request; its event is deleted (after ten seconds, with `undo`).

        Raises:
            KobleError: permission, where the calendar does not allow it (Exchange, S20).
        """

        def commit(store: Store) -> Booking:
            booking = self._get(store, booking_id)
            self._allowed(store, booking, "cancel")
            cancelled = cancel(booking, reason=clean_lines(reason, limit=2_000))
            self._take_out(store, booking, wait=UNDO if undo else 0)
            self._put(store, cancelled, Phrase("Meeting cancelled: {title}.", title=booking.title))
            return cancelled

        booking = await self._desk.write(commit)
        if not undo:
            await self._desk.outbox.perform(booking=booking.id)
        return await self.get(booking.id)

    async def reschedule(
        self, booking_id: str, start: int, *, minutes: int | None = None, undo: bool = False
    ) -> Booking:
        """Move a meeting or request to another offered time; returns the booking in its place.

        Raises:
            NotOffered: with the reasons and the nearest other times.
            KobleError: permission, where the calendar does not allow it (Exchange, S20).
        """
        await self._read_conflicts_afresh(start)

        def commit(store: Store) -> Booking:
            old = self._get(store, booking_id)
            self._allowed(store, old, "reschedule")
            page = self._desk.pages.get_in(store, old.page)
            length = minutes or (old.end - old.start) // 60
            state = self._offered(store, page, start, length, moving=old.id, as_host=True)
            closed = reschedule(old)
            new = msgspec.structs.replace(
                self._new(page, start, length, old.guest, note=old.note),
                replaces=old.id,
                title=old.title,
                uid=old.uid,
                calendar=old.calendar,
                # Of an event that somebody deleted, a new one has to be made.
                event_id="" if old.outside and old.outside.gone else old.event_id,
                link=old.link,
                sequence=old.sequence + 1,
            )
            self._put(store, closed, Phrase("Meeting moved: {title}.", title=old.title))
            unheard = self._desk.outbox.withdraw(store, old.id)
            if new.event_id or (old.adding and not unheard):
                # In the calendar already, or perhaps: its event is moved, not made anew.
                new = msgspec.structs.replace(new, state=old.state, adding=old.adding)
                store.bookings.put(document(new))
                due = self._desk.clock.now() + (UNDO if undo else 0)
                self._desk.outbox.add(store, Effect.UPDATE, new, due=due)
                return new
            by_host = old.state is BookingState.CONFIRMED  # and yet in no calendar
            return self._put_new(store, new, state.mode, by_host=by_host)

        booking = await self._desk.write(commit)
        if not undo:
            await self._desk.outbox.perform(booking=booking.id)
        return await self.get(booking.id)

    async def take_over(self, booking_id: str) -> Booking:
        """Let a meeting be as its event is outside koble: at its new time, or cancelled.

        Nothing is written to the calendar. Returns the booking that stands there then.

        Raises:
            KobleError: conflict, where nothing was changed outside, or is not any more.
        """
        await self._read_conflicts_afresh((await self.get(booking_id)).start)

        def commit(store: Store) -> Booking:
            old = self._get(store, booking_id)
            there = changed_outside(old)
            if there.gone:
                after = msgspec.structs.replace(cancel(old), event_id="", outside=None)
                said = Phrase("Cancelled, as its event was deleted: {title}.", title=old.title)
            else:
                after = msgspec.structs.replace(
                    old,
                    id=self._desk.ids(),
                    start=there.start,
                    end=there.end,
                    made_at=self._desk.clock.now(),
                    replaces=old.id,
                    key="",
                    outside=None,
                )
                closed = msgspec.structs.replace(reschedule(old), outside=None)
                store.bookings.put(document(closed))
                said = Phrase("Moved, as its event was: {title}.", title=old.title)
            self._put(store, after, said)
            return after

        return await self._desk.write(commit)

    async def put_back(self, booking_id: str) -> Booking:
        """Write a meeting's event back to the time that koble knows.

        Raises:
            NotOffered: something else lies there by now.
            KobleError: conflict, where nothing was changed outside; permission, where the calendar
                does not allow it (Exchange, S20).
        """
        await self._read_conflicts_afresh((await self.get(booking_id)).start)

        def commit(store: Store) -> Booking:
            booking = self._get(store, booking_id)
            gone = changed_outside(booking).gone
            if not gone:
                self._allowed(store, booking, "reschedule")
            if reasons := self._clashes_in(store, booking):
                raise NotOffered(reasons, [])
            booking = msgspec.structs.replace(
                booking,
                outside=None,
                event_id="" if gone else booking.event_id,
                sequence=booking.sequence + 1,
            )
            effect = Effect.CREATE if gone else Effect.UPDATE
            self._desk.outbox.add(store, effect, booking, due=self._desk.clock.now())
            self._put(store, booking, Phrase("Put back: {title}.", title=booking.title))
            return booking

        booking = await self._desk.write(commit)
        await self._desk.outbox.perform(booking=booking.id)
        return await self.get(booking.id)

    async def changed_outside(self) -> list[Booking]:
        """Coming meetings whose events somebody moved or deleted outside koble, by start."""
        now = self._desk.clock.now()
        found = await self._desk.read(lambda store: store.bookings.overlapping(now, _FOREVER))
        marked = [each for each in records(Booking, found) if each.outside is not None]
        return [each for each in marked if each.state is BookingState.CONFIRMED]

    async def undo(self, booking_id: str) -> Booking:
        """Take back a cancellation, a decline or a move that has not left the house.

        Raises:
            KobleError: conflict, where it has, or where something lies there by now.
        """

        def commit(store: Store) -> Booking:
            booking = self._get(store, booking_id)
            promised = bool(store.intents.where("booking", booking.id))
            # With an event in the calendar there was a promise; where it is gone, it was kept.
            done = not self._desk.outbox.withdraw(store, booking.id)
            if done and (promised or booking.event_id):
                raise KobleError(
                    ErrorKind.CONFLICT, Phrase("It has been done already and cannot be undone.")
                )
            if booking.replaces and booking.state in (
                BookingState.CONFIRMED,
                BookingState.REQUESTED,
            ):
                before = self._get(store, booking.replaces)
                store.bookings.drop(booking.id)
            else:
                before = booking
            state = BookingState.CONFIRMED if before.event_id else BookingState.REQUESTED
            back = msgspec.structs.replace(
                before, state=state, reason="", outcome=Outcome.SCHEDULED, adding=False
            )
            # Stored before it is looked at: its event in the calendar is then known as its own.
            self._put(store, back, Phrase("Undone: {title}.", title=back.title))
            if reasons := self._clashes_in(store, back):
                raise NotOffered(reasons, [])
            return back

        return await self._desk.write(commit)

    async def set_outcome(self, booking_id: str, outcome: Outcome) -> Booking:
        """Say what became of a meeting."""

        def commit(store: Store) -> Booking:
            booking = msgspec.structs.replace(self._get(store, booking_id), outcome=outcome)
            self._put(store, booking, Phrase("Outcome noted: {title}.", title=booking.title))
            return booking

        return await self._desk.write(commit)

    async def expire(self) -> int:
        """Close requests whose time has come; returns how many."""

        def commit(store: Store) -> int:
            now = self._desk.clock.now()
            waiting = records(Booking, store.bookings.where("state", BookingState.REQUESTED.value))
            late = [each for each in waiting if each.start <= now]
            for each in late:
                self._take_out(store, each)
                self._put(
                    store, expire(each), Phrase("Request expired: {title}.", title=each.title)
                )
            return len(late)

        return await self._desk.write(commit)

    # The critical section's parts:

    async def state_around(self, booking: Booking) -> State:
        """Everything around a booking but itself, read afresh."""
        await self._read_conflicts_afresh(booking.start)
        return await self._desk.read(lambda store: self._around(store, booking)[1])

    def _around(self, store: Store, booking: Booking) -> tuple[Page, State]:
        try:
            page = self._desk.pages.get_in(store, booking.page)
        except KobleError:
            page = Page(name=booking.page)  # deleted since; its meetings stay
        state = self._desk.offers.state_in(
            store, page, booking.start, booking.end, moving=booking.id, as_host=True
        )
        return page, state

    async def _read_conflicts_afresh(self, around: int) -> None:
        """Read every conflict calendar, as far as the weeks around an instant."""
        calendars = await self._desk.calendars.all()
        await self._desk.sync.now(only={each.id for each in calendars if each.conflicts})
        await self._desk.sync.cover(around - 2 * WEEK, around + 2 * WEEK)

    def _offered(
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

    def _clashes_in(self, store: Store, booking: Booking) -> list[Reason]:
        """Reasons of an accepted booking that no host may overrule: what else lies there."""
        page, state = self._around(store, booking)
        reasons = explain(
            page,
            state,
            booking.start,
            self._desk.clock.now(),
            (booking.end - booking.start) // 60,
        )
        return [each for each in reasons if each.rule in ("busy", "booking", "past")]

    def _new(
        self, page: Page, start: int, minutes: int, guest: Guest, *, key: str = "", note: str = ""
    ) -> Booking:
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

    def _put_new(
        self, store: Store, booking: Booking, mode: Mode, *, by_host: bool = False
    ) -> Booking:
        """Store a booking and, where a calendar is connected, the intent to write its event.

        `by_host`: made on the record of a contact, which not every calendar takes (S21): then it
        is confirmed without an event, and says why.
        """
        destination = self._desk.connections.overview_in(store).destination
        refusal = (
            self._refusal(store, destination.id, "to_calendar") if by_host and destination else None
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
        self._put(store, booking, said)
        return booking

    def _take_out(self, store: Store, booking: Booking, *, wait: int = 0) -> None:
        """Promise to delete the event of a booking in `wait` seconds, where it may have one."""
        unheard = self._desk.outbox.withdraw(store, booking.id)
        if not unheard and (booking.event_id or booking.adding):
            due = self._desk.clock.now() + wait
            self._desk.outbox.add(store, Effect.DELETE, booking, due=due)

    def _put(self, store: Store, booking: Booking, said: Phrase) -> None:
        store.bookings.put(document(booking))
        self._desk.log.add(store, said, subject=booking.id)

    @staticmethod
    def _get(store: Store, booking_id: str) -> Booking:
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

    def _allowed(self, store: Store, booking: Booking, action: str) -> None:
        if booking.event_id and (refusal := self._refusal(store, booking.calendar, action)):
            raise refusal

    @staticmethod
    def _refusal(store: Store, calendar_id: str, action: str) -> KobleError | None:
        """Why the calendar's connection does not allow it (Exchange, S20 and S21)."""
        calendar = store.calendars.by_id(calendar_id)
        found = store.connections.by_id(calendar["connection"]) if calendar else None
        return exchange_refusal(record(Connection, found), action) if found else None


def _checked_guest(guest: Guest) -> Guest:
    name = clean(guest.name, limit=200)
    if not name:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("A name is missing."),
            Phrase("Write the guest's name."),
            field="name",
        )
    return msgspec.structs.replace(guest, name=name, email=check_email(guest.email))
