"""Text to take along: sent to the clipboard, and shown, because nothing tells if that worked."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.screens.base import Modal
from words import Phrase, _


class CopyScreen(Modal[None]):
    """Shows a text that was sent to the clipboard, to be selected by hand where that fails."""

    HEADING = Phrase("Copied")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def body(self) -> ComposeResult:
        """The text as it is, and a word on what to do with it."""
        yield Static(self.text, markup=False, id="copied")
        yield Static(
            _("It is on the clipboard where the terminal allows it; else select it here."),
            markup=False,
            classes="hint",
        )
