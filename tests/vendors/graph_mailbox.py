"""What lies in a mailbox of Office 365: calendars, events, series, and the order of changes."""

import html
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

Json = dict[str, Any]
BLOB = (
    '<div style="width:100%;height:20px"><span style="white-space:nowrap">{rule}</span></div>'
    '<div class="me-email-text">Microsoft Teams meeting<br>'
    '<a href="{url}">Join the meeting now</a></div>'
)
RULE = "_" * 80
# Of the IANA names, Graph documents a few; these are among them.
TAKEN = {"UTC", "Etc/GMT", "Europe/Berlin", "Europe/Paris", "Europe/London", "Europe/Warsaw"}


class Refusal(Exception):
    """A status, the vendor's code for it, and what it says."""

    def __init__(self, status: int, code: str, message: str = "No.") -> None:
        super().__init__(message)
        self.status, self.code = status, code


def instant(moment: Json | None) -> datetime | None:
    """The instant of a dateTimeTimeZone; None where it is none."""
    if not moment:
        return None
    try:
        wall = datetime.fromisoformat(moment["dateTime"])
    except (KeyError, ValueError):
        return None
    name = moment.get("timeZone") or "UTC"
    return wall.replace(tzinfo=ZoneInfo(WINDOWS_TO_OLSON.get(name, name))).astimezone(UTC)


