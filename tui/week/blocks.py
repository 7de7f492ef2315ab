"""How a block is drawn, row by row.

What blocks time is solid with a bar at its left, tentative time is hatched, free time is a thin
box, and a request is a dashed one. Each says so without colour as well.
"""

from collections.abc import Sequence

from rich.cells import cell_len

from scheduling.events import Blocking
from tui import marks
from tui.week.axis import Axis, Time
from tui.week.data import Kind
from tui.week.layout import NARROWEST, Block
from tui.week.runs import BAR, BOX, DASHED, LOWER, THIN, UPPER, Look, Run, compact, fit, safe, wrap
from words import _

CLOCK = len("00:00")


def outlined(block: Block) -> bool:
    """Whether a block is a box around its words instead of a surface."""
    entry = block.entries[0]
    return not block.more and (entry.kind is Kind.REQUEST or entry.blocking is Blocking.NO)


def block_runs(block: Block, day: int, row: int, axis: Axis, ground: str, plain: bool) -> list[Run]:
    """One row that belongs to `block` alone; `ground` is what lies behind it.

    `plain` draws no surfaces, for terminals whose colours are not ours.
    """
    text, mark, first = block_text(block, day, row, axis)
    if outlined(block):
        return _box(block, row, text, mark, ground)
    back = ground if plain else _back(block)
    tone = _tone(block)
    hatched = block.entries[0].blocking is Blocking.SOFT and not block.more
    bar = THIN if block.more else marks.MAYBE if hatched else BAR
    room = block.width - 1
    if mark and room <= NARROWEST:
        bar, mark = mark.strip(), ""
    room -= cell_len(mark)
    if block.more and cell_len(text) > room:
        return [(fit(text, block.width), Look(back, "title"))]
    runs = [(bar, Look(back, "bar", tone))]
    fore = "title" if first else "text"
    if hatched and cell_len(text := safe(text)) < room:
        text += " " if text else ""
        runs.append((text, Look(back, fore)))
        runs.append((marks.MAYBE * (room - cell_len(text)), Look(back, "bar", tone)))
    else:
        runs.append((fit(text, room), Look(back, fore)))
    if mark:
        runs.append((mark, Look(back, "accent")))
    return runs


def half_runs(
    upper: Block | None, lower: Block | None, left: int, width: int, ground: str, plain: bool
) -> list[Run]:
    """`width` cells from `left` in a row in the middle of which a block ends, or one begins."""
    above, below = (b if b and not outlined(b) else None for b in (upper, lower))
    if plain:
        starts = [b for b in (above, below) if b is not None and b.left == left]
        if not starts:
            return [(" " * width, Look(ground))]
        mark = BAR if len(starts) == 2 else UPPER if starts[0] is above else LOWER
        return [(mark, Look(ground, "bar", _tone(starts[0]))), (" " * (width - 1), Look(ground))]
    under = _back(below) if below else ground
    if above is None:
        return [((LOWER if below else " ") * width, Look(ground, upper=under))]
    return [(UPPER * width, Look(under, upper=_back(above)))]


def block_text(block: Block, day: int, row: int, axis: Axis) -> tuple[str, str, bool]:
    """The words of one row of a block, its mark there, and whether it is the first with words."""
    rows: Sequence[int] = range((block.top + 1) // 2, block.bottom // 2)
    if axis.changes(day):
        rows = [each for each in rows if axis.time(day, each) is Time.REAL]
    if row not in rows:
        return "", "", False
    line = rows.index(row)
    lines = _lines(block, len(rows), axis)
    text = lines[line] if line < len(lines) else ""
    return text, _mark(block) if line == 0 else "", line == 0


def _box(block: Block, row: int, text: str, mark: str, ground: str) -> list[Run]:
    request = block.entries[0].kind is Kind.REQUEST
    corner, line, corner_right, side, low, low_right = DASHED if request else BOX
    look = Look(ground, "accent") if request else Look(ground, "faint", _tone(block))
    words = Look(ground, "title" if request and mark else "muted")
    first, last = block.top // 2, (block.bottom - 1) // 2
    room = block.width - 2 - cell_len(mark)
    if row == first != last:
        text = fit(text, min(room, cell_len(safe(text))))
        rest = line * (room - cell_len(text))
        return [(corner, look), (text, words), (rest + mark + corner_right, look)]
    if row == last != first and not text:
        return [(low + line * (block.width - 2) + low_right, look)]
    return [(side, look), (fit(text, room), words), (mark + side, look)]


def _lines(block: Block, rows: int, axis: Axis) -> list[str]:
    entry = block.entries[0]
    if block.more:
        count = f"+{len(block.entries)}"
        if len(count) > block.width:
            count = "99+"
        names = block.entries[: rows - 1] if block.width >= NARROWEST else ()
        return [count, *(each.title for each in names)]
    title = entry.title or _("busy")
    if not block.begins:
        title = f"…{title}"
    if rows == 1:
        return [title]
    more = [line for line in entry.lines if line]
    room = block.width - (2 if outlined(block) else 1)
    clock = compact(axis.zone.clock(entry.start))
    if len(clock) > CLOCK:
        more[:0] = [clock] if len(clock) <= room else [clock[:CLOCK], clock[CLOCK:]]
    # The mark stands in the first row only, but words must not jump when it comes or goes.
    lines = wrap(title, room - cell_len(_mark(block)), max(1, rows - bool(more)))
    return [*lines, *more][:rows]


def _tone(block: Block) -> str:
    return "" if block.more else block.entries[0].colour


def _mark(block: Block) -> str:
    entry = block.entries[0]
    if block.more:
        return ""
    if entry.kind is Kind.REQUEST:
        return " ?"
    return f" {marks.FRESH}" if entry.booked else ""


def _back(block: Block) -> str:
    """The name of the style of a block's surface."""
    if block.more:
        return "more"
    entry = block.entries[0]
    if entry.kind is Kind.ABSENCE:
        return "away"
    name = "soft" if entry.blocking is Blocking.SOFT else "busy"
    return f"{name}-shaded" if block.shaded else name
