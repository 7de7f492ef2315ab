"""What applies in a list."""

from tui.commands import Command
from words import Phrase


class Choose(Command):
    """Open or choose the row under the cursor."""

    title = Phrase("Open")
    keys = "enter"
    footer = Phrase("open")


class CursorDown(Command):
    """Move the cursor one row down."""

    title = Phrase("Next row")
    keys = "down,j"


class CursorUp(Command):
    """Move the cursor one row up."""

    title = Phrase("Previous row")
    keys = "up,k"


class CursorFirst(Command):
    """Move the cursor to the first row."""

    title = Phrase("First row")
    keys = "home,g"


class CursorLast(Command):
    """Move the cursor to the last row."""

    title = Phrase("Last row")
    keys = "end,G"


class PageDown(Command):
    """Move the cursor one screenful down."""

    title = Phrase("One screenful down")
    keys = "pagedown,ctrl+f"


class PageUp(Command):
    """Move the cursor one screenful up."""

    title = Phrase("One screenful up")
    keys = "pageup"
