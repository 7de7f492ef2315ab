"""What applies everywhere."""

from typing import ClassVar

from tui.commands import Command
from words import Phrase


class GoTo(Command):
    """Base of the commands that go to one of the main screens."""

    to: ClassVar[str]


class GoToMeetings(GoTo):
    """Show your week: meetings, what blocks time, and what comes next."""

    title = Phrase("Go to meetings")
    keys = "1"
    to = "meetings"


class GoToPages(GoTo):
    """Show your scheduling pages and the times that they offer."""

    title = Phrase("Go to pages")
    keys = "2"
    to = "pages"


class GoToRequests(GoTo):
    """Show the meetings that people have asked for and that wait for your answer."""

    title = Phrase("Go to requests")
    keys = "3"
    to = "requests"


class GoToContacts(GoTo):
    """Show the people you meet, and what happened with them."""

    title = Phrase("Go to contacts")
    keys = "4"
    to = "contacts"


class GoToSettings(GoTo):
    """Show settings: profile, calendar connection, e-mail integration, keys and appearance."""

    title = Phrase("Go to settings")
    keys = "5"
    to = "settings"


class Help(Command):
    """Show the keys that work here: first those of what has the focus."""

    title = Phrase("Show help")
    keys = "?,f1"
    footer = Phrase("help")


class Search(Command):
    """Find people, meetings, pages, calendars, time zones and settings by a few letters."""

    title = Phrase("Search")
    keys = "/"
    footer = Phrase("find")


class Palette(Command):
    """List all commands that apply now, with their keys; type to narrow the list."""

    title = Phrase("List commands")
    keys = "ctrl+p,:"


# `g` stays with lists (`gg` goes to the top), so jumping is `f`, as in browsers driven by keys;
# ctrl+o works while a text field has the focus.
class Jump(Command):
    """Put a letter on everything that can have the focus, and go where you type."""

    title = Phrase("Jump")
    keys = "f,ctrl+o"


class Undo(Command):
    """Take back what was done last; for ten seconds, before anything leaves this computer."""

    title = Phrase("Undo")
    keys = "u"
    footer = Phrase("undo")


class ShowLog(Command):
    """List the notices of this session, the latest first."""

    title = Phrase("Show notices")


class Redraw(Command):
    """Draw the whole screen again, after something else has written to the terminal."""

    title = Phrase("Redraw the screen")
    keys = "ctrl+l"


class ToShell(Command):
    """Go back to the shell, and leave koble as it is; the shell's fg brings it back."""

    title = Phrase("Suspend koble")
    keys = "ctrl+z,Z"


class Quit(Command):
    """Leave koble. What is still to be sent is kept, and sent next time."""

    title = Phrase("Quit")
    keys = "q"


class Close(Command):
    """Close this and go back."""

    title = Phrase("Close")
    keys = "escape"
    footer = Phrase("close")


class Cancel(Command):
    """Leave this dialog; nothing is changed."""

    title = Phrase("Cancel")
    keys = "escape"
    footer = Phrase("cancel")


class Back(Command):
    """Go back one step; what was filled in is kept."""

    title = Phrase("Go back")
    keys = "escape"
    footer = Phrase("back")


EVERYWHERE: tuple[type[Command], ...] = (
    Undo,
    Search,
    Help,
    GoToMeetings,
    GoToPages,
    GoToRequests,
    GoToContacts,
    GoToSettings,
    Palette,
    Jump,
    ShowLog,
    Redraw,
    ToShell,
    Quit,
)
"""The commands of the app itself, in the order of their worth in the footer."""
