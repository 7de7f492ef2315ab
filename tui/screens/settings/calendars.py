"""The calendars of a connection, and what each is used for: a list for tabs and for a dialog."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scheduling.connections import Calendar
from tui import marks
from tui.commands import Applying, Command, own
from tui.commands.general import Close
from tui.commands.settings import BookHere, ToggleConflicts, ToggleShown
from tui.screens.base import Modal
from tui.screens.settings.dialogs import FormScreen
from tui.screens.settings.pane import Pane, SettingRows, columns, heading
from tui.screens.settings.view import View
from tui.widgets.choice import ChoiceField
from tui.widgets.lines import Verbs
from tui.widgets.rows import Row, Rows
from words import Phrase, _

CALENDAR = "calendar:"
NAMES = 23
"""Cells for the names of calendars, and for what counts as busy."""
COLUMN = 12


class CalendarSettingRows(SettingRows):
    """Settings, some of which are calendars: keys change what the one under the cursor is for."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (BookHere, ToggleConflicts, ToggleShown)
    calendars: dict[str, Calendar]

    def __init__(self, *, widths: Sequence[int] = (0,), empty: str = "") -> None:
        super().__init__(columns=widths, empty=empty)
        self.calendars = {}

    def hold(self, calendars: Iterable[Calendar]) -> None:
        """Know the calendars whose rows are shown."""
        self.calendars = {f"{CALENDAR}{each.id}": each for each in calendars}
        self.refresh_bindings()

    @property
    def calendar(self) -> Calendar | None:
        """The calendar under the cursor."""
        row = self.current
        return self.calendars.get(row.id) if row else None

    def applies(self, command: type[Command]) -> bool | None:
        """Three commands are for calendars only."""
        if command is BookHere:
            here = self.calendar
            return here is not None and here.writable and not here.destination
        if command in (ToggleConflicts, ToggleShown):
            return self.calendar is not None
        return super().applies(command)

    def on_book_here(self) -> None:
        """New meetings go here."""
        if here := self.calendar:
            self.work(self._use(here, destination=True), group="calendar")

    def on_toggle_conflicts(self) -> None:
        """Its events keep times away, or do not."""
        if here := self.calendar:
            self.work(self._use(here, conflicts=not here.conflicts), group="calendar")

    def on_toggle_shown(self) -> None:
        """It is in the week, or not."""
        if here := self.calendar:
            self.work(self._use(here, shown=not here.shown), group="calendar")

    async def _use(
        self,
        calendar: Calendar,
        *,
        conflicts: bool | None = None,
        shown: bool | None = None,
        destination: bool = False,
    ) -> None:
        await self.desk.calendars.change(
            calendar.id, conflicts=conflicts, shown=shown, destination=destination
        )
        if (conflicts or shown) and not (calendar.conflicts or calendar.shown):
            # It was not read as long as nobody asked for it.
            await self.desk.sync.now(only={calendar.id})

    @on(Rows.Chosen)
    def _open(self, event: Rows.Chosen) -> None:
        calendar = self.calendars.get(event.row.id)
        if calendar is None:
            return
        event.stop()
        fields = [
            ChoiceField(
                "destination",
                _("New meetings"),
                [("yes", _("are booked into it"))]
                if calendar.destination
                else [("no", _("are not booked into it")), ("yes", _("are booked into it"))],
                value="yes" if calendar.destination else "no",
            ),
            ChoiceField(
                "conflicts",
                _("Its events"),
                [("yes", _("keep times away")), ("no", _("keep nothing away"))],
                value="yes" if calendar.conflicts else "no",
            ),
            ChoiceField(
                "shown",
                _("In the week"),
                [("yes", _("shown")), ("no", _("hidden"))],
                value="yes" if calendar.shown else "no",
            ),
        ]

        async def store(values: dict[str, str]) -> None:
            await self._use(
                calendar,
                conflicts=values["conflicts"] == "yes",
                shown=values["shown"] == "yes",
                destination=values["destination"] == "yes",
            )

        self.app.push_screen(FormScreen(calendar.name, fields, store))


