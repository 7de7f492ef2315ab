"""How the vendors' libraries reach the network: through koble's own way out, and no other."""

import asyncio
import io
import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import msgspec
import requests
from requests.adapters import BaseAdapter

from providers import http
from providers.base import ProviderError
from providers.decoding import decoded
from providers.http import Answer, Http
from providers.oauth_refusals import refusal
from scheduling.connections import Kind
from scheduling.errors import ErrorKind, KobleError
from words import Phrase

T = TypeVar("T")
_PENDING = {"authorization_pending", "slow_down"}
_ANY = range(400, 500)
_SENT = {"accept", "content-type"}
_SMALL = 1_000_000
"""Bytes: no answer of a sign-in is larger."""
# They write tokens into their messages, and the rest is told in koble's own words.
for _library in ("google_auth_oauthlib", "msal", "oauthlib", "requests_oauthlib"):
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)


class _Refused(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class Wire(BaseAdapter):
    """Carries the requests of one library, each sent from a thread by the loop.

    Args:
        kind: whose library it is.
        instead: scheme, host and port of the server that stands in for the vendor's; empty: none.
    """

    def __init__(self, kind: Kind, instead: str = "") -> None:
        super().__init__()
        self._kind = kind
        self._instead = instead
        self._loop = asyncio.get_running_loop()
        self._job: Future[Answer] | None = None

    def session(self) -> requests.Session:
        """What a library may ask with: no proxy, no netrc, no other way out."""
        return self.carry(requests.Session())

    def carry(self, session: requests.Session) -> requests.Session:
        """Make a library's own session go this way."""
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self)
        return session

    async def aside(self, work: Callable[[], T]) -> T:
        """Do `work` with a library, on a thread.

        Raises:
            ProviderError: what the vendor says, or that its answer makes no sense.
        """
        try:
            return await asyncio.to_thread(work)
        except asyncio.CancelledError:
            if self._job is not None:
                self._job.cancel()
            raise
        except KobleError:
            raise
        except Exception as error:
            # What the libraries raise may hold what is secret: only its name is told.
            raise ProviderError(
                ErrorKind.UNAVAILABLE,
                Phrase(
                    "The answer to the sign-in makes no sense ({name}).", name=type(error).__name__
                ),
                Phrase("Try again; look at the app's settings if it stays so."),
            ) from None

    def there(self, url: str) -> str:
        """`url`, or the same at the server that stands in for the vendor's."""
        if not self._instead:
            return url
        to = urlsplit(self._instead)
        return urlunsplit(urlsplit(url)._replace(scheme=to.scheme, netloc=to.netloc))

    # On a thread:

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Have one request sent, and wait for the whole answer."""
        self._job = asyncio.run_coroutine_threadsafe(self._ask(request), self._loop)
        answer = self._job.result()
        if answer.status >= 400:
            refused = decoded(answer.body, _Refused) or _Refused()
            if refused.error not in _PENDING:
                raise (
                    refusal(self._kind, refused.error, refused.error_description)
                    if refused.error and answer.status != 429
                    else http.refusal(answer)
                )
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response.url = request.url or ""
        response.request = request
        response.raw = io.BytesIO(answer.body)
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing stays open between requests."""

    # On the loop:

    async def _ask(self, request: requests.PreparedRequest) -> Answer:
        url = self.there(request.url or "")
        body = request.body or b""
        way = Http(url, proxied=not self._instead, local=bool(self._instead), largest=_SMALL)
        try:
            return await way.request(
                request.method or "GET",
                url,
                headers={
                    name.lower(): str(value)
                    for name, value in request.headers.items()
                    if name.lower() in _SENT
                },
                content=body.encode() if isinstance(body, str) else bytes(body),
                accept=_ANY,
            )
        finally:
            await way.close()
