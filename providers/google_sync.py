"""Reading a calendar at Google: everything, or what changed since a token.

Series are asked for as series (`singleEvents` is left out), and koble works out their occurrences.
The other way, a list of single occurrences, needs `timeMin` and `timeMax` to have an end; what a
token that was got so tells later of events that leave that span, or of occurrences that a changed
rule no longer makes, is written down nowhere, and one touched series comes as every occurrence
for decades. Without a span there is nothing to leave: every change is told, a series is one
change, and a new horizon is worked out from a list that does not depend on it.

Google tells of an exception without its series, and of a series without its exceptions. Where
one of the two changed, the occurrences of that series are read anew as Google has them, so that no
state but the token has to be carried from one read to the next.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import islice

import msgspec

from providers.base import ChangePage, Gone, Problem, ProviderError, Upsert
from providers.decoding import decoded
from providers.events import GUESTS, left_out
from providers.google_api import Api, Query, nonsense, part, read
from providers.google_events import (
    FIELDS,
    Item,
    event_of,
    grouped,
    original,
    series,
    single,
    when,
)
from providers.google_names import event_name
from providers.icalendar.lines import DAY, Unreadable
from scheduling.errors import ErrorKind
from scheduling.events import Event, Span
from words import Phrase

PAGE = 2_500
"""Events that are asked for at a time: as many as Google gives."""
PAGES = 2_000
SERIES = 25
"""With more changed series than this, a whole listing is fewer requests."""
TROUBLED = 50
"""So many problems are told again while what they are about stays as it is."""
_MASK = f"kind,timeZone,nextPageToken,nextSyncToken,items({FIELDS})"
_SAME = (("maxAttendees", str(GUESTS)), ("maxResults", str(PAGE)), ("fields", _MASK))
"""A token is good only for requests that are otherwise the same."""


class Cursor(msgspec.Struct, frozen=True, array_like=True, tag="g1"):
    """How far a calendar was read; the tag changes with what is asked for."""

    token: str
    horizon: Span
    troubled: tuple[Problem, ...] = ()

    @classmethod
    def read(cls, text: str, horizon: Span) -> "Cursor | None":
        """The cursor in `text`; None where it is none, or of another horizon."""
        cursor = decoded(text, cls)
        return cursor if cursor and cursor.token and cursor.horizon == horizon else None


class _Page(msgspec.Struct, rename="camel"):
    kind: str = ""
    time_zone: str = ""
    next_page_token: str = ""
    next_sync_token: str = ""
    items: msgspec.Raw = msgspec.Raw(b"[]")


class _Name(msgspec.Struct):
    id: str


class _Series:
    """What a listing has told of one series so far."""

    __slots__ = ("apart", "excluded", "master")

    def __init__(self) -> None:
        self.master: Item | None = None
        self.apart: list[tuple[str, Event]] = []
        self.excluded: list[str] = []


class _Anew(Exception):
    """The token is not taken any more, or so much changed that a whole listing is shorter."""


class Calendar:
    """One calendar, while it is read once.

    Args:
        api: whom to ask.
        native: the calendar's id.
        horizon: whose occurrences are wanted.
    """

    def __init__(self, api: Api, native: str, horizon: Span) -> None:
        self._api = api
        self._native = native
        self._path = f"/calendars/{part(native)}/events"
        self._horizon = horizon
        self._zone = "UTC"
        self._token = ""
        self._troubled: dict[str, Problem] = {}
        """What could not be read, by resource, for as long as it stays so."""
        self._problems: list[Problem] = []
        """What the next page tells of them."""

    async def changes(self, cursor: str) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`."""
        before = Cursor.read(cursor, self._horizon)
        if before is not None:
            try:
                async for page in self._since(before):
                    yield page
            except _Anew:
                self._troubled.clear()
            else:
                return
        async for page in self._everything():
            yield page

    # Everything

    async def _everything(self) -> AsyncIterator[ChangePage]:
        """Single events as they come; series at the end, when all their exceptions are known."""
        found: dict[str, _Series] = {}
        async for items in self._pages(self._path, _SAME):
            yield await asyncio.to_thread(self._singles, items, found)
        *batches, last = list(_batches(found)) or [[]]
        for batch in batches:
            yield await asyncio.to_thread(self._whole, batch)
        page = await asyncio.to_thread(self._whole, last)
        yield msgspec.structs.replace(page, cursor=self._cursor(), complete=True)

    def _singles(self, items: list[Item], found: dict[str, _Series]) -> ChangePage:
        """The events of one page that stand alone; series and their exceptions go to `found`."""
        changes: list[Upsert | Gone] = []
        listed: list[str] = []
        for item in items:
            if item.recurring_event_id:
                self._exception(item, found.setdefault(item.recurring_event_id, _Series()))
            elif item.gone:
                continue
            elif item.recurrence:
                found.setdefault(item.id, _Series()).master = item
            else:
                event = self._single(item, item.id)
                if event is not None:
                    changes.append(Upsert(item.id, item.etag, (event,)))
                if event is not None or item.id in self._troubled:
                    listed.append(item.id)
        # What could not even be taken for an event is there all the same.
        listed += [each.resource for each in self._problems if each.resource not in found]
        return self._page(changes, list(dict.fromkeys(listed)))

    def _exception(self, item: Item, into: _Series) -> None:
        try:
            start, line = original(item, self._zone)
        except Unreadable:
            return  # it does not say for what: its series is shown as if it were not there
        event = None
        if not item.gone:
            try:
                event = self._told(item, item.recurring_event_id)
            except Unreadable as error:
                self._left_out(item, item.recurring_event_id, error)
                return  # its series shows it where it was
        if self._horizon[0] - 2 * DAY < start < self._horizon[1] + 2 * DAY:
            into.excluded.append(line)
        if event is not None:
            into.apart.append((item.id, event))

    def _whole(self, batch: list[tuple[str, _Series]]) -> ChangePage:
        """Series with all that a whole listing told of them."""
        changes: list[Upsert | Gone] = []
        listed: list[str] = []
        for name, each in batch:
            if each.master is None:
                # Somebody who is invited to one occurrence does not have the series.
                changes += [_alone(own, event) for own, event in each.apart]
                listed += [own for own, _ in each.apart]
                continue
            events = grouped(self._main(each.master, each.excluded), each.apart)
            if events:
                changes.append(Upsert(name, each.master.etag, events))
            if events or name in self._troubled:
                listed.append(name)
        return self._page(changes, listed)

    def _main(self, master: Item, excluded: list[str]) -> Event | None:
        # What was left out while it was still at other times says nothing of whole days.
        days = bool(master.start and master.start.date)
        excluded = [line for line in excluded if ("VALUE=DATE" in line) == days]
        try:
            main, problems = series(
                master,
                excluded,
                calendar=self._native,
                zone_name=self._zone,
                horizon=self._horizon,
            )
        except Unreadable as error:
            self._left_out(master, master.id, error)
            return None
        for problem in problems:
            self._report(problem)
        return main

    # Changes

    async def _since(self, before: Cursor) -> AsyncIterator[ChangePage]:
        """What changed since.

        Raises:
            _Anew: where only everything can be read.
        """
        self._troubled = {each.resource: each for each in before.troubled}
        told: set[str] = set()
        touched: dict[str, list[Item]] = {}
        async for items in self._pages(self._path, (*_SAME, ("syncToken", before.token))):
            page = await asyncio.to_thread(self._changed, items, touched)
            told.update(problem.resource for problem in page.problems)
            yield page
        if len(touched) > SERIES:
            raise _Anew
        token = self._token
        for name, items in touched.items():
            page = await self._series(name, items)
            told.update(problem.resource for problem in page.problems)
            yield page
        self._token = token
        still = tuple(each for name, each in self._troubled.items() if name not in told)
        yield ChangePage(cursor=self._cursor(), problems=still)

    def _changed(self, items: list[Item], touched: dict[str, list[Item]]) -> ChangePage:
        """Changes of single events; of what belongs to a series, only that it changed."""
        changes: list[Upsert | Gone] = []
        for item in items:
            self._troubled.pop(item.id, None)
            if item.recurring_event_id:
                self._troubled.pop(item.recurring_event_id, None)
                touched.setdefault(item.recurring_event_id, []).append(item)
            elif item.gone:
                touched.pop(item.id, None)
                changes.append(Gone(item.id))
            elif item.recurrence:
                touched.setdefault(item.id, []).append(item)
            else:
                touched.pop(item.id, None)
                event = self._single(item, item.id)
                if item.id not in self._troubled:
                    changes.append(Upsert(item.id, item.etag, (event,) if event else ()))
        return self._page(changes, [])

    async def _series(self, name: str, items: list[Item]) -> ChangePage:
        """One series as Google has it now; `items` are what was told of it, the newest last."""
        own = [each for each in items if each.id == name]
        apart = {each.id: each for each in items if each.id != name}
        master = own[-1] if own else await self._master(name)
        # Whoever was invited to one occurrence first may have the series now, and the other way.
        changes: list[Upsert | Gone] = [Gone(each) for each in apart]
        if master is None or master.gone:
            changes = [Gone(name)]
            for each in apart.values():
                event = None if each.gone else self._single(each, each.id)
                changes.append(_alone(each.id, event) if event else Gone(each.id))
            return self._page(changes, [])
        if not master.recurrence:  # a series no more
            return self._changed([master], {})
        low, high = (
            datetime.fromtimestamp(each, UTC).isoformat()
            for each in (self._horizon[0] - DAY, self._horizon[1] + DAY)
        )
        query = (*_SAME, ("timeMin", low), ("timeMax", high))
        occurrences: list[Item] = []
        async for found in self._pages(f"{self._path}/{event_name(name)}/instances", query):
            occurrences += found
        page = await asyncio.to_thread(self._occurring, master, occurrences)
        return msgspec.structs.replace(page, changes=(*changes, *page.changes))

    async def _master(self, name: str) -> Item | None:
        """The series of an exception; None where the owner of the calendar does not have it."""
        answer = await self._api.ask(
            "GET",
            f"{self._path}/{event_name(name)}",
            (("maxAttendees", str(GUESTS)), ("fields", FIELDS)),
            accept=(404, 410),
        )
        return read(answer, Item) if answer.status < 300 else None

    def _occurring(self, master: Item, items: list[Item]) -> ChangePage:
        """A series by its occurrences: those that look like it are put together again."""
        try:
            first = when(master, self._zone)
        except Unreadable as error:
            self._left_out(master, master.id, error)
            return self._page([], [])
        apart = [
            (item.id, event)
            for item in items
            if not item.gone and (event := self._occurrence(item, master.id, first.span))
        ]
        like = event_of(master, calendar=self._native, resource=master.id, when=first, spans=())
        return self._page([Upsert(master.id, master.etag, grouped(like, apart))], [])

    def _occurrence(self, item: Item, resource: str, like: Span) -> Event | None:
        try:
            return self._told(item, resource)
        except Unreadable as error:
            self._left_out(item, resource, error)
        # It is shown where it was, as long as the series is.
        moved = msgspec.structs.replace(item, start=item.original_start_time, end=None)
        event = self._single(moved, resource)
        if event is None:
            return None
        start = event.spans[0][0]
        return msgspec.structs.replace(event, spans=((start, start + like[1] - like[0]),))

    # Asking

    async def _pages(self, path: str, query: Query) -> AsyncIterator[list[Item]]:
        """The events of each page in turn; `_token` is known after the last."""
        since = any(name == "syncToken" for name, _ in query)
        token, seen = "", set[str]()
        for _ in range(PAGES):
            more = (*query, ("pageToken", token)) if token else query
            answer = await self._api.ask("GET", path, more, accept=(400, 410) if since else ())
            if answer.status >= 300:
                raise _Anew
            page = read(answer, _Page)
            if page.kind != "calendar#events":
                raise nonsense()
            self._zone = page.time_zone or self._zone
            yield await asyncio.to_thread(self._items, page.items)
            token = page.next_page_token
            if not token:
                self._token = page.next_sync_token
                return
            if token in seen:
                break
            seen.add(token)
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("The server did not list the whole calendar.")
        )

    def _items(self, raw: msgspec.Raw) -> list[Item]:
        if (all_good := decoded(raw, list[Item])) is not None:
            return all_good
        items = []
        for each in decoded(raw, list[msgspec.Raw]) or ():
            if item := decoded(each, Item):
                items.append(item)
            elif name := decoded(each, _Name):  # else nothing can be said of it
                error = Unreadable(Phrase("it is written in a way that koble does not know"))
                self._left_out(Item(id=name.id), name.id, error)
        return items

    def _single(self, item: Item, resource: str) -> Event | None:
        """One event or occurrence; None outside the horizon, or where it was reported."""
        try:
            return self._told(item, resource)
        except Unreadable as error:
            self._left_out(item, resource, error)
            return None

    def _told(self, item: Item, resource: str) -> Event | None:
        return single(
            item,
            calendar=self._native,
            resource=resource,
            zone_name=self._zone,
            horizon=self._horizon,
        )

    def _left_out(self, item: Item, resource: str, error: Unreadable) -> None:
        self._report(Problem(resource, str(left_out(item.summary, error.phrase))))

    def _report(self, problem: Problem) -> None:
        self._troubled[problem.resource] = problem
        self._problems.append(problem)

    def _page(self, changes: list[Upsert | Gone], listed: list[str]) -> ChangePage:
        problems, self._problems = tuple(self._problems), []
        return ChangePage(changes=tuple(changes), listed=tuple(listed), problems=problems)

    def _cursor(self) -> str:
        troubled = tuple(self._troubled.values())[:TROUBLED]
        return msgspec.json.encode(Cursor(self._token, self._horizon, troubled)).decode()


def _batches(found: dict[str, _Series]) -> Iterator[list[tuple[str, _Series]]]:
    each = iter(found.items())
    while batch := list(islice(each, 250)):
        yield batch


def _alone(name: str, event: Event) -> Upsert:
    """One occurrence without its series, as a resource of its own."""
    own = msgspec.structs.replace(event, id=name, resource=name)
    return Upsert(name, event.etag, (own,))
