"""The list of calendars beside the week."""

from tui.commands.meetings import ToggleCalendar
from tui.widgets.rows import Rows
from words import Phrase


class CalendarRows(Rows):
    """Rows of calendars; Space shows or hides the one under the cursor."""

    COMMANDS = (ToggleCalendar,)
    HEADING = Phrase("Calendars")
