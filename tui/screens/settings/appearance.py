"""Settings → General → Appearance: colours, marks, the mouse, what others may see."""

import msgspec
from textual import on

from tui import themes
from tui.screens.settings.dialogs import ChoiceScreen, Option
from tui.screens.settings.pane import Pane, on_off, setting
from tui.screens.settings.view import View
from tui.widgets.rows import Rows
from words import Phrase, _

NOTES = {
    themes.DARK: Phrase("calm, on a dark ground"),
    themes.LIGHT: Phrase("calm, on a light ground"),
    themes.CONTRAST: Phrase("strong, for tired or weak eyes"),
    themes.TERMINAL: Phrase("what your terminal is set to"),
}


class AppearancePane(Pane):
    """The looks; each is kept at once."""

    def fill(self, view: View) -> None:
        """A row for each."""
        wishes = view.preferences
        self.say("")
        self.rows.show(
            [
                setting("theme", _("Colours"), str(themes.NAMES.get(wishes.theme, wishes.theme))),
                setting("ascii", _("ASCII marks"), on_off(wishes.ascii)),
            ]
        )

    @on(Rows.Chosen)
    def _change(self, event: Rows.Chosen) -> None:
        event.stop()
        if self.view is None:
            return
        id = event.row.id
        if id == "theme":
            self._theme()
        else:
            self.work(self._save(id, not getattr(self.view.preferences, id)), group="save")

    def _theme(self) -> None:
        """Look at each while choosing."""
        before = self.app.theme

        def preview(name: str) -> None:
            self.app.theme = name

        def answered(name: str | None) -> None:
            if name is None:
                self.app.theme = before
            else:
                self.app.theme = themes.preferred(name)
                self.work(self._save("theme", name), group="save")

        options = [
            Option(name, str(title), str(NOTES[name])) for name, title in themes.NAMES.items()
        ]
        screen = ChoiceScreen(_("Colours"), options, before, preview=preview)
        self.app.push_screen(screen, answered)

    async def _save(self, name: str, value: str | bool) -> None:
        settings = self.desk.settings
        wishes = await settings.preferences()
        await settings.save_preferences(msgspec.structs.replace(wishes, **{name: value}))
