"""The app that koble signs in as: how to register one, click by click, and where to keep it."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from scheduling.connections import VENDORS, Kind
from scheduling.errors import KobleError
from scheduling.text import clean
from tui.commands import Command
from tui.commands.connect import ForgetClient, SaveClient
from tui.commands.general import Back
from tui.paths import short
from tui.screens.connect.kinds import CLOUDS, PORTALS
from tui.screens.connect.prose import Numbered, paragraph
from tui.screens.connect.sign_in import BrowserSignIn, Plan
from tui.screens.connect.step import Journey, Step
from tui.widgets.choice import Choice, ChoiceField
from tui.widgets.form import FormField, form_values, missing, show_error, show_errors
from tui.widgets.paste import PasteField
from words import _

if TYPE_CHECKING:
    from desk.signin import Client


class ClientStep(Step):
    """How to register an app, and the fields for it; then the sign-in goes on.

    Args:
        journey: what the steps share.
        kind: at whom.
        plan: the sign-in that goes on when it is kept; None: the dialog ends there.
    """

    NUMBER = 2
    OF = 3
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, ForgetClient, SaveClient)

    def __init__(self, journey: Journey, kind: Kind, *, plan: Plan | None) -> None:
        super().__init__(journey)
        self.KIND = kind
        self.plan = plan
        self.client: Client | None = None

    def heading(self) -> str:
        """What is registered where."""
        return _("Register koble at {vendor}", vendor=VENDORS[self.kind])

    @property
    def kind(self) -> Kind:
        """At whom."""
        return self.KIND or Kind.GOOGLE

    def compose(self) -> ComposeResult:
        """Why, how, and the fields."""
        yield paragraph(self._lead(), classes="registered")
        if self.kind is Kind.GOOGLE:
            yield Numbered(google_steps())
            yield PasteField(
                "client",
                _("Client"),
                hint=_("The JSON file's path, its content, or the id."),
                required=True,
            )
            yield FormField(
                "secret", _("Client secret"), password=True, placeholder=_("only with an id")
            )
        else:
            yield Numbered(microsoft_steps())
            yield PasteField(
                "client", _("Client"), hint=_("The Application (client) ID."), required=True
            )
            yield FormField(
                "tenant",
                _("Tenant"),
                placeholder="common",
                hint=_("Only where the app is for one organisation."),
            )
            clouds = [(each, str(words)) for each, words in CLOUDS.items()]
            yield ChoiceField("cloud", _("Cloud"), clouds, value="global")

    def _lead(self) -> str:
        if self.client is None:
            return _("koble signs in as an app of your own. Register one, once:")
        return _(
            "koble signs in as {client} ({origin}). Another one:",
            client=clean(self.client.id, limit=24),
            origin=origin_text(self.client.origin),
        )

    def begin(self) -> None:
        """In the field; and say what is kept already."""
        super().begin()
        self.work(self._look(), group="client")

    async def _look(self) -> None:
        try:
            self.client = await self.journey.desk.sign_in.client(self.kind)
        except KobleError as error:
            self.query_one("#field-client", FormField).say(str(error))
            return
        self.query_one(".registered", Static).update(self._lead())
        self.refresh_bindings()
        if self.client is not None and self.kind is Kind.OFFICE365:
            kept = {"client": self.client.id, "tenant": self.client.tenant}
            for name, text in (kept | {"cloud": self.client.cloud}).items():
                self.query_one(f"#field-{name}", FormField).value = text

    @on(Choice.Changed)
    def _say_where(self) -> None:
        field = self.query_one(ChoiceField)
        page = PORTALS.get(field.value)
        field.advise(_("Its apps are registered at {page}.", page=page) if page else "")

    def applies(self, command: type[Command]) -> bool | None:
        """What is kept in the settings can be forgotten there."""
        if command is ForgetClient:
            return self.client is not None and self.client.origin == "settings"
        return True

    async def forward(self) -> Step | None:
        """Check and keep it; then sign in, or be done."""
        if show_errors(self, missing(self, _("This is needed."))):
            return None
        values = form_values(self)
        text = values.pop("client")
        sign_in = self.journey.desk.sign_in
        try:
            client = await sign_in.save_client(self.kind, text, **values)
        except KobleError as error:
            if not show_error(self, error):
                show_errors(self, {"client": str(error)})
            return None
        show_errors(self, {})
        if self.plan is not None:
            return BrowserSignIn(self.journey, self.plan)
        text = _("koble signs in as {client} from now on.", client=clean(client.id, limit=24))
        self.koble.notice(text)
        self.screen.dismiss(None)
        return None

    def on_forget_client(self) -> None:
        """Forget it, and say so."""
        self.work(self._forget(), group="step")

    async def _forget(self) -> None:
        await self.journey.desk.sign_in.forget_client(self.kind)
        self.koble.notice(_("The app of {vendor} is forgotten.", vendor=VENDORS[self.kind]))
        self.screen.dismiss(None)


def origin_text(origin: str) -> str:
    """Where a client comes from, in words."""
    if origin == "settings":
        return _("from the settings")
    if origin == "environment":
        return _("from the environment")
    return short(origin)


def google_steps() -> list[str]:
    """What to click at Google."""
    return [
        _("console.cloud.google.com: make a project."),
        _("APIs & Services, Library: enable the Google Calendar API; for e-mail also Gmail's."),
        _("OAuth consent screen: External; then Publish app. A test app is signed out weekly."),
        _("Credentials, Create, OAuth client ID: Desktop app. Download JSON."),
        _("When you sign in, Google says that it has not verified the app: Advanced, Go to it."),
    ]


def microsoft_steps() -> list[str]:
    """What to click at Microsoft."""
    return [
        _("entra.microsoft.com, App registrations, New: any organisation and personal accounts."),
        _("Authentication, Add a platform: Mobile and desktop; write http://localhost"),
        _("There, Advanced settings: Allow public client flows, Yes."),
        _("API permissions, Microsoft Graph, delegated: Calendars.ReadWrite; for e-mail Mail.Send"),
        _("Overview: copy the Application (client) ID."),
    ]
