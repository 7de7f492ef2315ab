"""Connections to one Exchange server: to one address, by one certificate, bounded.

They are cut off when nobody waits any more. exchangelib signs in and keeps the sessions; how it
waits, retries and logs is not left to it.
"""

import asyncio
import contextlib
import contextvars
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from exchangelib.configuration import Configuration
from exchangelib.credentials import Credentials
from exchangelib.protocol import BaseProtocol, FailFast
from exchangelib.transport import BASIC, GSSAPI, NOAUTH
from exchangelib.version import Version
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from providers.base import ProviderError
from providers.exchange_schemes import LATIN
from providers.http import LARGEST, retry_after
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

SESSIONS = 2
"""So many calls run at once; the others wait for their turn."""
_CLOUD = (".office365.com", ".office.com", ".outlook.com", ".microsoftonline.com")
_SIGN_IN = ("/owa", "/adfs", "logon", "login", "signin")
_T = TypeVar("_T")
for _name in ("exchangelib", "requests_ntlm", "spnego", "urllib3"):
    # They would write down passwords, tickets, and what lies in the calendar.
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Place:
    """A server, as it was found to be: its name, the address behind it, and what checks it.

    `context` is None where it is spoken to without TLS, which only this computer may be. Behind
    a `proxy` the address is its name.
    """

    def __init__(
        self,
        url: str,
        address: str,
        context: ssl.SSLContext | None,
        *,
        pinned: bool,
        proxy: str = "",
    ) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.netloc = parts.netloc
        self.scheme = parts.scheme
        self.address = address
        self.context = context
        self.pinned = pinned
        self.proxy = proxy


class Door(HTTPAdapter):
    """Leads a session to one address of one server, and nowhere else."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: Any = None
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=True)

    def get_connection_with_tls_context(self, *_args: Any, **_kwargs: Any) -> Any:
        """The connections to the address, verified as the place says. The caller has no say."""
        place = self._place
        checks: dict[str, Any] = {}
        if place.context is not None:
            checks = {"ssl_context": place.context, "server_hostname": place.host}
            if place.pinned:
                checks["assert_hostname"] = False  # it is known by its certificate
        manager: Any = self.proxy_manager_for(place.proxy) if place.proxy else self.poolmanager
        pool: Any = manager.connection_from_host(
            place.address, place.port, place.scheme, pool_kwargs=checks
        )
        if not getattr(pool, "koble", False):
            make = pool.ConnectionCls
            pool.koble = True

            def remember(*args: Any, **kwargs: Any) -> Any:
                self._connection = make(*args, **kwargs)
                return self._connection

            pool.ConnectionCls = remember
        return pool

    def request_url(self, request: requests.PreparedRequest, _proxies: Any) -> str:
        """What is asked for: of a proxy, without TLS, by the whole address."""
        if self._place.proxy and self._place.scheme == "http":
            return request.url or ""
        return request.path_url

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing: requests would add its own authorities to the place's."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send, and have the whole answer, which is never larger than allowed."""
        to = urlsplit(request.url or "")
        if (to.scheme, to.netloc) != (self._place.scheme, self._place.netloc):
            raise requests.ConnectionError("another server")  # no redirect is followed
        if call := _CALL.get():
            call.through(self)
        request.headers["Host"] = self._place.netloc
        response = super().send(request, *args, **{**kwargs, "stream": True, "proxies": None})
        if response.status_code == 401:
            return response  # the sign-in looks at the connection before it reads this
        pieces: list[bytes] = []
        room = LARGEST
        for piece in response.iter_content(65_536):
            room -= len(piece)
            if room < 0:
                response.close()
                raise ProviderError(
                    ErrorKind.UNAVAILABLE,
                    Phrase("The answer of {host} is too large.", host=clean(self._place.host)),
                )
            pieces.append(piece)
        response._content = b"".join(pieces)
        return response

    def cut(self) -> None:
        """End the connection under whoever waits for it, from another thread."""
        found = getattr(self._connection, "sock", None)
        if isinstance(found, socket.socket):
            with contextlib.suppress(OSError):  # it has ended already
                # Below TLS, whose own end would wait for the other side.
                socket.socket.shutdown(found, socket.SHUT_RDWR)


