"""What lies in the connected calendars, and what each calendar is used for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from desk.records import document, event_of, record, records
from scheduling.bookings import Booking, BookingState, in_calendar
from scheduling.busy import blocking, occurrences
from scheduling.connections import Calendar, Connection
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Blocking, BusyMatrix, Event, Occurrence
from scheduling.zones import Zone, zone
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

DAY = 86_400


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in the week: an event of a calendar, or a booking that is in none."""

    start: int
    end: int
    title: str
    blocking: Blocking
    event: Event | None = None
    calendar: Calendar | None = None
    booking: Booking | None = None


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """What a span of time holds, sorted by start; `zone` is the one to show it in."""

    start: int
    end: int
    zone: str
    entries: tuple[Entry, ...]


class Calendars:
    """The calendars of every connection."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    # Inside a read or a transaction:

    def occurrences_in(
        self, store: Store, start: int, end: int, where: Zone, calendars: Iterable[Calendar]
    ) -> list[Occurrence]:
        """Occurrences of these calendars' events in `[start, end)`, all-day ones in `where`."""
        # All-day events are stored as wall time: they may lie a day off until resolved.
        found = map(event_of, store.events.json_overlapping(start - DAY, end + DAY))
        wanted = {each.id for each in calendars}
        events = (each for each in found if each.calendar in wanted)
        return occurrences(events, (start, end), where)

    def matrices_in(self, store: Store) -> dict[str, BusyMatrix]:
        """What counts as busy, by calendar id."""
        by_connection = {
            each.id: each.matrix for each in records(Connection, store.connections.all())
        }
        return {
            each["id"]: by_connection.get(each["connection"], BusyMatrix())
            for each in store.calendars.all()
        }

    # For the faces:

    async def all(self) -> list[Calendar]:
        """Every calendar, by name."""
        found = await self._desk.read(lambda store: store.calendars.all())
        return sorted(records(Calendar, found), key=lambda each: each.name.casefold())

    async def agenda(self, start: int, end: int) -> Agenda:
        """What `[start, end)` (UTC seconds) holds: shown calendars' events, and bookings."""
        await self._desk.sync.cover(start, end)
        return await self._desk.read(lambda store: self._agenda_in(store, start, end))

    def _agenda_in(self, store: Store, start: int, end: int) -> Agenda:
        name = self._desk.settings.profile_in(store).zone
        calendars = {c.id: c for c in records(Calendar, store.calendars.all()) if c.shown}
        matrices = self.matrices_in(store)
        bookings = [
            each
            for each in records(Booking, store.bookings.overlapping(start, end))
            if each.state in (BookingState.REQUESTED, BookingState.CONFIRMED)
        ]
        by_uid = {each.uid: each for each in bookings if each.event_id}
        bookings = [each for each in bookings if in_calendar(each) is each]
        entries = []
        seen = set()
        for found in self.occurrences_in(store, start, end, zone(name), calendars.values()):
            event = found.event
            booking = by_uid.get(event.uid) or self._moved_in(store, event)
            if booking is not None:
                seen.add(booking.id)
            entries.append(
                Entry(
                    start=found.start,
                    end=found.end,
                    title=event.title,
                    blocking=blocking(event, matrices[event.calendar]),
                    event=event,
                    calendar=calendars[event.calendar],
                    booking=booking,
                )
            )
        entries += [
            Entry(
                start=each.start,
                end=each.end,
                title=each.title,
                blocking=Blocking.HARD,
                booking=each,
            )
            for each in bookings
            if each.id not in seen
        ]
        entries.sort(key=lambda entry: (entry.start, entry.end, entry.title))
        return Agenda(start=start, end=end, zone=name, entries=tuple(entries))

    @staticmethod
    def _moved_in(store: Store, event: Event) -> Booking | None:
        """The booking whose event came here from another time, by somebody outside koble."""
        if not event.uid.endswith("@koble"):
            return None
        found = records(Booking, store.bookings.where("event_id", event.resource))
        return next((each for each in found if each.uid == event.uid and each.outside), None)

    async def change(
        self,
        calendar_id: str,
        *,
        conflicts: bool | None = None,
        shown: bool | None = None,
        destination: bool = False,
    ) -> Calendar:
        """Choose what a calendar is used for; only one is the destination of new bookings.

        Raises:
            KobleError: permission, where the destination would be a read-only calendar.
        """

        def commit(store: Store) -> Calendar:
            found = store.calendars.by_id(calendar_id)
            if found is None:
                raise KobleError(
                    ErrorKind.NOT_FOUND, Phrase("There is no such calendar."), field="calendar"
                )
            calendar = record(Calendar, found)
            if destination:
                if not calendar.writable:
                    raise KobleError(
                        ErrorKind.PERMISSION,
                        Phrase("{name} can only be read.", name=calendar.name),
                        Phrase("Choose a calendar that you may write to."),
                        field="destination",
                    )
                for other in records(Calendar, store.calendars.all()):
                    if other.destination and other.id != calendar_id:
                        cleared = msgspec.structs.replace(other, destination=False)
                        store.calendars.put(document(cleared))
            calendar = msgspec.structs.replace(
                calendar,
                conflicts=calendar.conflicts if conflicts is None else conflicts,
                shown=calendar.shown if shown is None else shown,
                destination=calendar.destination or destination,
            )
            store.calendars.put(document(calendar))
            return calendar

        return await self._desk.write(commit)
