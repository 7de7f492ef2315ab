"""What is written instead of Textual's own updates leaves the same screen, to the cell."""

import fcntl
import json
import os
import random
import re
import signal
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest
from hypothesis import given, settings, strategies
from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, InlineUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from tests.terminal import Terminal
from tui.frame import Frame, FramedApp
from tui.pens import Surprise

SESSION = [sys.executable, "-m", "tests.tui.session"]
MARK = re.compile(rb"\x1b\]7777;(\d+)\x07")
# Sequences that pyte does not know and would draw.
FOREIGN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$[py]")
SCREENS = ("1", "2", "3", "4", "5")
WALK = (
    "down",
    "up",
    "left",
    "right",
    "tab",
    "shift+tab",
    "enter",
    "escape",
    "space",
    "home",
    "end",
)
LETTERS = (*"jkhltgwamdn[]/?fcoue", "ctrl+p", "\x0c", "x", "9", "-", "+")


def test_a_session_of_many_screens(tmp_path: Path) -> None:
    compare(tmp_path, 120, 40, script(1, 45))


def test_a_session_in_a_small_terminal(tmp_path: Path) -> None:
    compare(tmp_path, 80, 24, script(2, 45))


def test_a_session_without_colours_and_without_erasing_to_the_background(tmp_path: Path) -> None:
    env = {"NO_COLOR": "1", "SESSION_THEME": "koble-terminal", "TERM": "screen-256color"}
    compare(tmp_path, 80, 24, script(3, 20), **env)


def test_redraw_writes_everything(tmp_path: Path) -> None:
    with Terminal([*SESSION, str(tmp_path)]) as terminal:
        terminal.wait_for("Kari away")
        rest(terminal)
        before, written = terminal.text(), len(terminal.output)
        terminal._screen.erase_in_display(2)
        terminal.press("\x0c")
        terminal.wait_for(lambda text: text == before)
        rest(terminal)
        assert len(terminal.output) - written > 2000
        # And the frame is known again.
        terminal.press("?")
        terminal.wait_for("Help")
        terminal.press("escape")
        terminal.wait_for(lambda text: text == before)


def test_what_stops_and_goes_on_is_painted_anew(tmp_path: Path) -> None:
    with Terminal([*SESSION, str(tmp_path)]) as terminal:
        terminal.wait_for("Kari away")
        rest(terminal)
        before = terminal.text()
        os.kill(terminal._process.pid, signal.SIGTSTP)
        while b"\x1b[?1049l" not in terminal.output:
            terminal.read(1.0)
        rest(terminal)
        terminal._screen.erase_in_display(2)
        os.kill(terminal._process.pid, signal.SIGCONT)
        terminal.wait_for(lambda text: text == before)


def test_it_can_be_turned_off(tmp_path: Path) -> None:
    texts, written = [], []
    for env in ({"KOBLE_FULL_FRAMES": "1"}, {}):
        with Terminal([*SESSION, str(tmp_path)], env=env) as terminal:
            terminal.wait_for("Kari away")
            rest(terminal)
            terminal.press("2")
            terminal.wait_for("/demo")
            rest(terminal)
            texts.append(terminal.text())
            written.append(len(terminal.output))
    assert texts[0] == texts[1]
    assert written[1] < written[0] / 2


ALPHABETS = (
    ("a", "b", " "),
    (" ", "          "),
    ("│", "─", "░", "▌"),
    ("漢", "字", "x", " "),
    ("e\u0301", "o\u0302\u0303", " ", "\u0301"),
    ("👩\u200d👧", "⚠\ufe0f", "🎉", "🇳🇴", "a"),
)
STYLES = (
    None,
    Style(),
    Style(color="red", bgcolor="#102030"),
    Style(color="#ffffff", bgcolor="#102030", bold=True),
    Style(color="default", bgcolor="default", italic=True),
    Style(color="bright_blue", bgcolor="bright_black", underline=True),
    Style(color="#00ff00", reverse=True, strike=True),
    Style(color="color(200)", bold=True, dim=True, link="https://example.com/a"),
)
TEXTS = strategies.sampled_from(ALPHABETS).flatmap(
    lambda some: strategies.lists(strategies.sampled_from(some), max_size=9).map("".join)
)
SEGMENTS = strategies.builds(Segment, TEXTS, strategies.sampled_from(STYLES), strategies.none())
WIDTH, HEIGHT = 24, 5