class Call:
    """One call in a thread of its own. Given up, its connection is cut, and the thread ends."""

    def __init__(self) -> None:
        self._door: Door | None = None
        self._given_up = False

    def through(self, door: Door) -> None:
        """Note which door the call goes through; none any more once it is given up."""
        if self._given_up:
            raise requests.ConnectionError("given up")
        self._door = door

    def give_up(self) -> None:
        """Nobody waits for it any more."""
        self._given_up = True
        if self._door is not None:
            self._door.cut()


_CALL: contextvars.ContextVar[Call | None] = contextvars.ContextVar("call", default=None)


async def in_thread(job: Callable[[], _T], *, patience: float, host: str) -> _T:
    """Run what blocks in a thread that neither the loop nor the end of the program waits for.

    Raises:
        ProviderError: unavailable, where it takes longer than `patience` seconds.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()
    call = Call()

    def deliver(result: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        _CALL.set(call)
        result, failure = None, None
        try:
            result = job()
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, result, failure)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="exchange", daemon=True).start()
    try:
        async with asyncio.timeout(patience):
            return await future
    except TimeoutError:
        call.give_up()
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("{host} did not answer in time.", host=clean(host))
        ) from None
    except asyncio.CancelledError:
        call.give_up()
        raise


class Manners(FailFast):  # type: ignore[misc]
    """No answer is tried again here: what it means is said at once, in words."""

    def raise_response_errors(self, response: requests.Response) -> None:
        """Take 200, and the 500 that carries a fault; all else is an error."""
        if response.status_code == 200:
            return
        if response.status_code == 500 and response.content.lstrip()[:1] == b"<":
            start = response.content[:2000].lower()
            if b"envelope" in start and b"<html" not in start:
                return
        raise refusal(response.status_code, response.headers, response.content, response.url)


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, url: str, *, moved: bool = True
) -> ProviderError:
    """What an answer means that is no answer of Exchange's.

    Args:
        status: the HTTP status.
        headers: in any case.
        body: looked at for what says that an account is locked.
        url: what was asked.
        moved: whether a redirect is an error.
    """
    host = clean(urlsplit(url).hostname or "", limit=253)
    if b"locked out" in body or status == 456:
        return ProviderError(
            ErrorKind.PERMISSION,
            Phrase("The account is locked at {host}.", host=host),
            Phrase("Whoever runs the server can unlock it; then connect again."),
            field="username",
        )
    if status == 457:
        return ProviderError(
            ErrorKind.PERMISSION,
            Phrase("The password has expired at {host}.", host=host),
            Phrase("Change it there, then connect again."),
            field="password",
        )
    match status:
        case 401:
            return refused_password(host)
        case 403:
            return ProviderError(
                ErrorKind.PERMISSION,
                Phrase("{host} does not let this account, or koble, use Exchange.", host=host),
                Phrase("Ask whoever runs the server to allow EWS for you and for koble."),
                field="address",
            )
        case 301 | 302 | 303 | 307 | 308 if moved:
            return _moved(url, urljoin(url, headers.get("location", "")))
        case 404 | 405 | 410:
            return ProviderError(
                ErrorKind.NOT_FOUND,
                Phrase("There is no Exchange at {url}.", url=clean(url, limit=200)),
                Phrase("Ask whoever runs the server for the address of EWS."),
                field="url",
            )
        case 429 | 503:
            wait = retry_after(headers.get("retry-after", "10"), time.time())
            return busy(host, wait)
    return ProviderError(
        ErrorKind.UNAVAILABLE,
        Phrase("{host} has trouble of its own ({status}).", host=host, status=status),
    )


def refused_password(host: str) -> ProviderError:
    """The server knows no such account with such a password."""
    return ProviderError(
        ErrorKind.AUTH,
        Phrase("{host} did not accept the user name and password.", host=clean(host, limit=253)),
        Phrase("Check the password; with two-factor sign-in, use an app password."),
        field="password",
    )


def refused(host: str, scheme: str) -> ProviderError:
    """The server does not let in an account that was to sign in by `scheme`."""
    if scheme != GSSAPI:
        return refused_password(host)
    return ProviderError(
        ErrorKind.AUTH,
        Phrase("{host} did not accept a Kerberos ticket.", host=clean(host, limit=253)),
        Phrase("Get one with kinit, then connect again."),
        field="username",
    )


def busy(host: str, wait: float) -> ProviderError:
    """The server asks to wait."""
    return ProviderError(
        ErrorKind.THROTTLED,
        Phrase("{host} is busy, and asks to wait {wait} seconds.", host=host, wait=round(wait)),
        wait=wait,
    )


def cloud(host: str) -> bool:
    """Whether a server is one of Microsoft's cloud."""
    return f".{host.lower().rstrip('.')}".endswith(_CLOUD)


