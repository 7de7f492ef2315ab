"""What applies in the week."""

from tui.commands import Command
from words import Phrase


class OpenHere(Command):
    """Open the event under the cursor, or the free time there; while choosing a range, take it."""

    title = Phrase("Open what is under the cursor")
    keys = "enter"
    footer = Phrase("open")


class HalfHourLater(Command):
    """Move the cursor half an hour down."""

    title = Phrase("Half an hour later")
    keys = "down,j"


class HalfHourEarlier(Command):
    """Move the cursor half an hour up; above the first one lie the all-day events."""

    title = Phrase("Half an hour earlier")
    keys = "up,k"


class DayLater(Command):
    """Move the cursor to what stands beside it, or to the next day."""

    title = Phrase("Next day")
    keys = "right,l"


class DayEarlier(Command):
    """Move the cursor to what stands beside it, or to the day before."""

    title = Phrase("Day before")
    keys = "left,h"


class NextEvent(Command):
    """Move the cursor to the next event of the week."""

    title = Phrase("Next event")
    keys = "e"


class PreviousEvent(Command):
    """Move the cursor to the event before."""

    title = Phrase("Previous event")
    keys = "E"


class DayStart(Command):
    """Move the cursor to the start of working hours."""

    title = Phrase("Start of the working day")
    keys = "home,g"


class DayEnd(Command):
    """Move the cursor to the end of working hours."""

    title = Phrase("End of the working day")
    keys = "end,G"


class HoursLater(Command):
    """Move the cursor four hours down."""

    title = Phrase("Four hours later")
    keys = "pagedown,ctrl+f"


class HoursEarlier(Command):
    """Move the cursor four hours up."""

    title = Phrase("Four hours earlier")
    keys = "pageup"


class StartRange(Command):
    """Choose a stretch of time: start here, move the cursor, take it with Enter."""

    title = Phrase("Choose a range")
    keys = "v"


class DropRange(Command):
    """Forget the range that is being chosen."""

    title = Phrase("Drop the range")
    keys = "escape"
