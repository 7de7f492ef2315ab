"""When somebody is busy, and nothing more: of a calendar's own, and of other people's."""

from collections.abc import Sequence
from hashlib import blake2b
from urllib.parse import unquote

import msgspec

from providers import davxml
from providers.base import Availability, ProviderError
from providers.davfind import XML, Account, Ask
from providers.icalendar import Reading, question, read, utc
from scheduling.checks import check_email
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Show, Span
from scheduling.intervals import merge
from scheduling.text import clean
from words import Phrase

TIMES = "free-busy"
"""The one resource that a calendar consists of whose events may not be seen."""
_REFUSED = (400, 403, 404, 405, 415, 422, 501)
_CALENDAR = {"content-type": "text/calendar; charset=utf-8"}


async def own_times(ask: Ask, path: str, calendar: str, horizon: Span) -> Reading | None:
    """The busy times of a calendar as events without titles; None where they may not be seen.

    Raises:
        ProviderError: unavailable, where the answer is cut off.
    """
    answer = await ask(
        "REPORT",
        path,
        headers={**XML, "depth": "1"},
        content=davxml.free_busy(utc(horizon[0]), utc(horizon[1])),
        accept=_REFUSED,
    )
    if answer.status >= 300:
        return None
    reading = read(answer.body, calendar=calendar, resource=TIMES, etag="", horizon=horizon)
    if not reading.complete:
        raise ProviderError(
            ErrorKind.UNAVAILABLE,
            Phrase("The server's answer is cut off, or is not that of a calendar server."),
        )
    return reading


def version(reading: Reading) -> str:
    """The same for the same busy times: a server makes up each answer anew."""
    return blake2b(msgspec.json.encode(reading.events), digest_size=16).hexdigest()


async def others(
    ask: Ask,
    account: Account,
    addresses: Sequence[str],
    span: Span,
    *,
    organizer: str,
    stamp: int,
) -> list[Availability]:
    """When each of these people is busy within `span`, in the order asked (RFC 6638, 5).

    Raises:
        ProviderError: unsupported, where the server is not one to ask about people.
    """
    if not account.outbox or not organizer:
        raise ProviderError(
            ErrorKind.UNSUPPORTED, Phrase("This server does not tell when other people are busy.")
        )
    told = {each.casefold(): why for each in addresses if (why := _wrong(each))}
    good = [each.strip() for each in addresses if each.casefold() not in told]
    found: dict[str, Availability] = {}
    if good:
        uid = blake2b(f"{stamp} {span} {good}".encode(), digest_size=16).hexdigest()
        content = question(good, span, organizer=organizer, uid=uid, stamp=stamp)
        answer = await ask("POST", account.outbox, headers=_CALENDAR, content=content)
        for said in davxml.schedule_response(answer.body):
            address = unquote(said.recipient.partition(":")[2]).casefold()
            found[address] = _availability(address, said, span)
    return [
        msgspec.structs.replace(found[key], address=each)
        if (key := each.strip().casefold()) in found
        else Availability(address=each, problem=told.get(each.casefold()) or _unknown(each, ""))
        for each in addresses
    ]


def _wrong(address: str) -> str:
    """What is wrong with an address; empty for one that can be asked about."""
    try:
        check_email(address)
    except KobleError as error:
        return str(error.message)
    return ""


def _availability(address: str, said: davxml.Said, span: Span) -> Availability:
    if not said.text:
        return Availability(address=address, problem=_unknown(address, said.status))
    reading = read(said.text.encode(), calendar="", resource=TIMES, etag="", horizon=span)
    if not reading.complete or reading.problems:
        return Availability(address=address, problem=_unknown(address, ""))
    low, high = span
    return Availability(
        address=address,
        busy=tuple(
            merge(
                (max(start, low), min(end, high))
                for event in reading.events
                if event.show is not Show.FREE
                for start, end in event.spans
            )
        ),
    )


def _unknown(address: str, status: str) -> str:
    why = clean(status.partition(";")[2] or status, limit=80)
    if why:
        return str(
            Phrase(
                "The server does not say when {address} is busy: {why}.",
                address=clean(address, limit=80),
                why=why.rstrip("."),
            )
        )
    return str(
        Phrase("The server does not say when {address} is busy.", address=clean(address, limit=80))
    )
