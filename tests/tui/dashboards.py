"""What the tests of the dashboard, of requests, contacts and bookings share."""

from pathlib import Path
from typing import Any

from textual.content import Content
from textual.widgets import Static

from tests.tui.conftest import ZONE
from tests.tui.desks import opens
from tui.app import KobleApp
from tui.screens.meetings import MeetingsScreen
from tui.widgets.facts import Facts
from tui.widgets.rows import Rows
from words import dates


def dashboard(clock: Any, home: Path, *, sample: bool = True) -> KobleApp:
    """The whole app over a desk in `home`, with the sample week or empty."""
    return KobleApp(
        opens(home, clock, sample=sample), clock=clock, zone=ZONE, ascii=False, animations=False
    )


def week(app: KobleApp) -> MeetingsScreen:
    """The dashboard, which is in front."""
    assert isinstance(app.screen, MeetingsScreen)
    return app.screen


def titles(app: KobleApp) -> list[str]:
    """The titles of what the week shows."""
    data = week(app).grid.week
    assert data is not None
    return [entry.title for entry in data.entries]


def said(app: KobleApp, selector: str) -> str:
    """What a Static of the screen in front says."""
    found: Any = app.screen.query_one(selector, Static).content
    return found.plain if isinstance(found, Content) else str(found)


def rows(app: KobleApp, selector: str) -> list[str]:
    """The rows of a list of the screen in front, cells joined."""
    found = app.screen.query_one(selector, Rows).rows
    return [" ".join(str(cell) for cell in row.cells) for row in found]


def facts(app: KobleApp) -> dict[str, str]:
    """The facts of the screen in front, by label."""
    return {fact.label: str(fact.text) for fact in app.screen.query_one(Facts).facts}


def cursor(app: KobleApp) -> str:
    """Where the cursor of the week is."""
    return dates.moment_text(week(app).grid.cursor, ZONE)


def toasts(app: KobleApp) -> list[str]:
    """The notices so far."""
    return [notice.text for notice in app.notices]


def events(home: Path, calendar: str = "work") -> list[str]:
    """The texts of a calendar's files."""
    folder = home / "calendars" / calendar
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.ics"))]


def write_event(home: Path, name: str, start: str, end: str, *lines: str) -> Path:
    """Somebody else writes an event into the calendar Work; `lines` besides its times."""
    path = home / "calendars" / "work" / f"{name}.ics"
    body = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "BEGIN:VEVENT",
        f"UID:{name}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        *(lines or (f"SUMMARY:{name}",)),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    path.write_text("\r\n".join(body), encoding="utf-8", newline="")
    return path