def utc(when: datetime) -> Json:
    """A dateTimeTimeZone as Graph writes it."""
    return {"dateTime": f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def plain(page: str) -> str:
    """The text of a page of HTML, roughly as Exchange makes it."""
    page = re.sub(r"\s*\n\s*", "", page)
    page = re.sub(r"(?i)<br>|</div>", "\r\n", page)
    return html.unescape(re.sub(r"<[^>]*>", "", page)).rstrip() + "\r\n"


class Event:
    """A single event or a series: its fields as Graph tells them, and its occurrences.

    Attributes:
        fields: without times of occurrences; `page` holds the text as HTML.
        occurrences: of a series, what differs in each by its id, times included.
        changed: the number of the change that it was last part of.
        left: the calendars that it was in before, by the number of the change.
    """

    def __init__(self, calendar: str, fields: Json) -> None:
        self.calendar = calendar
        self.fields = fields
        self.page = ""
        self.occurrences: dict[str, Json] = {}
        self.changed = 0
        self.version = 0
        self.deleted = False
        self.left: dict[str, int] = {}

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    @property
    def etag(self) -> str:
        return f'W/"{self.id[-6:]}-{self.version}"'


class Mailbox:
    """Calendars and events. Every change has a number."""

    def __init__(self, address: str, name: str) -> None:
        self.address, self.name = address, name
        self.calendars: dict[str, Json] = {}
        self.events: dict[str, Event] = {}
        self.transactions: dict[str, str] = {}
        self.dropped: list[tuple[int, str, str]] = []
        """Occurrences that were deleted: the number of the change, calendar, id."""
        self.now = 0
        self._ids = count(1)

    def calendar(self, name: str, **fields: Any) -> str:
        """A new calendar; its id."""
        native = self._id("Cal")
        first = not self.calendars
        self.calendars[native] = {
            "id": native,
            "name": name,
            "color": "auto",
            "hexColor": "",
            "canEdit": True,
            "isDefaultCalendar": first,
            "owner": {"name": self.name, "address": self.address},
        } | fields
        return native

    def _id(self, kind: str) -> str:
        return f"AAkALg{kind}_-{next(self._ids):06}AAA="

    # Changes

    def touch(self, event: Event) -> None:
        """Note that an event is another one now."""
        self.now += 1
        event.changed, event.version = self.now, event.version + 1

    def add(self, calendar: str, fields: Json) -> Event:
        """A new event, as somebody asks for it."""
        name = self._id("Evt")
        me = {"emailAddress": {"name": self.name, "address": self.address}}
        event = Event(
            calendar,
            {
                "id": name,
                "type": "singleInstance",
                "iCalUId": f"040000008200E00074C5B7101A82E008{name[-10:-4]}",
                "subject": "",
                "isAllDay": False,
                "isCancelled": False,
                "isOrganizer": True,
                "isOnlineMeeting": False,
                "onlineMeeting": None,
                "onlineMeetingUrl": None,
                "onlineMeetingProvider": "unknown",
                "showAs": "busy",
                "sensitivity": "normal",
                "location": {"displayName": ""},
                "organizer": me,
                "attendees": [],
                "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
                "seriesMasterId": None,
                "categories": [],
                "isReminderOn": False,
            },
        )
        self.events[event.id] = event
        self.change(event, fields)
        return event

    def change(self, event: Event, fields: Json) -> None:
        """Set what is named, as Graph would."""
        fields = dict(fields)
        body = fields.pop("body", None)
        for edge, zone in (("start", "originalStartTimeZone"), ("end", "originalEndTimeZone")):
            given = fields.get(edge)
            if given and "T" in given.get("dateTime", ""):
                name = given.get("timeZone") or "UTC"
                if name not in WINDOWS_TO_OLSON and name not in TAKEN:
                    raise Refusal(400, "TimeZoneNotSupportedException", f"No zone {name}.")
                event.fields[zone] = name
                if when := instant(given):
                    fields[edge] = utc(when)
        for guest in fields.get("attendees", ()):
            guest.setdefault("status", {"response": "none", "time": "0001-01-01T00:00:00Z"})
        if fields.get("isOnlineMeeting") and not event.fields["onlineMeeting"]:
            url = f"https://teams.example/l/meetup-join/{event.id}"
            fields["onlineMeeting"] = {"joinUrl": url}
        event.fields |= fields
        if body is not None:
            page = body["content"]
            if body["contentType"].lower() == "text":
                page = f"<div>{html.escape(page)}</div>".replace("\n", "<br>\r\n")
            event.page = page
        online = event.fields["onlineMeeting"]
        if online and online["joinUrl"] not in event.page:
            if "onlineMeeting" in fields:
                event.page += BLOB.format(rule=RULE, url=online["joinUrl"])
            else:  # whoever writes over it ends the meeting's being one
                event.fields |= {"isOnlineMeeting": False, "onlineMeeting": None}
        self.touch(event)

    def remove(self, event: Event) -> None:
        """Delete an event, or a series as a whole."""
        event.deleted = True
        self.touch(event)

    def move(self, event: Event, calendar: str) -> None:
        """Put it into another calendar; with an immutable id it keeps that."""
        self.touch(event)
        event.left[event.calendar] = self.now
        event.calendar = calendar

    def series(self, calendar: str, fields: Json, starts: list[datetime], minutes: int) -> Event:
        """A series with these occurrences. Its own times are those of its very first one."""
        length = timedelta(minutes=minutes)
        times = {"start": utc(starts[0]), "end": utc(starts[0] + length)}
        event = self.add(calendar, times | fields)
        event.fields["type"] = "seriesMaster"
        for start in starts:
            own = {"type": "occurrence", "start": utc(start), "end": utc(start + length)}
            event.occurrences[self._id("Occ")] = own
        return event

    def change_occurrence(self, name: str, fields: Json) -> None:
        """Make an exception of an occurrence."""
        event = self.owner(name)
        event.occurrences[name] |= {"type": "exception", **fields}
        self.touch(event)

    def drop_occurrence(self, name: str) -> None:
        """Delete one occurrence."""
        event = self.owner(name)
        del event.occurrences[name]
        self.touch(event)
        self.dropped.append((self.now, event.calendar, name))

    def owner(self, name: str) -> Event:
        """The series that an occurrence belongs to."""
        return next(each for each in self.events.values() if name in each.occurrences)

    # Telling

    def told(self, event: Event, occurrence: str = "", *, text: bool = True) -> Json:
        """All of an event, or of one occurrence."""
        page = event.page
        told = event.fields | {
            "@odata.etag": event.etag,
            "changeKey": event.etag[3:-1],
            "body": {
                "contentType": "text" if text else "html",
                "content": plain(page) if text else f"<html><body>{page}</body></html>",
            },
        }
        told.pop("singleValueExtendedProperties", None)
        if occurrence:
            told |= event.occurrences[occurrence]
            told |= {"id": occurrence, "seriesMasterId": event.id}
        return told

    def stub(self, event: Event, occurrence: str) -> Json:
        """An occurrence as lists of changes tell it."""
        own = event.occurrences[occurrence]
        if own["type"] == "exception":
            return self.told(event, occurrence)
        return {
            "@odata.type": "#microsoft.graph.event",
            "@odata.etag": event.etag,
            "id": occurrence,
            "seriesMasterId": event.id,
            "type": "occurrence",
            "start": own["start"],
            "end": own["end"],
        }

    def inside(self, fields: Json, window: tuple[datetime, datetime]) -> bool:
        """Whether it touches the window; what has no time that makes sense does."""
        start, end = instant(fields.get("start")), instant(fields.get("end"))
        if start is None or end is None:
            return True
        return start < window[1] and (end > window[0] or start == end >= window[0])

    def delta(
        self, calendar: str, window: tuple[datetime, datetime], since: int, *, granular: bool
    ) -> list[Json]:
        """What changed after the change `since` (-1: all there is).

        `granular`: a deleted occurrence is told as such, and the rest of its series is not.
        """
        found: list[Json] = []
        apart = {number for number, _, _ in self.dropped} if granular else set()
        for event in self.events.values():
            moved = event.left.get(calendar, -1) > since >= 0
            if event.calendar != calendar:
                if moved:
                    found.append(_removed(event.id))
                continue
            if event.changed <= since or (since < 0 and event.deleted):
                continue
            if event.changed in apart and since >= 0:
                continue
            if event.fields["type"] == "seriesMaster":
                shown = [k for k, v in event.occurrences.items() if self.inside(v, window)]
            else:
                shown = [""] if self.inside(event.fields, window) else []
            if event.deleted or not shown:
                # Graph tells what lies outside as if it were deleted.
                found += [_removed(event.id)] if since >= 0 else []
            elif shown == [""]:
                found.append(self.told(event))
            else:
                found += [self.told(event), *(self.stub(event, each) for each in shown)]
        if granular and since >= 0:
            for number, where, name in self.dropped:
                if number > since and where == calendar:
                    found.append(_removed(name))
        return found


def _removed(name: str) -> Json:
    return {"@odata.type": "#microsoft.graph.event", "id": name, "@removed": {"reason": "deleted"}}
