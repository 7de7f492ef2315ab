"""The dialog itself: it holds the steps, goes forward and back, and ends in a connection."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.worker import Worker

from scheduling.connections import Connection, Kind
from tui.commands import Command
from tui.commands.connect import (
    AcceptGoogle,
    AcceptOffice,
    ChangeUse,
    ConnectCalendar,
    ConnectFolder,
    ConnectFolderInstead,
    ConnectInbox,
    ConnectServer,
    Forward,
    GoOn,
    MakeCalendar,
    SolveInCalendar,
    SolveInProfile,
    StopConnecting,
)
from tui.commands.general import Back, Cancel, Close, GoToMeetings, Help, Redraw
from tui.commands.meetings import Show
from tui.paths import short
from tui.screens.base import Modal
from tui.screens.connect.choose import ChooseKind, Refused, uses_left
from tui.screens.connect.prose import paragraph
from tui.screens.connect.step import Journey, Step
from tui.widgets.form import FormField
from words import Phrase, _


class ConnectScreen(Modal[Connection]):
    """Connect your calendar. Ends in a `Connection`, on the meetings dashboard (S7)."""

    CSS_PATH = "connect.tcss"
    HEADING = Phrase("Connect your calendar")
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        StopConnecting,
        Back,
        Cancel,
        ChangeUse,
        ConnectCalendar,
        AcceptGoogle,
        AcceptOffice,
        GoOn,
        ConnectInbox,
        ConnectServer,
        ConnectFolder,
        MakeCalendar,
        ConnectFolderInstead,
        SolveInProfile,
        SolveInCalendar,
    )

    def __init__(self) -> None:
        super().__init__()
        self._trail: list[Step] = []
        self._busy: Worker[None] | None = None

    def body(self) -> ComposeResult:
        """Until it is known what may be connected."""
        yield paragraph(_("Opening…"), classes="muted opening")

    def on_mount(self) -> None:
        """The first step is a choice, or the reason why there is none."""
        self.query_one("#inside").can_focus = True
        self.work(self._start(), group="start")

    async def _start(self) -> None:
        desk = self.koble.desk
        if desk is None:
            return
        overview = await desk.connections.overview()
        journey = Journey(desk, await desk.settings.profile())
        connected = tuple(view.connection.use for view in overview.connections)
        uses = uses_left(journey, connected)
        journey.use = uses[0]
        refusal = await journey.refusal(Kind.LOCAL)
        first = (
            ChooseKind(journey, uses=uses)
            if refusal is None
            else Refused(journey, refusal, self._solve)
        )
        await self.query(".opening").remove()
        await self._go(first)

    @property
    def step(self) -> Step | None:
        """The step in front."""
        return self._trail[-1] if self._trail else None

    def applies(self, command: type[Command]) -> bool | None:
        """The commands of the step in front; Esc stops, goes back, or leaves."""
        if self._busy is not None:
            return command in (StopConnecting, Help, Redraw)
        if command in (StopConnecting, Close):
            return False
        if command is Back:
            return len(self._trail) > 1
        if command is Cancel:
            return len(self._trail) <= 1
        if issubclass(command, Forward) or command is ChangeUse:
            return self.step is not None and command in self.step.verbs()
        return True

    async def _go(self, step: Step) -> None:
        """Bring a step to the front; the others keep what was filled in."""
        if self._trail:
            self._trail[-1].display = False
        self._trail.append(step)
        if not step.is_mounted:
            await self.query_one("#inside").mount(step)
        self._bring(step)

    def _bring(self, step: Step) -> None:
        step.display = True
        self.query_one("#box").border_title = Content(f" {step.heading()} ").markup
        inside = self.query_one("#inside")
        inside.scroll_home(animate=False)
        inside.focus()
        step.begin()
        self.refresh_bindings()

    @on(Forward)
    def _forward(self, command: Forward) -> None:
        self.set_focus(self.focused)
        if self.step is not None and self._busy is None:
            self._busy = self.work(self._step_on(self.step, command), group="step")
            self.refresh_bindings()

    async def _step_on(self, step: Step, command: Forward) -> None:
        try:
            if isinstance(command, ConnectFolderInstead):
                await self._folder_instead()
                return
            after = await step.forward(command)
        finally:
            self._busy = None
            self.refresh_bindings()
        if isinstance(after, Connection):
            self._arrive(after)
        elif after is not None:
            await self._go(after)

    async def _folder_instead(self) -> None:
        first = self._trail[0]
        if isinstance(first, ChooseKind):
            for step in self._trail[1:]:
                step.display = False
            self._trail = [first]
            await self._go(await first.folder())

    def _arrive(self, connection: Connection) -> None:
        """Land on the meetings dashboard."""
        koble = self.koble
        self.dismiss(connection)
        koble.post_message(GoToMeetings())
        koble.notice(_("Connected {address}.", address=short(connection.address)))

    def on_back(self) -> None:
        """One step back; nothing is lost."""
        if len(self._trail) > 1:
            self._trail.pop().display = False
            self._bring(self._trail[-1])

    def on_stop_connecting(self) -> None:
        """Give it up; nothing is connected."""
        if self._busy is not None:
            self._busy.cancel()
            self.koble.notice(_("Stopped. Nothing is connected."))

    def on_change_use(self) -> None:
        """Serve something else."""
        if isinstance(self.step, ChooseKind):
            self.step.change_use()

    def on_unmount(self) -> None:
        """Passwords do not outlive the dialog."""
        for field in self.query(FormField):
            field.value = ""

    def _solve(self, tab: str) -> None:
        koble = self.koble
        self.dismiss(None)
        koble.post_message(Show("settings", tab))
