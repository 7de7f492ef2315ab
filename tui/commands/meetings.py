"""What applies on the meetings dashboard."""

from tui.commands import Command
from tui.commands.general import GoTo
from words import Phrase


class Show(GoTo):
    """Base of what leads to one thing on a main screen: `what` is its id there."""

    def __init__(self, to: str, what: str) -> None:
        super().__init__()
        self.to = to  # type: ignore[misc] # of this one message, not of its class
        self.what = what


class BookMeeting(Command):
    """Book a meeting for somebody: choose a page, a time, and write who it is for."""

    title = Phrase("Book a meeting")
    keys = "b"
    footer = Phrase("book")


class EarlierWeek(Command):
    """Show the week before."""

    title = Phrase("Week before")
    keys = "["
    footer = Phrase("week")


class LaterWeek(Command):
    """Show the next week."""

    title = Phrase("Next week")
    keys = "]"
    footer = Phrase("week")


class Today(Command):
    """Go to the present time."""

    title = Phrase("Go to today")
    keys = "t"
    footer = Phrase("today")


class ShowCalendars(Command):
    """Go to the month and the list of calendars; on a narrow screen it opens over the week."""

    title = Phrase("Show calendars")
    keys = "c"
    footer = Phrase("calendars")


class ShowRequests(Command):
    """Go to the requests beside the week; on a narrow screen they open over it."""

    title = Phrase("Show requests")
    keys = "r"
    footer = Phrase("requests")


class ShowPages(Command):
    """Go to the pages beside the week; their offers are marked in the week meanwhile."""

    title = Phrase("Show pages")
    keys = "p"
    footer = Phrase("pages")


class DayView(Command):
    """Show one day."""

    title = Phrase("Show one day")
    keys = "d"


class WeekView(Command):
    """Show the whole week."""

    title = Phrase("Show the week")
    keys = "w"


class AgendaView(Command):
    """Show the week as a list, day by day; again: as a week."""

    title = Phrase("Show the week as a list")
    keys = "a"


class SecondZone(Command):
    """Show the hours of another time zone beside yours; again: without."""

    title = Phrase("Show a second time zone")
    keys = "z"


class ReadCalendars(Command):
    """Read the calendars now, without waiting for the next time."""

    title = Phrase("Read the calendars now")
    keys = "R"


class ToggleCalendar(Command):
    """Show or hide the events of the calendar under the cursor; it keeps times away as before."""

    title = Phrase("Show or hide the calendar")
    keys = "space"
    footer = Phrase("show or hide")


class LeavePane(Command):
    """Go back to the week."""

    title = Phrase("Back to the week")
    keys = "escape"
    footer = Phrase("week")


class TakeZone(Command):
    """Show the hours of the zone under the cursor."""

    title = Phrase("Show its hours")
    keys = "enter"
    footer = Phrase("show its hours")


class OpenPicked(Command):
    """Open the event under the cursor."""

    title = Phrase("Open event")
    keys = "enter"
    footer = Phrase("open")
