"""Choosing a time zone by a few letters."""

from zoneinfo import available_timezones

from textual.app import ComposeResult
from textual.widgets import Input

from tui.commands.dialogs import NextFound, PreviousFound
from tui.commands.general import Cancel
from tui.commands.meetings import TakeZone
from tui.screens.base import Modal
from tui.widgets.form import TextField
from tui.widgets.rows import Row, Rows
from words import Phrase, _, dates


def zones_like(letters: str, limit: int = 200) -> list[str]:
    """The IANA names that hold `letters`, those whose city begins with them first."""
    wanted = letters.strip().replace(" ", "_").casefold()
    found = [
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/")) and wanted in name.casefold()
    ]

    def worth(name: str) -> tuple[bool, str]:
        return not name.rpartition("/")[2].casefold().startswith(wanted), name

    return sorted(found, key=worth)[:limit]


class ZoneScreen(Modal[str]):
    """A text field and the zones that fit; returns the name of the chosen one."""

    CSS_PATH = "dialogs.tcss"
    HEADING = Phrase("Second time zone")
    COMMANDS = (Cancel, TakeZone, NextFound, PreviousFound)

    def body(self) -> ComposeResult:
        """The field, and the list under it."""
        yield TextField(placeholder=_("a city, such as Tokyo"), id="filter")
        yield Rows(self.found(""), columns=(0, -7), empty=_("No zone is called that."), id="found")

    def found(self, letters: str) -> list[Row]:
        """The zones that fit, each with its offset now."""
        now = self.koble.clock.now()
        return [Row(name, (name, dates.offset_text(now, name))) for name in zones_like(letters)]

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(TextField).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        rows = self.query_one(Rows)
        rows.show(self.found(event.value))
        rows.cursor = 0

    def on_next_found(self) -> None:
        """One down in the list; the field keeps the focus."""
        self.query_one(Rows).cursor += 1

    def on_previous_found(self) -> None:
        """One up in the list."""
        self.query_one(Rows).cursor -= 1

    def on_take_zone(self) -> None:
        """Return the zone under the cursor."""
        if row := self.query_one(Rows).current:
            self.dismiss(row.id)
