"""Every calendar provider on a stage of its own: a calendar, and an outside hand in it."""

import hashlib
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from providers.base import CalendarProvider, Upsert
from providers.caldav import CaldavProvider
from providers.local import LocalProvider
from scheduling.events import Event
from tests.providers.instants import HORIZON, at
from tests.providers.radicale_server import PASSWORD, Radicale

ME = "me@example.org"
NOW = at("2026-05-01T12:00Z")


class Stage(Protocol):
    """What `test_every_provider` needs of a provider: one empty calendar, and someone outside."""

    provider: CalendarProvider
    calendar: str

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

    def __init__(self, path: Path) -> None:
        self.calendar = "work"
        self.folder = path / "calendars" / "work"
        self.folder.mkdir(parents=True)
        self._away = path / "away"
        self.provider: CalendarProvider = LocalProvider(
            path / "calendars", me=[ME], now=lambda: NOW, poll=0.005, rescan=0.02
        )

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

    def __init__(self, server: Radicale) -> None:
        self.server = server
        self.user = f"ada{next(self._numbers)}"
        self.folder = server.account(self.user, "work") / "work"
        self.calendar = f"/{self.user}/work/"
        self.provider: CalendarProvider = CaldavProvider(
            server.url, username=self.user, password=PASSWORD, me=[ME], now=lambda: NOW, local=True
        )

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


STAGES = ("caldav", "local")


def stage_of(name: str, path: Path, server: Radicale) -> Stage:
    """The stage of that name, in an empty folder."""
    return CaldavStage(server) if name == "caldav" else LocalStage(path)


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
