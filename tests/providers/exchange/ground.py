"""What the tests of Exchange stand on: who reads, who waits, series as its servers tell them."""

from datetime import UTC, datetime
from typing import Any

from lxml.etree import _Element as Element

from providers.base import Draft, Upsert
from providers.exchange import ExchangeProvider
from scheduling.events import Attendee, Event
from tests.providers.instants import HORIZON, at
from tests.vendors.exchange import PASSWORD, Exchange
from tests.vendors.exchange_mailbox import Item, Mailbox
from tests.vendors.exchange_words import t

ADA = "ada@example.org"
WESTERN = "W. Europe Standard Time"
DRAFT = Draft(
    uid="chosen@koble",
    title="Intro",
    start=at("2026-06-02T07:00Z"),
    end=at("2026-06-02T07:30Z"),
    zone="Europe/Oslo",
    attendees=(Attendee(email="ann@example.org"),),
)


def koble(server: Exchange, **settings: Any) -> ExchangeProvider:
    """A provider for Ada on this server, as these settings say."""
    given: dict[str, Any] = {"address": ADA, "username": ADA, "password": PASSWORD}
    return ExchangeProvider(server.url, **(given | {"scheme": "basic", "local": True} | settings))


class Waits:
    """Takes the place of waiting, and remembers how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Reads:
    """What was read of a calendar so far."""

    def __init__(self, provider: ExchangeProvider, calendar: str) -> None:
        self._provider, self._calendar = provider, calendar
        self.cursor = ""
        self.held: dict[str, tuple[Event, ...]] = {}
        self.problems: list[str] = []
        self.changed: list[str] = []

    async def __call__(self) -> list[Event]:
        listed: set[str] = set()
        self.problems, self.changed = [], []
        async for page in self._provider.changes(self._calendar, self.cursor, HORIZON):
            listed.update(page.listed)
            self.problems += [problem.text for problem in page.problems]
            for change in page.changes:
                self.changed.append(change.resource)
                self.held.pop(change.resource, None)
                if isinstance(change, Upsert):
                    self.held[change.resource] = change.events
            if page.complete:
                self.held = {each: held for each, held in self.held.items() if each in listed}
            self.cursor = page.cursor or self.cursor
        return [event for events in self.held.values() for event in events]


def series(*pattern: Element, last: Element | None = None) -> Element:
    return t("Recurrence", *pattern, last if last is not None else _for_ever("2026-06-02"))


def _for_ever(day: str) -> Element:
    return t("NoEndRecurrence", t("StartDate", day))


def times(number: int, day: str = "2026-06-02") -> Element:
    return t("NumberedRecurrence", t("StartDate", day), t("NumberOfOccurrences", str(number)))


def weekly(*days: str, every: int = 1) -> Element:
    return t(
        "WeeklyRecurrence",
        t("Interval", str(every)),
        t("DaysOfWeek", " ".join(days)),
        t("FirstDayOfWeek", "Monday"),
    )


def standing(box: Mailbox, rule: Element, **more: Any) -> Item:
    return box.put(
        "Standing", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", rule, zone=WESTERN, **more
    )


def moment(text: str) -> datetime:
    return datetime.fromtimestamp(at(text), UTC)


def starts(events: list[Event]) -> list[str]:
    return sorted(
        datetime.fromtimestamp(start, UTC).strftime("%m-%d %H:%M")
        for event in events
        for start, _ in event.spans
    )
