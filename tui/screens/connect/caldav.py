"""CalDAV: the form."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from desk.accounts import check_caldav
from scheduling.connections import Kind
from tui import marks
from tui.commands import Command
from tui.commands.connect import ConnectServer
from tui.commands.general import Back
from tui.screens.connect.step import Step, not_built
from tui.widgets.form import FormField, form_values, show_errors
from words import _


class CaldavForm(Step):
    """A server, a user and a password."""

    KIND = Kind.CALDAV
    NUMBER = 2
    OF = 2
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, ConnectServer)

    def compose(self) -> ComposeResult:
        """All three are needed."""
        yield FormField(
            "url",
            _("Server address"),
            placeholder="https://cloud.example.com",
            hint=_("Often the name of the server is enough."),
            required=True,
        )
        yield FormField("username", _("User name"), required=True)
        yield FormField(
            "password",
            _("Password"),
            password=True,
            required=True,
            hint=_("iCloud and Fastmail need an app password."),
        )
        yield Static("", markup=False, classes="said")

    async def forward(self) -> Step | None:
        """Check every field, then say that the rest is not built."""
        self.say("")
        values = form_values(self)
        errors = check_caldav(**values)
        refusal = await self.journey.refusal(Kind.CALDAV, values["username"])
        if refusal is not None:
            errors.setdefault("username", refusal)
        if not show_errors(self, {name: str(error) for name, error in errors.items()}):
            self.say(f"{marks.ALERT} {not_built(Kind.CALDAV)}")
        return None
