"""Help: the keys that work now, for what has the focus first."""

from collections.abc import Sequence
from itertools import groupby

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen

from tui.chrome import PLACES
from tui.commands import Applying, key_text
from tui.screens.base import KobleScreen, Modal
from tui.widgets.rows import Row, Rows
from words import Phrase, _


class HelpScreen(Modal[None]):
    """The keys of the screen that was asked from; Enter runs the command under the cursor."""

    HEADING = Phrase("Help")

    def __init__(self, entries: Sequence[Applying]) -> None:
        super().__init__()
        self.entries = entries

    def body(self) -> ComposeResult:
        """A heading for each group, a row for each command."""
        yield Rows(help_rows(self.entries), columns=(16, 0), id="help")

    @on(Rows.Chosen)
    def run(self, event: Rows.Chosen) -> None:
        """Leave, and do it."""
        self.dismiss(None)
        for entry in self.entries:
            if entry.command.id == event.row.id:
                entry.run()


def help_rows(entries: Sequence[Applying]) -> list[Row]:
    """The rows of the help for these commands, in groups as they come."""
    rows: list[Row] = []
    for node, group in groupby(entries, key=lambda entry: entry.node):
        if isinstance(node, KobleScreen):
            title = str(PLACES[node.PLACE]) if node.PLACE in PLACES else _("This screen")
        elif isinstance(node, Screen):
            title = _("This dialog")
        else:
            title = _("Everywhere") if node.parent is None else _("Where the focus is")
        rows += [Row("", ("",), heading=True)] if rows else []
        rows.append(Row("", (title,), heading=True))
        for entry in group:
            keys = Content("  ").join(
                Content.styled(key_text(key), "bold $accent") for key in entry.keys
            )
            rows.append(Row(entry.command.id, (keys, entry.command.help()), dim=not entry.enabled))
    return rows
