"""The meetings dashboard: the week, and beside it calendars, what comes next, requests, pages."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.widgets import Static

from scheduling.bookings import Booking
from scheduling.pages import Page, Schedule
from scheduling.zones import DAY, EPOCH, zone
from tui import panes
from tui.commands import Command
from tui.commands.bookings import PutBack, TakeOver
from tui.commands.connect import ConnectYourCalendar
from tui.commands.general import Search
from tui.commands.meetings import (
    AgendaView,
    BookMeeting,
    DayView,
    EarlierWeek,
    LaterWeek,
    LeavePane,
    ReadCalendars,
    SecondZone,
    Show,
    ShowCalendars,
    ShowPages,
    ShowRequests,
    Today,
    WeekView,
)
from tui.commands.pages import NewPage
from tui.health import banner
from tui.outside import VERBS, Outside
from tui.screens.base import WIDTHS, KobleScreen
from tui.week.agenda import Agenda
from tui.week.data import Entry, WeekData
from tui.week.grid import WeekGrid
from tui.week.month import MiniMonth, first_of_page
from tui.weeks import DAYS, Week, busy_days, first_day, next_meeting, span_of, today, week_of
from tui.widgets.beside import Beside
from tui.widgets.calendars import CalendarRows
from tui.widgets.rows import Rows
from tui.widgets.week_list import WeekList
from words import _

if TYPE_CHECKING:
    from desk.calendars import Agenda as Agenda_
    from desk.calendars import Entry as Found
    from desk.connections import Overview
    from desk.desk import Desk

SOON = 8 * DAY
"""How far ahead the next meeting is looked for."""
MONTH = 42
"""Days in the six lines of a small month."""
PANES = {"calendars": "left", "requests": "right", "pages": "right"}
"""The pane that each list stands in."""


class MeetingsScreen(Outside, KobleScreen):
    """The week as it lies in the calendars, with what koble booked and what waits."""

    PLACE = "meetings"
    TABLES = frozenset({"events", "bookings", "calendars", "connections", "pages", "settings"})
    CSS_PATH = "meetings.tcss"
    # Both panes beside the week need 118 columns, or the week would be cut to a day.
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = sorted([*WIDTHS, (118, "-roomy")])  # type: ignore[misc]
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        LeavePane,
        ConnectYourCalendar,
        BookMeeting,
        NewPage,
        EarlierWeek,
        LaterWeek,
        Today,
        Search,
        ShowCalendars,
        ShowRequests,
        ShowPages,
        DayView,
        WeekView,
        AgendaView,
        SecondZone,
        ReadCalendars,
        TakeOver,
        PutBack,
    )

    def __init__(self) -> None:
        super().__init__()
        self.first = date.min
        self.day: date | None = None
        """The one day that is shown; None: the whole week."""
        self.second_zone = ""
        self.weeks: dict[date, Week] = {}
        self.schedule = Schedule(zone="UTC")
        self.overview: Overview | None = None
        self.pages: list[Page] = []
        self.soon: Agenda_ | None = None
        self.busy: frozenset[date] = frozenset()
        self.offers: tuple[int, ...] = ()
        self.fresh = True
        """Whether nothing was read since it was composed."""
        self.target: int | None = None
        """Where the cursor is to go once the week is read."""

    def body(self) -> ComposeResult:
        """The panes, the week between them, and what comes next below it."""
        here = today(self.koble.clock.now(), self.koble.zone)
        self.first, self.day = first_day(here, self.schedule.week_start), None
        yield Static(id="banner", markup=False)
        yield Static(id="outside", markup=False)
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield MiniMonth(id="month")
                yield Static(_("Calendars"), markup=False, classes="heading")
                yield CalendarRows(columns=(0, -10), empty=_("None is connected."), id="calendars")
            yield WeekGrid(id="week")
            yield WeekList(id="list")
            yield Beside(id="right")
        yield Static(id="next-line", markup=False)

    def begin(self) -> None:
        """The week is the screen: it has the focus, and is there before anything is read."""
        self.week_list.display = False
        self.fresh = True
        if self.weeks:  # a desk that opens at once is read before this
            self.show_week()
        else:
            self.grid.show(WeekData(first_day=self.first, zone=self.koble.zone, now=self.now))
        self.grid.focus()

    @property
    def grid(self) -> WeekGrid:
        """The week."""
        return self.query_one(WeekGrid)

    @property
    def week_list(self) -> WeekList:
        """The week as a list."""
        return self.query_one(WeekList)

    @property
    def listed(self) -> bool:
        """Whether the week is shown as a list."""
        return self.week_list.display

    @property
    def now(self) -> int:
        """UTC seconds."""
        return self.koble.clock.now()

    # Reading

    async def load(self) -> None:
        """Read the shown week first, then what stands beside it, then the weeks around."""
        desk = self.koble.desk
        if desk is None:
            return
        schedule = await desk.settings.schedule()
        if schedule.week_start != self.schedule.week_start:
            self.first = first_day(self.first, schedule.week_start)
        self.schedule = schedule
        self.overview = await desk.connections.overview()
        weeks: dict[date, Week] = {}
        while (first := self.first) not in weeks:  # another one may be turned to meanwhile
            weeks[first] = await self._read(desk, first)
        self.weeks = weeks
        self.show_week()
        self.soon = await desk.calendars.agenda(self.now, self.now + SOON)
        requests = await desk.bookings.requests()
        await self.read_outside(desk)
        self.pages = await desk.pages.all()
        self.show_beside(requests)
        if self.fresh:
            self.fresh = False
            self.call_after_refresh(self.grid.home)  # hours and room are known only now
        empty = _("No pages yet. {key} makes one.", key=self.key_of(NewPage))
        await self.query_one(Beside).read_pages(desk, self.pages, self.overview.mode, empty)
        await self._read_around(desk)

    async def _read(self, desk: "Desk", first: date) -> Week:
        agenda = await desk.calendars.agenda(*span_of(first, DAYS, self.schedule.zone))
        return week_of(agenda, first, self.schedule, self.now)

    async def _read_around(self, desk: "Desk") -> None:
        """The weeks on either side, so that turning is instant; and the days of the month."""
        for step in (DAYS, -DAYS):
            near = self.first + timedelta(days=step)
            if near not in self.weeks:
                self.weeks[near] = await self._read(desk, near)
        reach = timedelta(days=DAYS)
        self.weeks = {at: w for at, w in self.weeks.items() if abs(at - self.first) <= reach}
        start = first_of_page(self.first)
        month = await desk.calendars.agenda(*span_of(start, MONTH, self.schedule.zone))
        self.busy = busy_days(month)
        self._show_month()

    # Showing

    def show_week(self, cursor: int | None = None) -> None:
        """Show the week (or day) that is chosen, if it was read; the cursor stays or goes there."""
        week = self.weeks.get(self.first)
        if week is None:
            self.target = cursor
            return
        cursor, self.target = cursor or self.target, None
        data = msgspec.structs.replace(
            week.data, now=self.now, second_zone=self.second_zone, offers=self.offers
        )
        if self.day is not None:
            data = msgspec.structs.replace(data, first_day=self.day, days=1)
        shown = self.grid.week
        if cursor is None and shown and msgspec.structs.replace(shown, now=self.now) == data:
            self.grid.set_now(self.now)  # a read that brought nothing new repaints nothing
        else:
            self.grid.show(data, cursor)
        if self.listed:
            self.week_list.show_week(data)
        self._show_month()

    def _show_month(self) -> None:
        self.query_one(MiniMonth).show(self.first, today(self.now, self.schedule.zone), self.busy)

    def show_beside(self, requests: list[Booking]) -> None:
        """Show what stands beside and around the week."""
        assert self.overview is not None  # noqa: S101 - read before
        name, now = self.schedule.zone, self.now
        text = banner(self.overview, name)
        if not self.overview.accounts:
            text = f" {text}  {self.key_of(ConnectYourCalendar)} {ConnectYourCalendar.title}"
        self.query_one("#banner", Static).update(text)
        self.query_one("#banner").display = bool(text)
        self.query_one("#calendars", Rows).show(panes.calendar_rows(self.overview))
        self.query_one(Beside).show_requests(requests, name, now)
        self._show_next()
        self.refresh_bindings()

    def _show_next(self) -> None:
        found = next_meeting(self.soon, self.now) if self.soon else None
        name, now = self.schedule.zone, self.now
        key = self.key_of(BookMeeting)
        nothing = _("Nothing in the coming week. {key} books a meeting.", key=key)
        self.query_one(Beside).show_next(found, name, now, nothing)
        self.query_one("#next-line", Static).update(panes.next_line(found, name, now, nothing))

    def minute(self) -> None:
        """The line of the present, and what comes next."""
        self.grid.set_now(self.now)
        self._show_next()
        self._show_month()

    # Moving in time

    def turn(self, to: date, cursor: int | None = None) -> None:
        """Show the week that holds `to`; the cursor goes to the instant, or keeps its time."""
        self.first = first_day(to, self.schedule.week_start)
        if self.day is not None:
            self.day = to
        self.offers = ()
        self.show_week(cursor)
        self.work(self._turned(), group="turn")

    async def _turned(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        first = self.first
        if first not in self.weeks:
            self.weeks[first] = await self._read(desk, first)
            self.show_week()
        await self._read_around(desk)

    def go_to(self, instant: int) -> None:
        """Put the cursor on an instant, in whatever week it is."""
        self.turn(today(instant, self.schedule.zone), instant)

    def on_earlier_week(self) -> None:
        """A week back."""
        self.turn((self.day or self.first) - timedelta(days=DAYS))

    def on_later_week(self) -> None:
        """A week on."""
        self.turn((self.day or self.first) + timedelta(days=DAYS))

    def on_today(self) -> None:
        """To the present."""
        self.go_to(self.now)

    @on(WeekGrid.Turned)
    def _turn_over(self, event: WeekGrid.Turned) -> None:
        self.go_to(event.instant)

    @on(MiniMonth.Chosen)
    def _to_day(self, event: MiniMonth.Chosen) -> None:
        where = zone(self.schedule.zone)
        time = where.wall(self.grid.cursor) % DAY
        self.turn(event.day, where.instant((event.day - EPOCH).days * DAY + time))

    # Views

    def on_day_view(self) -> None:
        """The day under the cursor."""
        self.day = today(self.grid.cursor, self.schedule.zone)
        self.show_week(self.grid.cursor)

    def on_week_view(self) -> None:
        """All seven days."""
        cursor, self.day = self.grid.cursor, None
        self.show_week(cursor)
        self._list(False)

    def on_agenda_view(self) -> None:
        """The list, or the week again."""
        self._list(not self.listed)

    def _list(self, listed: bool) -> None:
        self.week_list.display = listed
        self.grid.display = not listed
        self._to_week()
        if listed and (week := self.grid.week) is not None:
            self.week_list.show_week(week)
            self.week_list.go_to(today(self.grid.cursor, week.zone), week)

    def on_second_zone(self) -> None:
        """Choose another zone, or do without."""
        if self.second_zone:
            self.set_second_zone("")
        else:
            from tui.screens.zone import ZoneScreen  # knows all zones there are

            self.app.push_screen(ZoneScreen(), self.set_second_zone)

    def set_second_zone(self, name: str | None) -> None:
        """Show the hours of a zone beside those of the profile; empty: none, None: as before."""
        if name is not None:
            self.second_zone = "" if name == self.schedule.zone else name
            self.show_week()

    # Panes

    def on_show_calendars(self) -> None:
        """To the calendars."""
        self._to_pane("calendars")

    def on_show_requests(self) -> None:
        """To the requests."""
        self._to_pane("requests")

    def on_show_pages(self) -> None:
        """To the pages."""
        self._to_pane("pages")

    def _to_pane(self, name: str) -> None:
        for pane in ("left", "right"):
            self.query_one(f"#{pane}").set_class(pane == PANES[name], "-open")
        self.query_one(f"#{name}").focus()

    def on_leave_pane(self) -> None:
        """Back to the week."""
        self._to_week()

    def _to_week(self) -> None:
        (self.week_list.agenda if self.listed else self.grid).focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Close drawers that are left; while the pages have the focus, the week shows offers."""
        if event.widget in (self.grid, self.week_list.agenda):
            for pane in ("left", "right"):
                self.query_one(f"#{pane}").remove_class("-open")
        if event.widget.id == "pages":
            self._mark_offers()
        elif self.offers:
            self.offers = ()
            self.show_week()
        self.refresh_bindings()

    @on(Rows.Moved, "#pages")
    def _mark_offers(self) -> None:
        row = self.query_one("#pages", Rows).current
        if row is not None and self.query_one("#pages").has_focus:
            self.work(self._read_offers(row.id), group="offers")

    async def _read_offers(self, page: str) -> None:
        if desk := self.koble.desk:
            free = await desk.offers.free(page, *span_of(self.first, DAYS, self.schedule.zone))
            self.offers = tuple(offer.start for offer in free.offers)
            self.show_week()

    def on_read_calendars(self) -> None:
        """Read them now."""
        self.work(self._read_calendars(), group="read")

    async def _read_calendars(self) -> None:
        if desk := self.koble.desk:
            self.koble.progress(_("reading calendars"))
            try:
                reports = await desk.sync.now()
            finally:
                self.koble.progress("")
            for report in reports:
                if report.error is not None:
                    self.koble.complain(report.error)

    # Opening

    @on(WeekGrid.Opened)
    @on(Agenda.Opened)
    def _open(self, event: WeekGrid.Opened | Agenda.Opened) -> None:
        week = self.weeks.get(self.first)
        if not event.entries:
            self._book("", event.instant)
        elif len(event.entries) == 1:
            self._open_entry(event.entries[0])
        elif week is not None:
            from tui.screens.pick import PickScreen  # seldom opened

            self.app.push_screen(PickScreen(event.entries, week.data.zone), self._open_entry)

    def _open_entry(self, entry: Entry | None) -> None:
        week = self.weeks.get(self.first)
        if entry is None or week is None:
            return
        if found := week.found(entry):
            self.open_meeting(found)
        else:
            self.koble.notice(entry.title)

    def open_meeting(self, found: "Found") -> None:
        """Show one meeting or event; where it was moved, the cursor follows."""
        from tui.screens.meeting import MeetingScreen  # knows the desk, as the next one does

        self.app.push_screen(MeetingScreen(found), self._follow)

    @on(Rows.Chosen, "#requests")
    def _open_request(self, event: Rows.Chosen) -> None:
        self.post_message(Show("requests", event.row.id))

    @on(Rows.Chosen, "#pages")
    def _open_page(self, event: Rows.Chosen) -> None:
        self.post_message(Show("pages", event.row.id))

    @on(WeekGrid.RangeChosen)
    def _book_range(self, event: WeekGrid.RangeChosen) -> None:
        self._book("", event.start, (event.end - event.start) // 60)

    def on_book_meeting(self) -> None:
        """Book: on the page under the cursor of the list of pages, else choose one."""
        pages = self.query_one("#pages", Rows)
        row = pages.current if pages.has_focus else None
        self._book(row.id if row else "", None if row else max(self.now, self.grid.cursor))

    def _book(self, page: str, start: int | None, minutes: int | None = None) -> None:
        from tui.screens.book import BookScreen

        if self.koble.desk is not None:
            self.app.push_screen(BookScreen(page, start, minutes=minutes), self._follow)

    def _follow(self, booking: Booking | None) -> None:
        if booking is not None:
            self.go_to(booking.start)

    def on_new_page(self) -> None:
        """Make a page, on the screen of the pages."""
        self.post_message(Show("pages", NewPage.id))

    def on_connect_your_calendar(self) -> None:
        """Connect a calendar."""
        from tui.screens.connect import ConnectScreen  # a dialog of many steps, seldom opened

        self.app.push_screen(ConnectScreen())

    def find(self, what: str) -> None:
        """Go to what a search found: `booking:…`, `calendar:…`, `zone:…`, or `at:` an instant."""
        kind, _colon, id = what.partition(":")
        if kind == "booking":
            self.work(self._to_booking(id), group="find")
        elif kind == "calendar":
            self._to_pane("calendars")
            self.query_one("#calendars", Rows).select(id)
        elif kind == "zone":
            self.set_second_zone(id)
        else:
            self.go_to(int(id))

    async def _to_booking(self, id: str) -> None:
        if desk := self.koble.desk:
            self.go_to((await desk.bookings.get(id)).start)

    def applies(self, command: type[Command]) -> bool | None:
        """Connecting applies where nothing is connected; leaving a pane, in one."""
        if command is ConnectYourCalendar:
            return self.overview is not None and not self.overview.accounts
        if command in VERBS:
            return bool(self.marked)
        if command is LeavePane:
            return self.focused not in (None, *self.query(WeekGrid), *self.query(Agenda))
        return True
