"""Autodiscover: what it is asked, in plain XML and in SOAP, and what it says."""

from collections.abc import Iterator
from urllib.parse import urljoin
from xml.sax.saxutils import escape

import msgspec

from providers.exchange_calls import Element, parse

_REQUEST = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
_RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_SOAP = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
_PREFERRED = ("EXPR", "EXHTTP", "WEB", "EXCH")
"""Kinds of protocol, the one for use from outside first."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of EWS, the best first; or another place to ask; or another address."""

    urls: tuple[str, ...] = ()
    to: str = ""
    address: str = ""


def requests(place: str, address: str) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """What to send where, in the order in which to try: URL, body, headers."""
    plain = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<Autodiscover xmlns="{_REQUEST}"><Request>'
        f"<EMailAddress>{escape(address)}</EMailAddress>"
        f"<AcceptableResponseSchema>{_RESPONSE}</AcceptableResponseSchema>"
        "</Request></Autodiscover>"
    )
    yield place, plain.encode(), {"Content-Type": "text/xml; charset=utf-8"}
    service = urljoin(place, "autodiscover.svc")
    wanted = "".join(
        f"<a:Setting>{each}</a:Setting>" for each in ("ExternalEwsUrl", "InternalEwsUrl")
    )
    action = f"{_SOAP}/Autodiscover/GetUserSettings"
    soap = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
        f' xmlns:a="{_SOAP}" xmlns:w="http://www.w3.org/2005/08/addressing"><s:Header>'
        "<a:RequestedServerVersion>Exchange2010</a:RequestedServerVersion>"
        f"<w:Action>{action}</w:Action><w:To>{escape(service)}</w:To></s:Header><s:Body>"
        "<a:GetUserSettingsRequestMessage><a:Request><a:Users><a:User>"
        f"<a:Mailbox>{escape(address)}</a:Mailbox></a:User></a:Users>"
        f"<a:RequestedSettings>{wanted}</a:RequestedSettings></a:Request>"
        "</a:GetUserSettingsRequestMessage></s:Body></s:Envelope>"
    )
    yield service, soap.encode(), {"SOAPAction": f'"{action}"'}


def read(body: bytes, host: str) -> Said:
    """What an answer says, of either kind.

    Raises:
        ProviderError: it is none.
    """
    root = parse(body, host)
    found = _Texts(root)
    if address := found.first("RedirectAddr"):
        return Said(address=address)
    if to := found.first("RedirectUrl"):
        return Said(to=to)
    if target := found.first("RedirectTarget"):
        return Said(address=target) if "@" in target else Said(to=target)
    urls: dict[str, None] = {}
    protocols = [each for each in root.iter() if _name(each) == "Protocol"]
    kinds = {kind: number for number, kind in enumerate(_PREFERRED)}
    for each in sorted(protocols, key=lambda each: kinds.get(_Texts(each).first("Type"), 9)):
        urls |= dict.fromkeys(_Texts(each).all("EwsUrl"))
    settings = {
        _Texts(each).first("Name"): _Texts(each).first("Value")
        for each in root.iter()
        if _name(each) == "UserSetting"
    }
    urls |= dict.fromkeys(settings.get(each, "") for each in ("ExternalEwsUrl", "InternalEwsUrl"))
    return Said(urls=tuple(url for url in urls if url.startswith(("https://", "http://"))))


class _Texts:
    """Texts of elements, whatever namespace they are in."""

    def __init__(self, root: Element) -> None:
        self._root = root

    def all(self, name: str) -> list[str]:
        """Every text of that name."""
        return [(each.text or "").strip() for each in self._root.iter() if _name(each) == name]

    def first(self, name: str) -> str:
        """The first text of that name; empty where there is none."""
        return next(filter(None, self.all(name)), "")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
