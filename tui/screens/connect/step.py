"""What every step of the dialog is made of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content

from scheduling.connections import Connection, Kind, Profile, Use
from scheduling.errors import KobleError
from tui import marks
from tui.commands import Command
from tui.commands.connect import Forward
from tui.screens.connect.kinds import SHORT
from words import Phrase, _

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


class Step(Vertical):
    """One step. Give the kind, its number, its commands, `compose`, `begin` and `forward`."""

    KIND: Kind | None = None
    NUMBER: ClassVar[int] = 1
    OF: ClassVar[int] = 1
    VERBS: ClassVar[tuple[type[Command], ...]] = ()

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
        """The step comes to the front: put the focus where writing or choosing starts."""

    def verbs(self) -> tuple[type[Command], ...]:
        """The commands that apply in this step now."""
        return self.VERBS

    async def forward(self, command: Forward) -> "Step | Connection | None":
        """Do what the step is for: the next step, a connection, or None to stay."""
        return None


def points(*lines: str | Phrase) -> Content:
    """Lines with a dot before each, and the text of each under itself."""
    return Content("\n").join([Content(f"{marks.DOT} {line}") for line in lines])


def not_built(kind: Kind) -> str:
    """What is said where the network half is missing."""
    return _(
        "Signing in to {name} is not built yet. Nothing was sent, and nothing is connected.",
        name=str(SHORT[kind]),
    )
