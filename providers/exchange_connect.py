"""From an e-mail address and a password to a server, a user name and a way to sign in.

The password goes to servers of the address's own domain, and to the one that its owner names;
anything else needs their yes. Each form of the user name is tried once, whatever server asks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import dns.asyncresolver
import dns.exception
import msgspec
from exchangelib.transport import BASIC, GSSAPI

from providers import exchange_discover
from providers.addresses import is_here
from providers.base import ProviderError
from providers.certificates import UnknownCertificate
from providers.exchange_calls import element
from providers.exchange_schemes import named
from providers.exchange_server import Greeting, Server, check_greeting
from providers.exchange_versions import check
from providers.exchange_wire import (
    cloud,
    elsewhere,
    in_the_cloud,
    refusal,
    refused,
)
from providers.http import HOPS, PATIENCE
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

PATH = "/EWS/Exchange.asmx"
_MICROSOFT = {"outlook.com", "hotmail.com", "live.com", "msn.com"}
_MOVED = (301, 302, 303, 307, 308)
_T = TypeVar("_T")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How an account is reached. `fingerprint`: empty where the certificate is trusted anyway."""

    url: str
    username: str
    scheme: str
    version: str
    fingerprint: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried on the way, in words that hold no secret."""

    text: Phrase
    ok: bool
    hint: Phrase | None = None


class Finder:
    """Finds how an account is reached.

    Args:
        address: the e-mail address.
        password: kept for as long as this lives.
        username: as its owner wrote it; empty: to be found.
        local: whether servers may be this computer, or in a private network.
        fingerprint: SHA-256 of a certificate that is trusted for this account alone.
        patience: seconds for one request.
        places: where Autodiscover is asked, instead of the usual places of the domain.
    """

    def __init__(
        self,
        address: str,
        password: str,
        *,
        username: str = "",
        local: bool = False,
        fingerprint: str = "",
        patience: float = PATIENCE,
        places: Sequence[str] | None = None,
    ) -> None:
        self.steps: list[Step] = []
        self._address = address
        self._domain = address.rpartition("@")[2].lower()
        self._password = password
        self._local = local
        self._fingerprint = fingerprint
        self._patience = patience
        self._places = places
        self._names = [username] if username else [address, address.rpartition("@")[0]]
        self._asked: set[str] = set()

    def __repr__(self) -> str:
        return f"Finder({self._address!r})"

    async def find(self, url: str = "") -> Found:
        """How the account is reached; `url`: what its owner knows of the server.

        Raises:
            ProviderError: why it cannot be; its field names what would put it right.
        """
        if url:
            return await self.at(repaired(url), HOPS)
        if cloud(self._domain) or self._domain in _MICROSOFT:
            raise in_the_cloud()
        trouble: ProviderError | None = None
        for candidate in await self.discover():
            try:
                self._check_own(candidate)
                return await self.at(candidate, HOPS)
            except ProviderError as error:
                if (
                    error.kind is not ErrorKind.UNAVAILABLE
                    and error.kind is not ErrorKind.NOT_FOUND
                ):
                    raise
                trouble = error
        raise trouble or ProviderError(
            ErrorKind.NOT_FOUND,
            Phrase("No Exchange server was found for {domain}.", domain=clean(self._domain)),
            Phrase("Write the Exchange URL; whoever runs the server knows it."),
            field="url",
        )

    async def at(self, url: str, hops: int) -> Found:
        """Sign in at this very address of EWS, or where the same server sends on to.

        Raises:
            ProviderError: why that cannot be.
        """
        if cloud(urlsplit(url).hostname or ""):
            raise in_the_cloud()
        server, greeting = await self._greet(url)
        if greeting.status in _MOVED:
            to = urljoin(url, greeting.to)
            same = urlsplit(to).hostname == urlsplit(url).hostname or self._own(to)
            if not hops or not same or urlsplit(to).path.lower() != PATH.lower():
                check_greeting(greeting, url)
            return await self.at(to, hops - 1)
        check_greeting(greeting, url)
        self._name_domain(greeting)
        self._said(
            True,
            Phrase(
                "{url} is EWS; it takes {schemes}.",
                url=url,
                schemes=named(greeting.schemes) or "BASIC",
            ),
        )

        async def attempt(name: str, scheme: str) -> tuple[str, str, Server]:
            signed = self._server(url, name, scheme, server.pinned)
            try:
                await signed.meet(
                    lambda: element(
                        "m:GetFolder",
                        element("m:FolderShape", element("t:BaseShape", text="IdOnly")),
                        element("m:FolderIds", element("t:DistinguishedFolderId", Id="calendar")),
                    )
                )
            finally:
                await signed.close()
            return name, scheme, signed

        name, scheme, signed = await self._signed_in(url, greeting, attempt)
        version = check(signed.build) if signed.build else ""
        self._said(
            True,
            Phrase(
                "Signed in as {name}; it is Exchange {version}.",
                name=clean(name),
                version=version or "?",
            ),
        )
        return Found(
            url=url, username=name, scheme=scheme, version=version, fingerprint=server.pinned
        )

    async def discover(self) -> list[str]:
        """The addresses of EWS that Autodiscover, or else a look at the usual hosts, tells.

        Raises:
            ProviderError: it tells that the mailbox is elsewhere; a password was refused; or
                nothing answers, and a reason is known.
        """
        trouble: ProviderError | None = None
        for place in await self._autodiscover():
            try:
                if found := await self._ask(place, HOPS):
                    return found
            except ProviderError as error:
                self._said(False, Phrase("{url}: {why}", url=place, why=str(error.message)))
                if error.kind in _FINAL or (
                    error.kind is ErrorKind.PERMISSION
                    and error.field not in ("allow_local", "fingerprint")
                ):
                    raise
                if error.field in ("allow_local", "fingerprint"):
                    trouble = trouble or error
        guesses = [f"https://{each}{self._domain}{PATH}" for each in ("mail.", "exchange.", "")]
        for guess in guesses if self._places is None else ():
            try:
                _, greeting = await self._greet(guess)
            except ProviderError as error:
                if error.field in ("allow_local", "fingerprint") and urlsplit(guess).path == PATH:
                    trouble = trouble or error
                continue
            if greeting.status == 401 and greeting.schemes:
                return [guess]
        if trouble is not None:
            raise trouble
        return []

    async def _autodiscover(self) -> list[str]:
        if self._places is not None:
            return list(self._places)
        tail = "/autodiscover/autodiscover.xml"
        found = [f"https://autodiscover.{self._domain}{tail}", f"https://{self._domain}{tail}"]
        if service := await _service(self._domain):
            host, port = service
            where = host if port == 443 else f"{host}:{port}"
            found.append(f"https://{where}{tail}")
        return [*found, f"http://autodiscover.{self._domain}{tail}"]

    async def _ask(self, place: str, hops: int) -> list[str]:
        """What Autodiscover says at one place, in plain XML or else in SOAP."""
        if hops == 0 or place in self._asked:
            return []
        self._asked.add(place)
        self._check_own(place, discovery=True)
        parts = urlsplit(place)
        plain_http = parts.scheme == "http" and not is_here(parts.hostname or "")
        server, greeting = await self._greet(place, get=plain_http)
        if greeting.status in _MOVED:
            return await self._ask(urljoin(place, greeting.to), hops - 1)
        if plain_http:
            return []  # only to be sent on; no password goes there
        check_greeting(greeting, place)
        self._name_domain(greeting)
        for url, body, headers in exchange_discover.requests(place, self._address):

            async def attempt(
                name: str,
                scheme: str,
                url: str = url,
                body: bytes = body,
                headers: dict[str, str] = headers,
            ) -> exchange_discover.Said:
                signed = self._server(url, name, scheme, server.pinned)
                answer = await signed.post(url, body, headers)
                if answer.status_code == 401:
                    raise refused(signed.host, scheme)
                if answer.status_code in _MOVED:
                    to = urljoin(url, answer.headers.get("location", ""))
                    return exchange_discover.Said(to=to)
                if answer.status_code != 200:
                    raise refusal(answer.status_code, answer.headers, answer.content, url)
                return exchange_discover.read(answer.content, signed.host)

            try:
                said = await self._signed_in(place, greeting, attempt)
            except ProviderError as error:
                if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.UNAVAILABLE):
                    raise
                continue
            if said.address:
                raise _other_address(said.address)
            if said.to:
                return await self._ask(said.to, hops - 1)
            if said.urls:
                self._said(True, Phrase("{url} tells where EWS is.", url=url))
                # Some tell a name that is known inside their own network only.
                return [*said.urls, urljoin(place, PATH)]
        return []

    async def _signed_in(
        self, url: str, greeting: Greeting, attempt: Callable[[str, str], Awaitable[_T]]
    ) -> _T:
        """Try what may be the user name, each once; whoever is let in stays it.

        A Kerberos ticket is shown first, where there may be one: no password is sent with it. Any
        other refusal than of name and password ends it: the name was right then.
        """
        scheme, *others = greeting.schemes or (BASIC,)
        if scheme == GSSAPI and self._names:
            try:
                return await attempt(self._names[0], scheme)
            except ProviderError as error:
                if error.kind is not ErrorKind.AUTH or not others:
                    raise
            self._said(False, Phrase("{name}: refused.", name="Kerberos"))
            scheme = others[0]
        last = refused(urlsplit(url).hostname or "", scheme)
        while self._names:
            try:
                found = await attempt(self._names[0], scheme)
            except ProviderError as error:
                if error.kind is not ErrorKind.AUTH:
                    raise
                self._said(False, Phrase("{name}: refused.", name=clean(self._names[0])))
                self._names.pop(0)
                last = error
            else:
                del self._names[1:]
                return found
        raise last

    def _name_domain(self, greeting: Greeting) -> None:
        """Also try the name within the domain that the server names."""
        plain = [each for each in self._names if "@" not in each and "\\" not in each]
        for each in plain:
            full = f"{greeting.domain}\\{each}"
            if greeting.domain and full not in self._names:
                self._names.append(full)

    async def _greet(self, url: str, *, get: bool = False) -> tuple["_Known", Greeting]:
        """What a server says to a stranger; and by which certificate it is known."""
        known = _Known("")
        try:
            greeting = await self._server(url, "", BASIC, "").greet(get=get)
        except UnknownCertificate as error:
            if error.certificate.sha256 != self._fingerprint:
                raise
            known = _Known(self._fingerprint)
            greeting = await self._server(url, "", BASIC, self._fingerprint).greet(get=get)
        return known, greeting

    def _server(self, url: str, name: str, scheme: str, fingerprint: str) -> Server:
        return Server(
            url,
            username=name,
            password=self._password if name else "",
            scheme=scheme,
            local=self._local,
            fingerprint=fingerprint,
            patience=self._patience,
        )

    def _own(self, url: str) -> bool:
        """Whether a server is one of the address's own domain."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        return f".{host}".endswith(f".{self._domain}")

    def _check_own(self, url: str, *, discovery: bool = False) -> None:
        parts = urlsplit(url)
        if cloud(parts.hostname or ""):
            raise in_the_cloud()
        if not self._own(url):
            raise elsewhere(self._domain, repaired(url) if discovery else url)
        if parts.scheme != "https" and not is_here(parts.hostname or "") and not discovery:
            raise ProviderError(
                ErrorKind.PERMISSION,
                Phrase("{host} is named without encryption.", host=clean(parts.hostname or "")),
                field="url",
            )

    def _said(self, ok: bool, text: Phrase) -> None:
        self.steps.append(Step(text=text, ok=ok))


