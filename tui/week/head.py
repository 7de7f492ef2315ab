"""What stands above the hours: the caption, the names of the days, and the all-day strip."""

from itertools import pairwise
from math import ceil

from rich.cells import cell_len

from scheduling.events import Blocking
from scheduling.zones import offset_text, zone
from tui import marks
from tui.week.data import Kind
from tui.week.layout import LANES, Bar, busy_share
from tui.week.paint import AXIS, ONE_DAY, SECOND_AXIS, Cursor, Painter
from tui.week.runs import (
    AFTER,
    AWAY,
    BEFORE,
    CLOSES,
    LINE,
    OPENS,
    SHARES,
    Look,
    Run,
    fit,
    safe,
)
from words import _, dates


def height(painter: Painter) -> int:
    """The lines above the hours."""
    return 2 + (painter.width < ONE_DAY) + painter.entries.strip.rows


def head_runs(painter: Painter, y: int, cursor: Cursor | None = None) -> list[Run]:
    """Line `y` of those above the hours."""
    strip = painter.entries.strip.rows
    top = height(painter) - strip
    if y == 0:
        return _caption(painter)
    if y >= top:
        return _strip(painter, y - top, cursor)
    if painter.width >= ONE_DAY:
        return _names(painter)
    return _density(painter, words=y == 1)


def _caption(painter: Painter) -> list[Run]:
    week, axis = painter.week, painter.axis
    last = axis.date(week.days - 1)
    left = f" {dates.week_heading(week.first_day, week.days)}"
    if last.year != dates.local(week.now, week.zone).year:
        left += f" {last.year}"
    offsets = [axis.zone.offset(each) for each in (axis.starts[0], axis.starts[-1] - 1)]
    right = f"{week.zone} {offset_text(offsets[0])}"
    if offsets[0] != offsets[1]:
        day = next(day for day in range(week.days) if axis.changes(day))
        name = dates.weekday_short(axis.date(day).weekday())
        right += f" {AFTER} {offset_text(offsets[1])} {name} {axis.date(day).day}"
    free = painter.width - cell_len(left) - cell_len(right) - 1
    if free < 2:
        return [(fit(left, painter.width), Look("ground", "title"))]
    end = (fit(" " * free + right, painter.width - cell_len(left)), Look("ground", "muted"))
    return [(left, Look("ground", "title")), end]


def _names(painter: Painter) -> list[Run]:
    axis = painter.axis
    head = " " * painter.axis_width
    other = painter.week.second_zone
    if other:
        ends = axis.starts[painter.days.start + 1] - 1
        head = fit(_offset(other, ends), SECOND_AXIS) + fit(_offset(axis.zone.name, ends), AXIS)
    runs = [(head, Look("ground", "faint"))]
    for day in painter.days:
        when = axis.date(day)
        width = painter.widths[day]
        # Where only one of the zones has changed its clocks, the day says the other's offset.
        after = ""
        if other and _apart(painter, day) != _apart(painter, painter.days.start):
            after = f" {_offset(other, axis.starts[day + 1] - 1)}"
        text = f"{dates.weekday_short(when.weekday())} {when.day}{after}"
        if cell_len(text) + 2 > width:
            gap = "" if after else " "
            text = f"{dates.weekday_letters(when.weekday())}{gap}{when.day}{after}"
        if day == painter.today:
            runs.append((fit(f"›{text}‹", width), Look("ground", "today")))
        else:
            runs.append((fit(f" {text}", width), Look("ground", "muted")))
    return runs


def _offset(name: str, instant: int) -> str:
    return offset_text(zone(name).offset(instant)).removesuffix(":00")


def _apart(painter: Painter, day: int) -> int:
    """By how much the second zone is ahead at the end of a day."""
    end = painter.axis.starts[day + 1] - 1
    return zone(painter.week.second_zone).offset(end) - painter.axis.zone.offset(end)


def _density(painter: Painter, *, words: bool) -> list[Run]:
    """The week in two lines: its days, and how busy each quarter of their working time is."""
    share = min(painter.width // painter.week.days, 7)
    rows = painter.working_rows()
    quarters = rows.start * 2, rows.stop * 2
    runs: list[Run] = [(" ", Look("ground"))]
    for day in range(painter.week.days):
        when = painter.axis.date(day)
        shown = day in painter.days
        look = Look("ground", "title" if shown else "muted")
        if words:
            name = dates.weekday_letters(when.weekday())
            text = f"›{name}‹" if day == painter.today else f" {name} "
            if shown:
                name = f"{name}{when.day}"
                text = f"›{name}‹" if day == painter.today else f"[{name}]"
        else:
            count = max(1, share - 1)
            length = quarters[1] - quarters[0]
            cuts = [quarters[0] + length * n // count for n in range(count + 1)]
            parts = painter.entries.parts[day]
            shares = [busy_share(parts, a, b) for a, b in pairwise(cuts)]
            text = "".join(SHARES[ceil(s * 4)] for s in shares)
        runs.append((fit(text, share), look))
    return [*runs, (" " * (painter.width - 1 - share * painter.week.days), Look("ground"))]


def _strip(painter: Painter, lane: int, cursor: Cursor | None) -> list[Run]:
    strip = painter.entries.strip
    here = cursor if cursor is not None and cursor.row + strip.rows == lane else None
    axis = marks.MORE if lane == 0 else ""
    runs = [(fit(axis, painter.axis_width), Look("ground", "faint"))]
    bars = {bar.first: bar for bar in strip.bars if bar.lane == lane}
    day = painter.days.start
    while day < painter.days.stop:
        bar = next((b for b in bars.values() if b.first <= day <= b.last), None)
        last = min(bar.last, painter.days.stop - 1) if bar else day
        width = sum(painter.widths[each] for each in range(day, last + 1)) - 1
        runs.append((" ", Look("ground")))
        hidden = strip.hidden[day] if lane == LANES - 1 else ()
        text = f"+{len(hidden)}" if hidden else ""
        if here is not None and day <= here.day <= last:
            if bar is not None:
                text = safe(bar.entry.title)
            runs.append((marks.CURSOR + fit(text, width - 1), here.look))
        elif bar is not None:
            runs += _bar(painter, bar, day, width)
        else:
            runs.append((fit(text, width), Look("ground", "muted")))
        day = last + 1
    return runs


def _bar(painter: Painter, bar: Bar, day: int, width: int) -> list[Run]:
    entry = bar.entry
    opens = OPENS if bar.begins and day == bar.first else BEFORE
    closes = CLOSES if bar.ends and bar.last in painter.days else AFTER
    fill = LINE
    if entry.kind is Kind.ABSENCE:
        fill = AWAY
    elif entry.blocking is Blocking.SOFT:
        fill = marks.MAYBE
    back = "ground" if painter.plain or entry.blocking is Blocking.NO else "busy"
    tone = Look(back, "bar", entry.colour)
    mark = f" {marks.FRESH}" if entry.booked else ""
    room = width - 2 - cell_len(mark)
    text = safe(entry.title) or _("busy")
    if cell_len(text) + 2 <= room:
        text = f" {text} "
    text = fit(text, min(room, cell_len(text)))
    rest = fill * (room - cell_len(text))
    fore = "muted" if entry.blocking is Blocking.NO else "title"
    return [(opens, tone), (text, Look(back, fore)), (rest, tone), (mark + closes, tone)]
