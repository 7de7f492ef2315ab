"""An account at the double of Google, as tests read and write it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from providers.base import ChangePage, Gone, Upsert
from providers.google import GoogleProvider
from scheduling.connections import Access
from scheduling.events import Event, Span
from tests.providers.instants import HORIZON
from tests.vendors.google import Google

ME = "me@example.org"


class Waits:
    """In place of sleeping: how long would have been slept."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Wallet:
    """Tokens: the next one when the present one is refused."""

    def __init__(self, *tokens: str) -> None:
        self.left = list(tokens or ("good",))
        self.refused: list[str] = []

    async def token(self, refused: str = "") -> str:
        if refused:
            self.refused.append(refused)
            if len(self.left) > 1:
                self.left.pop(0)
        return self.left[0]


class Account:
    """A provider at a double, and what a desk would hold of its calendar."""

    def __init__(self, google: Google, access: Access = Access.MAIL, **more: Any) -> None:
        self.google = google
        self.waits = Waits()
        self.tokens = Wallet()
        told = {"address": ME, "access": access, "base": google.url, "sleep": self.waits}
        self.provider = GoogleProvider(**({"tokens": self.tokens, "local": True} | told | more))
        self.calendar = ME
        self.cursor = ""
        self.held: dict[str, Upsert] = {}

    async def read(self, horizon: Span = HORIZON) -> list[ChangePage]:
        """Read what changed, and take it in."""
        pages = []
        listed: set[str] = set()
        async for page in self.provider.changes(self.calendar, self.cursor, horizon):
            pages.append(page)
            listed.update(page.listed)
            for change in page.changes:
                if isinstance(change, Gone):
                    self.held.pop(change.resource, None)
                else:
                    self.held[change.resource] = change
            if page.complete:
                self.held = {name: each for name, each in self.held.items() if name in listed}
        assert pages[-1].cursor
        assert not any(page.cursor for page in pages[:-1])
        self.cursor = pages[-1].cursor
        return pages

    @property
    def events(self) -> list[Event]:
        """All events held, their versions and order aside."""
        events = [
            msgspec.structs.replace(event, etag="")
            for each in self.held.values()
            for event in each.events
        ]
        return sorted(events, key=lambda event: (event.id, event.spans))

    @property
    def titles(self) -> list[str]:
        """Their titles, in order."""
        return sorted(event.title for event in self.events)


@contextmanager
def account(**more: Any) -> Iterator[Account]:
    """An empty account."""
    google = Google(ME)
    with google.running():
        yield Account(google, **more)


def at_time(text: str, zone: str = "") -> dict[str, str]:
    """`2026-06-01T09:00:00+02:00`, or a day, as Google writes it."""
    if "T" not in text:
        return {"date": text}
    return {"dateTime": text} | ({"timeZone": zone} if zone else {})


def event(name: str, start: str, end: str, zone: str = "", **more: Any) -> dict[str, Any]:
    """An event as Google has it."""
    times = {"start": at_time(start, zone), "end": at_time(end, zone)}
    return {"id": name, "summary": name, **times, **more}
