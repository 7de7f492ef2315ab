"""The wire of the Exchange server of our own: TLS, who is speaking, and what goes wrong there."""

import base64
import socket
import ssl
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree
from lxml.etree import _Element as Element

from tests.vendors.certificates import Certificate
from tests.vendors.exchange_faults import XML, Fault
from tests.vendors.exchange_login import Account
from tests.vendors.exchange_words import NAMES, SOAP, local

if TYPE_CHECKING:
    from tests.vendors.exchange import Exchange


class Answer(NamedTuple):
    """What goes back."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", XML),)


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


class Listener(ThreadingHTTPServer):
    """Listens on a free port for an `Exchange`; with TLS where there is a certificate."""

    daemon_threads = False

    def __init__(self, exchange: "Exchange", certificate: Certificate | None) -> None:
        self.exchange = exchange
        self._open: set[socket.socket] = set()
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate.path)
        super().__init__(("127.0.0.1", 0), Conversation)

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
        except OSError:
            pass  # the client is gone
        finally:
            self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        raise AssertionError("the double of an Exchange server failed")

    def hang_up(self) -> None:
        """End every connection."""
        for each in list(self._open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was faster


class Conversation(BaseHTTPRequestHandler):
    """One connection: NTLM is said once, and holds for as long as it lasts."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece, and at once
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        super().setup()
        self._nonce = b""
        self._account: Account | None = None

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def version_string(self) -> str:
        """Who answers: IIS is known for how it reads names and passwords."""
        latin = self.server.exchange.accounts.coding == "latin-1"
        return "Microsoft-IIS/10.0" if latin else "double"

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
        elif taken and scheme == "negotiate" and accounts.ticket:
            account = accounts.accounts[0] if said == accounts.ticket else None
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
