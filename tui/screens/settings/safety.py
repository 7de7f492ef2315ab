"""Settings → Safety: where everything lies, who can open it, and whether all is well."""

from textual import on
from textual.content import Content

from scheduling.connections import Kind
from tui import marks
from tui.paths import short
from tui.screens.settings.pane import FACT, Pane, fact, gap
from tui.screens.settings.view import View
from tui.widgets.rows import Row, Rows
from words import _

CHECK = "check"


class SafetyPane(Pane):
    """Places on this computer, and a look at everything that may be wrong."""

    COLUMNS = (20, 0)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._found: list[Row] = []

    def fill(self, view: View) -> None:
        """Where things lie, and what the last look found."""
        self.say(_("Everything that koble keeps lies on this computer."))
        self.rows.show(
            [
                fact("home", _("State"), short(view.home)),
                fact("crash", _("Crash reports"), short(view.home / "crash")),
                fact("secrets", _("Secrets"), secrets_text(view)),
                gap(),
                Row(CHECK, (Content.styled(_("Check everything"), "bold $accent"), "")),
                *self._found,
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
        self._found = [gap()]
        for number, check in enumerate(checks):
            mark = (marks.DONE, "$success") if check.ok else (marks.WRONG, "$error")
            text = Content.assemble((f"{mark[0]} ", mark[1]), str(check.text))
            self._found.append(Row(f"{FACT}check-{number}", (check.name, text)))
            if check.hint:
                hint = Content.styled(f"  {check.hint}", "$muted")
                self._found.append(Row(f"{FACT}hint-{number}", ("", hint)))
        if self.view is not None:
            self.fill(self.view)


def secrets_text(view: View) -> str:
    """Where secrets lie."""
    kinds = {each.connection.kind for each in view.overview.connections}
    if kinds <= {Kind.LOCAL}:
        return _("none are kept: nothing that is connected needs one")
    return _("in an encrypted file beside the state, never in it")
