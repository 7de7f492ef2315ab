"""The words of the command line: every command, its options, and where its code lies."""

import argparse
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn

from cli.output import terminal_width
from scheduling.text import clean
from words import LANGUAGES, Phrase, _

STATES = ("requested", "confirmed", "declined", "expired", "rescheduled", "cancelled")
OUTCOMES = ("scheduled", "completed", "rescheduled", "no_show", "cancelled")
USES = ("both", "calendar", "meetings")
SHELLS = ("bash", "zsh", "fish")
COMPLETIONS = "completions"
"""The one command that needs no desk."""
LONGEST = 1440
"""Minutes of the longest meeting that a command may ask for."""


class Usage(Exception):
    """The words of the command were wrong; `usage` shows how they are meant."""

    def __init__(self, message: str, usage: str = "") -> None:
        super().__init__(message)
        self.usage = usage


class Parser(argparse.ArgumentParser):
    """argparse's, which raises `Usage` instead of ending the process."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, allow_abbrev=False, formatter_class=_Help)

    def error(self, message: str) -> NoReturn:
        """What was wrong, as argparse says it."""
        raise Usage(clean(message), self.format_usage())


class _Help(argparse.HelpFormatter):
    """As wide as the terminal, asked without `shutil`: one is made for each option."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_width() - 2)


