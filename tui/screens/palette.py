"""The palette: all commands that apply now, narrowed by a few letters."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from tui.commands import Applying
from tui.commands.dialogs import NextFound, PreviousFound, RunCommand
from tui.screens.base import Modal
from tui.widgets.form import TextField
from tui.widgets.rows import Row, Rows
from words import Phrase, _


class PaletteScreen(Modal[None]):
    """A text field and the commands that fit what is in it; Enter runs the one at the cursor."""

    COMMANDS = (RunCommand, NextFound, PreviousFound)
    HEADING = Phrase("Commands")

    def __init__(self, entries: Sequence[Applying]) -> None:
        super().__init__()
        self.entries = [entry for entry in entries if entry.enabled]

    def body(self) -> ComposeResult:
        """The field, and the list under it."""
        yield TextField(placeholder=_("a few letters"), id="filter")
        yield Rows(self.found(""), columns=(0, -14), empty=_("No command fits."), id="found")

    def found(self, letters: str) -> list[Row]:
        """The commands that hold the letters in their order, the closest first."""
        scored = []
        for entry in self.entries:
            title = str(entry.command.title)
            if (hits := fuzzy(letters, title)) is not None:
                scored.append((spread(hits), entry, title, hits))
        scored.sort(key=lambda item: item[0])
        return [
            Row(entry.command.id, (marked(title, hits), Content.styled(entry.key, "$accent")))
            for _score, entry, title, hits in scored
        ]

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(TextField).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        rows = self.query_one(Rows)
        rows.show(self.found(event.value))
        rows.cursor = 0

    def on_next_found(self) -> None:
        """One down in the list; the field keeps the focus."""
        self.query_one(Rows).cursor += 1

    def on_previous_found(self) -> None:
        """One up in the list."""
        self.query_one(Rows).cursor -= 1

    def on_run_command(self) -> None:
        """Leave, and run the command at the cursor."""
        row = self.query_one(Rows).current
        self.dismiss(None)
        for entry in self.entries:
            if row and entry.command.id == row.id:
                entry.run()


def fuzzy(letters: str, text: str) -> list[int] | None:
    """Where the letters stand in `text`, in their order, ignoring case; None: they do not.

    Starts of words are taken first, so that "gm" finds the G and M of "Go to meetings".
    """
    wanted = letters.casefold().replace(" ", "")
    lowered = text.lower()
    starts = [i for i, c in enumerate(lowered) if i == 0 or lowered[i - 1] in " -"]
    hits: list[int] = []
    for number, letter in enumerate(wanted):
        after = hits[-1] + 1 if hits else 0
        near = after < len(lowered) and hits and lowered[after] == letter
        at = after if near else next((i for i in starts if i >= after and lowered[i] == letter), -1)
        if at < 0:
            at = lowered.find(letter, after)
        if at < 0:
            return _plainly(wanted, lowered) if number else None
        hits.append(at)
    return hits


def _plainly(wanted: str, text: str) -> list[int] | None:
    hits: list[int] = []
    for letter in wanted:
        at = text.find(letter, hits[-1] + 1 if hits else 0)
        if at < 0:
            return None
        hits.append(at)
    return hits


def spread(hits: Sequence[int]) -> int:
    """How far apart the letters stand, and how far from the start: less is closer."""
    return (hits[-1] - hits[0]) * 4 + hits[0] if hits else 0


def marked(text: str, hits: Sequence[int]) -> Content:
    """`text` with the letters that were typed set off."""
    content = Content(text)
    for at in hits:
        content = content.stylize("bold underline $accent", at, at + 1)
    return content
