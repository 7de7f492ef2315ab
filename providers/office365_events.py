"""What Graph says of an event, and the events that koble makes of it."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any

import msgspec

from providers.events import GUESTS, meeting_link, within
from providers.icalendar.zones import known
from providers.markup import page
from scheduling.events import Attendee, Event, Response, Show, Span
from scheduling.text import clean, clean_lines
from words import Phrase

DAY = 86_400
OURS = "koble:"
"""What the transaction id of an event begins with that koble made; our own uid follows."""
SINGLE, OCCURRENCE, EXCEPTION, MASTER = "singleInstance", "occurrence", "exception", "seriesMaster"
_RULE = re.compile(r"^[ \t]*_{20,}[ \t]*$", re.MULTILINE)
"""The line above what Teams says of a meeting, in the text of its event."""
_SHOW = {
    "free": Show.FREE,
    "tentative": Show.TENTATIVE,
    "oof": Show.AWAY,
    "workingElsewhere": Show.ELSEWHERE,
}
_RESPONSES = {
    "organizer": Response.OWN,
    "accepted": Response.ACCEPTED,
    "tentativelyAccepted": Response.TENTATIVE,
    "declined": Response.DECLINED,
    "notResponded": Response.UNANSWERED,
}


class Unreadable(ValueError):
    """An event without a time that makes sense: why, and its title."""

    def __init__(self, why: Phrase, title: str | None = None) -> None:
        super().__init__(str(why))
        self.why, self.title = why, title or ""


class Moment(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A time as Graph writes it: no offset, and the name of a zone beside it."""

    date_time: str = ""
    time_zone: str | None = None


class Email(msgspec.Struct, frozen=True, gc=False):
    """Somebody's address."""

    address: str | None = None
    name: str | None = None


class Answered(msgspec.Struct, frozen=True, gc=False):
    """What somebody answered to an invitation."""

    response: str | None = None


