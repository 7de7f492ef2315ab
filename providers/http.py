"""The only way out to the network: bounded in time and size, guarded, and its errors in words.

Nothing else imports httpx. What a server sends is read in full or not at all; where it sends koble
on, each step is looked at; and the sign-in goes to the server that it is meant for, nowhere else.
"""

import asyncio
import contextlib
import hashlib
import logging
import random
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from providers import addresses
from providers.base import ProviderError
from providers.tokens import Tokens
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

HOPS = 5
"""How often a server may send koble on."""
LARGEST = 64 * 1024 * 1024
"""Bytes of one answer, unpacked."""
PATIENCE = 25.0
"""Seconds for one request as a whole, with every hop."""
CONNECTING = 10.0
"""Seconds for one connection."""
LONGEST_WAIT = 3600.0
_TROUBLE = {500, 502, 503, 504}
"""Statuses of a passing trouble, after which a request may or may not have been obeyed."""
_DICE = random.SystemRandom()
_READS = {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}
_ELSEWHERE = {"accept", "user-agent"}
"""The headers that another server than the one meant may see."""
# An address can be a secret, and httpx would write each one down.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Answer(msgspec.Struct, frozen=True):
    """What a server answered. `url`: who did, after every hop. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def told_at(self) -> float | None:
        """When the server says it is, in UTC seconds; None where it does not."""
        try:
            return parsedate_to_datetime(self.headers["date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            return None


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How a server that is busy, or in trouble, is asked again.

    Waits are doubled from `first` seconds on, some more by chance, and never shorter than what the
    server asks for; where its patience would end before, a request does not wait at all. `busy`
    knows the answers, beside 429, by which the server says that it has not even begun.

    Not done by stamina: that repeats what was raised, and here most of it is an answer, which says
    itself whether to ask again and when. To raise it and unpack it again were the longer way.
    """

    tries: int = 4
    first: float = 1.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    busy: Callable[[Answer], bool] = lambda answer: False

    def wait(self, number: int, answer: Answer | None) -> float:
        """Seconds to wait after the try of that number (0: the first), by what was answered."""
        wait: float = self.first * 2**number * (1 + _DICE.random() / 2)
        if answer is None or "retry-after" not in answer.headers:
            return wait
        return max(wait, wait_of(answer))

    def again(self, answer: Answer, *, safe: bool) -> bool:
        """Whether it makes sense to ask again; `safe`: also where it may have been obeyed."""
        if answer.status == 429 or self.busy(answer):
            return True
        return safe and answer.status in _TROUBLE


