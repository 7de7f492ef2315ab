"""koble's side of the tests with the Exchange server of our own."""

from typing import Any

from providers.base import Draft, Upsert
from providers.exchange import ExchangeProvider
from scheduling.events import Attendee, Event
from tests.providers.instants import HORIZON, at
from tests.vendors.exchange import PASSWORD, Exchange
from tests.vendors.exchange_client import ADA

DRAFT = Draft(
    uid="chosen-beforehand@koble",
    title="Intro",
    start=at("2026-06-02T07:00Z"),
    end=at("2026-06-02T07:30Z"),
    zone="Europe/Oslo",
    attendees=(Attendee(email="ann@example.org", name="Ann"),),
)


class Waits:
    """Time that is asked for and not taken."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def koble(server: Exchange, **settings: Any) -> ExchangeProvider:
    """The provider of Ada's account there."""
    given: dict[str, Any] = {
        "address": ADA,
        "username": ADA,
        "password": PASSWORD,
        "scheme": "basic",
        "local": True,
        "sleep": Waits(),
    }
    return ExchangeProvider(server.url, **(given | settings))


class Reading:
    """What is held of the calendar, read again and again."""

    def __init__(self, provider: ExchangeProvider, calendar: str) -> None:
        self._provider = provider
        self._calendar = calendar
        self._cursor = ""
        self._held: dict[str, Upsert] = {}
        self.problems: list[str] = []

    async def again(self) -> list[Event]:
        """All events as they are now."""
        self.problems = []
        pages = self._provider.changes(self._calendar, self._cursor, HORIZON)
        async for page in pages:
            self.problems += [each.text for each in page.problems]
            for change in page.changes:
                if isinstance(change, Upsert):
                    self._held[change.resource] = change
                else:
                    self._held.pop(change.resource, None)
            if page.complete:
                self._held = {k: v for k, v in self._held.items() if k in page.listed}
            self._cursor = page.cursor or self._cursor
        return [event for each in self._held.values() for event in each.events]
