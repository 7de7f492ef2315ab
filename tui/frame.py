"""Only the cells that changed go over the line.

Textual writes whole regions again, however little of them changed; over a slow line that is most
of the wait. Here the last frame is kept, cell by cell, and the difference is written: the same
screen for a fraction of the bytes (`tests/bench/bytes.py`; `tests/tui/test_frame.py` compares).

Beside `tui/guard.py`, `tui/driver.py` and `tui/pens.py` the only file that uses private names of
Textual, which is pinned exactly for it: `App._display`, and the updates that it is handed.
What is not as expected is left to Textual, and the frame forgotten. `KOBLE_FULL_FRAMES=1` turns
this off.
"""

import logging
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import category, east_asian_width

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.events import Resize
from textual.geometry import Offset
from textual.screen import Screen
from textual.strip import Strip

from tui.pens import Surprise, alike, bare, change, order, pen_of

OFF = "KOBLE_FULL_FRAMES"
NEAR = 4
"""So many unchanged cells are written again rather than stepped over."""
FAR = 8
"""More blanks than that are erased rather than written."""

_log = logging.getLogger(__name__)
_JOINERS = "\u200c\u200d"


class FramedApp(App[int]):
    """An app that writes what changed. Mix in before other apps."""

    def __init__(self) -> None:
        super().__init__()
        self._frame = None if os.environ.get(OFF) else Frame()
        self._cursor: Offset | None = None
        self._surprised = False

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice; in place of its driver for Linux and macOS the one made of it."""
        chosen = super().get_driver_class()
        if chosen.__module__ != "textual.drivers.linux_driver":
            return chosen
        from tui.driver import KobleDriver  # not where there is no such terminal

        return KobleDriver

    def forget_frame(self) -> None:
        """Something else has written, or the terminal has moved things: nothing is known."""
        if self._frame is not None:
            self._frame.forget()
        self._cursor = None

    def on_resize(self, event: Resize) -> None:
        """Terminals lay out anew what they show, also on the way to another size and back.

        Coming back to the foreground is told in the same way.
        """
        self.forget_frame()
        if self._screen_stack and event.size == self.screen.size:
            self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        writes = self._running and not self._closed and not self._batch_count
        if writes and not self.is_headless and self._frame is not None and renderable is not None:
            renderable = self._lighter(self._frame, renderable)
        super()._display(screen, renderable)

    def _lighter(self, frame: "Frame", update: object) -> object:
        """What Textual is to write for `update`; None where the terminal shows it already."""
        try:
            sequences = frame.changes(update, self.console._color_system or ColorSystem.TRUECOLOR)
        except Exception:
            # Whatever it is, Textual's own way is right; the next frames try again.
            if not self._surprised:
                self._surprised = True
                _log.exception("A frame could not be compared")
            self.forget_frame()
            return update
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if not sequences and cursor == self._cursor:
            return None
        self._cursor = cursor
        return _Written(sequences)


class _Written(CompositorUpdate):
    """An update that is written as it stands."""

    def __init__(self, sequences: str) -> None:
        self._sequences = sequences

    def render_segments(self, console: Console) -> str:
        return self._sequences


class _Row:
    """One line: what stands in each cell, and in which style.

    A character two cells wide has "" behind it; None is a cell of which nothing is known.
    `doubtful` tells that terminals may disagree about the width of something in it.
    """

    __slots__ = ("chars", "doubtful", "pens")

    def __init__(self, chars: list[str | None], pens: list[str], doubtful: bool = False) -> None:
        self.chars = chars
        self.pens = pens
        self.doubtful = doubtful

    def put(self, x: int, strip: Strip, system: ColorSystem) -> int:
        """Let `strip` stand from column `x` on; returns the column after it."""
        chars: list[str | None] = []
        pens: list[str] = []
        doubtful = False
        for text, style, control in strip:
            if control:
                raise Surprise(control)
            if text.isascii() and text.isprintable():
                chars += text
            else:
                head, cells, doubt = _cells(text)
                doubtful |= doubt
                if head:
                    _combine(chars, head)
                chars += cells
            pens += [pen_of(style, system)] * (len(chars) - len(pens))
        end, width = x + len(chars), len(self.chars)
        if end > width:
            raise Surprise(end, width)
        if x == end:
            return x
        # What is left of a wide character that is written over is gone.
        if self.chars[x] == "":
            self.chars[x - 1] = None
        if end < width and self.chars[end] == "":
            self.chars[end] = None
        self.chars[x:end] = chars
        self.pens[x:end] = pens
        self.doubtful = doubtful or (self.doubtful and len(chars) < width)
        return end


class Frame:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._width = 0
        self._rows: list[_Row] = []

    def forget(self) -> None:
        """Nothing is known of what the terminal shows."""
        self._rows = []

    def changes(self, update: object, system: ColorSystem) -> str:
        """Take `update` in; returns what has to be written for the terminal to show it.

        Raises:
            Surprise: it is none that is known; nothing may be known of the frame from here on.
        """
        width, height = _size(update)
        if (self._width, len(self._rows)) != (width, height):
            self._width = width
            self._rows = [_Row([None] * width, [""] * width) for _ in range(height)]
        rows: dict[int, _Row] = {}
        for y, x, strips in _pieces(update):
            row = rows.get(y)
            if row is None:
                old = self._rows[y]
                row = rows[y] = _Row(old.chars.copy(), old.pens.copy(), old.doubtful)
            for strip in strips:
                x = row.put(x, strip, system)
        out = _Writer(_erases())
        for y, row in rows.items():
            out.row(y, self._rows[y], row)
            self._rows[y] = row
        return out.done()


class _Run(NamedTuple):
    """Cells of one line that are written at once, in one style."""

    y: int
    x: int
    end: int
    """The column where the cursor is afterwards; -1: that depends on the terminal."""
    text: str
    pen: str


class _Writer:
    """Gathers what is to be written.

    Args:
        erases: the terminal erases to the present background, as terminfo's bce says.
    """

    def __init__(self, erases: bool) -> None:
        self._erases = erases
        self._first: list[_Run] = []
        self._runs: list[_Run] = []

    def done(self) -> str:
        """All of it, written along the lines or colour by colour, whichever is shorter."""
        along = _sequences([*self._first, *self._runs])
        if len(self._runs) < 3:
            return along
        return min(
            along,
            _sequences([*self._first, *sorted(self._runs, key=lambda run: order(run.pen))]),
            key=len,
        )

    def row(self, y: int, old: _Row, new: _Row) -> None:
        """Write what makes `new` of `old`."""
        chars, pens, was, wore = new.chars, new.pens, old.chars, old.pens
        if chars == was and pens == wore:
            return
        if old.doubtful or new.doubtful or "" in was or "" in chars or None in chars:
            # Also where half a wide character may be written over, known or not: what is left of
            # it differs, and terminals do not agree on what erasing makes of it.
            self._whole(y, new)
            return
        width = len(chars)
        differs = [
            chars[x] != was[x]
            or (pens[x] != wore[x] and not (chars[x] == " " and alike(pens[x], wore[x])))
            for x in range(width)
        ]
        done = 0
        while True in differs[done:]:
            at = x = differs.index(True, done)
            while chars[x] == "":  # the second half of a wide character: it is written whole
                x -= 1
            if chars[x] is None:
                done = at + 1
            else:
                done = self._erase(y, x, new) or self._run(y, x, new, differs)
                if done <= at:
                    raise Surprise(chars)

    def _erase(self, y: int, x: int, row: _Row) -> int:
        """Erase the blanks from `x` on, where that pays; the column after them, else 0."""
        chars, pens = row.chars, row.pens
        pen = pens[x]
        if not self._erases or chars[x] != " " or not bare(pen):
            return 0
        end, width = x + 1, len(chars)
        while end < width and chars[end] == " " and (pens[end] == pen or alike(pens[end], pen)):
            end += 1
        if end == width and end - x > NEAR:
            self._runs.append(_Run(y, x, x, "\x1b[K", pen))
        elif end - x > FAR:
            self._runs.append(_Run(y, x, x, f"\x1b[{end - x}X", pen))
        else:
            return 0
        return end

    def _run(self, y: int, x: int, row: _Row, differs: list[bool]) -> int:
        """Write cells from `x` on, as far as one style goes; the column after them."""
        chars, pens = row.chars, row.pens
        pen, width = pens[x], len(chars)
        blank = True
        at = end = x
        while at < width and at - end <= NEAR:
            char = chars[at]
            if char is None:
                break
            if pens[at] != pen and not (char == " " and alike(pens[at], pen)):
                if not blank or not alike(pens[at], pen):
                    break
                pen = pens[at]
            if char == " " and at > x and chars[at - 1] != " " and differs[at]:
                # Written by itself, should it be long.
                tail = chars[at : at + FAR + 1]
                if self._erases and tail == [" "] * len(tail) and len(tail) > NEAR:
                    break
            blank = blank and char == " "
            at += 1
            if differs[at - 1] or char == "":
                end = at
        text = "".join(char or "" for char in chars[x:end])
        self._runs.append(_Run(y, x, end if end < width else -1, text, pen))
        return end

    def _whole(self, y: int, row: _Row) -> None:
        """Write a line whole, so that wherever a doubtful run ends, the rest stands right."""
        chars, pens = row.chars, row.pens
        width = len(chars)
        x = 0
        while x < width:
            char = chars[x]
            end = x + 1
            if char is not None:
                doubtful = _doubtful(char)
                while end < width and pens[end] == pens[x]:
                    other = chars[end]
                    if other is None or (other and _doubtful(other) != doubtful):
                        break
                    end += 1
                if doubtful:
                    # It may turn out narrower: nothing old may show beside it.
                    self._first.append(_Run(y, x, -1, " " * (end - x), pens[x]))
                text = "".join(each or "" for each in chars[x:end])
                after = -1 if doubtful or end == width else end
                self._first.append(_Run(y, x, after, text, pens[x]))
            x = end


def _sequences(runs: list[_Run]) -> str:
    """What writes `runs` in that order, and leaves the terminal with its own style."""
    out: list[str] = []
    pen = ""
    y = x = -1
    for run in runs:
        if run.y != y or run.x != x:
            out.append(_way(y, x, run.y, run.x))
        if run.pen != pen and not (run.text.isspace() and alike(run.pen, pen)):
            out.append(change(pen, run.pen))
            pen = run.pen
        out.append(run.text)
        y, x = (run.y, run.end) if run.end >= 0 else (-1, -1)
    if pen:
        out.append(change(pen, ""))
    return "".join(out)


def _way(y: int, x: int, to_y: int, to_x: int) -> str:
    """The shortest sequence that brings the cursor from one cell to another; -1: from anywhere."""
    ways = [f"\x1b[{to_y + 1};{to_x + 1}H" if to_x else f"\x1b[{to_y + 1}H"]
    if y >= 0 and to_y >= y:
        down, right = to_y - y, to_x - x
        way = "" if not down else "\x1b[B" if down == 1 else f"\x1b[{down}B"
        if right >= 0:
            way += "" if not right else "\x1b[C" if right == 1 else f"\x1b[{right}C"
        else:
            way += "\b" * -right if right > -NEAR else f"\x1b[{to_x + 1}G"
        ways.append(way)
    return min(ways, key=len)


def _size(update: object) -> tuple[int, int]:
    """Width and height of the screen that `update` is of."""
    if isinstance(update, LayoutUpdate) and not update.region.offset:
        return update.region.size
    if isinstance(update, ChopsUpdate):
        return update.chop_ends[0][-1], len(update.chops)
    raise Surprise(update)


def _pieces(update: object) -> Iterator[tuple[int, int, list[Strip]]]:
    """Line, column and strips of all that Textual would write for `update`."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips):
            yield y, 0, list(strips)
    elif isinstance(update, ChopsUpdate):
        for y, left, right in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
                if strip is not None and x < right and end > left:
                    yield y, x, [strip if end <= right else strip.crop(0, right - x)]


