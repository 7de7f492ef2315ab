"""Every command: what it does, where its code lies, and the options it takes."""

import argparse
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from cli.sign_in_options import client, connection, google, office365, renew, use, vendor
from words import Phrase, _

STATES = ("requested", "confirmed", "declined", "expired", "rescheduled", "cancelled")
OUTCOMES = ("scheduled", "completed", "rescheduled", "no_show", "cancelled")
SHELLS = ("bash", "zsh", "fish")
COMPLETIONS = "completions"
"""A command that needs no desk."""
RESTORE = "cli.repair:restore"
"""The command that works on a home that does not open, too."""
LONGEST = 1440
"""Minutes of the longest meeting that a command may ask for."""


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


def _minutes(text: str) -> int:
    minutes = int(text)
    if not 1 <= minutes <= LONGEST:
        raise ValueError
    return minutes


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count


# argparse names the type in its message.
_minutes.__name__ = "minutes"
_count.__name__ = "count"


def _span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="start",
        metavar=_("INSTANT"),
        help=_("where to begin; now or today unless given"),
    )
    parser.add_argument(
        "--to", dest="end", metavar=_("INSTANT"), help=_("where to end; a date alone is included")
    )


def _cached(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cached", action="store_true", help=_("use what is stored, without reading calendars")
    )


def _duration(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--duration",
        type=_minutes,
        metavar=_("MINUTES"),
        help=_("which of the page's durations; the first unless given"),
    )


def _page(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", metavar=_("PAGE"), help=_("the name of a page"))


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar=_("NAME"), help=_("the name of a page"))


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar=_("ID"), help=_("a booking's id, or its beginning"))


def _start(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "start", metavar=_("START"), help=_("such as 2026-12-01T09:00 or 2026-12-01T08:00Z")
    )


def _reason(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why; it is kept"))


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--path", required=True, metavar=_("DIR"), help=_("a folder of .ics files, as khal's")
    )
    use(parser)


def _local_too(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-local",
        action="store_true",
        help=_("the server may be this computer, or in a private network"),
    )


def _server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url", required=True, metavar=_("URL"), help=_("the server, such as cloud.example.com")
    )
    parser.add_argument(
        "--username", required=True, metavar=_("TEXT"), help=_("as the server knows it")
    )
    _password(parser)
    use(parser)


def _password(parser: argparse.ArgumentParser) -> None:
    """What a server of one's own is signed in to with, and known by."""
    parser.add_argument(
        "--password-file",
        metavar=_("FILE"),
        help=_("where the password is, or - for standard input; asked for unless given"),
    )
    _local_too(parser)
    parser.add_argument(
        "--fingerprint",
        default="",
        metavar="SHA256",
        help=_("the certificate by which a private server is known"),
    )


def _exchange(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--address", required=True, metavar=_("ADDRESS"), help=_("the mailbox's e-mail address")
    )
    parser.add_argument(
        "--username", default="", metavar=_("TEXT"), help=_("found, if it is not given")
    )
    parser.add_argument(
        "--url",
        default="",
        metavar=_("URL"),
        help=_("the server or its webmail; found if not given"),
    )
    parser.add_argument(
        "--version", default="", metavar=_("TEXT"), help=_("such as 2016; found if not given")
    )
    parser.add_argument(
        "--full-exchange", action="store_true", help=_("lift the limits of Exchange at once")
    )
    _password(parser)
    use(parser)


def _feed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url", required=True, metavar=_("URL"), help=_("where the calendar is published")
    )
    _local_too(parser)


def _connection_set(parser: argparse.ArgumentParser) -> None:
    connection(parser)
    parser.add_argument(
        "--busy",
        action="append",
        default=[],
        metavar=_("KIND=HOW"),
        help=_("what a kind of event does to offers, such as tentative=hard, soft or no"),
    )
    parser.add_argument(
        "--full-exchange", choices=("on", "off"), help=_("lift the limits of Exchange")
    )


def _inbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar=_("ADDRESS"), help=_("the inbox's e-mail address"))


