"""Reading the calendars: changes come in pages, and each is stored with its cursor at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from desk import outside
from desk.records import document, record, records
from providers.base import CalendarProvider, ChangePage, ProviderError, Upsert
from scheduling.connections import Calendar, Connection
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Span
from scheduling.zones import zone
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

DAY = 86_400
BEHIND = 90 * DAY
AHEAD = 550 * DAY
"""How far around today events are kept; moved once a month, so that cursors stay good."""
FURTHEST = 20 * 366 * DAY
"""How far from today anybody may look."""
AT_ONCE = 180 * DAY
"""Whoever looks beyond that looks further soon: so much more is read, as it means to read anew."""
PATIENCE = 30.0
"""Seconds without a page after which a read of one calendar counts as failed."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one read of a calendar brought: `error` is None where it went well."""

    calendar: Calendar
    changed: int = 0
    error: KobleError | None = None


class Sync:
    """Keeps the store's events the same as the calendars'."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wanted: Span | None = None

    def knows_in(self, store: Store, start: int, end: int) -> bool:
        """Whether the store holds what lies in `[start, end)` of every conflict calendar."""
        return all(
            each.horizon[0] <= start and end <= each.horizon[1]
            for each in records(Calendar, store.calendars.all())
            if each.conflicts
        )

    async def cover(self, start: int, end: int) -> None:
        """Read further, where the calendars have not been read as far as `[start, end)`.

        Errors are noted as in `now`; what remains unknown is not offered as free (`knows_in`).
        """
        now = self._desk.clock.now()
        start, end = max(start, now - FURTHEST), min(end, now + FURTHEST)

        def lacking(store: Store) -> set[str]:
            return {
                each.id
                for each in records(Calendar, store.calendars.all())
                if each.cursor and (start < each.horizon[0] or each.horizon[1] < end)
            }

        if start < end and (short := await self._desk.read(lacking)):
            low, high = self._wanted or (now, now)
            if start < low:
                low = max(start - AT_ONCE, now - FURTHEST)
            if high < end:
                high = min(end + AT_ONCE, now + FURTHEST)
            self._wanted = low, high
            await self.now(only=short)

    async def now(self, *, only: Collection[str] | None = None) -> list[Report]:
        """Read the calendars (all that are shown or keep offers away, or those in `only`).

        Errors are in the reports and in the connection's health; nothing is raised.
        """

        def wanted(store: Store) -> list[tuple[Connection, list[Calendar]]]:
            calendars = [
                each
                for each in records(Calendar, store.calendars.all())
                if (each.id in only if only is not None else each.followed)
            ]
            return [
                (each, mine)
                for each in records(Connection, store.connections.all())
                if (mine := [c for c in calendars if c.connection == each.id])
            ]

        plan = await self._desk.read(wanted)
        reports = await asyncio.gather(*(self._connection(*each) for each in plan))
        return [report for group in reports for report in group]

    async def _connection(self, connection: Connection, calendars: list[Calendar]) -> list[Report]:
        reports = [await self._calendar(connection, each) for each in calendars]
        errors = [each.error for each in reports if each.error and each.calendar.conflicts]
        await self._desk.connections.note_read(
            connection.id,
            str(errors[0]) if errors else "",
            # What the vendor says; that our own secrets are locked is another matter.
            signed_out=any(
                isinstance(each, ProviderError) and each.kind is ErrorKind.AUTH for each in errors
            ),
        )
        return reports

    async def _calendar(self, connection: Connection, calendar: Calendar) -> Report:
        async with self._locks[calendar.id]:
            try:
                # A person may be asked for a passphrase here, and has time.
                provider = await self._desk.connections.provider(connection)
                async with asyncio.timeout(PATIENCE) as limit:
                    changed = await self._read(provider, calendar.id, limit)
            except TimeoutError:
                error = KobleError(
                    ErrorKind.UNAVAILABLE,
                    Phrase("{name} did not answer in time.", name=calendar.name),
                )
                return Report(calendar=calendar, error=error)
            except KobleError as error:
                return Report(calendar=calendar, error=error)
            return Report(calendar=calendar, changed=changed)

    async def _read(
        self, provider: CalendarProvider, calendar_id: str, limit: asyncio.Timeout
    ) -> int:
        while True:
            found = await self._desk.read(lambda store: store.calendars.by_id(calendar_id))
            if found is None:
                return 0
            try:
                return await self._pages(provider, record(Calendar, found), limit)
            except _Overtaken:
                continue  # what is stored now may be newer than what was read here

    async def _pages(
        self, provider: CalendarProvider, calendar: Calendar, limit: asyncio.Timeout
    ) -> int:
        """Read what changed since `calendar` was stored so, and store it page by page."""
        horizon = self._horizon(calendar)
        listed: set[str] = set()
        problems: list[str] = []
        changed = 0
        async for page in provider.changes(calendar.native, calendar.cursor, horizon):
            # A large calendar at a slow server takes its time, as long as it goes on.
            limit.reschedule(asyncio.get_running_loop().time() + PATIENCE)
            listed.update(page.listed)
            problems += [problem.text for problem in page.problems]
            if page.changes or page.cursor or page.complete:
                apply = partial(_apply, calendar, page, listed, problems, horizon)
                applied, calendar = await self._desk.write(partial(self._store, apply, changed))
                changed += applied
        return changed

    def _store(
        self, apply: Callable[[Store], tuple[int, Calendar]], before: int, store: Store
    ) -> tuple[int, Calendar]:
        """Store a page; after the last one koble's own meetings are compared with what is there."""
        applied, calendar = apply(store)
        if calendar.cursor and store.calendars.by_id(calendar.id) is not None:
            outside.note(
                store,
                self._desk.log,
                calendar,
                now=self._desk.clock.now(),
                where=zone(self._desk.settings.profile_in(store).zone),
                changed=before + applied > 0,
            )
        return applied, calendar

    def _horizon(self, calendar: Calendar) -> Span:
        """As far as is usual, as somebody wanted to look, and as was read before."""
        month = self._desk.clock.now() // (30 * DAY) * (30 * DAY)
        spans = [(month - BEHIND, month + AHEAD)]
        if self._wanted:
            spans.append(self._wanted)
        if calendar.cursor:
            spans.append(calendar.horizon)
        return min(low for low, _ in spans), max(high for _, high in spans)


