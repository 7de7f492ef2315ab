"""Keys without polling, and a terminal that is put back whatever ends the app.

Textual's input thread looks ten times a second whether it is to end: that is all that an idle app
costs, and a fifth of a second of every quit. This one sleeps until a key comes or it is woken.
Textual leaves SIGTERM and SIGHUP to the system, which ends the process with the terminal still in
the app's modes. Rests on Textual's driver for Linux and macOS, which is pinned exactly.
"""

import os
import select
import signal
import termios
from codecs import getincrementaldecoder
from contextlib import suppress
from threading import Event
from types import FrameType
from typing import Any

from textual._parser import ParseError
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

ENDINGS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
GRACE = 5.0
"""Seconds that the app has to leave by itself after one of the signals that end it."""
# Out of everything that `LinuxDriver` switches on, in its order.
RESTORE = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
    "\x1b[?1016l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)


class Wake(Event):
    """An event that can be waited for in `select`, by its `fileno`."""

    def __init__(self) -> None:
        super().__init__()
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def fileno(self) -> int:
        """What becomes readable once the event is set."""
        return self._read

    def set(self) -> None:
        """Set the event, and wake who waits."""
        super().set()
        with suppress(BlockingIOError):  # full: it is awake
            os.write(self._write, b"\0")

    def clear(self) -> None:
        """Wait anew."""
        super().clear()
        with suppress(BlockingIOError):
            while os.read(self._read, 64):
                pass


class KobleDriver(LinuxDriver):
    """Textual's driver with an input thread that sleeps, and a way out for every signal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wake = Wake()
        self.exit_event = self._wake
        self._handlers: dict[int, Any] = {}
        self._asked = 0

    def start_application_mode(self) -> None:
        """Take the terminal over, and listen to what may end the app."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        for number in ENDINGS:
            self._handlers.setdefault(number, signal.signal(number, self._end))

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        super().stop_application_mode()
        while self._handlers:
            signal.signal(*self._handlers.popitem())

    def run_input_thread(self) -> None:
        """Hand over keys until woken to end, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        while not self.exit_event.is_set():
            timeout = None
            if parser._timeout_time is not None:  # an escape that may begin a longer sequence
                timeout = max(0.0, parser._timeout_time - get_time())
            ready, _, _ = select.select([self.fileno, self._wake], [], [], timeout)
            if self.fileno in ready:
                try:
                    data = os.read(self.fileno, 4096)
                except OSError:  # how Linux says that the other side is closed
                    data = b""
                if not data:
                    os.kill(os.getpid(), signal.SIGHUP)
                    break
                # A character may come in pieces; to be fed nothing is the end, to the parser.
                if text := decode(data):
                    for message in parser.feed(text):
                        self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
        with suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Ask the app to leave; see to it that it does."""
        self._asked = number
        signal.signal(signal.SIGALRM, self._leave)
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        self._loop.call_soon_threadsafe(lambda: self._app.exit(return_code=128 + number))

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        """Leave at once: the app does not get to it, or the terminal takes nothing more."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        if self._handlers:
            with suppress(termios.error, OSError):
                if self.attrs_before is not None:
                    termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
                os.write(2, RESTORE.encode())
        signal.signal(self._asked, signal.SIG_DFL)
        os.kill(os.getpid(), self._asked)
