"""The command `koble`: the terminal app, or one command and its answer."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from io import TextIOWrapper

import words
from cli.output import Exit, Output
from cli.parser import COMPLETIONS, Usage, parse
from words import _


def main(argv: Sequence[str] | None = None) -> int:
    """Run koble with the words of `argv` (those of the process unless given).

    Returns:
        the exit code, see `cli.output.Exit`.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    words.use(_language(argv))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows ASCII only
    output = Output(json="--json" in argv)
    if sys.flags.optimize:
        output.usage(_("koble does not run with python -O: its own checks would be left out."))
        return Exit.FAILED
    try:
        code = _run(argv, output)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has gone; what is still buffered must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.PIPE


def _run(argv: Sequence[str], output: Output) -> int:
    try:
        return _obey(parse(argv), output)
    except Usage as error:
        output.usage(str(error), error.usage)
        return Exit.USAGE
    except SystemExit as answered:  # --help, --version
        return int(answered.code or 0)


def _obey(args: Namespace, output: Output) -> int:
    if not args.where:
        return _app(sample=args.sample, mouse=not args.no_mouse)
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


def _app(*, sample: bool, mouse: bool) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage(_("This is no terminal. See koble --help for the commands."))
    from desk.home import home  # not for --help
    from tui.app import run  # Textual: not for commands

    return run(home(), sample=sample, mouse=mouse)
