"""Exchange: what to expect, then the form."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from desk.accounts import check_exchange
from scheduling.connections import Kind
from tui import marks
from tui.commands import Command
from tui.commands.connect import ConnectInbox, GoOn
from tui.commands.general import Back
from tui.screens.connect.prose import Points, paragraph, title
from tui.screens.connect.step import Journey, Step, not_built
from tui.widgets.form import FormField, form_values, show_errors
from words import _


class WhatToExpect(Step):
    """The four limits (S20 to S23), and what lifts them."""

    KIND = Kind.EXCHANGE
    NUMBER = 2
    OF = 3
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, GoOn)

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._form = ExchangeForm(journey)

    def compose(self) -> ComposeResult:
        """Plainly."""
        yield title(_("What to expect from an Exchange calendar"))
        yield Points(
            [
                _("A meeting in it cannot be cancelled or rescheduled here."),
                _("Meetings made on a CRM record are not added to it."),
                _("Meetings made in it do not become calendar activities in the CRM."),
                _("Proposed meeting times cannot be inserted into an e-mail from it."),
            ]
        )
        yield title(_("Full Exchange"))
        yield paragraph(
            _(
                "A setting of the connection, Full Exchange, lifts all four. It is off until you"
                " switch it on in Settings, General, Calendar."
            )
        )
        yield title(_("What you need"))
        yield Points(
            [
                _("A server of Exchange 2010 SP2 or newer."),
                _("Your e-mail address and password; with two-factor sign-in, an app password."),
            ]
        )

    async def forward(self) -> Step | None:
        """To the form."""
        return self._form


class ExchangeForm(Step):
    """Address and password; the rest is found when it is left empty (S9)."""

    KIND = Kind.EXCHANGE
    NUMBER = 3
    OF = 3
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, ConnectInbox)

    def compose(self) -> ComposeResult:
        """Two fields that are needed, three that are not."""
        yield FormField(
            "address",
            _("E-mail address"),
            value=self.journey.profile.email,
            placeholder=_("you@example.com"),
            required=True,
        )
        yield FormField(
            "password",
            _("Password"),
            password=True,
            required=True,
            hint=_("Two-factor? Use a third-party app password."),
        )
        yield paragraph(_("Usually found for you"), classes="muted part")
        yield FormField(
            "username",
            _("Username"),
            placeholder=_("usually the part before @, or a user id"),
        )
        yield FormField(
            "url",
            _("Exchange URL"),
            placeholder="https://email.example.com/ews/exchange.asmx",
        )
        yield FormField(
            "version",
            _("Exchange version"),
            placeholder=_("found on connecting"),
            hint=_("2010 SP2 or newer: 2013, 2016, 2019, SE"),
        )
        yield Static("", markup=False, classes="said")

    async def forward(self) -> Step | None:
        """Check every field, then say that the rest is not built."""
        self.say("")
        account, errors = check_exchange(**form_values(self))
        if account is not None:
            refusal = await self.journey.refusal(Kind.EXCHANGE, account.address)
            if refusal is not None:
                errors["address"] = refusal
        if not show_errors(self, {name: str(error) for name, error in errors.items()}):
            self.say(f"{marks.ALERT} {not_built(Kind.EXCHANGE)}")
        return None
