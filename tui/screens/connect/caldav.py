"""CalDAV: the form, and connecting what it describes."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from desk.accounts import check_caldav
from scheduling.connections import Connection, Kind
from scheduling.errors import KobleError
from scheduling.text import clean
from tui import marks
from tui.commands import Command
from tui.commands.connect import ConnectServer, StopConnecting
from tui.commands.general import Back
from tui.screens.connect.folder import Connecting
from tui.screens.connect.prose import paragraph
from tui.screens.connect.step import Journey, Step
from tui.widgets.form import FormField, form_values, show_error, show_errors
from words import _


class CaldavForm(Step):
    """A server, a user and a password; for a server of one's own also its certificate."""

    KIND = Kind.CALDAV
    NUMBER = 2
    OF = 2
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, ConnectServer)

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._allowed = ""
        """The address whose owner was asked whether it may be in a private network."""

    def compose(self) -> ComposeResult:
        """Three are needed; the fingerprint is asked for where nobody vouches for the server."""
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
        yield FormField("fingerprint", _("Fingerprint"), hint=_("SHA-256 of its certificate."))
        yield Static("", markup=False, classes="said")

    def on_mount(self) -> None:
        """Most servers have a certificate that is trusted anyway."""
        self.query_one("#field-fingerprint").display = False

    async def forward(self) -> Step | None:
        """Check every field, then connect."""
        self.say("")
        values = form_values(self)
        fingerprint = values.pop("fingerprint")
        errors = check_caldav(**values)
        refusal = await self.journey.refusal(Kind.CALDAV, values["username"])
        if refusal is not None:
            errors.setdefault("username", refusal)
        if show_errors(self, {name: str(error) for name, error in errors.items()}):
            return None
        allowed = self._allowed == values["url"]
        values["fingerprint"] = fingerprint
        return ConnectingServer(self.journey, values, allow_local=allowed)

    def show(self, error: KobleError) -> None:
        """Say what is wrong, under the field that can put it right."""
        if error.field == "allow_local":
            self._allowed = self.query_one("#field-url", FormField).value
            again = _("If that is right, connect once more.")
            show_errors(self, {"url": f"{error.message} {again}"})
            return
        if error.field == "fingerprint":
            self.query_one("#field-fingerprint").display = True
        if not show_error(self, error):
            self.say(f"{marks.WRONG} {error}")


class ConnectingServer(Connecting):
    """The server is asked, and its calendars are read; Esc gives it up."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (StopConnecting,)
    KIND = Kind.CALDAV

    def __init__(self, journey: Journey, values: Mapping[str, str], *, allow_local: bool) -> None:
        super().__init__(journey, values["url"])
        self._values = values
        self._allow_local = allow_local

    def compose(self) -> ComposeResult:
        """A quiet line."""
        yield paragraph(_("Reading the calendars at {server}…", server=clean(self.path)))

    async def connect(self) -> Connection:
        """Connect the account.

        Raises:
            KobleError: what the server, or the rules, have against it.
        """
        connections = self.journey.desk.connections
        return await connections.connect_caldav(
            **self._values, allow_local=self._allow_local, use=self.journey.use
        )