def _calendar_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar=_("ID"), help=_("a calendar's id, its beginning, or name"))
    parser.add_argument("--conflicts", choices=("on", "off"), help=_("its events block offers"))
    parser.add_argument("--shown", choices=("on", "off"), help=_("it is shown in the week"))
    parser.add_argument(
        "--destination", action="store_true", help=_("new bookings are written there")
    )


def _agenda(parser: argparse.ArgumentParser) -> None:
    _span(parser)
    _cached(parser)


def _free(parser: argparse.ArgumentParser) -> None:
    _page(parser)
    _span(parser)
    _duration(parser)
    parser.add_argument("--zone", metavar=_("ZONE"), help=_("show and read times in this zone"))
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar=_("KEY=VALUE"),
        help=_("what the offers would be, such as buffer_after=15; nothing is saved"),
    )
    parser.add_argument(
        "--rehearse",
        nargs="*",
        metavar=_("ZONE"),
        help=_("show the page on both sides of the next changes of clocks, for guests there too"),
    )
    _cached(parser)


def _why(parser: argparse.ArgumentParser) -> None:
    _page(parser)
    _start(parser)
    _duration(parser)
    _cached(parser)


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FILE"), help=_("a TOML file, or - for standard input"))


def _book(parser: argparse.ArgumentParser) -> None:
    _page(parser)
    _start(parser)
    parser.add_argument("--name", required=True, metavar=_("TEXT"), help=_("the guest's name"))
    parser.add_argument(
        "--email", required=True, metavar=_("ADDRESS"), help=_("the guest's address")
    )
    _duration(parser)
    parser.add_argument(
        "--key", default="", metavar=_("TEXT"), help=_("the same key gives the same booking")
    )
    parser.add_argument("--note", default="", metavar=_("TEXT"), help=_("what the guest says"))
    parser.add_argument(
        "--host",
        action="store_true",
        help=_("booked by you, whom notice, window and limits do not bind"),
    )


def _bookings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        choices=STATES,
        dest="states",
        help=_("only these; may be given several times"),
    )


def _propose(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument(
        "starts", nargs="+", metavar=_("START"), help=_("one or more offered times")
    )


def _reschedule(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    _start(parser)
    _duration(parser)


def _outcome(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("outcome", choices=OUTCOMES, help=_("what became of it"))


def _contacts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "email", nargs="?", metavar=_("ADDRESS"), help=_("one of them, with what was arranged")
    )


def _setting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", metavar=_("NAME"), help=_("such as profile.zone; all unless given")
    )


def _setting_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar=_("NAME"), help=_("such as profile.zone"))
    parser.add_argument("value", metavar=_("VALUE"), help=_("text, number, true, false or JSON"))


def _log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit", type=_count, default=50, metavar="N", help=_("so many of the newest")
    )


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FILE"), help=_("where to write it"))
    parser.add_argument("--force", action="store_true", help=_("replace the file if it is there"))


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FILE"), help=_("what koble backup has written"))


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--verify", action="store_true", help=_("also read every document that is stored")
    )
    parser.add_argument(
        "--write", action="store_true", help=_("also write and delete a probe event")
    )


def _completions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help=_("the shell to complete for"))