class _Known(msgspec.Struct, frozen=True):
    """A server that was spoken to. `pinned`: the fingerprint by which it is known, or empty."""

    pinned: str


_FINAL = {ErrorKind.AUTH, ErrorKind.UNSUPPORTED, ErrorKind.CONFLICT}


def repaired(url: str) -> str:
    """The address of EWS from whatever its owner knows: a server, its webmail, or all of it."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    path = parts.path if parts.path.lower().endswith(".asmx") else PATH
    return urlunsplit(SplitResult(parts.scheme, parts.netloc, path, "", ""))


async def _service(domain: str) -> tuple[str, int] | None:
    """Where DNS says that Autodiscover of a domain is."""
    try:
        async with asyncio.timeout(10):
            answer = await dns.asyncresolver.resolve(
                f"_autodiscover._tcp.{domain}", "SRV", lifetime=5
            )
    except (dns.exception.DNSException, OSError, TimeoutError):
        return None
    best = min(answer, key=lambda each: (each.priority, -each.weight))
    return str(best.target).rstrip("."), int(best.port)


def _other_address(address: str) -> ProviderError:
    return ProviderError(
        ErrorKind.CONFLICT,
        Phrase("The server says that the mailbox is {address}.", address=clean(address, limit=254)),
        Phrase("If that is right, connect with that address."),
        field="address",
    )
