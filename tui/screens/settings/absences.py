"""Settings → Meetings → Absences: spans of time away, over working hours and overrides."""

from datetime import date, timedelta
from typing import ClassVar

import msgspec
from textual import on

from scheduling.errors import KobleError
from scheduling.pages import Absence, Schedule
from scheduling.text import clean
from scheduling.zones import parse_date, parse_local
from tui.commands import Command
from tui.commands.settings import AddEntry, RemoveEntry
from tui.screens.settings.dialogs import FormScreen
from tui.screens.settings.pane import Pane
from tui.screens.settings.view import View
from tui.widgets.form import FormField
from tui.widgets.rows import Row, Rows
from words import _, dates


class AbsencesPane(Pane):
    """Holidays and other spans in which nothing is offered."""

    COLUMNS = (34, 0)
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (AddEntry, RemoveEntry)

    def fill(self, view: View) -> None:
        """A row for each, the earliest first."""
        self.say(_("Nothing is offered while you are away."))
        today = dates.local(view.overview.now, view.profile.zone).date()
        found = sorted(enumerate(view.schedule.absences), key=lambda pair: pair[1].start)
        rows = [
            Row(
                str(number),
                (absence_text(each, today), each.title),
                dim=each.end[:10] < today.isoformat(),
            )
            for number, each in found
        ]
        self.rows.show(
            rows, empty=_("You are not away. {key} adds an absence.", key=self.key_of(AddEntry))
        )
        self.refresh_bindings()

    @property
    def absence(self) -> Absence | None:
        """The absence under the cursor."""
        row = self.rows.current
        known = self.view.schedule.absences if self.view else ()
        return known[int(row.id)] if row and int(row.id) < len(known) else None

    def applies(self, command: type[Command]) -> bool | None:
        """There must be one to remove."""
        return self.absence is not None if command is RemoveEntry else True

    @on(Rows.Chosen)
    def _change(self, event: Rows.Chosen) -> None:
        event.stop()
        if here := self.absence:
            self._form(here)

    def on_add_entry(self) -> None:
        """Write a new one."""
        self._form(None)

    def _form(self, old: Absence | None) -> None:
        fields = [
            FormField(
                "start",
                _("From"),
                value=moment_field(old.start) if old else "",
                placeholder=_("YYYY-MM-DD"),
                hint=_("A date, or a date and a time: 2027-07-05 12:00."),
                required=True,
            ),
            FormField(
                "end",
                _("Until"),
                value=moment_field(old.end, end=True) if old else "",
                placeholder=_("YYYY-MM-DD"),
                hint=_("A date counts to its end."),
                required=True,
            ),
            FormField("title", _("Why"), value=old.title if old else ""),
        ]

        async def store(values: dict[str, str]) -> None:
            new = Absence(
                read_moment(values["start"], "start"),
                read_moment(values["end"], "end", end=True),
                clean(values["title"], limit=200),
                old.zone if old else "",
            )
            schedule = await self.desk.settings.schedule()
            absences = (*(each for each in schedule.absences if each != old), new)
            try:
                await self.desk.settings.save_schedule(with_absences(schedule, absences))
            except KobleError as error:
                # Both moments were looked at above: what is left is their order.
                raise KobleError(error.kind, error.message, error.hint, field="end") from error

        self.app.push_screen(FormScreen(_("Absence"), fields, store))

    def on_remove_entry(self) -> None:
        """Be there after all."""
        if here := self.absence:
            self.work(self._remove(here), group="save")

    async def _remove(self, here: Absence) -> None:
        settings = self.desk.settings
        schedule = await settings.schedule()
        left = tuple(each for each in schedule.absences if each != here)
        await settings.save_schedule(with_absences(schedule, left))

        async def back() -> None:
            now = await settings.schedule()
            await settings.save_schedule(with_absences(now, (*now.absences, here)))

        self.koble.offer_undo(_("The absence was removed."), back)


def with_absences(schedule: Schedule, absences: tuple[Absence, ...]) -> Schedule:
    """The schedule with these absences, by start."""
    in_order = tuple(sorted(absences, key=lambda each: each.start))
    return msgspec.structs.replace(schedule, absences=in_order)


def read_moment(text: str, field: str, *, end: bool = False) -> str:
    """The local date-time that somebody wrote; a date alone means its start, or all of it.

    Raises:
        KobleError: invalid, naming `field`.
    """
    day, _space, time = text.strip().replace("T", " ").partition(" ")
    parse_date(day, field=field)
    if not time:
        first = date.fromisoformat(day) + timedelta(days=1 if end else 0)
        return f"{first.isoformat()}T00:00"
    moment = f"{day}T{time.strip()}"
    parse_local(moment, field=field)
    return moment


def moment_field(moment: str, *, end: bool = False) -> str:
    """A local date-time as it stands in a field: a date where that means the same."""
    day, _t, time = moment.partition("T")
    if time != "00:00":
        return f"{day} {time}"
    return (date.fromisoformat(day) - timedelta(days=1 if end else 0)).isoformat()


def absence_text(absence: Absence, today: date) -> str:
    """From when until when, as people read it."""
    start, end = (moment_field(absence.start), moment_field(absence.end, end=True))
    if start == end:
        return dates.day_short(date.fromisoformat(start), today)
    return f"{_shown(start, today)} – {_shown(end, today)}"


def _shown(moment: str, today: date) -> str:
    day, _space, time = moment.partition(" ")
    return f"{dates.day_short(date.fromisoformat(day), today)} {time}".rstrip()
