"""Every calendar provider on a stage of its own: a calendar, and an outside hand in it."""

import hashlib
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from providers.base import CalendarProvider, Upsert
from providers.caldav import CaldavProvider
from providers.exchange import ExchangeProvider
from providers.google import GoogleProvider
from providers.local import LocalProvider
from providers.office365 import Office365Provider
from scheduling.connections import Access
from scheduling.events import Event
from tests.providers.instants import HORIZON, at
from tests.providers.radicale_server import PASSWORD, Radicale
from tests.vendors.exchange import PASSWORD as EXCHANGE_PASSWORD
from tests.vendors.exchange import exchange
from tests.vendors.exchange_call import Limits
from tests.vendors.exchange_shapes import key_of
from tests.vendors.exchange_words import t
from tests.vendors.google import Google
from tests.vendors.graph import Server

ME = "me@example.org"
NOW = at("2026-05-01T12:00Z")
THEIRS = "00062008-0000-0000-c000-000000000046"
TEXT = {"PropertyType": "String"}


class Stage(Protocol):
    """What `test_every_provider` needs of a provider: one empty calendar, and someone outside."""

    provider: CalendarProvider
    calendar: str
    zone: str
    """What the vendor makes of Europe/Oslo: some know zones by other names."""

    async def close(self) -> None:
        """Let go of it, and complain of whatever the vendor's contract does not allow."""
        ...

    async def put(self, uid: str, text: str) -> str:
        """Somebody else writes this iCalendar text over whatever has that uid; its resource."""
        ...

    async def text(self, resource: str) -> str:
        """The resource as somebody else sees it."""
        ...

    async def remove(self, resource: str) -> None:
        """Somebody else deletes it."""
        ...

    async def cut(self, resource: str) -> None:
        """The resource can be had in part only, from now on."""
        ...

    async def hide(self) -> None:
        """The calendar cannot be reached, from now on."""
        ...

    async def show(self) -> None:
        """It can again, and is as it was."""
        ...


