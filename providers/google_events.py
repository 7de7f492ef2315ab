"""What Google says of an event, made an event of koble's."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

import msgspec

from providers.base import Problem
from providers.events import GUESTS, meeting_link, within
from providers.google_names import own_id
from providers.icalendar import read
from providers.icalendar.lines import DAY, Unreadable
from providers.markup import plain
from scheduling.errors import KobleError
from scheduling.events import Attendee, Event, EventKind, Response, Show, Span
from scheduling.text import clean
from scheduling.zones import EPOCH, Zone, zone
from words import Phrase

FIELDS = (
    "id,status,etag,summary,description,location,start,end,recurrence,recurringEventId,"
    "originalStartTime,transparency,visibility,eventType,iCalUID,hangoutLink,"
    "conferenceData(entryPoints(entryPointType,uri)),organizer(email,self),"
    "attendees(email,displayName,responseStatus,self,organizer),extendedProperties(private)"
)
"""What is asked for of each event: half of what there is."""
_LINES = re.compile(r"(?:RRULE|EXRULE|RDATE|EXDATE)[;:][^\r\n]*", re.IGNORECASE)
_RESPONSES = {
    "accepted": Response.ACCEPTED,
    "tentative": Response.TENTATIVE,
    "declined": Response.DECLINED,
}
_KINDS = {
    "outOfOffice": EventKind.AWAY,
    "focusTime": EventKind.FOCUS,
    "workingLocation": EventKind.LOCATION,
    "birthday": EventKind.BIRTHDAY,
}


class Time(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A day, or an instant and the zone in which it is meant."""

    date: str = ""
    date_time: str = ""
    time_zone: str = ""


