"""Settings → General → Keys: every command with its keys, and where to set others."""

from itertools import groupby

from textual import on
from textual.content import Content

from tui.clipboard import copy
from tui.commands import Command, every, key_names, key_text
from tui.commands.lists import Choose
from tui.commands.settings import ChangeSetting, CopyKeyLine
from tui.keymap import FILE
from tui.paths import short
from tui.screens.settings.pane import Pane, SettingRows, heading
from tui.screens.settings.view import View
from tui.widgets.rows import Row, Rows
from words import Phrase, _

PLACES = {
    "general": Phrase("Everywhere"),
    "lists": Phrase("In lists"),
    "dialogs": Phrase("In search and in the list of commands"),
    "forms": Phrase("In forms"),
    "meetings": Phrase("Meetings"),
    "week": Phrase("In the week"),
    "bookings": Phrase("Meetings and requests"),
    "offers": Phrase("In times to choose from"),
    "pages": Phrase("Pages"),
    "requests": Phrase("Requests"),
    "contacts": Phrase("Contacts"),
    "settings": Phrase("Settings"),
    "connect": Phrase("Connecting a calendar"),
}
"""Where commands apply, by the module that they lie in."""


class KeyRows(SettingRows):
    """Commands; Enter copies the line that sets the keys of the one under the cursor."""

    COMMANDS = (CopyKeyLine,)

    def applies(self, command: type[Command]) -> bool | None:
        """Nothing is changed here."""
        if command in (ChangeSetting, Choose):
            return False
        return bool(self.rows)

    def on_copy_key_line(self) -> None:
        """Tell that the row was chosen."""
        self.on_choose()


class KeysPane(Pane):
    """All commands, by the place where they apply."""

    COLUMNS = (24, 12, 0)

    def make_rows(self) -> SettingRows:
        """The list of commands."""
        return KeyRows(columns=self.COLUMNS)

    def fill(self, view: View) -> None:
        """Every command there is; those of the user's key map are marked."""
        path = (self.koble.home or view.home) / FILE
        self.say(_("Set your own in {path}, one line each.", path=short(path)))
        rows: list[Row] = []
        for place, commands in groupby(every(), key=lambda command: command.place()):
            title = str(PLACES[place]) if place in PLACES else place
            rows += heading(title, first=not rows)
            rows += [self._row(command) for command in commands]
        self.rows.show(rows)

    def _row(self, command: type[Command]) -> Row:
        mine = self.koble.user_keys.get(command.id)
        names = key_names(mine if mine is not None else command.keys)
        keys = Content.styled("  ".join(key_text(name) for name in names), "bold $accent")
        id = Content.styled(command.id, "$muted" if mine is None else "bold")
        return Row(command.id, (str(command.title), keys, id))

    @on(Rows.Chosen)
    def _copy(self, event: Rows.Chosen) -> None:
        event.stop()
        for command in every():
            if command.id == event.row.id:
                keys = self.koble.user_keys.get(command.id, command.keys)
                copy(self.koble, f'{command.id} = "{keys}"')
