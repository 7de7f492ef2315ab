"""The way out to the network against servers that mean ill, or are just broken."""

import asyncio
import gzip
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from providers import addresses
from providers.base import ProviderError
from providers.http import Http, Retry, origin, retry_after
from scheduling.errors import ErrorKind
from tests.providers.hostile import Asked, Piece, answer, hostile, packed


async def refused(http: Http, url: str, method: str = "GET") -> ProviderError:
    try:
        with pytest.raises(ProviderError) as caught:
            await http.request(method, url)
    finally:
        await http.close()
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.INVALID),
        (401, ErrorKind.AUTH),
        (403, ErrorKind.PERMISSION),
        (404, ErrorKind.NOT_FOUND),
        (405, ErrorKind.UNSUPPORTED),
        (409, ErrorKind.CONFLICT),
        (410, ErrorKind.NOT_FOUND),
        (412, ErrorKind.CONFLICT),
        (423, ErrorKind.CONFLICT),
        (429, ErrorKind.THROTTLED),
        (500, ErrorKind.UNAVAILABLE),
        (503, ErrorKind.UNAVAILABLE),
        (507, ErrorKind.STORAGE),
    ],
)
async def test_every_status_is_an_error_of_its_kind(status: int, kind: ErrorKind) -> None:
    async with hostile(lambda asked: [answer(status)]) as server:
        error = await refused(Http(server.url, local=True), server.url)
    assert error.kind is kind
    assert len(server.asked) == 1


async def test_a_busy_server_says_how_long_to_wait() -> None:
    async with hostile(lambda asked: [answer(503, Retry_After="7")]) as server:
        error = await refused(Http(server.url, local=True), server.url)
    assert (error.kind, error.wait) == (ErrorKind.THROTTLED, 7)


def test_waiting_is_read_from_numbers_and_dates_and_has_an_end() -> None:
    assert retry_after("120", 0) == 120
    assert retry_after("Thu, 01 Jan 1970 00:01:30 GMT", 0) == 90
    assert retry_after("Thu, 01 Jan 1970 00:01:30 GMT", 1000) == 0
    assert retry_after("9" * 400, 0) == 3600
    assert retry_after("", 0) == retry_after("soon", 0) == retry_after("-5", 0) == 60


