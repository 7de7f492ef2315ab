"""An Exchange server of our own: Exchange Web Services and Autodiscover on a loopback port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

from tests.vendors import exchange_discovery as discovery
from tests.vendors import exchange_people as people
from tests.vendors import exchange_reading as reading
from tests.vendors import exchange_writing as writing
from tests.vendors.certificates import Certificate
from tests.vendors.exchange_builds import (
    API,
    BUILDS,
    EXCHANGE_2007_SP1,
    EXCHANGE_2010_SP1,
    EXCHANGE_2010_SP2,
    EXCHANGE_2010_SP3,
    EXCHANGE_2013,
    EXCHANGE_2016,
    EXCHANGE_2019,
    EXCHANGE_SE,
    Build,
)
from tests.vendors.exchange_call import Call, Limits
from tests.vendors.exchange_faults import BARE, FAULT, Faults
from tests.vendors.exchange_http import Answer, Listener, first, parsed
from tests.vendors.exchange_login import Account, Accounts
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_schema import Schema
from tests.vendors.exchange_words import NAMES, SOAP, TYPES, Refusal, local
from tests.vendors.exchange_zones import get_server_time_zones

__all__ = [
    "BUILDS",
    "EXCHANGE_2007_SP1",
    "EXCHANGE_2010_SP1",
    "EXCHANGE_2010_SP2",
    "EXCHANGE_2010_SP3",
    "EXCHANGE_2013",
    "EXCHANGE_2016",
    "EXCHANGE_2019",
    "EXCHANGE_SE",
    "PASSWORD",
    "Build",
    "Exchange",
    "exchange",
]

PASSWORD = "correct horse battery staple"
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


class Exchange:
    """One server. `schemes`: which ways to say who one is it offers, in that order.

    `limits`: what it leaves undone; `Limits.small()` makes it a server that is not Exchange.

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
        limits: Limits | None = None,
    ) -> None:
        self.build = build
        self.accounts = Accounts(domain, schemes)
        self.mailboxes: dict[str, Mailbox] = {}
        self.faults = Faults()
        self.limits = limits or Limits()
        self.schema = Schema()
        self.violations: list[str] = []
        self.asked: list[str] = []
        """The operations of all requests that were let in."""
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []
        bare = self.limits.faults == "bare"
        self.missing = {"GetServerTimeZones"} if build.major < 14 or bare else set()
        self.lock = threading.RLock()
        self._server = Listener(self, certificate)
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
        self.mailboxes[address].clocks = self.limits.clocks
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

    def _refused(self, code: str, words: str) -> Answer:
        if self.limits.faults == "bare":
            # What it does not know at all has no name.
            known = code != "ErrorSchemaValidation"
            fault = BARE.format(code=code if known else "SOAP:Server", words=_escaped(words))
            return Answer(200 if known else 500, fault.encode())
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


@contextmanager
def exchange(build: Build = EXCHANGE_SE, **settings: Any) -> Iterator[Exchange]:
    """A server for as long as it is needed; it takes what `Exchange` takes."""
    server = Exchange(build, **settings)
    try:
        yield server
    finally:
        server.stop()
