"""Finding the calendars on a CalDAV server, as RFC 6764 has it; by DNS, see `davsrv`."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from providers.base import ProviderError
from providers.davnames import plain_path
from providers.davxml import C, D, Found, Multistatus, propfind
from providers.http import Answer, elsewhere, joined, origin
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

XML = {"content-type": "application/xml; charset=utf-8"}
_WELL_KNOWN = "/.well-known/caldav"
_HOMES = f"{C}calendar-home-set"
_PRINCIPAL = f"{D}current-user-principal"
_OUTBOX = f"{C}schedule-outbox-URL"
_ADDRESSES = f"{C}calendar-user-address-set"
_ABSENT = (301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 501)
"""By these a server says that there is no calendar service at an address."""


class Ask(Protocol):
    """Sends one request to the server, with the sign-in."""

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        accept: Sequence[int] = (),
    ) -> Answer:
        """See `Http.request`."""
        ...


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a server tells of an account.

    Attributes:
        homes: paths under which calendars lie, each with the depth to look at there. Depth 0: the
            path itself is a calendar, because the address that was given names just that.
        outbox: the path at which it is asked when others are busy (RFC 6638); empty: nowhere.
        addresses: its owner's e-mail addresses, as the server knows them.
    """

    homes: tuple[tuple[str, str], ...] = ()
    outbox: str = ""
    addresses: tuple[str, ...] = ()


async def find_account(ask: Ask, url: str) -> Account:
    """The account whose calendars are at `url`.

    Raises:
        ProviderError: not found, naming every address that was tried and what it said.
    """
    given = plain_path(url) or "/"
    told: list[str] = []
    for path in (_WELL_KNOWN, "/") if given == "/" else (given, _WELL_KNOWN, "/"):
        answer = await _look(ask, path, accept=_ABSENT)
        found, why = await _account_of(ask, answer)
        if found:
            return found
        told.append(f"{path} ({why})")
    raise ProviderError(
        ErrorKind.NOT_FOUND,
        Phrase(
            "No calendars were found at {host}. It was asked for: {told}.",
            host=clean(urlsplit(url).hostname or ""),
            told=", ".join(told),
        ),
        Phrase("Write the full address that the server's own help names for CalDAV."),
        field="url",
    )


async def _look(ask: Ask, path: str, accept: Sequence[int] = ()) -> Answer:
    content = propfind(f"{D}resourcetype", _PRINCIPAL, _HOMES, _OUTBOX, _ADDRESSES)
    headers = {**XML, "depth": "0"}
    return await ask("PROPFIND", path, headers=headers, content=content, accept=accept)


async def _account_of(ask: Ask, answer: Answer) -> tuple[Account | None, str]:
    """The account, as one address has it; or what it said instead."""
    if answer.status >= 300:
        return None, str(answer.status)
    try:
        found = Multistatus(answer.body, answer.url).found
    except ProviderError:
        return None, str(Phrase("no calendar server"))
    for each in found:
        if is_calendar(each):
            return Account(homes=((each.path, "0"),)), ""
        if told := _told(answer.url, each):
            return told, ""
    for each in found:
        for path, _ in _here(answer.url, each.hrefs(_PRINCIPAL)):
            principal = await _look(ask, path)
            for one in Multistatus(principal.body, principal.url).found:
                if told := _told(principal.url, one):
                    return told, ""
    return None, str(Phrase("no calendars"))


def _told(base: str, found: Found) -> Account | None:
    """The account, as its principal tells of it; None where it has no calendars."""
    homes = _here(base, found.hrefs(_HOMES))
    if not homes:
        return None
    return Account(
        homes=homes,
        outbox=_outbox(base, found.hrefs(_OUTBOX)),
        addresses=tuple(
            unquote(href.partition(":")[2])
            for href in found.hrefs(_ADDRESSES)
            if href.lower().startswith("mailto:")
        ),
    )


def _outbox(base: str, hrefs: Sequence[str]) -> str:
    """The path of the first that is on this server: another would get this one's password."""
    for href in hrefs:
        with suppress(ProviderError):  # no address at all: then others cannot be asked for
            address = joined(base, href)
            if origin(address) == origin(base):
                return plain_path(address)
    return ""


def _here(base: str, hrefs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The paths of addresses on this server; another server is its owner's decision."""
    addresses = [joined(base, href) for href in hrefs]
    for each in addresses:
        if origin(each) != origin(base):
            raise elsewhere(base, each)
    return tuple((plain_path(each), "1") for each in addresses)


def is_calendar(found: Found) -> bool:
    """Whether it is a calendar that takes events."""
    takes = found.components()
    return f"{C}calendar" in found.names(f"{D}resourcetype") and (not takes or "VEVENT" in takes)
