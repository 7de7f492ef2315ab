"""What a line of the week is made of: runs of text, each with a look."""

from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

from scheduling.text import clean

BAR, UPPER, LOWER = "▌", "▀", "▄"
OPENS, CLOSES, LINE = "▐", "▌", "─"
RANGE = "┃"
AWAY = "/"
SKIPPED = "╌"
OFFER = "○"
ABOVE, BELOW = "↑", "↓"
BEFORE, AFTER = "←", "→"
SHARES = "·░▒▓█"
BOX = ("┌", "─", "┐", "│", "└", "┘")
DASHED = ("┌", "╌", "┐", "╎", "└", "┘")


class Look(NamedTuple):
    """How a run of text looks.

    `back` and `fore` name styles of the widget. `tone` is a calendar's colour for the text; empty
    where the calendar has none. With `upper` the run is of half blocks: in the background of the
    style `upper`, before that of `back`.
    """

    back: str
    fore: str = "text"
    tone: str | None = None
    upper: str | None = None


Run = tuple[str, Look]


def safe(text: str) -> str:
    """`text` as it is, or cleaned where that has not been done."""
    return text if text.isprintable() else clean(text)


def fit(text: str, width: int) -> str:
    """`text` cut or filled to exactly `width` cells."""
    return set_cell_size(safe(text), width)


def wrap(text: str, width: int, rows: int) -> list[str]:
    """`text` on at most `rows` lines of `width` cells, broken between words where that works."""
    lines: list[str] = []
    line = ""
    for word in safe(text).split():
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(word, width)
        lines += full
        if len(lines) >= rows:
            break
    return [*lines, line][:rows]


def compact(clock: str) -> str:
    """A time as short as it stays exact: `02:30+01` for `02:30+01:00`."""
    return clock[:-3] if len(clock) > 5 and clock.endswith(":00") else clock


def narrow(runs: list[Run]) -> str:
    """The plain text of a line, without the blanks at its end."""
    return "".join(text for text, _ in runs).rstrip()
