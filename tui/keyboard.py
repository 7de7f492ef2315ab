"""Keys without polling.

Textual's input thread looks ten times a second whether it is to end: that is most of what an idle
app costs, and a fifth of a second of every quit. This one sleeps until there is a key, or until it
is woken to end. It rests on Textual's Linux driver, which is pinned exactly.
"""

import os
import selectors
from codecs import getincrementaldecoder
from contextlib import closing, suppress
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

ESCAPE = 0.05
"""Seconds between looks whether an escape was a key of its own, while that is open."""


class SleepingDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, with an input thread that sleeps."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)

    def disable_input(self) -> None:
        """Wake the thread to its end, and go on as Textual does."""
        if self._key_thread is not None and self._key_thread.is_alive():
            os.write(self._wake, b"\0")
        super().disable_input()

    def close(self) -> None:
        """Let go of the pipe too."""
        super().close()
        os.close(self._woken)
        os.close(self._wake)

    def run_input_thread(self) -> None:
        """Hand over keys until woken to end, or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with suppress(BlockingIOError):
            os.read(self._woken, 64)  # from an end that had come already
        with closing(selectors.SelectSelector()) as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                open_ = parser._timeout_time is not None
                ready = {key.fd for key, _ in selector.select(ESCAPE if open_ else None)}
                if self._woken in ready:
                    break
                if self.fileno in ready:
                    data = os.read(self.fileno, 4096)
                    if not data:
                        break
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        with suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass
