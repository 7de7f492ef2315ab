"""Microsoft Graph as a place to ask: how every call is made, paged, and refused in words.

At most four calls at a time go to a mailbox: Graph refuses a fifth (`MailboxConcurrency`).
"""

import asyncio
import re
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Mapping,
)
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from providers.base import ProviderError
from providers.decoding import decoded
from providers.http import Answer, Http, Retry, refusal
from providers.tokens import Tokens
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

VERSION = "/v1.0"
AT_ONCE = 4
"""Calls at a time that Graph takes for one mailbox."""
PAGE = 500
"""Items that are asked for at a time."""
PAGES = 10_000
"""Parts in which one list may come."""
TEXT, HTML = "text", "html"
"""How the text of an event is asked for."""
_REFUSED = range(400, 600)
_ID = re.compile(r"[A-Za-z0-9_=+.~-]*[A-Za-z0-9_=+~-][A-Za-z0-9_=+.~-]*")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a list: its items as they came, and where the next part or round is."""

    value: list[msgspec.Raw]
    next_link: str = msgspec.field(name="@odata.nextLink", default="")
    delta_link: str = msgspec.field(name="@odata.deltaLink", default="")


class Expired(Exception):
    """Graph no longer knows from where changes were to be told: all has to be listed again."""


class Refused(ProviderError):
    """Graph said no, in words for a person; `code` is its own word for it."""

    def __init__(self, error: ProviderError, code: str) -> None:
        super().__init__(error.kind, error.message, error.hint, field=error.field, wait=error.wait)
        self.code = code


class Graph:
    """Speaks to one mailbox.

    Args:
        tokens: where the token of each call comes from.
        base: the cloud, such as `https://graph.microsoft.com`.
        local: whether that may be this computer, or in a private network.
        sleep: how to wait before asking again.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        base: str,
        local: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        retry = Retry(sleep=sleep, busy=_not_begun)
        self._http = Http(base, tokens=tokens, retry=retry, proxied=not local, local=local)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._root = base.rstrip("/") + VERSION

    def __repr__(self) -> str:
        return f"Graph({self._http.origin!r})"

    def url(self, *parts: str, **query: str) -> str:
        """The address of what lies at `parts`, each quoted; in `query` a leading `_` is a `$`."""
        path = "".join(f"/{quote(part, safe='')}" for part in parts)
        asked = {re.sub("^_", "$", name): value for name, value in query.items()}
        tail = urlencode(asked, safe="$", quote_via=quote)
        return self._root + path + (f"?{tail}" if tail else "")

    async def ask(
        self,
        method: str,
        url: str,
        document: Mapping[str, object] | None = None,
        *,
        etag: str = "",
        body: str = TEXT,
        accept: Collection[int] = (),
        safe: bool | None = None,
    ) -> Answer:
        """Ask, and again where that makes sense.

        Args:
            method: as of HTTP.
            url: as `url` makes them, or a link of Graph's own.
            document: sent as JSON.
            etag: the version that has to be there still.
            body: how texts of events are wanted.
            accept: statuses from 400 on that are an answer here and no error.
            safe: whether it does no harm twice; see `Http.request`.

        Raises:
            ProviderError: as Graph refuses.
        """
        headers = {
            # Ids stay when an event is moved; times come in UTC.
            "prefer": 'IdType="ImmutableId", outlook.timezone="UTC", '
            f'outlook.body-content-type="{body}", odata.maxpagesize={PAGE}',
            "accept": "application/json",
        }
        if etag:
            headers["if-match"] = etag
        content = b""
        if document is not None:
            headers["content-type"] = "application/json"
            content = msgspec.json.encode(document)
        async with self._room:
            answer = await self._http.request(
                method, url, headers=headers, content=content, accept=_REFUSED, safe=safe
            )
        if answer.status >= 400 and answer.status not in accept:
            raise refused(answer)
        return answer

    async def pages(self, url: str) -> AsyncIterator[Page]:
        """A list, part by part, wherever Graph says that the next one is.

        Raises:
            Expired: a list of changes that cannot be gone on with.
        """
        seen: set[str] = set()
        while url:
            if not self.owns(url) or url in seen or len(seen) >= PAGES:
                raise _nonsense()
            seen.add(url)
            answer = await self.ask("GET", url, accept=(400, 410))
            if answer.status >= 400:
                error = refused(answer)
                if answer.status == 410 or error.code.casefold() in _LOST:
                    raise Expired
                raise error
            page = decode(answer, Page)
            yield page
            url = page.next_link

    def owns(self, url: str) -> bool:
        """Whether a link leads to this cloud, and not to another one that was asked before."""
        return url.casefold().startswith(f"{self._root}/".casefold())

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()


