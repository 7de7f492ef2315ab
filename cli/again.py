"""The last answer to `koble agenda`, printed again for as long as it is right.

Prompts and status bars ask every few seconds, and reading the calendar takes a tenth of a second,
nearly all of it libraries. So an answer is kept in the home with all that it depends on: the words
of the command, the environment, the terminal, the files of the store, and a time until which the
days and the freshness of the calendars stay what they are.

Imports next to nothing.
"""

import os
import sys
import time
from collections.abc import Sequence

from desk.home import home

FILE = "agenda.last"
COMMAND = "agenda"
_ENVIRONMENT = ("LC_ALL", "LC_MESSAGES", "LANG", "TZ", "COLUMNS", "NO_COLOR", "PYTHONIOENCODING")
_SETTLED = 100_000_000
"""Nanoseconds after which a file that changes again surely shows another time."""


def last(argv: Sequence[str]) -> str | None:
    """What `argv` was answered, where nothing has changed since."""
    if COMMAND not in argv:
        return None
    try:
        with open(home() / FILE, encoding="utf-8", newline="") as file:
            key, span, text = file.readline(), file.readline(), file.read()
        since, until = map(int, span.split())
    except (OSError, ValueError):
        return None  # none was kept, or not a whole one: it is only a copy
    right = since <= time.time() < until and key == _key(argv)
    return text if right else None


def keep(argv: Sequence[str], text: str, until: int) -> None:
    """Keep `text` as the answer to `argv` until that time (UTC seconds).

    Raises:
        OSError: it could not be written.
    """
    now = time.time_ns()
    if any(now - each.stat().st_mtime_ns < _SETTLED for each in _files()):
        return
    path = home() / FILE
    temporary = path.with_name(f"{FILE}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(f"{_key(argv)}{now // 1_000_000_000} {until}\n{text}")
    temporary.replace(path)


def _files() -> list[os.DirEntry[str]]:
    """The files of the store, and whatever else lies in the home."""
    with os.scandir(home()) as found:
        return [each for each in found if not each.name.startswith((FILE, "lock"))]


def _key(argv: Sequence[str]) -> str:
    """One line of all that an answer depends on, but the time."""
    try:
        terminal = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        terminal = 0
    files = sorted((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in _files())
    code = os.stat(__file__).st_mtime_ns
    environment = [os.environ.get(name) for name in _ENVIRONMENT]
    return f"{(list(argv), environment, terminal, files, code)!r}\n"
