"""What is said of a connection that was just made: another account, or too little allowed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scheduling.connections import VENDORS, Connection
from tui import marks
from tui.commands import Command
from tui.commands.connect import DisconnectWrong, KeepConnected
from tui.screens.connect.prose import Points, paragraph
from tui.screens.connect.step import Journey, Step
from words import _


def is_another(connection: Connection) -> bool:
    """Whether another account was connected than the one that was expected (S6)."""
    wanted = connection.expected.casefold()
    return bool(wanted) and wanted != connection.address.casefold()


class Arrived(Step):
    """Connected, and something is not as it was meant.

    Args:
        journey: what the steps share.
        connection: what was made.
        missing: what was asked for and not granted, in words.
    """

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (KeepConnected, DisconnectWrong)

    def __init__(self, journey: Journey, connection: Connection, missing: tuple[str, ...]) -> None:
        super().__init__(journey)
        self.connection = connection
        self.missing = missing
        self.another = is_another(connection)

    def heading(self) -> str:
        """It is done."""
        return _("Connected")

    def compose(self) -> ComposeResult:
        """Who is connected, then what is not as it was meant."""
        done = _("Connected {address}.", address=self.connection.address)
        yield Static(
            Content.assemble((f"{marks.DONE} ", "$success"), (done, "bold")),
            markup=False,
            classes="lead",
        )
        if self.another:
            text = _("{address} was expected.", address=self.connection.expected)
            yield self._warning(text)
        if self.missing:
            yield self._warning(_("This was not allowed:"))
            yield Points(self.missing)
            yield paragraph(
                _(
                    "koble does without it. To allow it later, choose the access anew in Settings,"
                    " General, Calendar, and leave every permission of {vendor} ticked.",
                    vendor=VENDORS[self.connection.kind],
                ),
                classes="muted below-lead",
            )

    @staticmethod
    def _warning(text: str) -> Static:
        return Static(Content.assemble((f"{marks.ALERT} ", "$warning"), text), markup=False)

    def applies(self, command: type[Command]) -> bool | None:
        """Only another account may have been a mistake."""
        return self.another if command is DisconnectWrong else True