class Http:
    """Speaks to one server.

    Args:
        url: an address on the server.
        authorization: the header of that name, or what makes it for a method and an address; may
            be replaced. It goes to the scheme, host and port of `url` only, and with it koble does
            not let itself be sent anywhere else.
        tokens: in place of `authorization`, where the token of each request comes from. One that
            is not taken is renewed once, and the request sent again.
        retry: what to do where the server is busy or in trouble; None: a read whose connection
            broke is sent a second time, and that is all.
        proxied: whether to go by the proxy that the environment names (HTTPS_PROXY, ALL_PROXY,
            NO_PROXY). It is the proxy then that finds the server: only for servers that the owner
            did not choose.
        local: whether this host may be this computer, or in a private network.
        fingerprint: SHA-256 of the one certificate by which the server is known, in hexadecimal;
            empty: by the authorities that this computer trusts.
        patience: seconds for a request as a whole.
        largest: bytes of an answer, unpacked.
    """

    def __init__(
        self,
        url: str,
        *,
        authorization: str | Callable[[str, str], str] = "",
        tokens: Tokens | None = None,
        retry: Retry | None = None,
        proxied: bool = False,
        local: bool = False,
        fingerprint: str = "",
        patience: float = PATIENCE,
        largest: int = LARGEST,
    ) -> None:
        self.origin = origin(url)
        self.authorization = authorization
        self._tokens = tokens
        self._retry = retry
        self._proxied = proxied
        self._local = local
        self._fingerprint = addresses.tidy_fingerprint(fingerprint)
        self._patience = patience
        self._largest = largest
        self._clients: dict[str, httpx.AsyncClient] = {}

    def __repr__(self) -> str:
        return f"Http({self.origin!r})"

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        accept: Collection[int] = (),
        safe: bool | None = None,
    ) -> Answer:
        """Ask, and have the whole answer.

        Args:
            method: reads follow the server to where it sends them.
            url: where.
            headers: beside those of every request.
            content: the body.
            accept: statuses from 300 on that are an answer here and no error.
            safe: whether it may be sent again where nobody knows if it was obeyed; reads are, and
                writes are not, unless said otherwise.

        Raises:
            ProviderError: of the kind that fits what happened.
        """
        safe = method in _READS if safe is None else safe
        try:
            async with asyncio.timeout(self._patience):
                return await self._follow(method, url, dict(headers or {}), content, accept, safe)
        except TimeoutError:
            raise ProviderError(
                ErrorKind.UNAVAILABLE,
                Phrase("{host} did not answer in time.", host=_host(url)),
            ) from None

    async def close(self) -> None:
        """Let go of the connections."""
        while self._clients:
            await self._clients.popitem()[1].aclose()

    async def _follow(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes,
        accept: Collection[int],
        safe: bool,
    ) -> Answer:
        for _hop in range(HOPS + 1):
            answer = await self._again(method, url, headers, content, safe)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                if answer.status >= 300 and answer.status not in accept:
                    raise (
                        signed_out(url)
                        if self._tokens and answer.status == 401
                        else refusal(answer)
                    )
                return answer
            if method not in _READS:
                break
            to = joined(url, answer.headers["location"])
            if urlsplit(url).scheme == "https" and urlsplit(to).scheme != "https":
                raise ProviderError(
                    ErrorKind.PERMISSION,
                    Phrase("{host} sends koble on without encryption.", host=_host(url)),
                    field="url",
                )
            if (self.authorization or self._tokens) and origin(to) != self.origin:
                raise elsewhere(url, to)
            url = to
        raise ProviderError(
            ErrorKind.UNAVAILABLE,
            Phrase("{host} sends koble from one address to the next.", host=_host(url)),
            field="url",
        )

    async def _again(
        self, method: str, url: str, headers: dict[str, str], content: bytes, safe: bool
    ) -> Answer:
        """As often as it makes sense."""
        retry, clock = self._retry, asyncio.get_running_loop().time
        tries, last = retry.tries if retry else 2, clock() + self._patience
        for number in range(tries):
            final = number + 1 == tries
            answer = None
            try:
                answer = await self._signed(method, url, headers, content)
            except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
                if final or not safe:
                    raise addresses.unreachable(url) from error
            except httpx.HTTPError as error:
                raise addresses.unreachable(url) from error
            if answer and (final or not retry or not retry.again(answer, safe=safe)):
                return answer
            if retry:
                wait = retry.wait(number, answer)
                if answer and clock() + wait >= last:
                    return answer
                await retry.sleep(wait)
        raise addresses.unreachable(url)

    async def _signed(
        self, method: str, url: str, headers: dict[str, str], content: bytes
    ) -> Answer:
        """With a token that is good now, where the server wants one."""
        if self._tokens is None or origin(url) != self.origin:
            return await self._once(method, url, headers, content)
        token = await self._tokens.token()
        signed = headers | {"authorization": f"Bearer {token}"}
        answer = await self._once(method, url, signed, content)
        if answer.status == 401:
            token = await self._tokens.token(refused=token)
            signed["authorization"] = f"Bearer {token}"
            answer = await self._once(method, url, signed, content)
        return answer

    async def _once(self, method: str, url: str, headers: dict[str, str], content: bytes) -> Answer:
        place = origin(url)
        own = place == self.origin
        try:
            there = httpx.URL(url)
        except httpx.InvalidURL:
            raise _no_address(url) from None
        host = there.raw_host.decode()  # in the letters of the network: xn--mte-0na.no
        port = there.port or (443 if there.scheme == "https" else 80)
        proxy = addresses.proxy_of(url) if self._proxied else ""
        # A proxy knows the network behind it; here its name alone is known.
        found = [host]
        if not proxy:
            found = await addresses.resolve(host, port, local=own and self._local)
        sent = {"user-agent": "koble", "accept-encoding": "gzip", "host": there.netloc.decode()}
        sent |= {
            name: value for name, value in headers.items() if own or name.lower() in _ELSEWHERE
        }
        if own and (signed := self._authorization(method, url)):
            sent["authorization"] = signed
        for address in found:
            try:
                client = await self._client(place, address, own, proxy)
                request = client.build_request(
                    method,
                    there.copy_with(host=address),
                    # As bytes: a version or a realm may hold what is not ASCII.
                    headers=[(name.encode(), value.encode()) for name, value in sent.items()],
                    content=content or None,
                    # The certificate is that of the name, not of the address behind it.
                    extensions={"sni_hostname": host},
                )
                response = await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout, OSError) as error:
                if _distrusts(error):
                    raise await _unknown_certificate(host, address, port) from error
                if proxy:
                    raise addresses.unreachable(proxy) from error
                if address == found[-1]:
                    raise addresses.unreachable(url) from error
                continue
            try:
                body = await self._body(response, url)
            finally:
                await response.aclose()
            return Answer(response.status_code, dict(response.headers), body, url)
        raise addresses.unreachable(url)

    def _authorization(self, method: str, url: str) -> str:
        made = self.authorization
        return made if isinstance(made, str) else made(method, url)

    async def _client(
        self, place: str, address: str, own: bool, proxy: str = ""
    ) -> httpx.AsyncClient:
        """The client of one server, made when it is first spoken to."""
        if place not in self._clients:
            verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if place.startswith("https:"):
                verify = await addresses.trust(place, address, self._fingerprint if own else "")
            self._clients[place] = httpx.AsyncClient(
                verify=verify,
                proxy=proxy or None,
                trust_env=False,
                timeout=httpx.Timeout(self._patience, connect=CONNECTING),
                limits=httpx.Limits(max_connections=4),
                # No cookie is kept: some servers take them for a browser's session.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )
        return self._clients[place]

    async def _body(self, response: httpx.Response, url: str) -> bytes:
        """The whole body, unpacked piece by piece so that it never gets larger than allowed."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip"):
            raise _nonsense(url)
        unpack = zlib.decompressobj(31) if encoding == "gzip" else None
        pieces: list[bytes] = []
        room = self._largest
        async for raw in response.aiter_raw():
            try:
                piece = unpack.decompress(raw, room + 1) if unpack else raw
            except zlib.error as error:
                raise _nonsense(url) from error
            room -= len(piece)
            if room < 0:
                raise ProviderError(
                    ErrorKind.UNAVAILABLE,
                    Phrase("The answer of {host} is too large.", host=_host(url)),
                )
            pieces.append(piece)
        if unpack and pieces and not unpack.eof:
            raise _nonsense(url)
        return b"".join(pieces)


def origin(url: str) -> str:
    """Scheme, host and port of an address, written one way.

    Raises:
        ProviderError: invalid, where it is no address of the web.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    if not host or parts.scheme not in ("http", "https") or parts.username is not None:
        raise _no_address(url)
    where = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{where}:{port or (443 if parts.scheme == 'https' else 80)}"


def joined(base: str, to: str) -> str:
    """The address that an answer of `base` means by `to`.

    Raises:
        ProviderError: invalid, where it is none at all.
    """
    try:
        return urljoin(base, to)
    except ValueError:
        raise _no_address(to) from None


def _no_address(url: str) -> ProviderError:
    return ProviderError(
        ErrorKind.INVALID,
        Phrase("“{text}” is no address that koble can open.", text=clean(url, limit=60)),
        field="url",
    )


def signed_out(url: str) -> ProviderError:
    """A vendor that takes no token any more: its owner has to sign in."""
    return ProviderError(
        ErrorKind.AUTH,
        Phrase("{host} does not accept the sign-in any more.", host=_host(url)),
        Phrase("Sign in again."),
    )


def refusal(answer: Answer) -> ProviderError:
    """What a status that is no success means."""
    host = _host(answer.url)
    match answer.status:
        case 401:
            return ProviderError(
                ErrorKind.AUTH,
                Phrase("{host} did not accept the user name and password.", host=host),
                field="password",
            )
        case 403:
            return ProviderError(
                ErrorKind.PERMISSION, Phrase("{host} does not allow it.", host=host)
            )
        case 404 | 410:
            return ProviderError(ErrorKind.NOT_FOUND, Phrase("{host} does not have it.", host=host))
        case 409 | 412 | 423:
            return ProviderError(
                ErrorKind.CONFLICT,
                Phrase("The event was changed outside koble meanwhile."),
                Phrase("Read the calendar again to see how it is now."),
            )
        case 429:
            return _busy(answer, host)
        case 503 if "retry-after" in answer.headers:
            return _busy(answer, host)
        case 405 | 501:
            return ProviderError(ErrorKind.UNSUPPORTED, Phrase("{host} cannot do that.", host=host))
        case 507:
            return ProviderError(
                ErrorKind.STORAGE, Phrase("There is no room left at {host}.", host=host)
            )
        case status if status >= 500 or status in (408, 425):
            return ProviderError(
                ErrorKind.UNAVAILABLE,
                Phrase("{host} has trouble of its own ({status}).", host=host, status=status),
            )
        case status:
            return ProviderError(
                ErrorKind.INVALID,
                Phrase("{host} refused it ({status}).", host=host, status=status),
            )


def _busy(answer: Answer, host: str) -> ProviderError:
    wait = wait_of(answer)
    return ProviderError(
        ErrorKind.THROTTLED,
        Phrase("{host} is busy, and asks to wait {wait} seconds.", host=host, wait=int(wait)),
        wait=wait,
    )


def wait_of(answer: Answer) -> float:
    """Seconds that a server asks to wait; a date is one by its own clock, where it tells that."""
    now = answer.told_at
    return retry_after(answer.headers.get("retry-after", ""), time.time() if now is None else now)


def retry_after(text: str, now: float) -> float:
    """Seconds to wait, from a number or a date; a minute where it says neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - now, 0.0), LONGEST_WAIT)
    except (ValueError, OverflowError):
        return 60.0


def elsewhere(url: str, to: str) -> ProviderError:
    """A server that sends koble, and the sign-in with it, to another one: its owner decides."""
    return ProviderError(
        ErrorKind.PERMISSION,
        Phrase(
            "{host} sends koble on to {to}. The password was not sent there.",
            host=_host(url),
            to=_host(to),
        ),
        Phrase("If that is right, connect with the address {to}", to=clean(to, limit=200)),
        field="url",
    )


def _nonsense(url: str) -> ProviderError:
    return ProviderError(
        ErrorKind.UNAVAILABLE, Phrase("The answer of {host} is cut off.", host=_host(url))
    )


def _distrusts(error: BaseException | None) -> bool:
    """Whether a certificate was not trusted, somewhere below `error`."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _unknown_certificate(host: str, address: str, port: int) -> ProviderError:
    hint = None
    with contextlib.suppress(OSError):  # the hint is a courtesy
        shown = hashlib.sha256(await addresses.certificate(address, port, host)).hexdigest()
        hint = Phrase(
            "If the server is yours, compare its fingerprint and connect with it: {shown}",
            shown=shown,
        )
    return ProviderError(
        ErrorKind.PERMISSION,
        Phrase("The certificate of {host} is not trusted by this computer.", host=clean(host)),
        hint,
        field="fingerprint",
    )


def _host(url: str) -> str:
    return clean(urlsplit(url).hostname or "", limit=253)
