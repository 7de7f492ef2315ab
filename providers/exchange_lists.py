"""The lists that Exchange gives of a calendar: what changed, what is there, and what is when."""

from copy import deepcopy

import msgspec

from providers.base import ProviderError
from providers.exchange_calls import (
    SYNC_LOST,
    UNKNOWN,
    Element,
    M,
    Refused,
    T,
    element,
    failure,
    shape,
)
from providers.exchange_reading import BRIEF, KEY, UID, VIEW, Brief, brief
from providers.exchange_server import Server
from providers.icalendar.lines import DAY
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.instants import utc_text
from words import Phrase

CHANGES = 512
"""Changes that a server tells at a time."""
ENTRIES = 1000
"""Entries that a view or a list may have; a server cuts it off there."""
PAGES = 2000
"""Parts in which a server may list one calendar."""
LONGEST = 366 * DAY
"""So much a view shows at once; Exchange allows two years."""
NARROWED = 200
"""Windows after which a server is taken for one that cannot show a view in parts."""
SHORTEST = DAY
"""A view is not made narrower than this."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Items of a calendar: those that changed, or all. `mark`: empty where none is kept."""

    mark: str = ""
    items: dict[str, Brief] = {}
    gone: tuple[str, ...] = ()
    made: frozenset[str] = frozenset()
    """Those that are told as new."""
    whole: bool = False