_LOST = {
    "errorinvalidsyncstatedata",
    "syncstatenotfound",
    "syncstateinvalid",
    "resyncrequired",
    "fullsyncrequired",
}


def safe_id(name: str) -> str:
    """`name` where it may be an id of Graph's.

    Raises:
        ProviderError: not found, for whatever could lead elsewhere.
    """
    if not _ID.fullmatch(name):
        raise ProviderError(
            ErrorKind.NOT_FOUND, Phrase("Office 365 has no {name}.", name=clean(name, limit=60))
        )
    return name


T = TypeVar("T")


def decode(answer: Answer, kind: type[T]) -> T:
    """What an answer says.

    Raises:
        ProviderError: unavailable, where it is something else.
    """
    found = decoded(answer.body, kind)
    if found is None:
        raise _nonsense()
    return found


async def together(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What all of `calls` bring; where one fails, the others are given up."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in calls]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [each.result() for each in tasks]


def _nonsense() -> ProviderError:
    return ProviderError(
        ErrorKind.UNAVAILABLE, Phrase("Office 365 answered something that koble cannot read.")
    )


class _Trouble(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Said(msgspec.Struct, frozen=True):
    error: _Trouble = _Trouble()


def refused(answer: Answer) -> Refused:
    """What a refusal of Graph's means, by its status and its own word for it."""
    trouble = (decoded(answer.body, _Said) or _Said()).error
    return Refused(_in_words(answer, trouble), trouble.code)


def changed() -> ProviderError:
    """The event is not the one any more that was meant."""
    return ProviderError(
        ErrorKind.CONFLICT,
        Phrase("The event was changed outside koble meanwhile."),
        Phrase("Read the calendar again to see how it is now."),
    )


def lacking(what: Phrase) -> ProviderError:
    """The owner did not allow `what` when the account was connected."""
    return ProviderError(
        ErrorKind.PERMISSION,
        Phrase("koble may not {what} with this account.", what=what),
        Phrase("Sign in again and allow it."),
    )


def _not_begun(answer: Answer) -> bool:
    return answer.status == 503 and refused(answer).code.casefold() in _BUSY


def _in_words(answer: Answer, trouble: _Trouble) -> ProviderError:
    code = trouble.code.casefold()
    if "mailboxnotenabledforrestapi" in code or "mailboxnotsupportedforrestapi" in code:
        return ProviderError(
            ErrorKind.UNSUPPORTED,
            Phrase("This account has no mailbox in Exchange Online."),
            Phrase("If its mailbox lies on a server of your own, connect it as Exchange."),
        )
    if answer.status == 401:
        return ProviderError(
            ErrorKind.AUTH,
            Phrase("Microsoft no longer accepts the sign-in."),
            Phrase("Sign in again."),
        )
    if code in _BUSY and answer.status != 429:
        answer = msgspec.structs.replace(answer, status=429)
    elif answer.status == 504 and "retry-after" in answer.headers:
        answer = msgspec.structs.replace(answer, status=503)
    if code in _CHANGED:
        answer = msgspec.structs.replace(answer, status=412)
    match answer.status:
        case 403:
            return ProviderError(
                ErrorKind.PERMISSION,
                Phrase("Microsoft does not let koble do that with this account."),
                Phrase(
                    "Sign in again with more access, or ask an administrator of your organization"
                    " to approve koble."
                ),
            )
        case 404:
            return ProviderError(
                ErrorKind.NOT_FOUND,
                Phrase("Office 365 does not have it."),
                Phrase("It was deleted, or moved to another calendar."),
            )
        case 400 | 405 | 422 if trouble.message:
            return ProviderError(
                ErrorKind.INVALID,
                Phrase(
                    "Office 365 refused it: {message}", message=clean(trouble.message, limit=200)
                ),
            )
    return refusal(answer)


_BUSY = {
    "applicationthrottled",
    "mailboxconcurrency",
    "toomanyrequests",
    "errorserverbusy",
    "errortoomanyobjectsopened",
}
_CHANGED = {"errorirresolvableconflict", "errorchangekeyrequired", "errorstaleobject"}
