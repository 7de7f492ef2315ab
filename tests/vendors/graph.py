"""Microsoft Graph on loopback: what koble asks of it, as strict as the real one, and its troubles.

Who asks is told by the token alone: each `Graph` is a mailbox with an owner. What breaks the
contract, or a rule that the contract does not know, is collected as a violation.
"""

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.vendors.contract import Contract, contract
from tests.vendors.graph_mailbox import Event, Json, Mailbox, Refusal, instant

AT_ONCE = 4
ROOT = "/v1.0"
_UID = re.compile(r"ep/id eq '([^']+)' and ep/value eq '([^']*)'")
_ICAL = re.compile(r"iCalUId eq '([^']*)'")
_SELECTED = {"id", "@odata.etag"}
_numbers = count(1)


class Fault:
    """One trouble: `where` a piece of the address, for so many `times`."""

    def __init__(
        self,
        status: int = 503,
        code: str = "",
        *,
        where: str = "",
        method: str = "",
        times: int = 1,
        wait: str = "",
        how: str = "before",
    ) -> None:
        self.status, self.code, self.where, self.method = status, code, where, method
        self.times, self.wait, self.how = times, wait, how
        """`how`: `before` or `after` it was obeyed, `reset` in mid-body, or `drip`."""


class Graph:
    """One owner's mailbox, mail, and colleagues.

    Attributes:
        page: how many items a part of a list has at most.
        gaps: whether changes begin with an empty part.
        echoes: whether each change is told twice.
        elsewhere: another server that links lead to.
        garbage: what every request is answered with instead.
        meanwhile: what somebody else does once an event was looked at.
        granular: see `Mailbox.delta`.
        lenient: whether an event is found by its id under any calendar.
        repeats: the status for a transaction id that was used: 400, 409, or 201.
        lost: whether tokens of changes are worth nothing any more.
        hidden: calendars that are out of reach.
        people: times of colleagues as (status, start, end), or a responseCode.
        asked: every request as `METHOD path?query`.
        most: how many requests there were at a time.
        gate: requests wait until it is open.
        arrived: one for each request that came.
    """

    def __init__(self, address: str = "ada@contoso.com", name: str = "Ada") -> None:
        self.token = f"token-{next(_numbers)}"
        self.box = Mailbox(address, name)
        self.page, self.gaps, self.granular, self.lenient = 1000, False, False, True
        self.repeats, self.personal = 409, False
        self.echoes, self.elsewhere = False, ""
        self.garbage: bytes | None = None
        self.meanwhile: list[Callable[[], None]] = []
        self.lost = False
        self.hidden: set[str] = set()
        self.people: dict[str, list[tuple[str, datetime, datetime]] | str] = {}
        self.sent: list[Json] = []
        self.told: list[tuple[str, str]] = []
        """Cancellations and answers: what, and the comment."""
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.bodies: list[Json] = []
        self.violations: list[str] = []
        self.contract: Contract | None = contract("graph/graph-calendar-v1.0.strict.openapi.json")
        self.most = 0
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Semaphore(0)
        self._here = 0
        self._links: dict[str, Any] = {}

    # One request

    async def answer(self, request: Request, base: str) -> Response:
        """The answer to one request, or the trouble with it."""
        body = await request.body()
        path = request.scope["raw_path"].decode().removeprefix(ROOT)
        query = request.url.query
        self.asked.append(f"{request.method} {path}" + (f"?{query}" if query else ""))
        self._here += 1
        self.most = max(self.most, self._here)
        self.arrived.release()
        try:
            await asyncio.sleep(0)
            if self._here > AT_ONCE:
                raise Refusal(429, "ApplicationThrottled", "MailboxConcurrency")
            if not self.gate.is_set():
                await asyncio.to_thread(self.gate.wait)
            fault = self._fault(request.method, f"{path}?{query}")
            if fault and fault.how == "before":
                return _refused(fault.status, fault.code, "Trouble.", fault.wait)
            if self.garbage is not None:
                return Response(self.garbage)
            status, said = self._obey(request, path, body, base)
            self._check_answer(request.method, path, status, said)
            if fault and fault.how == "after":
                return _refused(fault.status, fault.code, "Trouble.", fault.wait)
            return _sent(status, said, fault.how if fault else "")
        except Refusal as error:
            wait = "3" if error.status == 429 else ""
            return _refused(error.status, error.code, str(error), wait)
        finally:
            self._here -= 1

    def _fault(self, method: str, address: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.where in address and fault.method in ("", method):
                fault.times -= 1
                return fault
        return None

    def _obey(self, request: Request, path: str, body: bytes, base: str) -> tuple[int, Json | None]:
        query = parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True)
        self._check_request(request, path, query, body)
        said = json.loads(body) if body else {}
        if said:
            self.bodies.append(said)
        parts = [re.sub("%([0-9A-F]{2})", _unquoted, each) for each in path.strip("/").split("/")]
        asked = dict(query)
        match request.method, parts:
            case "GET", ["me"]:
                return 200, self._me()
            case "GET", ["me", "calendars"]:
                found = [v for k, v in self.box.calendars.items() if k not in self.hidden]
                return 200, self._list(found, asked, base + path)
            case "POST", ["me", "calendar", "getSchedule"]:
                return 200, self._schedules(said)
            case "POST", ["me", "sendMail"]:
                self.sent.append(said["Message"])
                return 202, None
            case _, ["me", "calendars", calendar, *rest]:
                if calendar not in self.box.calendars or calendar in self.hidden:
                    raise Refusal(404, "ErrorItemNotFound", "The calendar was not found.")
                return self._calendar(request, calendar, rest, asked, said, base + path)
        raise Refusal(400, "BadRequest", "Resource not found for the segment.")

    def _calendar(
        self, request: Request, calendar: str, rest: list[str], asked: Json, said: Json, url: str
    ) -> tuple[int, Json | None]:
        etag = request.headers.get("if-match", "")
        text = 'body-content-type="text"' in request.headers["prefer"]
        match request.method, rest:
            case "GET", []:
                return 200, self.box.calendars[calendar]
            case "GET", ["calendarView", "delta"]:
                return 200, self._delta(calendar, asked, url)
            case "GET", ["calendarView"]:
                return 200, self._list(self._view(calendar, _window(asked)), asked, url)
            case "GET", ["events"]:
                return 200, self._list(self._filtered(calendar, asked), asked, url)
            case "POST", ["events"]:
                return 201, self._create(calendar, said)
            case "GET", ["events", name]:
                event, occurrence = self._event(calendar, name)
                told = self.box.told(event, occurrence, text=text)
                if self.meanwhile:
                    self.meanwhile.pop()()
                return 200, told
            case "GET", ["events", name, "instances"]:
                event, _ = self._event(calendar, name)
                window = _window(asked)
                shown = [
                    self.box.told(event, each)
                    for each, own in event.occurrences.items()
                    if self.box.inside(own, window)
                ]
                return 200, self._list(shown, asked, url)
            case "PATCH", ["events", name]:
                event = self._current(calendar, name, etag)
                self.box.change(event, said)
                return 200, self.box.told(event, text=text)
            case "DELETE", ["events", name]:
                self.box.remove(self._current(calendar, name, etag))
                return 204, None
            case "POST", ["events", name, "cancel"]:
                event, _ = self._event(calendar, name)
                if not event.fields["isOrganizer"]:
                    raise Refusal(400, "ErrorInvalidRequest", "You need to be an organizer.")
                self.told.append(("cancel", said["Comment"]))
                self.box.remove(event)
                return 202, None
            case "POST", ["events", name, "decline"]:
                event, _ = self._event(calendar, name)
                if event.fields["isOrganizer"]:
                    raise Refusal(400, "ErrorInvalidRequest", "You are the organizer.")
                self.told.append(("decline", said["Comment"]))
                self.box.remove(event)
                return 202, None
        raise Refusal(400, "BadRequest", "Resource not found for the segment.")

    def _me(self) -> Json:
        name = "48d31887-5fad-4d73-a9f5-3c356e68a038"
        return {
            "id": "a5b1c2d3e4f50617" if self.personal else name,
            "displayName": self.box.name,
            "mail": None if self.personal else self.box.address,
            "userPrincipalName": self.box.address,
        }

    def _event(self, calendar: str, name: str) -> tuple[Event, str]:
        for event in self.box.events.values():
            here = self.lenient or event.calendar == calendar
            if not event.deleted and here and event.calendar not in self.hidden:
                if event.id == name:
                    return event, ""
                if name in event.occurrences:
                    return event, name
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found.")

    def _current(self, calendar: str, name: str, etag: str) -> Event:
        event, _ = self._event(calendar, name)
        if etag and etag != event.etag:
            raise Refusal(412, "ErrorIrresolvableConflict", "The change key does not match.")
        return event

    def _create(self, calendar: str, said: Json) -> Json:
        known = self.box.transactions.get(said.get("transactionId", ""))
        if known and self.repeats >= 400:
            raise Refusal(self.repeats, "ErrorDuplicateTransactionId", "It was used already.")
        event = self.box.events[known] if known else self.box.add(calendar, said)
        if "transactionId" in said:
            self.box.transactions[said["transactionId"]] = event.id
        return self.box.told(event)

    def _filtered(self, calendar: str, asked: Json) -> list[Json]:
        if found := _UID.search(asked["$filter"]):
            name, value = found.groups()
        elif found := _ICAL.search(asked["$filter"]):
            name, value = "", found[1]
        else:
            raise Refusal(400, "ErrorInvalidUrlQueryFilter", "The filter is invalid.")
        matches = []
        for event in self.box.events.values():
            if event.deleted or event.calendar != calendar:
                continue
            noted = event.fields.get("singleValueExtendedProperties", [])
            values = {each["value"].casefold() for each in noted if each["id"] == name}
            if not name:
                values = {event.fields["iCalUId"].casefold()}
            if value.casefold() in values:
                told = self.box.told(event)
                if noted and "singleValue" in asked.get("$expand", ""):
                    told["singleValueExtendedProperties"] = noted
                matches.append(told)
        return matches

    def _view(self, calendar: str, window: tuple[datetime, datetime]) -> list[Json]:
        return [
            each
            for each in self.box.delta(calendar, window, -1, granular=False)
            if each["type"] != "seriesMaster"
        ]

    # Lists

    def _list(self, found: list[Json], asked: Json, url: str) -> Json:
        asked = dict(asked)
        if token := asked.pop("$skiptoken", ""):
            found = self._links[token]
        elif names := asked.get("$select"):
            wanted = _SELECTED | set(names.split(","))
            found = [{k: v for k, v in each.items() if k in wanted} for each in found]
        said: Json = {"value": found[: self.page]}
        if rest := found[self.page :]:
            again = urlencode({**asked, "$skiptoken": self._link(rest)}, safe="$")
            said["@odata.nextLink"] = f"{url}?{again}"
        return said

    def _link(self, what: Any) -> str:
        name = f"t{next(_numbers)}"
        self._links[name] = what
        return name

    def _delta(self, calendar: str, asked: Json, url: str) -> Json:
        """One part of the changes; where they go on is in the links, and so is the window."""
        if "$skiptoken" in asked:
            items, window, now = self._links[asked["$skiptoken"]]
        else:
            since = -1
            if token := asked.get("$deltatoken"):
                if self.lost or token not in self._links:
                    raise Refusal(410, "SyncStateNotFound", "The sync state is not found.")
                window, since = self._links[token]
            else:
                window = _window(asked)
            now = self.box.now
            items = self.box.delta(calendar, window, since, granular=self.granular)
            items *= 2 if self.echoes else 1
            if self.gaps:
                name = self._link((items, window, now))
                return {"value": [], "@odata.nextLink": f"{url}?$skiptoken={name}"}
        said: Json = {"value": items[: self.page]}
        url = url.replace(base_of(url), self.elsewhere) if self.elsewhere else url
        if rest := items[self.page :]:
            said["@odata.nextLink"] = f"{url}?$skiptoken={self._link((rest, window, now))}"
        else:
            said["@odata.deltaLink"] = f"{url}?$deltatoken={self._link((window, now))}"
        return said

    def _schedules(self, said: Json) -> Json:
        start, end = instant(said["StartTime"]), instant(said["EndTime"])
        if self.personal:
            raise Refusal(400, "ErrorInvalidRequest", "Not for this kind of account.")
        if not start or not end or end - start >= timedelta(days=62) or len(said["Schedules"]) > 20:
            raise Refusal(400, "ErrorInvalidParameter", "Too long, or too many.")
        found = []
        for name in said["Schedules"]:
            times = self.people.get(name, "ErrorMailRecipientNotFound")
            each: Json = {"scheduleId": name, "availabilityView": "", "scheduleItems": []}
            if isinstance(times, str):
                each["error"] = {"message": "Unable to resolve.", "responseCode": times}
            else:
                each["scheduleItems"] = [
                    {"status": status, "start": _utc(low), "end": _utc(high)}
                    for status, low, high in times
                    if low < end and start < high
                ]
            found.append(each)
        return {"value": found}

    # What must hold of every request and answer

    def _check_request(
        self, request: Request, path: str, query: list[tuple[str, str]], body: bytes
    ) -> None:
        prefer = request.headers.get("prefer", "")
        for needed in ('IdType="ImmutableId"', 'outlook.timezone="UTC"', "odata.maxpagesize="):
            if needed not in prefer:
                self.violations.append(f"{request.method} {path}: Prefer lacks {needed}")
        if self.contract:
            # The contract leaves out what an app notes with an event, and tokens in lists.
            kept = [
                (name, value)
                for name, value in query
                if not value.startswith("singleValue") and name != "$skiptoken"
            ]
            said = _bare(json.loads(body)) if body else None
            self.violations += self.contract.request(request.method, _known(path), kept, said)

    def _check_answer(self, method: str, path: str, status: int, said: Json | None) -> None:
        if self.contract:
            bare = _bare(said) if said else None
            self.violations += self.contract.answer(method, _known(path), status, bare)


