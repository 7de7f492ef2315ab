"""Contacts: the people you meet, when you met last, and when you meet next."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from desk.contacts import Contact
from scheduling.bookings import Booking, BookingState, Guest
from tui import clipboard
from tui.commands import Command
from tui.commands.contacts import BookFor, CopyContact
from tui.commands.meetings import Show
from tui.phrases import start_text
from tui.screens.base import KobleScreen
from tui.screens.book import BookScreen
from tui.screens.contact import ContactScreen
from tui.widgets.rows import Row, Rows
from words import _

MET = (BookingState.CONFIRMED, BookingState.REQUESTED)


class ContactsScreen(KobleScreen):
    """Everybody who booked, by name."""

    PLACE = "contacts"
    TABLES = frozenset({"contacts", "bookings", "settings"})
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (BookFor, CopyContact)

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[str, Contact] = {}

    def body(self) -> ComposeResult:
        """The list."""
        yield Rows(columns=(0, 0, 31), empty=_("Reading …"), id="contacts")

    def begin(self) -> None:
        """The list has the focus."""
        self.query_one(Rows).focus()

    @property
    def current(self) -> Contact | None:
        """The contact under the cursor."""
        row = self.query_one(Rows).current
        return self.contacts.get(row.id) if row else None

    async def load(self) -> None:
        """Read everybody, and their meetings."""
        desk = self.koble.desk
        if desk is None:
            return
        contacts = await desk.contacts.all()
        bookings = await desk.bookings.all(*MET)
        self.contacts = {each.email: each for each in contacts}
        now, zone = self.koble.clock.now(), self.koble.zone
        last, next_ = meetings(bookings, now)
        rows = [
            Row(
                each.email,
                (
                    each.name,
                    each.email,
                    _met(last.get(each.email), next_.get(each.email), zone, now),
                ),
            )
            for each in contacts
        ]
        key = self.key_of(BookFor)
        empty = _("Nobody yet. Whoever books comes here; {key} books a meeting.", key=key)
        self.query_one(Rows).show(rows, empty=empty)
        self.refresh_bindings()

    @on(Rows.Chosen)
    def _open(self) -> None:
        if contact := self.current:
            self.app.push_screen(ContactScreen(contact))

    def on_book_for(self) -> None:
        """Book for the one under the cursor, or for somebody new."""
        contact = self.current
        guest = None
        if contact is not None:
            guest = Guest(contact.name, contact.email, contact.zone, contact.language)
        if self.koble.desk is not None:
            self.app.push_screen(BookScreen("", guest=guest), self._booked)

    def _booked(self, booking: Booking | None) -> None:
        if booking is not None:
            self.post_message(Show("meetings", f"booking:{booking.id}"))

    def on_copy_contact(self) -> None:
        """Copy the address."""
        if contact := self.current:
            clipboard.copy(self.app, contact.email)

    def applies(self, command: type[Command]) -> bool | None:
        """There is an address to copy only where there is a contact."""
        return command is not CopyContact or self.current is not None


def meetings(bookings: list[Booking], now: int) -> tuple[dict[str, Booking], dict[str, Booking]]:
    """The last meeting and the next one, by address; `bookings` in order of time."""
    last: dict[str, Booking] = {}
    next_: dict[str, Booking] = {}
    for each in bookings:
        email = each.guest.email.casefold()
        if each.end > now:
            next_.setdefault(email, each)
        elif each.state is BookingState.CONFIRMED:
            last[email] = each
    return last, next_


def _met(last: Booking | None, next_: Booking | None, zone: str, now: int) -> Content:
    """When they meet next, else when they met last."""
    booking = next_ or last
    if booking is None:
        return Content("")
    word = _("next") if next_ else _("last")
    return Content.assemble((f"{word} ", "$muted"), start_text(booking.start, zone, now))
