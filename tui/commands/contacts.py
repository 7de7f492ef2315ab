"""What applies in the list of contacts."""

from tui.commands import Command
from words import Phrase


class BookFor(Command):
    """Book a meeting for the contact under the cursor."""

    title = Phrase("Book a meeting for the contact")
    keys = "b"
    footer = Phrase("book")


class CopyContact(Command):
    """Copy the contact's e-mail address."""

    title = Phrase("Copy the e-mail address")
    keys = "y"
    footer = Phrase("copy address")
