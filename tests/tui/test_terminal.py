"""What only a terminal shows: modes put back at the end, bytes, and no byte of a stranger's."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

SMALL_APP = [sys.executable, "-m", "tests.tui.small"]
SCRIPT = (
    ["down", "down", "up"],
    ["?", "down", "down", "escape"],
    ["ctrl+p", "r", "e", "q", "escape"],
    ["f", "escape"],
    ["2", "down", "down"],
    ["3"],
    ["1", "a", "u"],
)
PRIVATE_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")


def still(terminal: Terminal) -> None:
    """Read until the program has nothing more to say."""
    while terminal.read(0.6):
        pass


def cells(terminal: Terminal) -> list[list[tuple[object, ...]]]:
    """The screen with its colours and weights; of a blank, what can be seen of it."""
    screen = terminal._screen
    return [
        [
            (char.bg, char.underscore, char.reverse, char.data != " " and (*char[:2], char.bold))
            for char in (screen.buffer[y][x] for x in range(screen.columns))
        ]
        for y in range(screen.lines)
    ]


def modes(output: bytes) -> dict[bytes, bytes]:
    """The last setting of each private mode."""
    found: dict[bytes, bytes] = {}
    for numbers, state in PRIVATE_MODE.findall(output):
        for number in numbers.split(b";"):
            found[number] = state
    return found


def test_writing_differences_shows_the_same_screen_for_fewer_bytes() -> None:
    with (
        Terminal(SMALL_APP, env={"KOBLE_FULL_FRAMES": "1"}) as whole,
        Terminal(SMALL_APP) as changed,
    ):
        written = {id(whole): [0], id(changed): [0]}
        for terminal in (whole, changed):
            terminal.wait_for("Google · 1 min")
            still(terminal)
        assert cells(changed) == cells(whole)
        for keys in SCRIPT:
            for key in keys:
                for terminal in (whole, changed):
                    terminal.press(key)
                    still(terminal)
                    written[id(terminal)].append(len(terminal.output))
                assert cells(changed) == cells(whole), key
                assert changed.text() == whole.text()
        assert len(changed.output) < len(whole.output) / 2
        steps = [
            b - a for a, b in zip(written[id(changed)], written[id(changed)][1:], strict=False)
        ]
        assert max(steps[1:3]) <= 450, "one step in a list"


@pytest.mark.parametrize("how", ["q", "ctrl+c is no way out", "broken", "terminated"])
def test_the_terminal_is_put_back_whatever_happened(how: str, tmp_path: Path) -> None:
    command = SMALL_APP if how == "broken" else [*SMALL_APP, str(tmp_path)]
    with Terminal(command) as terminal:
        terminal.wait_for("Alan Turing")
        still(terminal)
        assert modes(bytes(terminal.output))[b"1049"] == b"h"
        if how == "broken":
            terminal.press("b")
        elif how == "q":
            terminal.press("b", "q")
        elif how == "terminated":
            os.kill(terminal._process.pid, signal.SIGTERM)
        else:
            terminal.press("ctrl+c", "ctrl+c", "q")
        code = terminal.wait()
        after = modes(bytes(terminal.output))
        on = {mode for mode, state in after.items() if state == b"h"}
        assert on == {b"25"} | (on & {b"7"}), "only the cursor is on"
        assert code == {"broken": 1, "terminated": 143}.get(how, 0)


def test_no_byte_of_a_stranger_s_text_commands_the_terminal() -> None:
    with Terminal(SMALL_APP) as terminal:
        terminal.wait_for("Google")
        terminal.press("2")
        terminal.wait_for("meeting")
        terminal.press("q")
        terminal.wait()
    output = bytes(terminal.output)
    assert b"\x1b]52" not in output
    assert b"\x1b]0;" not in output
    assert b"\x1b[5;31m" not in output
    for text in ("\u202e", "\u2066", "\x9d", "\x9c"):
        assert text.encode() not in output
