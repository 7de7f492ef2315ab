"""Cancelling: what will happen, who hears of it, and why."""

from textual.app import ComposeResult
from textual.widgets import Static

from scheduling.bookings import Booking
from tui.commands.bookings import CancelIt, KeepIt
from tui.phrases import when_text
from tui.screens.base import Modal
from tui.widgets.form import FormField, form_values
from words import Phrase, _


class CancelScreen(Modal[str]):
    """Asks before a meeting is cancelled; returns the reason, which may be empty."""

    CSS_PATH = "dialogs.tcss"
    HEADING = Phrase("Cancel the meeting")
    COMMANDS = (KeepIt, CancelIt)

    def __init__(self, booking: Booking) -> None:
        super().__init__()
        self.booking = booking

    def body(self) -> ComposeResult:
        """What will happen, and a field for the reason."""
        booking = self.booking
        when = when_text(booking.start, booking.end, self.koble.zone, self.koble.clock.now())
        yield Static(f"{booking.title}\n{when}", markup=False, classes="title")
        yield Static(self._consequence(), markup=False, classes="said")
        yield FormField("reason", _("Reason"), placeholder=_("for yourself; may be empty"))

    def _consequence(self) -> str:
        guest = self.booking.guest
        told = _(
            "koble sends no mail: {name} is not told. Write to {email} yourself.",
            name=guest.name,
            email=guest.email,
        )
        if not self.booking.event_id:
            return told
        gone = _("After ten seconds the event is deleted from your calendar.")
        return f"{gone} {told}"

    def on_mount(self) -> None:
        """The reason can be typed at once."""
        self.query_one(FormField).go()

    def on_keep_it(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)

    def on_cancel_it(self) -> None:
        """Go ahead."""
        self.dismiss(form_values(self)["reason"])
