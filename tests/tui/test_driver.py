"""Keys come without polling, and the terminal is itself again however the app ends."""

import os
import re
import signal
import sys
import termios
from collections.abc import Iterator

import pytest

from tests.terminal import Terminal
from tui.driver import RESTORE, Wake

APP = """
import time
from textual.widgets import Label
from tui.frame import FramedApp

class Small(FramedApp):
    def compose(self):
        yield Label("nothing yet")

    def on_key(self, event):
        self.query_one(Label).update(f"key {event.key}")
        if event.key == "q":
            self.exit(0)
        elif event.key == "b":
            raise ZeroDivisionError
        elif event.key == "s":
            self.call_later(self.stop)
        elif event.key == "o":
            with self.suspend():
                print("outside")

    def stop(self):
        print("stuck", file=__import__("sys").__stderr__, flush=True)
        while True:
            time.sleep(1)

app = Small()
app.run()
raise SystemExit(app.return_code or 0)
"""
PRIVATE_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal([sys.executable, "-c", APP]) as terminal:
        yield terminal


def modes_on(terminal: Terminal) -> set[int]:
    """The private modes that are switched on."""
    state = {int(mode): how == b"h" for mode, how in PRIVATE_MODE.findall(terminal.output)}
    return {mode for mode, on in state.items() if on}


def flags(terminal: Terminal) -> list[int]:
    """How the terminal's line is set: echo, signals, line by line, …"""
    return termios.tcgetattr(terminal._fd)[:4]


def assert_as_before(terminal: Terminal, before: list[int]) -> None:
    assert modes_on(terminal) == {7, 25}, "only line wrap and the cursor"
    assert terminal.output.count(b"\x1b[>") == terminal.output.count(b"\x1b[<u")
    assert flags(terminal) == before


@pytest.mark.parametrize("ending", ["q", "b", signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_the_terminal_is_as_before(terminal: Terminal, ending: str | int) -> None:
    before = flags(terminal)
    terminal.wait_for("nothing yet")
    assert {25, 7}.isdisjoint(modes_on(terminal))
    assert 1049 in modes_on(terminal)
    assert flags(terminal) != before
    if isinstance(ending, str):
        terminal.press(ending)
    else:
        os.kill(terminal._process.pid, ending)
    code = terminal.wait()
    assert code == {"q": 0, "b": 1}.get(str(ending)) or code == 128 + int(ending)
    assert_as_before(terminal, before)


def test_an_app_that_hangs_is_left_all_the_same(terminal: Terminal) -> None:
    before = flags(terminal)
    terminal.wait_for("nothing yet")
    terminal.press("s")
    terminal.wait_for("stuck")
    os.kill(terminal._process.pid, signal.SIGTERM)
    assert terminal.wait() == -signal.SIGTERM
    assert_as_before(terminal, before)


def test_it_ends_with_its_terminal(terminal: Terminal) -> None:
    terminal.wait_for("nothing yet")
    spare = os.open(os.devnull, os.O_RDONLY)
    os.dup2(spare, terminal._fd)  # the only other holder of this side of the terminal
    os.close(spare)
    assert terminal._process.wait(60) in (128 + signal.SIGHUP, -signal.SIGHUP, 120)


def test_keys_come_after_the_terminal_was_lent_out(terminal: Terminal) -> None:
    terminal.wait_for("nothing yet")
    for _ in range(2):
        terminal.press("o")
        terminal.wait_for(lambda _text: b"outside" in terminal.output)
        terminal.press("x")
        terminal.wait_for("key x")
        del terminal.output[:]
        terminal.press("y")
        terminal.wait_for("key y")
    terminal.press("q")
    assert terminal.wait() == 0


def test_keys_of_every_kind_come(terminal: Terminal) -> None:
    terminal.wait_for("nothing yet")
    for key, name in (
        ("escape", "escape"),
        ("f1", "f1"),
        ("å", "å"),
        ("up", "up"),
        ("\x1bx", "alt+x"),
    ):
        terminal.press(key)
        terminal.wait_for(f"key {name}")
    os.write(terminal._fd, b"\xe5")  # Latin-1, not UTF-8
    terminal.press("z")
    terminal.wait_for("key z")
    for piece in "日".encode():
        os.write(terminal._fd, bytes([piece]))
        terminal.read(0.2)
    terminal.wait_for("key 日")


def test_what_is_switched_on_is_switched_off_in_need() -> None:
    on = {1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048}
    assert {int(mode) for mode, how in PRIVATE_MODE.findall(RESTORE.encode()) if how == b"l"} == on


def test_a_wake_can_be_waited_for_again() -> None:
    wake = Wake()
    for _ in range(2):
        os.set_blocking(wake.fileno(), False)
        with pytest.raises(BlockingIOError):
            os.read(wake.fileno(), 1)
        for _ in range(100_000):
            wake.set()
        assert wake.is_set()
        wake.clear()
        assert not wake.is_set()
