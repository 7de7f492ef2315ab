"""Small screens and dialogs that the tests of the ground show."""

from textual.app import ComposeResult

from tui.commands import Command
from tui.commands.general import Cancel
from tui.screens.base import KobleScreen, Modal
from tui.widgets.form import FormField, form_values, missing, show_errors
from tui.widgets.rows import Row, Rows
from words import Phrase

HOSTILE = (
    "[/]",
    "[@click=app.quit]Join[/]",
    "[@click=app.simulate_key('q')]x[/]",
    "\x1b]52;c;UFdORUQ=\x1b\\meeting",
    "\x1b[5;31mred\x9d0;title\x9c",
    "\u202eesrever\u2066 [bold]not bold[/bold]",
    "$accent \\[x] {name} %s",
)


class AcceptSample(Command):
    """Accept the request under the cursor: it is confirmed and added to your calendar."""

    title = Phrase("Accept request")
    keys = "a"
    footer = Phrase("accept")


class DeclineSample(Command):
    """Decline the request under the cursor, and tell the guest."""

    title = Phrase("Decline request")
    keys = "d"
    footer = Phrase("decline")
    danger = True


class BreakSample(Command):
    """Do what nobody expected."""

    title = Phrase("Break something")
    keys = "b"


class ConnectSample(Command):
    """Try to connect this inbox."""

    title = Phrase("Connect inbox")
    keys = "enter"
    footer = Phrase("connect inbox")


class RequestsSample(KobleScreen):
    """A list with two commands, one of which can be undone."""

    PLACE = "requests"
    COMMANDS = (AcceptSample, DeclineSample, BreakSample)
    people: tuple[str, ...] = ("Alan Turing", "Edsger Dijkstra", "Grace Hopper")

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []

    def body(self) -> ComposeResult:
        rows = [Row("", ("This week",), heading=True)]
        rows += [
            Row(str(n), (f"Fri {10 + n}:00", name, "Intro call · 30 min", f"in {20 + n} h"))
            for n, name in enumerate(self.people)
        ]
        yield Rows(
            rows if self.people else [],
            columns=(10, 0, 22, -10),
            empty="No one has asked for a meeting. Press 2 to share a page.",
        )

    async def load(self) -> None:
        self.did.append("load")

    def on_accept_sample(self) -> None:
        self.did.append("accept")
        self.koble.offer_undo("Accepted the meeting with Alan Turing.", self._undo)

    async def _undo(self) -> None:
        self.did.append("undo")
        self.koble.notice("Not accepted after all.")

    def on_break_sample(self) -> None:
        raise ZeroDivisionError("nobody expected this")


class NobodySample(RequestsSample):
    people = ()


class HostileSample(RequestsSample):
    people = HOSTILE


class ExchangeSample(Modal[dict[str, str]]):
    """A form in a dialog."""

    HEADING = Phrase("Connect Exchange · 2 of 2")
    COMMANDS = (Cancel, ConnectSample)

    def body(self) -> ComposeResult:
        yield FormField("email", "E-mail address", required=True)
        yield FormField(
            "password",
            "Password",
            required=True,
            password=True,
            hint="With two-factor sign-in, use an app password.",
        )
        yield FormField("username", "Username", placeholder="found for you")
        yield FormField("url", "Exchange URL", placeholder="https://…/EWS/Exchange.asmx")

    def on_connect_sample(self) -> None:
        errors = missing(self, "This is needed.")
        if not errors and "@" not in form_values(self)["email"]:
            errors = {"email": "An address has an @: jdoe@example.com"}
        if not show_errors(self, errors):
            self.dismiss(form_values(self))
