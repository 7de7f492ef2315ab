"""Settings → General → E-mail integration: the inboxes, and which of them are shared."""

from typing import ClassVar

from textual import on
from textual.content import Content

from scheduling.connections import Inbox
from tui import marks
from tui.commands import Command
from tui.commands.settings import AddEntry, RemoveEntry
from tui.screens.settings.dialogs import FormScreen
from tui.screens.settings.pane import FACT, Pane, heading
from tui.screens.settings.view import View
from tui.widgets.form import FormField
from tui.widgets.rows import Row, Rows
from words import _


class EmailPane(Pane):
    """Personal inboxes, and the shared ones of the conversations tool."""

    COLUMNS = (30, 0)
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (AddEntry, RemoveEntry)

    def fill(self, view: View) -> None:
        """Personal inboxes first."""
        personal = [box for box in view.inboxes if not box.shared]
        shared = [box for box in view.inboxes if box.shared]
        rows = heading(_("Personal inboxes"), first=True)
        rows += [_personal(box) for box in personal] or [_none(_("None."), "personal")]
        rows += heading(_("Shared inboxes of the conversations tool"))
        rows += [_shared(box) for box in shared] or [_none(_("None is noted."), "shared")]
        self.say(
            _(
                "Connecting a calendar connects the inbox of its address as well. The calendar of a"
                " shared inbox cannot be connected."
            )
        )
        self.rows.show(rows)
        self.refresh_bindings()

    @property
    def inbox(self) -> Inbox | None:
        """The inbox under the cursor."""
        row = self.rows.current
        boxes = self.view.inboxes if self.view else ()
        return next((box for box in boxes if row and box.id == row.id), None)

    def applies(self, command: type[Command]) -> bool | None:
        """Only what no calendar holds can be removed."""
        if command is RemoveEntry:
            box = self.inbox
            return box is not None and not box.connection
        return True

    def on_rows_moved(self) -> None:
        """Another inbox, other commands."""
        self.refresh_bindings()

    @on(Rows.Chosen)
    def _switch(self, event: Rows.Chosen) -> None:
        event.stop()
        if box := self.inbox:
            self.work(self._set(box, connected=not box.connected), group="inbox")

    async def _set(self, box: Inbox, *, connected: bool) -> None:
        await self.desk.connections.set_inbox(box.id, connected=connected)
        if connected:
            self.koble.notice(_("Connected the inbox {address}.", address=box.address))
        elif box.connection:
            text = _(
                "Disconnected the inbox {address}. Its calendar stays connected.",
                address=box.address,
            )
            self.koble.notice(text)
        else:
            self.koble.notice(_("Disconnected the inbox {address}.", address=box.address))

    def on_add_entry(self) -> None:
        """Note a shared inbox."""
        field = FormField(
            "address",
            _("E-mail address"),
            placeholder="team@example.com",
            hint=_("Its calendar cannot be connected as long as it is noted here."),
        )

        async def store(values: dict[str, str]) -> None:
            await self.desk.connections.add_shared_inbox(values["address"])

        self.app.push_screen(FormScreen(_("Shared inbox"), [field], store))

    def on_remove_entry(self) -> None:
        """Forget the inbox under the cursor."""
        if box := self.inbox:
            self.work(self._remove(box), group="inbox")

    async def _remove(self, box: Inbox) -> None:
        connections = self.desk.connections
        await connections.remove_inbox(box.id)
        text = _("Removed {address}.", address=box.address)
        if not box.shared:
            self.koble.notice(text)
            return

        async def back() -> None:
            await connections.add_shared_inbox(box.address)

        self.koble.offer_undo(text, back)


def _personal(box: Inbox) -> Row:
    state = _("connected") if box.connected else _("disconnected")
    mark = (marks.ON, "$accent") if box.connected else (marks.OFF, "$faint")
    note = "" if box.connection else _("no calendar")
    text = Content.assemble((f"{mark[0]} ", mark[1]), state, "   ", (note, "$muted"))
    return Row(box.id, (box.address, text))


def _shared(box: Inbox) -> Row:
    state = _("noted") if box.connected else _("disconnected")
    return Row(box.id, (box.address, Content.styled(state, "$muted")))


def _none(text: str, name: str) -> Row:
    return Row(f"{FACT}{name}", (text, ""), dim=True)