class Server:
    """The server that all mailboxes are at."""

    def __init__(self) -> None:
        self._graphs: dict[str, Graph] = {}
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=_METHODS)])
        # asyncio sends at once only on what says that it is TCP.
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()  # whoever is earlier than the server waits
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def graph(self, **more: Any) -> Graph:
        """A mailbox with an owner of its own."""
        graph = Graph(**more)
        self.admit(graph, graph.token)
        return graph

    def admit(self, graph: Graph, token: str) -> None:
        """Take `token` for the owner of a mailbox."""
        self._graphs[token] = graph

    async def _answer(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        graph = self._graphs.get(token)
        if graph is None:
            return _refused(401, "InvalidAuthenticationToken", "The token has expired.")
        return await graph.answer(request, self.url + ROOT)

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


@contextmanager
def graph_server() -> Iterator[Server]:
    """The server, for as long as it is needed."""
    with Server() as server:
        yield server


_METHODS = ["GET", "POST", "PATCH", "DELETE"]


def _known(path: str) -> str:
    """A path of the contract: the cut leaves out what is done with an event under its calendar."""
    return re.sub(
        r"^/me/calendars/[^/]+/events/([^/]+)/(instances|cancel|decline)$",
        r"/me/events/\1/\2",
        path,
    )


def _bare(said: Any) -> Any:
    """Without the annotations of OData, and what the cut of the contract leaves out."""
    if isinstance(said, list):
        return [_bare(each) for each in said]
    if not isinstance(said, dict):
        return said
    return {
        key: _bare(value)
        for key, value in said.items()
        if not key.startswith("@") and key != "singleValueExtendedProperties"
    }


def base_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _unquoted(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _window(asked: Json) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(asked[f"{e}DateTime"]) for e in ("start", "end"))
    if end - start > timedelta(days=1825):
        raise Refusal(400, "ErrorInvalidRequest", "The requested time duration is too long.")
    return start, end


def _utc(when: datetime) -> Json:
    return {"dateTime": f"{when:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def _refused(status: int, code: str, message: str, wait: str = "") -> Response:
    said = json.dumps({"error": {"code": code, "message": message}}) if code else ""
    headers = {"retry-after": wait} if wait else {}
    return Response(said, status, headers, "application/json")


def _sent(status: int, said: Json | None, how: str) -> Response:
    data = json.dumps(said).encode() if said is not None else b""
    if how == "reset":
        return StreamingResponse(_half(data), status, {"content-length": str(len(data))})
    if how == "drip":
        return StreamingResponse(_drops(data), status)
    return Response(data, status, media_type="application/json")


async def _half(data: bytes) -> AsyncIterator[bytes]:
    yield data[: len(data) // 2]
    raise ClientDisconnect


async def _drops(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 7):
        yield data[at : at + 7]
        await asyncio.sleep(0)