class Command(NamedTuple):
    """One command: what it does, the coroutine that does it, and what adds its options."""

    help: Phrase
    where: str
    fill: Callable[[argparse.ArgumentParser], None]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The words of `argv`; `where` names the code to call, and is empty for the terminal app.

    Raises:
        Usage: the words are wrong.
        SystemExit: --help or --version, which have been answered.
    """
    if any("\ud800" <= char <= "\udfff" for word in argv for char in word):
        raise Usage(_("A word of the command is not UTF-8 text."))
    name = named(argv)
    if name is not None and name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, 1, 0.6)
        said = _("There is no command {name}.", name=clean(name, limit=40))
        way = _("Did you mean {near}?", near=near[0]) if near else _("See koble --help.")
        raise Usage(f"{said} {way}")
    # A parser for each command takes as long as the rest of the start: only what is asked for.
    everything = list(COMMANDS) if {"-h", "--help"} & set(argv) else []
    return build([name] if name else everything).parse_args(argv)


def named(argv: Sequence[str]) -> str | None:
    """The command in `argv`: the first word that is neither an option nor the value of one."""
    words = iter(argv)
    for word in words:
        if word in ("--now", "--lang"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def build(names: Sequence[str]) -> Parser:
    """The parser with these commands."""
    parser = Parser(
        prog="koble",
        description=_(
            "Calendar connection and meetings desk. Without a command: the terminal app."
        ),
    )
    parser.set_defaults(where="", json=False, now=None, lang=None, sample=False)
    parser.add_argument("--version", action=_Version, help=_("print the version"))
    parser.add_argument(
        "--no-mouse", action="store_true", help=_("leave the mouse to the terminal")
    )
    _common(parser)
    commands = parser.add_subparsers(metavar=_("COMMAND"), title=_("commands"), prog="koble")
    for name in names:
        command = COMMANDS[name]
        text = str(command.help)
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(where=command.where)
        command.fill(one)
        _common(one)
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_rest: object) -> NoReturn:
        from importlib.metadata import version  # slow, and seldom asked for

        print(f"koble {version('koble')}")
        parser.exit()


def _common(parser: argparse.ArgumentParser) -> None:
    """What may stand before the command and after it."""
    add = parser.add_argument_group(_("everywhere")).add_argument
    no = argparse.SUPPRESS  # a default here would overwrite what stood before the command
    add("--json", action="store_true", default=no, help=_("answer with one JSON document"))
    add("--now", metavar=_("INSTANT"), default=no, help=_("act as if it were this time"))
    add("--lang", choices=tuple(LANGUAGES), default=no, help=_("the language to answer in"))
    add("--sample", action="store_true", default=no, help=_("a made-up week, forgotten at the end"))


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


def _kinds(
    parser: argparse.ArgumentParser, kinds: dict[str, Command], *, optional: bool = False
) -> None:
    """The second word of a command."""
    ways = parser.add_subparsers(metavar=_("WHAT"), required=not optional, dest="what")
    for name, kind in kinds.items():
        text = str(kind.help)
        one = ways.add_parser(name, help=text, description=text)
        one.set_defaults(where=kind.where)
        kind.fill(one)
        _common(one)


def _nothing(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def _span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="start", metavar=_("INSTANT"), help=_("where to begin; now unless given")
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


def _connect(parser: argparse.ArgumentParser) -> None:
    def local(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "--path", required=True, metavar=_("DIR"), help=_("a folder of .ics files, as khal's")
        )
        one.add_argument(
            "--use",
            choices=USES,
            default=USES[0],
            help=_("what it serves, where an account may have two connections"),
        )

    _kinds(
        parser,
        {
            "local": Command(
                Phrase("Connect a folder on this computer."), "cli.connections:connect_local", local
            )
        },
    )


def _disconnect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "id", nargs="?", metavar=_("ID"), help=_("which one, where several are connected")
    )


def _calendars(parser: argparse.ArgumentParser) -> None:
    def change(one: argparse.ArgumentParser) -> None:
        one.add_argument("id", metavar=_("ID"), help=_("a calendar's id, its beginning, or name"))
        one.add_argument("--conflicts", choices=("on", "off"), help=_("its events block offers"))
        one.add_argument("--shown", choices=("on", "off"), help=_("it is shown in the week"))
        one.add_argument(
            "--destination", action="store_true", help=_("new bookings are written there")
        )

    _kinds(
        parser,
        {
            "list": Command(Phrase("List them."), "cli.calendars:list_all", _nothing),
            "set": Command(Phrase("Choose what one is used for."), "cli.calendars:change", change),
        },
        optional=True,
    )


def _agenda(parser: argparse.ArgumentParser) -> None:
    _span(parser)
    which = parser.add_mutually_exclusive_group()
    _cached(which)  # type: ignore[arg-type] # a group takes arguments as a parser does
    which.add_argument("--sync", action="store_true", help=_("read the calendars first"))


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
    _cached(parser)


def _why(parser: argparse.ArgumentParser) -> None:
    _page(parser)
    _start(parser)
    _duration(parser)
    _cached(parser)


def _pages(parser: argparse.ArgumentParser) -> None:
    def apply(one: argparse.ArgumentParser) -> None:
        one.add_argument("file", metavar=_("FILE"), help=_("a TOML file, or - for standard input"))

    _kinds(
        parser,
        {
            "list": Command(Phrase("List them."), "cli.pages:list_all", _nothing),
            "show": Command(Phrase("Print one as a TOML file."), "cli.pages:show", _name),
            "apply": Command(
                Phrase("Store the page that a TOML file describes."), "cli.pages:apply", apply
            ),
            "delete": Command(Phrase("Delete one; its bookings stay."), "cli.pages:delete", _name),
        },
    )


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


def _settings(parser: argparse.ArgumentParser) -> None:
    def get(one: argparse.ArgumentParser) -> None:
        one.add_argument(
            "name", nargs="?", metavar=_("NAME"), help=_("such as profile.zone; all unless given")
        )

    def change(one: argparse.ArgumentParser) -> None:
        one.add_argument("name", metavar=_("NAME"), help=_("such as profile.zone"))
        one.add_argument("value", metavar=_("VALUE"), help=_("text, number, true, false or JSON"))

    _kinds(
        parser,
        {
            "get": Command(Phrase("Print settings."), "cli.settings:get", get),
            "set": Command(Phrase("Change one setting."), "cli.settings:change", change),
        },
    )


def _log(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit", type=_count, default=50, metavar="N", help=_("so many of the newest")
    )


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar=_("FILE"), help=_("where to write it"))
    parser.add_argument("--force", action="store_true", help=_("replace the file if it is there"))


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--write", action="store_true", help=_("also write and delete a probe event")
    )


def _completions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help=_("the shell to complete for"))


COMMANDS: dict[str, Command] = {
    "status": Command(
        Phrase("Tell what is connected and how fresh it is."), "cli.connections:status", _cached
    ),
    "connect": Command(Phrase("Connect your calendar."), "", _connect),
    "disconnect": Command(
        Phrase("Disconnect a calendar; bookings stay."), "cli.connections:disconnect", _disconnect
    ),
    "calendars": Command(
        Phrase("List calendars and choose their use."), "cli.calendars:list_all", _calendars
    ),
    "agenda": Command(Phrase("List what lies in the calendars."), "cli.calendars:agenda", _agenda),
    "free": Command(Phrase("List the times that a page offers."), "cli.offers:free", _free),
    "why": Command(Phrase("Tell every reason why a time is not offered."), "cli.offers:why", _why),
    "page": Command(Phrase("List, show, change and delete pages."), "", _pages),
    "book": Command(Phrase("Book an offered time for a guest."), "cli.bookings:book", _book),
    "bookings": Command(
        Phrase("List what was booked and requested."), "cli.bookings:list_all", _bookings
    ),
    "requests": Command(
        Phrase("List the requests that wait for an answer."), "cli.bookings:requests", _nothing
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
    "outcome": Command(Phrase("Note what became of a meeting."), "cli.bookings:outcome", _outcome),
    "contacts": Command(Phrase("List the people who booked."), "cli.contacts:contacts", _contacts),
    "settings": Command(Phrase("Print and change settings."), "", _settings),
    "log": Command(Phrase("List what was done."), "cli.upkeep:log", _log),
    "sync": Command(
        Phrase("Read the calendars and do what is waiting."), "cli.calendars:sync", _nothing
    ),
    "backup": Command(
        Phrase("Write everything but secrets to a file."), "cli.upkeep:backup", _backup
    ),
    "doctor": Command(Phrase("Find out what is wrong."), "cli.upkeep:doctor", _doctor),
    "completions": Command(
        Phrase("Print a script that completes commands in a shell."), COMPLETIONS, _completions
    ),
}
