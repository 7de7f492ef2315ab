"""What is the same of an event wherever it lies."""

import re
from collections.abc import Iterable

from scheduling.events import Span
from scheduling.text import clean
from scheduling.zones import DAY
from words import Phrase

GUESTS = 500
"""How many guests of an event are read."""
_LONGEST = 2000
_FIRST, _LAST = -25_567 * DAY, 84_006 * DAY
"""The beginnings of the years 1900 and 2200."""
_LINK = re.compile(r"https?://[^\s<>\"'`\\]+", re.ASCII | re.IGNORECASE)


def within(spans: Iterable[Span], horizon: Span, *, wall: bool) -> tuple[Span, ...]:
    """Those that touch `horizon`, in order. Wall time (`wall`) may lie up to a day off it."""
    margin = DAY if wall else 0
    low, high = horizon[0] - margin, horizon[1] + margin
    found = [(s, e) for s, e in spans if s < high and (e > low or low <= s == e)]
    return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)


def named(title: str) -> Phrase | str:
    """An event as it is called where something is said of it."""
    title = clean(title, limit=60)
    return f"“{title}”" if title else Phrase("An event without a title")


def left_out(title: str, why: object) -> Phrase:
    """That an event could not be read, and why."""
    return Phrase("{event} is left out: {why}.", event=named(title), why=why)


def meeting_link(addresses: Iterable[str | None]) -> str:
    """The first that is a web address and nothing else; empty where none is."""
    for address in addresses:
        if address and len(address) <= _LONGEST and _LINK.fullmatch(address):
            return clean(address, limit=_LONGEST)
    return ""
