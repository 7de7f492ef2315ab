"""Intents: what koble has promised to do outside, kept until it is done.

An intent is written in the same commit as its cause. Performing one may be repeated after a crash
or a lost answer: creating finds what is there by its uid, deleting what is gone is no error.
"""

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from desk.records import document, record, records
from providers.base import CalendarProvider, Draft, Written
from scheduling.bookings import Booking, BookingState, confirm
from scheduling.connections import Calendar, Connection
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Attendee, Blocking
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

LEASE = 60
"""Seconds that a process may take for one intent before another one tries it."""
LONGEST_WAIT = 900
"""Seconds between two tries at the most."""
PATIENCE = 30.0
"""Seconds after which a calendar that does not answer counts as unreachable."""
ELSEWHERE = 10.0
"""Seconds to wait for another process that is at the same."""
GLANCE = 0.02
"""Seconds between two looks at whether it is done."""


STANDING = (BookingState.REQUESTED, BookingState.CONFIRMED)
"""States of bookings whose event is to be in the calendar."""


class Effect(StrEnum):
    """What is to be done in a calendar."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Intent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One effect for one booking; `due` (UTC seconds) leaves time to undo, or to wait."""

    id: str
    effect: Effect
    booking: str
    calendar: str
    resource: str = ""
    due: int
    leased: int = 0
    """Until when a process works on it."""
    tries: int = 0
    """How often it was begun: after a crash it may be done already."""
    error: str = ""


