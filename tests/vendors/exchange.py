"""An Exchange server of our own: Exchange Web Services and Autodiscover on a loopback port."""

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

from tests.vendors import exchange_discovery as discovery
from tests.vendors import exchange_people as people
from tests.vendors import exchange_reading as reading
from tests.vendors import exchange_writing as writing
from tests.vendors.certificates import Certificate
from tests.vendors.exchange_call import Call, Limits
from tests.vendors.exchange_faults import FAULT, XML, Fault, Faults
from tests.vendors.exchange_login import Account, Accounts
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_schema import Schema
from tests.vendors.exchange_words import NAMES, SOAP, TYPES, Refusal, local
from tests.vendors.exchange_zones import get_server_time_zones

PASSWORD = "correct horse battery staple"
API = (
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2015",
    "Exchange2016",
)


class Build(NamedTuple):
    """A version of the server: its build numbers, the newest API it speaks, and what it says."""

    major: int
    minor: int
    build: int
    revision: int
    api: str
    says: str = ""

    @property
    def numbers(self) -> dict[str, str]:
        names = ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber")
        return dict(zip(names, map(str, self[:4]), strict=True))


EXCHANGE_2007_SP1 = Build(8, 1, 436, 0, "Exchange2007_SP1")
EXCHANGE_2010_SP1 = Build(14, 1, 438, 0, "Exchange2010_SP1", "Exchange2010_SP1")
EXCHANGE_2010_SP2 = Build(14, 2, 247, 5, "Exchange2010_SP2", "Exchange2010_SP2")
EXCHANGE_2010_SP3 = Build(14, 3, 513, 0, "Exchange2010_SP2", "Exchange2010_SP2")
EXCHANGE_2013 = Build(15, 0, 1497, 2, "Exchange2013_SP1", "V2_23")
EXCHANGE_2016 = Build(15, 1, 2507, 27, "Exchange2016", "V2017_07_11")
EXCHANGE_2019 = Build(15, 2, 1544, 4, "Exchange2016", "V2018_01_08")
EXCHANGE_SE = Build(15, 2, 2562, 17, "Exchange2016", "V2018_01_08")
BUILDS = (
    EXCHANGE_2007_SP1,
    EXCHANGE_2010_SP1,
    EXCHANGE_2010_SP2,
    EXCHANGE_2010_SP3,
    EXCHANGE_2013,
    EXCHANGE_2016,
    EXCHANGE_2019,
    EXCHANGE_SE,
)

OPERATIONS: dict[str, Callable[[Call], Element]] = {
    "ConvertId": reading.convert_id,
    "CreateItem": writing.create_item,
    "DeleteItem": writing.delete_item,
    "FindFolder": reading.find_folder,
    "FindItem": reading.find_item,
    "GetFolder": reading.get_folder,
    "GetItem": reading.get_item,
    "GetServerTimeZones": get_server_time_zones,
    "GetUserAvailability": people.get_user_availability,
    "ResolveNames": people.resolve_names,
    "SyncFolderHierarchy": reading.sync_folder_hierarchy,
    "SyncFolderItems": reading.sync_folder_items,
    "UpdateItem": writing.update_item,
}


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", XML),)


