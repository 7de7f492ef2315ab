"""Office 365, from a Graph of our own on loopback: the first read, series, and looks after it."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx

from providers.office365 import Office365Provider
from scheduling.connections import Access
from scheduling.events import Span
from tests.vendors.graph import Graph, graph_server
from tests.vendors.graph_mailbox import utc

SINGLES, SERIES, DAYS = 10_000, 20, 640
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
HORIZON: Span = (1_767_225_600, 1_767_225_600 + DAYS * 86_400)


class _Token:
    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self, refused: str = "") -> str:
        return self._token


def rows() -> list[tuple[str, float, str, float]]:
    """Rows: name, milliseconds, unit, goal. The server's part of the time is in it."""
    with graph_server() as server:
        graph = server.graph()
        graph.contract = None
        provider = Office365Provider(
            _Token(graph.token),
            access=Access.WRITE,
            now=lambda: HORIZON[0],
            base=server.url,
            local=True,
        )
        return asyncio.run(_measured(graph, provider, server.url))


async def _measured(
    graph: Graph, provider: Office365Provider, base: str
) -> list[tuple[str, float, str, float]]:
    calendar, other = graph.box.calendar("Calendar"), graph.box.calendar("Other")

    async def read(cursor: str) -> tuple[float, str]:
        """Milliseconds, and the cursor; a page is let go of once it came, as the desk does."""
        began = time.perf_counter()
        async for page in provider.changes(calendar, cursor, HORIZON):
            cursor = page.cursor
        return (time.perf_counter() - began) * 1000, cursor

    for number in range(SERIES):
        days = [START + timedelta(days=day, minutes=number) for day in range(DAYS)]
        graph.box.series(calendar, {"subject": f"Daily {number}"}, days, 15)
    series, _ = await read("")
    for number in range(SINGLES):
        start = START + timedelta(minutes=90 * number)
        times = {"start": utc(start), "end": utc(start + timedelta(minutes=30))}
        graph.box.add(other, {**times, "subject": f"Event {number}"})
    calendar = other
    await read("")
    asked = [each.removeprefix("GET ") for each in graph.asked if other in unquote(each)]
    plain = min([await _fetched(graph, base, asked) for _ in range(3)])
    singles, cursor = min([await read("") for _ in range(3)])
    again = min([(await read(cursor))[0] for _ in range(5)])
    await provider.close()
    return [
        (f"Office 365: {SERIES} series of {DAYS} days, read first", series, "ms", 1_500.0),
        ("Office 365: 10,000 events, all work, beside fetch and json", singles / plain, "×", 1.5),
        ("Office 365: a look when nothing changed", again, "ms", 25.0),
    ]


async def _fetched(graph: Graph, base: str, asked: list[str]) -> float:
    """Milliseconds for the same answers, as httpx and json have them."""
    headers = {"authorization": f"Bearer {graph.token}", "prefer": 'body-content-type="text"'}
    began, events = time.perf_counter(), 0
    async with httpx.AsyncClient(base_url=base, headers=headers) as client:
        for each in asked:
            events += len(json.loads((await client.get("/v1.0" + each)).content)["value"])
    assert events == SINGLES
    return (time.perf_counter() - began) * 1000
