"""A real terminal for tests: a program in a pty, its screen read by pyte."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "space": " ",
    "backspace": "\x7f",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "f1": "\x1bOP",
    "ctrl+c": "\x03",
    "ctrl+o": "\x0f",
    "ctrl+p": "\x10",
    "ctrl+u": "\x15",
}
PATIENCE = 60.0
"""Seconds until a test gives up waiting; the tests share their machine with others."""


class Terminal:
    """A program that runs in a terminal of `columns` by `lines`.

    Everything that it writes is kept in `output`; `lines()` is what a person would see.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.output = bytearray()
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._fd, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        base = {
            key: value
            for key, value in os.environ.items()
            if key not in ("NO_COLOR", "COLORTERM", "COLUMNS", "LINES", "SSH_CONNECTION")
            and not key.startswith(("TEXTUAL", "KOBLE", "PYTEST", "COV"))
        }
        base |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"}
        self._process = subprocess.Popen(
            command,
            stdin=child,
            stdout=child,
            stderr=child,
            env=base | dict(env or {}),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(child)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._fd)

    def lines(self) -> list[str]:
        """The screen, line by line, without blanks at the ends."""
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())

    def press(self, *keys: str) -> None:
        """Send keys, by name (`enter`, `down`) or as text to type."""
        for key in keys:
            os.write(self._fd, KEYS.get(key, key).encode())

    def wait_for(self, what: str | Callable[[str], bool]) -> str:
        """Read until the screen holds the text `what` (or satisfies it); returns the screen."""
        good = (lambda screen: what in screen) if isinstance(what, str) else what
        deadline = time.monotonic() + PATIENCE
        while not good(self.text()):
            if time.monotonic() > deadline:
                raise AssertionError(f"never saw {what!r} on the screen:\n{self.text()}")
            if not self.read(0.2) and self._process.poll() is not None:
                raise AssertionError(f"ended before {what!r} was seen:\n{self.text()}")
        return self.text()

    def read(self, seconds: float) -> int:
        """Read what comes within `seconds` at the most; how many bytes."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return 0
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # how Linux says that the other side is closed
            return 0
        self.output += data
        self._stream.feed(data)
        return len(data)

    def wait(self) -> int:
        """Read until the program ends; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None:
            self.read(0.1)
            if time.monotonic() > deadline:
                raise AssertionError(f"still runs:\n{self.text()}")
        while self.read(0.1):
            pass
        return self._process.returncode
