"""The people who book: one record an e-mail address, and what was arranged with them."""

from typing import TYPE_CHECKING

import msgspec

from desk.records import document, record, records
from scheduling.bookings import Booking, Guest
from scheduling.errors import ErrorKind, KobleError
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who booked or was written down; `made_at` in UTC seconds."""

    id: str
    email: str
    name: str
    zone: str = ""
    language: str = ""
    made_at: int
    note: str = ""


class Contacts:
    """Contacts, kept on this computer."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def note_in(self, store: Store, guest: Guest) -> None:
        """Remember a guest as a contact, inside a transaction; a known one keeps its name."""
        if store.contacts.where("email", guest.email.casefold()):
            return
        contact = Contact(
            id=self._desk.ids(),
            email=guest.email.casefold(),
            name=guest.name,
            zone=guest.zone,
            language=guest.language,
            made_at=self._desk.clock.now(),
        )
        store.contacts.put(document(contact))

    async def all(self) -> list[Contact]:
        """Everybody, by name."""
        found = await self._desk.read(lambda store: store.contacts.all())
        return sorted(records(Contact, found), key=lambda each: each.name.casefold())

    async def get(self, email: str) -> Contact:
        """The contact with this address."""
        found = await self._desk.read(lambda s: s.contacts.where("email", email.casefold()))
        if not found:
            raise KobleError(
                ErrorKind.NOT_FOUND, Phrase("There is no such contact."), field="email"
            )
        return record(Contact, found[0])

    async def timeline(self, email: str) -> list[Booking]:
        """What was arranged with this address, newest first."""
        found = await self._desk.read(lambda store: store.bookings.all())
        mine = [
            each
            for each in records(Booking, found)
            if each.guest.email.casefold() == email.casefold()
        ]
        return sorted(mine, key=lambda each: each.start, reverse=True)
