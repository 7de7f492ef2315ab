"""A double of Google Calendar and of Gmail's sending: stateful, and as exact as is written down.

Where Google leaves something undefined (other parameters with a sync token than before), the
double refuses it. What it gets and what it answers is held against Google's own documents.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import unquote

from tests.vendors.contract import contract
from tests.vendors.google_json import (
    dead,
    few,
    mask,
    masked,
    merged,
    said,
    shown,
    tombstone,
    without_nulls,
    z,
)
from tests.vendors.google_times import bounds, instances, moment
from tests.vendors.serving import Reply, Request, Serving

Json = dict[str, Any]
CALENDAR = contract("google/calendar.v3.json", strict=True)
GMAIL = contract("google/gmail.v1.json", strict=True)
NOT_WITH_TOKEN = {"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty"}
NOT_WITH_TOKEN |= {"timeMin", "timeMax", "updatedMin"}
_ROLES = {"owner": 3, "writer": 2, "writerWithoutPrivateAccess": 2, "reader": 1}


class Refusal(Exception):
    """An error as Google puts it."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.reply = refused(status, reason, message)


def refused(status: int, reason: str, message: str = "", **headers: str) -> Reply:
    """A refusal with its reason."""
    error = {"domain": "global", "reason": reason, "message": message or reason}
    body = {"error": {"code": status, "message": message or reason, "errors": [error]}}
    return Reply(
        status, json.dumps(body).encode(), {n.replace("_", "-"): v for n, v in headers.items()}
    )


