"""Calendars of an Exchange server of one's own, over EWS."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from hashlib import blake2s

import msgspec

from providers.base import (
    Availability,
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Gone,
    Identity,
    Mail,
    Problem,
    ProviderError,
    Upsert,
    Written,
)
from providers.exchange_busy import LONGEST, availabilities, busy_request, joined
from providers.exchange_calls import (
    GONE,
    Element,
    M,
    Refused,
    T,
    element,
    failure,
    ids,
    own,
    shape,
)
from providers.exchange_lists import Lists
from providers.exchange_reading import FIELDS, KEY, UID, ZONE, Brief, Reader, brief
from providers.exchange_server import Server
from providers.exchange_versions import check
from providers.exchange_writing import (
    addresses,
    cancelled,
    created,
    deleted,
    equal,
    global_id,
    global_id_path,
    key_of,
    sent,
    updated,
)
from providers.http import PATIENCE
from providers.vdir import Seen
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

BATCH = 50
"""Items that are asked for at a time."""
_ASKED = 80
"""People whose times are asked for at a time; a server takes 100, with the members of groups."""


class ExchangeProvider:
    """The calendars of one account.

    Args:
        url: of EWS, such as `https://mail.example.com/EWS/Exchange.asmx`.
        address: the mailbox's e-mail address.
        username: as the server takes it.
        password: goes to this server only.
        scheme: how to sign in, as `providers.exchange_connect` found out.
        local: whether the server may be this computer, or in a private network.
        fingerprint: SHA-256 of the one certificate by which it is known.
        zone: IANA name of the owner's zone, for events of which the server tells none.
        patience: seconds for one call.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        address: str,
        username: str,
        password: str,
        scheme: str,
        local: bool = False,
        fingerprint: str = "",
        zone: str = "",
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.capabilities = Capabilities(write=True, invite=True, mail=True, lookup=True)
        self._address = address
        self._zone = zone
        self._server = Server(
            url,
            username=username,
            password=password,
            scheme=scheme,
            local=local,
            fingerprint=fingerprint,
            patience=patience,
            sleep=sleep,
        )
        self._lists = Lists(self._server)
        self._writing: dict[str, asyncio.Lock] = {}

    def __repr__(self) -> str:
        return f"ExchangeProvider({self._server.host!r})"

    @property
    def version(self) -> str:
        """What the server is called, such as `2016`; empty until it has answered."""
        return check(self._server.build) if self._server.build else ""

    async def identity(self) -> Identity:
        """The mailbox, proven by its calendar; and the server by its version.

        Raises:
            ProviderError: unsupported, for a server that is too old; whatever it says else.
        """
        await self._known()
        await self._folder(self._distinguished("calendar"))
        return Identity(address=self._address)

    async def calendars(self) -> list[CalendarInfo]:
        """The calendar, and those that lie beside and below it."""
        await self._known()
        primary = await self._folder(self._distinguished("calendar"))
        found = {info.native: info for info in [_info(primary, primary=True)]}
        payload = element(
            "m:FindFolder",
            _folder_shape(),
            element("m:ParentFolderIds", self._distinguished("msgfolderroot")),
            Traversal="Deep",
        )
        try:
            answer = await self._all("FindFolder", payload)
        except Refused:
            return list(found.values())  # it shows no more than the one
        for message in answer:
            for each in message.iter(f"{T}CalendarFolder"):
                info = _info(each, primary=False)
                found.setdefault(info.native, info)
        return list(found.values())

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`.

        What changed is asked of the server; and the occurrences of series are compared with what
        was seen of them before, because not every server tells when one of them changes.
        """
        await self._known()
        folder = _folder_id(calendar)
        before = _Cursor.read(cursor, horizon)
        listing = await self._lists.changed(folder, before.mark) if before else None
        if listing is None:
            before = None
            listing = await self._lists.everything(folder)
        seen = Seen(before.seen if before else "", horizon)
        series = dict(before.series) if before else {}
        if listing.whole and listing.mark == "":
            todo, _, fresh = seen.compare({each.id: each.key for each in listing.items.values()})
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
        repeating = any(item.repeats for item in listing.items.values())
        if series or repeating or any(not item.type for item in listing.items.values()):
            view = await self._lists.view(folder, horizon)
            told = {uid: _looks(entries) for uid, entries in (view or {}).items()}
            for each, (uid, looks) in series.items():
                if each not in inside and view is not None and told.get(uid, "") != looks:
                    inside.append(each)
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
            page, part = await self._page(calendar, batch, view, horizon)
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
        after = _Cursor(listing.mark, tuple(dict.fromkeys(troubled)), str(fresh), series)
        yield msgspec.structs.replace(
            page,
            cursor=msgspec.json.encode(after).decode(),
            listed=tuple(listing.items) if listing.whole else (),
            complete=listing.whole,
        )

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`."""
        await self._known()
        folder = _folder_id(calendar)
        payload = _valid(lambda: created(draft, folder))
        async with self._writing.setdefault(draft.uid, asyncio.Lock()):
            try:
                if found := await self._found(calendar, draft.uid):
                    return found
                (item,) = _items(await self._all("CreateItem", payload, write=True))
            finally:
                self._writing.pop(draft.uid, None)
        head = brief(item)
        if draft.attendees and draft.notify:
            # To send invitations changes it once more.
            head = brief(await self._item(head.id, ()))
        return Written(resource=head.id, etag=head.key)

    async def find(self, calendar: str, uid: str) -> Written | None:
        """See `CalendarProvider.find`."""
        await self._known()
        return await self._found(calendar, uid)

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`."""
        await self._known()
        _folder_id(calendar)
        item = await self._item(resource, FIELDS)
        if etag and brief(item).key != etag:
            raise _conflict()
        payload = _valid(lambda: updated(draft, item, resource=resource, etag=etag))
        (changed,) = _items(await self._all("UpdateItem", payload, write=True))
        head = brief(changed)
        if addresses(item) or draft.attendees:
            head = brief(await self._item(head.id, ()))
        return Written(resource=head.id, etag=head.key)

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """See `CalendarProvider.delete`."""
        await self._known()
        folder = _folder_id(calendar)
        try:
            item = await self._item(resource, FIELDS)
        except Refused as error:
            if error.code not in GONE or not _plausible(resource):
                raise
            # Gone already is no error; a calendar that is gone is one.
            await self._folder(folder)
            return
        head = brief(item)
        if etag and head.key != etag:
            raise _conflict()
        mine = item.findtext(f"{T}MyResponseType") in (None, "", "Organizer", "Unknown")
        told = mine and bool(addresses(item))
        if told and comment:
            try:
                await self._all("CreateItem", cancelled(resource, head.key, comment), write=True)
            except Refused as error:
                if error.kind is ErrorKind.CONFLICT:
                    raise
            else:
                return
        try:
            await self._all("DeleteItem", deleted(resource, told=told), write=True)
        except Refused as error:
            if error.code not in GONE:
                raise

    async def watch(self) -> AsyncIterator[str]:
        """Nothing: the desk polls."""
        nothing: tuple[str, ...] = ()
        for each in nothing:
            yield each

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`. What was sent under the same key lies in Sent Items, and stays one."""
        await self._known()
        payload = _valid(lambda: sent(mail))
        there = element("t:DistinguishedFolderId", Id="sentitems")
        if not await self._search(there, equal(own(KEY), key_of(mail.key))):
            await self._all("CreateItem", payload, write=True)

    async def busy(self, addresses: Sequence[str], span: Span) -> list[Availability]:
        """See `Lookup.busy`."""
        await self._known()
        found: dict[str, Availability] = {}
        for at in range(0, len(addresses), _ASKED):
            some = list(dict.fromkeys(addresses[at : at + _ASKED]))
            for low in range(span[0], span[1], LONGEST):
                part = low, min(low + LONGEST, span[1])
                payload = _valid(partial(busy_request, some, part))
                messages = await self._server.ask("GetUserAvailability", payload)
                for each in availabilities(some, messages, part, self._server.host):
                    before = found.get(each.address)
                    found[each.address] = each if before is None else joined(before, each)
        return [found.get(each, Availability(address=each)) for each in addresses]

    async def close(self) -> None:
        """Let go of the connections."""
        await self._server.close()

    # Asking

    async def _known(self) -> None:
        """Have the server say once which it is, and refuse one that is too old."""
        if self._server.build is None:
            await self._server.meet(
                lambda: element(
                    "m:GetFolder",
                    element("m:FolderShape", element("t:BaseShape", text="IdOnly")),
                    element("m:FolderIds", element("t:DistinguishedFolderId", Id="calendar")),
                )
            )
        if self._server.build is not None:
            check(self._server.build)

    def _distinguished(self, name: str) -> Element:
        """A folder of the mailbox, which need not be that of whoever signs in."""
        box = element("t:Mailbox", element("t:EmailAddress", text=self._address))
        return element("t:DistinguishedFolderId", box, Id=name)

    async def _all(self, name: str, payload: Element, *, write: bool = False) -> list[Element]:
        """The messages of an answer, all of which are well."""
        messages = await self._server.ask(name, payload, write=write)
        for each in messages:
            if (wrong := failure(each, self._server.host)) is not None:
                raise wrong
        return messages

    async def _folder(self, folder: Element) -> Element:
        payload = element("m:GetFolder", _folder_shape(), element("m:FolderIds", folder))
        for message in await self._all("GetFolder", payload):
            for each in message.iterfind(f"{M}Folders/*"):
                return each
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("The calendar is not there any more."), field="calendar"
        )

    async def _item(self, resource: str, fields: Iterable[str]) -> Element:
        if not _plausible(resource):
            raise _no_such(resource)
        wanted = shape(fields, text=True) if fields else shape(())
        payload = element("m:GetItem", wanted, ids("m:ItemIds", [resource]))
        (item,) = _items(await self._all("GetItem", payload))
        return item

    async def _found(self, calendar: str, uid: str) -> Written | None:
        """The event with that uid: by koble's own key, else by the id that every program knows."""
        for path, value in ((own(KEY), key_of(uid)), (global_id_path(), global_id(uid))):
            try:
                found = await self._search(_folder_id(calendar), equal(path, value))
            except Refused as error:
                if error.kind is ErrorKind.NOT_FOUND:
                    raise
                continue  # a server that cannot be asked so
            if found:
                return Written(resource=found[0].id, etag=found[0].key)
        return None

    async def _search(self, folder: Element, restriction: Element) -> list[Brief]:
        payload = element(
            "m:FindItem",
            shape(()),
            element(
                "m:IndexedPageItemView", MaxEntriesReturned="2", Offset="0", BasePoint="Beginning"
            ),
            element("m:Restriction", restriction),
            element("m:ParentFolderIds", folder),
            Traversal="Shallow",
        )
        messages = await self._all("FindItem", payload)
        return [brief(each) for m in messages for each in m.iterfind(f"{M}RootFolder/{T}Items/*")]

    async def _details(
        self, wanted: Sequence[str]
    ) -> tuple[dict[str, Element], dict[str, ProviderError]]:
        """Items with all that is read of them, and what is wrong with the others."""
        found: dict[str, Element] = {}
        wrong: dict[str, ProviderError] = {}
        if not wanted:
            return found, wrong
        payload = element(
            "m:GetItem", shape(FIELDS, text=True, keys=(UID, ZONE)), ids("m:ItemIds", wanted)
        )
        messages = await self._server.ask("GetItem", payload)
        if len(messages) != len(wanted):
            raise ProviderError(
                ErrorKind.UNAVAILABLE,
                Phrase(
                    "The answer of {host} is cut off, or is none of Exchange.",
                    host=self._server.host,
                ),
            )
        for each, message in zip(wanted, messages, strict=True):
            item = message.find(f"{M}Items/*")
            error = failure(message, self._server.host)
            if error is None and item is not None:
                found[each] = item
            else:
                wrong[each] = error or _no_such(each)
        return found, wrong

    async def _page(
        self,
        calendar: str,
        wanted: Sequence[str],
        view: Mapping[str, list[Brief]] | None,
        horizon: Span,
    ) -> tuple[ChangePage, dict[str, tuple[str, str]]]:
        """These resources as they are now; and of each series its uid and how it looks in view."""
        items, wrong = await self._details(wanted)
        told = {each: _told(item, view) for each, item in items.items()}
        special = [other for each, item in items.items() for other in _apart(item, told[each])]
        apart: dict[str, Element] = {}
        for at in range(0, len(special), BATCH):
            apart |= (await self._details(special[at : at + BATCH]))[0]
        reader = Reader(calendar, horizon, self._zone)
        changes: list[Upsert | Gone] = []
        series = {}
        for each, item in items.items():
            upsert = await asyncio.to_thread(reader.read, item, told[each], apart)
            if upsert is not None:
                changes.append(msgspec.structs.replace(upsert, resource=each))
            if item.find(f"{T}Recurrence") is not None:
                uid = item.findtext(f"{T}UID") or ""
                series[each] = (uid, _looks((view or {}).get(uid, ())))
        for each, error in wrong.items():
            if isinstance(error, Refused) and error.code in GONE:
                changes.append(Gone(each))  # deleted since it was listed
            else:
                why = Phrase("{event}: {why}", event=_named(each), why=str(error.message))
                reader.problems.append(Problem(each, str(why)))
        page = ChangePage(changes=tuple(changes), problems=tuple(reader.problems))
        return page, series


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """How far a calendar was read: the server's mark, what had problems, what was seen, series.

    A series is kept with its uid and a digest of its occurrences in view.
    """

    mark: str
    troubled: tuple[str, ...]
    seen: str
    series: dict[str, tuple[str, str]]

    @classmethod
    def read(cls, text: str, horizon: Span) -> "_Cursor | None":
        """The cursor in `text`; None where it is none, or of another horizon."""
        try:
            cursor = msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError:
            return None
        return cursor if Seen(cursor.seen, horizon).valid else None


def _outside(item: Brief | None, horizon: Span) -> bool:
    return item is not None and item.outside(horizon)


def _told(item: Element, view: Mapping[str, list[Brief]] | None) -> list[Brief] | None:
    """The occurrences that the server counts, of a series that it expands."""
    entries = (view or {}).get(item.findtext(f"{T}UID") or "", ())
    return [each for each in entries if each.type in ("Occurrence", "Exception")] or None


def _apart(item: Element, told: Sequence[Brief] | None) -> list[str]:
    """The occurrences of a series that differ from it."""
    if told:
        return [each.id for each in told if each.type == "Exception"]
    modified = item.iterfind(f"{T}ModifiedOccurrences/{T}Occurrence")
    return [head.id for each in modified if (head := brief(each)).id]


def _looks(entries: Sequence[Brief]) -> str:
    """A digest of a series' occurrences in view: it changes when one of them does."""
    text = "\n".join(f"{e.type} {e.start} {e.end} {e.looks}" for e in entries)
    return blake2s(text.encode("utf-8", "replace"), digest_size=8).hexdigest() if text else ""


def _items(messages: Sequence[Element]) -> list[Element]:
    found = [item for message in messages for item in message.iterfind(f"{M}Items/*")]
    if len(found) != 1:
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("The server did not say which event it is.")
        )
    return found


def _info(folder: Element, *, primary: bool) -> CalendarInfo:
    identifier = folder.find(f"{T}FolderId")
    create = folder.findtext(f"{T}EffectiveRights/{T}CreateContents")
    return CalendarInfo(
        native="" if identifier is None else identifier.get("Id", ""),
        name=clean(folder.findtext(f"{T}DisplayName") or "") or str(Phrase("Calendar")),
        writable=create in (None, "true", "1"),
        primary=primary,
    )


def _folder_shape() -> Element:
    return element(
        "m:FolderShape",
        element("t:BaseShape", text="IdOnly"),
        element(
            "t:AdditionalProperties",
            element("t:FieldURI", FieldURI="folder:DisplayName"),
            element("t:FieldURI", FieldURI="folder:EffectiveRights"),
        ),
    )


def _plausible(identifier: str) -> bool:
    """Whether it can be an id of Exchange's, which are base64."""
    return re.fullmatch(r"[A-Za-z0-9+/=_-]{4,2000}", identifier) is not None


def _folder_id(calendar: str) -> Element:
    if not _plausible(calendar):
        raise ProviderError(
            ErrorKind.NOT_FOUND,
            Phrase("There is no calendar {name}.", name=clean(calendar, limit=60)),
        )
    return element("t:FolderId", Id=calendar)


def _no_such(resource: str) -> ProviderError:
    return Refused(
        "ErrorItemNotFound",
        ErrorKind.NOT_FOUND,
        Phrase("The event {name} is not there any more.", name=_named(resource)),
    )


def _named(resource: str) -> str:
    return clean(resource, limit=16)


def _valid(make: Callable[[], Element]) -> Element:
    """What is to be sent; an address that is none is the provider's error here."""
    try:
        return make()
    except KobleError as error:
        raise ProviderError(error.kind, error.message, error.hint, field=error.field) from error


def _conflict() -> ProviderError:
    return ProviderError(
        ErrorKind.CONFLICT,
        Phrase("The event was changed outside koble meanwhile."),
        Phrase("Read the calendar again to see how it is now."),
    )
