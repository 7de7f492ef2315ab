"""Keys that are typed faster than the screen can follow, in a real terminal."""

import sys
from collections.abc import Iterator
from pathlib import Path

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


def test_what_is_typed_behind_a_key_that_deletes_is_not_deleted(terminal: Terminal) -> None:
    terminal.press("nintro\x15talk\tFirst\x15Second\x1b[Z\x15chat")
    screen = terminal.wait_for("Address *  chat ")
    assert "Title      Second " in screen


def test_a_paste_of_several_lines_is_one_line_and_no_keys(terminal: Terminal) -> None:
    terminal.press("n\x1b[200~intro\ncalls\rq\x1b[201~\tTalk")
    screen = terminal.wait_for("Title      Talk")
    assert "Address *  intro " in screen
