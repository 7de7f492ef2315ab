"""What applies in the dialogs of the app itself: the palette, and search."""

from tui.commands import Command
from words import Phrase


class RunCommand(Command):
    """Run the command under the cursor."""

    title = Phrase("Run command")
    keys = "enter"
    footer = Phrase("run")


class OpenFound(Command):
    """Open what is under the cursor."""

    title = Phrase("Open what was found")
    keys = "enter"
    footer = Phrase("open")


class NextFound(Command):
    """Move the cursor to the next row, without leaving the text field."""

    title = Phrase("Next row")
    keys = "down,ctrl+n"


class PreviousFound(Command):
    """Move the cursor to the previous row, without leaving the text field."""

    title = Phrase("Previous row")
    keys = "up"
