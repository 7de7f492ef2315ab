"""The words of a command line, read by argparse; what they may be stands in `cli.commands`."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from cli.argparse_words import speak
from cli.commands import COMMANDS, Command
from cli.output import terminal_width
from scheduling.spelling import nearest
from scheduling.text import clean
from words import LANGUAGES, _


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
        near = nearest(name, COMMANDS, likeness=0.6)
        said = _("There is no command {name}.", name=clean(name, limit=40))
        way = _("Did you mean {near}?", near=near) if near else _("See koble --help.")
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
    speak()
    parser = Parser(
        prog="koble",
        description=_(
            "Calendar connection and meetings desk. Without a command: the terminal app."
        ),
        epilog=_(
            "Exit codes: 0 done, 1 failed, 2 wrong words or values, 3 not offered or taken, "
            "4 not connected or not permitted, 5 unreachable."
        ),
    )
    parser.set_defaults(where="", json=False, now=None, lang=None, sample=False)
    parser.add_argument("--version", action=_Version, help=_("print the version"))
    parser.add_argument(
        "--no-mouse", action="store_true", help=_("leave the mouse to the terminal")
    )
    _common(parser)
    commands = parser.add_subparsers(metavar=_("COMMAND"), title=_("commands"), prog="koble")
    _add(commands, {name: COMMANDS[name] for name in names})
    return parser


def _add(parsers: "argparse._SubParsersAction[Parser]", commands: Mapping[str, Command]) -> None:
    for name, command in commands.items():
        text = str(command.help)
        parser = parsers.add_parser(name, help=text, description=text)
        parser.set_defaults(where=command.where)
        command.options(parser)
        if command.kinds:
            kinds = parser.add_subparsers(
                metavar=_("WHAT"), dest="what", required=not command.where
            )
            _add(kinds, command.kinds)
        _common(parser)


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