class LocalStage:
    """A folder with one calendar, and whoever else writes there."""

    zone = "Europe/Oslo"

    def __init__(self, path: Path) -> None:
        self.calendar = "work"
        self.folder = path / "calendars" / "work"
        self.folder.mkdir(parents=True)
        self._away = path / "away"
        self.provider: CalendarProvider = LocalProvider(
            path / "calendars", me=[ME], now=lambda: NOW, poll=0.005, rescan=0.02
        )

    async def close(self) -> None:
        await self.provider.close()

    async def put(self, uid: str, text: str) -> str:
        (self.folder / ".writing.tmp").write_bytes(text.encode())
        (self.folder / ".writing.tmp").replace(self.folder / f"{uid}.ics")
        return f"{uid}.ics"

    async def text(self, resource: str) -> str:
        return (self.folder / resource).read_bytes().decode()

    async def remove(self, resource: str) -> None:
        (self.folder / resource).unlink()

    async def cut(self, resource: str) -> None:
        text = (self.folder / resource).read_bytes()
        (self.folder / resource).write_bytes(text[: len(text) // 2])

    async def hide(self) -> None:
        self.folder.rename(self._away)

    async def show(self) -> None:
        self._away.rename(self.folder)


class CaldavStage:
    """An account with one calendar at a real server, and whoever else has its password."""

    _numbers = count()
    zone = "Europe/Oslo"

    def __init__(self, server: Radicale) -> None:
        self.server = server
        self.user = f"ada{next(self._numbers)}"
        self.folder = server.account(self.user, "work") / "work"
        self.calendar = f"/{self.user}/work/"
        self.provider: CalendarProvider = CaldavProvider(
            server.url, username=self.user, password=PASSWORD, me=[ME], now=lambda: NOW, local=True
        )

    async def close(self) -> None:
        await self.provider.close()

    async def put(self, uid: str, text: str) -> str:
        name = f"{uid}.ics"
        self.server.texts.pop(self.calendar + name, None)
        if self._send("PUT", name, text)[0] >= 300:
            self._say(name, text)
        return quote(name, safe="@")

    def _say(self, name: str, text: str) -> None:
        """Radicale does not keep what is broken: it is answered in place of something that is."""
        mark = hashlib.sha256(text.encode()).hexdigest()
        assert self._send("PUT", name, text_of(name, "In its place", f"X-MARK:{mark}"))[0] < 300
        self.server.texts[self.calendar + name] = text

    def _send(self, method: str, name: str, text: str = "") -> tuple[int, str]:
        return self.server.send(self.user, method, self.calendar + quote(name, safe="@%"), text)

    async def text(self, resource: str) -> str:
        return self._send("GET", resource)[1]

    async def remove(self, resource: str) -> None:
        assert self._send("DELETE", resource)[0] < 300

    async def cut(self, resource: str) -> None:
        text = await self.text(resource)
        await self.remove(resource)
        self._say(resource, text[: len(text) // 2])

    async def hide(self) -> None:
        self.folder.rename(self.folder.with_name(".away"))

    async def show(self) -> None:
        self.folder.with_name(".away").rename(self.folder)


class OneToken:
    """The token of somebody who is signed in, and stays so."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self, refused: str = "") -> str:
        assert not refused, "a good token was refused"
        return self._token


class Office365Stage:
    """A mailbox with one calendar, and whoever else has it open in Outlook."""

    zone = "Europe/Berlin"

    def __init__(self, server: Server) -> None:
        self.graph = server.graph(address=ME)
        self.box = self.graph.box
        self.calendar = self.box.calendar("Calendar")
        self._names: dict[str, str] = {}
        self.provider: CalendarProvider = Office365Provider(
            OneToken(self.graph.token),
            access=Access.WRITE,
            base=server.url,
            local=True,
        )

    async def close(self) -> None:
        await self.provider.close()
        assert self.graph.violations == []

    async def put(self, uid: str, text: str) -> str:
        lines = text.replace("\r\n ", "").split("\r\n")
        said = dict(line.split(":", 1) for line in lines if ":" in line)
        start = said["DTSTART"]
        moment = f"{start[:4]}-{start[4:6]}-{start[6:8]}T{start[9:11]}:{start[11:13]}:00.0000000"
        end = moment[:11] + f"{int(moment[11:13]) + 1:02}" + moment[13:]
        fields = {
            "iCalUId": said["UID"],
            "subject": said["SUMMARY"].replace("\\,", ","),
            "start": {"dateTime": moment, "timeZone": "UTC"},
            "end": {"dateTime": end, "timeZone": "UTC"},
            "categories": [line for line in lines if line.startswith("X-")],
        }
        if trigger := said.get("TRIGGER"):
            fields |= {"isReminderOn": True, "reminderMinutesBeforeStart": int(trigger[3:-1])}
        event = self.box.events.get(self._names.get(uid, ""))
        if event and not event.deleted:
            self.box.change(event, fields)
            return event.id
        self._names[uid] = self.box.add(self.calendar, fields).id
        return self._names[uid]

    async def text(self, resource: str) -> str:
        fields = self.box.events[resource].fields
        minutes = fields.get("reminderMinutesBeforeStart")
        alarm = ["BEGIN:VALARM", f"TRIGGER:-PT{minutes}M", "ACTION:DISPLAY", "END:VALARM"]
        return "\n".join(fields["categories"] + (alarm if fields["isReminderOn"] else []))

    async def remove(self, resource: str) -> None:
        self.box.remove(self.box.events[resource])

    async def cut(self, resource: str) -> None:
        event = self.box.events[resource]
        del event.fields["start"], event.fields["end"]
        self.box.touch(event)

    async def hide(self) -> None:
        self.graph.hidden.add(self.calendar)

    async def show(self) -> None:
        self.graph.hidden.clear()


class GoogleStage:
    """An account with one calendar, and whoever else has it open in a browser."""

    zone = "Europe/Oslo"

    def __init__(self) -> None:
        self.google = Google(ME)
        self._running = ExitStack()
        self._running.enter_context(self.google.running())
        self.calendar = ME
        self.provider: CalendarProvider = GoogleProvider(
            OneToken("good"), base=self.google.url, local=True
        )

    async def close(self) -> None:
        await self.provider.close()
        self._running.close()

    async def put(self, uid: str, text: str) -> str:
        lines = text.split("\r\n")
        said = dict(line.split(":", 1) for line in lines if ":" in line)
        start = said["DTSTART"]
        moment = f"{start[:4]}-{start[4:6]}-{start[6:8]}T{start[9:11]}:{start[11:13]}:00Z"
        event = {
            "id": f"put_{uid}",
            "iCalUID": said["UID"],
            "summary": said["SUMMARY"].replace("\\,", ","),
            "start": {"dateTime": moment},
            "end": {"dateTime": f"{moment[:11]}{int(moment[11:13]) + 1:02}{moment[13:]}"},
            "extendedProperties": {"shared": {line: "" for line in lines if line.startswith("X-")}},
        }
        if trigger := said.get("TRIGGER"):
            alarm = {"method": "popup", "minutes": int(trigger[3:-1])}
            event["reminders"] = {"useDefault": False, "overrides": [alarm]}
        self.google.put(event)
        return f"put_{uid}"

    async def text(self, resource: str) -> str:
        event = self.google.events[ME][resource]
        lines = list(event["extendedProperties"]["shared"])
        for each in event.get("reminders", {}).get("overrides", ()):
            lines += ["BEGIN:VALARM", f"TRIGGER:-PT{each['minutes']}M", "ACTION:DISPLAY"]
            lines += ["END:VALARM"]
        return "\n".join(lines)

    async def remove(self, resource: str) -> None:
        self.google.remove(resource)

    async def cut(self, resource: str) -> None:
        event = self.google.events[ME][resource]
        self.google.put({name: event[name] for name in event if name not in ("start", "end")})

    async def hide(self) -> None:
        self.google.hidden.add(ME)

    async def show(self) -> None:
        self.google.hidden.clear()


async def _at_once(seconds: float) -> None:
    """Wait for nobody."""


class ExchangeStage:
    """A mailbox with one calendar on a server of its own, and whoever else has it open."""

    zone = "Europe/Oslo"

    def __init__(self, limits: Limits | None = None) -> None:
        self._running = ExitStack()
        self.server = self._running.enter_context(exchange(limits=limits))
        self.box = self.server.account(ME, name="Me")
        self.calendar = self.box.calendar.identifier
        self._names: dict[str, str] = {}
        self.provider: CalendarProvider = ExchangeProvider(
            self.server.url,
            address=ME,
            username=ME,
            password=EXCHANGE_PASSWORD,
            scheme="basic",
            local=True,
            sleep=_at_once,
        )

    async def close(self) -> None:
        await self.provider.close()
        self._running.close()
        assert self.server.violations == []

    async def put(self, uid: str, text: str) -> str:
        lines = text.split("\r\n")
        said = dict(line.split(":", 1) for line in lines if ":" in line)
        start = said["DTSTART"]
        broken = start[4:8] == "0230"  # a day that no calendar has
        moment = f"{start[:4]}-{start[4:6]}-{'01' if broken else start[6:8]}T{start[9:11]}"
        properties = [t("UID", said["UID"])]
        if trigger := said.get("TRIGGER"):
            properties.append(t("ReminderMinutesBeforeStart", trigger[3:-1]))
        item = self.box.put(
            said["SUMMARY"].replace("\\,", ","),
            f"{moment}:{start[11:13]}:00Z",
            f"{moment[:11]}{int(moment[11:13]) + 1:02}:{start[11:13]}:00Z",
            *properties,
            item=self.box.calendar.items.get(self._names.get(uid, "")),
        )
        item.broken = "ErrorItemCorrupt" if broken else ""
        for line in lines:
            if line.startswith("X-"):
                uri = t("ExtendedFieldURI", PropertySetId=THEIRS, PropertyName=line, **TEXT)
                item.properties[key_of(uri)] = t("ExtendedProperty", uri, t("Value", line))
        self._names[uid] = item.identifier
        return item.identifier

    async def text(self, resource: str) -> str:
        properties = self.box.calendar.items[resource].properties
        lines = [each[1].text or "" for name, each in properties.items() if name.startswith("{")]
        if (minutes := properties.get("ReminderMinutesBeforeStart")) is not None:
            lines += ["BEGIN:VALARM", f"TRIGGER:-PT{minutes.text}M", "ACTION:DISPLAY", "END:VALARM"]
        return "\n".join(lines)

    async def remove(self, resource: str) -> None:
        self.box.remove(self.box.calendar.items[resource])

    async def cut(self, resource: str) -> None:
        self.box.calendar.items[resource].broken = "ErrorItemCorrupt"
        self.box.calendar.items[resource].touch()

    async def hide(self) -> None:
        self.box.calendar.shut = "ErrorMailboxStoreUnavailable"

    async def show(self) -> None:
        self.box.calendar.shut = ""


STAGES = ("caldav", "exchange", "small exchange", "google", "local", "office365")


def stage_of(name: str, path: Path, server: Radicale, graphs: Server) -> Stage:
    """The stage of that name, in an empty folder."""
    match name:
        case "caldav":
            return CaldavStage(server)
        case "exchange":
            return ExchangeStage()
        case "small exchange":
            return ExchangeStage(Limits.small())
        case "google":
            return GoogleStage()
        case "office365":
            return Office365Stage(graphs)
        case _:
            return LocalStage(path)


class Mirror:
    """What a desk would hold: it takes pages of changes as `ChangePage` says."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.cursor = ""
        self.held: dict[str, Upsert] = {}
        self.problems: list[str] = []
        self.read: list[str] = []
        """The resources that the last read brought."""

    async def follow(self) -> "Mirror":
        """Read what changed, and take it in."""
        listed: set[str] = set()
        self.problems, self.read = [], []
        last = None
        async for page in self._stage.provider.changes(self._stage.calendar, self.cursor, HORIZON):
            assert last is None or not last.cursor, "pages after the last one"
            last = page
            listed.update(page.listed)
            self.problems += [problem.resource for problem in page.problems]
            for change in page.changes:
                if isinstance(change, Upsert):
                    self.read.append(change.resource)
                    self.held[change.resource] = change
                else:
                    self.held.pop(change.resource, None)
            if page.complete:
                self.held = {name: each for name, each in self.held.items() if name in listed}
        assert last is not None
        assert last.cursor
        self.cursor = last.cursor
        return self

    @property
    def events(self) -> list[Event]:
        """All events held."""
        return [event for each in self.held.values() for event in each.events]

    @property
    def titles(self) -> list[str]:
        """Their titles, in order."""
        return sorted(event.title for event in self.events)


def text_of(uid: str, title: str, *more: str, start: str = "20260601T070000Z") -> str:
    """A calendar of one event that lasts an hour."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//somebody//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start}",
        "DURATION:PT1H",
        "SUMMARY:" + title.replace(",", "\\,"),
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)
