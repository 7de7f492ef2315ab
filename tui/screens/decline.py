"""Declining a request, with a reason."""

from textual.app import ComposeResult
from textual.widgets import Static

from scheduling.bookings import Booking
from tui.commands.bookings import DeclineIt, KeepIt
from tui.phrases import when_text
from tui.screens.base import Modal
from tui.widgets.form import FormField, form_values
from words import Phrase, _


class DeclineScreen(Modal[str]):
    """Asks for the reason, which may be empty, and returns it."""

    CSS_PATH = "dialogs.tcss"
    HEADING = Phrase("Decline the request")
    COMMANDS = (KeepIt, DeclineIt)

    def __init__(self, booking: Booking) -> None:
        super().__init__()
        self.booking = booking

    def body(self) -> ComposeResult:
        """Which request, who hears of it, and a field for the reason."""
        booking = self.booking
        guest = booking.guest
        when = when_text(booking.start, booking.end, self.koble.zone, self.koble.clock.now())
        yield Static(f"{booking.title}\n{when}", markup=False, classes="title")
        told = _(
            "The time is free again. koble sends no mail: {name} is not told. "
            "Write to {email} yourself.",
            name=guest.name,
            email=guest.email,
        )
        yield Static(told, markup=False, classes="said")
        yield FormField("reason", _("Reason"), placeholder=_("for yourself; may be empty"))

    def on_mount(self) -> None:
        """The reason can be typed at once."""
        self.query_one(FormField).go()

    def on_keep_it(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)

    def on_decline_it(self) -> None:
        """Go ahead."""
        self.dismiss(form_values(self)["reason"])
