"""A QR code over the whole window."""

from textual.app import ComposeResult
from textual.geometry import Size
from textual.widgets import Static

from tui.screens.base import Modal
from tui.widgets.lines import Verbs
from tui.widgets.qr import QrCode
from words import Phrase, _


class QrScreen(Modal[None]):
    """Shows an address as a code as soon as the window has room for it."""

    HEADING = Phrase("QR code")

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def compose(self) -> ComposeResult:
        """The code, or how much room it needs."""
        yield QrCode()
        yield Static("", markup=False, id="room")
        yield Verbs()

    def on_mount(self) -> None:
        """Draw it, if it can be drawn."""
        self.query_one(QrCode).show(self.url)
        self.on_resize()

    def on_resize(self) -> None:
        """It fits now, or no more."""
        code, room = self.query_one(QrCode), self.query_one("#room", Static)
        # The last line is the way back.
        needs = Size(code.needs.width, code.needs.height + 1)
        fits = self.size.width >= needs.width and self.size.height >= needs.height
        code.display = fits and not self.koble.ascii
        room.display = not code.display
        if self.koble.ascii:
            room.update(_("A QR code cannot be drawn in ASCII."))
        else:
            room.update(
                _(
                    "The code of this address needs {columns} columns and {lines} lines; this"
                    " window has {width} and {height}. Make its letters smaller, and the code"
                    " appears.",
                    columns=needs.width,
                    lines=needs.height,
                    width=self.size.width,
                    height=self.size.height,
                )
            )
