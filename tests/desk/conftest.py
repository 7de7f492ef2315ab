"""A desk on a clock that stands still, over a folder of calendars."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from scheduling.bookings import Guest
from scheduling.pages import Hours, Page

GRACE = Guest(name="Grace Hopper", email="grace@example.com")
ALAN = Guest(name="Alan Turing", email="alan@example.com")
INTRO = Page(
    name="intro",
    title="Intro",
    durations=(60,),
    step=30,
    hours=(Hours(days=("mon", "tue", "wed", "thu", "fri"), start="09:00", end="13:00"),),
)


def at(text: str) -> int:
    """UTC seconds of an ISO instant, such as `2026-12-01T08:00Z`."""
    return int(datetime.fromisoformat(text).timestamp())


def clock_text(seconds: int) -> str:
    """The instant as UTC text, for readable comparisons."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%m-%dT%H:%MZ")


class Folder:
    """The outside hand: somebody else who writes into the calendars."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "work").mkdir(parents=True)

    def write(self, name: str, *lines: str, calendar: str = "work") -> Path:
        """Write an event file of these lines."""
        body = "\r\n".join(
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//test//EN",
                "BEGIN:VEVENT",
                f"UID:{name}",
                "DTSTAMP:20260101T000000Z",
                f"SUMMARY:{name}",
                *lines,
                "END:VEVENT",
                "END:VCALENDAR",
                "",
            ]
        )
        path = self.path / calendar / f"{name}.ics"
        path.write_text(body, encoding="utf-8", newline="")
        return path

    def busy(self, name: str, start: str, end: str, *lines: str) -> Path:
        """Write an event from `start` to `end`, both `YYYYMMDDTHHMMSSZ`."""
        return self.write(name, f"DTSTART:{start}", f"DTEND:{end}", *lines)

    def files(self, calendar: str = "work") -> list[str]:
        """The texts of the event files that lie there."""
        return [p.read_text(encoding="utf-8") for p in sorted((self.path / calendar).glob("*.ics"))]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "calendars")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(at("2026-11-30T06:00Z"))


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Desk]:
    """Nothing connected; one page, Monday to Friday 09:00–13:00 in Oslo."""
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="Europe/Oslo")
    await desk.pages.add(INTRO)
    yield desk
    await desk.close()


@pytest.fixture
async def connected(desk: Desk, folder: Folder) -> Desk:
    """The same, with the folder connected."""
    await desk.connections.connect_local(str(folder.path))
    return desk
