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

    def compose(self) -> ComposeResult:
        """A row for each line."""
        for line in self.lines:
            with Horizontal():
                yield Static(marks.DOT, classes="dot", markup=False)
                yield Static(line, classes="text", markup=False)


def paragraph(text: str, *, classes: str = "") -> Static:
    """A paragraph of literal text."""
    return Static(text, markup=False, classes=classes)


def title(text: str) -> Static:
    """A heading within a step."""
    return Static(text, markup=False, classes="title")