class Exchange:
    """One server. `schemes`: which ways to say who one is it offers, in that order.

    `violations`: whatever it was asked, or answered, that the schema does not allow. `missing`:
    operations that this version does not have.
    """

    def __init__(
        self,
        build: Build = EXCHANGE_SE,
        *,
        schemes: tuple[str, ...] = ("Negotiate", "NTLM", "Basic"),
        domain: str = "CORP",
        certificate: Certificate | None = None,
    ) -> None:
        self.build = build
        self.accounts = Accounts(domain, schemes)
        self.mailboxes: dict[str, Mailbox] = {}
        self.faults = Faults()
        self.limits = Limits()
        self.schema = Schema()
        self.violations: list[str] = []
        self.asked: list[str] = []
        """The operations of all requests that were let in."""
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []
        self.missing = {"GetServerTimeZones"} if build.major < 14 else set()
        self.lock = threading.RLock()
        self._server = _Server(self, certificate)
        scheme = "https" if certificate else "http"
        self.origin = f"{scheme}://localhost:{self._server.server_port}"
        self.url = f"{self.origin}/EWS/Exchange.asmx"
        self.discovery = discovery.Discovery(url=self.url)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def account(
        self,
        address: str,
        *,
        name: str = "",
        password: str = PASSWORD,
        zone: str = "Europe/Oslo",
        forms: frozenset[str] | None = None,
    ) -> Mailbox:
        """Somebody new, with an empty mailbox."""
        account = Account(address, password, self.accounts.domain)
        account.forms = account.forms if forms is None else forms
        self.accounts.accounts.append(account)
        self.mailboxes[address] = Mailbox(address, name or address, ZoneInfo(zone))
        return self.mailboxes[address]

    def stop(self) -> None:
        """Let go of all that hangs, and of the port."""
        self.faults.clear()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def answer(self, body: bytes, account: Account) -> Answer:
        """What this request from this person is answered."""
        envelope = parsed(body)
        payload = None if envelope is None else first(envelope)
        if envelope is None or payload is None:
            return self._refused("ErrorInvalidRequest", "The request is invalid.")
        requested = self._requested(envelope)
        if requested not in API or API.index(requested) > API.index(self.build.api):
            return self._refused(
                "ErrorInvalidServerVersion", "The specified server version is invalid."
            )
        operation = local(payload).removesuffix("Request")
        header = envelope.find("s:Header", NAMES)
        wrong = [
            fault
            for each in (payload, *(() if header is None else header))
            for fault in self.schema.faults(each)
        ]
        self.violations += [f"request {operation}: {each}" for each in wrong]
        if wrong or operation not in OPERATIONS or operation in self.missing:
            words = "".join(wrong) or f"The element '{operation}' is invalid."
            return self._refused(
                "ErrorSchemaValidation", f"The request failed schema validation: {words}"
            )
        self.asked.append(operation)
        modern = API.index(requested) >= API.index("Exchange2010")
        user = self.mailboxes[account.address]
        _name(payload, operation)
        call = Call(payload, user, self.mailboxes, self.limits, modern)
        try:
            response = OPERATIONS[operation](call)
        except Refusal as refusal:
            return self._refused(refusal.code, refusal.words)
        wrong = [f"answer {operation}: {each}" for each in self.schema.faults(response)]
        self.violations += wrong
        return Answer(200, self._envelope(response))

    @staticmethod
    def _requested(envelope: Element) -> str:
        header = envelope.find("s:Header/t:RequestServerVersion", NAMES)
        return "Exchange2007" if header is None else header.get("Version", "")

    def _envelope(self, response: Element) -> bytes:
        says = {"Version": self.build.says} if self.build.says else {}
        version = etree.Element(
            f"{{{TYPES}}}ServerVersionInfo", self.build.numbers | says, nsmap={"h": TYPES}
        )
        self.violations += [f"version: {each}" for each in self.schema.faults(version)]
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
        etree.SubElement(envelope, f"{{{SOAP}}}Header").append(version)
        etree.SubElement(envelope, f"{{{SOAP}}}Body").append(response)
        return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")

    @staticmethod
    def _refused(code: str, words: str) -> Answer:
        return Answer(500, FAULT.format(code=code, words=_escaped(words), more="").encode())

    def discover(self, path: str, body: bytes) -> Answer:
        """What a request to Autodiscover is answered."""
        known = {address: each.name for address, each in self.mailboxes.items()}
        if path.endswith(".xml") and self.discovery.plain:
            version = f"{self.build.major}.{self.build.minor}"
            return Answer(200, discovery.plain(self.discovery, known, body, version))
        envelope = parsed(body)
        if path.endswith(".svc") and self.discovery.soap and envelope is not None:
            numbers = "".join(f"<h:{k}>{v}</h:{k}>" for k, v in self.build.numbers.items())
            numbers += f"<h:Version>{self.build.api}</h:Version>"
            return Answer(200, discovery.soap(self.discovery, known, envelope, numbers))
        return Answer(404, b"", (("Content-Type", "text/html"),))


def _name(payload: Element, operation: str) -> None:
    payload.tag = f"{{{etree.QName(payload).namespace}}}{operation}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")