class Lists:
    """Lists of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def changed(self, folder: Element, mark: str) -> Listing | None:
        """What changed since `mark`; None where it leads nowhere any more.

        With an empty mark, of a server that remembers nothing, everything is listed.
        """
        if not mark:
            return await self._all(folder)
        try:
            return await self._sync(folder, mark)
        except Refused as error:
            if error.code not in SYNC_LOST:
                raise
            return None

    async def everything(self, folder: Element, what: Element | None = None) -> Listing:
        """Every item, by what the server remembers for the next time, where it does.

        `what` is wanted of them, unless all that has to be known is what a `Brief` needs.
        """
        try:
            return await self._sync(folder, "", what)
        except Refused as error:
            if error.code not in UNKNOWN:
                raise
            return await self._all(folder, what)

    async def named(self, folder: Element, span: Span | None) -> list[Brief]:
        """Items with the names that they go by: those in `span`, or all."""
        what = shape((*BRIEF, "calendar:UID"), keys=(UID, KEY))
        if span is not None:
            try:
                found = await self._window(folder, *span, what)
            except Refused as error:
                if error.kind in (ErrorKind.NOT_FOUND, ErrorKind.PERMISSION):
                    raise
                found = None
            if found is not None:
                return found
        return list((await self.everything(folder, what)).items.values())

    async def _sync(self, folder: Element, mark: str, what: Element | None = None) -> Listing:
        """What changed since `mark`; without one, everything."""
        items: dict[str, Brief] = {}
        gone: dict[str, None] = {}
        made: set[str] = set()
        at = mark
        for _ in range(PAGES):
            payload = element(
                "m:SyncFolderItems",
                shape(BRIEF) if what is None else deepcopy(what),
                element("m:SyncFolderId", deepcopy(folder)),
                element("m:SyncState", text=at) if at else None,
                element("m:MaxChangesReturned", text=str(CHANGES)),
            )
            (message, *_rest) = await self._server.ask("SyncFolderItems", payload)
            wrong = failure(message, self._server.host)
            if wrong is not None:
                raise wrong
            for change in message.iterfind(f"{M}Changes/*"):
                _take(change, items, gone, made)
            state = message.findtext(f"{M}SyncState") or ""
            last = message.findtext(f"{M}IncludesLastItemInRange") or ""
            if not state or not last:
                break
            if last in ("true", "1"):
                return Listing(
                    mark=state,
                    items=items,
                    gone=tuple(gone) if mark else (),
                    made=frozenset(made),
                    whole=not mark,
                )
            if state == at:
                break
            at = state
        raise _not_whole()

    async def _all(self, folder: Element, what: Element | None = None) -> Listing:
        """Every item, page by page."""
        items: dict[str, Brief] = {}
        offset = 0
        for _ in range(PAGES):
            payload = element(
                "m:FindItem",
                shape(BRIEF) if what is None else deepcopy(what),
                element(
                    "m:IndexedPageItemView",
                    MaxEntriesReturned=str(ENTRIES),
                    Offset=str(offset),
                    BasePoint="Beginning",
                ),
                element("m:ParentFolderIds", deepcopy(folder)),
                Traversal="Shallow",
            )
            root = await self._root(payload)
            if root is None:
                break
            found = [brief(each) for each in root.iterfind(f"{T}Items/{T}CalendarItem")]
            items |= {each.id: each for each in found if each.id}
            if root.get("IncludesLastItemInRange") in ("true", "1"):
                return Listing(items=items, whole=True)
            following = root.get("IndexedPagingOffset", "")
            offset = int(following) if following.isdigit() else offset + len(found)
            if not found:
                break
        raise _not_whole()

    async def _root(self, payload: Element) -> Element | None:
        (message, *_rest) = await self._server.ask("FindItem", payload)
        wrong = failure(message, self._server.host)
        if wrong is not None:
            raise wrong
        return message.find(f"{M}RootFolder")

    async def view(self, folder: Element, horizon: Span) -> dict[str, list[Brief]] | None:
        """What lies in `horizon`, occurrence by occurrence, by uid; None where the server refuses.

        In windows, narrower where a window holds more than the server tells at once.
        """
        found: dict[str, dict[str, Brief]] = {}
        windows = [(low, min(low + LONGEST, horizon[1])) for low in range(*horizon, LONGEST)][::-1]
        asked = 0
        while windows:
            low, high = windows.pop()
            try:
                entries = await self._window(folder, low, high, shape(VIEW))
            except Refused as error:
                if error.kind in (ErrorKind.NOT_FOUND, ErrorKind.PERMISSION):
                    raise
                if error.code not in _TOO_MUCH:
                    return None
                entries = None
            asked += 1
            if entries is None:
                if high - low <= SHORTEST or asked > NARROWED:
                    return None
                middle = (low + high) // 2
                windows += [(middle, high), (low, middle)]
                continue
            for each in entries:
                if each.uid:
                    found.setdefault(each.uid, {})[each.id] = each
        return {uid: list(entries.values()) for uid, entries in found.items()}

    async def _window(
        self, folder: Element, low: int, high: int, what: Element
    ) -> list[Brief] | None:
        """What lies in one window; None where it is more than the server tells."""
        payload = element(
            "m:FindItem",
            what,
            element(
                "m:CalendarView",
                MaxEntriesReturned=str(ENTRIES),
                StartDate=utc_text(low),
                EndDate=utc_text(high),
            ),
            element("m:ParentFolderIds", deepcopy(folder)),
            Traversal="Shallow",
        )
        root = await self._root(payload)
        if root is None:
            return []  # that all is well, and no more, is said where there is nothing
        entries = [brief(each) for each in root.iterfind(f"{T}Items/*")]
        cut = root.get("IncludesLastItemInRange") in ("false", "0") or len(entries) >= ENTRIES
        return None if cut else entries


_TOO_MUCH = {"ErrorCalendarViewRangeTooBig", "ErrorExceededFindCountLimit"}


def _take(change: Element, items: dict[str, Brief], gone: dict[str, None], made: set[str]) -> None:
    """Note one change of a list. What was only read or unread has not changed."""
    kind = str(change.tag).removeprefix(T)
    if kind == "Delete":
        identifier = change.find(f"{T}ItemId")
        name = "" if identifier is None else identifier.get("Id", "")
        items.pop(name, None)
        gone[name] = None
    elif kind in ("Create", "Update"):
        for item in change.iterfind(f"{T}CalendarItem"):
            head = brief(item)
            gone.pop(head.id, None)
            items[head.id] = head
            if kind == "Create":
                made.add(head.id)


def _not_whole() -> ProviderError:
    return ProviderError(
        ErrorKind.UNAVAILABLE, Phrase("The server did not list the whole calendar.")
    )
