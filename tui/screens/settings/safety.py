"""Settings → Safety: where everything lies, who can open it, and whether all is well."""

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content

from scheduling.connections import Kind
from tui import marks
from tui.paths import short
from tui.screens.settings.pane import Pane, gap, told
from tui.screens.settings.view import View
from tui.widgets.rows import Row, Rows
from words import _

if TYPE_CHECKING:
    from desk.doctor import Check

CHECK = "check"
LABELS = 14


class SafetyPane(Pane):
    """Places on this computer, and a look at everything that may be wrong."""

    COLUMNS = (LABELS, 0)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._found: list[Check] = []

    def fill(self, view: View) -> None:
        """Where things lie, and what the last look found."""
        width = self.room(LABELS)
        check = Content.styled(_("Check"), "bold $accent")
        self.say(_("Everything that koble keeps lies on this computer."))
        self.rows.show(
            [
                *told("home", _("State"), short(view.home), width=width),
                *told("crash", _("Crash reports"), short(view.home / "crash"), width=width),
                *told("secrets", _("Secrets"), secrets_text(view), width=width),
                gap(),
                Row(CHECK, (check, _("everything that may be wrong"))),
                *self._check_rows(width),
            ]
        )

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.work(self._check(), group="check")

    async def _check(self) -> None:
        from desk.doctor import examine  # what it needs to look at everything is not needed before

        self.koble.progress(_("Checking…"))
        try:
            checks = await examine(self.desk)
        finally:
            self.koble.progress("")
        self._found = checks
        if self.view is not None:
            self.fill(self.view)

    def _check_rows(self, width: int) -> list[Row]:
        rows = [gap()] if self._found else []
        for number, check in enumerate(self._found):
            mark, style = (marks.DONE, "$success") if check.ok else (marks.WRONG, "$error")
            lines = told(f"check-{number}", check.name, str(check.text), width=width - 2)
            rows.append(_marked(lines[0], mark, style))
            rows += [_marked(line, " ", "") for line in lines[1:]]
            if check.hint:
                hint = told(f"hint-{number}", "", str(check.hint), width=width - 2, style="$muted")
                rows += [_marked(line, " ", "") for line in hint]
        return rows


def _marked(row: Row, mark: str, style: str) -> Row:
    label, text = row.cells
    return Row(row.id, (label, Content.assemble((f"{mark} ", style), text)))


def secrets_text(view: View) -> str:
    """Where secrets lie."""
    kinds = {each.connection.kind for each in view.overview.connections}
    if kinds <= {Kind.LOCAL, Kind.SUBSCRIPTION}:
        return _("None are kept, and none is needed.")
    return _("In an encrypted file beside the state, never in it.")
