"""A calendar that somebody publishes at an address: read only, and read as a whole.

What is shorter than a whole calendar (a cut-off answer, a page of a hotel's network) changes
nothing: it is an error, and what was read before holds.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit

import msgspec

from providers.base import (
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Identity,
    Polled,
    ProviderError,
    Upsert,
    Written,
)
from providers.decoding import decoded
from providers.http import Answer, Http
from providers.icalendar import Reading, calendar_name, read
from scheduling.errors import ErrorKind
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

NATIVE = "calendar"
"""The native name of the one calendar, and of the one resource in it."""


class SubscriptionProvider(Polled):
    """The calendar at one address.

    Args:
        url: http, https or webcal. Whoever knows it can read the calendar: it is in no message.
        me: the owner's addresses, by which their answers to invitations are found.
        local: whether the host may be this computer, or in a private network.
        patience: seconds for one request.
    """

    capabilities = Capabilities(write=False)

    def __init__(
        self,
        url: str,
        *,
        me: Collection[str] = (),
        local: bool = False,
        patience: float = 25.0,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("webcal", "webcals"):
            parts = parts._replace(scheme="https")
        self._url = urlunsplit(parts)
        self._host = clean(parts.hostname or "")
        self._me = tuple(me)
        self._http = Http(self._url, local=local, patience=patience)

    def __repr__(self) -> str:
        return f"SubscriptionProvider({self._host!r})"

    async def identity(self) -> Identity:
        """The host, and a mark that tells its calendars apart without giving the address away."""
        mark = blake2b(self._url.encode(), digest_size=3).hexdigest()
        return Identity(address=f"{self._host} ({mark})")

    async def calendars(self) -> list[CalendarInfo]:
        """The one calendar, by the name that it gives itself."""
        answer = await self._get({})
        await self._read(answer, (0, 0))  # what is no whole calendar cannot be subscribed to
        name = await asyncio.to_thread(calendar_name, answer.body)
        return [CalendarInfo(native=NATIVE, name=name or self._host, writable=False)]

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        """See `CalendarProvider.changes`.

        Raises:
            ProviderError: unavailable, also where the answer is no whole calendar.
        """
        _check(calendar)
        before = _Cursor.read(cursor, horizon)
        asked = {}
        if before and before.etag:
            asked["if-none-match"] = before.etag
        if before and before.modified:
            asked["if-modified-since"] = before.modified
        answer = await self._get(asked)
        digest = blake2b(answer.body, digest_size=16).hexdigest()
        if before and (answer.status == 304 or digest == before.digest):
            yield ChangePage(cursor=cursor)
            return
        reading = await self._read(answer, horizon)
        after = _Cursor(
            horizon,
            digest,
            answer.headers.get("etag", ""),
            answer.headers.get("last-modified", ""),
        )
        yield ChangePage(
            changes=(Upsert(NATIVE, digest, reading.events),),
            cursor=msgspec.json.encode(after).decode(),
            listed=(NATIVE,),
            complete=True,
            problems=reading.problems,
        )

    async def create(self, calendar: str, draft: Draft) -> Written:
        """Refused: it is somebody else's."""
        raise _read_only()

    async def find(self, calendar: str, uid: str) -> Written | None:
        """Nothing of koble's is in it."""
        _check(calendar)
        return None

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        """Refused, as `create`."""
        raise _read_only()

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        """Refused, as `create`."""
        raise _read_only()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.close()

    async def _get(self, headers: dict[str, str]) -> Answer:
        accepted = {"accept": "text/calendar, */*;q=0.1", **headers}
        return await self._http.request(
            "GET", self._url, headers=accepted, accept=(304,) if headers else ()
        )

    async def _read(self, answer: Answer, horizon: Span) -> Reading:
        reading = await asyncio.to_thread(
            read,
            answer.body,
            calendar=NATIVE,
            resource=NATIVE,
            etag="",
            horizon=horizon,
            me=self._me,
        )
        if not reading.complete:
            raise ProviderError(
                ErrorKind.UNAVAILABLE,
                Phrase("{host} did not answer with a whole calendar.", host=self._host),
                Phrase("What was read before holds until it does."),
                field="url",
            )
        return reading


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    horizon: Span
    digest: str
    etag: str
    modified: str

    @classmethod
    def read(cls, text: str, horizon: Span) -> "_Cursor | None":
        """The cursor in `text`; None where it is none, or of another horizon."""
        cursor = decoded(text, cls)
        return cursor if cursor and cursor.horizon == horizon else None


def _check(calendar: str) -> None:
    if calendar != NATIVE:
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("There is no calendar {name}.", name=clean(calendar))
        )


def _read_only() -> ProviderError:
    return ProviderError(ErrorKind.PERMISSION, Phrase("A subscribed calendar can only be read."))
