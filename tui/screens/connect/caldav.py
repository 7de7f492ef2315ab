"""CalDAV: the form."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from desk.accounts import check_caldav
from scheduling.connections import Connection, Kind
from tui import marks
from tui.commands import Command
from tui.commands.connect import ConnectServer, Forward
from tui.screens.connect.step import Step, not_built
from tui.widgets.form import FormField, form_values, show_errors
from words import _


class CaldavForm(Step):
    """A server, a user and a password."""

    KIND = Kind.CALDAV
    NUMBER = 2
    OF = 2
    VERBS: ClassVar[tuple[type[Command], ...]] = (ConnectServer,)

    def compose(self) -> ComposeResult:
        """All three are needed."""
        yield FormField(
            "url",
            _("Server address"),
            placeholder="https://cloud.example.com",
            hint=_("The name of the server is enough where it says where its calendars are."),
            required=True,
        )
        yield FormField("username", _("User name"), required=True)
        yield FormField(
            "password",
            _("Password"),
            password=True,
            required=True,
            hint=_("iCloud and Fastmail need an app password, made in your account there."),
        )
        yield Static("", markup=False, classes="said")

    def begin(self) -> None:
        """At the first field that is empty."""
        fields = list(self.query(FormField))
        next((field for field in fields if not field.value), fields[0]).go()

    async def forward(self, command: Forward) -> Step | Connection | None:
        """Check every field, then say that the rest is not built."""
        said = self.query_one(".said", Static)
        said.update("")
        values = form_values(self)
        errors = check_caldav(**values)
        refusal = await self.journey.refusal(Kind.CALDAV, values["username"])
        if refusal is not None:
            errors.setdefault("username", refusal)
        if not show_errors(self, {name: str(error) for name, error in errors.items()}):
            said.update(f"{marks.ALERT} {not_built(Kind.CALDAV)}")
        return None
