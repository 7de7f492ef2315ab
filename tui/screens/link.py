"""Opening a meeting's address: where it leads is shown first."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui import clipboard
from tui.commands.bookings import CopyAddress, OpenInBrowser
from tui.commands.general import Cancel
from tui.phrases import web_host
from tui.screens.base import Modal
from words import Phrase, _


class LinkScreen(Modal[None]):
    """Shows the host and the whole address; only http and https are ever opened."""

    HEADING = Phrase("Open in a browser?")
    COMMANDS = (Cancel, CopyAddress, OpenInBrowser)

    def __init__(self, link: str) -> None:
        super().__init__()
        self.link = link

    def body(self) -> ComposeResult:
        """The host by itself, then all of it."""
        yield Static(
            _("It leads to {host}.", host=web_host(self.link)), markup=False, classes="title"
        )
        yield Static(self.link, markup=False, classes="muted")

    def on_open_in_browser(self) -> None:
        """Open it."""
        self.dismiss(None)
        if web_host(self.link):
            self.app.open_url(self.link)

    def on_copy_address(self) -> None:
        """Copy it instead, for a browser on another computer."""
        self.dismiss(None)
        clipboard.copy(self.app, self.link)
