"""A long address to take along: all of it, from edge to edge, with nothing beside it."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.screens.base import Modal
from tui.widgets.address import Address
from tui.widgets.lines import Verbs
from words import Phrase, _

ALL = 200
"""Lines: more than any address has."""


class AddressScreen(Modal[None]):
    """Shows an address that was sent to the clipboard, to be selected by hand where that fails.

    There is no frame: it would be selected as well.
    """

    HEADING = Phrase("Copied")

    def __init__(self, url: str, note: str = "") -> None:
        super().__init__()
        self.url = url
        self.note = note

    def compose(self) -> ComposeResult:
        """The address, what to do with it, the way back."""
        yield Static(
            _(
                "It is on the clipboard where the terminal allows it. Else select it here with the"
                " mouse while you hold Shift: browsers take it in several lines, too."
            ),
            markup=False,
            classes="hint",
        )
        yield Address(most=ALL)
        yield Static(self.note, markup=False, id="note")
        yield Verbs()

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(Address).show(self.url)
