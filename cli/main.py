"""The command `koble`: the terminal app, or one command and its answer.

The app paints its first frame before anything is imported that it can do without, so this file
imports next to nothing.
"""

import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module


def main(argv: Sequence[str] | None = None) -> int:
    """Run koble with the words of `argv` (those of the process unless given).

    Returns:
        the exit code, see `cli.output.Exit`.
    """
    if argv is None:
        argv = sys.argv[1:]
        # What is left at the end goes with the process: to look through it takes a tenth of a
        # second, for which the shell would wait.
        atexit.register(gc.freeze)
    _open_what_is_closed()
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    try:
        if not argv and terminal and not sys.flags.optimize:
            return app(sample=False, mouse=True, language="")
        from cli.run import run  # what only commands need

        code = run(argv, app if terminal else None)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the answer has gone; what is still buffered must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _open_what_is_closed() -> None:
    """Where a stream was closed (`koble >&-`), the next file must not take its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 # for good


def app(*, sample: bool, mouse: bool, language: str) -> int:
    """Run the terminal app; returns its exit code."""
    from desk.home import home  # small, but only for the app

    # By name: the faces do not know each other.
    run: Callable[..., int] = import_module("tui.app").run
    return run(home(), sample=sample, mouse=mouse, language=language)
