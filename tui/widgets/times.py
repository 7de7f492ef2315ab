"""The times of a page, a column a day: what is offered, and what the hours hold besides."""

from collections.abc import Sequence
from datetime import date

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from desk.offers import Slot
from tui import marks
from tui.commands import Commands
from tui.commands.offers import (
    ChooseTime,
    EarlierDay,
    EarlierTime,
    FirstTime,
    LastTime,
    LaterDay,
    LaterTime,
    NextOffer,
    PreviousOffer,
)
from tui.guard import Guarded
from words import dates

COLUMN = 14
"""Cells that a day takes; one with a change of clocks says its offsets there too."""


class Times(Guarded, Commands, ScrollView, can_focus=True):
    """Days side by side, times below each other; a step repaints two cells.

    Args:
        empty: what to say when there are none: why, and what helps.
        id: as for any widget.
    """

    COMMANDS = (
        ChooseTime,
        LaterTime,
        EarlierTime,
        LaterDay,
        EarlierDay,
        FirstTime,
        LastTime,
        NextOffer,
        PreviousOffer,
    )
    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration
        "times--day",
        "times--offered",
        "times--other",
        "times--cursor",
        "times--cursor-off",
        "times--empty",
    }
    DEFAULT_CSS = """
    Times {
        height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0;
        & > .times--day { color: $muted; text-style: bold; }
        & > .times--offered { color: $foreground; }
        & > .times--other { color: $faint; }
        & > .times--cursor { background: $cursor; color: $foreground; text-style: bold; }
        & > .times--cursor-off { background: $cursor-off; }
        & > .times--empty { color: $muted; }
        &:ansi > .times--cursor { text-style: reverse; }
        &:ansi > .times--cursor-off { text-style: bold; }
    }
    """

    class Moved(Message):
        """The cursor came to another time."""

        def __init__(self, times: "Times", slot: Slot) -> None:
            super().__init__()
            self.times = times
            self.slot = slot

        @property
        def control(self) -> "Times":
            """The times."""
            return self.times

    class Chosen(Moved):
        """An offered time was chosen, by Enter or a click."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.empty = empty
        self._days: list[tuple[date, list[Slot]]] = []
        self._zone = "UTC"
        self._left = 0
        self._x = 0
        self._y = 0

    @property
    def _columns(self) -> int:
        """How many days fit; none is shown in part."""
        return max(1, self.size.width // COLUMN)

    @property
    def current(self) -> Slot | None:
        """The time under the cursor."""
        return self._days[self._x][1][self._y] if self._days else None

    def show(
        self, slots: Sequence[Slot], zone: str, *, empty: str | None = None, anew: bool = False
    ) -> None:
        """Show these times as wall time in `zone`.

        The cursor stays at its time, or near it; `anew`, it goes to the first that is offered.
        """
        before = None if anew else self.current
        days: dict[date, list[Slot]] = {}
        for slot in slots:
            days.setdefault(dates.local(slot.start, zone).date(), []).append(slot)
        self._days = list(days.items())
        self._zone = zone
        self.empty = self.empty if empty is None else empty
        longest = max((len(each) for _, each in self._days), default=0)
        self.virtual_size = Size(0, longest + 2)
        if before is None:
            self._to(next((s for s in slots if s.offered), slots[0] if slots else None))
        else:
            self._to(min(slots, key=lambda s: abs(s.start - before.start), default=None))
        self.refresh()

    def select(self, start: int) -> None:
        """Put the cursor on the time that begins at `start`, if there is one."""
        for x, (_, slots) in enumerate(self._days):
            for y, slot in enumerate(slots):
                if slot.start == start:
                    self._move(x, y)

    def _to(self, wanted: Slot | None) -> None:
        self._x = self._y = 0
        for x, (_, slots) in enumerate(self._days):
            if wanted in slots:
                self._x, self._y = x, slots.index(wanted)
        self._show_cursor()
        if slot := self.current:
            self.post_message(self.Moved(self, slot))

    def _move(self, x: int, y: int) -> None:
        if not self._days:
            return
        x = max(0, min(x, len(self._days) - 1))
        y = max(0, min(y, len(self._days[x][1]) - 1))
        if (x, y) == (self._x, self._y):
            return
        self._repaint()
        self._x, self._y = x, y
        self._repaint()
        self._show_cursor()
        self.post_message(self.Moved(self, self._days[x][1][y]))

    def _show_cursor(self) -> None:
        left = min(max(self._left, self._x - self._columns + 1), self._x)
        if left != self._left:
            self._left = left
            self.refresh()
        # Three lines: the two that the days take above stay in sight.
        self.scroll_to_region(Region(0, self._y, 1, 3), animate=False, force=True)

    def _repaint(self) -> None:
        x = (self._x - self._left) * COLUMN
        y = self._y + 2 - self.scroll_offset.y
        region = Region(x, y, COLUMN, 1).intersection(Region(0, 0, *self.size))
        if region:
            self.refresh(region)

    def on_later_time(self) -> None:
        """One down."""
        self._move(self._x, self._y + 1)

    def on_earlier_time(self) -> None:
        """One up."""
        self._move(self._x, self._y - 1)

    def on_later_day(self) -> None:
        """One to the right, at the time of day nearest to this one."""
        self._turn(1)

    def on_earlier_day(self) -> None:
        """One to the left."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        x = self._x + step
        if not (slot := self.current) or not 0 <= x < len(self._days):
            return
        wanted = _minute(slot, self._zone)
        slots = self._days[x][1]
        y = min(range(len(slots)), key=lambda n: abs(_minute(slots[n], self._zone) - wanted))
        self._move(x, y)

    def on_first_time(self) -> None:
        """To the top."""
        self._move(self._x, 0)

    def on_last_time(self) -> None:
        """To the bottom."""
        if self._days:
            self._move(self._x, len(self._days[self._x][1]) - 1)

    def on_next_offer(self) -> None:
        """To the next offered time."""
        self._jump([s for s in self._after(1) if s.offered])

    def on_previous_offer(self) -> None:
        """To the offered time before."""
        self._jump([s for s in self._after(-1) if s.offered])

    def _after(self, step: int) -> list[Slot]:
        every = [slot for _, slots in self._days for slot in slots]
        here = every.index(self.current) if self.current else 0
        return every[here + 1 :] if step > 0 else every[:here][::-1]

    def _jump(self, slots: list[Slot]) -> None:
        if slots:
            self.select(slots[0].start)

    def on_choose_time(self) -> None:
        """Tell that an offered time was chosen."""
        if (slot := self.current) and slot.offered:
            self.post_message(self.Chosen(self, slot))

    def on_resize(self) -> None:
        """Another number of days may fit."""
        self._left = 0
        self._show_cursor()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor looks different."""
        self._repaint()

    def on_blur(self) -> None:
        """The cursor looks different."""
        self._repaint()

    def notify_style_update(self) -> None:
        """Other colours: paint all again."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line: the days, a gap, then the times."""
        width = self.size.width
        base = self.visual_style.rich_style
        if not self._days:
            style = self.get_visual_style("times--empty").rich_style
            text = f"  {self.empty}" if y == 0 else ""
            return Strip([Segment(text, style)]).adjust_cell_length(width, base)
        at = y - 2 + self.scroll_offset.y
        segments = []
        shown = range(self._left, min(self._left + self._columns, len(self._days)))
        for x in shown:
            day, slots = self._days[x]
            if y == 0:
                style = self.get_visual_style("times--day").rich_style
                segments.append(Segment(f"  {dates.day_short(day):<{COLUMN - 2}}", style))
            elif y > 1 and at < len(slots):
                segments.append(self._cell(x, at, day, slots[at]))
            else:
                segments.append(Segment(" " * COLUMN, base))
        return Strip(segments).adjust_cell_length(width, base)

    def _cell(self, x: int, y: int, day: date, slot: Slot) -> Segment:
        here = (x, y) == (self._x, self._y)
        looks = ["times--offered" if slot.offered else "times--other"]
        if here:
            looks.append("times--cursor" if self.has_focus else "times--cursor-off")
        mark = marks.CURSOR if here else " "
        mark += " " if slot.offered else marks.MAYBE
        text = dates.time_of_day(slot.start, self._zone)
        if dates.clocks_change(day, self._zone):
            text += dates.offset_text(slot.start, self._zone)
        return Segment(f"{mark}{text:<{COLUMN - 3}} ", self.get_visual_style(*looks).rich_style)


def _minute(slot: Slot, zone: str) -> int:
    at = dates.local(slot.start, zone)
    return at.hour * 60 + at.minute