class Outbox:
    """Performs intents, now and after a crash."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._busy = asyncio.Lock()

    def add(self, store: Store, effect: Effect, booking: Booking, *, due: int) -> None:
        """Promise `effect` for `booking` inside the transaction that causes it."""
        intent = Intent(
            id=self._desk.ids(),
            effect=effect,
            booking=booking.id,
            calendar=booking.calendar,
            resource=booking.event_id,
            due=due,
        )
        store.intents.put(document(intent))

    def withdraw(self, store: Store, booking_id: str) -> bool:
        """Take back what is promised for a booking.

        True where there was something and none of it had begun: nothing can be seen outside.
        What a process works on at this moment is left to it.
        """
        now = self._desk.clock.now()
        intents = records(Intent, store.intents.where("booking", booking_id))
        for each in intents:
            if each.leased <= now:
                store.intents.drop(each.id)
        return bool(intents) and not any(each.tries for each in intents)

    @staticmethod
    def due_in(store: Store) -> int | None:
        """When the next intent is due (UTC seconds), or None; inside a read or a transaction."""
        found = store.intents.all()
        return min((max(each["due"], each.get("leased", 0)) for each in found), default=None)

    async def perform(self, *, booking: str | None = None) -> int:
        """Perform what is due (of one booking, where given); returns how many were done.

        What another process is doing for that booking is waited for, so that all tell the same.
        """
        done = 0
        async with self._busy:
            while intent := await self._desk.write(lambda store: self._take(store, booking)):
                done += await self._perform(intent)
        if booking is not None:
            with suppress(TimeoutError):  # it may have died: its turn ends by itself
                async with asyncio.timeout(ELSEWHERE):
                    # No event: only the store tells what another process does.
                    while await self._desk.read(lambda store: self._leased(store, booking)):  # noqa: ASYNC110
                        await asyncio.sleep(GLANCE)
        return done

    def _leased(self, store: Store, booking: str) -> bool:
        now = self._desk.clock.now()
        intents = records(Intent, store.intents.where("booking", booking))
        return any(each.leased > now for each in intents)

    def _take(self, store: Store, booking: str | None) -> Intent | None:
        now = self._desk.clock.now()
        waiting = (
            store.intents.where("booking", booking) if booking is not None else store.intents.all()
        )
        for intent in sorted(records(Intent, waiting), key=lambda each: each.due):
            if intent.due <= now and intent.leased <= now:
                taken = msgspec.structs.replace(intent, leased=now + LEASE, tries=intent.tries + 1)
                store.intents.put(document(taken))
                return taken
        return None

    async def _perform(self, intent: Intent) -> bool:
        def load(store: Store) -> tuple[Booking | None, Calendar | None, Connection | None]:
            booking = store.bookings.by_id(intent.booking)
            calendar = store.calendars.by_id(intent.calendar)
            connection = store.connections.by_id(calendar["connection"]) if calendar else None
            return (
                record(Booking, booking) if booking else None,
                record(Calendar, calendar) if calendar else None,
                record(Connection, connection) if connection else None,
            )

        booking, calendar, connection = await self._desk.read(load)
        if booking is None or calendar is None or connection is None:
            await self._desk.write(lambda store: self._abandon(store, intent))
            return False
        if intent.effect is Effect.CREATE and booking.state not in STANDING:
            # It was begun when the meeting was given up; what came of that, the next intent ends.
            await self._desk.write(lambda store: self._finish(store, intent, None))
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                provider = await self._desk.connections.provider(connection)
                create = intent.effect is Effect.CREATE
                if create and await self._taken(provider, intent, booking, calendar):
                    await self._desk.write(lambda store: self._clash(store, intent))
                    return False
                written = await self._effect(provider, intent, booking, calendar)
        except TimeoutError:
            error = KobleError(
                ErrorKind.UNAVAILABLE,
                Phrase("{name} did not answer in time.", name=calendar.name),
            )
            await self._desk.write(lambda store: self._postpone(store, intent, error))
            return False
        except KobleError as error:
            failure = error
            await self._desk.write(lambda store: self._postpone(store, intent, failure))
            return False
        await self._desk.write(lambda store: self._finish(store, intent, written))
        await self._desk.sync.now(only={calendar.id})
        return True

    async def _effect(
        self, provider: CalendarProvider, intent: Intent, booking: Booking, calendar: Calendar
    ) -> Written | None:
        resource = intent.resource
        if not resource and intent.effect is not Effect.CREATE:
            # Nobody heard that it was created, but it may have been.
            found = await provider.find(calendar.native, booking.uid)
            resource = found.resource if found else ""
        if intent.effect is Effect.DELETE:
            if resource:
                told = booking.reason if booking.state is BookingState.CANCELLED else ""
                await provider.delete(calendar.native, resource, "", comment=told)
            return None
        draft = await self._draft(provider, booking)
        if intent.effect is Effect.UPDATE and resource:
            return await provider.update(calendar.native, resource, "", draft)
        return await provider.create(calendar.native, draft)

    async def _draft(self, provider: CalendarProvider, booking: Booking) -> Draft:
        profile = await self._desk.settings.profile()
        guest = Attendee(email=booking.guest.email, name=booking.guest.name)
        return Draft(
            uid=booking.uid,
            title=booking.title,
            start=booking.start,
            end=booking.end,
            zone=profile.zone,
            description=booking.note,
            location=booking.location,
            attendees=(guest,),
            conference=booking.conference and provider.capabilities.conference,
            sequence=booking.sequence,
        )

    async def _taken(
        self, provider: CalendarProvider, intent: Intent, booking: Booking, calendar: Calendar
    ) -> bool:
        """Whether something else came to lie there while the booking waited to be added."""
        if not booking.adding:
            return False
        if intent.tries > 1 and await provider.find(calendar.native, booking.uid):
            return False  # it was written just before a crash, and came first
        state = await self._desk.bookings.state_around(booking)
        return any(
            busy.blocking is Blocking.HARD and busy.start < booking.end and booking.start < busy.end
            for busy in state.hosts[0].busy
        )

    # What became of it, each in one transaction:

    def _finish(self, store: Store, intent: Intent, written: Written | None) -> None:
        store.intents.drop(intent.id)
        found = store.bookings.by_id(intent.booking)
        if found is None:
            return
        booking = msgspec.structs.replace(record(Booking, found), trouble="")
        if written is None:
            store.bookings.put(document(booking))
            return
        booking = msgspec.structs.replace(
            booking,
            event_id=written.resource,
            link=written.link,
            written=self._desk.clock.now(),
        )
        if booking.state is BookingState.REQUESTED:
            booking = confirm(booking)
            self._desk.log.add(
                store,
                Phrase("Added to the calendar: {title}.", title=booking.title),
                subject=booking.id,
            )
        elif booking.state not in (*STANDING, BookingState.RESCHEDULED):
            # Given up while the event was being written: it must not stay there.
            self.add(store, Effect.DELETE, booking, due=self._desk.clock.now())
        store.bookings.put(document(booking))

    def _clash(self, store: Store, intent: Intent) -> None:
        store.intents.drop(intent.id)
        found = store.bookings.by_id(intent.booking)
        if found is None:
            return
        booking = msgspec.structs.replace(
            record(Booking, found),
            adding=False,
            trouble=str(Phrase("Something else lies at that time by now.")),
        )
        store.bookings.put(document(booking))
        self._desk.log.add(
            store,
            Phrase("Not added, something else lies there: {title}.", title=booking.title),
            subject=booking.id,
        )

    def _postpone(self, store: Store, intent: Intent, error: KobleError) -> None:
        wait = max(error.wait, min(LONGEST_WAIT, 15 * 2 ** (intent.tries - 1)))
        store.intents.put(
            document(
                msgspec.structs.replace(
                    intent,
                    due=self._desk.clock.now() + int(wait),
                    leased=0,
                    error=str(error),
                )
            )
        )
        if found := store.bookings.by_id(intent.booking):
            booking = msgspec.structs.replace(record(Booking, found), trouble=str(error))
            store.bookings.put(document(booking))

    def _abandon(self, store: Store, intent: Intent) -> None:
        """The calendar is disconnected: a request is left to a person."""
        store.intents.drop(intent.id)
        if found := store.bookings.by_id(intent.booking):
            booking = msgspec.structs.replace(
                record(Booking, found),
                adding=False,
                calendar="",
                event_id="",
                trouble=str(Phrase("The calendar is no longer connected.")),
            )
            store.bookings.put(document(booking))
