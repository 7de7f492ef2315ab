"""What applies in a list."""

from tui.commands import Command
from words import Phrase


class ListCommand(Command, bubble=False):
    """Base of the commands that end in the list that has the focus."""


class Choose(ListCommand):
    """Open or choose the row under the cursor."""

    title = Phrase("Open")
    keys = "enter"
    footer = Phrase("open")


class CursorDown(ListCommand):
    """Move the cursor one row down."""

    title = Phrase("Next row")
    keys = "down,j"


class CursorUp(ListCommand):
    """Move the cursor one row up."""

    title = Phrase("Previous row")
    keys = "up,k"


class CursorFirst(ListCommand):
    """Move the cursor to the first row."""

    title = Phrase("First row")
    keys = "home,g"


class CursorLast(ListCommand):
    """Move the cursor to the last row."""

    title = Phrase("Last row")
    keys = "end,G"


class PageDown(ListCommand):
    """Move the cursor one screenful down."""

    title = Phrase("One screenful down")
    keys = "pagedown,ctrl+f"


class PageUp(ListCommand):
    """Move the cursor one screenful up."""

    title = Phrase("One screenful up")
    keys = "pageup"
