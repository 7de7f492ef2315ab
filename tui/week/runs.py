"""What a line of the week is made of: runs of text, each with a look."""

from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

from scheduling.text import clean

BAR, THIN, UPPER, LOWER = "▌", "│", "▀", "▄"
OPENS, CLOSES, LINE = "▐", "▌", "─"
RANGE = "┃"
AWAY = "/"
SKIPPED = "╌"
OFFER = "○"
SHORTEST = 3
"""Letters that a broken word leaves for its last line, at least."""
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
    """`text` on at most `rows` lines for `width` cells, broken between words where that works.

    The last line holds all that is left, to be cut to what fits.
    """
    lines: list[str] = []
    rest = safe(text).strip()
    while cell_len(rest) > width and len(lines) < rows - 1:
        line = chop_cells(rest, width)[0]
        if not rest[len(line)].isspace() and " " in line:
            line = line[: line.rindex(" ")]
        elif 0 < len(rest.split()[0]) - len(line) < SHORTEST < len(line):
            line = rest[: len(rest.split()[0]) - SHORTEST]
        lines.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return [*lines, rest]


def compact(clock: str) -> str:
    """A time as short as it stays exact: `02:30+01` for `02:30+01:00`."""
    return clock[:-3] if len(clock) > 5 and clock.endswith(":00") else clock


def plain_text(runs: list[Run]) -> str:
    """What a line says."""
    return "".join(text for text, _look in runs)
