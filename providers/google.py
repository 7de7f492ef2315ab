"""Calendars at Google, in Workspace and free accounts alike."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from providers import google_busy, google_drafts
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
from providers.drafts import check
from providers.google_api import WWW, Api, nonsense, part, read, refused
from providers.google_drafts import Body
from providers.google_events import Item, link
from providers.google_names import event_name, own_id
from providers.google_sync import Calendar
from providers.http import PATIENCE, Answer
from providers.tokens import Tokens
from scheduling.connections import Access
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

TRIES = 3
"""How often a change is tried on what is there now."""
POLLS = (0.5, 1.0, 2.0, 4.0)
"""Seconds between looks for a video meeting that Google is still making."""
_WRITERS = {"owner", "writer", "writerWithoutPrivateAccess"}
_LISTS = 100
"""Pages of calendars, 250 each."""


class GoogleProvider(Polled):
    """The calendars of one account.

    Google has no word for guests when a meeting is cancelled: `comment` of `delete` is not said.

    Args:
        tokens: where the token of each request comes from.
        address: whose account it is, as far as is known; the sender of e-mail.
        access: what its owner has allowed. With BUSY, a calendar has busy times and no events.
        base: the server.
        local: whether it may be this computer.
        patience: seconds for one request, with every try and the waits between them.
        sleep: what waits between tries.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        address: str = "",
        access: Access = Access.WRITE,
        base: str = WWW,
        local: bool = False,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        write = access in (Access.WRITE, Access.MAIL)
        self.capabilities = Capabilities(
            write=write,
            invite=write,
            conference=write,
            mail=access is Access.MAIL,
            lookup=access is not Access.READ,  # what reads events does not look up other people
        )
        self._address = address
        self._access = access
        self._sleep = sleep
        self._api = Api(tokens, base=base, local=local, patience=patience, sleep=sleep)

    def __repr__(self) -> str:
        return f"GoogleProvider({self._address!r})"

    async def identity(self) -> Identity:
        """The address of the account: the name of its first calendar."""
        answer = await self._api.ask("GET", "/users/me/calendarList/primary")
        entry = read(answer, _Entry)
        if not entry.id:
            raise nonsense()
        return Identity(address=clean(entry.id, limit=254))

    async def calendars(self) -> list[CalendarInfo]:
        """Every calendar in the account's list, but those that its owner has hidden."""
        found: dict[str, CalendarInfo] = {}
        token = ""
        for _ in range(_LISTS):
            query = (("maxResults", "250"), *((("pageToken", token),) if token else ()))
            page = read(await self._api.ask("GET", "/users/me/calendarList", query), _Entries)
            if page.kind != "calendar#calendarList":
                raise nonsense()
            for each in page.items:
                if each.id and not each.deleted and not (each.hidden and not each.primary):
                    found[each.id] = self._info(each)
            token = page.next_page_token
            if not token:
                return list(found.values())
        raise nonsense()

    def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`."""
        if self._access is Access.BUSY:
            return google_busy.changes(self._api, calendar, cursor, horizon)
        return self._changes(calendar, cursor, horizon)

    async def _changes(
        self, calendar: str, cursor: str, horizon: Span
    ) -> AsyncIterator[ChangePage]:
        """Events; or busy times, where the owner of a calendar lets no more of it be seen."""
        try:
            async for page in Calendar(self._api, calendar, horizon).changes(cursor):
                yield page
        except ProviderError as error:
            if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.PERMISSION):
                raise
            if not await self._veiled(calendar):
                raise
        else:
            return
        async for page in google_busy.changes(self._api, calendar, cursor, horizon):
            yield page

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`. Where a video meeting fails, the event is made without."""
        check(draft)
        body = google_drafts.new(draft)
        path = f"/calendars/{part(calendar)}/events"
        if found := await self._filed(path, draft.uid):
            return await self._settled(path, found)
        answer = await self._insert(path, body, draft)
        if answer.status == 400 and "conferenceData" in body:
            del body["conferenceData"]  # not every calendar has video meetings
            answer = await self._insert(path, body, draft)
        if answer.status == 400:
            raise refused(answer)
        if answer.status < 300:
            return await self._settled(path, read(answer, Item))
        # It is there: made by an earlier try, or deleted since.
        there = await self._raw(path, body["id"])
        if there is None:
            raise ProviderError(
                ErrorKind.CONFLICT, Phrase("Other events are in the way of the new one.")
            )
        if there.get("status") == "cancelled":
            change = google_drafts.revived(draft, there)
            answer = await self._patch(path, body["id"], change, there, draft)
            if answer.status == 412:
                raise _conflict()
            return await self._settled(path, read(answer, Item))
        return await self._settled(path, await self._event(path, body["id"]))

    async def find(self, calendar: str, uid: str) -> Written | None:
        """See `CalendarProvider.find`."""
        path = f"/calendars/{part(calendar)}/events"
        there = await self._event(path, own_id(uid))
        found = there if there and not there.gone else await self._filed(path, uid)
        return _written(found) if found else None

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`. Guests who are not in the draft stay invited."""
        check(draft)
        path, name = f"/calendars/{part(calendar)}/events", event_name(resource)
        for _ in range(TRIES):
            there = await self._raw(path, name)
            if there is None or there.get("status") == "cancelled":
                raise ProviderError(
                    ErrorKind.NOT_FOUND, Phrase("The event is not in the calendar any more.")
                )
            change = google_drafts.changed(draft, there)
            if not change:  # an earlier try was obeyed
                return await self._settled(path, await self._event(path, name))
            if etag and there.get("etag") != etag:
                break
            answer = await self._patch(path, name, change, there, draft)
            if answer.status < 300:
                return await self._settled(path, read(answer, Item))
        raise _conflict()

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """See `CalendarProvider.delete`. Guests are told, but not `comment`: see above."""
        path, name = f"/calendars/{part(calendar)}/events", event_name(resource)
        answer = await self._api.ask(
            "DELETE",
            f"{path}/{name}",
            (("sendUpdates", "all"),),
            headers={"if-match": etag} if etag else {},
            accept=(404, 410, 412),
            safe=True,
        )
        if answer.status in (404, 412):
            # Gone already is no error; a calendar that is gone is one, and so is another version.
            there = await self._event(path, name)
            if there is None:
                await self._there(path)
            elif not there.gone:
                raise _conflict()

    async def busy(self, addresses: Sequence[str], span: Span) -> list[Availability]:
        """See `Lookup.busy`."""
        return await google_busy.lookup(self._api, addresses, span)

    async def send(self, mail: Mail) -> None:
        """See `Mailer.send`. The key becomes the Message-ID, by which a reader sees one letter."""
        await self._api.send(google_drafts.letter(mail, self._address))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.close()

    # Asking

    def _info(self, entry: "_Entry") -> CalendarInfo:
        color = entry.background_color.lower()
        return CalendarInfo(
            native=entry.id,
            name=clean(entry.summary_override or entry.summary) or clean(entry.id),
            color=color if re.fullmatch("#[0-9a-f]{6}", color) else "",
            writable=self.capabilities.write and entry.access_role in _WRITERS,
            primary=entry.primary,
            own=entry.primary or entry.access_role in _WRITERS,
        )

    async def _veiled(self, calendar: str) -> bool:
        """Whether only the busy times of a calendar may be seen."""
        path = f"/users/me/calendarList/{part(calendar)}"
        answer = await self._api.ask("GET", path, accept=(403, 404))
        return answer.status < 300 and read(answer, _Entry).access_role == "freeBusyReader"

    async def _insert(self, path: str, body: Body, draft: Draft) -> Answer:
        """A new event. Its id is known beforehand: whatever happened to one try, the next sees."""
        return await self._api.ask("POST", path, _query(draft), body, accept=(400, 409), safe=True)

    async def _patch(self, path: str, name: str, body: Body, there: Body, draft: Draft) -> Answer:
        """Changes to one version of an event: a second try of one that was obeyed changes none."""
        return await self._api.ask(
            "PATCH",
            f"{path}/{name}",
            _query(draft),
            body,
            headers={"if-match": there.get("etag", "*")},
            accept=(412,),
            safe=True,
        )

    async def _event(self, path: str, name: str) -> Item | None:
        answer = await self._api.ask("GET", f"{path}/{name}", accept=(404, 410))
        return read(answer, Item) if answer.status < 300 else None

    async def _raw(self, path: str, name: str) -> Body | None:
        """An event with all that is in it."""
        answer = await self._api.ask("GET", f"{path}/{name}", accept=(404, 410))
        if answer.status >= 300:
            return None
        read(answer, Item)  # so that what is changed in it is what it looks like
        return read(answer, Body)

    async def _filed(self, path: str, uid: str) -> Item | None:
        """An event with that uid which koble did not make: it was brought from elsewhere."""
        if len(uid) > 500:
            await self._there(path)
            return None
        page = read(await self._api.ask("GET", path, (("iCalUID", uid),)), _Events)
        live = [each for each in page.items if not each.gone and not each.recurring_event_id]
        return live[0] if live else None

    async def _there(self, path: str) -> None:
        """Whether there is such a calendar; an error where there is none."""
        await self._api.ask("GET", path, (("maxResults", "1"), ("fields", "kind")))

    async def _settled(self, path: str, event: Item | None) -> Written:
        """Where it is, once Google has made the video meeting, or given up, or taken too long.

        The event is there whatever becomes of the link: one that comes later is read later.
        """
        if event is None:
            raise _conflict()  # deleted in this very moment
        for seconds in POLLS:
            if not event.conference_data.pending or link(event):
                break
            await self._sleep(seconds)
            try:
                event = await self._event(path, event.id) or event
            except ProviderError:
                break
        return _written(event)


class _Entry(msgspec.Struct, rename="camel"):
    """A calendar in the account's list."""

    id: str = ""
    summary: str = ""
    summary_override: str = ""
    background_color: str = ""
    access_role: str = ""
    primary: bool = False
    hidden: bool = False
    deleted: bool = False


class _Entries(msgspec.Struct, rename="camel"):
    kind: str = ""
    items: list[_Entry] = []
    next_page_token: str = ""


class _Events(msgspec.Struct):
    items: list[Item] = []


def _query(draft: Draft) -> tuple[tuple[str, str], ...]:
    """What goes with every write: without the version, a video meeting would be lost by it."""
    return ("conferenceDataVersion", "1"), ("sendUpdates", "all" if draft.notify else "none")


def _written(event: Item) -> Written:
    return Written(resource=event.id, etag=event.etag, link=link(event))


def _conflict() -> ProviderError:
    return ProviderError(
        ErrorKind.CONFLICT,
        Phrase("The event was changed outside koble meanwhile."),
        Phrase("Read the calendar again to see how it is now."),
    )
