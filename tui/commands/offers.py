"""What applies among the times of a page."""

from tui.commands import Command
from words import Phrase


class TimesCommand(Command, bubble=False):
    """Base of the commands that the times themselves carry out."""


class ChooseTime(TimesCommand):
    """Book the time under the cursor, where it is offered."""

    title = Phrase("Choose time")
    keys = "enter"
    footer = Phrase("book")


class LaterTime(TimesCommand):
    """Move the cursor to the next time of the day; what keeps it from being offered is shown."""

    title = Phrase("Later time")
    keys = "down,j"


class EarlierTime(TimesCommand):
    """Move the cursor to the time before; what keeps it from being offered is shown."""

    title = Phrase("Earlier time")
    keys = "up,k"


class LaterDay(TimesCommand):
    """Move the cursor to the next day that has times."""

    title = Phrase("Later day")
    keys = "right,l"


class EarlierDay(TimesCommand):
    """Move the cursor to the day before that has times."""

    title = Phrase("Earlier day")
    keys = "left,h"


class FirstTime(TimesCommand):
    """Move the cursor to the first time of the day."""

    title = Phrase("First time of the day")
    keys = "home,g"


class LastTime(TimesCommand):
    """Move the cursor to the last time of the day."""

    title = Phrase("Last time of the day")
    keys = "end,G"


class NextOffer(TimesCommand):
    """Move the cursor to the next time that is offered, on whatever day it is."""

    title = Phrase("Next offered time")
    keys = "n,pagedown"


class PreviousOffer(TimesCommand):
    """Move the cursor to the offered time before, on whatever day it is."""

    title = Phrase("Previous offered time")
    keys = "N,pageup"
