"""What changed in an Exchange calendar, and its series compared with what was seen of them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from copy import deepcopy
from hashlib import blake2s

import msgspec

from providers.base import ChangePage, Gone, Problem, ProviderError, Upsert
from providers.decoding import decoded
from providers.exchange_calls import GONE, Element, M, Refused, T, element, failure, ids, shape
from providers.exchange_lists import Listing, Lists
from providers.exchange_reading import FIELDS, UID, ZONE, Brief, Reader, brief
from providers.exchange_server import Server
from providers.vdir import Seen
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

BATCH = 50
"""Items that are asked for at a time."""
_PATTERN = ("Start", "End", "Recurrence", "ModifiedOccurrences", "DeletedOccurrences")
PATTERN = tuple(f"calendar:{each}" for each in _PATTERN)
"""What a series says of its occurrences."""


class Follower:
    """Follows one calendar.

    What changed is asked of the server; and the occurrences of series are compared with what was
    seen of them before, because not every server tells when one of them changes.

    Args:
        server: where it lies.
        calendar: its native name.
        folder: the same, as it is asked for.
        horizon: the span of time that is wanted.
        zone: IANA name of the owner's zone.
        own: the owner's addresses, in small letters.
    """

    def __init__(
        self,
        server: Server,
        calendar: str,
        folder: Element,
        horizon: Span,
        zone: str,
        own: Collection[str],
    ) -> None:
        self._server = server
        self._lists = Lists(server)
        self._calendar = calendar
        self._folder = folder
        self._horizon = horizon
        self._zone = zone
        self._own = own

    async def changes(self, cursor: str) -> AsyncIterator[ChangePage]:
        """The pages of `CalendarProvider.changes`."""
        folder, horizon = self._folder, self._horizon
        before = _Cursor.read(cursor, horizon)
        listing = await self._lists.changed(folder, before.mark) if before else None
        if listing is None:
            before = None
        seen = Seen(before.seen if before else "", horizon)
        series = dict(before.series) if before else {}
        if listing is None or _lost(listing, seen):
            listing = await self._lists.everything(folder)
        if listing.whole:
            todo, _, fresh = seen.compare({each.id: each.key for each in listing.items.values()})
            series = {each: was for each, was in series.items() if each in listing.items}
        else:
            fresh, todo = seen, list(listing.items)
        todo += [each for each in (before.troubled if before else ()) if each not in listing.items]
        todo = [each for each in todo if each not in listing.gone]
        for each in listing.gone:
            fresh.note(each, "", troubled=False)  # should it come back, it is new
            series.pop(each, None)
        inside = [each for each in todo if not _outside(listing.items.get(each), horizon)]
        outside = [each for each in todo if each not in set(inside)]
        view: dict[str, list[Brief]] | None = {}
        expands = before is not None and before.expands
        repeating = any(item.repeats for item in listing.items.values())
        if series or repeating or any(not item.type for item in listing.items.values()):
            view = await self._lists.view(folder, horizon)
            expands = expands or any(map(_expanded, (view or {}).values()))
            others = await self._otherwise(series, view, expands=expands)
            inside += [each for each in others if each not in inside]
        gone = [Gone(each) for each in listing.gone]
        if before:
            # It has left the horizon; nothing of it is to be seen there any more.
            gone += [Gone(each) for each in outside]
        page = ChangePage(changes=tuple(gone))
        troubled: list[str] = []
        for at in range(0, len(inside), BATCH):
            if at or page.changes:
                yield page
            batch = inside[at : at + BATCH]
            page, part = await self._page(batch, view)
            named = {problem.resource for problem in page.problems}
            troubled += named
            read = {change.resource: change for change in page.changes}
            for each in batch:
                series.pop(each, None)
                change = read.get(each)
                if isinstance(change, Upsert):
                    fresh.note(each, change.etag, troubled=each in named)
            series.update(part)
        for each in outside:
            fresh.note(each, listing.items[each].key, troubled=False)
        after = _Cursor(listing.mark, tuple(dict.fromkeys(troubled)), str(fresh), series, expands)
        yield msgspec.structs.replace(
            page,
            cursor=msgspec.json.encode(after).decode(),
            listed=tuple(listing.items) if listing.whole else (),
            complete=listing.whole,
        )

    async def _otherwise(
        self,
        series: Mapping[str, "_Series"],
        view: Mapping[str, list[Brief]] | None,
        *,
        expands: bool,
    ) -> list[str]:
        """The series that are no longer as they were seen, whatever the list of changes says.

        A view of a server that expands them shows it. Of another the masters are looked at: they
        tell what was moved and deleted.
        """
        if not series:
            return []
        if expands and view is not None:
            looks = {uid: _looks(_expanded(entries)) for uid, entries in view.items()}
            return [each for each, was in series.items() if looks.get(was.uid, "") != was.looks]
        items, wrong = await self._details(list(series), shape(PATTERN))
        return [
            each
            for each, was in series.items()
            if each in wrong or _drawn(items[each]) != was.drawn
        ]

    async def _details(
        self, wanted: Sequence[str], what: Element
    ) -> tuple[dict[str, Element], dict[str, ProviderError]]:
        """Items with what is wanted of them, and what is wrong with the others."""
        found: dict[str, Element] = {}
        wrong: dict[str, ProviderError] = {}
        left = list(wanted)
        while left:
            batch = left[:BATCH]
            answered = await self._batch(batch, what)
            put_off = []
            for each, message in zip(batch, answered, strict=True):
                item = message.find(f"{M}Items/*")
                error = failure(message, self._server.host)
                if error is not None and error.kind is ErrorKind.THROTTLED:
                    put_off.append(each)
                elif error is None and item is not None:
                    found[each] = item
                else:
                    wrong[each] = error or no_such(each)
            left = put_off + left[BATCH:]
        return found, wrong

    async def _batch(self, wanted: Sequence[str], what: Element) -> list[Element]:
        """What the server says of each of these items."""
        payload = element("m:GetItem", deepcopy(what), ids("m:ItemIds", wanted))
        messages = await self._server.ask("GetItem", payload)
        if len(messages) != len(wanted):
            raise ProviderError(
                ErrorKind.UNAVAILABLE,
                Phrase(
                    "The answer of {host} is cut off, or is none of Exchange.",
                    host=self._server.host,
                ),
            )
        return messages

    async def _page(
        self,
        wanted: Sequence[str],
        view: Mapping[str, list[Brief]] | None,
    ) -> tuple[ChangePage, dict[str, "_Series"]]:
        """These resources as they are now; and how each series of them looks."""
        what = shape(FIELDS, text=True, keys=(UID, ZONE))
        items, wrong = await self._details(wanted, what)
        told = {each: _told(item, view) for each, item in items.items()}
        special = [other for each, item in items.items() for other in _apart(item, told[each])]
        apart, _ = await self._details(special, what)
        reader = Reader(self._calendar, self._horizon, self._zone, self._own)
        changes: list[Upsert | Gone] = []
        series = {}
        for each, item in items.items():
            upsert = await asyncio.to_thread(reader.read, item, told[each], apart)
            if upsert is not None:
                changes.append(msgspec.structs.replace(upsert, resource=each))
            if item.find(f"{T}Recurrence") is not None:
                uid = item.findtext(f"{T}UID") or ""
                series[each] = _Series(uid, _looks(told[each]), _drawn(item))
        for each, error in wrong.items():
            if isinstance(error, Refused) and error.code in GONE:
                changes.append(Gone(each))  # deleted since it was listed
            else:
                why = Phrase("{event}: {why}", event=_named(each), why=str(error.message))
                reader.problems.append(Problem(each, str(why)))
        page = ChangePage(changes=tuple(changes), problems=tuple(reader.problems))
        return page, series


class _Series(msgspec.Struct, frozen=True, array_like=True):
    """How a series was seen: its uid; digests of its occurrences in view, and of its pattern."""

    uid: str
    looks: str
    drawn: str


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """How far a calendar was read.

    The server's mark; what had problems; what was seen; series; and whether the server is known to
    have occurrences of them in a view.
    """

    mark: str
    troubled: tuple[str, ...]
    seen: str
    series: dict[str, _Series]
    expands: bool = False

    @classmethod
    def read(cls, text: str, horizon: Span) -> "_Cursor | None":
        """The cursor in `text`; None where it is none, or of another horizon."""
        cursor = decoded(text, cls)
        return cursor if cursor and Seen(cursor.seen, horizon).valid else None


def _lost(listing: Listing, seen: Seen) -> bool:
    """Whether a list of changes may not follow on what was seen.

    What is long known is told as new by a server that forgot how far it was read. And one that
    deletes what nobody knows may name things otherwise than it did: it is asked what is left.
    """
    if listing.whole:
        return False
    return any(each in seen for each in listing.made) or any(
        each not in seen for each in listing.gone
    )


def _outside(item: Brief | None, horizon: Span) -> bool:
    return item is not None and item.outside(horizon)


def _told(item: Element, view: Mapping[str, list[Brief]] | None) -> list[Brief]:
    """The occurrences that the server counts, of a series that it expands."""
    return _expanded((view or {}).get(item.findtext(f"{T}UID") or "", ()))


def _expanded(entries: Sequence[Brief]) -> list[Brief]:
    return [each for each in entries if each.type in ("Occurrence", "Exception")]


def _apart(item: Element, told: Sequence[Brief]) -> list[str]:
    """The occurrences of a series that differ from it."""
    if told:
        return [each.id for each in told if each.type == "Exception"]
    modified = item.iterfind(f"{T}ModifiedOccurrences/{T}Occurrence")
    return [head.id for each in modified if (head := brief(each)).id]


def _looks(entries: Sequence[Brief]) -> str:
    """A digest of a series' occurrences in view: it changes when one of them does."""
    text = "\n".join(f"{e.type} {e.start} {e.end} {e.looks}" for e in entries)
    return _digest(text) if text else ""


def _drawn(item: Element) -> str:
    """A digest of a series' pattern, with what was moved and deleted."""
    parts = [each for name in _PATTERN for each in item.iterfind(f"{T}{name}")]
    inner = (each for part in parts for each in part.iter())
    return _digest("\n".join(f"{e.tag!r} {sorted(e.items())} {e.text}" for e in inner))


def _digest(text: str) -> str:
    return blake2s(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def no_such(resource: str) -> ProviderError:
    """The event is gone, or never was."""
    return Refused(
        "ErrorItemNotFound",
        ErrorKind.NOT_FOUND,
        Phrase("The event {name} is not there any more.", name=_named(resource)),
    )


def _named(resource: str) -> str:
    return clean(resource, limit=16)
