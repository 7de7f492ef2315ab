"""Calendars of Office 365, over Microsoft Graph."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from providers import office365_changes as reading
from providers import office365_people as people
from providers import office365_writing as writing
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
from providers.decoding import decoded
from providers.office365_events import Email, Item, Maker, link
from providers.office365_graph import (
    HTML,
    Graph,
    changed,
    decode,
    lacking,
    refused,
    safe_id,
)
from providers.tokens import Tokens
from scheduling.connections import Access
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

_DUPLICATE = "ErrorDuplicateTransactionId"
_WRITES = (Access.WRITE, Access.MAIL)
_REFUSALS = {
    ErrorKind.INVALID,
    ErrorKind.NOT_FOUND,
    ErrorKind.PERMISSION,
    ErrorKind.UNSUPPORTED,
}
_TRIES = 3
"""How often a write without an etag is tried on what is there now."""


class _Me(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    mail: str | None = None
    user_principal_name: str | None = None
    display_name: str | None = None


class _Calendar(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str | None = None
    hex_color: str | None = None
    can_edit: bool | None = None
    is_default_calendar: bool | None = None
    owner: Email | None = None


class Office365Provider(Polled):
    """The calendars, mail and colleagues of one account.

    Args:
        tokens: where the token of each call comes from.
        address: the owner's address; empty: as Microsoft says.
        access: what may be done.
        base: the cloud, such as `https://graph.microsoft.us`.
        local: whether that may be this computer, or in a private network.
        sleep: how to wait before asking again.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        address: str = "",
        access: Access,
        base: str = "https://graph.microsoft.com",
        local: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        writes = access in _WRITES
        self.capabilities = Capabilities(
            write=writes,
            invite=writes,
            conference=writes,
            mail=access is Access.MAIL,
            lookup=True,
        )
        self._address = address
        self._access = access
        self._graph = Graph(tokens, base=base, local=local, sleep=sleep)

    def __repr__(self) -> str:
        return f"Office365Provider({self._graph!r})"

    async def identity(self) -> Identity:
        """The account's address, as Microsoft says it."""
        me = await self._me()
        address = me.mail or me.user_principal_name or self._address
        return Identity(address=clean(address, limit=254), name=clean(me.display_name or ""))

    async def calendars(self) -> list[CalendarInfo]:
        """Every calendar that the account lists, those that others share among them.

        Those are not written to: koble asks to be allowed to change its owner's calendars alone.
        """
        found: list[_Calendar] = []
        async for page in self._graph.pages(self._graph.url("me", "calendars")):
            found += [each for raw in page.value if (each := decoded(raw, _Calendar))]
        # An account has several addresses: whose its first calendar is says which one counts.
        me = next((_owner(each) for each in found if each.is_default_calendar), "")
        return [self._info(each, own=_owner(each) in ("", me) or not me) for each in found]

    def _info(self, calendar: _Calendar, *, own: bool) -> CalendarInfo:
        return CalendarInfo(
            native=calendar.id,
            name=clean(calendar.name or "", limit=100) or clean(calendar.id, limit=20),
            color=_color(calendar.hex_color or ""),
            writable=bool(calendar.can_edit) and own and self.capabilities.write,
            primary=bool(calendar.is_default_calendar),
            own=own,
        )

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`. With `Access.BUSY`, only when the owner is busy."""
        safe_id(calendar)
        maker = Maker(calendar, horizon, busy_only=self._access is Access.BUSY)
        try:
            async for page in reading.changes(self._graph, calendar, cursor, maker):
                yield page
        except ProviderError as error:
            if error.kind is not ErrorKind.PERMISSION:
                raise
            raise ProviderError(
                error.kind,
                Phrase("Microsoft does not let koble read this calendar."),
                Phrase(
                    "{hint} If it is somebody else's calendar, let it keep no times away.",
                    hint=error.hint or "",
                ),
            ) from error

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`. Guests are invited at once: Graph knows no other way."""
        self._may_write()
        document = writing.whole(draft)
        if found := await self.find(calendar, draft.uid):
            return found
        # Told by its transaction id, Graph does not make a second one of it.
        url = self._url(calendar, "events")
        answer = await self._graph.ask("POST", url, document, accept=(400, 409), safe=True)
        if answer.status < 300:
            return _written(decode(answer, Item))
        error = refused(answer)
        if answer.status == 400 and error.code != _DUPLICATE:
            raise error
        if found := await self.find(calendar, draft.uid):
            return found
        raise ProviderError(
            ErrorKind.CONFLICT,
            Phrase("Office 365 has had this meeting, and does not show it."),
            Phrase("If it was not deleted there, it will be found in a moment."),
        )

    async def find(self, calendar: str, uid: str) -> Written | None:
        """See `CalendarProvider.find`."""
        name = writing.key(uid)
        own = f"ep/id eq '{writing.UID}' and ep/value eq '{name}'"
        filters = [f"singleValueExtendedProperties/Any(ep: {own})"]
        if name == uid:
            filters.append(f"iCalUId eq '{uid}'")
        for each in filters:
            url = self._url(
                calendar,
                "events",
                _filter=each,
                _expand=f"singleValueExtendedProperties($filter=id eq '{writing.UID}')",
            )
            async for page in self._graph.pages(url):
                for raw in page.value:
                    item = decoded(raw, Item)
                    # Graph takes great and small letters for the same.
                    if item and name in writing.keys(item):
                        return _written(item)
        return None

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`. Only what differs is said, and guests hear of it."""
        self._may_write()
        url = self._url(calendar, "events", safe_id(resource))
        for _ in range(1 if etag else _TRIES):
            there = decode(await self._graph.ask("GET", url), Item)
            if etag and there.etag != etag:
                break
            document = writing.differing(draft, there)
            if not writing.says(draft, there) and (body := await self._text(url, draft, there)):
                document["body"] = body
            if not document:
                return _written(there)
            answer = await self._graph.ask(
                "PATCH", url, document, etag=there.etag, accept=(409, 412)
            )
            if answer.status == 204:
                return _written(decode(await self._graph.ask("GET", url), Item))
            if answer.status < 300:
                return _written(decode(answer, Item))
        raise changed()

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """See `CalendarProvider.delete`. A meeting that somebody else called is declined."""
        self._may_write()
        url = self._url(calendar, "events", safe_id(resource))
        answer = await self._graph.ask("GET", url, accept=(404,))
        if answer.status == 404:
            # Gone already is no error; a calendar that is gone is one.
            await self._graph.ask("GET", self._url(calendar))
            return
        there = decode(answer, Item)
        if etag and there.etag != etag:
            raise changed()
        if there.attendees and there.is_organizer:
            # Tells the guests, with the comment, and takes the event away.
            await self._graph.ask("POST", f"{url}/cancel", {"Comment": comment}, accept=(404,))
            return
        if there.attendees and not there.is_cancelled:
            said = {"Comment": comment, "SendResponse": True}
            await self._graph.ask("POST", f"{url}/decline", said, accept=(404,))
            etag = ""  # the answer made another version of it
        gone = await self._graph.ask("DELETE", url, etag=etag, accept=(404, 409, 412), safe=True)
        if gone.status in (409, 412):
            raise changed()

    async def busy(self, addresses: Sequence[str], span: Span) -> list[Availability]:
        """See `Lookup.busy`. Only accounts of work or school may ask, and be asked about."""
        try:
            return await people.busy(self._graph, addresses, span)
        except ProviderError as error:
            # Only work and school accounts have an id with hyphens in it.
            if error.kind not in _REFUSALS or "-" in (await self._me()).id:
                raise
            raise ProviderError(
                ErrorKind.UNSUPPORTED,
                Phrase("A personal Microsoft account cannot see when others are busy."),
                Phrase("Connect an account of work or school for that."),
            ) from error

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`. Sent once: whether a mail went out cannot be asked."""
        if not self.capabilities.mail:
            raise lacking(Phrase("send e-mail"))
        await people.send(self._graph, mail)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._graph.close()

    # Asking

    def _url(self, calendar: str, *parts: str, **query: str) -> str:
        return self._graph.url("me", "calendars", safe_id(calendar), *parts, **query)

    async def _me(self) -> _Me:
        url = self._graph.url("me", _select="id,displayName,mail,userPrincipalName")
        return decode(await self._graph.ask("GET", url), _Me)

    async def _text(self, url: str, draft: Draft, there: Item) -> dict[str, object] | None:
        """The text that the event is to have; of a video meeting, with what Teams wrote there."""
        page = ""
        if there.is_online_meeting:
            whole = decode(await self._graph.ask("GET", url, body=HTML), Item)
            page = (whole.body and whole.body.content) or ""
        return writing.text(draft, page, link(there))

    def _may_write(self) -> None:
        if not self.capabilities.write:
            raise lacking(Phrase("change the calendar"))


def _written(item: Item) -> Written:
    return Written(resource=item.id, etag=item.etag, link=link(item))


def _owner(calendar: _Calendar) -> str:
    return ((calendar.owner and calendar.owner.address) or "").casefold()


def _color(text: str) -> str:
    return text.lower() if re.fullmatch(r"#[0-9A-Fa-f]{6}", text) else ""
