"""What became of a meeting: asked, never guessed."""

from textual.app import ComposeResult

from scheduling.bookings import Outcome
from tui.commands.bookings import TakeOutcome
from tui.commands.general import Cancel
from tui.phrases import OUTCOMES
from tui.screens.base import Modal
from tui.widgets.rows import Row, Rows
from words import Phrase


class OutcomeScreen(Modal[Outcome]):
    """The five outcomes; returns the one that was chosen."""

    CSS_PATH = "dialogs.tcss"
    HEADING = Phrase("What became of it?")
    COMMANDS = (Cancel, TakeOutcome)

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome

    def body(self) -> ComposeResult:
        """A row for each."""
        yield Rows([Row(each.value, (str(words),)) for each, words in OUTCOMES.items()])

    def on_mount(self) -> None:
        """Start on the present one."""
        self.query_one(Rows).select(self.outcome.value)

    def on_take_outcome(self) -> None:
        """Return the one under the cursor."""
        if row := self.query_one(Rows).current:
            self.dismiss(Outcome(row.id))