def in_the_cloud() -> ProviderError:
    """The mailbox lies where EWS is switched off."""
    return ProviderError(
        ErrorKind.UNSUPPORTED,
        Phrase("This mailbox lies in Microsoft 365, where EWS is switched off."),
        Phrase("Connect it as Office 365 instead."),
        field="address",
    )


def elsewhere(url: str, to: str) -> ProviderError:
    """A server outside the address's own domain: its owner decides whether the password goes on."""
    host = clean(urlsplit(to).hostname or "", limit=253)
    if cloud(host):
        return in_the_cloud()
    return ProviderError(
        ErrorKind.PERMISSION,
        Phrase("{place} names {host}. The password was not sent there.", place=url, host=host),
        Phrase("If that is right, connect with the Exchange URL {to}", to=clean(to, limit=200)),
        field="url",
    )


def _moved(url: str, to: str) -> ProviderError:
    parts = urlsplit(to)
    host = clean(urlsplit(url).hostname or "", limit=253)
    if any(mark in parts.path.lower() for mark in _SIGN_IN) and not cloud(parts.hostname or ""):
        return ProviderError(
            ErrorKind.INVALID,
            Phrase("{host} answers with the sign-in page of its webmail.", host=host),
            Phrase("Ask whoever runs the server for the address of EWS, and whether it is open."),
            field="url",
        )
    return elsewhere(host, to)


class Line(BaseProtocol):  # type: ignore[misc]
    """exchangelib's sessions with one server, for one account; no other account shares them.

    Args:
        url: of EWS.
        place: the server behind it.
        username: as the server takes it.
        password: goes nowhere else.
        scheme: one of `schemes`.
        patience: seconds that a read from the connection may take.
    """

    USERAGENT = "koble"
    RETRY_WAIT = 0

    def __init__(
        self,
        url: str,
        place: Place,
        *,
        username: str,
        password: str,
        scheme: str,
        patience: float,
    ) -> None:
        self._place = place
        self._coding = "latin-1" if scheme == LATIN else "utf-8"
        self.TIMEOUT = patience
        super().__init__(
            Configuration(
                credentials=None
                if scheme in (NOAUTH, GSSAPI)
                else Credentials(username=username, password=password),
                service_endpoint=url,
                auth_type=BASIC if scheme == LATIN else scheme,
                version=Version(build=None, api_version="Exchange2010_SP2"),
                retry_policy=Manners(),
                max_connections=SESSIONS,
            )
        )

    def __repr__(self) -> str:
        return f"Line({self._place.netloc!r})"

    @property
    def version(self) -> Version:
        """As far as it is known."""
        return self.config.version

    def create_session(self) -> requests.Session:
        """A session for this account."""
        made: requests.Session = super().create_session()
        if self.config.auth_type == BASIC:
            # requests would write all in Latin-1, and fail at what that does not have.
            pair = self.credentials.username, self.credentials.password
            try:
                name, password = (each.encode(self._coding) for each in pair)
            except UnicodeEncodeError:
                name, password = (each.encode() for each in pair)
            made.auth = HTTPBasicAuth(name, password)
        return made

    def raw_session(self, prefix: str, *_args: Any, **_kwargs: Any) -> requests.Session:  # type: ignore[override,unused-ignore]
        """A session that goes through a door of its own."""
        return session(self._place, prefix)


def session(place: Place, prefix: str) -> requests.Session:
    """A session with one server; nothing of this computer's surroundings leaks into it."""
    made = requests.Session()
    made.trust_env = False
    made.headers.update(
        {
            "Content-Type": "text/xml; charset=utf-8",
            "Accept": "text/xml",
            "Accept-Encoding": "gzip",
            "User-Agent": "koble",
        }
    )
    made.adapters.clear()
    made.mount(prefix, Door(place))
    return made
