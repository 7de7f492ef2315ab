"""The people who booked: contacts."""

from typing import Any

from cli.bookings import table
from cli.call import Call
from cli.documents import booking_data
from cli.output import Answer, Table
from desk.contacts import Contact
from scheduling.instants import utc_text
from words import _


async def contacts(call: Call) -> Answer:
    """Everybody, or one of them with what was arranged."""
    if call.args.email is not None:
        return await _one(call, call.args.email)
    found = await call.desk.contacts.all()
    people = Table((_("Name"), _("Address")), [(each.name, each.email) for each in found])
    empty = _("There are no contacts yet: who books becomes one.")
    return Answer({"contacts": [_data(each) for each in found]}, [people if found else empty])


async def _one(call: Call, email: str) -> Answer:
    contact = await call.desk.contacts.get(email)
    bookings = await call.desk.contacts.timeline(email)
    lines: list[str | Table] = [f"{contact.name} <{contact.email}>"]
    if contact.note:
        lines.append(contact.note)
    lines.append(table(call, bookings) if bookings else _("Nothing was arranged yet."))
    return Answer(
        {"contact": _data(contact), "bookings": [booking_data(each) for each in bookings]}, lines
    )


def _data(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "email": contact.email,
        "name": contact.name,
        "zone": contact.zone or None,
        "language": contact.language or None,
        "note": contact.note,
        "made_at": utc_text(contact.made_at),
    }
