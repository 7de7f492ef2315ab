"""What every tab of the settings is made of: a few words, and a list of settings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from scheduling.errors import ErrorKind, KobleError
from tui.commands import Command
from tui.commands.lists import Choose
from tui.commands.settings import ChangeSetting
from tui.screens.base import Base
from tui.screens.settings.view import View
from tui.widgets.rows import Row, Rows
from words import Phrase, _

if TYPE_CHECKING:
    from desk.desk import Desk

FACT = "fact:"
"""How the id of a row begins that only tells something."""


class Placed(Base):
    """A widget that reaches the app and the desk."""

    @property
    def desk(self) -> "Desk":
        """The open desk."""
        if self.koble.desk is None:
            raise KobleError(ErrorKind.UNAVAILABLE, Phrase("koble is still opening its state."))
        return self.koble.desk


class SettingRows(Placed, Rows):
    """Rows of settings; Enter or Space changes the one under the cursor, if it can be changed."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (ChangeSetting,)

    def applies(self, command: type[Command]) -> bool | None:
        """What only tells something cannot be changed."""
        if command is Choose:
            return False
        if command is ChangeSetting:
            row = self.current
            return row is not None and not row.id.startswith(FACT)
        return bool(self.rows)

    def on_change_setting(self) -> None:
        """Tell that the row was chosen."""
        self.on_choose()

    def on_rows_moved(self) -> None:
        """Other commands apply on another row."""
        self.refresh_bindings()


class Pane(Placed, Vertical):
    """One tab. Give `COLUMNS`, `fill`, and a handler of `Rows.Chosen`."""

    COLUMNS: ClassVar[tuple[int, ...]] = (24, 0)
    view: View | None = None

    def compose(self) -> ComposeResult:
        """A few words, and the list."""
        yield Static("", markup=False, classes="intro")
        yield self.make_rows()

    def make_rows(self) -> SettingRows:
        """The list, still empty."""
        return SettingRows(columns=self.COLUMNS, empty=_("Opening…"))

    @property
    def rows(self) -> SettingRows:
        """The list."""
        return self.query_one(SettingRows)

    def show(self, view: View) -> None:
        """Show this state."""
        self.view = view
        self.fill(view)

    def fill(self, view: View) -> None:
        """Say the words and show the rows of `view`."""

    def room(self, taken: int) -> int:
        """Cells for a text in the list, behind `taken` cells of labels and gaps."""
        return (self.rows.size.width or 60) - taken - 5

    def on_resize(self) -> None:
        """Wrap what is wrapped anew."""
        if self.view is not None:
            self.fill(self.view)

    def say(self, text: str | Content) -> None:
        """The words above the list; none: no empty lines either."""
        intro = self.query_one(".intro", Static)
        intro.update(text)
        intro.display = bool(str(text))


def setting(id: str, label: str, value: str | Content, note: str = "") -> Row:
    """A row of a label, a value, and a quiet note after it."""
    text = value if isinstance(value, Content) else Content(value)
    if note:
        text = Content.assemble(text, ("   ", ""), (note, "$muted"))
    return Row(id, (Content.styled(label, "$muted"), text))


def fact(id: str, label: str, value: str | Content, note: str = "") -> Row:
    """As `setting`, but nothing that can be changed."""
    return setting(f"{FACT}{id}", label, value, note)


def told(id: str, label: str, text: str, *, width: int, style: str = "") -> list[Row]:
    """A fact whose text is wrapped into rows of `width` cells, the label before the first."""
    lines = Content(text).wrap(max(width, 8)) or [Content("")]
    return [
        fact(f"{id}-{number}", label if number == 0 else "", line.stylize(style) if style else line)
        for number, line in enumerate(lines)
    ]


def heading(text: str | Content, *, first: bool = False) -> list[Row]:
    """A heading, with an empty line above it unless it is the first."""
    rows = [] if first else [gap()]
    return [*rows, Row("", (text,), heading=True)]


def gap() -> Row:
    """An empty line."""
    return Row("", ("",), heading=True)


def columns(first: str, width: int, *others: str | Content, each: int) -> Content:
    """Text, padded to `width`, then the others in columns of `each` cells."""
    parts: list[Content] = [Content(first).truncate(width - 2, ellipsis=True, pad=True)]
    parts.append(Content("  "))
    for other in others:
        content = other if isinstance(other, Content) else Content(other)
        parts.append(content.truncate(each, ellipsis=True, pad=True))
    return Content("").join(parts)


def on_off(value: bool) -> str:
    """A switch, as a word."""
    return _("on") if value else _("off")


def joined(rows: Sequence[Sequence[Row]]) -> list[Row]:
    """The rows of several parts, one after the other."""
    return [row for part in rows for row in part]
