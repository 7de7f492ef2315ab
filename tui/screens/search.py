"""Search: one field over people, meetings, pages, calendars, zones and settings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from tui.commands import Command
from tui.commands.dialogs import NextFound, OpenFound, PreviousFound
from tui.screens.base import Modal
from tui.widgets.form import TextField
from tui.widgets.rows import Row, Rows
from words import Phrase, _


@dataclass(frozen=True)
class Hit:
    """Something found: what kind it is ("Contact"), what it is called, more about it.

    `command` is sent to the app when it is chosen.
    """

    kind: str
    title: str
    detail: str
    command: Command


SearchFunction = Callable[[str], Awaitable[list[Hit]]]


class SearchScreen(Modal[None]):
    """A text field and what was found; Enter opens what is under the cursor."""

    COMMANDS = (OpenFound, NextFound, PreviousFound)
    HEADING = Phrase("Find")

    def __init__(self, search: SearchFunction) -> None:
        super().__init__()
        self.search = search
        self.hits: list[Hit] = []

    def body(self) -> ComposeResult:
        """The field, and the list under it."""
        yield TextField(placeholder=_("people, meetings, pages, calendars, settings"), id="filter")
        yield Rows(columns=(10, 0, 0), empty=_("Type a few letters."), id="found")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(TextField).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what the field holds now; an older look-up is dropped."""
        self.work(self.find(event.value.strip()), group="search")

    async def find(self, text: str) -> None:
        """Show what `text` finds."""
        self.hits = await self.search(text) if text else []
        rows = [
            Row(
                str(number),
                (
                    Content.styled(hit.kind, "$muted"),
                    hit.title,
                    Content.styled(hit.detail, "$muted"),
                ),
            )
            for number, hit in enumerate(self.hits)
        ]
        empty = _("Nothing is called that.") if text else _("Type a few letters.")
        self.query_one(Rows).show(rows, empty=empty)
        self.query_one(Rows).cursor = 0

    def on_next_found(self) -> None:
        """One down in the list; the field keeps the focus."""
        self.query_one(Rows).cursor += 1

    def on_previous_found(self) -> None:
        """One up in the list."""
        self.query_one(Rows).cursor -= 1

    def on_open_found(self) -> None:
        """Leave, and open what is under the cursor."""
        if row := self.query_one(Rows).current:
            hit = self.hits[int(row.id)]
            self.dismiss(None)
            self.app.post_message(hit.command)
