"""Office 365, from a Graph of our own on loopback: the first read, series, and looks after it."""

import asyncio
import gc
import json
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx
from starlette.requests import Request
from starlette.responses import Response

from providers.office365 import Office365Provider
from scheduling.connections import Access
from scheduling.events import Span
from tests.vendors.graph import Graph, Server, graph_server
from tests.vendors.graph_mailbox import utc

SINGLES, SERIES, DAYS = 10_000, 20, 640
WORK = 2.1
"""All work on 10,000 events beside fetching and decoding them: 300 ms where those take 143."""
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
HORIZON: Span = (1_767_225_600, 1_767_225_600 + DAYS * 86_400)


class _Token:
    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self, refused: str = "") -> str:
        return self._token


def rows() -> list[tuple[str, float, str, float]]:
    """Rows: name, processor time or ratio, unit, goal. The server's part is in it."""
    with graph_server() as server:
        graph = server.graph()
        _keep(graph)
        measured = asyncio.run(_measured(graph, _provider(graph, server.url), server.url))
        peaks = [asyncio.run(_peak(server, count)) for count in (SINGLES // 4, SINGLES)]
    flat = ("Office 365: memory for 20 pages beside that for 5", peaks[1] / peaks[0], "×", 1.25)
    return [*measured, flat]


def _provider(graph: Graph, base: str) -> Office365Provider:
    return Office365Provider(_Token(graph.token), access=Access.WRITE, base=base, local=True)


async def _peak(server: Server, count: int) -> float:
    """Bytes that a first read holds at most, beyond what the double holds."""
    graph = server.graph()
    graph.page = 500
    calendar = graph.box.calendar("Calendar")
    _fill(graph, calendar, count)
    _keep(graph)
    provider = _provider(graph, server.url)
    peak = 0
    for traced in (False, True):
        names = 0
        gc.collect()
        if traced:
            tracemalloc.start()
        async for page in provider.changes(calendar, "", HORIZON):
            names += len(page.changes)
        if traced:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert names == count
    await provider.close()
    return peak


def _keep(graph: Graph) -> None:
    """Have answers said again as they were said first: what making them takes is no matter here."""
    ready: dict[str, Response] = {}
    made = graph.answer

    async def answer(request: Request, base: str) -> Response:
        url = str(request.url)
        if url not in ready:
            ready[url] = await made(request, base)
        return ready[url]

    graph.answer = answer  # type: ignore[method-assign]
    graph.contract = None


def _fill(graph: Graph, calendar: str, count: int) -> None:
    for number in range(count):
        start = START + timedelta(minutes=90 * number)
        times = {"start": utc(start), "end": utc(start + timedelta(minutes=30))}
        graph.box.add(calendar, {**times, "subject": f"Event {number}"})


async def _measured(
    graph: Graph, provider: Office365Provider, base: str
) -> list[tuple[str, float, str, float]]:
    calendar, other = graph.box.calendar("Calendar"), graph.box.calendar("Other")

    async def read(cursor: str) -> tuple[float, str]:
        """Processor time and the cursor; a page is let go of once it came, as the desk does."""
        began = time.process_time()
        async for page in provider.changes(calendar, cursor, HORIZON):
            cursor = page.cursor
        return (time.process_time() - began) * 1000, cursor

    for number in range(SERIES):
        days = [START + timedelta(days=day, minutes=number) for day in range(DAYS)]
        graph.box.series(calendar, {"subject": f"Daily {number}"}, days, 15)
    await read("")
    series, _ = min([await read("") for _ in range(3)])
    _fill(graph, other, SINGLES)
    calendar = other
    await read("")
    asked = [each.removeprefix("GET ") for each in graph.asked if other in unquote(each)]
    plain, singles, cursor = float("inf"), float("inf"), ""
    for _ in range(7):
        plain = min(plain, await _fetched(graph, base, asked))
        singles, cursor = min((singles, cursor), await read(""))
    again = min([(await read(cursor))[0] for _ in range(5)])
    await provider.close()
    return [
        (f"Office 365: {SERIES} series of {DAYS} days, read first", series, "ms", 600.0),
        ("Office 365: 10,000 events, all work, beside fetch and json", singles / plain, "×", WORK),
        ("Office 365: a look when nothing changed", again, "ms", 25.0),
    ]


async def _fetched(graph: Graph, base: str, asked: list[str]) -> float:
    """Processor time for the same answers, as httpx and json have them."""
    headers = {"authorization": f"Bearer {graph.token}", "prefer": 'body-content-type="text"'}
    began, events = time.process_time(), 0
    async with httpx.AsyncClient(base_url=base, headers=headers) as client:
        for each in asked:
            events += len(json.loads((await client.get("/v1.0" + each)).content)["value"])
    assert events == SINGLES
    return (time.process_time() - began) * 1000
