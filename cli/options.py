"""The words and options that each command takes."""

import argparse

from cli.sign_in_options import connection, use
from words import _

STATES = ("requested", "confirmed", "declined", "expired", "rescheduled", "cancelled")
OUTCOMES = ("scheduled", "completed", "rescheduled", "no_show", "cancelled")
SHELLS = ("bash", "zsh", "fish")
LONGEST = 1440
"""Minutes of the longest meeting that a command may ask for."""


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


def span(parser: argparse.ArgumentParser) -> None:
    """From when until when."""
    parser.add_argument(
        "--from",
        dest="start",
        metavar=_("INSTANT"),
        help=_("where to begin; now or today unless given"),
    )
    parser.add_argument(
        "--to", dest="end", metavar=_("INSTANT"), help=_("where to end; a date alone is included")
    )


def cached(parser: argparse.ArgumentParser) -> None:
    """Whether calendars are read first."""
    parser.add_argument(
        "--cached", action="store_true", help=_("use what is stored, without reading calendars")
    )


def duration(parser: argparse.ArgumentParser) -> None:
    """How long the meeting is to be."""
    parser.add_argument(
        "--duration",
        type=_minutes,
        metavar=_("MINUTES"),
        help=_("which of the page's durations; the first unless given"),
    )


def page(parser: argparse.ArgumentParser) -> None:
    """Which page."""
    parser.add_argument("page", metavar=_("PAGE"), help=_("the name of a page"))


def page_name(parser: argparse.ArgumentParser) -> None:
    """Which page, where it is all that is asked for."""
    parser.add_argument("name", metavar=_("NAME"), help=_("the name of a page"))


def booking_id(parser: argparse.ArgumentParser) -> None:
    """Which meeting or request."""
    parser.add_argument("id", metavar=_("ID"), help=_("a booking's id, or its beginning"))


def start(parser: argparse.ArgumentParser) -> None:
    """When it begins."""
    parser.add_argument(
        "start", metavar=_("START"), help=_("such as 2026-12-01T09:00 or 2026-12-01T08:00Z")
    )


def reason(parser: argparse.ArgumentParser) -> None:
    """Which meeting or request, and why."""
    booking_id(parser)
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why; it is kept"))


def folder(parser: argparse.ArgumentParser) -> None:
    """Which folder, and what it serves."""
    parser.add_argument(
        "--path", required=True, metavar=_("DIR"), help=_("a folder of .ics files, as khal's")
    )
    use(parser)


def local_too(parser: argparse.ArgumentParser) -> None:
    """Whether addresses in the own network are allowed."""
    parser.add_argument(
        "--allow-local",
        action="store_true",
        help=_("the server may be this computer, or in a private network"),
    )


def server(parser: argparse.ArgumentParser) -> None:
    """A CalDAV server and an account on it."""
    parser.add_argument(
        "--url", required=True, metavar=_("URL"), help=_("the server, such as cloud.example.com")
    )
    parser.add_argument(
        "--username", required=True, metavar=_("TEXT"), help=_("as the server knows it")
    )
    password(parser)
    use(parser)


def password(parser: argparse.ArgumentParser) -> None:
    """What a server of one's own is signed in to with, and known by."""
    parser.add_argument(
        "--password-file",
        metavar=_("FILE"),
        help=_("where the password is, or - for standard input; asked for unless given"),
    )
    local_too(parser)
    parser.add_argument(
        "--fingerprint",
        default="",
        metavar="SHA256",
        help=_("the certificate by which a private server is known"),
    )


def exchange(parser: argparse.ArgumentParser) -> None:
    """A mailbox and the server it lies on."""
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
    password(parser)
    use(parser)


def feed(parser: argparse.ArgumentParser) -> None:
    """A published calendar."""
    parser.add_argument(
        "--url", required=True, metavar=_("URL"), help=_("where the calendar is published")
    )
    local_too(parser)


def connection_set(parser: argparse.ArgumentParser) -> None:
    """Which connection, and what of it changes."""
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


def inbox(parser: argparse.ArgumentParser) -> None:
    """Which inbox."""
    parser.add_argument("address", metavar=_("ADDRESS"), help=_("the inbox's e-mail address"))


def calendar_set(parser: argparse.ArgumentParser) -> None:
    """Which calendar, and what it is used for."""
    parser.add_argument("id", metavar=_("ID"), help=_("a calendar's id, its beginning, or name"))
    parser.add_argument("--conflicts", choices=("on", "off"), help=_("its events block offers"))
    parser.add_argument("--shown", choices=("on", "off"), help=_("it is shown in the week"))
    parser.add_argument(
        "--destination", action="store_true", help=_("new bookings are written there")
    )


