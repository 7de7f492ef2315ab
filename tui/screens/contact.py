"""One contact: everything that was arranged with them, and what became of it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from desk.contacts import Contact
from scheduling.bookings import Booking, BookingState
from tui.commands import Command
from tui.commands.bookings import CancelMeeting, Reschedule, SetOutcome
from tui.commands.general import Close
from tui.commands.lists import Choose
from tui.phrases import OUTCOMES, STATES, when_text
from tui.screens.acting import Acting, of_booking, possible
from tui.screens.base import Modal
from tui.screens.meeting import MeetingScreen
from tui.widgets.rows import Row, Rows
from words import _, many


class ContactScreen(Acting, Modal[None]):
    """The timeline of a contact, newest first; outcomes are set here."""

    CSS_PATH = "dialogs.tcss"
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        Close,
        CancelMeeting,
        Reschedule,
        SetOutcome,
        Choose,
    )

    def __init__(self, contact: Contact) -> None:
        super().__init__()
        self.contact = contact
        self.bookings: dict[str, Booking] = {}

    def heading(self) -> str:
        """Their name."""
        return self.contact.name

    def body(self) -> ComposeResult:
        """How to reach them, and the timeline."""
        yield Static(self.contact.email, markup=False, id="email")
        yield Rows(columns=(26, 0, 14), empty=_("Nothing was arranged with them yet."), id="line")

    def on_mount(self) -> None:
        """Read the timeline."""
        self.work(self._load(), group="load")

    @property
    def subject(self) -> Booking | None:
        """The booking under the cursor."""
        row = self.query_one(Rows).current
        return self.bookings.get(row.id) if row else None

    async def _load(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        timeline = await desk.contacts.timeline(self.contact.email)
        self.bookings = {each.id: each for each in timeline}
        now, zone = self.koble.clock.now(), self.koble.zone
        self.query_one(Rows).show(
            [
                Row(
                    each.id,
                    (
                        when_text(each.start, each.end, zone, now),
                        each.title,
                        became(each, now),
                    ),
                    dim=each.state not in (BookingState.CONFIRMED, BookingState.REQUESTED),
                )
                for each in timeline
            ]
        )
        count = many("{n} meeting", "{n} meetings", len(timeline))
        self.query_one("#email", Static).update(f"{self.contact.email}   {count}")
        self.refresh_bindings()

    @on(Rows.Moved)
    def _moved_to(self) -> None:
        self.refresh_bindings()

    def on_rows_chosen(self) -> None:
        """Show the meeting in detail."""
        if booking := self.subject:
            self.app.push_screen(MeetingScreen(of_booking(booking)), self._seen)

    def _seen(self, booking: Booking | None) -> None:
        if booking is not None:
            self.done(booking)

    def done(self, booking: Booking) -> None:
        """Read it all again."""
        self.work(self._load(), group="load")

    def applies(self, command: type[Command]) -> bool | None:
        """Only what is possible is a button."""
        return possible(command, self.subject, self.koble.clock.now())


def became(booking: Booking, now: int) -> str:
    """What became of it: the outcome of a past meeting, else its state."""
    if booking.state is BookingState.CONFIRMED and booking.end <= now:
        return str(OUTCOMES[booking.outcome])
    return str(STATES[booking.state])
