"""One Exchange server as one account speaks to it: calls from the loop, tried again with patience.

A password that was refused is not sent again: servers lock accounts for that.
"""

import asyncio
import base64
import struct
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
import requests
from exchangelib.transport import BASIC, NTLM
from exchangelib.version import Build, Version

from providers import addresses, certificates
from providers.base import ProviderError
from providers.exchange_calls import Element, Operation, in_words, version_of
from providers.exchange_schemes import challenge_in, domain_in, schemes
from providers.exchange_wire import (
    SESSIONS,
    Line,
    Place,
    cloud,
    in_the_cloud,
    in_thread,
    refusal,
    refused,
    session,
)
from providers.http import CONNECTING, PATIENCE
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

TRIES = 4
"""How often a call is made while the server is busy."""
SPOKEN = ("Exchange2010_SP2", "Exchange2010_SP1", "Exchange2010", "Exchange2007_SP1")
"""In these versions of EWS a server is greeted that did not yet say which it is."""
LONGEST = 20.0
"""Seconds that a call waits for a busy server, in all; then whoever asked is told."""
_NEGOTIATE = base64.b64encode(
    b"NTLMSSP\0" + struct.pack("<II", 1, 0xA2088207) + bytes(16) + bytes((10, 0, 0, 0, 0, 0, 0, 15))
).decode()
"""NTLM's first message: it asks for a challenge, and says nothing of anybody."""


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says to somebody who has not signed in."""

    status: int
    schemes: tuple[str, ...] = ()
    """How one can sign in, the best first."""
    domain: str = ""
    """The Windows domain that it names."""
    kerberos: bool = False
    """It takes tickets; to show one, koble needs a library that is not always installed."""
    body: bytes = b""
    to: str = ""
    """Where it sends people on to."""


class Server:
    """Calls of EWS for one account.

    Args:
        url: of EWS.
        username: as the server takes it.
        password: goes to this server only.
        scheme: how to sign in; one of `Greeting.schemes`.
        local: whether the server may be this computer, or in a private network.
        fingerprint: SHA-256 of the one certificate by which it is known; empty: by the authorities
            that this computer trusts.
        patience: seconds for one call.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str = "",
        password: str = "",
        scheme: str = BASIC,
        local: bool = False,
        fingerprint: str = "",
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.url = url
        self.host = clean(urlsplit(url).hostname or "", limit=253)
        self.build: tuple[int, int, int] | None = None
        """Of the server, once it has answered."""
        self._username = username
        self._password = password
        self._scheme = scheme
        self._local = local
        self._fingerprint = addresses.tidy_fingerprint(fingerprint)
        self._patience = patience
        self._sleep = sleep
        self._line: Line | None = None
        self._getting_ready = asyncio.Lock()
        self._turns = asyncio.Semaphore(SESSIONS)
        self._refused: ProviderError | None = None

    def __repr__(self) -> str:
        return f"Server({self.host!r})"

    async def ask(self, name: str, payload: Element, *, write: bool = False) -> list[Element]:
        """Make one call; the messages of the answer.

        Args:
            name: the operation.
            payload: what it is asked.
            write: not made again where the connection broke: it may have been done.

        Raises:
            ProviderError: of the kind that fits what happened.
        """
        waited = 0.0
        for attempt in range(TRIES):
            if self._refused is not None:
                raise self._refused
            try:
                async with self._turns:
                    return await self._once(name, payload)
            except ProviderError as error:
                if error.kind is ErrorKind.AUTH:
                    self._refused = refused(self.host, self._scheme)
                    raise self._refused from error
                if error.kind is ErrorKind.THROTTLED:
                    # Longer each time, for servers that do not say how long.
                    wait = error.wait * (attempt + 1)
                    waited += wait
                    if attempt + 1 == TRIES or waited > LONGEST:
                        raise
                    await self._sleep(wait)
                elif not _broken(error) or write or attempt:
                    raise
        raise AssertionError  # pragma: no cover -- each way out of the loop is above

    async def _once(self, name: str, payload: Element) -> list[Element]:
        line = await self._ready()
        try:
            found = await in_thread(
                lambda: Operation(line, name).ask(payload), patience=self._patience, host=self.host
            )
        except ProviderError as error:
            if _broken(error):
                await self.close()  # looked up anew: it may have moved, or show another certificate
                if "SSL" in str(error.__cause__):
                    await self._ready()
            raise
        finally:
            self._note(line)
        return found

    def _note(self, line: Line) -> None:
        build = line.version.build
        if build is not None:
            self.build = (build.major_version, build.minor_version, build.major_build)

    async def meet(self, payload: Callable[[], Element]) -> None:
        """Make a first call, to learn which server it is.

        An old one does not say so where it is spoken to in words that it does not know yet.

        Raises:
            ProviderError: of the kind that fits what happened.
        """
        for version in SPOKEN:
            (await self._ready()).config.version = Version(build=None, api_version=version)
            try:
                await self.ask("GetFolder", payload())
            except ProviderError as error:
                if error.kind is not ErrorKind.UNSUPPORTED or self.build or version == SPOKEN[-1]:
                    raise
            else:
                return

    async def greet(self, *, get: bool = False) -> Greeting:
        """What the server says to somebody who has not signed in; `get`: by GET, not by POST.

        Raises:
            ProviderError: it cannot be reached, or is not trusted.
        """
        place = await self._place(self.url)
        return await in_thread(
            lambda: _greet(place, self.url, get=get), patience=self._patience, host=self.host
        )

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        """Send something else than a call of EWS, signed in.

        Raises:
            ProviderError: of the kind that fits what happened; auth only for a refused password.
        """
        place = await self._place(url)
        line = self._made(url, place)

        def job() -> requests.Response:
            try:
                with line.create_session() as made:
                    made.headers.update(headers)
                    return made.post(  # type: ignore[no-any-return,unused-ignore]
                        url, data=body, allow_redirects=False, timeout=self._patience
                    )
            except requests.RequestException as error:
                raise in_words(error, self.host) from error

        return await in_thread(job, patience=self._patience, host=self.host)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._line is not None:
            self._line.close()
        self._line = None

    async def _ready(self) -> Line:
        async with self._getting_ready:
            if self._line is None:
                if cloud(self.host):
                    raise in_the_cloud()
                self._line = self._made(self.url, await self._place(self.url))
                if self.build is not None:
                    self._line.config.version = version_of(Build(*self.build))
            return self._line

    def _made(self, url: str, place: Place) -> Line:
        return Line(
            url,
            place,
            username=self._username,
            password=self._password,
            scheme=self._scheme,
            patience=self._patience,
        )

    async def _place(self, url: str) -> Place:
        """The server, at the first of its addresses that answers, and trusted."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        secure = parts.scheme == "https"
        found, proxy = await addresses.reachable(url, local=self._local)
        for address in found:
            try:
                async with asyncio.timeout(CONNECTING):
                    if not secure and proxy:
                        return Place(url, address, None, pinned=False, proxy=proxy)
                    if not secure:
                        _, writer = await asyncio.open_connection(address, port)
                        writer.transport.abort()
                        return Place(url, address, None, pinned=False)
                    pinned = (
                        self._fingerprint if host == (urlsplit(self.url).hostname or "") else ""
                    )
                    context = await certificates.trust(host, address, port, pinned, proxy)
                    return Place(url, address, context, pinned=bool(pinned), proxy=proxy)
            except (OSError, TimeoutError) as error:
                if address == found[-1]:
                    raise addresses.unreachable(proxy or url) from error
        raise addresses.unreachable(url)


def _greet(place: Place, url: str, *, get: bool) -> Greeting:
    try:
        with session(place, url) as made:
            first = made.request(
                "GET" if get else "POST", url, data=b"", allow_redirects=False, timeout=PATIENCE
            )
            text = first.headers.get("www-authenticate", "")
            offered = schemes(text, first.headers.get("server", ""))
            domain = ""
            if first.status_code == 401 and NTLM in offered:
                word = "NTLM" if "ntlm" in text.lower() else "Negotiate"
                asked = made.post(
                    url,
                    data=b"",
                    headers={"Authorization": f"{word} {_NEGOTIATE}"},
                    allow_redirects=False,
                    timeout=PATIENCE,
                )
                said = asked.headers.get("www-authenticate", "")
                domain = domain_in(said)
                if asked.status_code == 401 and not challenge_in(said):
                    # It is offered, and not spoken: what is in between cannot pass it on, or
                    # Negotiate is Kerberos and nothing else.
                    offered = tuple(each for each in offered if each != NTLM)
            return Greeting(
                status=first.status_code,
                schemes=offered,
                domain=domain,
                kerberos="negotiate" in text.lower(),
                body=first.content[:2000],
                to=first.headers.get("location", ""),
            )
    except requests.RequestException as error:
        raise in_words(error, place.host) from error


def check_greeting(greeting: Greeting, url: str) -> None:
    """Raise what a greeting means that no sign-in would help against."""
    if greeting.status not in (200, 401, 500):
        raise refusal(greeting.status, {"location": greeting.to}, greeting.body, url)
    if greeting.status == 401 and not greeting.schemes:
        raise ProviderError(
            ErrorKind.UNSUPPORTED,
            Phrase(
                "{host} offers no way to sign in that koble knows.",
                host=clean(urlsplit(url).hostname or "", limit=253),
            ),
            Phrase("It wants Kerberos: install koble[kerberos], and get a ticket with kinit.")
            if greeting.kerberos
            else Phrase("It has to allow NTLM or Basic for EWS."),
            field="url",
        )


def _broken(error: ProviderError) -> bool:
    """Whether it is the connection that failed."""
    return error.kind is ErrorKind.UNAVAILABLE and error.field == "url"
