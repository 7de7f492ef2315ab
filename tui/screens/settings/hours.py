"""Settings → Meetings → Working hours: several ranges a day, a week long."""

from typing import ClassVar

import msgspec
from textual import on
from textual.content import Content

from scheduling.pages import WEEKDAYS, Weekday
from tui.commands import Command
from tui.commands.settings import SameOnWeekdays
from tui.screens.settings.dialogs import ChoiceScreen, FormScreen, Option
from tui.screens.settings.pane import Pane, gap, setting
from tui.screens.settings.ranges import by_day, day_off, ranges_text, read_ranges, week_of
from tui.screens.settings.view import View
from tui.widgets.form import FormField
from tui.widgets.rows import Row, Rows
from words import _, dates

WEEK_START = "week-start"


class HoursPane(Pane):
    """The hours in which pages offer times, unless a page has its own."""

    COLUMNS = (14, 0)
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (SameOnWeekdays,)

    def fill(self, view: View) -> None:
        """A row for each day of the week."""
        self.say(
            _(
                "For pages without hours of their own, in {zone}.",
                zone=view.profile.zone,
            )
        )
        days = by_day(view.schedule.hours)
        rows = [
            Row(
                day,
                (
                    dates.weekday(number),
                    ranges_text(days[day]) or Content.styled(day_off(), "$muted"),
                ),
            )
            for number, day in enumerate(WEEKDAYS)
        ]
        start = dates.weekday(WEEKDAYS.index(view.schedule.week_start))
        self.rows.show([*rows, gap(), setting(WEEK_START, _("Week starts"), start)])
        self.refresh_bindings()

    @property
    def day(self) -> Weekday | None:
        """The weekday under the cursor."""
        row = self.rows.current
        return next((day for day in WEEKDAYS if row and row.id == day), None)

    def applies(self, command: type[Command]) -> bool | None:
        """Hours are copied from a day."""
        return self.day is not None if command is SameOnWeekdays else True

    def on_rows_moved(self) -> None:
        """Another row, other commands."""
        self.refresh_bindings()

    @on(Rows.Chosen)
    def _change(self, event: Rows.Chosen) -> None:
        event.stop()
        if self.view is None:
            return
        if event.row.id == WEEK_START:
            options = [Option(day, dates.weekday(n)) for n, day in enumerate(WEEKDAYS)]
            screen = ChoiceScreen(_("Week starts"), options, self.view.schedule.week_start)
            self.app.push_screen(screen, self._start_week)
        elif day := self.day:
            field = FormField(
                "hours",
                _("Hours"),
                value=ranges_text(by_day(self.view.schedule.hours)[day]),
                placeholder=day_off(),
                hint=_("For example 09:00–12:00, 13:00–16:00"),
            )

            async def store(values: dict[str, str]) -> None:
                schedule = await self.desk.settings.schedule()
                days = by_day(schedule.hours) | {day: read_ranges(values["hours"], "hours")}
                await self.desk.settings.save_schedule(
                    msgspec.structs.replace(schedule, hours=week_of(days))
                )

            title = dates.weekday(WEEKDAYS.index(day))
            self.app.push_screen(FormScreen(title, [field], store))

    def _start_week(self, day: str | None) -> None:
        if day is not None:
            self.work(self._save_start(day), group="save")

    async def _save_start(self, day: str) -> None:
        settings = self.desk.settings
        schedule = await settings.schedule()
        await settings.save_schedule(msgspec.structs.replace(schedule, week_start=day))

    def on_same_on_weekdays(self) -> None:
        """Monday to Friday as the day under the cursor."""
        if day := self.day:
            self.work(self._copy(day), group="save")

    async def _copy(self, day: Weekday) -> None:
        settings = self.desk.settings
        before = await settings.schedule()
        days = by_day(before.hours)
        same = days | {each: days[day] for each in WEEKDAYS[:5]}
        if same == days:
            return
        await settings.save_schedule(msgspec.structs.replace(before, hours=week_of(same)))

        async def back() -> None:
            now = await settings.schedule()
            await settings.save_schedule(msgspec.structs.replace(now, hours=before.hours))

        name = dates.weekday(WEEKDAYS.index(day))
        self.koble.offer_undo(_("Monday to Friday are now as {day}.", day=name), back)
