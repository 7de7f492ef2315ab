"""Signing in at Google or Microsoft: in a browser, here or on any other computer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from scheduling.connections import VENDORS, Access, Connection, Kind
from scheduling.errors import KobleError
from tui import clipboard, marks
from tui.commands import Command
from tui.commands.connect import (
    ChangeApp,
    CheckAnswer,
    CopySignIn,
    OpenSignIn,
    ShowQr,
    SignInAgain,
    UseCode,
)
from tui.commands.general import Back
from tui.screens.address import AddressScreen
from tui.screens.connect.kinds import SHORT
from tui.screens.connect.prose import paragraph
from tui.screens.connect.step import Journey, Step
from tui.screens.qr import QrScreen
from tui.widgets.address import Address
from tui.widgets.form import FormField
from tui.widgets.paste import PasteField
from words import _

if TYPE_CHECKING:
    from desk.signin import Attempt

LINES = 4
"""Lines of the address that the step shows; all of it is shown where it is copied."""


@dataclass(frozen=True)
class Plan:
    """What a sign-in is for.

    Attributes:
        kind: at whom.
        access: what koble asks for.
        expected: the address that its owner means; empty: any.
        renew: the connection that signs in again; None: a new one.
    """

    kind: Kind
    access: Access = Access.WRITE
    expected: str = ""
    renew: Connection | None = None


class SignIn(Step):
    """A sign-in that is going on. It begins when the step comes to the front, and ends with it.

    What it looks like while the vendor is waited for, subclasses compose and `tell`.
    """

    NUMBER = 3
    OF = 3
    DEVICE: ClassVar[bool] = False

    class Signed(Message):
        """The account is connected; `missing` was asked for, and not granted."""

        def __init__(self, plan: Plan, connection: Connection, missing: tuple[str, ...]) -> None:
            super().__init__()
            self.plan = plan
            self.connection = connection
            self.missing = missing

    def __init__(self, journey: Journey, plan: Plan) -> None:
        super().__init__(journey)
        self.KIND = plan.kind
        self.plan = plan
        self.attempt: Attempt | None = None
        self.phase: Literal["opening", "waiting", "reading", "failed"] = "opening"
        self.opened = False
        """A browser of this computer shows the vendor's page."""
        self._job: Worker[None] | None = None
        self._clock: Timer | None = None

    @property
    def vendor(self) -> str:
        """Whose page it is, within a sentence."""
        return VENDORS[self.plan.kind]

    def heading(self) -> str:
        """Signing in again is one step."""
        if self.plan.renew is None:
            return super().heading()
        return _("Sign in to {name} again", name=str(SHORT[self.plan.kind]))

    def compose(self) -> ComposeResult:
        """What is shown while waiting, then how it stands."""
        yield from self.waiting()
        yield Static("", markup=False, id="stands")

    def waiting(self) -> ComposeResult:
        """What is shown while the vendor is waited for."""
        yield from ()

    def tell(self, attempt: "Attempt") -> None:
        """Fill in what is known now: the address, the code."""

    def begin(self) -> None:
        """Here: begin."""
        self._job = self.work(self._sign_in(), group="sign-in")

    def leave(self) -> None:
        """Gone: nobody listens any more, and the answer of this attempt would not be taken."""
        if self._job is not None:
            self._job.cancel()
        self.remove()

    async def _sign_in(self) -> None:
        self._go("opening")
        desk, plan = self.journey.desk, self.plan
        try:
            async with await desk.sign_in.begin(
                plan.kind, access=plan.access, device=self.DEVICE, expected=plan.expected
            ) as attempt:
                self.attempt = attempt
                if not attempt.device and not attempt.remote:
                    self.opened = await attempt.open_browser()
                self.tell(attempt)
                self._go("waiting")
                await attempt.answered()
                self._go("reading")
                connection = await self._connect(attempt)
        except KobleError as error:
            self._go("failed", error)
        else:
            self.post_message(self.Signed(plan, connection, attempt.missing))

    async def _connect(self, attempt: "Attempt") -> Connection:
        connections = self.journey.desk.connections
        if self.plan.renew is not None:
            return await connections.sign_in_again(self.plan.renew.id, attempt)
        return await connections.connect_cloud(attempt, use=self.journey.use)

    def _go(
        self,
        phase: Literal["opening", "waiting", "reading", "failed"],
        error: KobleError | None = None,
    ) -> None:
        """Show how it stands, and only what belongs to it."""
        self.phase = phase
        for child in self.children:
            child.display = child.id == "stands" or phase == "waiting"
        if phase == "waiting":
            self._clock = self._clock or self.set_interval(1, self._count)
            self.focus_first()
        else:
            self.attempt = None if phase == "failed" else self.attempt
            self.focus()
        self._count(error)
        self.refresh_bindings()

    def focus_first(self) -> None:
        """Where to type while waiting."""
        self.focus()

    def _count(self, error: KobleError | None = None) -> None:
        """The line that says how it stands, with the time that is left."""
        line = self.query_one("#stands", Static)
        line.set_class(self.phase == "failed", "wrong")
        if self.phase == "opening":
            line.update(_("Asking {vendor}…", vendor=self.vendor))
        elif self.phase == "reading":
            line.update(_("Signed in. Reading the calendars…"))
        elif error is not None:
            line.update(f"{marks.WRONG} {error}")
        elif self.phase == "waiting" and self.attempt is not None:
            left = max(0, self.attempt.expires_at - self.koble.clock.now())
            self.tick(f"{marks.STALE} {self.waits()} {left // 60}:{left % 60:02}")

    def tick(self, text: str) -> None:
        """Say what is waited for, and how long still."""
        self.query_one("#stands", Static).update(text)

    def waits(self) -> str:
        """What is waited for."""
        return _("Waiting for your browser…")

    def applies(self, command: type[Command]) -> bool | None:
        """What can be done while waiting, and after it failed."""
        if command is Back:
            return True
        if command is SignInAgain:
            return self.phase == "failed"
        if command is ChangeApp:  # while waiting, too: most is only said on the vendor's page
            return self.phase in ("waiting", "failed")
        if command is UseCode:
            return self.plan.kind is Kind.OFFICE365 and self.phase in ("waiting", "failed")
        return self.phase == "waiting"

    def on_copy_sign_in(self) -> None:
        """To the clipboard, and all of it on the screen."""
        if self.attempt is not None:
            clipboard.send(self.app, self.attempt.url)
            self.app.push_screen(AddressScreen(self.attempt.url))

    def on_show_qr(self) -> None:
        """Over the whole window."""
        if self.attempt is not None:
            self.app.push_screen(QrScreen(self.attempt.url))


