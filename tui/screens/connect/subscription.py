"""A published calendar that keeps times away: its address, and reading it once."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from desk.accounts import check_feed
from scheduling.connections import Connection, Kind
from scheduling.errors import KobleError
from tui import marks
from tui.commands import Command
from tui.commands.connect import StopConnecting, Subscribe
from tui.commands.general import Back
from tui.screens.connect.folder import Connecting
from tui.screens.connect.prose import paragraph
from tui.screens.connect.step import Journey, Step
from tui.widgets.choice import ChoiceField
from tui.widgets.form import FormField, form_values, show_errors
from words import _

PUBLIC, HERE = "public", "here"
"""Where the server of a published calendar may be."""
_FIELDS = {"allow_local": "network", "address": "url"}
"""The fields that errors name otherwise."""


class SubscriptionForm(Step):
    """An address, and whether it may be on this network."""

    KIND = Kind.SUBSCRIPTION
    NUMBER = 2
    OF = 2
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, Subscribe)

    def compose(self) -> ComposeResult:
        """What it is for, then the two."""
        lead = _("It keeps times away, and nothing is ever written into it.")
        yield paragraph(lead, classes="lead")
        yield FormField(
            "url",
            _("Its address"),
            placeholder="https://example.com/calendar.ics",
            hint=_("As its owner publishes it; webcal:// works too."),
            required=True,
        )
        yield ChoiceField(
            "network",
            _("Where it is"),
            [(PUBLIC, _("on the internet")), (HERE, _("it may be on this network"))],
            value=PUBLIC,
        )
        yield Static("", markup=False, classes="said")

    async def forward(self) -> Step | None:
        """Check the address, then read the calendar."""
        self.say("")
        values = form_values(self)
        try:
            check_feed(values["url"])
            if refusal := await self.journey.refusal(Kind.SUBSCRIPTION):
                raise refusal
        except KobleError as error:
            self.show(error)
            return None
        show_errors(self, {})
        return Subscribing(self.journey, values["url"], allow_local=values["network"] == HERE)

    def show(self, error: KobleError) -> None:
        """Say what is wrong, beside the field that can put it right."""
        field = _FIELDS.get(error.field, error.field)
        if not show_errors(self, {field: str(error)}):
            self.say(f"{marks.WRONG} {error}")


class Subscribing(Connecting):
    """The calendar is read; Esc gives it up."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (StopConnecting,)
    KIND = Kind.SUBSCRIPTION

    def __init__(self, journey: Journey, url: str, *, allow_local: bool) -> None:
        super().__init__(journey, url)
        self._allow_local = allow_local

    def compose(self) -> ComposeResult:
        """A quiet line. The address can be a secret: it is not in it."""
        yield paragraph(_("Reading the published calendar…"))

    async def connect(self) -> Connection:
        """Subscribe to it.

        Raises:
            KobleError: what is wrong with the address, or with what is there.
        """
        connections = self.journey.desk.connections
        return await connections.subscribe(self.path, allow_local=self._allow_local)


class AccountFirst(Step):
    """Why there is nothing to subscribe beside: no account is connected."""

    KIND = Kind.SUBSCRIPTION
    NUMBER = 2
    OF = 2

    def compose(self) -> ComposeResult:
        """The reason, and the way."""
        yield paragraph(
            _("A published calendar stands beside an account: nothing can be booked into it."),
            classes="lead",
        )
        yield paragraph(_("Connect an account or a folder first, then come back here."))
