"""Facts about one thing: a label and what it is, a line each."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static


class Fact(NamedTuple):
    """One line; `text` is literal, or styled `Content`."""

    label: str
    text: str | Content


class Facts(Vertical):
    """The facts, labels left, what is long wrapped beside them."""

    DEFAULT_CSS = """
    Facts { height: auto; }
    Facts > Horizontal { height: auto; }
    Facts .label { width: 14; color: $muted; }
    Facts .text { width: 1fr; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts: tuple[Fact, ...] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these facts, soon; those without a text are left out."""
        shown = tuple(fact for fact in facts if fact.text)
        if shown != self.facts:
            self.facts = shown
            self.refresh(recompose=True)

    def compose(self) -> ComposeResult:
        """A line for each."""
        for label, text in self.facts:
            with Horizontal():
                yield Static(label, markup=False, classes="label")
                yield Static(text, markup=False, classes="text")