class _Overtaken(Exception):
    """Somebody else stored a page of the same calendar meanwhile."""


def _apply(
    calendar: Calendar,
    page: ChangePage,
    listed: set[str],
    problems: list[str],
    horizon: Span,
    store: Store,
) -> tuple[int, Calendar]:
    """Store one page: its changes and, on the last page, the cursor.

    Returns how many events changed, and the calendar as it is stored now.
    """
    found = store.calendars.by_id(calendar.id)
    if found is None:
        return 0, calendar  # disconnected meanwhile
    before = record(Calendar, found)
    if before.pages != calendar.pages:
        raise _Overtaken
    gone = {change.resource for change in page.changes}
    if page.complete:
        # Only a complete listing says by silence that something is gone.
        here = {each["resource"] for each in store.events.where("calendar", calendar.id)}
        gone |= here - listed
    dropped = 0
    for resource in gone:
        for event in store.events.where("resource", resource):
            if event["calendar"] == calendar.id:
                store.events.drop(event["id"])
                dropped += 1
    fresh = [
        document(
            msgspec.structs.replace(event, id=f"{calendar.id}/{event.id}", calendar=calendar.id)
        )
        for change in page.changes
        if isinstance(change, Upsert)
        for event in change.events
    ]
    store.events.put_many(fresh)
    after = before
    if page.cursor:
        after = msgspec.structs.replace(
            before, cursor=page.cursor, horizon=horizon, problems=tuple(problems[:50])
        )
    if dropped or fresh or after != before:
        after = msgspec.structs.replace(after, pages=before.pages + 1)
        store.calendars.put(document(after))
    return dropped + len(fresh), after