class Guest(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Who is invited, or invites."""

    email_address: Email | None = None
    type: str | None = None
    status: Answered | None = None


class Body(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A text, or a whole page of HTML."""

    content: str | None = None
    content_type: str | None = None


class Place(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Where it is."""

    display_name: str | None = None


class Online(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A video meeting."""

    join_url: str | None = None


class Property(msgspec.Struct, frozen=True, gc=False):
    """Something that an app noted with an event."""

    id: str = ""
    value: str | None = None


class Head(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """What has to be known of an item before anything else."""

    id: str
    type: str | None = None
    series_master_id: str | None = None
    removed: Mapping[str, Any] | None = msgspec.field(name="@removed", default=None)


class Item(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """An event as Graph tells it. Of an occurrence it tells the first five alone."""

    id: str
    type: str | None = None
    series_master_id: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    etag: str = msgspec.field(name="@odata.etag", default="")
    i_cal_uid: str | None = msgspec.field(name="iCalUId", default=None)
    transaction_id: str | None = None
    subject: str | None = None
    body: Body | None = None
    is_all_day: bool | None = None
    is_cancelled: bool | None = None
    is_organizer: bool | None = None
    is_online_meeting: bool | None = None
    response_status: Answered | None = None
    show_as: str | None = None
    sensitivity: str | None = None
    location: Place | None = None
    organizer: Guest | None = None
    attendees: list[Guest] | None = None
    online_meeting: Online | None = None
    online_meeting_url: str | None = None
    original_start_time_zone: str | None = None
    single_value_extended_properties: list[Property] | None = None


def span(item: Item) -> Span:
    """When it is: UTC seconds, or the wall time of an all-day event.

    Raises:
        Unreadable: where it does not say.
    """
    if item.start is None or item.end is None:
        raise Unreadable(Phrase("it has no time"), item.subject)
    start, end = _seconds(item.start, item), _seconds(item.end, item)
    if item.is_all_day and (start % DAY or end % DAY):
        # Midnight where it was made, told in UTC.
        home = known((item.original_start_time_zone or "")[:200])
        if home is not None:
            start, end = home.wall(start), home.wall(end)
        start, end = round(start / DAY) * DAY, round(end / DAY) * DAY
    if end < start:
        raise Unreadable(Phrase("it ends before it starts"), item.subject)
    return start, end


def _seconds(moment: Moment, item: Item) -> int:
    """UTC seconds. Asked for UTC, Graph tells UTC; a zone of another name is heeded if known."""
    try:
        wall = datetime.fromisoformat(moment.date_time)
        if wall.tzinfo is not None:
            return int(wall.timestamp())
        seconds = int(wall.replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError) as error:
        raise Unreadable(Phrase("its time makes no sense"), item.subject) from error
    zone = known((moment.time_zone or "UTC")[:200])
    return zone.utc(seconds) if zone else seconds


class Maker:
    """Makes events of items.

    Args:
        calendar: its native name.
        horizon: occurrences outside it are left out.
        busy_only: leave out all that tells more than that somebody is busy.
    """

    def __init__(self, calendar: str, horizon: Span, *, busy_only: bool) -> None:
        self.horizon = horizon
        self._calendar = calendar
        self._busy_only = busy_only

    def single(self, item: Item) -> tuple[Event, ...]:
        """The event of a single item; none outside the horizon.

        Raises:
            Unreadable: it does not say when it is.
        """
        event = self._event(item, item.id, item, [span(item)])
        return (event,) if event else ()

    def series(
        self, master: Item, occurrences: Iterable[Item], exceptions: Iterable[Item]
    ) -> tuple[Event, ...]:
        """The events of a series: one for what repeats unchanged, one for each exception.

        When `master` is says nothing: that is its first occurrence, however long ago.

        Raises:
            Unreadable: one of them does not say when it is.
        """
        alike = [
            span(msgspec.structs.replace(each, is_all_day=master.is_all_day))
            for each in occurrences
        ]
        events = [self._event(master, master.id, master, alike)]
        for each in exceptions:
            mark = blake2s(each.id.encode(), digest_size=6).hexdigest()
            events.append(self._event(each, f"{master.id}#{mark}", master, [span(each)]))
        return tuple(filter(None, events))

    def _event(self, item: Item, name: str, resource: Item, spans: Iterable[Span]) -> Event | None:
        all_day = bool(item.is_all_day)
        inside = within(spans, self.horizon, wall=all_day)
        if not inside:
            return None
        home = known((item.original_start_time_zone or "")[:200])
        event = Event(
            id=name,
            calendar=self._calendar,
            resource=resource.id,
            etag=resource.etag,
            uid=uid(resource),
            spans=inside,
            all_day=all_day,
            zone="" if all_day else (home.name if home else "") or "UTC",
            recurring=resource.type == MASTER,
            show=_SHOW.get(item.show_as or "", Show.BUSY),
            response=_response(item),
            cancelled=bool(item.is_cancelled),
            private=item.sensitivity in ("private", "confidential"),
        )
        if self._busy_only:
            return event
        return msgspec.structs.replace(
            event,
            title=clean(item.subject or ""),
            location=clean((item.location and item.location.display_name) or ""),
            description=own_text(item),
            organizer=_address(item.organizer),
            attendees=tuple(map(_attendee, (item.attendees or ())[:GUESTS])),
            link=link(item),
        )


def uid(item: Item) -> str:
    """Our own uid of what koble made, else that of the vendor."""
    own = item.transaction_id or ""
    return clean(own.removeprefix(OURS) if own.startswith(OURS) else item.i_cal_uid or "")


def own_text(item: Item) -> str:
    """The text of an event, without what Teams says of the meeting below it."""
    content = (item.body and item.body.content) or ""
    is_page = item.body is not None and (item.body.content_type or "").lower() == "html"
    text = page(content) if is_page else clean_lines(content)
    if item.is_online_meeting and (rule := _RULE.search(text)):
        text = text[: rule.start()].rstrip()
    return text


def link(item: Item) -> str:
    """The address of the video meeting; empty where there is none."""
    online = item.online_meeting.join_url if item.online_meeting else None
    return meeting_link((online, item.online_meeting_url))


def _response(item: Item) -> Response:
    said = (item.response_status and item.response_status.response) or "none"
    return Response.OWN if item.is_organizer else _RESPONSES.get(said, Response.OWN)


def _address(guest: Guest | None) -> str:
    found = guest.email_address.address if guest and guest.email_address else None
    return clean(found, limit=254) if found and "@" in found else ""


def _attendee(guest: Guest) -> Attendee:
    said = (guest.status and guest.status.response) or ""
    response = _RESPONSES.get(said, Response.UNANSWERED)
    return Attendee(
        email=_address(guest),
        name=clean((guest.email_address and guest.email_address.name) or ""),
        # Whoever invites has said yes by that.
        response=Response.ACCEPTED if response is Response.OWN else response,
    )
