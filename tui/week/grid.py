"""The week as a widget: one surface drawn line by line, and a cursor that moves over it."""

from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from scheduling.events import Span
from scheduling.zones import DAY, MINUTE
from tui.commands import Command, Commands
from tui.commands.week import (
    DayEarlier,
    DayEnd,
    DayLater,
    DayStart,
    DropRange,
    HalfHourEarlier,
    HalfHourLater,
    HoursEarlier,
    HoursLater,
    NextEvent,
    OpenHere,
    PreviousEvent,
    StartRange,
)
from tui.guard import Guarded
from tui.week.axis import ROW, Axis
from tui.week.data import Entry, WeekData
from tui.week.head import head_runs, height
from tui.week.layout import Sorted, sort_entries
from tui.week.moves import (
    Place,
    beside,
    down,
    entries_at,
    entry_places,
    instant_at,
    jump,
    picked,
    settle,
)
from tui.week.paint import AXIS, Cursor, Painter
from tui.week.runs import ABOVE, BELOW, Look, Run, fit
from tui.week.surface import Surface

FOUR_HOURS = 8
HOP = 4
"""Rows by which the hours scroll when the cursor leaves them."""


class WeekGrid(Guarded, Commands, Surface, can_focus=True):
    """A week of events with a cursor over its half hours.

    It never reads a clock: `now` comes with the data. Moving the cursor repaints two half hours.
    """

    COMMANDS = (
        OpenHere,
        HalfHourLater,
        HalfHourEarlier,
        DayLater,
        DayEarlier,
        NextEvent,
        PreviousEvent,
        DayStart,
        DayEnd,
        HoursLater,
        HoursEarlier,
        StartRange,
        DropRange,
    )

    class Told(Message):
        """What the grid tells; `instant` is the half hour under the cursor, in UTC seconds."""

        def __init__(self, grid: "WeekGrid", instant: int, entries: tuple[Entry, ...]) -> None:
            super().__init__()
            self.grid = grid
            self.instant = instant
            self.entries = entries

        @property
        def control(self) -> "WeekGrid":
            """The grid."""
            return self.grid

    class Opened(Told):
        """Enter or a click on the cursor: nothing there, one entry, or all behind a "+n"."""

    class CursorMoved(Told):
        """The cursor came to another half hour, or to another entry in it."""

    class Turned(Told):
        """The cursor ran off the week; `instant` is where it belongs in the one beside it."""

    class RangeChosen(Message):
        """A stretch of time was chosen, in UTC seconds."""

        def __init__(self, grid: "WeekGrid", start: int, end: int) -> None:
            super().__init__()
            self.grid = grid
            self.start = start
            self.end = end

        @property
        def control(self) -> "WeekGrid":
            """The grid."""
            return self.grid

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._axis: Axis | None = None
        self._entries: Sorted | None = None
        self._painter: Painter | None = None
        self._week: WeekData | None = None
        self._place = Place(0, 0)
        self._fresh = True
        self._anchor: int | None = None
        self._wanted: int | None = None

    # What others ask

    @property
    def week(self) -> WeekData | None:
        """What is shown."""
        return self._week

    @property
    def cursor(self) -> int:
        """The instant under the cursor, in UTC seconds; in the strip, the start of the day."""
        return instant_at(self._painter, self._place) if self._painter else 0

    @property
    def under_cursor(self) -> tuple[Entry, ...]:
        """What Enter opens: nothing, one entry, or those behind a "+n"."""
        return entries_at(self._painter, self._place) if self._painter else ()

    @property
    def selection(self) -> Span | None:
        """The range that is being chosen, if any."""
        if self._anchor is None or self._painter is None:
            return None
        first, last = sorted((self._anchor, self._place.row))
        place = self._place
        start = instant_at(self._painter, place._replace(row=first))
        return start, instant_at(self._painter, place._replace(row=last)) + ROW * MINUTE

    def show(self, week: WeekData, cursor: int | None = None) -> None:
        """Show `week`; the cursor goes to the instant `cursor`, else stays at its day and time.

        The first time, it goes to now, or to the start of the first working day.
        """
        self._week = week
        self._axis = Axis(week.first_day, week.days, week.zone)
        self._entries = sort_entries(week, self._axis)
        self._anchor = None
        if cursor is None and self._fresh and 0 <= self._axis.day_of(week.now) < week.days:
            cursor = week.now
        self._wanted = cursor
        self._build()
        self.refresh_bindings()

    def move_to(self, instant: int) -> None:
        """Put the cursor on the half hour that holds `instant`, as near as the week allows."""
        if self._painter is not None:
            self._go(self._place_of(instant))
        else:
            self._wanted = instant

    def _place_of(self, instant: int) -> Place:
        assert self._axis is not None  # noqa: S101
        day = min(self._axis.days - 1, max(0, self._axis.day_of(instant)))
        return Place(day, self._axis.row_of(day, instant))

    def show_now(self) -> None:
        """Put the cursor on the present half hour, if it lies in the week."""
        if self._axis and self._week and 0 <= self._axis.day_of(self._week.now) < self._axis.days:
            self.move_to(self._week.now)

    def home(self) -> None:
        """Scroll so that working hours and the cursor are in sight, as at the first time.

        For when the hours, or the room for them, are known only after the first time.
        """
        if (painter := self._painter) is None:
            return
        room = max(1, self.size.height - height(painter))
        work = painter.working_rows()
        top = max(0, work.start - max(0, room - len(work)) // 3)
        if self._place.row >= 0:
            top = max(min(top, self._place.row), self._place.row - room + 1)
        self._scroll(top)

    def set_now(self, now: int) -> None:
        """Move the line that says what time it is, and repaint nothing else."""
        painter = self._painter
        if painter is None or self._week is None:
            return
        rows = {(painter.today, painter.now_row)}
        painter.set_now(now)
        self._week = painter.week
        rows.add((painter.today, painter.now_row))
        for day, row in rows:
            if day in painter.days:
                self._repaint(day, row)
                self.refresh(Region(0, self._line(painter, row), painter.axis_width, 1))
        if len({day for day, _ in rows}) > 1:
            self.refresh()

    # Drawing

    def on_resize(self) -> None:
        """Another width, another layout."""
        self._build()

    def notify_style_update(self) -> None:
        """Other colours: paint all again."""
        super().notify_style_update()
        if self._painter is not None and self._painter.plain != self.plain:
            self._build()
        self.refresh()

    def _build(self) -> None:
        """Lay the week out for the present width, and bring the cursor in sight."""
        if self._week is None or self._axis is None or self._entries is None:
            return
        if not self.size.width:
            return
        if self._wanted is not None:
            self._place = self._place_of(self._wanted)
        painter = Painter(
            self._week,
            self._axis,
            self._entries,
            self.size.width,
            focus_day=self._place.day,
            plain=self.plain,
        )
        if self._fresh and self._wanted is None:
            self._place = Place(0, painter.working_rows().start)
        self._place = settle(painter, self._place)
        self._painter = painter
        self.virtual_size = Size(0, height(painter) + self._axis.rows)
        if self._fresh:
            room = max(1, self.size.height - height(painter))
            work = painter.working_rows()
            self._scroll(max(0, work.start - max(0, room - len(work)) // 3))
        self._fresh = False
        self._wanted = None
        self._reveal()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor looks different."""
        self._repaint(self._place.day, self._place.row)

    def on_blur(self) -> None:
        """The cursor looks different."""
        self._repaint(self._place.day, self._place.row)

    def render_line(self, y: int) -> Strip:
        """One line of what is seen; those above the hours do not scroll."""
        painter = self._painter
        width = self.size.width
        if painter is None:
            return Strip.blank(width, self.visual_style.rich_style)
        place = self._place
        found = picked(painter, place)
        cursor = Cursor(place.day, place.row, found, self.has_focus, self._anchor)
        head = height(painter)
        top = self.scroll_offset.y
        row = y - head + top
        if y < head:
            runs = head_runs(painter, y, cursor)
            if y == 1 and (above := painter.above(top)):
                runs = self._count(runs, f"{ABOVE}{above}")
        elif row < painter.axis.rows:
            runs = painter.row_runs(row, cursor)
            if y == self.size.height - 1 and (below := painter.below(row + 1)):
                runs = self._count(runs, f"{BELOW}{below}")
        else:
            runs = []
        return self.strip(runs)

    def _count(self, runs: list[Run], text: str) -> list[Run]:
        """The same line with a count of what is out of sight, where the hours stand."""
        if self._painter is None or self._painter.axis_width != AXIS:
            return runs
        return [(fit(text, AXIS), Look("ground", "muted")), *runs[1:]]

    # The cursor

    def _line(self, painter: Painter, row: int) -> int:
        """The line of the widget on which a row is drawn."""
        return height(painter) + row - (0 if row < 0 else self.scroll_offset.y)

    def _repaint(self, day: int, row: int) -> None:
        painter = self._painter
        if painter is None or day not in painter.days:
            return
        y = self._line(painter, row)
        if row < 0:
            self.refresh(Region(0, y, self.size.width, 1))
        elif height(painter) <= y < self.size.height:
            self.refresh(Region(painter.lefts[day], y, painter.widths[day], 1))

    def _go(self, place: Place | None) -> None:
        """Put the cursor there, repaint what changed, keep it in sight, and tell."""
        if self._painter is None or place is None or place == self._place:
            return
        before, self._place = self._place, place
        if place.day not in self._painter.days:
            self._build()
        elif self._anchor is not None:
            for row in range(min(place.row, before.row), max(place.row, before.row) + 1):
                self._repaint(place.day, row)
        else:
            self._repaint(before.day, before.row)
            self._repaint(place.day, place.row)
        self._reveal()
        self.post_message(self.CursorMoved(self, self.cursor, self.under_cursor))

    def _reveal(self) -> None:
        """Scroll by a few rows when the cursor is out of sight."""
        if self._painter is None or self._place.row < 0:
            return
        room = max(1, self.size.height - height(self._painter))
        top = self.scroll_offset.y
        if self._place.row < top:
            self._scroll(min(self._place.row, max(0, top - HOP)))
        elif self._place.row >= top + room:
            self._scroll(max(self._place.row - room + 1, top + HOP))

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, force=True)

    def on_click(self, event: Click) -> None:
        """A click moves the cursor; on the cursor, or a double click, it opens."""
        painter = self._painter
        if painter is None:
            return
        day = next((d for d in painter.days if event.x < painter.lefts[d] + painter.widths[d]), -1)
        row = event.y - height(painter)
        row += self.scroll_offset.y if row >= 0 else 0
        if day < 0 or event.x < painter.lefts[day] or row < -painter.entries.strip.rows:
            return
        place = settle(painter, Place(day, row))
        cell = event.x - painter.lefts[day] - 1
        for pick, block in enumerate(painter.at(day, row) if row >= 0 else ()):
            if block.left <= cell < block.left + block.width:
                place = place._replace(pick=pick)
        again = place == self._place
        self._go(place)
        if again or event.chain > 1:
            self.on_open_here()

    def jump_targets(self) -> list[tuple[Region, str]]:
        """The visible events: where they begin on the screen, and names for `jump_to`."""
        painter = self._painter
        if painter is None:
            return []
        x, y, _width, bottom = self.content_region
        head = height(painter)
        targets: list[tuple[Region, str]] = []
        for day in painter.days:
            for place in entry_places(painter, day):
                line = self._line(painter, place.row)
                if place.row >= 0 and not head <= line < bottom:
                    continue
                left = painter.lefts[day] + 1
                if place.row >= 0:
                    left += painter.at(day, place.row)[place.pick].left
                targets.append((Region(x + left, y + line, 1, 1), " ".join(map(str, place))))
        return targets

    def jump_to(self, id: str) -> None:
        """Take the focus to the event of that name."""
        self.focus()
        self._go(Place(*map(int, id.split())))

    # Commands

    def applies(self, command: type[Command]) -> bool | None:
        """Nothing can be done before there is a week; a range is dropped only while chosen."""
        return self._week is not None and (command is not DropRange or self._anchor is not None)

    def on_half_hour_later(self) -> None:
        """Down."""
        self._step(1)

    def on_half_hour_earlier(self) -> None:
        """Up."""
        self._step(-1)

    def on_hours_later(self) -> None:
        """Down by hours."""
        self._step(FOUR_HOURS)

    def on_hours_earlier(self) -> None:
        """Up by hours; not into the all-day strip."""
        self._step(-min(FOUR_HOURS, max(0, self._place.row)))

    def _step(self, rows: int) -> None:
        if self._painter is not None:
            place = down(self._painter, self._place, rows)
            if self._anchor is None or place.row >= 0:
                self._go(place)

    def on_day_later(self) -> None:
        """Right."""
        self._turn(1)

    def on_day_earlier(self) -> None:
        """Left."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self._painter is None or self._anchor is not None:
            return
        if place := beside(self._painter, self._place, step):
            self._go(place)
        else:
            zone = self._painter.axis.zone
            instant = zone.instant(zone.wall(self.cursor) + step * DAY)
            self.post_message(self.Turned(self, instant, ()))

    def on_next_event(self) -> None:
        """To the next event."""
        self._jump(1)

    def on_previous_event(self) -> None:
        """To the event before."""
        self._jump(-1)

    def _jump(self, step: int) -> None:
        if self._painter is not None and self._anchor is None:
            self._go(jump(self._painter, self._place, step))

    def on_day_start(self) -> None:
        """To the start of working hours."""
        if self._painter is not None:
            self._go(self._place._replace(row=self._painter.working_rows().start, pick=0))

    def on_day_end(self) -> None:
        """To the last half hour of working hours."""
        if self._painter is not None:
            self._go(self._place._replace(row=self._painter.working_rows().stop - 1, pick=0))

    def on_open_here(self) -> None:
        """Open, or take the range."""
        if span := self.selection:
            self.on_drop_range()
            self.post_message(self.RangeChosen(self, *span))
        elif self._week is not None:
            self.post_message(self.Opened(self, self.cursor, self.under_cursor))

    def on_start_range(self) -> None:
        """Start a range here."""
        if self._place.row >= 0:
            self._anchor = self._place.row
            self._repaint(self._place.day, self._place.row)
            self.refresh_bindings()

    def on_drop_range(self) -> None:
        """Forget the range."""
        if self._anchor is not None:
            for row in range(
                min(self._anchor, self._place.row), max(self._anchor, self._place.row) + 1
            ):
                self._repaint(self._place.day, row)
            self._anchor = None
            self.refresh_bindings()
