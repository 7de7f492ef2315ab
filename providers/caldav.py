"""Calendars on a CalDAV server (RFC 4791), read by sync token where the server has such (6578).

No vendor's name decides anything here: what a server can do is found by asking it.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from urllib.parse import unquote, urlsplit

import msgspec

from providers import davbusy, davxml
from providers.base import (
    Availability,
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Gone,
    Identity,
    Polled,
    Problem,
    ProviderError,
    Upsert,
    Written,
)
from providers.davfind import XML, Account, find_account, is_calendar
from providers.davlist import (
    AS_IT_IS,
    BUSY,
    NO_SYNC,
    RIGHTS,
    TOKEN,
    changed,
    everything,
    properties,
    texts,
)
from providers.davnames import collection, last_name, member, names
from providers.davxml import A, C, D, Found, Multistatus
from providers.decoding import decoded
from providers.http import Answer, Http, refusal
from providers.icalendar import Reading, read, uids, write
from providers.logins import Login
from providers.vdir import Seen
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

BATCH = 50
"""Resources that are asked for at a time."""
TRIES = 3
"""How often a write without an etag is tried on what is there now."""
_TEXT = {"content-type": "text/calendar; charset=utf-8"}
_ABOUT_CALENDAR = (
    f"{D}resourcetype",
    f"{D}displayname",
    RIGHTS,
    f"{C}supported-calendar-component-set",
    f"{A}calendar-color",
)


class CaldavProvider(Polled):
    """The calendars of one account.

    Args:
        url: the server's address, or that of the account or one calendar on it.
        username: as the server knows it.
        password: sent to this server only.
        me: the owner's addresses, by which their answers to invitations are found; the first one
            is named as the organizer of meetings with guests.
        now: the present time in UTC seconds, for DTSTAMP.
        local: whether the host may be this computer, or in a private network.
        fingerprint: of the one certificate by which the server is known; see `providers.http`.
        patience: seconds for one request.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str,
        me: Collection[str] = (),
        now: Callable[[], int] | None = None,
        local: bool = False,
        fingerprint: str = "",
        patience: float = 25.0,
    ) -> None:
        self.capabilities = Capabilities(write=True)
        self._url = url
        self._username = username
        self._me = tuple(me)
        self._now = now or (lambda: int(time.time()))
        self._login = Login(username, password)
        self._http = Http(
            url,
            authorization=self._login.header,
            local=local,
            fingerprint=fingerprint,
            patience=patience,
        )
        self._account = Account()

    def __repr__(self) -> str:
        return f"CaldavProvider({self._http.origin!r})"

    async def identity(self) -> Identity:
        """The user name, with the server's where it is no e-mail address."""
        await self._find()
        name = clean(self._username)
        host = clean(urlsplit(self._url).hostname or "")
        return Identity(address=name if "@" in name else f"{name} ({host})")

    async def calendars(self) -> list[CalendarInfo]:
        """The calendars of the account that take events."""
        found: dict[str, CalendarInfo] = {}
        for home, depth in (await self._find()).homes:
            for each in (await properties(self._ask, home, depth, *_ABOUT_CALENDAR)).found:
                if is_calendar(each):
                    found[each.path] = _info(each)
        return list(found.values())

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`.

        A resource that comes cut off, or not at all, is a problem and no change. A calendar that
        may not be seen, but whose busy times may, consists of those: events without titles.
        """
        path = collection(calendar)
        before = _Cursor.read(cursor, horizon)
        try:
            async for page in self._events(path, calendar, before, horizon):
                yield page
        except ProviderError as error:
            if error.kind is not ErrorKind.PERMISSION:
                raise
            times = await davbusy.own_times(self._ask, path, calendar, horizon)
            if times is None:
                raise
            yield _times(times, before, horizon)

    async def _events(
        self, path: str, calendar: str, before: "_Cursor | None", horizon: Span
    ) -> AsyncIterator[ChangePage]:
        listing = await changed(self._ask, path, before.kind, before.mark) if before else None
        if listing is None:
            tags = before is not None and before.kind != TOKEN
            listing = await everything(self._ask, path, tags=tags)
        seen = Seen(before.seen if before else "", horizon)
        todo = [*listing.etags]
        if listing.whole:
            todo, _, fresh = seen.compare(listing.etags)
        else:
            # What is not named is as it was; what had problems is read again to tell them.
            todo += [name for name in before.troubled if name not in todo] if before else []
            fresh = seen
        todo = [name for name in todo if name not in listing.gone]
        for name in listing.gone:
            fresh.note(name, "", troubled=False)  # should it come back, it is new
        page = ChangePage(changes=tuple(Gone(name) for name in listing.gone))
        troubled: list[str] = []
        for at in range(0, len(todo), BATCH):
            if at or page.changes:
                yield page
            found = await texts(self._ask, path, todo[at : at + BATCH])
            page = await asyncio.to_thread(self._page, calendar, found, horizon, seen, fresh)
            troubled += {problem.resource: None for problem in page.problems}
        after = _Cursor(listing.kind, listing.mark, tuple(troubled), str(fresh))
        yield msgspec.structs.replace(
            page,
            cursor=msgspec.json.encode(after).decode(),
            listed=tuple(listing.etags) if listing.whole else (),
            complete=listing.whole,
        )

    async def create(self, calendar: str, draft: Draft) -> Written:
        """See `CalendarProvider.create`."""
        path = collection(calendar)
        data = write(draft, existing=None, stamp=self._now(), organizer=self._organizer)
        if found := await self._query(path, draft.uid):
            return found
        for name in names(draft.uid):
            answer = await self._put(path, name, data, {"if-none-match": "*"})
            if answer.status < 300:
                return await self._written(path, name, answer)
            # It may be the same event, made meanwhile; or another one is in the way.
            if found := await self.find(calendar, draft.uid):
                return found
        raise ProviderError(
            ErrorKind.CONFLICT, Phrase("Other events are in the way of the new one.")
        )

    async def find(self, calendar: str, uid: str) -> Written | None:
        """See `CalendarProvider.find`."""
        path = collection(calendar)
        if found := await self._query(path, uid):
            return found
        for name in names(uid):  # for servers that cannot be asked for a uid
            answer = await self._ask("GET", path + name, headers=AS_IT_IS, accept=(404, 410))
            if answer.status < 300 and uid in uids(answer.body):
                return await self._written(path, name, answer)
        # Said only of a calendar that is there.
        await properties(self._ask, path, "0", f"{D}resourcetype")
        return None

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """See `CalendarProvider.update`."""
        path, name = collection(calendar), member(resource)
        for _ in range(1 if etag else TRIES):
            there = await self._ask("GET", path + name, headers=AS_IT_IS)
            version = there.headers.get("etag", "")
            if etag and _strong(version) != _strong(etag):
                break
            data = write(draft, existing=there.body, stamp=self._now(), organizer=self._organizer)
            answer = await self._put(path, name, data, {"if-match": _strong(version) or "*"})
            if answer.status < 300:
                return await self._written(path, name, answer)
        raise _conflict()

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """See `CalendarProvider.delete`."""
        path, name = collection(calendar), member(resource)
        answer = await self._ask(
            "DELETE",
            path + name,
            headers={"if-match": _strong(etag)} if etag else {},
            accept=(404, 410, 412),
        )
        if answer.status < 300:
            return
        # Gone already is no error; a calendar that is gone is one, and so is another version.
        await properties(self._ask, path, "0", f"{D}resourcetype")
        if answer.status == 412:
            there = await self._ask("GET", path + name, headers=AS_IT_IS, accept=(404, 410))
            if there.status < 300:
                raise _conflict()

    async def busy(self, addresses: Sequence[str], span: Span) -> list[Availability]:
        """See `Lookup.busy`."""
        account = await self._find()
        theirs = {each.casefold() for each in account.addresses}
        known = [each for each in self._me if each.casefold() in theirs]
        return await davbusy.others(
            self._ask,
            account,
            addresses,
            span,
            # A server answers only whom it knows as the owner of the account.
            organizer=next(iter([*known, *account.addresses, *self._me]), ""),
            stamp=self._now(),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    @property
    def _organizer(self) -> str:
        return self._me[0] if self._me else ""

    # Reading

    async def _find(self) -> Account:
        if not self._account.homes:
            self._account = await find_account(self._ask, self._url)
            lookup = bool(self._account.outbox)
            self.capabilities = msgspec.structs.replace(self.capabilities, lookup=lookup)
        return self._account

    def _page(
        self,
        calendar: str,
        texts: Mapping[str, tuple[str, bytes] | None],
        horizon: Span,
        seen: Seen,
        fresh: Seen,
    ) -> ChangePage:
        """Read texts, and note in `fresh` in which version each was read. Runs in a thread."""
        changes: list[Upsert] = []
        problems: list[Problem] = []
        for name, found in texts.items():
            if found is None:
                continue  # deleted since it was listed: the next listing says so
            etag, data = found
            reading = read(
                data, calendar=calendar, resource=name, etag=etag, horizon=horizon, me=self._me
            )
            problems += reading.problems
            if not reading.complete and (name in seen or not data):
                # Half of it: what was read before holds until the rest is there.
                fresh.keep(name, seen)
                continue
            # Without an etag the text is its own version, and is read whenever it is listed.
            version = etag or blake2b(data, digest_size=16).hexdigest()
            if not seen.has(name, version):
                changes.append(Upsert(name, etag, reading.events))
            fresh.note(name, version, troubled=bool(reading.problems))
        return ChangePage(changes=tuple(changes), problems=tuple(problems))

    # Asking

    async def _query(self, path: str, uid: str) -> Written | None:
        """The event with that uid, as the server finds it."""
        try:
            content = davxml.query(uid)
        except ValueError:
            return None  # no XML can ask for it
        answer = await self._ask(
            "REPORT", path, headers={**XML, "depth": "1"}, content=content, accept=NO_SYNC
        )
        if answer.status < 300:
            for each in Multistatus(answer.body, answer.url).found:
                # A server may find whatever has `uid` somewhere in its own.
                if uid in uids(each.text(f"{C}calendar-data").encode()):
                    return Written(resource=last_name(each.path), etag=each.text(f"{D}getetag"))
        return None

    async def _put(self, path: str, name: str, data: bytes, headers: Mapping[str, str]) -> Answer:
        return await self._ask(
            "PUT", path + name, headers={**_TEXT, **headers}, content=data, accept=(409, 412)
        )

    async def _written(self, path: str, name: str, answer: Answer) -> Written:
        """Where it is, and its version: a server that has changed what it got does not say."""
        etag = answer.headers.get("etag", "")
        if not etag:
            for each in (await properties(self._ask, path + name, "0", f"{D}getetag")).found:
                etag = each.text(f"{D}getetag")
        return Written(resource=name, etag=etag)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        accept: Collection[int] = (),
    ) -> Answer:
        url = self._http.origin + path

        async def send() -> Answer:
            return await self._http.request(
                method, url, headers=headers, content=content, accept=(401, *accept)
            )

        if not self._login.asked:
            await self._ask_how(url)
        answer = await send()
        told = answer.headers.get("www-authenticate", "")
        if answer.status == 401 and self._login.take(told, urlsplit(url).hostname or ""):
            answer = await send()
        if answer.status == 401:
            error = refusal(answer)
            hint = Phrase(
                "With two-factor sign-in, iCloud, Fastmail and others need an app password."
            )
            raise ProviderError(error.kind, error.message, hint, field=error.field)
        return answer

    async def _ask_how(self, url: str) -> None:
        """How the server wants to be signed in to. The password is not sent for this."""
        answer = await self._http.request(
            "PROPFIND",
            url,
            headers={**XML, "depth": "0"},
            content=davxml.propfind(f"{D}resourcetype"),
            accept=range(300, 600),
        )
        told = answer.headers.get("www-authenticate", "") if answer.status == 401 else ""
        self._login.take(told, urlsplit(answer.url).hostname or "")


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """How far a calendar was read: by token or tag, what had problems, and what was seen."""

    kind: str
    mark: str
    troubled: tuple[str, ...]
    seen: str

    @classmethod
    def read(cls, text: str, horizon: Span) -> "_Cursor | None":
        """The cursor in `text`; None where it is none, or of another horizon."""
        cursor = decoded(text, cls)
        return cursor if cursor and Seen(cursor.seen, horizon).valid else None


def _times(times: Reading, before: _Cursor | None, horizon: Span) -> ChangePage:
    """A calendar of which only the busy times may be seen, as one resource."""
    version = davbusy.version(times)
    if before and before.kind == BUSY and before.mark == version and not times.problems:
        changes: tuple[Upsert, ...] = ()
    else:
        changes = (Upsert(davbusy.TIMES, version, times.events),)
    cursor = _Cursor(BUSY, version, (), str(Seen("", horizon)))
    return ChangePage(
        changes=changes,
        cursor=msgspec.json.encode(cursor).decode(),
        listed=(davbusy.TIMES,),
        complete=True,
        problems=times.problems,
    )


def _info(found: Found) -> CalendarInfo:
    color = found.text(f"{A}calendar-color")
    rights = found.names(RIGHTS)
    last = unquote(found.path.rstrip("/").rpartition("/")[2])
    return CalendarInfo(
        native=found.path,
        name=clean(found.text(f"{D}displayname")) or clean(last),
        color=color[:7].lower() if re.fullmatch(r"#[0-9A-Fa-f]{6,8}", color) else "",
        writable=not rights or bool(rights & _WRITES),
    )


_WRITES = {f"{D}all", f"{D}write", f"{D}write-content", f"{D}bind"}


def _strong(etag: str) -> str:
    """A version as a server takes it back: some mark it weak only because they packed it."""
    return etag.removeprefix("W/")


def _conflict() -> ProviderError:
    return ProviderError(
        ErrorKind.CONFLICT,
        Phrase("The event was changed outside koble meanwhile."),
        Phrase("Read the calendar again to see how it is now."),
    )
