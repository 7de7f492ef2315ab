"""What the store holds of a connection: its calendars and their events, and its inbox."""

from collections.abc import Collection

import msgspec

from desk.ids import Ids
from desk.records import document, record, records
from providers.base import CalendarInfo
from scheduling.connections import Calendar, Connection, Inbox
from scheduling.errors import ErrorKind, KobleError
from store.store import Store
from words import Phrase


def put_calendars(
    store: Store, ids: Ids, connection: Connection, found: Collection[CalendarInfo]
) -> None:
    """Store what the vendor lists, keeping what the user chose for calendars known before."""
    known = {
        each.native: each
        for each in records(Calendar, store.calendars.where("connection", connection.id))
    }
    has_destination = any(each.get("destination") for each in store.calendars.all())
    listed = sorted(found, key=lambda info: (not info.primary, info.name))
    for info in listed:
        calendar = known.pop(info.native, None)
        if calendar is None:
            destination = info.writable and not has_destination
            has_destination = has_destination or destination
            calendar = Calendar(
                id=ids(),
                connection=connection.id,
                native=info.native,
                name=info.name,
                conflicts=info.own,
                shown=info.own,
                destination=destination,
            )
        calendar = msgspec.structs.replace(
            calendar, name=info.name, color=info.color, writable=info.writable
        )
        store.calendars.put(document(calendar))
    for calendar in known.values():
        _drop_calendar(store, calendar)


def put_inbox(store: Store, ids: Ids, connection: Connection) -> None:
    """Connecting a calendar also connects the address's inbox (S14)."""
    for each in records(Inbox, store.inboxes.all()):
        if each.address.casefold() == connection.address.casefold():
            box = msgspec.structs.replace(each, connection=connection.id, connected=True)
            store.inboxes.put(document(box))
            return
    box = Inbox(id=ids(), address=connection.address, connection=connection.id)
    store.inboxes.put(document(box))


def set_inbox(store: Store, inbox_id: str, *, connected: bool) -> Inbox:
    """Connect or disconnect an inbox.

    Raises:
        KobleError: not found.
    """
    found = store.inboxes.by_id(inbox_id)
    if found is None:
        raise KobleError(ErrorKind.NOT_FOUND, Phrase("There is no such inbox."))
    box = msgspec.structs.replace(record(Inbox, found), connected=connected)
    store.inboxes.put(document(box))
    return box


def add_shared_inbox(store: Store, ids: Ids, address: str) -> Inbox:
    """Note an address as a shared inbox (S13).

    Raises:
        KobleError: conflict, where the address is connected.
    """
    taken = any(
        box.address.casefold() == address.casefold() for box in records(Inbox, store.inboxes.all())
    )
    if taken:
        raise KobleError(
            ErrorKind.CONFLICT,
            Phrase("{address} is connected already.", address=address),
            Phrase("Disconnect it first."),
            field="address",
        )
    box = Inbox(id=ids(), address=address, shared=True)
    store.inboxes.put(document(box))
    return box


def remove_inbox(store: Store, inbox_id: str) -> None:
    """Forget an inbox.

    Raises:
        KobleError: conflict, where a connection holds it.
    """
    found = store.inboxes.by_id(inbox_id)
    if found and found.get("connection"):
        raise KobleError(
            ErrorKind.CONFLICT,
            Phrase("This inbox belongs to a connected calendar."),
            Phrase("Disconnect the inbox, or the calendar, instead."),
        )
    store.inboxes.drop(inbox_id)


def forget(store: Store, connection_id: str) -> None:
    """Drop a connection, its calendars and their events; inboxes stay, on their own."""
    for calendar in records(Calendar, store.calendars.where("connection", connection_id)):
        _drop_calendar(store, calendar)
    store.connections.drop(connection_id)
    for box in records(Inbox, store.inboxes.all()):
        if box.connection == connection_id:
            store.inboxes.put(document(msgspec.structs.replace(box, connection="")))


def _drop_calendar(store: Store, calendar: Calendar) -> None:
    for event in store.events.where("calendar", calendar.id):
        store.events.drop(event["id"])
    store.calendars.drop(calendar.id)
