"""Text in a step: paragraphs, headings and points, wrapped with the text under itself."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui import marks


class Points(Vertical):
    """Lines with a dot before each; what wraps stands under its own text."""

    DEFAULT_CSS = """
    Points, Points > Horizontal { height: auto; }
    Points .dot { width: 2; }
    Points .text { width: 1fr; height: auto; }
    """

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__()
        self.lines = tuple(lines)

    def show(self, lines: Iterable[str]) -> None:
        """Show other lines, soon."""
        self.lines = tuple(lines)
        self.refresh(recompose=True)

    def compose(self) -> ComposeResult:
        """A row for each line."""
        for number, line in enumerate(self.lines, 1):
            with Horizontal():
                yield Static(self.mark(number), classes="dot", markup=False)
                yield Static(line, classes="text", markup=False)

    def mark(self, number: int) -> str:
        """What stands before the line of that number."""
        return marks.DOT


class Numbered(Points):
    """Lines in their order, with a number before each."""

    def mark(self, number: int) -> str:
        """The number."""
        return str(number)


def paragraph(text: str, *, classes: str = "") -> Static:
    """A paragraph of literal text."""
    return Static(text, markup=False, classes=classes)


def title(text: str) -> Static:
    """A heading within a step."""
    return Static(text, markup=False, classes="title")
