"""Whoever follows a calendar step by step holds what is there, whatever others do."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from lxml.etree import _Element as Element

from tests.providers.exchange.ground import WESTERN, Reads, series, standing, times, weekly
from tests.providers.instants import HORIZON
from tests.vendors.exchange import Exchange
from tests.vendors.exchange_mailbox import Item, Mailbox, text_of
from tests.vendors.exchange_words import t

PATTERNS = [
    t("DailyRecurrence", t("Interval", "3")),
    t("WeeklyRecurrence", t("Interval", "1"), t("DaysOfWeek", "Monday Thursday")),
    t("AbsoluteMonthlyRecurrence", t("Interval", "1"), t("DayOfMonth", "31")),
]


class Others:
    """Somebody else at work in the calendar, with or without the server telling of it."""

    def __init__(self, box: Mailbox, chance: random.Random, tells: bool) -> None:
        self._box = box
        self._chance = chance
        self._tells = tells

    def act(self) -> None:
        """One change, of whatever kind can be made."""
        here = self._box.calendar.here
        single = [item for item in here if item.recurrence is None]
        series = [item for item in here if item.recurrence is not None]
        acts: list[Callable[[], None]] = [self._make] * 4
        acts += [lambda: self._make(self._chance.choice(single))] if single else []
        acts += [lambda: self._box.remove(self._chance.choice(here))] if here else []
        acts += [lambda: self._bend(self._chance.choice(series))] * 3 if series else []
        self._chance.choice(acts)()

    def _make(self, item: Item | None = None) -> None:
        day, hour = self._chance.randint(1, 28), self._chance.randint(8, 16)
        start = f"2026-{self._chance.randint(3, 10):02}-{day:02}T{hour:02}:00:00"
        end = start.replace(":00:00", ":45:00")
        self._box.put(
            f"Event {self._chance.randint(0, 9)}",
            start,
            end,
            *([self._recurrence(start)] if item is None and self._chance.random() < 0.4 else []),
            zone=WESTERN,
            item=item,
        )

    def _recurrence(self, start: str) -> Element:
        number = str(self._chance.randint(3, 12))
        extent = t(
            "NumberedRecurrence", t("StartDate", start[:10]), t("NumberOfOccurrences", number)
        )
        return t("Recurrence", self._chance.choice(PATTERNS), extent)

    def _bend(self, item: Item) -> None:
        """Move one occurrence, or drop it."""
        left = [each for each in item.occurrences(item.start, item.start + timedelta(days=400))]
        if not left:
            return
        each = self._chance.choice(left)
        assert each.original is not None
        if self._chance.random() < 0.5:
            item.exceptions.pop(each.original, None)
            item.dropped.add(each.original)
        else:
            start = each.start + timedelta(hours=self._chance.choice((1, 2, -1)))
            item.exceptions[each.original] = {
                "Start": t("Start", start.isoformat()),
                "End": t("End", (start + timedelta(minutes=30)).isoformat()),
                "Subject": t("Subject", f"Special {self._chance.randint(0, 9)}"),
            }
        item.touch(told=self._tells)


def there(box: Mailbox) -> list[tuple[int, int, str]]:
    """What the server itself holds: start, end and title of everything."""
    low, high = (datetime.fromtimestamp(each, UTC) for each in HORIZON)
    found: list[tuple[int, int, str]] = []
    for item in box.calendar.here:
        for each in [item] if item.recurrence is None else item.occurrences(low, high):
            start, end = int(each.start.timestamp()), int(each.end.timestamp())
            found.append((start, end, text_of(each, "Subject")))
    return sorted(found)


@pytest.mark.parametrize(
    ("expands", "tells", "clocks"),
    [
        (True, True, True),
        (True, False, True),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ],
    ids=["expanded and told", "expanded", "told", "neither", "by the first one's clock"],
)
@pytest.mark.parametrize("seed", range(4))
async def test_who_follows_holds_what_is_there(
    server: Exchange,
    box: Mailbox,
    read: Reads,
    seed: int,
    expands: bool,
    tells: bool,
    clocks: bool,
) -> None:
    server.limits.expands = expands
    box.clocks = clocks
    chance = random.Random(seed)
    others = Others(box, chance, tells)
    for _ in range(15):
        for _ in range(chance.randint(0, 4)):
            others.act()
        followed = await read()
        held = [(start, end, each.title) for each in followed for start, end in each.spans]
        assert sorted(held) == there(box)
        assert read.problems == []
    assert there(box)


async def test_series_of_the_past_are_not_asked_for_again_and_again(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    past = series(weekly("Tuesday"), last=times(3, "2024-06-04"))
    box.put("Past", "2024-06-04T07:00:00Z", "2024-06-04T08:00:00Z", past, zone=WESTERN)
    now = standing(box, series(weekly("Tuesday"), last=times(3)))
    await read()
    box.remove(now)
    await read()
    asked = server.asked.count("GetItem")
    await read()
    assert (server.asked.count("GetItem"), read.changed) == (asked, [])
