"""The first read of 10,000 events at a cloud's double, beside fetching and decoding its answers."""

import asyncio
import gc
import gzip
import json
import random
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from providers.google import GoogleProvider
from providers.google_api import Api, read
from providers.google_events import Item
from scheduling.events import Span
from tests.bench import clouds_office365
from tests.bench.clouds_office365 import WORK
from tests.vendors.google import Google
from tests.vendors.serving import Reply, Request, Serving

EVENTS, SERIES = 10_000, 300
YEARS: Span = (1_735_689_600, 1_830_297_600)  # 2025 to 2027
ME = "me@example.org"


class Signed:
    async def token(self, refused: str = "") -> str:
        return "good"


def run() -> list[tuple[str, float, str, float]]:
    """Rows: name, what was measured, unit, goal."""
    return [*asyncio.run(_google()), *clouds_office365.rows()]


async def _google() -> list[tuple[str, float, str, float]]:
    with _pages(EVENTS, 2_500) as server:
        urls = await _addresses(server)
        gc.freeze()  # what the double holds; koble does the same with what it has when it begins
        plain, bare, whole = await _best(
            lambda: _fetched(urls), lambda: _decoded(server, urls), lambda: _read(server)
        )
    gc.unfreeze()
    peaks = []
    for count in (2_500, EVENTS):
        with _pages(count, 500) as server:
            await _read(server, count)  # so that its answers are ready
            peaks.append(await _peak(server))
    return [
        (
            "Google: fetching and decoding 10,000 events, beside httpx and json",
            bare / plain,
            "×",
            1.0,
        ),
        ("Google: all work on 10,000 events, beside httpx and json", whole / plain, "×", WORK),
        ("Google: memory for 20 pages beside that for 5", peaks[1] / peaks[0], "×", 1.25),
    ]


class Listing(msgspec.Struct):
    items: list[Item]


async def _decoded(server: Serving, urls: list[str]) -> None:
    """The same answers, as koble has them before it makes anything of them."""
    api = Api(Signed(), base=server.url, local=True)
    items = 0
    for url in urls:
        parts = urlsplit(url)
        path = parts.path.removeprefix("/calendar/v3")
        items += len(read(await api.ask("GET", path, parse_qsl(parts.query)), Listing).items)
    await api.close()
    assert items == EVENTS


async def _read(server: Serving, count: int = EVENTS) -> None:
    provider = GoogleProvider(Signed(), base=server.url, local=True)
    names = 0
    async for page in provider.changes(ME, "", YEARS):
        names += len(page.changes)
    await provider.close()
    assert names == count


async def _fetched(urls: list[str]) -> None:
    """The same answers, as httpx and json have them."""
    items = 0
    headers = {"authorization": "Bearer good", "user-agent": "gzip"}
    async with httpx.AsyncClient(headers=headers) as client:
        for url in urls:
            items += len(json.loads((await client.get(url)).content)["items"])
    assert items == EVENTS


async def _addresses(server: Serving) -> list[str]:
    """What is asked for in a first read."""
    before = len(server.asked)
    await _read(server)
    return [
        str(httpx.URL(server.url + each.path, params=each.query))
        for each in server.asked[before:]
        if each.path.endswith("/events")
    ]


async def _peak(server: Serving) -> float:
    """Bytes that a read holds at most, beyond what the double holds."""
    provider = GoogleProvider(Signed(), base=server.url, local=True)
    gc.collect()
    tracemalloc.start()
    async for _ in provider.changes(ME, "", YEARS):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await provider.close()
    return peak


@contextmanager
def _pages(count: int, size: int) -> Iterator[Serving]:
    """A server that has its answers ready: what it takes to make them is no matter here."""
    google = Google(ME)
    google.pages, google.checked = size, False
    dice = random.Random(1)
    for number in range(count):
        google.put(_event(number, dice, series=number < SERIES))
    ready: dict[tuple[tuple[str, str], ...], Reply] = {}

    def answers(request: Request) -> Reply:
        if request.query not in ready:
            reply = google._answer(request)
            packed = gzip.compress(reply.body, 6)
            ready[request.query] = Reply(reply.status, packed, {"Content-Encoding": "gzip"})
        return ready[request.query]

    server = Serving(answers)
    with server.running():
        yield server


async def _best(*jobs: Callable[[], Awaitable[None]]) -> list[float]:
    """The least processor time of each, in milliseconds: others on the machine do not count."""
    best = [float("inf")] * len(jobs)
    for _ in range(12):
        for number, job in enumerate(jobs):
            began = time.process_time()
            await job()
            best[number] = min(best[number], (time.process_time() - began) * 1000)
    return best


def _event(number: int, dice: random.Random, *, series: bool) -> dict[str, Any]:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * dice.randrange(30_000))
    end = start + timedelta(minutes=dice.choice((15, 30, 60, 90)))
    guests = [
        {"email": f"guest{dice.randrange(200)}@example.org", "responseStatus": "accepted"}
        for _ in range(dice.randrange(5))
    ]
    rule = dice.choice(("FREQ=WEEKLY", "FREQ=DAILY;COUNT=40", "FREQ=MONTHLY;BYDAY=2TU"))
    return {
        "id": f"event{number:08}",
        "summary": f"Meeting number {number} about things",
        "description": "An agenda, and more\nlines of it <b>in HTML</b> &amp; so on",
        "location": f"Room {number % 10}",
        "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Oslo"},
        "end": {"dateTime": end.isoformat(), "timeZone": "Europe/Oslo"},
        "attendees": guests,
        "reminders": {"useDefault": True},
        **({"recurrence": [f"RRULE:{rule}"]} if series else {}),
    }
