"""One command: its words read, its code called, what went wrong told."""

import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper

import words
from cli.commands import COMPLETIONS
from cli.output import Exit, Output, Unwritable
from cli.parser import Usage, parse
from words import _


def run(argv: Sequence[str], app: Callable[..., int] | None) -> int:
    """Do what `argv` says; `app` runs the terminal app, where there is a terminal for it.

    Returns:
        the exit code.
    """
    words.use(_language(argv))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows ASCII only
    output = Output(json="--json" in argv)
    if sys.flags.optimize:
        output.usage(_("koble does not run with python -O: its own checks would be left out."))
        return Exit.FAILED
    try:
        return _obey(argv, output, app)
    except Usage as error:
        output.usage(str(error), error.usage)
        return Exit.USAGE
    except Unwritable as error:
        output.note(_("The answer could not be written: {why}.", why=str(error)))
        # What is still buffered must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except SystemExit as answered:  # --help, --version
        return int(answered.code or 0)


def _obey(argv: Sequence[str], output: Output, app: Callable[..., int] | None) -> int:
    args = parse(argv)
    if not args.where:
        if app is None:
            raise Usage(_("This is no terminal. See koble --help for the commands."))
        return app(sample=args.sample, mouse=not args.no_mouse, language=args.lang or "")
    if args.where == COMPLETIONS:
        from cli.completions import completions  # only for this

        output.answer(completions(args.shell))
        return Exit.DONE
    from cli.call import perform  # the desk and its libraries: not for --help

    return perform(args, output)


def _language(argv: Sequence[str]) -> str:
    """What --lang says, else what the environment asks for."""
    for word, value in zip(argv, [*argv[1:], ""], strict=False):
        if word == "--lang" and value in words.LANGUAGES:
            return value
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return words.preferred()
