"""The dialog itself: it holds the steps, goes forward and back, and ends in a connection."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.content import Content
from textual.widgets import Input
from textual.worker import Worker

from scheduling.connections import Connection, Kind, accounts
from scheduling.errors import ErrorKind, KobleError
from tui.commands import Applying, Command, own
from tui.commands.connect import (
    ChangeApp,
    Forward,
    KeepConnected,
    SolveInCalendar,
    SolveInProfile,
    UseBrowser,
    UseCode,
)
from tui.commands.general import GoToMeetings
from tui.commands.meetings import Show
from tui.paths import short
from tui.screens.base import Modal
from tui.screens.connect.arrived import Arrived, is_another
from tui.screens.connect.caldav import CaldavForm
from tui.screens.connect.choose import ChooseKind, NotPermitted, Taken, uses_left
from tui.screens.connect.client import ClientStep
from tui.screens.connect.code import CodeSignIn
from tui.screens.connect.exchange import ExchangeForm
from tui.screens.connect.folder import Connecting, FolderStep
from tui.screens.connect.prose import paragraph
from tui.screens.connect.sign_in import BrowserSignIn, SignIn
from tui.screens.connect.step import Journey, Step
from tui.screens.connect.subscription import SubscriptionForm
from tui.widgets.lines import Verbs
from words import Phrase, _


class StepVerbs(Verbs):
    """The buttons of the step in front."""

    def entries(self) -> list[Applying]:
        """The commands of the step; before there is one, those of the dialog."""
        screen = self.screen
        if isinstance(screen, ConnectScreen) and screen.step is not None:
            return [each for each in own(screen.step) if each.command.footer is not None]
        return super().entries()


class ConnectScreen(Modal[Connection]):
    """Connect your calendar. Ends in a `Connection`, on the meetings dashboard (S7).

    Args:
        first: makes the only step that comes first, instead of the choice of a kind.
    """

    CSS_PATH = "connect.tcss"
    HEADING = Phrase("Connect your calendar")
    COMMANDS: ClassVar[tuple[type[Command], ...]] = ()

    def __init__(self, first: Callable[[Journey], Step] | None = None) -> None:
        super().__init__()
        self._first = first
        self._trail: list[Step] = []
        self._work: Worker[None] | None = None

    def verbs(self) -> Verbs:
        """The line of buttons."""
        return StepVerbs()

    def body(self) -> ComposeResult:
        """Until it is known what may be connected."""
        yield paragraph(_("Opening…"), classes="muted opening")

    def on_mount(self) -> None:
        """The first step is a choice, or the reason why there is none."""
        self.work(self._start(), group="step")

    async def _start(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        journey = Journey(desk, await desk.settings.profile())
        self.query(".opening").remove()
        await self._go(self._first(journey) if self._first else await self._choice(journey))

    async def _choice(self, journey: Journey) -> Step:
        """The kinds to choose from, or why there is no choice."""
        overview = await journey.desk.connections.overview()
        held = accounts([view.connection for view in overview.connections])
        uses = uses_left(journey, tuple(each.use for each in held))
        journey.use = uses[0]
        refusal = await journey.refusal(Kind.LOCAL)
        if refusal is None:
            return ChooseKind(journey, uses=uses)
        if refusal.kind is ErrorKind.PERMISSION:
            return NotPermitted(journey, refusal)
        return Taken(journey, refusal)

    @property
    def step(self) -> Step | None:
        """The step in front."""
        return self._trail[-1] if self._trail else None

    def press(self, key: str) -> None:
        """Run the command of the step for `key`."""
        for entry in own(self.step) if self.step else ():
            if key in entry.keys:
                entry.run()

    async def _go(self, step: Step) -> None:
        """Bring a step to the front; the others keep what was filled in."""
        if self.step is not None:
            self.step.display = False
        self._trail.append(step)
        if not step.is_mounted:
            await self.query_one("#inside").mount(step)
        self._bring(step)

    def _bring(self, step: Step) -> None:
        step.display = True
        self.query_one("#box").border_title = Content(f" {step.heading()} ").markup
        self.query_one("#inside").scroll_home(animate=False)
        step.begin()
        self.refresh_bindings()

    @on(Forward)
    def _forward(self, command: Forward) -> None:
        if isinstance(command, SolveInProfile):
            self._solve("profile")
        elif isinstance(command, SolveInCalendar):
            self._solve("calendar")
        elif isinstance(command, KeepConnected) and isinstance(self.step, Arrived):
            self._arrive(self.step.connection)
        elif self.step is not None:
            self._work = self.work(self._on_from(self.step), group="step")

    async def _on_from(self, step: Step) -> None:
        after = await step.forward()
        if after is not None:
            await self._go(after)
        if isinstance(after, Connecting):
            await self._connect(after)

    async def _connect(self, step: Connecting) -> None:
        try:
            connection = await step.connect()
        except KobleError as error:
            self._leave()
            if isinstance(self.step, FolderStep | CaldavForm | ExchangeForm | SubscriptionForm):
                self.step.show(error)
            else:
                self.koble.complain(error)
            return
        self._arrive(connection)

    def _arrive(self, connection: Connection) -> None:
        """Leave for the meetings (S7)."""
        koble = self.koble
        self.dismiss(connection)
        koble.post_message(GoToMeetings())
        koble.notice(_("Connected {address}.", address=short(connection.address)))

    @on(SignIn.Signed)
    def _signed(self, event: SignIn.Signed) -> None:
        """Connected: to the meetings, unless something is not as it was meant (S6)."""
        if self.step is None:
            return
        if is_another(event.connection) or event.missing:
            arrived = Arrived(self.step.journey, event.connection, event.missing)
            self.work(self._go(arrived), group="step")
        elif event.plan.renew is not None:
            self.dismiss(event.connection)
            self.koble.notice(_("Signed in again."))
        else:
            self._arrive(event.connection)

    @on(UseCode)
    @on(UseBrowser)
    def _other_way(self) -> None:
        """Sign in by the other way: the attempt so far is given up."""
        step = self.step
        if isinstance(step, SignIn):
            other = CodeSignIn if isinstance(step, BrowserSignIn) else BrowserSignIn
            self._trail.pop().leave()
            self.work(self._go(other(step.journey, step.plan)), group="step")

    @on(ChangeApp)
    def _change_app(self) -> None:
        """To the app that koble signs in as; the attempt so far is given up."""
        step = self.step
        if isinstance(step, SignIn):
            self._trail.pop().leave()
            if isinstance(self.step, ClientStep):
                self._bring(self.step)
            else:
                app = ClientStep(step.journey, step.plan.kind, plan=step.plan)
                self.work(self._go(app), group="step")

    def on_disconnect_wrong(self) -> None:
        """The account was not the one that was meant: disconnect it, and sign in anew."""
        if isinstance(self.step, Arrived):
            self.work(self._disconnect_wrong(self.step), group="step")

    async def _disconnect_wrong(self, step: Arrived) -> None:
        left = await step.journey.desk.connections.disconnect(step.connection.id)
        self.koble.notice(_("Disconnected {address}.", address=step.connection.address))
        if left is not None:
            self.koble.notice(str(left), severity="warning", seconds=10)
        self._leave()

    def on_back(self) -> None:
        """One step back; nothing is lost. From the first one out of the dialog."""
        if len(self._trail) > 1:
            self._leave()
        else:
            self.dismiss(None)

    def _leave(self) -> None:
        step = self._trail.pop()
        step.display = False
        step.leave()
        self._bring(self._trail[-1])

    def on_stop_connecting(self) -> None:
        """Give it up; nothing is connected."""
        if self._work is not None:
            self._work.cancel()
        self._leave()
        self.koble.notice(_("Stopped. Nothing is connected."))

    def dismiss(self, result: Connection | None = None) -> AwaitComplete:
        """Leave. Passwords do not outlive the dialog, and nobody listens any more."""
        for step in self._trail:
            step.leave()
        for field in self.query(Input):
            if field.password:
                field.value = ""
        return super().dismiss(result)

    def _solve(self, tab: str) -> None:
        koble = self.koble
        self.dismiss(None)
        koble.post_message(Show("settings", tab))
