"""What others make of koble's own events: noticed when a calendar was read (§9)."""

from collections.abc import Iterable

import msgspec

from desk.log import Log
from desk.records import document, records
from scheduling.bookings import Booking, BookingState, Outside
from scheduling.busy import occurrences
from scheduling.connections import Calendar
from scheduling.events import Event
from scheduling.zones import DAY, Zone
from store.store import Store
from words import Phrase

LAG = 120
"""Seconds after koble's own writing in which a calendar may still show what was there before."""


def note(
    store: Store, log: Log, calendar: Calendar, *, now: int, where: Zone, changed: bool
) -> None:
    """Mark the coming meetings in `calendar` whose events are not as koble wrote them.

    Inside the transaction that stores the last page of a read. What koble itself is about to
    change is left alone; a mark goes as soon as the event is as it was.

    Args:
        store: where meetings and events are.
        log: hears of every change.
        calendar: as it is stored now.
        now: UTC seconds.
        where: the zone of all-day and floating events.
        changed: whether the read brought anything.
    """
    low, high = calendar.horizon
    for booking in records(Booking, store.bookings.overlapping(now, high)):
        if (
            booking.state is not BookingState.CONFIRMED
            or booking.calendar != calendar.id
            or not booking.event_id
            or not (low <= booking.start and booking.end <= high)
            or now < booking.written + LAG
            or store.intents.where("booking", booking.id)
        ):
            continue
        events = _events(store, booking, look_further=changed or booking.outside is None)
        there = _there(events, booking, where)
        name = booking.event_id
        if events and all(each.resource != name for each in events):
            name = events[0].resource  # whoever synchronises the files may have renamed it
        after = msgspec.structs.replace(booking, outside=there, event_id=name)
        if after != booking:
            store.bookings.put(document(after))
        if there != booking.outside:
            log.add(store, _said(after), subject=booking.id)


def told(booking: Booking, when: str) -> Phrase | None:
    """What became of a meeting's event, in a sentence; `when`: its new time. None: nothing."""
    if booking.outside is None:
        return None
    if booking.outside.gone:
        return Phrase("Somebody deleted its event outside koble.")
    return Phrase("Somebody moved its event outside koble, to {when}.", when=when)


def _events(store: Store, booking: Booking, *, look_further: bool) -> list[Event]:
    """The booking's events: by the calendar's name of it, else by the uid."""
    found = [
        each
        for each in records(Event, store.events.where("resource", booking.event_id))
        if each.calendar == booking.calendar
    ]
    if not found and look_further:
        everything = store.events.where("calendar", booking.calendar)
        found = records(Event, (each for each in everything if each.get("uid") == booking.uid))
    return [each for each in found if not each.cancelled]


def _there(events: Iterable[Event], booking: Booking, where: Zone) -> Outside | None:
    """Where its event is now; None where it is at its time."""
    times = [
        (found.start, found.end)
        for event in events
        for found in occurrences(
            [event],
            (min(event.spans)[0] - DAY, max(end for _, end in event.spans) + DAY),
            where,
        )
    ]
    if not times:
        return Outside(gone=True)
    if (booking.start, booking.end) in times:
        return None
    start, end = min(times, key=lambda span: abs(span[0] - booking.start))
    return Outside(start=start, end=end)


def _said(booking: Booking) -> Phrase:
    if booking.outside is None:
        return Phrase("Its event is at its time again: {title}.", title=booking.title)
    if booking.outside.gone:
        return Phrase("Its event was deleted outside koble: {title}.", title=booking.title)
    return Phrase("Its event was moved outside koble: {title}.", title=booking.title)
