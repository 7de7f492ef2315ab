"""Several events that share a place in the week: which one?"""

from collections.abc import Sequence

from textual.app import ComposeResult

from tui.commands.general import Close
from tui.commands.meetings import OpenPicked
from tui.screens.base import Modal
from tui.week.data import Entry
from tui.widgets.rows import Row, Rows
from words import Phrase, dates


class PickScreen(Modal[Entry]):
    """The events behind a "+n"; returns the one that was chosen."""

    CSS_PATH = "dialogs.tcss"
    HEADING = Phrase("At this time")
    COMMANDS = (Close, OpenPicked)

    def __init__(self, entries: Sequence[Entry], zone: str) -> None:
        super().__init__()
        self.entries = list(entries)
        self.zone = zone

    def body(self) -> ComposeResult:
        """A row for each."""
        rows = [
            Row(str(number), (dates.span_text(each.start, each.end, self.zone), each.title))
            for number, each in enumerate(self.entries)
        ]
        yield Rows(rows, columns=(13, 0))

    def on_open_picked(self) -> None:
        """Return the one under the cursor."""
        if row := self.query_one(Rows).current:
            self.dismiss(self.entries[int(row.id)])
