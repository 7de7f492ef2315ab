"""Keys that only a real terminal has: typed ahead, pasted, and ctrl+z."""

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from tests.terminal import Terminal

KOBLE = str(Path(sys.executable).parent / "koble")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal([KOBLE], env={"KOBLE_HOME": str(tmp_path / "koble")}) as terminal:
        terminal.wait_for("Offline mode")
        terminal.press("2")
        terminal.wait_for("No pages yet")
        yield terminal


def test_what_is_typed_behind_the_key_that_opens_a_dialog_goes_into_it(terminal: Terminal) -> None:
    terminal.press("nintro\tFirst talk")
    screen = terminal.wait_for("First talk")
    assert "Address *  intro " in screen


def test_what_is_typed_behind_the_key_of_another_screen_goes_to_that_screen(
    tmp_path: Path,
) -> None:
    with Terminal([KOBLE], env={"KOBLE_HOME": str(tmp_path / "koble")}) as terminal:
        terminal.wait_for("Offline mode")
        terminal.press("2nintro\t")  # whose code has not been read yet
        terminal.wait_for("Address *  intro ")


def test_what_is_typed_behind_a_key_that_deletes_is_not_deleted(terminal: Terminal) -> None:
    terminal.press("nintro\x15talk\tFirst\x15Second\x1b[Z\x15chat")
    screen = terminal.wait_for("Address *  chat ")
    assert "Title      Second " in screen


def test_a_paste_of_several_lines_is_one_line_and_no_keys(terminal: Terminal) -> None:
    terminal.press("nintro\t\x1b[200~First\ntalk\rq\x1b[201~\t45")
    screen = terminal.wait_for("Lengths    45")
    assert "Title      First talk q " in screen


@pytest.mark.skipif(which("bash") is None, reason="needs a shell with job control")
def test_ctrl_z_goes_to_the_shell_and_fg_comes_back(tmp_path: Path) -> None:
    env = {"KOBLE_HOME": str(tmp_path / "koble"), "PS1": "shell> "}
    with Terminal(["bash", "--norc", "-i"], env=env) as terminal:
        terminal.wait_for("shell>")
        terminal.press(f"{KOBLE}\r")
        terminal.wait_for("Offline mode")
        terminal.press("\x1a")
        terminal.wait_for("Stopped")
        terminal.press("stty | grep -c -- -icanon\r")  # 0: the terminal is as it was
        terminal.wait_for(lambda screen: "\n0" in screen)
        terminal.press("fg\r")
        terminal.wait_for("Offline mode")
        terminal.press("2")
        terminal.wait_for("No pages yet")
        terminal.press("\x03")
        terminal.wait_for("q leaves koble.")
        terminal.press("q")
        terminal.wait_for("shell>")
        terminal.press("echo gone with $?\r")
        terminal.wait_for("gone with 0")
