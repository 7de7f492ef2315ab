"""Calendars of an Exchange server of one's own, over EWS."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial

from providers.base import (
    Availability,
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Identity,
    Mail,
    Polled,
    ProviderError,
    Written,
)
from providers.exchange_busy import LONGEST, availabilities, busy_request, joined
from providers.exchange_calls import (
    GONE,
    NOT_OURS,
    Element,
    M,
    Refused,
    T,
    element,
    failure,
    ids,
    shape,
)
from providers.exchange_changes import Follower, no_such
from providers.exchange_reading import FIELDS, brief, is_own
from providers.exchange_search import Search
from providers.exchange_server import Server
from providers.exchange_versions import check
from providers.exchange_writing import (
    addresses,
    cancelled,
    created,
    deleted,
    sent,
    updated,
)
from providers.http import PATIENCE
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

_PARTS = dict.fromkeys(NOT_OURS, "marked") | {"ErrorTimeZone": "zoned"}
"""What of an event can be left out where a server refuses it by such a code."""
_ASKED = 80
"""People whose times are asked for at a time; a server takes 100, with the members of groups."""


class ExchangeProvider(Polled):
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
        self._own = frozenset({address.casefold(), username.casefold()})
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
        self._search = Search(self._server)
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
        """The calendar, and those that lie beside and below it; not those that were deleted."""
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
            deleted_items = await self._folder(self._distinguished("deleteditems"))
        except Refused:
            return list(found.values())  # it shows no more than the one
        gone = {_id(deleted_items, "FolderId")}
        for message in answer:
            for each in message.iterfind(f"{M}RootFolder/{T}Folders/*"):
                kind = each.findtext(f"{T}FolderClass") or ""
                info = _info(each, primary=False)
                if _id(each, "ParentFolderId") in gone:
                    gone.add(info.native)  # a folder comes before those that lie in it
                elif each.tag == f"{T}CalendarFolder" or kind.startswith("IPF.Appointment"):
                    found.setdefault(info.native, info)
        return list(found.values())

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`."""
        await self._known()
        follower = Follower(
            self._server, calendar, _folder_id(calendar), horizon, self._zone, self._own
        )
        async for page in follower.changes(cursor):
            yield page

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`."""
        await self._known()
        folder = _folder_id(calendar)
        make = partial(created, draft, folder)
        _valid(make)  # what is wrong with it is said before the server is asked
        async with self._writing.setdefault(draft.uid, asyncio.Lock()):
            try:
                if found := await self._search.event(folder, draft.uid, draft.start):
                    return found
                try:
                    (item,) = _items(await self._write("CreateItem", make))
                except Refused:
                    await self._take_back(folder, draft)
                    raise
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
        return await self._search.event(_folder_id(calendar), uid)

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`."""
        await self._known()
        _folder_id(calendar)
        item = await self._item(resource, FIELDS)
        if etag and brief(item).key != etag:
            raise _conflict()
        make = partial(updated, draft, item, resource=resource, etag=etag)
        (changed,) = _items(await self._write("UpdateItem", make))
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
        told = self._invites(item) and bool(addresses(item))
        if told and comment:
            try:
                await self._all("CreateItem", cancelled(resource, head.key, comment), write=True)
                told = False
                await self._item(resource, ())  # some servers leave it where it is
            except Refused as error:
                if not told and error.code in GONE:
                    return
                if error.kind is ErrorKind.CONFLICT:
                    raise
        try:
            await self._all("DeleteItem", deleted(resource, told=told), write=True)
        except Refused as error:
            if error.code not in GONE:
                raise

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`. What was sent under the same key lies in Sent Items, and stays one."""
        await self._known()
        payload = _valid(partial(sent, mail))
        if await self._search.mail(mail.key):
            return
        try:
            await self._all("CreateItem", payload, write=True)
        except Refused:
            # Some servers keep a copy of what they then could not send. It must not be taken for
            # sent at the next try.
            if copy := await self._search.mail(mail.key):
                forget = deleted(copy, told=False, forgotten=True)
                await self._all("DeleteItem", forget, write=True)
            raise

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

    async def _write(self, name: str, make: Callable[..., Element]) -> list[Element]:
        """Write something; without what a server says that it does not know, once each."""
        left_out: dict[str, bool] = {}
        while True:
            try:
                return await self._all(name, _valid(partial(make, **left_out)), write=True)
            except Refused as error:
                part = _PARTS.get(error.code)
                if part is None or part in left_out:
                    raise
                left_out[part] = False

    async def _take_back(self, folder: Element, draft: Draft) -> None:
        """Let nothing stay of a meeting that was refused.

        Some servers keep it where they could not invite the guests to it. The next try would find
        it, and take the guests for invited.
        """
        if draft.attendees and (kept := await self._search.event(folder, draft.uid, draft.start)):
            await self._all("DeleteItem", deleted(kept.resource, told=False), write=True)

    def _invites(self, item: Element) -> bool:
        """Whether a meeting is the owner's own."""
        response = item.findtext(f"{T}MyResponseType") or ""
        return response in ("", "Organizer", "Unknown") or is_own(item, self._own)

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
            raise no_such(resource)
        wanted = shape(fields, text=True) if fields else shape(())
        payload = element("m:GetItem", wanted, ids("m:ItemIds", [resource]))
        (item,) = _items(await self._all("GetItem", payload))
        return item


def _items(messages: Sequence[Element]) -> list[Element]:
    found = [item for message in messages for item in message.iterfind(f"{M}Items/*")]
    if len(found) != 1:
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("The server did not say which event it is.")
        )
    return found


def _id(folder: Element, name: str) -> str:
    found = folder.find(f"{T}{name}")
    return "" if found is None else found.get("Id", "")


def _info(folder: Element, *, primary: bool) -> CalendarInfo:
    create = folder.findtext(f"{T}EffectiveRights/{T}CreateContents")
    return CalendarInfo(
        native=_id(folder, "FolderId"),
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
            element("t:FieldURI", FieldURI="folder:FolderClass"),
            element("t:FieldURI", FieldURI="folder:ParentFolderId"),
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