class Person(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """An organizer or a guest. `self`: it is the owner of the calendar."""

    email: str = ""
    display_name: str = ""
    response_status: str = ""
    organizer: bool = False
    is_self: bool = msgspec.field(default=False, name="self")


class Entry(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One way into a video meeting."""

    entry_point_type: str = ""
    uri: str = ""


class _Status(msgspec.Struct, frozen=True, rename="camel", gc=False):
    status_code: str = ""


class _Request(msgspec.Struct, frozen=True, rename="camel", gc=False):
    status: _Status = _Status()


class Conference(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A video meeting, or one that Google is still making."""

    entry_points: tuple[Entry, ...] = ()
    create_request: _Request = _Request()

    @property
    def pending(self) -> bool:
        """Whether its address may come yet."""
        return self.create_request.status.status_code == "pending"


class Extended(msgspec.Struct, frozen=True, gc=False):
    """Properties that programs have left at an event."""

    private: dict[str, str] = {}


class Item(msgspec.Struct, frozen=True, rename="camel", kw_only=True, gc=False):
    """One event, series, or exception of one, as Google has it. Of a deleted one only the id."""

    id: str
    status: str = ""
    etag: str = ""
    summary: str = ""
    description: str = ""
    location: str = ""
    start: Time | None = None
    end: Time | None = None
    recurrence: tuple[str, ...] = ()
    recurring_event_id: str = ""
    original_start_time: Time | None = None
    transparency: str = ""
    visibility: str = ""
    event_type: str = ""
    uid: str = msgspec.field(default="", name="iCalUID")
    hangout_link: str = ""
    conference_data: Conference = Conference()
    organizer: Person = Person()
    attendees: tuple[Person, ...] = ()
    extended_properties: Extended = Extended()

    @property
    def gone(self) -> bool:
        """Whether it was deleted, or an occurrence called off."""
        return self.status == "cancelled"


class When(msgspec.Struct, frozen=True, gc=False):
    """When an event is: UTC seconds, or wall time of whole days."""

    span: Span
    all_day: bool = False
    zone: str = ""
    doubt: str = ""


def when(item: Item, default: str) -> When:
    """The time of an event; `default` is the zone of its calendar.

    Raises:
        Unreadable: it has no start, or one that does not exist.
    """
    if item.start is None or not (item.start.date or item.start.date_time):
        raise Unreadable(Phrase("it has no start"))
    start, ends = item.start, item.end or Time()
    if start.date:
        first = _day(start.date)
        last = _day(ends.date) if ends.date else first + DAY
        return When((first, max(last, first + DAY)), all_day=True)
    name = start.time_zone or default
    begin, doubt = _instant(start.date_time, name)
    end, _ = _instant(ends.date_time, ends.time_zone or name) if ends.date_time else (begin, "")
    if end < begin:
        begin, end = end, begin
        doubt = doubt or str(Phrase("It ends before it starts."))
    return When((begin, end), zone=_known(name), doubt=doubt)


def _day(text: str) -> int:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1 < found.year < 9999:
        raise Unreadable(Phrase("there is no day {value}", value=clean(text, limit=40)))
    return (found - EPOCH).days * DAY


def _instant(text: str, name: str) -> tuple[int, str]:
    """An instant, and why it is a guess where it is one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - refused below
    # Neither the first year nor the last: no zone reaches over the calendar's ends.
    if not 1 < moment.year < 9999:
        raise Unreadable(Phrase("there is no time {value}", value=clean(text, limit=40)))
    if moment.tzinfo is not None:
        return int(moment.timestamp()), ""
    wall = int(moment.replace(tzinfo=UTC).timestamp())
    found = _zone(name)
    if found is None:
        return wall, str(Phrase("Its time zone {zone} is not known.", zone=clean(name, limit=60)))
    return found.instant(wall), ""


@lru_cache(maxsize=256)
def _zone(name: str) -> Zone | None:
    try:
        return zone(name)
    except KobleError:
        return None


def _known(name: str) -> str:
    found = _zone(name)
    return found.name if found else ""


def event_of(
    item: Item, *, calendar: str, resource: str, when: When, spans: tuple[Span, ...]
) -> Event:
    """The event that `item` tells of, at `spans`."""
    own = item.extended_properties.private.get("koble_uid", "")
    return Event(
        id=resource,
        calendar=calendar,
        resource=resource,
        etag=item.etag,
        # A copy that somebody made of our event carries its mark, but not its name.
        uid=clean(own if own and own_id(own) == item.id else item.uid),
        spans=spans,
        all_day=when.all_day,
        zone=when.zone,
        recurring=bool(item.recurrence or item.recurring_event_id),
        uncertain=when.doubt,
        title=clean(item.summary),
        show=_show(item),
        response=_response(item),
        kind=_KINDS.get(item.event_type, EventKind.DEFAULT),
        private=item.visibility in ("private", "confidential"),
        location=_often(item.location),
        description=plain(item.description),
        organizer=_often(item.organizer.email),
        attendees=tuple(
            _guest(each.email, each.display_name, each.response_status)
            for each in item.attendees[:GUESTS]
        ),
        link=link(item),
    )


_often = lru_cache(maxsize=1024)(clean)
"""Cleans what many events have the same: their place, and who called them."""


@lru_cache(maxsize=4096)
def _guest(email: str, name: str, answer: str) -> Attendee:
    """One guest; the same people come to many meetings."""
    return Attendee(
        email=clean(email, limit=254),
        name=clean(name),
        response=_RESPONSES.get(answer, Response.UNANSWERED),
    )


def _show(item: Item) -> Show:
    if item.transparency == "transparent":
        return Show.FREE
    if item.event_type == "outOfOffice":
        return Show.AWAY
    return Show.TENTATIVE if item.status == "tentative" else Show.BUSY


def _response(item: Item) -> Response:
    for each in item.attendees:
        if each.is_self:
            answer = _RESPONSES.get(each.response_status, Response.UNANSWERED)
            mine = item.organizer.is_self and answer is Response.UNANSWERED
            return Response.OWN if mine else answer
    return Response.OWN


def link(item: Item) -> str:
    """The address of the video meeting, where there is one."""
    entries = item.conference_data.entry_points
    if not (item.hangout_link or entries):
        return ""
    videos = (each.uri for each in entries if each.entry_point_type == "video")
    return meeting_link((item.hangout_link, *videos))


# Series


def series(
    master: Item, excluded: Iterable[str], *, calendar: str, zone_name: str, horizon: Span
) -> tuple[Event | None, tuple[Problem, ...]]:
    """What repeats unchanged in a series, without the occurrences that start at `excluded`.

    None where nothing of it lies in the horizon; with a problem, where it cannot be read.

    Raises:
        Unreadable: it has no start, or one that does not exist.
    """
    first = when(master, zone_name)
    lines = [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "SUMMARY:" + re.sub(r"([\\,;])", r"\\\1", clean(master.summary, limit=60)),
        *_bounds(first),
        *(line for line in master.recurrence[:2_000] if _LINES.fullmatch(line)),
        *excluded,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    reading = read(
        "\r\n".join(lines).encode("utf-8", "replace"),
        calendar=calendar,
        resource=master.id,
        etag=master.etag,
        horizon=horizon,
    )
    if not reading.events:
        return None, reading.problems
    (found,) = reading.events
    doubt = first.doubt or found.uncertain
    if not first.zone and not first.all_day:
        doubt = doubt or str(Phrase("It repeats by the clocks of a time zone that is not known."))
    first = msgspec.structs.replace(first, doubt=doubt)
    made = event_of(master, calendar=calendar, resource=master.id, when=first, spans=found.spans)
    return made, reading.problems


def _bounds(first: When) -> list[str]:
    """A series repeats by the clocks of its own zone, whatever zone the answer is written in."""
    start, end = first.span
    if first.all_day:
        return [f"DTSTART;VALUE=DATE:{_stamp(start)[:8]}", f"DTEND;VALUE=DATE:{_stamp(end)[:8]}"]
    found = _zone(first.zone) if first.zone else None
    if found is None:
        return [f"DTSTART:{_stamp(start)}Z", f"DTEND:{_stamp(end)}Z"]
    return [
        f"DTSTART;TZID={found.name}:{_stamp(found.wall(start))}",
        f"DTEND;TZID={found.name}:{_stamp(found.wall(end))}",
    ]


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")


def original(item: Item, zone_name: str) -> tuple[int, str]:
    """When the occurrence was that `item` stands for, and the line by which a series leaves it out.

    Raises:
        Unreadable: it does not say for which.
    """
    time = when(msgspec.structs.replace(item, start=item.original_start_time, end=None), zone_name)
    if time.all_day:
        return time.span[0], f"EXDATE;VALUE=DATE:{_stamp(time.span[0])[:8]}"
    return time.span[0], f"EXDATE:{_stamp(time.span[0])}Z"


def grouped(main: Event | None, apart: Iterable[tuple[str, Event]]) -> tuple[Event, ...]:
    """A series as its parts that look alike.

    Args:
        main: what repeats unchanged.
        apart: occurrences, each with its own name; one that looks like `main` is put to it.
    """
    groups: dict[Event, list[tuple[str, Event]]] = {}
    for name, each in apart:
        groups.setdefault(_look(each), []).append((name, each))
    found = []
    if main is not None:
        like = [each for _, each in groups.pop(_look(main), [])]
        if spans := _spans([main, *like]):
            found.append(msgspec.structs.replace(main, spans=spans))
    for alike in groups.values():
        name, first = min(alike, key=lambda each: each[0])
        spans = _spans(each for _, each in alike)
        found.append(msgspec.structs.replace(first, id=name, spans=spans))
    return tuple(found)


def _look(each: Event) -> Event:
    return msgspec.structs.replace(each, id="", etag="", spans=())


def _spans(events: Iterable[Event]) -> tuple[Span, ...]:
    return tuple(sorted({span for each in events for span in each.spans}))


def single(
    item: Item, *, calendar: str, resource: str, zone_name: str, horizon: Span
) -> Event | None:
    """One event, or one occurrence of the series `resource`; None: outside the horizon.

    Raises:
        Unreadable: it has no start, or one that does not exist.
    """
    found = when(item, zone_name)
    if not (spans := within([found.span], horizon, wall=found.all_day)):
        return None
    return event_of(item, calendar=calendar, resource=resource, when=found, spans=spans)
