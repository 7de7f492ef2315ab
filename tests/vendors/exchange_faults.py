"""What goes wrong on the way, as real servers let it: once, some times, or until it is lifted."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Self

XML = "text/xml; charset=utf-8"
LOGIN = "https://mail.example.org/owa/auth/logon.aspx?url=https://mail.example.org/ews/&reason=0"
FAULT = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/'
    'envelope/"><s:Body><s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/'
    'services/2006/types">a:{code}</faultcode><faultstring xml:lang="en-US">{words}</faultstring>'
    '<detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">'
    '{code}</e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/'
    '2006/errors">{words}</e:Message>{more}</detail></s:Fault></s:Body></s:Envelope>'
)
BARE = (
    '<SOAP:Envelope xmlns:SOAP="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.'
    'w3.org/2001/XMLSchema-instance"><SOAP:Header/><SOAP:Body><SOAP:Fault><faultcode xsi:type='
    '"xsd:string">{code}</faultcode><faultstring xsi:type="xsd:string">{words}</faultstring>'
    "</SOAP:Fault></SOAP:Body></SOAP:Envelope>"
)
"""A fault without details."""
BACK_OFF = (
    '<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">'
    '<t:Value Name="BackOffMilliseconds">{}</t:Value></t:MessageXml>'
)
BUSY_INSIDE = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/'
    'envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber'
    '="2507" MinorBuildNumber="27" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/'
    'types"/></s:Header><s:Body><m:{0}Response xmlns:m="http://schemas.microsoft.com/exchange/'
    'services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">'
    '<m:ResponseMessages><m:{0}ResponseMessage ResponseClass="Error"><m:MessageText>An internal'
    " server error occurred. The operation failed.</m:MessageText><m:ResponseCode>"
    "ErrorInternalServerError</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
    '<m:MessageXml><t:Value Name="InnerErrorMessageText">The server cannot service this request'
    ' right now.</t:Value><t:Value Name="InnerErrorResponseCode">ErrorServerBusy</t:Value>'
    '<t:Value Name="InnerErrorDescriptiveLinkKey">0</t:Value></m:MessageXml>'
    "</m:{0}ResponseMessage></m:ResponseMessages></m:{0}Response></s:Body></s:Envelope>"
)


@dataclass
class Fault:
    """An answer in place of the right one.

    `done`: what was asked for is done all the same; only the answer does not arrive as it should.
    """

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    spoil: Callable[[str, bytes], bytes] | None = None
    """What becomes of the answer to an operation."""
    done: bool = False
    hangs: bool = False
    resets: bool = False
    released: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)
    """Set once a request waits."""
    challenged: bool = False
    """Sent in place of the offers, before who asks has said who they are."""

    def early(self) -> Self:
        """The same, before anybody has said who they are."""
        self.challenged = True
        return self


def fault(code: str, words: str, *, status: int = 500, more: str = "") -> Fault:
    """A SOAP fault."""
    return Fault(status, FAULT.format(code=code, words=words, more=more), {"Content-Type": XML})


def bare(code: str, words: str = "No.") -> Fault:
    """A SOAP fault that is known by its name alone."""
    return Fault(200, BARE.format(code=code, words=words), {"Content-Type": XML})


def unauthorized() -> Fault:
    """The password is not taken (any more)."""
    return Fault(401, "", {"WWW-Authenticate": 'Basic realm="mail"'})


def forbidden() -> Fault:
    """The account may not use web services."""
    return Fault(403, "<html><body>403 - Forbidden: Access is denied.</body></html>")


def webmail() -> Fault:
    """Redirected to the page where people log in."""
    return Fault(302, "", {"Location": LOGIN})


def unavailable(retry_after: int | None = None) -> Fault:
    """The server has no room."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(503, "The service is unavailable.", headers)


def busy(milliseconds: int | None = 300) -> Fault:
    """ErrorServerBusy as a fault."""
    more = "" if milliseconds is None else BACK_OFF.format(milliseconds)
    return fault("ErrorServerBusy", "The server cannot service this request right now.", more=more)


def busy_inside() -> Fault:
    """ErrorServerBusy within an ErrorInternalServerError, in an answer with status 200."""
    return Fault(spoil=_busy_inside)


def _busy_inside(operation: str, answer: bytes) -> bytes:
    return BUSY_INSIDE.format(operation).encode()


def hang() -> Fault:
    """Nothing comes, until `released` is set."""
    return Fault(hangs=True, done=True)


def reset() -> Fault:
    """The connection is reset in the middle of the answer."""
    return Fault(resets=True, done=True)


def truncated() -> Fault:
    """The answer ends in the middle, and says it is whole."""
    return Fault(spoil=lambda _, answer: answer[: len(answer) * 2 // 3], done=True)


def empty() -> Fault:
    """An envelope with nothing in it."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return Fault(200, f'<s:Envelope xmlns:s="{soap}"/>', {"Content-Type": XML})


def laughs() -> Fault:
    """A document that grows while it is read."""
    nested = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{nested}]>'
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    whole = f'{text}<s:Envelope xmlns:s="{soap}"><s:Body>&l9;</s:Body></s:Envelope>'
    return Fault(200, whole, {"Content-Type": XML})


def replaced(old: bytes, new: bytes) -> Fault:
    """The right answer, with other words in it."""
    return Fault(spoil=lambda _, answer: answer.replace(old, new), done=True)


def compressed() -> Fault:
    """The right answer, made smaller on the way."""
    headers = {"Content-Encoding": "gzip"}
    return Fault(spoil=lambda _, answer: gzip.compress(answer), headers=headers, done=True)


def broken() -> Fault:
    """The web server itself has trouble, and says so in a page."""
    html = "<html><title>Server Error in '/EWS' Application.</title><body>Oh</body></html>"
    return Fault(500, html, {"Content-Type": "text/html; charset=utf-8"})


def page() -> Fault:
    """A web page, where an answer should be."""
    html = "<!DOCTYPE html><html><body><h1>Welcome</h1><p>Sign in<br></body></html>"
    return Fault(200, html, {"Content-Type": "text/html; charset=utf-8"})


class Faults:
    """Those that are set: for an operation (or "" for all), and for how many more requests."""

    def __init__(self) -> None:
        self._set: list[tuple[str, int, Fault]] = []
        self._lock = Lock()

    def add(self, fault: Fault, operation: str = "", times: int | None = 1) -> Fault:
        """From now on; `times` None: until `clear`."""
        self._set.append((operation, -1 if times is None else times, fault))
        return fault

    def clear(self) -> None:
        """All is well again; what hangs is let go."""
        for _, _, each in self._set:
            each.released.set()
        self._set.clear()

    def take(self, operation: str, *, challenged: bool) -> Fault | None:
        """The one that is due for this request."""
        with self._lock:
            for place, (name, times, each) in enumerate(self._set):
                if name in ("", operation) and each.challenged == challenged and times:
                    self._set[place] = name, times - 1, each
                    return each
        return None
