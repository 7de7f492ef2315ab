"""What changed in a calendar of Office 365, by delta over a window that its links are bound to.

A resource is a single event, or a whole series. Graph tells of a series by occurrences that carry
nothing but a time, says nothing where one of them is deleted, and may repeat or delay any of them.
So they only say *that* a series changed; what it now consists of is asked for as a whole, and
replaces what was known of it. Nothing is lost or doubled by that, whatever the order of the news.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from hashlib import blake2s

import msgspec

from providers.base import ChangePage, Gone, Problem, ProviderError, Upsert
from providers.decoding import decoded
from providers.events import left_out
from providers.office365_events import (
    EXCEPTION,
    MASTER,
    OCCURRENCE,
    Head,
    Item,
    Maker,
    Unreadable,
    span,
)
from providers.office365_graph import Expired, Graph, together
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.instants import utc_text
from words import Phrase

WIDEST = 1800 * 86_400
"""Seconds of one window: Graph refuses views of more than 1825 days."""
BATCH = 20
"""Series, or doubtful events, that are asked for before a page is handed on."""
_MARK = 4
"""Bytes by which the cursor knows an occurrence: one taken for another costs a look, no more."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """How far a calendar was read.

    `links`: where the next changes of each window are. `troubled`: what could not be read, and is
    tried again. `series`: the occurrences of each series, as short marks.
    """

    horizon: Span
    links: tuple[str, ...]
    troubled: tuple[str, ...] = ()
    series: dict[str, str] = {}

    @classmethod
    def read(cls, text: str, horizon: Span) -> "Cursor | None":
        """The cursor in `text`; None where it is none, or of another horizon."""
        cursor = decoded(text, cls)
        return cursor if cursor and cursor.horizon == horizon and cursor.links else None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one resource now is, or why it cannot be read."""

    change: Upsert | Gone | None = None
    problem: Problem | None = None
    occurrences: tuple[str, ...] = ()
    """The ids of a series' occurrences."""
    series: str = ""
    """The series that has to be read for it."""

    @property
    def gone(self) -> bool:
        """Whether it is not there any more."""
        return isinstance(self.change, Gone)


async def changes(
    graph: Graph, calendar: str, cursor: str, maker: Maker
) -> AsyncIterator[ChangePage]:
    """See `CalendarProvider.changes`; the horizon is that of `maker`."""
    before = Cursor.read(cursor, maker.horizon)
    if before is not None and all(map(graph.owns, before.links)):
        try:
            async for page in Round(graph, calendar, maker, before).pages():
                yield page
            return
        except Expired:
            pass  # what Graph no longer knows is found by listing everything
    try:
        async for page in Round(graph, calendar, maker, None).pages():
            yield page
    except Expired:
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("Office 365 did not list the whole calendar.")
        ) from None


