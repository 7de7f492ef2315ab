"""Settings → Meetings → Overrides: dates with other hours than their weekday."""

from datetime import date
from typing import ClassVar

import msgspec
from textual import on
from textual.content import Content

from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import Override, Schedule
from scheduling.zones import parse_date
from tui.commands import Command
from tui.commands.settings import AddEntry, RemoveEntry
from tui.screens.settings.dialogs import FormScreen
from tui.screens.settings.pane import Pane
from tui.screens.settings.ranges import day_off, ranges_text, read_ranges
from tui.screens.settings.view import View
from tui.widgets.form import FormField
from tui.widgets.rows import Row, Rows
from words import Phrase, _, dates


class OverridesPane(Pane):
    """Dates on which other hours hold; none at all: a day off."""

    COLUMNS = (20, 0)
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (AddEntry, RemoveEntry)

    def fill(self, view: View) -> None:
        """A row for each date, the earliest first."""
        self.say(_("On these dates other hours hold than those of the week."))
        today = dates.local(view.overview.now, view.profile.zone).date()
        overrides = sorted(view.schedule.overrides, key=lambda each: each.date)
        rows = [
            Row(
                each.date,
                (
                    dates.day_short(date.fromisoformat(each.date), today),
                    ranges_text(each.ranges) or Content.styled(day_off(), "$muted"),
                ),
                dim=each.date < today.isoformat(),
            )
            for each in overrides
        ]
        self.rows.show(
            rows,
            empty=_("No date has hours of its own. {key} adds one.", key=self.key_of(AddEntry)),
        )
        self.refresh_bindings()

    @property
    def override(self) -> Override | None:
        """The override under the cursor."""
        row = self.rows.current
        known = self.view.schedule.overrides if self.view else ()
        return next((each for each in known if row and each.date == row.id), None)

    def applies(self, command: type[Command]) -> bool | None:
        """There must be one to remove."""
        return self.override is not None if command is RemoveEntry else True

    @on(Rows.Chosen)
    def _change(self, event: Rows.Chosen) -> None:
        event.stop()
        if here := self.override:
            self._form(here)

    def on_add_entry(self) -> None:
        """Write a new one."""
        self._form(None)

    def _form(self, old: Override | None) -> None:
        fields = [
            FormField(
                "date",
                _("Date"),
                value=old.date if old else "",
                placeholder=_("YYYY-MM-DD"),
                required=True,
            ),
            FormField(
                "hours",
                _("Hours"),
                value=ranges_text(old.ranges) if old else "",
                placeholder=day_off(),
                hint=_("For example 09:00–12:00, 13:00–16:00"),
            ),
        ]

        async def store(values: dict[str, str]) -> None:
            parse_date(values["date"], field="date")
            new = Override(values["date"], read_ranges(values["hours"], "hours"))
            settings = self.desk.settings
            schedule = await settings.schedule()
            others = tuple(
                each for each in schedule.overrides if old is None or each.date != old.date
            )
            if any(each.date == new.date for each in others):
                raise KobleError(
                    ErrorKind.CONFLICT,
                    Phrase("{date} has other hours already.", date=new.date),
                    field="date",
                )
            try:
                await settings.save_schedule(with_overrides(schedule, (*others, new)))
            except KobleError as error:
                # The date was looked at above: what is left is about the hours.
                raise KobleError(error.kind, error.message, error.hint, field="hours") from error

        title = _("Other hours on a date")
        self.app.push_screen(FormScreen(title, fields, store))

    def on_remove_entry(self) -> None:
        """Let the hours of the week hold again."""
        if here := self.override:
            self.work(self._remove(here), group="save")

    async def _remove(self, here: Override) -> None:
        settings = self.desk.settings
        schedule = await settings.schedule()
        left = tuple(each for each in schedule.overrides if each.date != here.date)
        await settings.save_schedule(with_overrides(schedule, left))

        async def back() -> None:
            now = await settings.schedule()
            await settings.save_schedule(with_overrides(now, (*now.overrides, here)))

        text = dates.day_short(date.fromisoformat(here.date))
        self.koble.offer_undo(_("{day} has the hours of its weekday again.", day=text), back)


def with_overrides(schedule: Schedule, overrides: tuple[Override, ...]) -> Schedule:
    """The schedule with these overrides, by date."""
    in_order = tuple(sorted(overrides, key=lambda each: each.date))
    return msgspec.structs.replace(schedule, overrides=in_order)