def agenda(parser: argparse.ArgumentParser) -> None:
    """What of the calendars is listed."""
    span(parser)
    cached(parser)


def free(parser: argparse.ArgumentParser) -> None:
    """Which times are listed, and what if the page were another."""
    page(parser)
    span(parser)
    duration(parser)
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
    cached(parser)


def why(parser: argparse.ArgumentParser) -> None:
    """Which time of which page."""
    page(parser)
    start(parser)
    duration(parser)
    cached(parser)


def file(parser: argparse.ArgumentParser) -> None:
    """Where a page is read from."""
    parser.add_argument("file", metavar=_("FILE"), help=_("a TOML file, or - for standard input"))


def book(parser: argparse.ArgumentParser) -> None:
    """Which time, for whom."""
    page(parser)
    start(parser)
    parser.add_argument("--name", required=True, metavar=_("TEXT"), help=_("the guest's name"))
    parser.add_argument(
        "--email", required=True, metavar=_("ADDRESS"), help=_("the guest's address")
    )
    duration(parser)
    parser.add_argument(
        "--key", default="", metavar=_("TEXT"), help=_("the same key gives the same booking")
    )
    parser.add_argument("--note", default="", metavar=_("TEXT"), help=_("what the guest says"))
    parser.add_argument(
        "--host",
        action="store_true",
        help=_("booked by you, whom notice, window and limits do not bind"),
    )


def bookings(parser: argparse.ArgumentParser) -> None:
    """Which states are listed."""
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        choices=STATES,
        dest="states",
        help=_("only these; may be given several times"),
    )


def requests(parser: argparse.ArgumentParser) -> None:
    """Which requests are listed."""
    parser.add_argument(
        "--closed",
        action="store_true",
        help=_("those that were declined or have expired, and were not removed"),
    )


def remove(parser: argparse.ArgumentParser) -> None:
    """Which requests, and whether they come back."""
    parser.add_argument("ids", nargs="+", metavar=_("ID"), help=_("what koble bookings lists"))
    parser.add_argument("--undo", action="store_true", help=_("put them back on the list"))


def propose(parser: argparse.ArgumentParser) -> None:
    """Which request, and the other times."""
    booking_id(parser)
    parser.add_argument(
        "starts", nargs="+", metavar=_("START"), help=_("one or more offered times")
    )


def reschedule(parser: argparse.ArgumentParser) -> None:
    """Which meeting, and where to."""
    booking_id(parser)
    start(parser)
    duration(parser)


def outcome(parser: argparse.ArgumentParser) -> None:
    """Which meeting, and what became of it."""
    booking_id(parser)
    parser.add_argument("outcome", choices=OUTCOMES, help=_("what became of it"))


def contacts(parser: argparse.ArgumentParser) -> None:
    """One person, or all."""
    parser.add_argument(
        "email", nargs="?", metavar=_("ADDRESS"), help=_("one of them, with what was arranged")
    )


def setting(parser: argparse.ArgumentParser) -> None:
    """One setting, or all."""
    parser.add_argument(
        "name", nargs="?", metavar=_("NAME"), help=_("such as profile.zone; all unless given")
    )


def setting_set(parser: argparse.ArgumentParser) -> None:
    """Which setting, and what it becomes."""
    parser.add_argument("name", metavar=_("NAME"), help=_("such as profile.zone"))
    parser.add_argument("value", metavar=_("VALUE"), help=_("text, number, true, false or JSON"))


def log(parser: argparse.ArgumentParser) -> None:
    """How much of the log."""
    parser.add_argument(
        "--limit", type=_count, default=50, metavar="N", help=_("so many of the newest")
    )


def backup(parser: argparse.ArgumentParser) -> None:
    """Where the backup goes."""
    parser.add_argument("file", metavar=_("FILE"), help=_("where to write it"))
    parser.add_argument("--force", action="store_true", help=_("replace the file if it is there"))


def restore(parser: argparse.ArgumentParser) -> None:
    """Where the backup lies."""
    parser.add_argument("file", metavar=_("FILE"), help=_("what koble backup has written"))


def doctor(parser: argparse.ArgumentParser) -> None:
    """How much is looked at."""
    parser.add_argument(
        "--verify", action="store_true", help=_("also read every document that is stored")
    )
    parser.add_argument(
        "--write", action="store_true", help=_("also write and delete a probe event")
    )


def completions(parser: argparse.ArgumentParser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=SHELLS, help=_("the shell to complete for"))
