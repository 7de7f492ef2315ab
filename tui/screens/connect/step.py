"""What every step of the dialog is made of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.widgets import Static

from scheduling.connections import Kind, Profile, Use
from scheduling.errors import KobleError
from tui.commands import Command
from tui.commands.general import Back
from tui.screens.base import Base
from tui.screens.connect.kinds import SHORT
from tui.widgets.form import FormField
from words import _

if TYPE_CHECKING:
    from desk.desk import Desk


@dataclass
class Journey:
    """What the steps share: the desk, whose calendar it is, and what the connection will serve."""

    desk: "Desk"
    profile: Profile
    use: Use = Use.BOTH

    async def refusal(self, kind: Kind, address: str = "") -> KobleError | None:
        """Why such an account cannot be connected."""
        return await self.desk.connections.refusal(kind, address, self.use)


class Step(Base, Vertical, can_focus=True):
    """One step: what it shows, and its commands. Give the kind, the number, `compose`, `forward`.

    What can have the focus lies in it, or it has the focus itself: its keys always apply.
    """

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back,)
    KIND: Kind | None = None
    NUMBER: ClassVar[int] = 1
    OF: ClassVar[int] = 1

    def __init__(self, journey: Journey) -> None:
        super().__init__()
        self.journey = journey

    def heading(self) -> str:
        """What stands in the frame: what is connected, and which step this is."""
        if self.KIND is None:
            return _("Connect your calendar")
        return _(
            "Connect {name} · {number} of {last}",
            name=str(SHORT[self.KIND]),
            number=self.NUMBER,
            last=self.OF,
        )

    def begin(self) -> None:
        """The step comes to the front: to its first empty field, else its first, else itself."""
        fields = [field for field in self.query(FormField) if field.display]
        empty = [field for field in fields if field.required and not field.value]
        if fields:
            (empty or fields)[0].go()
        else:
            self.focus()

    def leave(self) -> None:
        """The step goes out of sight: back, or with the dialog."""

    async def forward(self) -> "Step | None":
        """Do what the step is for: the next step, or None to stay."""
        return None

    def say(self, text: str) -> None:
        """Say something below the form; nothing: no empty line either."""
        for said in self.query(".said").results(Static):
            said.update(text)
            said.display = bool(text)
            # Once it is known how many lines it takes.
            self.call_after_refresh(said.scroll_visible, animate=False)
