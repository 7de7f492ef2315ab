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


class Subscribe(Forward):
    """Check the address, and have the published calendar keep times away."""

    title = Phrase("Subscribe to the published calendar")
    keys = "enter"
    footer = Phrase("Subscribe")


class SubscribeInstead(Forward):
    """Subscribe to a published calendar, which stands beside the account."""

    title = Phrase("Subscribe to a published calendar")
    keys = "p"
    footer = Phrase("a published calendar")


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


class CheckAnswer(Forward):
    """Take the address that was pasted: the vendor's answer is in it."""

    title = Phrase("Check the pasted address")
    keys = "enter"
    footer = Phrase("go on")


class SignInAgain(Forward):
    """Begin the sign-in anew: with another address, or another code."""

    title = Phrase("Try the sign-in again")
    keys = "enter"
    footer = Phrase("try again")


class KeepConnected(Forward):
    """Keep what is connected, and go to the meetings."""

    title = Phrase("Keep the connection")
    keys = "enter,escape"
    footer = Phrase("go to the meetings")


class SaveClient(Forward):
    """Check the app that was registered, keep it, and go on."""

    title = Phrase("Keep the registered app")
    keys = "enter"
    footer = Phrase("keep the app")


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


# While a field has the focus, letters are text: what applies beside it has keys of its own.
class CopySignIn(Command):
    """Copy the address of the sign-in, and show the whole of it."""

    title = Phrase("Copy the address of the sign-in")
    keys = "f2,ctrl+y"
    footer = Phrase("copy")


class ShowQr(Command):
    """Show the address as a QR code, as large as the window allows."""

    title = Phrase("Show the QR code")
    keys = "f3,ctrl+g"
    footer = Phrase("QR")


class UseCode(Command):
    """Sign in with a short code, on any device: nothing has to reach this computer."""

    title = Phrase("Sign in with a code")
    keys = "f4,ctrl+t"
    footer = Phrase("use a code")


class UseBrowser(Command):
    """Sign in by a browser: for where the organisation does not allow codes."""

    title = Phrase("Sign in by a browser")
    keys = "f4,ctrl+t"
    footer = Phrase("use a browser")


class OpenSignIn(Command):
    """Open the browser of this computer at the sign-in once more."""

    title = Phrase("Open the browser again")
    keys = "f5"
    footer = Phrase("open again")


class ChangeApp(Command):
    """Look at the app that koble signs in as, where the vendor does not take it."""

    title = Phrase("Change the registered app")
    keys = "f7"
    footer = Phrase("the app")


class DisconnectWrong(Command):
    """Disconnect the account that was not meant, and sign in again."""

    title = Phrase("Disconnect it and sign in again")
    keys = "d"
    footer = Phrase("disconnect, sign in again")
    danger = True


class ForgetClient(Command):
    """Forget the app that is kept in the settings; connections made with it go on."""

    title = Phrase("Forget the registered app")
    keys = "f6"
    footer = Phrase("forget it")
    danger = True


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
