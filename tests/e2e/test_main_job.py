"""The main job, by keyboard alone, in a real terminal of 80×24, beside khal.

khal writes the calendars; koble connects them, shows the week, makes a page, says what it offers
and why not more, and books; khal lists what was booked.
"""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.terminal import Terminal

BIN = Path(sys.executable).parent
OSLO = ZoneInfo("Europe/Oslo")
CONFIG = """
[calendars]
[[home]]
path = {folder}/home
[[other]]
path = {folder}/other
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Oslo
default_timezone = Europe/Oslo
[default]
default_calendar = home
"""


SYNC = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:sync
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Oslo:{monday:%Y%m%d}T130000
DTEND;TZID=Europe/Oslo:{monday:%Y%m%d}T140000
RRULE:FREQ=WEEKLY;BYDAY=MO,FR
SUMMARY:Sync
END:VEVENT
BEGIN:VEVENT
UID:sync
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Oslo:{friday:%Y%m%d}T130000
DTSTART;TZID=Europe/Oslo:{friday:%Y%m%d}T140000
DTEND;TZID=Europe/Oslo:{friday:%Y%m%d}T150000
SUMMARY:Moved
END:VEVENT
END:VCALENDAR
"""


class Khal:
    """The other program on the same folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "calendars"
        for name in ("home", "other"):
            (self.folder / name).mkdir(parents=True)
        self._config = home / "khal.conf"
        self._config.write_text(CONFIG.format(folder=self.folder))
        self._env = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
        self._env |= {"XDG_DATA_HOME": str(home / "data"), "LANG": "C.UTF-8"}

    def __call__(self, *words: str) -> str:
        command = [str(BIN / "khal"), "-c", str(self._config), *words]
        done = subprocess.run(command, env=self._env, check=True, capture_output=True, text=True)
        return done.stdout


@pytest.fixture
def khal(tmp_path: Path) -> Khal:
    return Khal(tmp_path)


def next_monday() -> date:
    """The Monday after this week; the app runs by the real clock."""
    today = datetime.now(UTC).astimezone(OSLO).date()
    return today + timedelta(days=7 - today.weekday())


def test_from_a_folder_that_khal_wrote_to_a_meeting_that_khal_lists(
    khal: Khal, tmp_path: Path
) -> None:
    monday = next_monday()
    tuesday, wednesday, thursday = (monday + timedelta(days=n) for n in (1, 2, 3))
    khal("new", "-r", "daily", f"{monday}", "09:00", "09:30", "Standup")
    khal("new", f"{tuesday}", "10:00", "11:00", "Dentist")
    khal("new", "-a", "other", f"{wednesday}", f"{wednesday}", "Fair")
    khal("new", f"{thursday}", "10:00", "11:00", "America/New_York", "Call NY")
    friday = monday + timedelta(days=4)
    (khal.folder / "home" / "sync.ics").write_text(SYNC.format(monday=monday, friday=friday))
    env = {"KOBLE_HOME": str(tmp_path / "koble"), "TZ": "Europe/Oslo"}

    with Terminal([str(BIN / "koble")], columns=80, lines=24, env=env) as terminal:
        terminal.wait_for("Offline mode")
        terminal.press("c")
        terminal.wait_for("Which calendar do you use?")
        terminal.press("down", "down", "down", "down")
        terminal.wait_for("▸ This computer")
        terminal.press("enter")
        terminal.wait_for("Folder *")
        terminal.press(str(khal.folder))
        terminal.wait_for("2 calendars")
        terminal.press("enter")
        terminal.wait_for(lambda screen: "Connected" in screen and "Folder" not in screen)
        terminal.wait_for("● This computer")

        terminal.press("]")
        terminal.wait_for("Fair")
        # Late in the day the week is scrolled to the evening.
        terminal.press("home")
        wanted = ("Dentist", "Fair", "Call NY", "Moved")
        # Sync is weekly on Monday and Friday; that Friday it is moved, and another name tells so.
        week = terminal.wait_for(
            lambda screen: (
                all(each in screen for each in wanted)
                and (_nine(screen).count("Standup"), screen.count("▌Sync")) == (7, 1)
            )
        )
        # 10:00 in New York is 16:00 in Oslo, but for the weeks between their changes of clocks.
        there = datetime(
            thursday.year, thursday.month, thursday.day, 10, tzinfo=ZoneInfo("America/New_York")
        )
        at = there.astimezone(OSLO).hour
        [line] = [line for line in week.splitlines() if "Call NY" in line]
        assert line.startswith(f"{at}")

        terminal.press("n")
        terminal.wait_for("New page")
        terminal.press("intro")
        terminal.wait_for("Address *  intro ")
        terminal.press("tab", "First talk")
        terminal.wait_for("Title      First talk")
        terminal.press("enter")
        terminal.wait_for("Saved /intro.")
        terminal.press("2")
        terminal.wait_for("/intro  First talk")
        terminal.press("enter")
        terminal.wait_for("Enter book")
        _to(terminal, tuesday, "10:00")
        why = terminal.wait_for("not offered")
        assert "“Dentist” (home) takes this time" in " ".join(why.split())
        _to(terminal, tuesday, "11:30")
        terminal.wait_for(lambda screen: "11:30  ✓ offered" in screen)

        terminal.press("b")
        terminal.wait_for("Enter take")
        terminal.press("enter")
        terminal.wait_for("Name *")
        terminal.press("Grace Hopper")
        terminal.wait_for("Grace Hopper")
        terminal.press("tab", "grace@example.com")
        terminal.wait_for("grace@example.com")
        terminal.press("enter")
        terminal.wait_for(lambda screen: "Booked" in screen and "Name *" not in screen)

        terminal.press("1")
        terminal.wait_for("Week")
        terminal.press("q")
        assert terminal.wait() == 0

    assert "11:30-12:00 First talk: Grace Hopper" in khal("list", f"{tuesday}", "1d")
    assert len(list((khal.folder / "home").glob("*.ics"))) == 5


def _nine(screen: str) -> str:
    """The line of nine o'clock."""
    return next((line for line in screen.splitlines() if line.startswith(" 9")), "")


def _to(terminal: Terminal, day: date, time: str) -> None:
    """Move the cursor of the times to a time of a day, as a person would: looking."""
    while (here := _look(terminal))[0] != f"{day:%a} {day.day} {day:%b}":
        first = datetime.strptime(f"{here[0]} {day.year}", "%a %d %b %Y").date()  # noqa: DTZ007
        _step(terminal, "right" if first < day else "left", here)
    while (here := _look(terminal))[1] != time:
        _step(terminal, "down" if here[1] < time else "up", here)


def _look(terminal: Terminal) -> tuple[str, str]:
    terminal.wait_for(lambda _screen: _here(terminal) is not None)
    here = _here(terminal)
    assert here is not None
    return here


def _step(terminal: Terminal, key: str, before: tuple[str, str]) -> None:
    terminal.press(key)
    terminal.wait_for(lambda _screen: _here(terminal) not in (before, None))


def _here(terminal: Terminal) -> tuple[str, str] | None:
    """Day and time under the cursor, as the line below the times tells it."""
    for line in terminal.lines():
        words = line.partition("│")[2].split()
        if len(words) >= 5 and ("offered" in words or "✓" in words):
            return " ".join(words[:3]), words[3]
    return None