async def test_a_drip_ends_at_the_deadline() -> None:
    def drip(asked: Asked) -> list[Piece]:
        head: list[Piece] = [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
        return head + [b"x", 0.02] * 9999

    async with hostile(drip) as server, asyncio.timeout(10):
        error = await refused(Http(server.url, local=True, patience=0.3), server.url)
    assert error.kind is ErrorKind.UNAVAILABLE
    assert len(server.asked) == 1


async def test_a_packed_bomb_is_refused_before_it_is_large() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    async with hostile(lambda asked: [answer(200, bomb, Content_Encoding="gzip")]) as server:
        http = Http(server.url, local=True, largest=1_000_000)
        error = await refused(http, server.url)
    assert "too large" in str(error)


async def test_a_packed_answer_is_unpacked_and_a_torn_one_refused() -> None:
    whole = packed(b"hello" * 1000)
    torn = gzip.compress(b"hello" * 1000)[:-9]

    def says(asked: Asked) -> list[Piece]:
        return [whole if asked.path == "/" else answer(200, torn, Content_Encoding="gzip")]

    async with hostile(says) as server:
        http = Http(server.url, local=True)
        assert (await http.request("GET", server.url + "/")).body == b"hello" * 1000
        error = await refused(http, server.url + "/torn")
    assert error.kind is ErrorKind.UNAVAILABLE


async def test_an_answer_cut_short_of_its_length_is_an_error() -> None:
    cut = answer(200, b"BEGIN:VCALENDAR")[:-4]
    async with hostile(lambda asked: [cut]) as server:
        error = await refused(Http(server.url, local=True), server.url)
    assert error.kind is ErrorKind.UNAVAILABLE
    assert len(server.asked) == 2, "a read is tried a second time"


async def test_a_write_is_sent_once() -> None:
    async with hostile(lambda asked: []) as server:
        error = await refused(Http(server.url, local=True), server.url, "PUT")
    assert error.kind is ErrorKind.UNAVAILABLE
    assert len(server.asked) == 1


async def test_the_sign_in_goes_to_no_other_server() -> None:
    async with hostile(lambda asked: [answer(200, b"thanks")]) as thief:

        def says(asked: Asked) -> list[Piece]:
            return [answer(302, Location=thief.url + "/steal")]

        async with hostile(says) as server:
            http = Http(server.url, local=True, authorization="Basic c2VjcmV0")
            error = await refused(http, server.url)
            assert server.asked[0].headers["authorization"] == "basic c2vjcmv0"
    assert error.kind is ErrorKind.PERMISSION
    assert thief.url in str(error.hint)
    assert thief.asked == []


async def test_within_the_server_a_read_goes_where_it_is_sent_and_a_loop_ends() -> None:
    def says(asked: Asked) -> list[Piece]:
        if asked.path == "/there":
            return [answer(200, b"here")]
        return [answer(301, Location="/there" if asked.path == "/" else "/loop")]

    async with hostile(says) as server:
        http = Http(server.url, local=True, authorization="Basic c2VjcmV0")
        found = await http.request("GET", server.url + "/")
        assert (found.body, found.url) == (b"here", server.url + "/there")
        error = await refused(http, server.url + "/loop")
    assert "from one address to the next" in str(error)


async def test_another_server_is_told_nothing_and_must_be_public() -> None:
    """The permission for this computer is for one origin, and headers stay with it."""
    async with (
        hostile(lambda asked: [answer(200)]) as other,
        hostile(lambda asked: [answer(302, Location=other.url)]) as server,
    ):
        error = await refused(Http(server.url, local=True), server.url)
    assert (error.kind, error.field) == (ErrorKind.PERMISSION, "allow_local")
    assert other.asked == []


async def test_what_is_not_public_is_not_spoken_to() -> None:
    async with hostile(lambda asked: [answer(200)]) as server:
        for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
            error = await refused(Http(url), url)
            assert (error.kind, error.field) == (ErrorKind.PERMISSION, "allow_local")
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address like others here
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_addresses_that_are_public(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "url", ["", "ftp://x/", "file:///etc/passwd", "https://", "http://a:b@c/", "https://[::1", "x"]
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(ProviderError) as caught:
        origin(url)
    assert caught.value.kind is ErrorKind.INVALID


async def test_encryption_is_not_given_up(own: "Tls") -> None:
    async with own.serving(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n") as url:
        error = await refused(Http(url, local=True, fingerprint=own.fingerprint), url)
    assert "without encryption" in str(error)


class Tls:
    """A certificate of somebody's own, and a server that shows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somewhere")])
        now = datetime.now(UTC)
        shown = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        (folder / "cert.pem").write_bytes(shown.public_bytes(Encoding.PEM))
        (folder / "key.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        self.fingerprint = shown.fingerprint(hashes.SHA256()).hex()
        self.requests = 0

    def serving(self, says: bytes) -> "Serving":
        return Serving(self, says)


class Serving:
    def __init__(self, tls: Tls, says: bytes) -> None:
        self.tls, self.says = tls, says

    async def __aenter__(self) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.tls.folder / "cert.pem", self.tls.folder / "key.pem")

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                self.tls.requests += 1
                writer.write(self.says)
                await writer.drain()
            except (OSError, asyncio.IncompleteReadError):
                pass  # only the certificate was looked at
            finally:
                writer.close()

        self._server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        return f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return Tls(tmp_path_factory.mktemp("tls"))


async def test_a_certificate_that_nobody_vouches_for_is_named_and_nothing_is_sent(
    own: Tls,
) -> None:
    before = own.requests
    async with own.serving(answer(200, b"hello")) as url:
        error = await refused(Http(url, local=True, authorization="Basic c2VjcmV0"), url)
    assert (error.kind, error.field) == (ErrorKind.PERMISSION, "fingerprint")
    assert own.fingerprint in str(error.hint)
    assert own.requests == before


async def test_a_server_is_known_by_its_fingerprint(own: Tls) -> None:
    written = ":".join(own.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
    async with own.serving(answer(200, b"hello")) as url:
        http = Http(url, local=True, fingerprint=written)
        assert (await http.request("GET", url)).body == b"hello"
        await http.close()


async def test_another_certificate_than_the_known_one_is_refused(own: Tls) -> None:
    before = own.requests
    async with own.serving(answer(200, b"hello")) as url:
        error = await refused(Http(url, local=True, fingerprint="0" * 64), url)
    assert error.field == "fingerprint"
    assert own.requests == before


def test_what_is_no_fingerprint_is_refused() -> None:
    with pytest.raises(ProviderError) as caught:
        Http("https://example.com", fingerprint="abc")
    assert caught.value.field == "fingerprint"


def test_one_module_alone_speaks_to_the_network() -> None:
    rooms = ("cli", "desk", "providers", "scheduling", "store", "tui", "web", "words")
    importing = [
        str(path)
        for room in rooms
        for path in Path(room).rglob("*.py")
        if "import httpx" in path.read_text() or "from httpx" in path.read_text()
    ]
    assert importing == ["providers/http.py"]


def test_a_listing_of_the_week_imports_neither_http_nor_xml(tmp_path: Path) -> None:
    code = (
        "import sys; from cli.main import main; main(['agenda', '--cached']);"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"KOBLE_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(run.stdout.split())
    assert "desk" in loaded
    assert loaded & {"httpx", "httpcore", "lxml", "cryptography", "keyring"} == set()


class Waits:
    """In place of sleeping: how long would have been slept."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Wallet:
    """Tokens, one after the other."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    async def token(self, refused: str = "") -> str:
        if refused:
            self.refused.append(refused)
        return f"token-{len(self.refused)}"


def then_well(*first: bytes) -> Callable[[Asked], list[Piece]]:
    """These answers, one a request, and after them a good one."""
    left = list(first)
    return lambda asked: [left.pop(0) if left else answer(200, b"well")]


BUSY = [
    answer(429),
    answer(429, Retry_After="7"),
    answer(403, b"rateLimitExceeded"),
]
BROKEN = [answer(500), answer(503), b"", answer(200, b"half of it")[:-3]]


@pytest.mark.parametrize("first", BUSY + BROKEN)
async def test_a_read_comes_back_to_a_server_that_is_busy_or_broken(first: bytes) -> None:
    waits = Waits()
    retry = Retry(sleep=waits, busy=lambda answer: b"rateLimit" in answer.body)
    async with hostile(then_well(first, first)) as server:
        http = Http(server.url, local=True, retry=retry)
        assert (await http.request("GET", server.url)).body == b"well"
        await http.close()
    short, long = waits.seconds
    if b"Retry-After" in first:
        assert short == long == 7
    else:
        assert 1 <= short <= 1.5
        assert 2 <= long <= 3


async def test_there_is_an_end_to_coming_back() -> None:
    waits = Waits()
    async with hostile(lambda asked: [answer(429, Retry_After="5")]) as server:
        error = await refused(Http(server.url, local=True, retry=Retry(sleep=waits)), server.url)
    assert (error.kind, error.wait) == (ErrorKind.THROTTLED, 5)
    assert (len(server.asked), len(waits.seconds)) == (4, 3)


async def test_a_wait_beyond_all_patience_is_told_at_once() -> None:
    waits = Waits()
    async with hostile(lambda asked: [answer(429, Retry_After="600")]) as server:
        error = await refused(Http(server.url, local=True, retry=Retry(sleep=waits)), server.url)
    assert (error.kind, error.wait) == (ErrorKind.THROTTLED, 600)
    assert (len(server.asked), waits.seconds) == (1, [])


@pytest.mark.parametrize("first", BROKEN)
async def test_a_write_that_may_have_been_obeyed_is_sent_again_only_where_that_is_safe(
    first: bytes,
) -> None:
    for safe, count in ((None, 1), (True, 2)):
        async with hostile(then_well(first)) as server:
            http = Http(server.url, local=True, retry=Retry(sleep=Waits()))
            if safe:
                assert (await http.request("POST", server.url, safe=safe)).body == b"well"
            else:
                with pytest.raises(ProviderError):
                    await http.request("POST", server.url)
            await http.close()
        assert len(server.asked) == count


async def test_a_write_that_was_not_even_begun_is_sent_again() -> None:
    async with hostile(then_well(answer(429))) as server:
        http = Http(server.url, local=True, retry=Retry(sleep=Waits()))
        assert (await http.request("POST", server.url)).body == b"well"
        await http.close()


async def test_a_token_that_is_not_taken_is_renewed_once() -> None:
    wallet = Wallet()
    async with hostile(then_well(answer(401))) as server:
        http = Http(server.url, local=True, tokens=wallet)
        assert (await http.request("POST", server.url)).body == b"well"
        await http.close()
        sent = [each.headers["authorization"] for each in server.asked]
    assert sent == ["bearer token-0", "bearer token-1"]
    async with hostile(lambda asked: [answer(401)]) as server:
        error = await refused(Http(server.url, local=True, tokens=wallet), server.url)
        assert len(server.asked) == 2
    assert (error.kind, error.field) == (ErrorKind.AUTH, "")
    assert wallet.refused == ["token-0", "token-1"]


async def test_a_token_goes_to_no_other_server() -> None:
    async with (
        hostile(lambda asked: [answer(200, b"thanks")]) as thief,
        hostile(lambda asked: [answer(302, Location=thief.url + "/steal")]) as server,
    ):
        error = await refused(Http(server.url, local=True, tokens=Wallet()), server.url)
    assert error.kind is ErrorKind.PERMISSION
    assert thief.asked == []


async def test_the_proxy_of_the_environment_is_used_where_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "http://calendar.invalid/here"
    async with hostile(lambda asked: [answer(200, b"through")]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
        monkeypatch.setenv("no_proxy", "other.invalid")
        http = Http(url, proxied=True)
        assert (await http.request("GET", url)).body == b"through"
        await http.close()
        assert proxy.told == [f"GET {url}"]
        for http in (Http(url), Http("http://other.invalid", proxied=True)):
            assert (await refused(http, f"{http.origin}/here")).kind is ErrorKind.UNAVAILABLE
    assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    "named", ["socks5://me:hush@proxy.invalid:1080", "http://", "ftp://x", "http://[::1"]
)
async def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("all_proxy", named)
    error = await refused(
        Http("https://calendar.invalid", proxied=True), "https://calendar.invalid"
    )
    assert error.kind is ErrorKind.UNSUPPORTED
    assert "hush" not in str(error)


async def test_a_name_in_other_letters_is_spoken_to_as_the_network_knows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked_for: list[str] = []

    async def resolve(host: str, port: int, *, local: bool) -> list[str]:
        asked_for.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(addresses, "resolve", resolve)
    async with hostile(lambda asked: [answer(200, b"here")]) as server:
        port = urlsplit(server.url).port
        http = Http(f"http://møte.example.org:{port}/")
        found = await http.request("GET", f"http://møte.example.org:{port}/kø.ics")
        await http.close()
    assert found.body == b"here"
    assert asked_for == ["xn--mte-0na.example.org"]
    assert server.asked[0].headers["host"] == f"xn--mte-0na.example.org:{port}"
