"""When people are busy, as Google tells it to those who may know nothing more."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec

from providers.base import Availability, ChangePage, ProviderError, Upsert
from providers.decoding import decoded
from providers.google_api import Api, nonsense, part, read
from scheduling.errors import ErrorKind
from scheduling.events import Event, Span
from scheduling.instants import utc_text
from scheduling.text import clean
from words import Phrase

TOGETHER = 50
"""Calendars that are asked for at a time: as many as Google looks up."""
LONGEST = 60 * 86_400
"""Seconds that are asked for at a time."""
_WHY = {
    "notFound": Phrase("Google knows no calendar of this address that you may look into."),
    "groupTooBig": Phrase("The group has too many members to look up."),
    "tooManyCalendarsRequested": Phrase("Too many calendars were asked for at once."),
}
_NOT_KNOWN = Phrase("Google could not say when this person is busy.")


class _Period(msgspec.Struct):
    start: str
    end: str


class _Reason(msgspec.Struct):
    reason: str = ""


class _Busy(msgspec.Struct):
    busy: list[_Period] = []
    errors: list[_Reason] = []


class _Answer(msgspec.Struct):
    kind: str = ""
    calendars: dict[str, _Busy] = {}


async def lookup(api: Api, addresses: Sequence[str], span: Span) -> list[Availability]:
    """When each of `addresses` is busy within `span`, in the order asked.

    Google says in one good answer whose calendar it does not know: they have a `problem`.
    """
    unique = list(dict.fromkeys(addresses))
    found: dict[str, Availability] = {}
    for start in range(span[0], span[1], LONGEST):
        piece = start, min(start + LONGEST, span[1])
        for some in (unique[at : at + TOGETHER] for at in range(0, len(unique), TOGETHER)):
            for address, each in zip(some, await _asked(api, some, piece), strict=True):
                before = found.get(address, Availability(address=address))
                found[address] = Availability(
                    address=address,
                    busy=_joined((*before.busy, *each.busy)),
                    problem=before.problem or each.problem,
                )
    return [found.get(each, Availability(address=each)) for each in addresses]


async def _asked(api: Api, addresses: Sequence[str], span: Span) -> list[Availability]:
    body = {
        "timeMin": utc_text(span[0]),
        "timeMax": utc_text(span[1]),
        "calendarExpansionMax": TOGETHER,
        "items": [{"id": each} for each in addresses],
    }
    answer = read(await api.ask("POST", "/freeBusy", (), body, safe=True), _Answer)
    if answer.kind != "calendar#freeBusy":
        raise nonsense()
    by_name = {name.casefold(): each for name, each in answer.calendars.items()}
    return [_availability(each, by_name.get(each.casefold()), span) for each in addresses]


def _availability(address: str, said: _Busy | None, span: Span) -> Availability:
    if said is None or said.errors:
        why = _WHY.get(said.errors[0].reason, _NOT_KNOWN) if said else _NOT_KNOWN
        return Availability(address=address, problem=str(why))
    busy = []
    for each in said.busy:
        start, end = max(_seconds(each.start), span[0]), min(_seconds(each.end), span[1])
        if start < end:
            busy.append((start, end))
    return Availability(address=address, busy=_joined(busy))


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as can be."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)


def _seconds(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError) as error:
        raise nonsense() from error


class _Cursor(msgspec.Struct, frozen=True, array_like=True, tag="b1"):
    horizon: Span
    marks: dict[str, str]


async def changes(api: Api, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
    """A calendar of which only the busy times may be known, as `CalendarProvider.changes` has it.

    Each stretch of time is a resource: one event without a title, at every busy time in it.
    """
    part(calendar)
    before = decoded(cursor, _Cursor)
    known = before.marks if before and before.horizon == horizon else {}
    marks: dict[str, str] = {}
    page = ChangePage()
    first = horizon[0] - horizon[0] % LONGEST  # so that a stretch keeps its name
    for start in range(first, horizon[1], LONGEST):
        if start > first:
            yield page
        span = max(start, horizon[0]), min(start + LONGEST, horizon[1])
        (told,) = await _asked(api, [calendar], span)
        if told.problem:
            raise ProviderError(
                ErrorKind.NOT_FOUND,
                Phrase("Google does not say when “{name}” is busy.", name=clean(calendar)),
            )
        name = f"busy-{start // LONGEST}"
        marks[name] = blake2b(repr(told.busy).encode(), digest_size=8).hexdigest()
        page = ChangePage(listed=(name,))
        if marks[name] != known.get(name):
            events = (_event(calendar, name, marks[name], told.busy),) if told.busy else ()
            page = ChangePage(listed=(name,), changes=(Upsert(name, marks[name], events),))
    text = msgspec.json.encode(_Cursor(horizon, marks)).decode()
    yield msgspec.structs.replace(page, cursor=text, complete=True)


def _event(calendar: str, name: str, etag: str, busy: tuple[Span, ...]) -> Event:
    return Event(
        id=name, calendar=calendar, resource=name, etag=etag, spans=busy, zone="UTC", private=True
    )
