"""Settings → About: which version this is, and what it can connect already."""

import platform
from importlib.metadata import PackageNotFoundError, version

from textual.content import Content

from desk.connections import BUILT
from tui import marks
from tui.keymap import FILE
from tui.paths import short
from tui.screens.connect.kinds import NAMES
from tui.screens.settings.pane import FACT, Pane, fact, heading
from tui.screens.settings.view import View
from tui.widgets.rows import Row
from words import _


class AboutPane(Pane):
    """Versions, paths, and what is built."""

    COLUMNS = (20, 0)

    def fill(self, view: View) -> None:
        """Facts only."""
        self.say("")
        rows = [
            fact("version", "koble", installed()),
            fact("python", "Python", platform.python_version()),
            fact("textual", "Textual", version("textual")),
            fact("state", _("State"), short(view.home)),
            fact("keys", _("Keys"), short((self.koble.home or view.home) / FILE)),
            *heading(_("What can be connected")),
        ]
        for kind, name in NAMES.items():
            built = kind in BUILT
            text = (
                Content.assemble((f"{marks.DONE} ", "$success"), _("built"))
                if built
                else Content.styled(f"{marks.NONE} {_('not built yet')}", "$muted")
            )
            rows.append(Row(f"{FACT}{kind.value}", (str(name), text)))
        self.rows.show(rows)


def installed() -> str:
    """The version of koble that is installed."""
    try:
        return version("koble")
    except PackageNotFoundError:
        return _("not installed: run from its sources")
