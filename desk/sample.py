"""A made-up week, for trying koble out and for the pictures."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from desk.desk import Desk
from scheduling.bookings import Guest
from scheduling.pages import Hours, Limit, Limits, Page, Window

ZONE = "Europe/Oslo"

_CALENDARS = {
    "work": ("Work", "#3b82c4"),
    "private": ("Private", "#8a63c9"),
    "holidays": ("Holidays", "#4c9a5b"),
}

# Calendar, name of the file, weekday (0 is Monday), start, end, title, further lines.
_TIMED = (
    ("work", "standup", 0, "09:00", "09:30", "Standup", ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,TH,FR",)),
    ("work", "planning", 0, "10:00", "11:30", "Planning", ("LOCATION:Room Ada",)),
    ("work", "review", 1, "13:00", "14:00", "Design review", ("STATUS:TENTATIVE",)),
    ("private", "dentist", 1, "10:00", "11:30", "Dentist", ()),
    ("work", "workshop", 2, "09:00", "12:00", "Workshop with Kari", ("LOCATION:Bergen",)),
    ("work", "pairing", 2, "10:30", "11:30", "Pairing", ()),
    ("work", "one-to-one", 3, "11:00", "11:30", "One to one", ("RRULE:FREQ=WEEKLY;INTERVAL=2",)),
    ("work", "all-hands", 4, "14:00", "15:00", "All hands", ("RRULE:FREQ=MONTHLY;BYDAY=1FR",)),
    ("work", "focus", 4, "10:00", "12:00", "Focus time", ("TRANSP:TRANSPARENT",)),
    ("private", "choir", 3, "18:30", "20:30", "Choir", ("RRULE:FREQ=WEEKLY",)),
)

PAGES = (
    Page(
        name="intro",
        title="Intro call",
        description="A first talk about what you need.",
        durations=(30, 60),
        step=30,
        buffer_before=15,
        buffer_after=15,
        notice=240,
        window=Window(days=14),
        limits=Limits(day=Limit(bookings=4)),
        location="Video",
    ),
    Page(
        name="demo",
        title="Demo",
        description="An hour with the product.",
        durations=(60,),
        step="duration+buffers",
        buffer_after=30,
        notice=1440,
        window=Window(business_days=10),
        hours=(Hours(days=("tue", "thu"), start="09:00", end="15:00"),),
    ),
    Page(
        name="office",
        title="Office hours",
        durations=(15,),
        step=15,
        anchor="pack",
        hours=(Hours(days=("fri",), start="12:00", end="14:00"),),
        window=Window(bookable_days=2),
        cancel_notice=60,
    ),
)


async def furnish(desk: Desk) -> None:
    """Fill an empty home with the sample: a profile, three calendars, pages, bookings, requests."""
    now = desk.clock.now()
    today = datetime.fromtimestamp(now, ZoneInfo(ZONE)).date()
    monday = today - timedelta(days=today.weekday())
    folder = desk.home / "calendars"
    write_calendars(folder, monday)
    profile = await desk.settings.profile()
    await desk.settings.save_profile(
        msgspec.structs.replace(
            profile, name="Ada Lovelace", email="ada@example.com", zone=ZONE, created="2024-05-02"
        )
    )
    for page in PAGES:
        await desk.pages.add(page)
    # Requests first: without a calendar every booking is one.
    await _book(desk, "office", 5, Guest(name="Edsger Dijkstra", email="edsger@example.com"))
    await _book(desk, "intro", 9, Guest(name="Alan Turing", email="alan@example.com"))
    await desk.connections.connect_local(str(folder))
    for calendar in await desk.calendars.all():
        if calendar.name == "Work":
            await desk.calendars.change(calendar.id, destination=True)
        elif calendar.name == "Holidays":
            await desk.calendars.change(calendar.id, conflicts=False)
    await _book(desk, "intro", 1, Guest(name="Grace Hopper", email="grace@example.com"))
    await _book(desk, "demo", 2, Guest(name="Barbara Liskov", email="barbara@example.com"))


async def _book(desk: Desk, page: str, nth: int, guest: Guest) -> None:
    now = desk.clock.now()
    offers = (await desk.offers.free(page, now, now + 14 * 86_400)).offers
    if offers:
        await desk.bookings.book(page, offers[min(nth, len(offers) - 1)].start, guest)


def write_calendars(folder: Path, monday: date) -> None:
    """Write the sample's three calendars into `folder`, their series from four weeks back."""
    for folder_name, (title, colour) in _CALENDARS.items():
        place = folder / folder_name
        place.mkdir(parents=True, exist_ok=True)
        (place / "displayname").write_text(title, encoding="utf-8")
        (place / "color").write_text(colour, encoding="utf-8")
    for calendar, name, weekday, start, end, title, lines in _TIMED:
        day = monday + timedelta(days=weekday)
        if any(line.startswith("RRULE") for line in lines):
            day -= timedelta(weeks=4)
        _write(
            folder / calendar / f"{name}.ics",
            name,
            title,
            f"DTSTART;TZID={ZONE}:{day:%Y%m%d}T{start.replace(':', '')}00",
            f"DTEND;TZID={ZONE}:{day:%Y%m%d}T{end.replace(':', '')}00",
            *lines,
        )
    last = monday + timedelta(days=5)
    _write(
        folder / "holidays" / "autumn.ics",
        "autumn",
        "Kari away",
        f"DTSTART;VALUE=DATE:{monday + timedelta(days=2):%Y%m%d}",
        f"DTEND;VALUE=DATE:{last:%Y%m%d}",
        "TRANSP:TRANSPARENT",
    )


def _write(path: Path, uid: str, title: str, *lines: str) -> None:
    stamp = datetime(2026, 1, 1, tzinfo=UTC)
    text = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//koble//sample//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}@sample.koble",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    path.write_bytes("\r\n".join([*text, ""]).encode())
