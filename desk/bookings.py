"""Bookings: meetings booked or requested, and all that can be done with them (§9)."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec

from desk.critical import CriticalSection, NotOffered
from desk.outbox import Effect
from desk.records import document, record, records
from scheduling.bookings import (
    CLOSED,
    Booking,
    BookingState,
    Guest,
    Outcome,
    accept,
    cancel,
    changed_outside,
    decline,
    expire,
    put_away,
    reschedule,
)
from scheduling.checks import check_email
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Reason, State
from scheduling.text import clean, clean_lines
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

_FOREVER = 1 << 40
UNDO = 10
"""Seconds in which an act can be undone, before anything leaves the house."""


class Bookings:
    """Meetings booked or requested through pages."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._section = CriticalSection(desk)

    # Looking:

    async def get(self, booking_id: str) -> Booking:
        """One booking; an unambiguous beginning of its id is enough."""
        return await self._desk.read(lambda store: self._section.get(store, booking_id))

    async def all(self, *states: BookingState) -> list[Booking]:
        """Bookings in these states (every one, where none is named), by start."""
        found = await self._desk.read(lambda store: store.bookings.all())
        bookings = [each for each in records(Booking, found) if not states or each.state in states]
        return sorted(bookings, key=lambda each: (each.start, each.made_at))

    async def requests(self) -> list[Booking]:
        """Requests that wait for the host or for the calendar, by start."""
        return await self.all(BookingState.REQUESTED)

    async def closed(self) -> list[Booking]:
        """Requests that were declined or have expired, and were not removed, by start."""
        return [each for each in await self.all(*CLOSED) if not each.removed]

    async def upcoming(self, limit: int = 20) -> list[Booking]:
        """The next confirmed meetings that have not ended."""
        now = self._desk.clock.now()
        return [each for each in await self.all(BookingState.CONFIRMED) if each.end > now][:limit]

    async def clashes(self, booking_id: str) -> list[Reason]:
        """What a request would clash with if it were accepted now."""

        def job(store: Store) -> list[Reason]:
            booking = self._section.get(store, booking_id)
            return self._section.clashes(store, booking)

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
        await self._section.read_afresh(start)

        def commit(store: Store) -> Booking:
            if key and (known := store.bookings.where("key", key)):
                return record(Booking, known[0])
            page = self._desk.pages.get_in(store, page_name)
            length = minutes or page.durations[0]
            state = self._section.offered(store, page, start, length, as_host=as_host)
            booking = self._section.new(page, start, length, guest, key=key, note=note)
            booking = self._section.put_new(store, booking, state.mode, by_host=as_host)
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
        await self._section.read_afresh((await self.get(booking_id)).start)

        def commit(store: Store) -> Booking:
            booking = self._section.get(store, booking_id)
            if reasons := self._section.clashes(store, booking):
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
            self._section.put(
                store, booking, Phrase("Request accepted: {title}.", title=booking.title)
            )
            return booking

        booking = await self._desk.write(commit)
        await self._desk.outbox.perform(booking=booking.id)
        return await self.get(booking.id)

    async def decline(self, booking_id: str, reason: str = "") -> Booking:
        """Decline a request; the reason is kept."""

        def commit(store: Store) -> Booking:
            booking = self._section.get(store, booking_id)
            declined = decline(booking, reason=clean_lines(reason, limit=2_000))
            self._section.take_out(store, booking, wait=UNDO)
            self._section.put(
                store, declined, Phrase("Request declined: {title}.", title=booking.title)
            )
            return declined

        return await self._desk.write(commit)

    async def propose(self, booking_id: str, starts: list[int]) -> Booking:
        """Note other times for a request; they must be offered.

        Raises:
            NotOffered: one of them is not.
            KobleError: permission, where the calendar does not allow it (Exchange, S23).
        """

        def commit(store: Store) -> Booking:
            self._section.may_propose(store)
            booking = self._section.get(store, booking_id)
            page = self._desk.pages.get_in(store, booking.page)
            for start in starts:
                self._section.offered(
                    store, page, start, (booking.end - booking.start) // 60, moving=booking.id
                )
            booking = msgspec.structs.replace(booking, proposed=tuple(sorted(starts)))
            self._section.put(
                store, booking, Phrase("Other times proposed: {title}.", title=booking.title)
            )
            return booking

        return await self._desk.write(commit)

    async def cancel(self, booking_id: str, reason: str = "", *, undo: bool = False) -> Booking:
        """Cancel a meeting or request; its event is deleted (after ten seconds, with `undo`).

        Raises:
            KobleError: permission, where the calendar does not allow it (Exchange, S20).
        """

        def commit(store: Store) -> Booking:
            booking = self._section.get(store, booking_id)
            self._section.allowed(store, booking, "cancel")
            cancelled = cancel(booking, reason=clean_lines(reason, limit=2_000))
            self._section.take_out(store, booking, wait=UNDO if undo else 0)
            self._section.put(
                store, cancelled, Phrase("Meeting cancelled: {title}.", title=booking.title)
            )
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
        await self._section.read_afresh(start)

        def commit(store: Store) -> Booking:
            old = self._section.get(store, booking_id)
            self._section.allowed(store, old, "reschedule")
            page = self._desk.pages.get_in(store, old.page)
            length = minutes or (old.end - old.start) // 60
            state = self._section.offered(store, page, start, length, moving=old.id, as_host=True)
            closed = reschedule(old)
            new = msgspec.structs.replace(
                self._section.new(page, start, length, old.guest, note=old.note),
                replaces=old.id,
                title=old.title,
                uid=old.uid,
                calendar=old.calendar,
                # Of an event that somebody deleted, a new one has to be made.
                event_id="" if old.outside and old.outside.gone else old.event_id,
                link=old.link,
                sequence=old.sequence + 1,
            )
            self._section.put(store, closed, Phrase("Meeting moved: {title}.", title=old.title))
            unheard = self._desk.outbox.withdraw(store, old.id)
            if new.event_id or (old.adding and not unheard):
                # In the calendar already, or perhaps: its event is moved, not made anew.
                new = msgspec.structs.replace(new, state=old.state, adding=old.adding)
                store.bookings.put(document(new))
                due = self._desk.clock.now() + (UNDO if undo else 0)
                self._desk.outbox.add(store, Effect.UPDATE, new, due=due)
                return new
            by_host = old.state is BookingState.CONFIRMED  # and yet in no calendar
            return self._section.put_new(store, new, state.mode, by_host=by_host)

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
        await self._section.read_afresh((await self.get(booking_id)).start)

        def commit(store: Store) -> Booking:
            old = self._section.get(store, booking_id)
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
            self._section.put(store, after, said)
            return after

        return await self._desk.write(commit)

    async def put_back(self, booking_id: str) -> Booking:
        """Write a meeting's event back to the time that koble knows.

        Raises:
            NotOffered: something else lies there by now.
            KobleError: conflict, where nothing was changed outside; permission, where the calendar
                does not allow it (Exchange, S20).
        """
        await self._section.read_afresh((await self.get(booking_id)).start)

        def commit(store: Store) -> Booking:
            booking = self._section.get(store, booking_id)
            gone = changed_outside(booking).gone
            if not gone:
                self._section.allowed(store, booking, "reschedule")
            if reasons := self._section.clashes(store, booking):
                raise NotOffered(reasons, [])
            booking = msgspec.structs.replace(
                booking,
                outside=None,
                event_id="" if gone else booking.event_id,
                sequence=booking.sequence + 1,
            )
            effect = Effect.CREATE if gone else Effect.UPDATE
            self._desk.outbox.add(store, effect, booking, due=self._desk.clock.now())
            self._section.put(store, booking, Phrase("Put back: {title}.", title=booking.title))
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
            booking = self._section.get(store, booking_id)
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
                before = self._section.get(store, booking.replaces)
                store.bookings.drop(booking.id)
            else:
                before = booking
            state = BookingState.CONFIRMED if before.event_id else BookingState.REQUESTED
            back = msgspec.structs.replace(
                before,
                state=state,
                reason="",
                outcome=Outcome.SCHEDULED,
                adding=False,
                removed=False,
            )
            # Stored before it is looked at: its event in the calendar is then known as its own.
            self._section.put(store, back, Phrase("Undone: {title}.", title=back.title))
            if reasons := self._section.clashes(store, back):
                raise NotOffered(reasons, [])
            return back

        return await self._desk.write(commit)

    async def set_outcome(self, booking_id: str, outcome: Outcome) -> Booking:
        """Say what became of a meeting."""

        def commit(store: Store) -> Booking:
            booking = msgspec.structs.replace(self._section.get(store, booking_id), outcome=outcome)
            self._section.put(
                store, booking, Phrase("Outcome noted: {title}.", title=booking.title)
            )
            return booking

        return await self._desk.write(commit)

    async def put_away(self, booking_ids: Collection[str], *, away: bool = True) -> list[Booking]:
        """Take closed requests off the list of requests, or with `away` false put them back.

        They stay with their contacts, and with what was said about them.

        Raises:
            KobleError: conflict, where one of them was not declined and has not expired.
        """

        def commit(store: Store) -> list[Booking]:
            changed = []
            for booking_id in booking_ids:
                booking = put_away(self._section.get(store, booking_id), away=away)
                said = (
                    Phrase("Removed from the requests: {title}.", title=booking.title)
                    if away
                    else Phrase("Back among the requests: {title}.", title=booking.title)
                )
                self._section.put(store, booking, said)
                changed.append(booking)
            return changed

        return await self._desk.write(commit)

    async def expire(self) -> int:
        """Close requests whose time has come; returns how many."""

        def commit(store: Store) -> int:
            now = self._desk.clock.now()
            waiting = records(Booking, store.bookings.where("state", BookingState.REQUESTED.value))
            late = [each for each in waiting if each.start <= now]
            for each in late:
                self._section.take_out(store, each)
                self._section.put(
                    store, expire(each), Phrase("Request expired: {title}.", title=each.title)
                )
            return len(late)

        return await self._desk.write(commit)

    async def state_around(self, booking: Booking) -> State:
        """Everything around a booking but itself, read afresh."""
        await self._section.read_afresh(booking.start)
        return await self._desk.read(lambda store: self._section.around(store, booking)[1])


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
