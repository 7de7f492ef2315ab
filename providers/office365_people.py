"""Other people: when they are busy, and e-mail to them."""

from collections.abc import Sequence

import msgspec

from providers.base import Availability, Mail
from providers.decoding import decoded
from providers.office365_events import Item, Moment, Unreadable, span
from providers.office365_graph import Graph, Page, decode
from providers.office365_writing import moment
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

PEOPLE = 20
"""So many people may be asked about at a time,"""
LONGEST = 61 * 86_400
"""and for so many seconds: Graph wants less than 62 days."""
STEP = 15
"""Minutes that one digit of an availability view stands for."""
_FREE = ("free", "workingElsewhere")


class _Time(msgspec.Struct, frozen=True):
    status: str | None = None
    start: Moment | None = None
    end: Moment | None = None


class _Error(msgspec.Struct, frozen=True, rename="camel"):
    message: str | None = None
    response_code: str | None = None


class _Schedule(msgspec.Struct, frozen=True, rename="camel"):
    schedule_id: str = ""
    error: _Error | None = None
    schedule_items: list[_Time] | None = None
    availability_view: str | None = None


async def busy(graph: Graph, addresses: Sequence[str], wanted: Span) -> list[Availability]:
    """When each of `addresses` is busy within `wanted`, in the order asked."""
    found: dict[str, list[Span]] = {each: [] for each in addresses}
    problems: dict[str, str] = {}
    names = list(found)
    for first in range(0, len(names), PEOPLE):
        asked = names[first : first + PEOPLE]
        for start in range(*wanted, LONGEST):
            end = min(start + LONGEST, wanted[1])
            for name, each in zip(asked, await _ask(graph, asked, start, end), strict=True):
                if each is None or each.error:
                    problems[name] = _problem(each.error if each else None)
                else:
                    found[name] += _spans(each, start, end)
    return [
        Availability(
            address=each,
            busy=() if each in problems else _merged(found[each], wanted),
            problem=problems.get(each, ""),
        )
        for each in addresses
    ]


async def _ask(graph: Graph, names: Sequence[str], start: int, end: int) -> list[_Schedule | None]:
    """What Graph says of each, found again by its address or, failing that, by its place."""
    document = {
        "Schedules": names,
        "StartTime": moment(start),
        "EndTime": moment(end),
        "AvailabilityViewInterval": STEP,
    }
    url = graph.url("me", "calendar", "getSchedule")
    answer = await graph.ask("POST", url, document, safe=True)
    told = [decoded(raw, _Schedule) for raw in decode(answer, Page).value]
    by_name = {each.schedule_id.casefold(): each for each in told if each}
    return [by_name.get(name.casefold()) for name in names]


def _spans(schedule: _Schedule, start: int, end: int) -> list[Span]:
    """The times that are told; where only a row of digits is told, those of the digits."""
    spans = []
    for each in schedule.schedule_items or ():
        if each.status not in _FREE:
            try:
                spans.append(span(Item(id="", start=each.start, end=each.end)))
            except Unreadable:
                return [(start, end)]  # somebody is busy then, and nobody knows how long
    if not schedule.schedule_items:
        spans = [
            (start + at * STEP * 60, start + (at + 1) * STEP * 60)
            for at, digit in enumerate(schedule.availability_view or "")
            if digit in "123"
        ]
    return spans


def _merged(spans: Sequence[Span], wanted: Span) -> tuple[Span, ...]:
    """In order, within `wanted`, and one where they touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        start, end = max(start, wanted[0]), min(end, wanted[1])
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _problem(error: _Error | None) -> str:
    code = (error and error.response_code) or ""
    if code in ("ErrorMailRecipientNotFound", "ErrorNonExistentMailbox"):
        return str(Phrase("Microsoft does not know this address."))
    if code in ("ErrorNoFreeBusyAccess", "ErrorAccessDenied"):
        return str(Phrase("This calendar is not shared with you."))
    said = clean((error and error.message) or code, limit=200)
    if said:
        return str(Phrase("Microsoft does not say: {reason}", reason=said))
    return str(Phrase("Microsoft does not say."))


async def send(graph: Graph, mail: Mail) -> None:
    """Send a plain e-mail from the account's own address."""
    message = {
        "subject": clean(mail.subject),
        "body": {"contentType": "text", "content": mail.text},
        "toRecipients": [{"emailAddress": {"address": each}} for each in mail.to],
    }
    document = {"Message": message, "SaveToSentItems": True}
    await graph.ask("POST", graph.url("me", "sendMail"), document, safe=False)
