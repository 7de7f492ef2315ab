"""The small dialogs of the settings: a form, and a choice."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scheduling.errors import KobleError
from tui import marks
from tui.commands.general import Cancel
from tui.commands.settings import PickChoice, SaveSetting
from tui.screens.base import Modal
from tui.widgets.form import FormField, form_values, missing, show_errors
from tui.widgets.rows import Row, Rows
from words import _


class FormScreen(Modal[bool]):
    """A form that is kept by Enter.

    Args:
        title: what stands in the frame.
        fields: the fields, fresh.
        store: checks and keeps the values by name; the field of its `KobleError` shows it, the
            first one where the error names none of them.
        note: a word above the fields.
    """

    COMMANDS = (Cancel, SaveSetting)

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        store: Callable[[dict[str, str]], Awaitable[object]],
        *,
        note: str = "",
    ) -> None:
        super().__init__()
        self.form_title = title
        self.fields = fields
        self.store = store
        self.note = note

    def heading(self) -> str:
        """What the form is about."""
        return self.form_title

    def body(self) -> ComposeResult:
        """The note, and the fields."""
        if self.note:
            yield Static(self.note, markup=False, classes="note")
        yield from self.fields

    def on_mount(self) -> None:
        """Write at once."""
        self.fields[0].go()

    def on_save_setting(self) -> None:
        """Keep it, unless something is wrong."""
        self.work(self._save(), group="save")

    async def _save(self) -> None:
        if show_errors(self, missing(self, _("This is needed."))):
            return
        try:
            await self.store(form_values(self))
        except KobleError as error:
            names = [field.name for field in self.fields]
            last = error.field.rpartition(".")[2]
            show_errors(self, {last if last in names else names[0] or "": str(error)})
        else:
            self.dismiss(True)


class Option(NamedTuple):
    """One of several: its value, what it is called, a quiet word about it."""

    value: str
    label: str
    note: str = ""


class ChoiceScreen(Modal[str]):
    """One of a few; `preview` is called with the value under the cursor as it moves."""

    COMMANDS = (Cancel, PickChoice)

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        value: str,
        *,
        preview: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.choice_title = title
        self.options = options
        self.value = value
        self.preview = preview

    def heading(self) -> str:
        """What is chosen."""
        return self.choice_title

    def body(self) -> ComposeResult:
        """A row each; the present one is marked."""
        width = max(len(option.label) for option in self.options)
        rows = [
            Row(
                option.value,
                (
                    marks.DONE if option.value == self.value else "",
                    option.label,
                    Content.styled(option.note, "$muted"),
                ),
            )
            for option in self.options
        ]
        yield Rows(rows, columns=(1, width, 0), id="options")

    def on_mount(self) -> None:
        """Start at the present one."""
        rows = self.query_one(Rows)
        rows.styles.height = len(self.options)
        rows.select(self.value)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Show what it would be like."""
        if self.preview is not None:
            self.preview(event.row.id)

    def on_pick_choice(self) -> None:
        """Take it."""
        if row := self.query_one(Rows).current:
            self.dismiss(row.id)
