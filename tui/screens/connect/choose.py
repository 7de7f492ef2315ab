"""The first step: which kind of calendar; and why nothing can be connected, if so."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scheduling.connections import Kind, Use, may_pair
from scheduling.errors import KobleError
from tui import marks
from tui.commands import Command
from tui.commands.connect import (
    ChangeUse,
    ConnectCalendar,
    SolveInCalendar,
    SolveInProfile,
    SubscribeInstead,
)
from tui.commands.general import Cancel
from tui.screens.connect.caldav import CaldavForm
from tui.screens.connect.exchange import WhatToExpect
from tui.screens.connect.folder import FolderStep
from tui.screens.connect.kinds import ABOUT, NAMES, USES
from tui.screens.connect.prose import paragraph
from tui.screens.connect.review import GoogleReview, OfficeReview
from tui.screens.connect.step import Journey, Step
from tui.screens.connect.subscription import AccountFirst, SubscriptionForm
from tui.widgets.rows import Row, Rows
from words import _

STEPS: dict[Kind, type[Step]] = {
    Kind.GOOGLE: GoogleReview,
    Kind.OFFICE365: OfficeReview,
    Kind.EXCHANGE: WhatToExpect,
    Kind.CALDAV: CaldavForm,
    Kind.LOCAL: FolderStep,
    Kind.SUBSCRIPTION: SubscriptionForm,
}
"""The step that follows, by kind."""


class ChooseKind(Step):
    """Google / Gmail, Office 365, Exchange, CalDAV, this computer, or what others publish."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Cancel, ChangeUse, ConnectCalendar)

    def __init__(self, journey: Journey, *, uses: tuple[Use, ...]) -> None:
        super().__init__(journey)
        self.uses = uses
        self._steps: dict[Kind, Step] = {}

    def compose(self) -> ComposeResult:
        """A row for each kind; for accounts of old also what the connection serves."""
        yield paragraph(_("Which calendar do you use?"), classes="lead")
        rows = [
            Row(kind.value, (str(NAMES[kind]), Content.styled(str(ABOUT[kind]), "$muted")))
            for kind in STEPS
        ]
        yield Rows(rows, columns=(15, 0), id="kinds")
        yield Static("", markup=False, id="use")

    def on_mount(self) -> None:
        """As high as its rows."""
        self.query_one(Rows).styles.height = len(STEPS)
        self._say_use()

    def _say_use(self) -> None:
        use = self.query_one("#use", Static)
        use.display = len(self.uses) > 1 or self.uses[0] is not Use.BOTH
        text = _("It is used for: {uses}", uses=str(USES[self.journey.use]))
        use.update(Content.styled(text, "$muted"))

    def begin(self) -> None:
        """Choose at once."""
        self.query_one(Rows).focus()

    def applies(self, command: type[Command]) -> bool | None:
        """What it serves can be changed where there is a choice."""
        return len(self.uses) > 1 if command is ChangeUse else True

    def on_change_use(self) -> None:
        """Serve the next of what it may serve."""
        at = self.uses.index(self.journey.use)
        self.journey.use = self.uses[(at + 1) % len(self.uses)]
        self._say_use()

    async def forward(self) -> Step | None:
        """The first step of the kind under the cursor; as it was left, if it was there before."""
        row = self.query_one(Rows).current
        if row is None:
            return None
        kind = Kind(row.id)
        if kind is Kind.SUBSCRIPTION:
            overview = await self.journey.desk.connections.overview()
            if not overview.accounts:
                return AccountFirst(self.journey)
        if kind not in self._steps:
            self._steps[kind] = STEPS[kind](self.journey)
        return self._steps[kind]


class Refused(Step):
    """Why no calendar can be connected; its subclasses know the way out."""

    def __init__(self, journey: Journey, error: KobleError) -> None:
        super().__init__(journey)
        self.error = error

    def compose(self) -> ComposeResult:
        """The reason, then the hint."""
        yield Static(
            Content.assemble((f"{marks.WRONG} ", "$error"), (str(self.error.message), "bold")),
            markup=False,
        )
        if self.error.hint:
            yield paragraph(str(self.error.hint), classes="below-lead")


class NotPermitted(Refused):
    """The permission is missing (S12)."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Cancel, SolveInProfile)

    def compose(self) -> ComposeResult:
        """Also where the permission is noted."""
        yield from super().compose()
        note = _("It is noted in Settings, General, Profile.")
        yield paragraph(note, classes="muted below-lead")


class Taken(Refused):
    """Another account is connected (S15); beside it published calendars may stand."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Cancel, SubscribeInstead, SolveInCalendar)

    async def forward(self) -> Step | None:
        """To what may stand beside the account."""
        return SubscriptionForm(self.journey)


def uses_left(journey: Journey, connected: tuple[Use, ...]) -> tuple[Use, ...]:
    """What a new connection may serve beside those that are `connected` (S15)."""
    if not may_pair(journey.profile):
        return (Use.BOTH,)
    if not connected:
        return (Use.BOTH, Use.CALENDAR, Use.MEETINGS)
    if connected[0] is Use.CALENDAR:
        return (Use.MEETINGS,)
    if connected[0] is Use.MEETINGS:
        return (Use.CALENDAR,)
    return (Use.BOTH,)
