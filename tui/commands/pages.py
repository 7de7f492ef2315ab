"""What applies to scheduling pages."""

from tui.commands import Command
from words import Phrase


class NewPage(Command):
    """Make a new scheduling page."""

    title = Phrase("New page")
    keys = "n"
    footer = Phrase("new page")


class EditPage(Command):
    """Change the page; its offers are redrawn as you type, with what is gained and lost."""

    title = Phrase("Edit page")
    keys = "e"
    footer = Phrase("edit")


class BookOnPage(Command):
    """Book a meeting through the page."""

    title = Phrase("Book a meeting")
    keys = "b"
    footer = Phrase("book")


class TogglePage(Command):
    """Close the page to contacts, or open it again; what is booked stays."""

    title = Phrase("Close or open page")
    keys = "o"


class DeletePage(Command):
    """Delete the page; meetings booked through it stay. It can be undone for ten seconds."""

    title = Phrase("Delete page")
    keys = "delete,D"
    danger = True


class SavePage(Command):
    """Save the page as it stands."""

    title = Phrase("Save page")
    keys = "enter,f2"
    footer = Phrase("save")


class ToTimes(Command):
    """Go to the times that the page would offer, to see why others are not."""

    title = Phrase("Look at the times")
    keys = "ctrl+t"
    footer = Phrase("times")
