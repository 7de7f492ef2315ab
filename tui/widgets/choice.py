"""A field of a form whose value is one of a few words."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui.commands import Commands
from tui.commands.forms import NextChoice, PreviousChoice
from tui.widgets.form import FormField


class Choice(Commands, Widget, can_focus=True):
    """One line: the word that is chosen, changed by the arrows or Space."""

    COMMANDS = (NextChoice, PreviousChoice)
    DEFAULT_CSS = """
    Choice { height: 1; background: $surface; color: $foreground; }
    Choice:focus { background: $cursor; }
    Choice:ansi:focus { text-style: underline; }
    """
    at: reactive[int] = reactive(0)

    class Changed(Message):
        """Another word was chosen."""

    def __init__(self, words: Sequence[str], at: int = 0) -> None:
        super().__init__()
        self.words = tuple(words)
        self.set_reactive(Choice.at, at)

    def render(self) -> Content:
        """The word between two arrows."""
        return Content.assemble(("‹ ", "$muted"), self.words[self.at], (" ›", "$muted"))

    def watch_at(self) -> None:
        """Tell others."""
        self.post_message(self.Changed())

    def on_next_choice(self) -> None:
        """The word after; after the last comes the first."""
        self.at = (self.at + 1) % len(self.words)

    def on_previous_choice(self) -> None:
        """The word before."""
        self.at = (self.at - 1) % len(self.words)

    def on_click(self) -> None:
        """A click goes on to the next."""
        self.focus()
        self.on_next_choice()


class ChoiceField(FormField):
    """A form field with a `Choice`; `options` are values and the words that stand for them."""

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[tuple[str, str]],
        *,
        value: str,
        hint: str = "",
    ) -> None:
        super().__init__(name, label, hint=hint)
        self._values = [each for each, _ in options]
        self._choice = Choice([word for _, word in options], self._values.index(value))

    @property
    def value(self) -> str:
        """The value that is chosen."""
        return self._values[self._choice.at]

    @value.setter
    def value(self, value: str) -> None:
        self._choice.at = self._values.index(value)

    def compose(self) -> ComposeResult:
        """The label, the words, the line under them."""
        yield Static(self.label, markup=False, classes="label")
        yield self._choice
        yield Static(self.hint, markup=False, classes="below")

    def go(self) -> None:
        """Take the focus."""
        self._choice.focus()
