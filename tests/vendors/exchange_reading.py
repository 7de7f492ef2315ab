"""The operations that read: folders, items, views of a calendar, and what changed."""

from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple, TypeVar

from lxml.etree import _Element as Element

from tests.vendors.exchange_call import Call
from tests.vendors.exchange_mailbox import Entry, Folder, Item
from tests.vendors.exchange_query import matches, ordered
from tests.vendors.exchange_shapes import folder_written, item_id, written
from tests.vendors.exchange_words import (
    Refusal,
    find,
    instant,
    m,
    opaque,
    said,
    t,
    text,
    yes,
)

T = TypeVar("T")
VIEW_YEARS = timedelta(days=2 * 366)


def get_folder(call: Call) -> Element:
    shape = call.shape("m:FolderShape")
    asked = find(call.payload, "m:FolderIds")
    assert asked is not None

    def answer(identifier: Element) -> list[Element]:
        return [m("Folders", folder_written(call.folder(identifier), shape))]

    return call.each(asked, answer, m("Folders"))


def find_folder(call: Call) -> Element:
    shape = call.shape("m:FolderShape")
    asked = find(call.payload, "m:ParentFolderIds")
    assert asked is not None
    deep = call.payload.get("Traversal") == "Deep"

    def answer(identifier: Element) -> list[Element]:
        found = _below(call.folder(identifier), deep)
        if not found and call.limits.says_nothing:
            return []
        view = find(call.payload, "m:IndexedPageFolderView")
        page, about = _page(found, view, call.limits.find)
        return [m("RootFolder", t("Folders", *(folder_written(f, shape) for f in page)), **about)]

    return call.each(asked, answer)


def _below(folder: Folder, deep: bool) -> list[Folder]:
    found = []
    for each in folder.mailbox.folders.values():
        if each.parent is folder and not each.deleted:
            found.append(each)
            found += _below(each, deep) if deep else []
    return found


def get_item(call: Call) -> Element:
    shape = call.shape()
    asked = find(call.payload, "m:ItemIds")
    assert asked is not None

    answered = count(1)

    def answer(identifier: Element) -> list[Element]:
        if call.limits.get and next(answered) > call.limits.get:
            raise Refusal("ErrorServerBusy", "No more than that at once.")
        entry = call.item(identifier)
        if entry.item.broken:
            raise Refusal(entry.item.broken, "The item is corrupt.")
        return [m("Items", written(entry, shape))]

    return call.each(asked, answer, m("Items"))


def find_item(call: Call) -> Element:
    shape = call.shape(listing=True)
    asked = find(call.payload, "m:ParentFolderIds")
    assert asked is not None
    view = find(call.payload, "m:CalendarView")
    restriction = find(call.payload, "m:Restriction")
    if view is not None and restriction is not None:
        raise Refusal(
            "ErrorUnsupportedQueryFilter", "Restrictions are not allowed with a calendar view."
        )

    def answer(identifier: Element) -> list[Element]:
        folder = call.folder(identifier)
        if restriction is not None and not call.limits.binary and _binary(restriction):
            raise Refusal("ErrorInvalidRestriction", "What is binary cannot be compared.")
        if view is not None:
            page, about = _view(folder, view, call)
        else:
            asked_for = restriction if call.limits.heeds else None
            matching = [item for item in folder.here if matches(item, asked_for)]
            found: list[Entry] = list(ordered(matching, find(call.payload, "m:SortOrder")))
            page, about = _page(
                found, find(call.payload, "m:IndexedPageItemView"), call.limits.find
            )
        if not page and call.limits.says_nothing:
            return []
        return [m("RootFolder", t("Items", *(written(each, shape) for each in page)), **about)]

    return call.each(asked, answer)


def _binary(restriction: Element) -> bool:
    return any(each.get("PropertyType") == "Binary" for each in restriction.iter())


def _view(folder: Folder, view: Element, call: Call) -> tuple[list[Entry], dict[str, str]]:
    if folder.kind != "IPF.Appointment":
        raise Refusal("ErrorCalendarFolderIsInvalidForCalendarView", "This is no calendar.")
    start = instant(view.get("StartDate", ""), folder.mailbox.zone)
    end = instant(view.get("EndDate", ""), folder.mailbox.zone)
    if end < start:
        raise Refusal("ErrorCalendarEndDateIsEarlierThanStartDate", "EndDate is before StartDate.")
    if end - start > VIEW_YEARS:
        raise Refusal(
            "ErrorCalendarViewRangeTooBig",
            "The specified view range exceeds the maximum range of two years.",
        )
    found: list[tuple[datetime, Entry]] = []
    for item in folder.here:
        if item.kind != "CalendarItem":
            continue
        if item.recurrence is None:
            if item.start < end and (item.end > start or start == item.start):
                found.append((item.start, item))
        elif not call.limits.expands:
            if item.start < end and item.end > start:  # the time of the first one counts
                found.append((item.start, item))
        else:
            found += [(each.start, each) for each in item.occurrences(start, end)]
    entries = [entry for _, entry in sorted(found, key=lambda pair: pair[0])]
    most = view.get("MaxEntriesReturned")
    if most is None and len(entries) > call.limits.find:
        raise Refusal(
            "ErrorExceededFindCountLimit",
            "You have exceeded the maximum number of objects that can be returned for the find "
            "operation. Use paging to reduce the result size and try your request again.",
        )
    page = entries[: min(int(most or len(entries)), call.limits.find)]
    about = {
        "TotalItemsInView": str(len(entries)),
        "IncludesLastItemInRange": yes(len(page) == len(entries)),
    }
    return page, about


