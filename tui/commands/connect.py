"""What applies in the dialog that connects a calendar, and what opens it."""

from tui.commands import Command
from words import Phrase


class ConnectYourCalendar(Command):
    """Connect the calendar in which contacts book: an account, or a folder on this computer."""

    title = Phrase("Connect your calendar")
    keys = "c"
    footer = Phrase("connect")


class Forward(Command):
    """Base of the commands that go one step on in the dialog."""


class ConnectCalendar(Forward):
    """Go on with the kind of calendar under the cursor."""

    title = Phrase("Connect calendar")
    keys = "enter"
    footer = Phrase("Connect calendar")


class AcceptGoogle(Forward):
    """Accept what the connection is used for, and sign in at Google."""

    title = Phrase("Accept and connect to Google")
    keys = "enter"
    footer = Phrase("Accept and connect to Google")


class AcceptOffice(Forward):
    """Accept what the connection is used for, and sign in at Microsoft."""

    title = Phrase("Accept and connect to Office 365")
    keys = "enter"
    footer = Phrase("Accept and connect to Office 365")


class GoOn(Forward):
    """Go on to the form."""

    title = Phrase("Continue")
    keys = "enter"
    footer = Phrase("Continue")


class ConnectInbox(Forward):
    """Check the form, and connect the inbox and its calendar."""

    title = Phrase("Connect inbox")
    keys = "enter"
    footer = Phrase("Connect inbox")


class ConnectServer(Forward):
    """Check the form, and connect the calendars of the server."""

    title = Phrase("Connect to the server")
    keys = "enter"
    footer = Phrase("Connect calendar")


class ConnectFolder(Forward):
    """Connect the calendars of the folder."""

    title = Phrase("Connect the folder")
    keys = "enter"
    footer = Phrase("Connect calendar")


class MakeCalendar(Forward):
    """Make a first calendar in the empty folder, and connect it."""

    title = Phrase("Make a calendar and connect it")
    keys = "enter"
    footer = Phrase("make a calendar")


class ConnectFolderInstead(Forward):
    """Connect a folder on this computer instead."""

    title = Phrase("Connect a folder instead")
    keys = "enter"
    footer = Phrase("connect a folder instead")


class SolveInProfile(Forward):
    """Leave the dialog, and go to the profile in the settings."""

    title = Phrase("Go to the profile")
    keys = "enter"
    footer = Phrase("go to the profile")


class SolveInCalendar(Forward):
    """Leave the dialog, and go to the connected calendar in the settings."""

    title = Phrase("Go to the connected calendar")
    keys = "enter"
    footer = Phrase("go to the calendar")


class ChangeUse(Command):
    """Choose what the connection serves: an account from before 13 March 2023 may have two."""

    title = Phrase("Change what it is used for")
    keys = "s"
    footer = Phrase("used for")


class CompletePath(Command):
    """Complete the name of the folder."""

    title = Phrase("Complete the folder's name")
    keys = "tab"
    footer = Phrase("complete")


class StopConnecting(Command):
    """Stop connecting; nothing is connected."""

    title = Phrase("Stop connecting")
    keys = "escape"
    footer = Phrase("stop")


class Unlock(Command):
    """Go on with the passphrase that was typed."""

    title = Phrase("Unlock the passwords")
    keys = "enter"
    footer = Phrase("unlock")
