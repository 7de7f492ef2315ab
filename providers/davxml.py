"""The XML of CalDAV: what is asked, and what an answer says. Nothing of lxml goes further."""

import re
from collections.abc import Iterable, Iterator

import msgspec
from lxml import etree

from providers.base import ProviderError
from providers.davnames import path_at
from scheduling.errors import ErrorKind
from words import Phrase

D = "{DAV:}"
C = "{urn:ietf:params:xml:ns:caldav}"
S = "{http://calendarserver.org/ns/}"
A = "{http://apple.com/ns/ical/}"
_SPACES = {"d": D[1:-1], "c": C[1:-1], "s": S[1:-1], "a": A[1:-1]}


class Found:
    """What a multistatus says of one resource.

    Attributes:
        path: its path on the server, written one way (see `path_at`).
        status: of the resource itself; 0 where it has properties.
    """

    def __init__(self, element: etree._Element, base: str) -> None:
        self.path = path_at(base, _text(element.find(f"{D}href")))
        self.status = _status(element)
        self._properties = {
            str(each.tag): each
            for propstat in element.iterfind(f"{D}propstat")
            if _status(propstat) == 200
            for each in propstat.iterfind(f"{D}prop/*")
        }

    def __contains__(self, name: str) -> bool:
        return name in self._properties

    def text(self, name: str) -> str:
        """The text of a property; empty where it has none."""
        return _text(self._properties.get(name))

    def names(self, name: str) -> set[str]:
        """The names of all elements inside a property."""
        found = self._properties.get(name)
        return set() if found is None else {str(each.tag) for each in found.iter()}

    def hrefs(self, name: str) -> list[str]:
        """The addresses inside a property."""
        found = self._properties.get(name)
        return [] if found is None else [_text(each) for each in found.iter(f"{D}href")]

    def components(self) -> set[str]:
        """The kinds of component that a calendar takes; empty where it does not say."""
        found = self._properties.get(f"{C}supported-calendar-component-set")
        return set() if found is None else {each.get("name", "") for each in found}


class Multistatus:
    """A 207 that was read whole: `found`, and the sync token where there is one.

    Raises:
        ProviderError: unavailable, where the text is cut off, is something else, or brings
            definitions of its own.
    """

    def __init__(self, body: bytes, base: str) -> None:
        root = _parse(body)
        if root is None or root.tag != f"{D}multistatus":
            raise _nonsense()
        self.found = [Found(each, base) for each in root.iterfind(f"{D}response")]
        self.token = _text(root.find(f"{D}sync-token"))


def propfind(*names: str) -> bytes:
    """Ask for properties."""
    root = etree.Element(f"{D}propfind", None, _SPACES)
    _prop(root, names)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def sync_collection(token: str) -> bytes:
    """Ask what changed since `token`; empty: for everything (RFC 6578)."""
    root = etree.Element(f"{D}sync-collection", None, _SPACES)
    etree.SubElement(root, f"{D}sync-token").text = token
    etree.SubElement(root, f"{D}sync-level").text = "1"
    _prop(root, [f"{D}getetag"])
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def multiget(paths: Iterable[str]) -> bytes:
    """Ask for the texts of resources."""
    root = etree.Element(f"{C}calendar-multiget", None, _SPACES)
    _prop(root, [f"{D}getetag", f"{C}calendar-data"])
    for path in paths:
        etree.SubElement(root, f"{D}href").text = path
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def query(uid: str) -> bytes:
    """Ask for the events whose uid contains `uid`."""
    root = etree.Element(f"{C}calendar-query", None, _SPACES)
    _prop(root, [f"{D}getetag", f"{C}calendar-data"])
    inside = etree.SubElement(root, f"{C}filter")
    inside = etree.SubElement(inside, f"{C}comp-filter", {"name": "VCALENDAR"})
    inside = etree.SubElement(inside, f"{C}comp-filter", {"name": "VEVENT"})
    inside = etree.SubElement(inside, f"{C}prop-filter", {"name": "UID"})
    match = etree.SubElement(inside, f"{C}text-match", {"collation": "i;octet"})
    match.text = uid
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def free_busy(start: str, end: str) -> bytes:
    """Ask when somebody is busy between two moments, written as iCalendar does (RFC 4791, 7.10)."""
    root = etree.Element(f"{C}free-busy-query", None, _SPACES)
    etree.SubElement(root, f"{C}time-range", {"start": start, "end": end})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


class Said(msgspec.Struct, frozen=True):
    """What a server tells of one person: their address, how it went, and an iCalendar text."""

    recipient: str
    status: str
    text: str


def schedule_response(body: bytes) -> list[Said]:
    """What was answered to a question about people (RFC 6638, 10.1).

    Raises:
        ProviderError: unavailable, where it is no such answer.
    """
    root = _parse(body)
    if root is None or root.tag != f"{C}schedule-response":
        raise _nonsense()
    return [
        Said(
            _text(each.find(f"{C}recipient/{D}href")),
            _text(each.find(f"{C}request-status")),
            _text(each.find(f"{C}calendar-data")),
        )
        for each in root.iterfind(f"{C}response")
    ]


def _prop(root: etree._Element, names: Iterable[str]) -> None:
    prop = etree.SubElement(root, f"{D}prop")
    for name in names:
        etree.SubElement(prop, name)


def _nonsense() -> ProviderError:
    return ProviderError(
        ErrorKind.UNAVAILABLE,
        Phrase("The server's answer is cut off, or is not that of a calendar server."),
    )


def _parse(body: bytes) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    # A calendar server has no use for definitions of its own; an attack has.
    return None if root.getroottree().docinfo.doctype else root


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(_texts(element)).strip()


def _texts(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for each in element:
        yield each.tail or ""


def _status(element: etree._Element) -> int:
    """The number in `HTTP/1.1 200 OK`; 0 where there is none."""
    found = re.match(r"\S+\s+(\d{3})\b", _text(element.find(f"{D}status")), re.ASCII)
    return int(found[1]) if found else 0
