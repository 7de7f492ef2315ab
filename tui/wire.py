"""Only cells that changed go over the wire.

Textual writes every region that it painted again, which over SSH is most of the wait. This keeps
the last frame and writes the difference: the same screen to the cell, at a fraction of the bytes
(see `tests/bench/start.py` and `tests/tui/test_terminal.py`).

It rests on private names of Textual, which is pinned exactly: `App._display` and the two kinds of
update that are handed to it. `KOBLE_WIRE=0` turns it off. Where it meets text that terminals lay
out in different ways, it writes that piece whole, as Textual does, and forgets what lies there.
"""

import os
from collections.abc import Iterator, Sequence

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

Cell = tuple[str, str]
"""What stands in a cell, and how: a character ("" behind a wide one), and its SGR codes."""
UNKNOWN: Cell = ("\0", "")
NEAR = 8
"""Unchanged cells that are cheaper to write again than to step over."""


class Wire(App[int]):
    """An app that writes differences. Mix in before other apps."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: list[list[Cell]] = []
        self._whole = os.environ.get("KOBLE_WIRE") == "0"

    def on_mount(self) -> None:
        """Another program may have drawn while koble was suspended."""
        self.app_resume_signal.subscribe(self, lambda _app: self.forget_frame(), immediate=True)

    def forget_frame(self) -> None:
        """What stands on the terminal is not known any more: write everything next time."""
        self._frame = []

    def on_resize(self) -> None:
        """Terminals lay out anew what they show."""
        self.forget_frame()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self._whole or not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            super()._display(screen, renderable)
            return
        width, height = self.size
        if (len(self._frame), len(self._frame[0]) if self._frame else 0) != (height, width):
            self._frame = [[UNKNOWN] * width for _ in range(height)]
        difference = Difference(renderable, self._frame)
        super()._display(screen, difference)  # type: ignore[arg-type] # an update, as it asks for


class Difference(CompositorUpdate):
    """An update, as what has to be written over `frame`; writing it brings the frame up to date."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, frame: list[list[Cell]]) -> None:
        self.update = update
        self.frame = frame

    def render_segments(self, console: Console) -> str:
        """The sequences to write; empty where nothing changed."""
        system = console._color_system or ColorSystem.TRUECOLOR
        out: list[str] = []
        style = ""
        for y, x, strip in _pieces(self.update):
            if not 0 <= y < len(self.frame) or x >= len(self.frame[y]):
                continue
            line = self.frame[y]
            cells = _cells(strip, system)
            if cells is None:
                out.append(f"\x1b[0m\x1b[{y + 1};{x + 1}H{strip.render(console)}")
                style = ""
                line[x : x + strip.cell_length] = [UNKNOWN] * min(strip.cell_length, len(line) - x)
                continue
            cells = cells[: len(line) - x]
            for start, end in _changed(line[x : x + len(cells)], cells):
                out.append(f"\x1b[{y + 1};{x + start + 1}H")
                for text, codes in cells[start:end]:
                    if codes != style:
                        out.append(f"\x1b[0;{codes}m" if codes else "\x1b[0m")
                        style = codes
                    out.append(text)
            line[x : x + len(cells)] = cells
        if style:
            out.append("\x1b[0m")
        return "".join(out)


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Line, column and content of all that Textual would write, in its order."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield y, x, strip
                x += strip.cell_length
        return
    for y, left, right in update.spans:
        chops = zip(update.chop_ends[y], update.chops[y].items(), strict=False)
        for end, (x, piece) in chops:
            if piece is not None and x <= right and end > left:
                whole = left <= x < right and end <= right
                yield y, x, piece if whole else piece.crop(0, min(end, right) - x)


def _cells(strip: Strip, system: ColorSystem) -> list[Cell] | None:
    """The cells of a piece; None where terminals may disagree on them."""
    cells: list[Cell] = []
    for text, style, control in strip:
        if control or (style is not None and style.link):
            return None
        codes = _codes(style, system)
        if text.isascii():
            cells += [(char, codes) for char in text]
            continue
        for char in text:
            width = get_character_cell_size(char)
            if width == 0 or char >= "\U0001f000":
                return None  # joins what stands beside it, in some terminals
            cells.append((char, codes))
            if width == 2:
                cells.append(("", codes))
    return cells


def _codes(style: Style | None, system: ColorSystem) -> str:
    if style is None:
        return ""
    return style._ansi if style._ansi is not None else Strip.render_ansi(style, system)


def _changed(old: Sequence[Cell], new: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """The runs of cells that differ; runs that lie near each other are one."""
    if old == new:
        return
    differ = [at for at, cell in enumerate(new) if cell != old[at]]
    start = end = differ[0]
    for at in differ[1:]:
        if at - end > NEAR:
            yield start, end + 1
            start = at
        end = at
    yield start, end + 1