@lru_cache(1)
def _erases() -> bool:
    """Whether what is erased has the present background, in this terminal."""
    try:
        from curses import error, setupterm, tigetflag  # not on every system, and asked once
    except ImportError:
        return False
    try:
        setupterm(fd=2)
    except error:  # a terminal that nobody has described
        return False
    return tigetflag("bce") == 1


@lru_cache(4096)
def _cells(text: str) -> tuple[str, tuple[str, ...], bool]:
    """Text as cells.

    Returns:
        what combines with the cell before, the cells, and whether terminals may disagree on them.
    """
    head = ""
    clusters: list[str] = []
    for char in text:
        if not char.isprintable() and char not in _JOINERS:
            raise Surprise(text)
        joins = not cell_len(char) or (clusters and clusters[-1][-1] == "\u200d")
        if not joins:
            clusters.append(char)
        elif clusters:
            clusters[-1] += char
        else:
            head += char
    cells: list[str] = []
    for cluster in clusters:
        cells += (cluster, *[""] * (cell_len(cluster) - 1))
    torn = text.endswith("\u200d") or "\u200d " in text or "\ufe0f" in head
    if torn or len(cells) != cell_len(text):
        raise Surprise(text)
    return head, tuple(cells), bool(head) or any(map(_doubtful, clusters))


@lru_cache(4096)
def _doubtful(cell: str) -> bool:
    """Whether terminals may disagree on how wide `cell` is: emoji, and what combines."""
    if len(cell) > 1:
        return True
    if not cell or cell.isascii() or category(cell)[0] in "LPN":
        return False
    return cell >= "\U0001f000" or east_asian_width(cell) in "WF"


def _combine(chars: list[str | None], head: str) -> None:
    """Add `head`, which has no width of its own, to the last cell."""
    for x in reversed(range(len(chars))):
        if cell := chars[x]:
            chars[x] = cell + head
            return
    raise Surprise(head)
