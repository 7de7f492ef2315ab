"""A light list: one cursor, rows of columns, drawn line by line; a step repaints two lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from tui import marks
from tui.commands import Command, Commands
from tui.commands.lists import (
    Choose,
    CursorDown,
    CursorFirst,
    CursorLast,
    CursorUp,
    PageDown,
    PageUp,
)
from tui.guard import Guarded
from words import Phrase

GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True)
class Row:
    """One row: an id, and a cell for each column; text is literal, `Content` may be styled.

    A `heading` cannot be chosen; only its first cell is shown.
    """

    id: str
    cells: tuple[str | Content, ...]
    heading: bool = False
    dim: bool = False


class Rows(Guarded, Commands, ScrollView, can_focus=True):
    """A list of rows.

    Args:
        rows: what to show.
        columns: the width of each column in cells; 0 shares what is left, a negative width is
            set to the right.
        empty: what to say when there is nothing: why, and which key helps.
        id: as for any widget.
    """

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        Choose,
        CursorDown,
        CursorUp,
        CursorFirst,
        CursorLast,
        PageDown,
        PageUp,
    )
    HEADING = Phrase("List")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--cursor-off",
        "rows--dim",
        "rows--heading",
        "rows--empty",
    }
    DEFAULT_CSS = """
    Rows {
        height: 1fr; scrollbar-size-vertical: 1;
        & > .rows--cursor { background: $cursor; text-style: bold; }
        & > .rows--cursor-off { background: $cursor-off; }
        & > .rows--dim { color: $muted; }
        & > .rows--heading { color: $muted; text-style: bold; }
        & > .rows--empty { color: $muted; }
        &:ansi > .rows--cursor { text-style: reverse; }
        &:ansi > .rows--cursor-off { text-style: bold; }
    }
    """
    cursor: reactive[int] = reactive(0, repaint=False)

    class _OfRow(Message):
        """Something about one row."""

        def __init__(self, rows: "Rows", row: Row) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        def control(self) -> "Rows":
            """The list."""
            return self.rows

    class Chosen(_OfRow):
        """A row was chosen, by Enter or a click."""

    class Moved(_OfRow):
        """The cursor came to another row."""

    def __init__(
        self,
        rows: Sequence[Row] = (),
        *,
        columns: Sequence[int] = (0,),
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self.empty = empty
        self._rows: tuple[Row, ...] = tuple(rows)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        if 0 <= self.cursor < len(self._rows) and not self._rows[self.cursor].heading:
            return self._rows[self.cursor]
        return None

    def show(self, rows: Sequence[Row], *, empty: str | None = None) -> None:
        """Show these rows; the cursor stays on the row with the same id, else at its place."""
        rows = tuple(rows)
        if empty is not None and empty != self.empty:
            self.empty = empty
            self.refresh()
        if rows == self._rows:
            return
        before = self.current
        self._rows = rows
        self._resize()
        ids = [row.id for row in rows]
        wanted = ids.index(before.id) if before and before.id in ids else self.cursor
        self.set_reactive(Rows.cursor, self._nearest(wanted, 1))
        self._keep_in_sight()
        self.refresh()
        self.refresh_bindings()

    def _keep_in_sight(self) -> None:
        """Scroll to the cursor, and to the headings right above it where there is room."""
        if not self.size.height:
            return  # hidden: `on_resize` comes when it is not
        top = self.cursor
        while top > 0 and self._rows[top - 1].heading:
            top -= 1
        if self.cursor - top >= self.size.height:
            top = self.cursor
        region = Region(0, top, 1, self.cursor - top + 1)
        self.scroll_to_region(region, animate=False, force=True)

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        self._keep_in_sight()

    def select(self, id: str) -> None:
        """Put the cursor on the row of that id, if there is one."""
        for y, row in enumerate(self._rows):
            if row.id == id:
                self.cursor = y

    def on_mount(self) -> None:
        """Start on the first row that can be chosen."""
        self._resize()
        self.set_reactive(Rows.cursor, self._nearest(self.cursor, 1))

    def notify_style_update(self) -> None:
        """Other colours: paint all again."""
        super().notify_style_update()
        self.refresh()

    def _resize(self) -> None:
        self.virtual_size = Size(0, len(self._rows))

    def _nearest(self, y: int, step: int) -> int:
        """The row at `y`, or the next one from there (then the other way) that can be chosen."""
        rows = self._rows
        y = max(0, min(y, len(rows) - 1))
        for way in (step, -step):
            at = y
            while 0 <= at < len(rows):
                if not rows[at].heading:
                    return at
                at += way
        return y

    def validate_cursor(self, y: int) -> int:
        """Only rows that can be chosen."""
        return self._nearest(y, 1 if y >= self.cursor else -1)

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows, keep the cursor in sight, tell others."""
        if old == new:
            return
        for y in (old, new):
            self._repaint(y)
        self._keep_in_sight()
        if row := self.current:
            self.post_message(self.Moved(self, row))

    def on_focus(self) -> None:
        """The cursor looks different."""
        self._repaint(self.cursor)

    def on_blur(self) -> None:
        """The cursor looks different."""
        self._repaint(self.cursor)

    def _repaint(self, y: int) -> None:
        top = self.scroll_offset.y
        if top <= y < top + self.size.height:
            self.refresh(Region(0, y - top, self.size.width, 1))

    def on_cursor_down(self) -> None:
        """One down."""
        self.cursor += 1

    def on_cursor_up(self) -> None:
        """One up."""
        self.cursor -= 1

    def on_cursor_first(self) -> None:
        """To the first row."""
        self.cursor = 0

    def on_cursor_last(self) -> None:
        """To the last row."""
        self.cursor = len(self._rows) - 1

    def on_page_down(self) -> None:
        """A screenful down."""
        self.cursor += max(1, self.size.height - 1)

    def on_page_up(self) -> None:
        """A screenful up."""
        self.cursor -= max(1, self.size.height - 1)

    def on_choose(self) -> None:
        """Tell that the row was chosen."""
        if row := self.current:
            self.post_message(self.Chosen(self, row))

    def on_click(self, event: Click) -> None:
        """A click moves the cursor; on the cursor, or a double click, it chooses."""
        y = event.y + self.scroll_offset.y
        if 0 <= y < len(self._rows) and not self._rows[y].heading:
            chosen = y == self.cursor
            self.cursor = y
            if chosen or event.chain > 1:
                self.on_choose()

    def applies(self, command: type) -> bool | None:
        """Nothing can be done in an empty list."""
        return bool(self._rows)

    def jump_targets(self) -> list[tuple[Region, str]]:
        """The visible rows that can be chosen: where they are on the screen, and their ids."""
        x, y, width, height = self.content_region
        top = self.scroll_offset.y
        return [
            (Region(x, y + at - top, width, 1), row.id)
            for at, row in enumerate(self._rows[top : top + height], top)
            if not row.heading
        ]

    def jump_to(self, id: str) -> None:
        """Take the focus to the row of that id."""
        self.focus()
        self.select(id)

    def render_line(self, y: int) -> Strip:
        """One line of the list."""
        width = self.size.width
        base = self.visual_style
        at = y + self.scroll_offset.y
        if not self._rows:
            return self._empty_line(y, width, base)
        if at >= len(self._rows):
            return Strip.blank(width, base.rich_style)
        row = self._rows[at]
        here = at == self.cursor and not row.heading
        looks = ["rows--heading"] if row.heading else ["rows--dim"] if row.dim else []
        if here:
            looks.append("rows--cursor" if self.has_focus else "rows--cursor-off")
        style = self.get_visual_style(*looks)
        if looks and self.get_component_styles(looks[-1]).text_style.reverse:
            style += Style(reverse=True)  # which Textual leaves out of a visual style
        content = self._line(row, width, f"{marks.CURSOR} " if here else "  ")
        strip = Strip(content.render_segments(style))
        return strip.adjust_cell_length(width, style.rich_style)

    def _line(self, row: Row, width: int, prefix: str) -> Content:
        parts = [Content(prefix)]
        if row.heading:
            return Content("").join([Content(prefix), _literal(row.cells[0])])
        widths = self._widths(width - len(prefix))
        for number, (cell, cells) in enumerate(zip(row.cells, widths, strict=False)):
            content = _literal(cell).truncate(cells, ellipsis=True)
            free = cells - content.cell_length
            right = self._columns[number] < 0
            parts.append(content.pad_left(free) if right else content.pad_right(free))
            if number < len(widths) - 1:
                parts.append(Content(" " * GAP))
        return Content("").join(parts)

    def _widths(self, width: int) -> list[int]:
        fixed = sum(abs(w) for w in self._columns) + GAP * (len(self._columns) - 1) + 1
        shares = self._columns.count(0)
        left = max(0, width - fixed)
        widths, given = [], 0
        for w in self._columns:
            if w == 0:
                given += 1
                w = left // shares + (1 if given <= left % shares else 0)
            widths.append(abs(w))
        return widths

    def _empty_line(self, y: int, width: int, base: Style) -> Strip:
        style = base + self.get_visual_style("rows--empty")
        lines = Content(f"\n{self.empty}").wrap(max(1, width - 4)) if self.empty else []
        text = lines[y].plain if y < len(lines) else ""
        return Strip([Segment(f"  {text}", style.rich_style)]).adjust_cell_length(
            width, style.rich_style
        )


def _literal(cell: str | Content) -> Content:
    return cell if isinstance(cell, Content) else Content(cell)