def calendar_heading() -> Content:
    """The words above the three columns."""
    return columns(_("Calendars"), NAMES, _("Books into"), _("Conflicts"), _("Shown"), each=COLUMN)


def calendar_rows(calendars: Iterable[Calendar]) -> list[Row]:
    """A row for each calendar: its name, and three marks."""
    return [
        Row(
            f"{CALENDAR}{each.id}",
            (
                columns(
                    each.name,
                    NAMES,
                    _destination(each),
                    _switch(each.conflicts),
                    _switch(each.shown),
                    each=COLUMN,
                ),
            ),
        )
        for each in calendars
    ]


def _destination(calendar: Calendar) -> Content:
    if calendar.destination:
        return Content.styled(marks.FRESH, "$accent")
    if not calendar.writable:
        return Content.styled(_("read only"), "$muted")
    return Content.styled(marks.NONE, "$faint")


def _switch(value: bool) -> Content:
    return Content.styled(marks.ON if value else marks.OFF, "$accent" if value else "$faint")


def books_text(destination: Calendar | None) -> str:
    """Where new meetings go."""
    if destination is None:
        return _("No calendar takes new meetings: they are requested, and not added.")
    return _("New meetings are booked into {name}.", name=destination.name)


class CalendarsPane(Pane):
    """Settings → Meetings → Calendars: what each calendar is used for."""

    COLUMNS = (0,)

    def make_rows(self) -> SettingRows:
        """The list of calendars."""
        return CalendarSettingRows(
            empty=_("No calendar is connected. Connect one in General, under Calendar.")
        )

    def fill(self, view: View) -> None:
        """The calendars of all connections."""
        calendars = [each for one in view.overview.connections for each in one.calendars]
        self.say(books_text(view.overview.destination) if calendars else "")
        rows = self.query_one(CalendarSettingRows)
        rows.hold(calendars)
        top = heading(calendar_heading(), first=True)
        rows.show([*top, *calendar_rows(calendars)] if calendars else [])


class CalendarVerbs(Verbs):
    """Buttons for the calendar under the cursor, and for leaving."""

    def entries(self) -> list[Applying]:
        """What the list can do now, then the dialog."""
        listed = [each for rows in self.screen.query(CalendarSettingRows) for each in own(rows)]
        return [e for e in listed if e.command.footer is not None] + super().entries()


class CalendarSettingsScreen(Modal[None]):
    """The same as a dialog, for screens that show the calendars."""

    CSS_PATH = "settings.tcss"
    HEADING = Phrase("Calendar settings")
    COMMANDS = (Close,)

    def verbs(self) -> Verbs:
        """The buttons: those of the calendar under the cursor too."""
        return CalendarVerbs()

    def body(self) -> ComposeResult:
        """Where new meetings go, and the list."""
        yield Static("", markup=False, id="books")
        yield CalendarSettingRows(empty=_("No calendar is connected. Connect one in the settings."))

    def on_mount(self) -> None:
        """Read the calendars, and follow their changes."""
        desk = self.koble.desk
        if desk is not None:
            self._leave = desk.bus.listen(self._changed)
            self.work(self._load(), group="load")

    def on_unmount(self) -> None:
        """Nobody is listening any more."""
        if self.koble.desk is not None:
            self._leave()

    def _changed(self, tables: frozenset[str]) -> None:
        if tables & {"calendars", "connections"}:
            self.work(self._load(), group="load")

    async def _load(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        overview = await desk.connections.overview()
        calendars = [each for one in overview.connections for each in one.calendars]
        self.query_one("#books", Static).update(books_text(overview.destination))
        rows = self.query_one(CalendarSettingRows)
        rows.hold(calendars)
        top = heading(calendar_heading(), first=True)
        rows.show([*top, *calendar_rows(calendars)] if calendars else [])
        rows.styles.height = max(1, len(rows.rows))
