"""The week as a list by days: for narrow terminals, and for reading aloud."""

from datetime import date
from itertools import groupby

from textual.message import Message

from scheduling.events import Blocking
from tui import marks
from tui.week.axis import Axis
from tui.week.data import Entry, Kind, WeekData
from tui.week.layout import is_long
from tui.week.runs import compact, safe
from tui.widgets.rows import Row, Rows
from words import _, dates

TIME_WIDTH, CHANGE_WIDTH = 11, 17
"""Cells of the time column: `09:00–09:30`, and `02:30+02–02:30+01` where clocks change."""


class Agenda(Rows):
    """The entries of a week, each in a row under its day."""

    class Opened(Message):
        """An entry was chosen; `instant` is its start in UTC seconds."""

        def __init__(self, agenda: "Agenda", instant: int, entries: tuple[Entry, ...]) -> None:
            super().__init__()
            self.agenda = agenda
            self.instant = instant
            self.entries = entries

        @property
        def control(self) -> "Agenda":
            """The list."""
            return self.agenda

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(columns=(TIME_WIDTH, 0, 0), id=id, classes=classes)
        self._entries: dict[str, Entry] = {}

    @property
    def under_cursor(self) -> tuple[Entry, ...]:
        """What Enter opens."""
        row = self.current
        return (self._entries[row.id],) if row is not None else ()

    def show_week(self, week: WeekData) -> None:
        """List `week`; the cursor stays on its entry if that is still there."""
        rows, self._entries = agenda_rows(week)
        axis = Axis(week.first_day, week.days, week.zone)
        changes = any(axis.changes(day) for day in range(week.days))
        self._columns = (CHANGE_WIDTH if changes else TIME_WIDTH, 0, 0)
        self.show(rows, empty=_("Nothing lies in this week."))

    def on_choose(self) -> None:
        """Open the entry under the cursor."""
        if entries := self.under_cursor:
            self.post_message(self.Opened(self, entries[0].start, entries))


def agenda_rows(week: WeekData) -> tuple[list[Row], dict[str, Entry]]:
    """The rows of a week, headings with the days included, and the entry of each other row.

    What lasts longer than a day stands once, under the first day that is shown of it.
    """
    axis = Axis(week.first_day, week.days, week.zone)
    found: list[tuple[int, bool, int, Entry]] = []
    for entry in week.entries:
        last = axis.day_of(max(entry.start, entry.end - 1))
        day = max(0, axis.day_of(entry.start))
        if last >= 0 and day < week.days:
            found.append((day, not is_long(entry), entry.start, entry))
    found.sort(key=lambda each: (*each[:3], each[3].end, each[3].title))
    rows: list[Row] = []
    entries: dict[str, Entry] = {}
    today = axis.day_of(week.now)
    for day, group in groupby(found, key=lambda each: each[0]):
        heading = dates.day_heading(axis.date(day))
        if day == today:
            heading = _("{day}, today", day=heading)
        rows.append(Row(f"day {day}", (heading,), heading=True))
        for _day_index, _timed, _start, entry in group:
            id = f"{entry.start} {entry.end} {entry.title}"
            while id in entries:
                id += "+"
            entries[id] = entry
            title = safe(entry.title) or _("busy")
            rows.append(
                Row(
                    id,
                    (_time(entry, axis), title, _about(entry, axis)),
                    dim=entry.blocking is Blocking.NO,
                )
            )
    return rows, entries


def _time(entry: Entry, axis: Axis) -> str:
    if is_long(entry):
        return _("all day")
    return "–".join(compact(axis.zone.clock(each)) for each in (entry.start, entry.end))


def _about(entry: Entry, axis: Axis) -> str:
    """What the grid says by marks and patterns, in words."""
    words: list[str] = []
    if entry.kind is Kind.REQUEST:
        words.append(_("request"))
    elif entry.kind is Kind.ABSENCE:
        words.append(_("away"))
    elif entry.blocking is Blocking.SOFT:
        words.append(_("tentative"))
    elif entry.blocking is Blocking.NO:
        words.append(_("free"))
    if entry.booked and entry.kind is not Kind.REQUEST:
        words.append(f"{marks.FRESH} koble")
    last = axis.zone.day(max(entry.start, entry.end - 1))
    if is_long(entry) and last > axis.zone.day(entry.start):
        until = date.fromordinal(last + date(1970, 1, 1).toordinal())
        name = dates.weekday_short(until.weekday())
        words.append(_("until {weekday} {day}", weekday=name, day=until.day))
    words += [safe(line) for line in entry.lines if line]
    return f" {marks.DOT} ".join(words)