@strategies.composite
def updates(draw: strategies.DrawFn) -> list[LayoutUpdate | ChopsUpdate]:
    """Whole frames and parts of them, as the compositor makes them."""
    made: list[LayoutUpdate | ChopsUpdate] = []
    for _ in range(draw(strategies.integers(1, 5))):
        lines = [strip(draw(strategies.lists(SEGMENTS, max_size=6))) for _ in range(HEIGHT)]
        cuts = sorted(draw(strategies.sets(strategies.integers(1, WIDTH - 1), max_size=3)))
        ends = [*cuts, WIDTH]
        chops = [
            {x: line.crop(x, end) for x, end in zip([0, *cuts], ends, strict=True)}
            for line in lines
        ]
        if not made or draw(strategies.booleans()):
            made.append(
                LayoutUpdate([chop.values() for chop in chops], Region(0, 0, WIDTH, HEIGHT))
            )
            continue
        spans = []
        for y in sorted(draw(strategies.sets(strategies.integers(0, HEIGHT - 1), min_size=1))):
            left = draw(strategies.integers(0, WIDTH - 1))
            spans.append((y, left, draw(strategies.integers(left + 1, WIDTH))))
        made.append(ChopsUpdate(chops, spans, [ends] * HEIGHT))
    return made


def strip(segments: list[Segment]) -> Strip:
    """As much of the segments as fits, and blanks."""
    line = Strip([Segment("|"), *segments])
    return line.crop(0, WIDTH) if line.cell_length > WIDTH else line.extend_cell_length(WIDTH)