def _page(found: list[T], view: Element | None, limit: int) -> tuple[list[T], dict[str, str]]:
    offset = int(view.get("Offset", "0")) if view is not None else 0
    most = int(view.get("MaxEntriesReturned", str(limit))) if view is not None else limit
    page = found[offset : offset + min(most, limit)]
    reached = offset + len(page)
    return page, {
        "IndexedPagingOffset": str(reached),
        "TotalItemsInView": str(len(found)),
        "IncludesLastItemInRange": yes(reached >= len(found)),
    }


def sync_folder_items(call: Call) -> Element:
    shape = call.shape(listing=True)
    most = int(text(call.payload, "m:MaxChangesReturned", "0"))
    asked = find(call.payload, "m:SyncFolderId")
    assert asked is not None
    lost = [m("SyncState"), m("IncludesLastItemInRange", yes(True))]

    def answer(identifier: Element) -> list[Element]:
        if most > call.limits.changes:
            raise Refusal("ErrorInvalidRequest", "MaxChangesReturned must be at most 512.")
        folder = call.folder(identifier)
        state = text(call.payload, "m:SyncState")
        since, known = _since(folder, state, forgets=call.limits.forgets)
        changes = [
            (change, item)
            for item in folder.items.values()
            if (change := _change(item, since, known))
        ]
        changes.sort(key=lambda each: each[0].version)
        page = changes[:most]
        reached = page[-1][0].version if page else since
        whole = len(page) == len(changes)
        told = []
        for change, item in page:
            body = item_id(item) if change.kind == "Delete" else written(item, shape)
            told.append(t(change.kind, body))
        return [
            m("SyncState", opaque(f"{folder.identifier}|{reached}|{reached if whole else known}")),
            m("IncludesLastItemInRange", yes(whole)),
            m("Changes", *told),
        ]

    return call.each(asked, answer, *lost)


def _since(folder: Folder, state: str, *, forgets: bool) -> tuple[int, int]:
    """The version that was told up to, and the one at which all had been told."""
    if not state:
        return 0, 0
    name, *versions = (said(state) or "").split("|")
    if name != folder.identifier or len(versions) != 2:
        if forgets:
            return 0, 0
        raise Refusal("ErrorInvalidSyncStateData", "The sync state data is invalid.")
    return int(versions[0]), int(versions[1])


class Change(NamedTuple):
    """What became of an item, and when."""

    version: int
    kind: str


def _change(item: Item, since: int, known: int) -> Change | None:
    if item.deleted:
        told = item.deleted > since and item.created <= since
        return Change(item.deleted, "Delete") if told else None
    if item.changed <= since:
        return None
    return Change(item.changed, "Create" if item.created > known else "Update")


def sync_folder_hierarchy(call: Call) -> Element:
    shape = call.shape("m:FolderShape")
    since = int((said(text(call.payload, "m:SyncState")) or "0").rpartition("|")[2])
    folders = [each for each in call.user.folders.values() if each.parent is not None]
    told = []
    for each in folders:
        if each.created > since and not each.deleted:
            told.append(t("Create", folder_written(each, shape)))
        elif each.created <= since < each.deleted:
            told.append(t("Delete", t("FolderId", Id=each.identifier)))
    reached = max(each.deleted or each.created for each in folders)
    message = call.good(
        m("SyncState", opaque(f"folders|{max(reached, since)}")),
        m("IncludesLastFolderInRange", yes(True)),
        m("Changes", *told),
    )
    return m(f"{call.name}Response", m("ResponseMessages", message))


def convert_id(call: Call) -> Element:
    """Ids are converted by nobody here; it is called to learn the server's version."""
    asked = find(call.payload, "m:SourceIds")
    assert asked is not None

    def answer(identifier: Element) -> list[Element]:
        if said(identifier.get("Id", "")) is None:
            raise Refusal("ErrorInvalidIdMalformed", "Id is malformed.")
        raise Refusal("ErrorInvalidOperation", "This server converts no ids.")

    return call.each(asked, answer)
