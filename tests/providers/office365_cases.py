"""What the tests of Office 365 share: a provider at the double, and times as Graph takes them."""

from typing import Any

from providers.office365 import Office365Provider
from scheduling.connections import Access
from tests.providers.stages import NOW, Office365Stage, OneToken
from tests.vendors.graph import Server


class Waits:
    """What was waited for, in no time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def provided(graphs: Server, stage: Office365Stage, **more: Any) -> Office365Provider:
    """A provider of the stage's mailbox."""
    usual = {"access": Access.WRITE, "tokens": OneToken(stage.graph.token), "sleep": Waits()}
    return Office365Provider(now=lambda: NOW, base=graphs.url, local=True, **usual | more)


def times(start: str, end: str, zone: str = "UTC") -> dict[str, Any]:
    """When an event is."""
    return {
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": zone},
    }


JUNE = times("2026-06-02T07:00:00", "2026-06-02T08:00:00")
