"""What can be done with a meeting, a request, or a time."""

from tui.commands import Command
from words import Phrase


class AcceptRequest(Command):
    """Accept the request: it is checked once more, confirmed, and written to your calendar."""

    title = Phrase("Accept request")
    keys = "a"
    footer = Phrase("accept")


class DeclineRequest(Command):
    """Decline the request, with a reason if you like; it stays in the list below."""

    title = Phrase("Decline request")
    keys = "d"
    footer = Phrase("decline")
    danger = True


class ProposeTimes(Command):
    """Propose other times for the request: choose them, and take the text along."""

    title = Phrase("Propose another time")
    keys = "o"
    footer = Phrase("other time")


class RemoveRequest(Command):
    """Take the closed request off the list; it can be undone, and stays with its contact."""

    title = Phrase("Remove request")
    keys = "x,delete"
    footer = Phrase("remove")


class RemoveClosed(Command):
    """Take all requests that were declined or have expired off the list; it can be undone."""

    title = Phrase("Remove all declined and expired requests")
    keys = "X"


class CancelMeeting(Command):
    """Cancel the meeting; you are told who hears of it, and asked for a reason."""

    title = Phrase("Cancel meeting")
    keys = "x"
    footer = Phrase("cancel it")
    danger = True


class Reschedule(Command):
    """Move the meeting to another time that is offered."""

    title = Phrase("Reschedule")
    keys = "m"
    footer = Phrase("reschedule")


class TakeOver(Command):
    """Let the meeting be as its event is outside koble: at its new time, or cancelled."""

    title = Phrase("Take over what was changed outside")
    keys = "T"
    footer = Phrase("take it over")


class PutBack(Command):
    """Write the meeting's event back to where koble has it, if nothing else lies there."""

    title = Phrase("Put back what was changed outside")
    keys = "B"
    footer = Phrase("put it back")


class SetOutcome(Command):
    """Say what became of the meeting: completed, no show and so on."""

    title = Phrase("Set the outcome")
    keys = "o"
    footer = Phrase("outcome")


class CopyMeeting(Command):
    """Copy time, place and people as text."""

    title = Phrase("Copy the meeting as text")
    keys = "y"
    footer = Phrase("copy")


class OpenLink(Command):
    """Open the meeting's address in a browser, after showing where it leads."""

    title = Phrase("Open the meeting's address")
    keys = "v"
    footer = Phrase("join")


# In dialogs


class CancelIt(Command):
    """Cancel the meeting. Nobody is told: koble sends no mail."""

    title = Phrase("Cancel the meeting and tell nobody")
    keys = "enter"
    footer = Phrase("cancel the meeting and tell nobody")
    danger = True


class DeclineIt(Command):
    """Decline the request. Nobody is told: koble sends no mail."""

    title = Phrase("Decline and tell nobody")
    keys = "enter"
    footer = Phrase("decline and tell nobody")
    danger = True


class KeepIt(Command):
    """Leave everything as it is."""

    title = Phrase("Keep it")
    keys = "escape"
    footer = Phrase("keep it")


class TakeOutcome(Command):
    """Note this outcome."""

    title = Phrase("Note the outcome")
    keys = "enter"
    footer = Phrase("note it")


class OpenInBrowser(Command):
    """Open this address in a browser."""

    title = Phrase("Open in a browser")
    keys = "enter"
    footer = Phrase("open in a browser")


class CopyAddress(Command):
    """Copy the address."""

    title = Phrase("Copy the address")
    keys = "y"
    footer = Phrase("copy it")


class NextStep(Command):
    """Go on with what is under the cursor."""

    title = Phrase("Go on")
    keys = "enter"
    footer = Phrase("go on")


class BookIt(Command):
    """Book this time for this guest; offline it becomes a request."""

    title = Phrase("Book")
    keys = "enter"
    footer = Phrase("book")


class MoveIt(Command):
    """Move the meeting to the time under the cursor."""

    title = Phrase("Move here")
    keys = "enter"
    footer = Phrase("move it here")


class MarkTime(Command):
    """Mark the time under the cursor, or take the mark away."""

    title = Phrase("Mark the time")
    keys = "space"
    footer = Phrase("mark")


class ProposeMarked(Command):
    """Propose the marked times, or the one under the cursor."""

    title = Phrase("Propose")
    keys = "enter"
    footer = Phrase("propose")


class EarlierTimes(Command):
    """Show the two weeks before."""

    title = Phrase("Earlier times")
    keys = "["
    footer = Phrase("weeks")


class LaterTimes(Command):
    """Show the next two weeks."""

    title = Phrase("Later times")
    keys = "]"
    footer = Phrase("weeks")


class OtherLength(Command):
    """Take the next of the page's lengths."""

    title = Phrase("Another length")
    keys = "m"
    footer = Phrase("length")
