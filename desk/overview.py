"""Everything that is connected, as the faces show it, and what it means for pages."""

import msgspec

from desk.records import records
from scheduling.connections import (
    Calendar,
    Connection,
    Health,
    Inbox,
    health,
    is_account,
)
from scheduling.offers import Mode, mode
from store.store import Store


class ConnectionView(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as a face shows it."""

    connection: Connection
    health: Health
    calendars: tuple[Calendar, ...]
    inbox: Inbox | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is connected, and what that means for pages."""

    connections: tuple[ConnectionView, ...]
    mode: Mode
    destination: Calendar | None
    now: int

    @property
    def accounts(self) -> tuple[ConnectionView, ...]:
        """The connections that something can be booked into: a subscription is none."""
        return tuple(view for view in self.connections if is_account(view.connection))


def overview(store: Store, now: int, limit: int) -> Overview:
    """What is connected in `store` at `now`; a read stays fresh for `limit` seconds."""
    calendars = records(Calendar, store.calendars.all())
    inboxes = {box.connection: box for box in records(Inbox, store.inboxes.all())}
    views = tuple(
        ConnectionView(
            connection=each,
            health=health(each, now, limit),
            calendars=tuple(
                sorted((c for c in calendars if c.connection == each.id), key=lambda c: c.name)
            ),
            inbox=inboxes.get(each.id),
        )
        for each in records(Connection, store.connections.all())
    )
    destination = next((c for c in calendars if c.destination), None)
    return Overview(
        connections=views,
        # A connection none of whose calendars keeps times away is one that its owner ignores.
        # A subscription alone is no calendar that anything can be booked into (S19).
        mode=mode(
            (view.health, not any(c.conflicts for c in view.calendars))
            for view in views
            if view.calendars and any(is_account(each.connection) for each in views)
        ),
        destination=destination,
        now=now,
    )
