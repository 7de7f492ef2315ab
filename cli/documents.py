"""The JSON of the answers: the desk's records, with instants as UTC text."""

from collections.abc import Iterable
from typing import Any

from desk.calendars import Entry
from desk.connections import ConnectionView
from scheduling.bookings import Booking, Outside
from scheduling.connections import Calendar
from scheduling.instants import utc_text
from scheduling.offers import Offer, Reason


def offers_data(offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Bookable times."""
    return [
        {
            "start": utc_text(each.start),
            "end": utc_text(each.end),
            "minutes": (each.end - each.start) // 60,
        }
        for each in offers
    ]


def reasons_data(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Why a time is not offered."""
    return [
        {
            "rule": each.rule,
            "text": str(each.phrase),
            "remedy": str(each.remedy) if each.remedy else None,
            "source": each.source or None,
            "mark": each.mark,
        }
        for each in reasons
    ]


def booking_data(booking: Booking) -> dict[str, Any]:
    """A meeting or request."""
    return {
        "id": booking.id,
        "state": booking.state.value,
        "start": utc_text(booking.start),
        "end": utc_text(booking.end),
        "minutes": (booking.end - booking.start) // 60,
        "event_id": booking.event_id or None,
        "calendar": booking.calendar or None,
        "uid": booking.uid,
        "page": booking.page,
        "title": booking.title,
        "guest": {
            "name": booking.guest.name,
            "email": booking.guest.email,
            "zone": booking.guest.zone or None,
            "language": booking.guest.language or None,
        },
        "note": booking.note,
        "location": booking.location,
        "link": booking.link or None,
        "adding": booking.adding,
        "trouble": booking.trouble or None,
        "outside": _outside_data(booking.outside),
        "reason": booking.reason or None,
        "removed": booking.removed,
        "outcome": booking.outcome.value,
        "replaces": booking.replaces or None,
        "proposed": [utc_text(start) for start in booking.proposed],
        "made_at": utc_text(booking.made_at),
    }


def _outside_data(outside: Outside | None) -> dict[str, Any] | None:
    if outside is None:
        return None
    if outside.gone:
        return {"gone": True, "start": None, "end": None}
    return {"gone": False, "start": utc_text(outside.start), "end": utc_text(outside.end)}


def calendar_data(calendar: Calendar) -> dict[str, Any]:
    """A calendar and what it is used for."""
    return {
        "id": calendar.id,
        "name": calendar.name,
        "connection": calendar.connection,
        "color": calendar.color or None,
        "writable": calendar.writable,
        "conflicts": calendar.conflicts,
        "shown": calendar.shown,
        "destination": calendar.destination,
        "problems": list(calendar.problems),
    }


def connection_data(view: ConnectionView) -> dict[str, Any]:
    """A connection and how fresh it is."""
    connection = view.connection
    return {
        "id": connection.id,
        "kind": connection.kind.value,
        "address": connection.address,
        "expected": connection.expected or None,
        "access": connection.options.get("access"),
        "version": connection.options.get("version"),
        "health": view.health.value,
        "read_at": None if connection.read_at is None else utc_text(connection.read_at),
        "error": connection.reads[0][1] or None if connection.reads else None,
        "use": connection.use.value,
        "full_exchange": connection.full_exchange,
        "busy": {
            row: getattr(connection.matrix, row).value
            for row in connection.matrix.__struct_fields__
        },
        "calendars": [each.id for each in view.calendars],
        "inbox": view.inbox.address if view.inbox and view.inbox.connected else None,
    }


def entry_data(entry: Entry) -> dict[str, Any]:
    """Something in the week: an event, or a booking that is in no calendar."""
    event, booking = entry.event, entry.booking
    return {
        "title": entry.title,
        "start": utc_text(entry.start),
        "end": utc_text(entry.end),
        "all_day": event is not None and event.all_day,
        "calendar": entry.calendar.name if entry.calendar else None,
        "blocks": entry.blocking.value,
        "location": event.location if event else booking.location if booking else "",
        "booking": booking.id if booking else None,
        "state": booking.state.value if booking else None,
    }
