"""Every command: what it does, where its code lies, and the options it takes."""

import argparse
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from cli import options
from cli.sign_in_options import client, connection, google, office365, renew, vendor
from words import Phrase

COMPLETIONS = "completions"
"""A command that needs no desk."""
RESTORE = "cli.repair:restore"
"""The command that works on a home that does not open, too."""


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


class Command(NamedTuple):
    """One command.

    `where` names its code, `module:coroutine`. With `kinds`, a second word chooses one of them;
    without that word it is `where`, if there is any.
    """

    help: Phrase
    where: str = ""
    options: Callable[[argparse.ArgumentParser], None] = _nothing
    kinds: Mapping[str, "Command"] = MappingProxyType({})


COMMANDS: dict[str, Command] = {
    "status": Command(
        Phrase("Tell what is connected and how fresh it is."),
        "cli.connections:status",
        options.cached,
    ),
    "connect": Command(
        Phrase("Connect your calendar."),
        kinds={
            "local": Command(
                Phrase("Connect a folder on this computer."),
                "cli.connections:connect_local",
                options.folder,
            ),
            "google": Command(
                Phrase("Connect a Google account, signed in to in a browser."),
                "cli.sign_in:connect_google",
                google,
            ),
            "office365": Command(
                Phrase("Connect an Office 365 account, signed in to in a browser or by a code."),
                "cli.sign_in:connect_office365",
                office365,
            ),
            "exchange": Command(
                Phrase("Connect an account on an Exchange server, or sign in to it again."),
                "cli.connections:connect_exchange",
                options.exchange,
            ),
            "caldav": Command(
                Phrase("Connect an account on a CalDAV server, or sign in to it again."),
                "cli.connections:connect_caldav",
                options.server,
            ),
            "ics": Command(
                Phrase("Subscribe to a published calendar; its events keep times away."),
                "cli.connections:subscribe",
                options.feed,
            ),
        },
    ),
    "disconnect": Command(
        Phrase("Disconnect a calendar; bookings stay."), "cli.connections:disconnect", connection
    ),
    "renew": Command(
        Phrase("Sign in again to a connection, or read it again."), "cli.sign_in:renew", renew
    ),
    "client": Command(
        Phrase("Show and change the apps that koble signs in as."),
        kinds={
            "show": Command(Phrase("Show one."), "cli.sign_in:show_client", vendor),
            "set": Command(Phrase("Keep one."), "cli.sign_in:save_client", client),
            "forget": Command(
                Phrase("Forget the one that is kept."), "cli.sign_in:forget_client", vendor
            ),
        },
    ),
    "connections": Command(
        Phrase("List connections and choose what counts as busy."),
        "cli.connections:list_all",
        kinds={
            "list": Command(
                Phrase("List them, and what counts as busy."), "cli.connections:list_all"
            ),
            "set": Command(Phrase("Change one."), "cli.connections:change", options.connection_set),
        },
    ),
    "inboxes": Command(
        Phrase("List the inboxes of the e-mail integration."),
        "cli.inboxes:list_all",
        kinds={
            "list": Command(Phrase("List them."), "cli.inboxes:list_all"),
            "connect": Command(Phrase("Connect one again."), "cli.inboxes:connect", options.inbox),
            "disconnect": Command(
                Phrase("Disconnect one; its calendar stays."),
                "cli.inboxes:disconnect",
                options.inbox,
            ),
            "share": Command(
                Phrase("Note an address as a shared inbox of the conversations tool."),
                "cli.inboxes:share",
                options.inbox,
            ),
            "remove": Command(
                Phrase("Forget one that no calendar belongs to."),
                "cli.inboxes:remove",
                options.inbox,
            ),
        },
    ),
    "calendars": Command(
        Phrase("List calendars and choose their use."),
        "cli.calendars:list_all",
        kinds={
            "list": Command(Phrase("List them."), "cli.calendars:list_all"),
            "set": Command(
                Phrase("Choose what one is used for."), "cli.calendars:change", options.calendar_set
            ),
        },
    ),
    "agenda": Command(
        Phrase("List what lies in the calendars."), "cli.calendars:agenda", options.agenda
    ),
    "free": Command(Phrase("List the times that a page offers."), "cli.offers:free", options.free),
    "why": Command(
        Phrase("Tell every reason why a time is not offered."), "cli.offers:why", options.why
    ),
    "page": Command(
        Phrase("List, show, change and delete pages."),
        kinds={
            "list": Command(Phrase("List them."), "cli.pages:list_all"),
            "show": Command(
                Phrase("Print one as a TOML file."), "cli.pages:show", options.page_name
            ),
            "apply": Command(
                Phrase("Store the page that a TOML file describes."),
                "cli.pages:apply",
                options.file,
            ),
            "delete": Command(
                Phrase("Delete one; its bookings stay."), "cli.pages:delete", options.page_name
            ),
        },
    ),
    "book": Command(Phrase("Book an offered time for a guest."), "cli.bookings:book", options.book),
    "bookings": Command(
        Phrase("List what was booked and requested."), "cli.bookings:list_all", options.bookings
    ),
    "requests": Command(
        Phrase("List the requests that wait for an answer."),
        "cli.bookings:requests",
        options.requests,
    ),
    "accept": Command(Phrase("Accept a request."), "cli.bookings:accept", options.booking_id),
    "decline": Command(Phrase("Decline a request."), "cli.bookings:decline", options.reason),
    "remove": Command(
        Phrase("Take declined and expired requests off the list; they stay with their contacts."),
        "cli.bookings:remove",
        options.remove,
    ),
    "propose": Command(
        Phrase("Propose other times for a request."), "cli.bookings:propose", options.propose
    ),
    "cancel": Command(Phrase("Cancel a meeting."), "cli.bookings:cancel", options.reason),
    "reschedule": Command(
        Phrase("Move a meeting to another offered time."),
        "cli.bookings:reschedule",
        options.reschedule,
    ),
    "take-over": Command(
        Phrase("Move or cancel a meeting as its event was outside koble."),
        "cli.bookings:take_over",
        options.booking_id,
    ),
    "put-back": Command(
        Phrase("Write a meeting's event back that was changed outside koble."),
        "cli.bookings:put_back",
        options.booking_id,
    ),
    "outcome": Command(
        Phrase("Note what became of a meeting."), "cli.bookings:outcome", options.outcome
    ),
    "contacts": Command(
        Phrase("List the people who booked."), "cli.contacts:contacts", options.contacts
    ),
    "settings": Command(
        Phrase("Print and change settings."),
        kinds={
            "get": Command(Phrase("Print settings."), "cli.settings:get", options.setting),
            "set": Command(
                Phrase("Change one setting."), "cli.settings:change", options.setting_set
            ),
        },
    ),
    "log": Command(Phrase("List what was done."), "cli.upkeep:log", options.log),
    "sync": Command(Phrase("Read the calendars and do what is waiting."), "cli.calendars:sync"),
    "backup": Command(
        Phrase("Write everything but secrets to a file."), "cli.upkeep:backup", options.backup
    ),
    "restore": Command(
        Phrase("Put a backup in the place of all that is stored; that is kept beside it."),
        RESTORE,
        options.restore,
    ),
    "doctor": Command(Phrase("Find out what is wrong."), "cli.upkeep:doctor", options.doctor),
    "completions": Command(
        Phrase("Print a script that completes commands in a shell."),
        COMPLETIONS,
        options.completions,
    ),
}
