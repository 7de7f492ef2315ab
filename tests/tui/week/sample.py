"""Weeks to draw, and an app with nothing but the widget under test."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from scheduling.bookings import Booking, BookingState, Guest
from scheduling.events import Blocking, Event, Occurrence, Span
from tui.plain import Plain
from tui.themes import DARK, THEMES
from tui.week.axis import Axis
from tui.week.data import Entry, WeekData, of_absence, of_occurrence, of_request
from tui.week.head import head_runs, height
from tui.week.layout import sort_entries
from tui.week.paint import Cursor, Painter
from tui.week.runs import plain_text

OSLO = "Europe/Oslo"
MONDAY = date(2027, 3, 1)
WORK, PRIVATE, OTHER = "#4285f4", "#33b679", "#d50000"


def at(text: str, zone: str = OSLO) -> int:
    """The instant of a local `YYYY-MM-DD HH:MM`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def event(
    start: str,
    end: str,
    title: str,
    *,
    blocking: Blocking = Blocking.HARD,
    booked: bool = False,
    colour: str = WORK,
    location: str = "",
    all_day: bool = False,
    zone: str = OSLO,
) -> Entry:
    span = at(start, zone), at(end, zone)
    made = Event(
        id=title, calendar="c", resource=title, title=title, spans=(span,), all_day=all_day,
        location=location,
    )  # fmt: skip
    return of_occurrence(Occurrence(*span, made), blocking, booked=booked, colour=colour)


def hours(first: date, days: int = 7, zone: str = OSLO) -> tuple[Span, ...]:
    """Nine to four on weekdays."""
    every = [first + timedelta(n) for n in range(days)]
    return tuple(
        (at(f"{day} 09:00", zone), at(f"{day} 16:00", zone)) for day in every if day.weekday() < 5
    )


def busy_week(**changes: object) -> WeekData:
    """Overlaps, quarters of hours, an all-day bar, tentative and free time, a request."""
    request = Booking(
        id="r1", page="intro", title="Intro call", start=at("2027-03-05 13:00"),
        end=at("2027-03-05 14:00"), guest=Guest("Alan Turing", "alan@example.com"),
        state=BookingState.REQUESTED, made_at=0,
    )  # fmt: skip
    entries = [
        event("2027-03-04 00:00", "2027-03-07 00:00", "Winter holiday", all_day=True,
              blocking=Blocking.NO, colour=OTHER),
        *(event(f"2027-03-0{day} 09:00", f"2027-03-0{day} 09:30", "Standup")
          for day in (1, 2, 4, 5)),
        event("2027-03-01 10:00", "2027-03-01 11:30", "Planning with the whole team",
              location="Room 4"),
        event("2027-03-01 10:30", "2027-03-01 12:00", "Dentist", colour=PRIVATE),
        event("2027-03-01 13:00", "2027-03-01 13:45", "Review"),
        event("2027-03-01 13:45", "2027-03-01 15:00", "Retrospective", colour=OTHER),
        event("2027-03-02 09:30", "2027-03-02 11:00", "Design"),
        event("2027-03-02 12:15", "2027-03-02 13:15", "Lunch", blocking=Blocking.NO,
              colour=PRIVATE),
        event("2027-03-03 08:30", "2027-03-03 15:30", "Focus", blocking=Blocking.NO),
        event("2027-03-03 09:00", "2027-03-03 09:15", "Call"),
        event("2027-03-03 11:00", "2027-03-03 12:30", "Maybe workshop",
              blocking=Blocking.SOFT, location="Upstairs"),
        event("2027-03-04 11:00", "2027-03-04 12:00", "Maybe", blocking=Blocking.SOFT),
        event("2027-03-04 14:30", "2027-03-04 15:30", "Intro call", booked=True,
              location="Grace Hopper"),
        event("2027-03-05 10:15", "2027-03-05 11:15", "会議 with 👩‍🚀 team", colour=PRIVATE),
        event("2027-03-06 22:00", "2027-03-07 02:00", "Concert", colour=PRIVATE),
        of_request(request),
        of_absence((at("2027-03-07 00:00"), at("2027-03-08 00:00")), "Away"),
    ]  # fmt: skip
    values: dict[str, object] = {
        "first_day": MONDAY,
        "zone": OSLO,
        "now": at("2027-03-04 14:03"),
        "entries": entries,
        "hours": hours(MONDAY),
    }
    return WeekData(**(values | changes))  # type: ignore[arg-type]


def painter(week: WeekData, width: int, *, plain: bool = False, focus_day: int = 0) -> Painter:
    axis = Axis(week.first_day, week.days, week.zone)
    return Painter(week, axis, sort_entries(week, axis), width, plain=plain, focus_day=focus_day)


def dump(painter: Painter, rows: Iterable[int], cursor: Cursor | None = None) -> str:
    """The lines above the hours and these rows, as text."""
    head = [head_runs(painter, y, cursor) for y in range(height(painter))]
    body = [painter.row_runs(row, cursor) for row in rows]
    return "\n".join(plain_text(runs).rstrip() for runs in head + body)


class Host(App[None]):
    """An app in which one widget fills the screen and its messages are kept."""

    CSS = "Screen { layers: base; }"

    def __init__(self, widget: Widget, *, theme: str = DARK, ascii: bool = False) -> None:
        self._plain = Plain(ascii=ascii)
        super().__init__()
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme
        self.widget = widget
        self.told: list[Message] = []

    def get_line_filters(self) -> list[object]:
        return [*super().get_line_filters(), self._plain]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"}

    def compose(self) -> ComposeResult:
        yield self.widget


def utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M")