class BrowserSignIn(SignIn):
    """By a browser: it sends the answer here by itself, or its address is pasted."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        Back,
        CopySignIn,
        ShowQr,
        UseCode,
        OpenSignIn,
        ChangeApp,
        CheckAnswer,
        SignInAgain,
    )

    def waiting(self) -> ComposeResult:
        """The address, the field for the answer, the way for the answer to come by itself."""
        yield paragraph("", classes="lead-in")
        yield Address(most=LINES, id="address")
        yield paragraph("", classes="how")
        yield PasteField("answer", _("Pasted address"))
        yield paragraph("", classes="tunnel-lead")
        yield Static("", markup=False, id="tunnel")

    def tell(self, attempt: "Attempt") -> None:
        """Say it as it is here: with a browser at hand, or without."""
        far = not self.opened
        copy, again = self.key_of(CopySignIn), self.key_of(OpenSignIn)
        self._say(
            ".lead-in",
            _("Open this address in a browser on any computer. {key} copies it.", key=copy)
            if far
            else _(
                "Your browser shows the page of {vendor}. If it does not, {again} opens it again,"
                " and {key} copies its address:",
                vendor=self.vendor,
                again=again,
                key=copy,
            ),
        )
        self.query_one(Address).show(attempt.url)
        self.query_one(FormField).value = ""
        self.query_one(FormField).say("")
        self._say(
            ".how",
            _(
                "At the end the browser shows a page that it cannot load. That is right: copy the"
                " address of that page, and paste it here."
            )
            if far
            else _("If its last page does not load, paste the address of that page here."),
        )
        line = attempt.ssh_line() if attempt.remote else ""
        self._say(
            ".tunnel-lead",
            _("Nothing has to be pasted if this runs on your computer meanwhile:") if line else "",
        )
        self._say("#tunnel", line)

    def _say(self, which: str, text: str) -> None:
        self.query_one(which, Static).update(text)

    def focus_first(self) -> None:
        """What is pasted goes into the field; what is not there takes no line."""
        for each in self.query(".tunnel-lead, #tunnel").results(Static):
            each.display = bool(str(each.content))
        self.query_one(FormField).go()

    def applies(self, command: type[Command]) -> bool | None:
        """A browser is opened again where one was; a code is for cameras where none was."""
        if command is OpenSignIn:
            return self.opened and self.phase == "waiting"
        if command is ShowQr:
            return not self.opened and self.phase == "waiting"
        return super().applies(command)

    async def forward(self) -> Step | None:
        """Begin again after it failed; else take what was pasted."""
        if self.phase == "failed":
            self.begin()
            return None
        field = self.query_one(FormField)
        if self.attempt is None:
            return None
        if not field.value:
            field.say(_("Nothing is pasted yet."))
            return None
        try:
            self.attempt.paste(field.value)
        except KobleError as error:
            field.say(str(error))
        else:
            field.say("")
        return None

    async def on_open_sign_in(self) -> None:
        """Once more."""
        if self.attempt is not None:
            await self.attempt.open_browser()
