"""What the settings show: read from the desk at once, so that all of it belongs together."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scheduling.connections import Inbox, Profile
from scheduling.pages import Schedule

if TYPE_CHECKING:
    from desk.connections import Overview
    from desk.desk import Desk
    from desk.settings import Preferences


@dataclass(frozen=True)
class View:
    """The state of the house, as far as settings show it."""

    profile: Profile
    schedule: Schedule
    preferences: "Preferences"
    overview: "Overview"
    inboxes: tuple[Inbox, ...]
    home: Path


async def read_view(desk: "Desk") -> View:
    """Everything that the settings show."""
    return View(
        profile=await desk.settings.profile(),
        schedule=await desk.settings.schedule(),
        preferences=await desk.settings.preferences(),
        overview=await desk.connections.overview(),
        inboxes=tuple(await desk.connections.inboxes()),
        home=desk.home,
    )
