"""What applies in the fields of a form."""

from tui.commands import Command
from words import Phrase


class ChoiceCommand(Command, bubble=False):
    """Base of the commands that end in the choice that has the focus."""


class NextChoice(ChoiceCommand):
    """Choose the next of a few words."""

    title = Phrase("Next choice")
    keys = "right,space,l"


class PreviousChoice(ChoiceCommand):
    """Choose the previous of a few words."""

    title = Phrase("Previous choice")
    keys = "left,h"