COMMANDS: dict[str, Command] = {
    "status": Command(
        Phrase("Tell what is connected and how fresh it is."), "cli.connections:status", _cached
    ),
    "connect": Command(
        Phrase("Connect your calendar."),
        kinds={
            "local": Command(
                Phrase("Connect a folder on this computer."),
                "cli.connections:connect_local",
                _folder,
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
                _exchange,
            ),
            "caldav": Command(
                Phrase("Connect an account on a CalDAV server, or sign in to it again."),
                "cli.connections:connect_caldav",
                _server,
            ),
            "ics": Command(
                Phrase("Subscribe to a published calendar; its events keep times away."),
                "cli.connections:subscribe",
                _feed,
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
            "set": Command(Phrase("Change one."), "cli.connections:change", _connection_set),
        },
    ),
    "inboxes": Command(
        Phrase("List the inboxes of the e-mail integration."),
        "cli.inboxes:list_all",
        kinds={
            "list": Command(Phrase("List them."), "cli.inboxes:list_all"),
            "connect": Command(Phrase("Connect one again."), "cli.inboxes:connect", _inbox),
            "disconnect": Command(
                Phrase("Disconnect one; its calendar stays."), "cli.inboxes:disconnect", _inbox
            ),
            "share": Command(
                Phrase("Note an address as a shared inbox of the conversations tool."),
                "cli.inboxes:share",
                _inbox,
            ),
            "remove": Command(
                Phrase("Forget one that no calendar belongs to."), "cli.inboxes:remove", _inbox
            ),
        },
    ),
    "calendars": Command(
        Phrase("List calendars and choose their use."),
        "cli.calendars:list_all",
        kinds={
            "list": Command(Phrase("List them."), "cli.calendars:list_all"),
            "set": Command(
                Phrase("Choose what one is used for."), "cli.calendars:change", _calendar_set
            ),
        },
    ),
    "agenda": Command(Phrase("List what lies in the calendars."), "cli.calendars:agenda", _agenda),
    "free": Command(Phrase("List the times that a page offers."), "cli.offers:free", _free),
    "why": Command(Phrase("Tell every reason why a time is not offered."), "cli.offers:why", _why),
    "page": Command(
        Phrase("List, show, change and delete pages."),
        kinds={
            "list": Command(Phrase("List them."), "cli.pages:list_all"),
            "show": Command(Phrase("Print one as a TOML file."), "cli.pages:show", _name),
            "apply": Command(
                Phrase("Store the page that a TOML file describes."), "cli.pages:apply", _file
            ),
            "delete": Command(Phrase("Delete one; its bookings stay."), "cli.pages:delete", _name),
        },
    ),
    "book": Command(Phrase("Book an offered time for a guest."), "cli.bookings:book", _book),
    "bookings": Command(
        Phrase("List what was booked and requested."), "cli.bookings:list_all", _bookings
    ),
    "requests": Command(
        Phrase("List the requests that wait for an answer."), "cli.bookings:requests"
    ),
    "accept": Command(Phrase("Accept a request."), "cli.bookings:accept", _id),
    "decline": Command(Phrase("Decline a request."), "cli.bookings:decline", _reason),
    "propose": Command(
        Phrase("Propose other times for a request."), "cli.bookings:propose", _propose
    ),
    "cancel": Command(Phrase("Cancel a meeting."), "cli.bookings:cancel", _reason),
    "reschedule": Command(
        Phrase("Move a meeting to another offered time."), "cli.bookings:reschedule", _reschedule
    ),
    "take-over": Command(
        Phrase("Move or cancel a meeting as its event was outside koble."),
        "cli.bookings:take_over",
        _id,
    ),
    "put-back": Command(
        Phrase("Write a meeting's event back that was changed outside koble."),
        "cli.bookings:put_back",
        _id,
    ),
    "outcome": Command(Phrase("Note what became of a meeting."), "cli.bookings:outcome", _outcome),
    "contacts": Command(Phrase("List the people who booked."), "cli.contacts:contacts", _contacts),
    "settings": Command(
        Phrase("Print and change settings."),
        kinds={
            "get": Command(Phrase("Print settings."), "cli.settings:get", _setting),
            "set": Command(Phrase("Change one setting."), "cli.settings:change", _setting_set),
        },
    ),
    "log": Command(Phrase("List what was done."), "cli.upkeep:log", _log),
    "sync": Command(Phrase("Read the calendars and do what is waiting."), "cli.calendars:sync"),
    "backup": Command(
        Phrase("Write everything but secrets to a file."), "cli.upkeep:backup", _backup
    ),
    "restore": Command(
        Phrase("Put a backup in the place of all that is stored; that is kept beside it."),
        RESTORE,
        _restore,
    ),
    "doctor": Command(Phrase("Find out what is wrong."), "cli.upkeep:doctor", _doctor),
    "completions": Command(
        Phrase("Print a script that completes commands in a shell."), COMPLETIONS, _completions
    ),
}
