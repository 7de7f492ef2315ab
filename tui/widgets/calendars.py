"""The list of calendars beside the week."""

from textual import on

from tui.commands.meetings import ToggleCalendar
from tui.screens.base import Base
from tui.widgets.rows import Rows
from words import Phrase


class CalendarRows(Base, Rows):
    """Rows of calendars; Space or Enter shows or hides the one under the cursor."""

    COMMANDS = (ToggleCalendar,)
    HEADING = Phrase("Calendars")

    def on_toggle_calendar(self) -> None:
        """Show or hide the one under the cursor."""
        if row := self.current:
            self.work(self._toggle(row.id), group="calendar")

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.on_toggle_calendar()

    async def _toggle(self, id: str) -> None:
        if desk := self.koble.desk:
            for each in await desk.calendars.all():
                if each.id == id:
                    await desk.calendars.change(id, shown=not each.shown)