def parsed(body: bytes) -> Element | None:
    """A SOAP envelope, where it is one."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    return root if root.tag == f"{{{SOAP}}}Envelope" else None


def first(envelope: Element) -> Element | None:
    """What the body is about."""
    return envelope.find("s:Body/*", NAMES)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, exchange: Exchange, certificate: Certificate | None) -> None:
        self.exchange = exchange
        self._open: set[socket.socket] = set()
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.path)
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self._tls is None:
            self._serve(request, client_address)
            return
        request.settimeout(20)  # who connects and says nothing does not keep the server from ending
        try:
            secured = self._tls.wrap_socket(request, server_side=True)
        except OSError:
            return  # the client does not trust the certificate
        secured.settimeout(None)
        with secured:
            self._serve(secured, client_address)

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        except ConnectionError:
            pass  # the client is gone
        finally:
            self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        raise AssertionError("the double of an Exchange server failed")

    def hang_up(self) -> None:
        for each in list(self._open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece, and at once
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._nonce = b""
        self._account: Account | None = None

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        exchange = self.server.exchange
        if exchange.discovery.elsewhere and "autodiscover" in self.path.lower():
            self._send(Answer(302, b"", (("Location", exchange.discovery.elsewhere),)))
        elif self.path.lower().startswith("/owa"):
            self._send(Answer(200, b"<html>Sign in</html>", (("Content-Type", "text/html"),)))
        else:
            self._offer()

    def do_POST(self) -> None:
        exchange = self.server.exchange
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = self.path.lower().partition("?")[0]
        services = path == "/ews/exchange.asmx"
        if not services and not path.startswith("/autodiscover/"):
            self._send(Answer(404, b"", (("Content-Type", "text/html"),)))
            return
        operation = _operation(body) if services else "Autodiscover"
        early = exchange.faults.take(operation, challenged=True)
        if early is not None:
            self._fault(early, operation, Answer(200, b""))
            return
        account = self._who()
        if account is None:
            return
        fault = exchange.faults.take(operation, challenged=False)
        if fault is not None and not fault.done:
            self._fault(fault, operation, Answer(200, b""))
            return
        with exchange.lock:
            answer = self._answer(path, body, account)
        if fault is not None:
            self._fault(fault, operation, answer)
        else:
            self._send(answer)

    def _answer(self, path: str, body: bytes, account: Account) -> Answer:
        exchange = self.server.exchange
        exchange.requests.append(body)
        try:
            if path.startswith("/ews/"):
                answer = exchange.answer(body, account)
            else:
                answer = exchange.discover(path, body)
        except Exception as error:
            exchange.violations.append(f"the double failed: {error!r}")
            raise
        exchange.answers.append(answer.body)
        return answer

    def _who(self) -> Account | None:
        """Who asks; None where that is not known yet, and was asked back."""
        accounts = self.server.exchange.accounts
        scheme, _, said = self.headers.get("Authorization", "").partition(" ")
        scheme = scheme.lower()
        taken = scheme in map(str.lower, accounts.schemes)
        if taken and scheme == "basic":
            account = accounts.basic(said)
        elif taken and scheme in ("ntlm", "negotiate"):
            message = base64.b64decode(said)
            if message[8:9] == b"\x01":
                challenge, self._nonce = accounts.challenge(message)
                name = "NTLM" if scheme == "ntlm" else "Negotiate"
                token = f"{name} {base64.b64encode(challenge).decode()}"
                self._send(Answer(401, b"", (("WWW-Authenticate", token),)))
                return None
            account = self._account = accounts.ntlm(message, self._nonce)
        else:
            account = self._account if not scheme else None
        if account is None:
            self._offer()
        return account

    def _offer(self) -> None:
        offers = self.server.exchange.accounts.offers()
        self._send(Answer(401, b"", tuple(("WWW-Authenticate", each) for each in offers)))

    def _fault(self, fault: Fault, operation: str, answer: Answer) -> None:
        fault.begun.set()
        if fault.hangs:
            fault.released.wait()
            self._send(answer)
        elif fault.resets:
            self.send_response(200)
            self.send_header("Content-Type", XML)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif fault.spoil is not None:
            headers = (("Content-Type", XML), *fault.headers.items())
            self._send(Answer(answer.status, fault.spoil(operation, answer.body), headers))
        else:
            self._send(Answer(fault.status, fault.body.encode(), tuple(fault.headers.items())))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()


def _operation(body: bytes) -> str:
    envelope = parsed(body)
    payload = None if envelope is None else first(envelope)
    return "" if payload is None else local(payload).removesuffix("Request")


@contextmanager
def exchange(build: Build = EXCHANGE_SE, **settings: Any) -> Iterator[Exchange]:
    """A server for as long as it is needed; it takes what `Exchange` takes."""
    server = Exchange(build, **settings)
    try:
        yield server
    finally:
        server.stop()
