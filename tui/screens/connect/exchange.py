"""Exchange: what to expect, the form, and connecting what it describes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from desk.accounts import ExchangeAccount, check_exchange
from desk.exchange import Certificate, UnknownCertificate
from scheduling.connections import Connection, Kind
from scheduling.errors import KobleError
from scheduling.text import clean
from scheduling.zones import DAY, date_text
from tui import marks
from tui.commands import Command
from tui.commands.connect import ConnectInbox, GoOn, StopConnecting
from tui.commands.general import Back
from tui.screens.connect.folder import Connecting
from tui.screens.connect.prose import Points, paragraph, title
from tui.screens.connect.step import Journey, Step
from tui.widgets.form import FormField, form_values, show_error, show_errors
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

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._allowed: tuple[str, str] | None = None
        """Address and URL whose owner was asked whether they may be in a private network."""

    def compose(self) -> ComposeResult:
        """Two fields that are needed, three that are not; one more for a private certificate."""
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
        account, errors = check_exchange(**values)
        if account is not None:
            refusal = await self.journey.refusal(Kind.EXCHANGE, account.address)
            if refusal is not None:
                errors["address"] = refusal
        if show_errors(self, {name: str(error) for name, error in errors.items()}):
            return None
        if account is None:
            return None
        return ConnectingExchange(
            self.journey,
            account,
            values["password"],
            fingerprint=fingerprint,
            allow_local=self._allowed == (values["address"], values["url"]),
        )

    def show(self, error: KobleError) -> None:
        """Say what is wrong, beside the field that can put it right."""
        if error.field == "allow_local":
            values = form_values(self)
            self._allowed = values["address"], values["url"]
            again = _("If that is right, connect once more.")
            show_errors(self, {"url": f"{error.message} {again}"})
            return
        if isinstance(error, UnknownCertificate):
            self._show_certificate(error)
            return
        if error.field == "fingerprint":
            self.query_one("#field-fingerprint").display = True
        if not show_error(self, error):
            self.say(f"{marks.WRONG} {error}")

    def _show_certificate(self, error: UnknownCertificate) -> None:
        """What the server shows. Connecting once more trusts it, for this connection alone."""
        field = self.query_one("#field-fingerprint", FormField)
        field.display = True
        field.value = error.certificate.fingerprint()
        show_errors(self, {"fingerprint": str(error.message)})
        self.say("\n".join(certificate_lines(error.certificate)))


class ConnectingExchange(Connecting):
    """The server is found and asked, and its calendars are read; Esc gives it up."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (StopConnecting,)
    KIND = Kind.EXCHANGE
    NUMBER = 3
    OF = 3

    def __init__(
        self,
        journey: Journey,
        account: ExchangeAccount,
        password: str,
        *,
        fingerprint: str,
        allow_local: bool,
    ) -> None:
        super().__init__(journey, account.address)
        self._account = account
        self._password = password
        self._fingerprint = fingerprint
        self._allow_local = allow_local

    def compose(self) -> ComposeResult:
        """A quiet line."""
        address = clean(self._account.address)
        yield paragraph(
            _("Reading the calendars of {address}…", address=address)
            if self._account.url
            else _("Finding the server of {address}, and reading its calendars…", address=address)
        )

    async def connect(self) -> Connection:
        """Connect the account.

        Raises:
            KobleError: what the server, or the rules, have against it.
        """
        return await self.journey.desk.connections.connect_exchange(
            self._account,
            self._password,
            allow_local=self._allow_local,
            fingerprint=self._fingerprint,
            use=self.journey.use,
        )


def certificate_lines(certificate: Certificate) -> list[str]:
    """A certificate, for the person who decides whether it is that of their server."""
    fingerprint = certificate.fingerprint()
    return [
        _("Issued to: {name}", name=certificate.subject),
        _("Issued by: {name}", name=certificate.issuer),
        _(
            "Valid: {start} to {end}",
            start=date_text(certificate.valid_from // DAY),
            end=date_text(certificate.valid_to // DAY),
        ),
        _("SHA-256: {fingerprint}", fingerprint=fingerprint[:48]),
        f"         {fingerprint[48:]}",
        _("If it is your server's, connect once more: it is trusted for this connection alone."),
    ]