class Round:
    """One round of changes: all since a cursor, or everything."""

    def __init__(self, graph: Graph, calendar: str, maker: Maker, before: Cursor | None) -> None:
        self._graph = graph
        self._calendar = calendar
        self._maker = maker
        self._whole = before is None
        self._before = before
        self._marks = dict(before.series) if before else {}
        self._doubtful = dict.fromkeys(before.troubled if before else ())
        """What has to be looked at, because nothing sure was said of it."""
        self._removed: dict[str, None] = {}
        self._series: dict[str, None] = {}
        self._exceptions: dict[str, Item] = {}
        self._troubled: dict[str, None] = {}
        self._there = False

    async def pages(self) -> AsyncIterator[ChangePage]:
        """Pages of changes; the last one has the cursor.

        Raises:
            Expired: the cursor leads nowhere any more.
        """
        windows = _windows(self._maker.horizon)
        links = list(self._before.links) if self._before else [self._first(w) for w in windows]
        after = []
        for start in links:
            end = ""
            async for page in self._graph.pages(start):
                yield self._page(await asyncio.to_thread(self._items, page.value))
                end = page.delta_link
            if not end:
                raise Expired
            after.append(end)
        async for batch in self._looked({**self._removed, **self._doubtful}):
            yield batch
        async for batch in self._read_series():
            yield batch
        cursor = Cursor(self._maker.horizon, tuple(after), tuple(self._troubled), self._marks)
        yield ChangePage(cursor=msgspec.json.encode(cursor).decode(), complete=self._whole)

    def _first(self, window: Span) -> str:
        start, end = map(utc_text, window)
        return self._url("calendarView", "delta", startDateTime=start, endDateTime=end)

    def _url(self, *parts: str, **query: str) -> str:
        return self._graph.url("me", "calendars", self._calendar, *parts, **query)

    def _items(self, value: Iterable[msgspec.Raw]) -> list[Found]:
        return [self._item(raw) for raw in value]

    def _item(self, raw: msgspec.Raw) -> Found:
        """What one item of a list of changes says; what hangs together is noted for later."""
        head = decoded(raw, Head)
        if head is None:
            return Found(problem=Problem("", str(Phrase("An event cannot be read."))))
        self._doubtful.pop(head.id, None)
        self._removed.pop(head.id, None)
        if head.removed is not None:
            self._removed[head.id] = None
            return Found()
        if head.type in (OCCURRENCE, EXCEPTION) and head.series_master_id:
            if head.type == EXCEPTION and (item := decoded(raw, Item)):
                self._exceptions[head.id] = item
            return Found(series=head.series_master_id)
        if head.type == MASTER:
            return Found(series=head.id)
        self._series.pop(head.id, None)
        item = decoded(raw, Item)
        return self._single(item) if item else _unreadable(head.id, _nonsense())

    def _single(self, item: Item) -> Found:
        try:
            return Found(change=Upsert(item.id, item.etag, self._maker.single(item)))
        except Unreadable as error:
            return _unreadable(item.id, error)

    def _page(self, found: Iterable[Found]) -> ChangePage:
        """A page of what was found; what it says of series is noted."""
        listed: list[str] = []
        changes: list[Upsert | Gone] = []
        problems: list[Problem] = []
        for each in found:
            if each.series:
                self._series[each.series] = None
                listed.append(each.series)
            if each.problem:
                problems.append(each.problem)
                if name := each.problem.resource:
                    # What was read of it before holds until it can be read again.
                    listed.append(name)
                    self._troubled[name] = None
            if each.change:
                self._note(each.change, each.occurrences)
                changes.append(each.change)
                if isinstance(each.change, Upsert):
                    listed.append(each.change.resource)
        return ChangePage(
            changes=tuple(changes),
            listed=tuple(listed) if self._whole else (),
            problems=tuple(problems),
        )

    def _note(self, change: Upsert | Gone, occurrences: tuple[str, ...]) -> None:
        self._troubled.pop(change.resource, None)
        self._marks.pop(change.resource, None)
        if occurrences:
            marks = b"".join(map(_mark, occurrences))
            self._marks[change.resource] = base64.b64encode(marks).decode()

    # What is said to be gone

    async def _looked(self, names: Iterable[str]) -> AsyncIterator[ChangePage]:
        """Look at each: it may be deleted, outside the window only, or there as ever."""
        todo = list(names)
        # Said of an occurrence, it is said of its series.
        known = self._marks.items() if todo else ()
        owners = {mark: each for each, marks in known for mark in _split(marks)}
        for at in range(0, len(todo), BATCH):
            batch = todo[at : at + BATCH]
            found = await together(_or_problem(self._look, name) for name in batch)
            series = [owners.get(_mark(name), "") for name in batch]
            yield self._page([*found, *(Found(series=each) for each in series if each)])

    async def _look(self, name: str) -> Found:
        item = await self._get(name)
        if item is None:
            return Found(change=Gone(name))
        if item.type in (OCCURRENCE, EXCEPTION) and item.series_master_id:
            return Found(series=item.series_master_id)
        if item.type == MASTER:
            shown = await self._instances(name) if name in self._removed else None
            if shown and not await self._lies_here(name, span(shown[0])):
                return Found(change=Gone(name))
            return Found(series=name)
        upsert = Upsert(name, item.etag, self._maker.single(item))
        if upsert.events and name in self._removed and not await self._lies_here(name, span(item)):
            return Found(change=Gone(name))
        return Found(change=upsert)

    async def _lies_here(self, name: str, when: Span) -> bool:
        """Whether this calendar shows it: an id alone may lead to what was moved to another one."""
        start, end = when[0], max(when[1], when[0] + 1)
        url = self._url(
            "calendarView",
            startDateTime=utc_text(start),
            endDateTime=utc_text(end),
            _select="id,type,seriesMasterId",
        )
        async for page in self._graph.pages(url):
            for raw in page.value:
                head = decoded(raw, Head)
                if head and name in (head.id, head.series_master_id):
                    return True
        return False

    # Series

    async def _read_series(self) -> AsyncIterator[ChangePage]:
        todo = list(self._series)
        for at in range(0, len(todo), BATCH):
            batch = todo[at : at + BATCH]
            found = await together(_or_problem(self._one_series, each) for each in batch)
            yield self._page(found)
            gone = {name for name, each in zip(batch, found, strict=True) if each.gone}
            alone = [each.id for each in self._exceptions.values() if each.series_master_id in gone]
            if alone:
                yield self._page(await together(_or_problem(self._alone, each) for each in alone))

    async def _alone(self, name: str) -> Found:
        """An occurrence without its series: its owner was invited to that one only."""
        item = await self._get(name)
        if item is None:
            return Found(change=Gone(name))
        return Found(change=Upsert(name, item.etag, self._maker.single(item)))

    async def _one_series(self, name: str) -> Found:
        """A series as it is now: its master once, and its occurrences with their times alone."""
        master = await self._get(name)
        if master is None:
            return Found(change=Gone(name))
        if master.type != MASTER:
            return Found(change=Upsert(name, master.etag, self._maker.single(master)))
        instances = await self._instances(name)
        if instances is None:
            return Found(change=Gone(name))
        exceptions = [
            self._exceptions.get(each.id) or await self._get(each.id)
            for each in instances
            if each.type == EXCEPTION
        ]
        events = self._maker.series(
            master,
            [each for each in instances if each.type != EXCEPTION],
            [each for each in exceptions if each is not None],
        )
        return Found(
            change=Upsert(name, master.etag, events),
            occurrences=tuple(each.id for each in instances),
        )

    async def _instances(self, name: str) -> list[Item] | None:
        """The occurrences and exceptions within the horizon; None where the series is gone."""
        found: dict[str, Item] = {}
        for start, end in _windows(self._maker.horizon):
            url = self._url(
                "events",
                name,
                "instances",
                startDateTime=utc_text(start),
                endDateTime=utc_text(end),
                _select="id,type,seriesMasterId,start,end",
                _top="500",
            )
            try:
                async for page in self._graph.pages(url):
                    for raw in page.value:
                        if item := decoded(raw, Item):
                            found[item.id] = item
            except ProviderError as error:
                if error.kind is ErrorKind.NOT_FOUND:
                    return None
                raise
        return list(found.values())

    async def _get(self, name: str) -> Item | None:
        """One event, by its own calendar; None where it is gone.

        Raises:
            Unreadable: it makes no sense.
        """
        url = self._url("events", name)
        answer = await self._graph.ask("GET", url, accept=(404,))
        if answer.status < 300:
            if item := decoded(answer.body, Item):
                return item
            raise _nonsense()
        if not self._there:
            # Said only of a calendar that is there.
            await self._graph.ask("GET", self._url())
            self._there = True
        return None


async def _or_problem(call: Callable[[str], Awaitable[Found]], name: str) -> Found:
    try:
        return await call(name)
    except Unreadable as error:
        return _unreadable(name, error)


def _nonsense() -> Unreadable:
    return Unreadable(Phrase("it makes no sense"))


def _unreadable(name: str, error: Unreadable) -> Found:
    return Found(problem=Problem(name, str(left_out(error.title, error.why))))


def _windows(horizon: Span) -> list[Span]:
    low, high = horizon
    return [(at, min(at + WIDEST, high)) for at in range(low, high, WIDEST)]


def _mark(name: str) -> bytes:
    return blake2s(name.encode(), digest_size=_MARK).digest()


def _split(marks: str) -> Iterable[bytes]:
    data = base64.b64decode(marks)
    return (data[at : at + _MARK] for at in range(0, len(data), _MARK))
