"""Help: the keys that work now, for what has the focus first."""

from collections.abc import Sequence
from itertools import groupby

from textual import on
from textual.app import App, ComposeResult
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Static

from tui.chrome import PLACES
from tui.commands import Applying, command, key_text
from tui.commands.general import Help
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
        """A heading for each group, a row for each command; what it does, under the list."""
        yield Rows(help_rows(self.entries), columns=(16, 0), id="help")
        yield Static("", markup=False, id="more", classes="muted")

    def on_mount(self) -> None:
        """Say more about the first one."""
        self.query_one(Rows).focus()
        self._say_more(self.query_one(Rows).current)

    def on_help(self, command: Help) -> None:
        """What opened it closes it."""
        command.stop()
        self.dismiss(None)

    @on(Rows.Moved)
    def moved(self, event: Rows.Moved) -> None:
        """Say more about the one under the cursor."""
        self._say_more(event.row)

    def _say_more(self, row: Row | None) -> None:
        self.query_one("#more", Static).update(command(row.id).help() if row else "")

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
        title = _heading(node)
        rows += [Row("", ("",), heading=True)] if rows else []
        rows.append(Row("", (title,), heading=True))
        for entry in group:
            keys = Content("  ").join(
                Content.styled(key_text(key), "bold $accent") for key in entry.keys
            )
            rows.append(
                Row(entry.command.id, (keys, str(entry.command.title)), dim=not entry.enabled)
            )
    return rows


def _heading(node: DOMNode) -> str:
    """What a group of keys belongs to: a widget or dialog by its name, a screen, the app."""
    if isinstance(node, KobleScreen):
        return str(PLACES[node.PLACE]) if node.PLACE in PLACES else _("This screen")
    if isinstance(node, App):
        return _("Everywhere")
    return str(getattr(node, "HEADING", "")) or _("Where the focus is")
