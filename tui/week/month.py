"""A small month: the week that is shown, today, and the days on which there are meetings."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui import marks
from words import dates

WIDTH, HEIGHT = 23, 8
DAY_WIDTH = 3
HEAD = 2


def month_lines(
    first_day: date, today: date, busy: Collection[date]
) -> list[list[tuple[str, str]]]:
    """The month to which most of the week from `first_day` belongs, as runs of text and style.

    The styles are names of the component classes of `MiniMonth`, without `month--`. The shown
    week is marked at its left, today stands in brackets, and days in `busy` are bold.
    """
    middle = first_day + timedelta(3)
    shift = first_day.weekday()
    title = f" {dates.month(middle.month)} {middle.year}"
    names = [dates.weekday_letters((shift + n) % 7) for n in range(7)]
    lines = [[(title, "title")], [("".join(f" {name:2}"[:DAY_WIDTH] for name in names), "muted")]]
    day = first_of_page(first_day)
    while day.month == middle.month or day < middle:
        shown = day == first_day
        runs = []
        for n in range(7):
            each = day + timedelta(n)
            text = f"{each.day:3}" if each.month == middle.month else "   "
            if n == 0 and shown:
                text = marks.CURSOR + text[1:]
            if each - timedelta(1) == today and n:
                runs.append(("]", "today"))
                text = text[1:]
            style = "busy" if each in busy else "muted"
            if each == today and text.strip():
                text = text.replace(f" {each.day}", f"[{each.day}")
                style = "today"
            runs.append((text, style))
        runs.append(("] " if day + timedelta(6) == today else "  ", "today"))
        lines.append(runs)
        day += timedelta(7)
    return lines


def first_of_page(first_day: date) -> date:
    """The first day of the first line of the month that is drawn for a week."""
    first = (first_day + timedelta(3)).replace(day=1)
    return first - timedelta((first - first_day).days % 7)


class MiniMonth(Widget):
    """The month around the shown week; a click on a day chooses it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "month--title",
        "month--muted",
        "month--busy",
        "month--today",
        "month--week",
    }
    DEFAULT_CSS = f"""
    MiniMonth {{
        width: {WIDTH}; height: {HEIGHT};
        & > .month--title {{ text-style: bold; }}
        & > .month--muted {{ color: $muted; }}
        & > .month--busy {{ text-style: bold; }}
        & > .month--today {{ color: $accent; text-style: bold; }}
        & > .month--week {{ background: $foreground 12%; }}
        &:ansi > .month--week {{ background: ansi_default; }}
    }}
    """

    class Chosen(Message):
        """A day was clicked."""

        def __init__(self, month: "MiniMonth", day: date) -> None:
            super().__init__()
            self.month = month
            self.day = day

        @property
        def control(self) -> "MiniMonth":
            """The month."""
            return self.month

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._first_day: date | None = None
        self._lines: list[list[tuple[str, str]]] = []

    def show(self, first_day: date, today: date, busy: Collection[date] = ()) -> None:
        """Show the month of the week from `first_day`, with meetings on the days in `busy`."""
        lines = month_lines(first_day, today, busy)
        if lines != self._lines:
            self._first_day, self._lines = first_day, lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the month."""
        base = self.visual_style.rich_style
        if y >= len(self._lines) or self._first_day is None:
            return Strip.blank(self.size.width, base)
        line = y - HEAD
        shown = line >= 0 and first_of_page(self._first_day) + timedelta(7 * line)
        if shown == self._first_day:
            base += Style(bgcolor=self.get_component_rich_style("month--week").bgcolor)
        segments = [
            Segment(text, base + self.get_component_rich_style(f"month--{style}", partial=True))
            for text, style in self._lines[y]
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.visual_style.rich_style)

    def on_click(self, event: Click) -> None:
        """Choose the day under the mouse."""
        line, column = event.y - HEAD, event.x // DAY_WIDTH
        if self._first_day is None or not 0 <= column < 7:
            return
        if 0 <= line < len(self._lines) - HEAD:
            day = first_of_page(self._first_day) + timedelta(7 * line + column)
            self.post_message(self.Chosen(self, day))