class Google(Serving):
    """One account, `address`, with its first calendar.

    Attributes:
        tokens: the access tokens that are taken.
        pages: most events on one page.
        empty: whether every full page is followed by an empty one with a token for the next.
        busy_only: only free/busy may be asked for.
        veiled: calendars of which only free/busy may be seen have no events at all.
        making: how often a video meeting is looked at before it is made.
        failing: video meetings fail; refusing: they are refused at once.
        notices: what guests were told: event, and the value of `sendUpdates`.
        mails: what was sent.
        wrong: where a request or an answer breaks the contract.
    """

    def __init__(self, address: str = "me@example.org", token: str = "good") -> None:  # noqa: S107
        super().__init__(self._answer)
        self.address = address
        self.tokens = {token}
        self.lists: dict[str, Json] = {}
        self.events: dict[str, dict[str, Json]] = {}
        self.zones: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.pages = 2_500
        self.empty = False
        self.busy_only = False
        self.veiled = False
        self.making = 0
        self.failing = False
        self.refusing = False
        self.notices: list[tuple[str, str]] = []
        self.mails: list[Message] = []
        self.wrong: list[str] = []
        self.checked = True
        self._number = 0
        self._more: dict[str, tuple[list[Json], int, str]] = {}
        self._tokens: dict[str, tuple[str, int, str]] = {}
        self.add_calendar(address, summary=address, primary=True)

    # What somebody else does

    def add_calendar(
        self, native: str, role: str = "owner", zone: str = "UTC", **more: Any
    ) -> None:
        """Another calendar in the account's list."""
        entry = {"kind": "calendar#calendarListEntry", "id": native, "accessRole": role}
        self.lists[native] = {**entry, "timeZone": zone, **more}
        self.zones[native] = zone
        self.events.setdefault(native, {})

    def put(self, event: Json, calendar: str = "") -> Json:
        """Write an event over whatever has its id."""
        calendar = calendar or self.address
        old = self.events[calendar].get(event["id"], {})
        made = {
            "kind": "calendar#event",
            "status": "confirmed",
            "iCalUID": old.get("iCalUID", f"{event['id']}@google.com"),
            "organizer": {"email": calendar, "self": True},
            "sequence": old.get("sequence", -1) + 1,
            **event,
        }
        return self._keep(calendar, made)

    def remove(self, name: str, calendar: str = "") -> None:
        """Delete an event, a series, or an exception of one."""
        event = self.events[calendar or self.address][name]
        self._keep(calendar or self.address, {**event, "status": "cancelled"})

    def except_(self, master: str, original: Json, calendar: str = "", **changes: Any) -> Json:
        """Change one occurrence of a series (`status="cancelled"`: call it off)."""
        calendar = calendar or self.address
        series = self.events[calendar][master]
        each = next(
            each
            for each in instances(series, self.zones[calendar])
            if moment(each["originalStartTime"]) == moment(original)
        )
        return self._keep(calendar, {**each, **changes})

    def expire_sync(self) -> None:
        """No sync token is taken any more, and deleted events are forgotten."""
        self._tokens.clear()
        for events in self.events.values():
            for name in [n for n, e in events.items() if dead(e) and not e.get("recurringEventId")]:
                del events[name]

    @contextmanager
    def running(self) -> Iterator[None]:
        """A server at `url`; afterwards nothing may have broken the contract."""
        with super().running():
            yield
        assert self.wrong == []

    def _keep(self, calendar: str, event: Json) -> Json:
        self._number += 1
        event["etag"] = f'"{self._number:016}"'
        event["updated"] = (
            datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=self._number)
        ).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        event.pop("_seq", None)
        self.events[calendar][event["id"]] = {**event, "_seq": self._number}
        return event

    # What is asked

    def _answer(self, request: Request) -> Reply:
        try:
            self._check(request)
            reply = self._routed(request)
        except Refusal as refusal:
            reply = refusal.reply
        except Exception as error:
            self.wrong.append(f"the double broke: {error!r}")
            raise
        if self.checked:
            path, known = _document(request.path)
            if known is not None:
                self.wrong += known.answer(request.method, path, reply.status, reply.body)
        return reply

    def _check(self, request: Request) -> None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401, "authError", "Invalid Credentials")
        path, known = _document(request.path)
        if self.checked and known is not None:
            body = json.loads(request.body) if request.body else None
            if request.method == "PATCH":
                body = without_nulls(body)
            self.wrong += known.request(request.method, path, request.query, body)
            if fields := dict(request.query).get("fields"):
                what = "Events" if "items(" in fields or fields == "kind" else "Event"
                self.wrong += known.unknown(what, mask(fields))

    def _routed(self, request: Request) -> Reply:
        parts = [unquote(each) for each in request.path.split("/")[1:]]
        body = json.loads(request.body) if request.body else {}
        query = dict(request.query)
        match request.method, *parts:
            case "POST", "gmail", "v1", "users", "me", "messages", "send":
                return self._send(body)
            case "POST", "calendar", "v3", "freeBusy":
                return said(self._free_busy(body))
            case "GET", "calendar", "v3", "users", "me", "calendarList":
                return said(self._calendar_list(query))
            case "GET", "calendar", "v3", "users", "me", "calendarList", name:
                name = self.address if name == "primary" else name
                if name not in self.lists or name in self.hidden:
                    raise Refusal(404, "notFound", "Not Found")
                return said(self.lists[name])
            case method, "calendar", "v3", "calendars", calendar, "events", *rest:
                return self._of_calendar(method, calendar, rest, query, body, request)
        raise Refusal(404, "notFound", "Not Found")

    def _of_calendar(
        self,
        method: str,
        calendar: str,
        rest: list[str],
        query: dict[str, str],
        body: Json,
        request: Request,
    ) -> Reply:
        calendar = self.address if calendar == "primary" else calendar
        if calendar not in self.events or calendar in self.hidden:
            raise Refusal(404, "notFound", "Not Found")
        role = self.lists[calendar]["accessRole"]
        if self.veiled and role == "freeBusyReader":
            raise Refusal(404, "notFound", "Not Found")
        if self.busy_only:
            raise Refusal(403, "insufficientPermissions", "Insufficient Permission")
        if method != "GET" and _ROLES.get(role, 0) < 2:
            raise Refusal(403, "requiredAccessLevel", "You need to have writer access.")
        wanted = request.headers.get("if-match", "*")
        match method, *rest:
            case ("GET",):
                return said(self._list(calendar, query))
            case "GET", name, "instances":
                series = self._event(calendar, name)
                return said(self._instances(calendar, series, query))
            case "GET", name:
                return said(masked(shown(self._looked_at(calendar, name), role), query))
            case ("POST",):
                return said(self._insert(calendar, body, query))
            case "PATCH", name:
                return said(self._patch(calendar, name, body, query, wanted))
            case "DELETE", name:
                return self._delete(calendar, name, query, wanted)
        raise Refusal(404, "notFound", "Not Found")

    def _calendar_list(self, query: dict[str, str]) -> Json:
        listed = [
            each
            for each in self.lists.values()
            if not each.get("deleted") and (not each.get("hidden") or query.get("showHidden"))
        ]
        at, size = int(query.get("pageToken", "0")), min(int(query.get("maxResults", 100)), 250)
        size = min(size, self.pages)
        page: Json = {"kind": "calendar#calendarList", "items": listed[at : at + size]}
        if at + size < len(listed):
            page["nextPageToken"] = str(at + size)
        return page

    # Reading events

    def _list(self, calendar: str, query: dict[str, str]) -> Json:
        if "pageToken" in query:
            if query["pageToken"] not in self._more:
                raise Refusal(400, "invalid", "Invalid page token value.")
            left, number, asked = self._more[query["pageToken"]]
        else:
            asked = json.dumps({n: v for n, v in query.items() if n not in ("syncToken",)})
            left, number = self._found(calendar, query, asked), self._number
        return self._paged(calendar, left, number, asked, query)

    def _found(self, calendar: str, query: dict[str, str], asked: str) -> list[Json]:
        events = self.events[calendar].values()
        if token := query.get("syncToken"):
            if bad := NOT_WITH_TOKEN & set(query):
                raise Refusal(400, "invalidParameter", f"{bad} cannot be given with a sync token.")
            if token not in self._tokens:
                raise Refusal(410, "fullSyncRequired", "Sync token is no longer valid.")
            owner, since, before = self._tokens[token]
            if owner != calendar or before != asked:
                raise Refusal(400, "invalid", "The parameters are not those of the first request.")
            changed = sorted((e for e in events if e["_seq"] > since), key=lambda e: e["_seq"])
            return [tombstone(each) if dead(each) else each for each in changed]
        found = [each for each in events if self._listed(calendar, each)]
        if uid := query.get("iCalUID"):
            found = [each for each in found if each["iCalUID"] == uid and not dead(each)]
        return [tombstone(each) if dead(each) else each for each in found]

    def _listed(self, calendar: str, event: Json) -> bool:
        master = self.events[calendar].get(event.get("recurringEventId", ""))
        if dead(event):  # an occurrence that was called off belongs to its series
            return master is not None and not dead(master) and "recurrence" in master
        return master is None or not dead(master)

    def _instances(self, calendar: str, series: Json, query: dict[str, str]) -> Json:
        if "recurrence" not in series or dead(series):
            raise Refusal(404, "notFound", "Not Found")
        if "pageToken" in query:
            left, number, asked = self._more[query["pageToken"]]
            return self._paged(calendar, left, number, asked, query)
        found = []
        for each in instances(series, self.zones[calendar]):
            own = self.events[calendar].get(each["id"], each)
            start, end = bounds(own)
            low, high = (datetime.fromisoformat(query[n]) for n in ("timeMin", "timeMax"))
            if not dead(own) and start < high and end > low:
                found.append(own)
        return self._paged(calendar, found, self._number, "", query)

    def _paged(
        self, calendar: str, left: list[Json], number: int, asked: str, query: dict[str, str]
    ) -> Json:
        size = min(int(query.get("maxResults", "250")), self.pages)
        role = self.lists[calendar]["accessRole"]
        most = int(query.get("maxAttendees", "1000000"))
        skip = self.empty and query.get("pageToken", "").startswith("e")
        here, left = ([], left) if skip else (left[:size], left[size:])
        page: Json = {
            "kind": "calendar#events",
            "timeZone": self.zones[calendar],
            "accessRole": role,
            "items": [few(shown(each, role), most) for each in here],
        }
        token = f"{'e' if self.empty and not skip else 'p'}{len(self._more)}"
        if left or (self.empty and not skip):
            self._more[token] = left, number, asked
            page["nextPageToken"] = token
        elif asked:
            page["nextSyncToken"] = f"s{len(self._tokens)}-{number}"
            self._tokens[page["nextSyncToken"]] = calendar, number, asked
        part: Json = masked(page, query)
        return part

    def _event(self, calendar: str, name: str) -> Json:
        if name not in self.events[calendar]:
            raise Refusal(404, "notFound", "Not Found")
        return self.events[calendar][name]

    def _looked_at(self, calendar: str, name: str) -> Json:
        """An event; a video meeting that is being made is one step further."""
        event = self._event(calendar, name)
        request = event.get("conferenceData", {}).get("createRequest", {})
        if request.get("status", {}).get("statusCode") == "pending":
            self.making -= 1
            if self.making <= 0:
                self._keep(calendar, {**event, **self._made(request)})
        kept: Json = self.events[calendar][name]
        return kept

    # Writing events

    def _insert(self, calendar: str, body: Json, query: dict[str, str]) -> Json:
        name = body.get("id") or f"made{self._number}"
        if not re.fullmatch(r"[a-v0-9]{5,1024}", name):
            raise Refusal(400, "invalid", "Invalid resource id value.")
        if "id" in body and "iCalUID" in body:
            raise Refusal(400, "invalid", "Both an id and an iCalUID.")
        if not body.get("start") or not body.get("end"):
            raise Refusal(400, "required", "Missing start or end time.")
        if name in self.events[calendar]:
            raise Refusal(409, "duplicate", "The requested identifier already exists.")
        event = {**body, "id": name, **self._conference(body, {}, query)}
        event["attendees"] = [
            {"responseStatus": "needsAction", **a} for a in body.get("attendees", [])
        ]
        self._tell(event, query)
        return self.put(event, calendar)

    def _patch(
        self, calendar: str, name: str, body: Json, query: dict[str, str], wanted: str
    ) -> Json:
        event = self._event(calendar, name)
        if wanted not in ("*", event["etag"]):
            raise Refusal(412, "conditionNotMet", "Precondition Failed")
        made = merged(event, body)
        made |= self._conference(body, event, query)
        if int(query.get("conferenceDataVersion", "0")) < 1:
            made.pop("conferenceData", None)
        if "attendees" in body:
            made["attendees"] = [{"responseStatus": "needsAction", **a} for a in body["attendees"]]
        made["sequence"] = event.get("sequence", 0) + 1
        self._tell(made, query)
        return self._keep(calendar, made)

    def _delete(self, calendar: str, name: str, query: dict[str, str], wanted: str) -> Reply:
        event = self._event(calendar, name)
        if dead(event):
            raise Refusal(410, "deleted", "Resource has been deleted")
        if wanted not in ("*", event["etag"]):
            raise Refusal(412, "conditionNotMet", "Precondition Failed")
        self._tell(event, query)
        self._keep(calendar, {**event, "status": "cancelled"})
        return Reply(204)

    def _tell(self, event: Json, query: dict[str, str]) -> None:
        self.notices.append((event["id"], query.get("sendUpdates", "none")))

    def _conference(self, body: Json, event: Json, query: dict[str, str]) -> Json:
        request = body.get("conferenceData", {}).get("createRequest")
        if request is None:
            return {}
        if int(query.get("conferenceDataVersion", "0")) < 1:
            return {"conferenceData": None} if not event else {}
        if self.refusing:
            raise Refusal(400, "invalid", "Invalid conference type value.")
        if self.making > 0:
            return {
                "conferenceData": {
                    "createRequest": {**request, "status": {"statusCode": "pending"}}
                }
            }
        return self._made(request)

    def _made(self, request: Json) -> Json:
        if self.failing:
            return {
                "conferenceData": {
                    "createRequest": {**request, "status": {"statusCode": "failure"}}
                }
            }
        link = f"https://meet.google.com/{request['requestId'][:10]}"
        data = {
            "createRequest": {**request, "status": {"statusCode": "success"}},
            "entryPoints": [{"entryPointType": "video", "uri": link}],
            "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        }
        return {"conferenceData": data, "hangoutLink": link}

    # Other people, and mail

    def _free_busy(self, body: Json) -> Json:
        low, high = (datetime.fromisoformat(body[name]) for name in ("timeMin", "timeMax"))
        if high - low > timedelta(days=90):
            raise Refusal(400, "timeRangeTooLong", "The requested time range is too long.")
        if len(body["items"]) > 50 or body.get("calendarExpansionMax", 50) > 50:
            raise Refusal(400, "tooManyCalendarsRequested")
        found: Json = {}
        for each in body["items"]:
            name = self.address if each["id"] == "primary" else each["id"]
            if name not in self.events:
                found[each["id"]] = {
                    "errors": [{"domain": "global", "reason": "notFound"}],
                    "busy": [],
                }
                continue
            spans = sorted(self._taken(name, low, high))
            found[each["id"]] = {
                "busy": [{"start": z(start), "end": z(end)} for start, end in spans]
            }
        return {
            "kind": "calendar#freeBusy",
            "timeMin": z(low),
            "timeMax": z(high),
            "calendars": found,
        }

    def _taken(
        self, calendar: str, low: datetime, high: datetime
    ) -> Iterable[tuple[datetime, datetime]]:
        for event in self.events[calendar].values():
            if dead(event) or event.get("transparency") == "transparent":
                continue
            repeats = event.get("recurrence")
            for each in instances(event, self.zones[calendar]) if repeats else [event]:
                own = self.events[calendar].get(each["id"], each) if repeats else each
                if own is not each and repeats:
                    continue  # it stands for itself
                start, end = bounds(own)
                if start < high and end > low:
                    yield max(start, low), min(end, high)

    def _send(self, body: Json) -> Reply:
        self.mails.append(message_from_bytes(base64.urlsafe_b64decode(body["raw"])))
        return said({"id": f"m{len(self.mails)}", "threadId": "t", "labelIds": ["SENT"]})


def _document(path: str) -> tuple[str, Any]:
    if path.startswith("/calendar/v3"):
        return path.removeprefix("/calendar/v3"), CALENDAR
    return path, GMAIL