@pytest.mark.parametrize("erases", [True, False])
@settings(deadline=None, max_examples=80)
@given(made=updates())
def test_any_updates_leave_the_same_screen(
    erases: bool, made: list[LayoutUpdate | ChopsUpdate]
) -> None:
    console = Console(force_terminal=True, color_system="truecolor")
    frame, ours, theirs = Frame(), Glass(WIDTH, HEIGHT), Glass(WIDTH, HEIGHT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.frame._erases", lambda: erases)
        for update in made:
            whole = update.render_segments(console)
            theirs.show(whole.encode())
            try:
                ours.show(frame.changes(update, ColorSystem.TRUECOLOR).encode())
                assert frame.changes(update, ColorSystem.TRUECOLOR) == ""
            except Surprise:  # a character that was cut in two
                assert any(char in whole for char in "\u0301\u0303\u200d\ufe0f")
                frame.forget()
                ours.show(whole.encode())
            for mine, other in zip(ours.cells(), theirs.cells(), strict=True):
                assert mine == other


@pytest.mark.parametrize(
    "update",
    [
        InlineUpdate([Strip([Segment("inline")])]),
        LayoutUpdate([[Strip([Segment("too long")])]], Region(0, 0, 3, 1)),
        LayoutUpdate([[Strip([Segment("a\x1b[2J")])]], Region(0, 0, 5, 1)),
        LayoutUpdate([[Strip([Segment("part")])]], Region(1, 0, 4, 1)),
        LayoutUpdate([[Strip([Segment("a", None, [])]), None]], Region(0, 0, 1, 1)),
    ],
)
def test_what_is_not_understood_is_left_to_textual(
    update: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = FramedApp()
    told: list[Any] = []
    monkeypatch.setattr(App, "_display", lambda _app, _screen, update: told.append(update))
    monkeypatch.setattr(FramedApp, "is_headless", False)
    app._running = True
    for _ in range(2):
        app._display(Screen(), update)
    assert told == [update, update]
    assert len(caplog.records) == 1


def script(seed: int, presses: int) -> Iterator[Any]:
    """Keys, and now and then another size; the same for the same seed."""
    pick = random.Random(seed)
    yield from ("down", "right", "?", "escape", "ctrl+p", "escape", "2", "1")
    for number in range(presses):
        if number % 17 == 16:
            yield pick.choice(((80, 24), (120, 40), (100, 30), (61, 20)))
        yield pick.choice(pick.choice((SCREENS, WALK, WALK, LETTERS)))


def compare(folder: Path, columns: int, lines: int, keys: Iterator[Any], **env: str) -> None:
    """Play `keys`, then lay what was written beside what Textual would have written."""
    record = folder / "record"
    command = [*SESSION, str(folder / "home"), str(record)]
    with Terminal(command, columns=columns, lines=lines, env=env) as terminal:
        terminal.wait_for("Kari away")
        for key in keys:
            if isinstance(key, tuple):
                resize(terminal, *key)
            else:
                terminal.press(key)
            rest(terminal)
        terminal.press(*["escape"] * 4)
        rest(terminal)
        terminal.press("q")
        assert terminal.wait() == 0, terminal.text()
        output = bytes(terminal.output)
    updates = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    pieces = MARK.split(output)
    written, numbers = pieces[0:-1:2], pieces[1::2]
    assert [int(number) for number in numbers] == list(range(1, len(updates) + 1))
    ours, theirs = Glass(columns, lines), Glass(columns, lines)
    for number, (piece, update) in enumerate(zip(written, updates, strict=True)):
        size = tuple(update["size"] or (ours.columns, ours.lines))
        if size != (ours.columns, ours.lines):
            ours, theirs = Glass(*size), Glass(*size)
        ours.show(piece)
        theirs.show(update["text"].encode())
        for y, (mine, other) in enumerate(zip(ours.cells(), theirs.cells(), strict=True)):
            assert mine == other, f"update {number}, line {y}: {piece!r} for {update['text']!r}"


def resize(terminal: Terminal, columns: int, lines: int) -> None:
    terminal._screen.resize(lines, columns)
    fcntl.ioctl(terminal._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def rest(terminal: Terminal) -> None:
    """Read until nothing has come for a while."""
    while terminal.read(0.15):
        pass


class Glass(pyte.Screen):
    """A terminal as they are today: what combines shares a cell, half a character cannot be.

    It is full of rubbish at first.
    """

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self._stream = pyte.ByteStream(self)
        self.reset_mode(7, private=True)
        for y in range(lines):
            self.show(f"\x1b[{y + 1}H\x1b[1;7m{'?' * columns}\x1b[m".encode())

    def show(self, data: bytes) -> None:
        self._stream.feed(FOREIGN.sub(b"", data))

    def draw(self, data: str) -> None:
        line = self.buffer[self.cursor.y]
        for start, end, width in split_graphemes(data)[0]:
            x = min(self.cursor.x, self.columns - width)
            if not width:
                x = self._head(line, x - 1)
                line[x] = line[x]._replace(data=line[x].data + data[start:end])
                continue
            for at in (x, x + width - 1):
                head = self._head(line, at)
                while head == at or (head < self.columns and line[head].data == ""):
                    line[head] = line[head]._replace(data=" ")
                    head += 1
            line[x] = self.cursor.attrs._replace(data=data[start:end])
            for stub in range(x + 1, x + width):
                line[stub] = self.cursor.attrs._replace(data="")
            self.cursor.x = x + width

    def _head(self, line: Any, x: int) -> int:
        while x and line[x].data == "":
            x -= 1
        return x

    def cells(self) -> list[list[Any]]:
        return [[seen(self.buffer[y][x]) for x in range(self.columns)] for y in range(self.lines)]


def seen(cell: Any) -> Any:
    """A cell, without what nobody sees of a blank."""
    if cell.data.rstrip("\u200d\ufe0f") == " " and not (
        cell.reverse or cell.underscore or cell.strikethrough
    ):
        return cell._replace(fg="default", bold=False, italics=False, blink=False)
    return cell
