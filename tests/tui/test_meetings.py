"""The dashboard by keyboard alone, over a real desk and a real folder of calendars."""

import asyncio
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desk.desk import Desk
from scheduling.bookings import Guest
from tests.tui.conftest import LARGE, NOW, SMALL
from tests.tui.dashboards import (
    cursor,
    dashboard,
    facts,
    rows,
    said,
    titles,
    week,
    write_event,
)
from tests.tui.desks import press, settle, until
from tui.app import KobleApp
from tui.screens.book import BookScreen
from tui.screens.connect import ConnectScreen
from tui.screens.meeting import MeetingScreen
from tui.screens.page_editor import PageEditor
from tui.screens.pick import PickScreen
from tui.week.agenda import Agenda
from tui.widgets.rows import Rows

OFFLINE = "Offline mode: meetings are requested, not added."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def app(clock: Any, home: Path) -> KobleApp:
    return dashboard(clock, home)


async def test_the_week_shows_what_lies_in_the_calendars_and_what_koble_booked(
    app: KobleApp,
) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        assert {"Standup", "Dentist", "Kari away", "Choir"} <= set(titles(app))
        data = week(app).grid.week
        assert data is not None
        booked = [entry.title for entry in data.entries if entry.booked]
        assert booked == ["Intro call: Grace Hopper", "Edsger Dijkstra", "Alan Turing"]
        assert said(app, "#next") == "18:30  Choir\nin 4 h"
        assert said(app, "#requests-heading") == "Requests  2"
        assert rows(app, "#requests") == ["Fri 13:15 Edsger Dijkstra", "Fri 14:30 Alan Turing"]
        assert rows(app, "#calendars") == [
            "□ Holidays shown",
            "■ Private conflicts",
            "■ Work books here",
        ]


async def test_each_page_tells_how_much_it_offers_in_seven_days(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        counts = await desk.offers.counts()
        assert rows(app, "#pages") == [
            f"/demo 1 h · {counts['demo']}",
            f"/intro 30 min · {counts['intro']}",
            f"/office 15 min · {counts['office']}",
        ]


async def test_a_page_that_offers_nothing_says_why(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        write_event(home, "away", "20270304T000000Z", "20270320T000000Z")
        await desk.sync.now()
        await settle(pilot)
        shown = rows(app, "#pages")
        assert shown[0] == "/demo ! nothing"
        assert "away" in shown[1]


async def test_weeks_are_turned_by_brackets_and_today_comes_back(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "]")
        assert week(app).first == date(2027, 3, 8)
        assert "Demo: Barbara Liskov" in titles(app)
        await press(pilot, "[", "[")
        assert week(app).first == date(2027, 2, 22)
        await press(pilot, "t")
        assert week(app).first == date(2027, 3, 1)
        assert cursor(app) == "Thu 4 Mar 14:00"


async def test_turning_needs_no_reading(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        week(app).on_later_week()
        assert "Demo: Barbara Liskov" in titles(app)


async def test_the_cursor_walks_off_the_week_into_the_next(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, *["right"] * 4)
        assert cursor(app) == "Mon 8 Mar 14:00"
        assert week(app).first == date(2027, 3, 8)


async def test_a_day_a_week_and_a_list(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "d")
        data = week(app).grid.week
        assert data is not None
        assert (data.first_day, data.days) == (date(2027, 3, 4), 1)
        await press(pilot, "right")
        assert cursor(app) == "Fri 5 Mar 14:00"
        await press(pilot, "w", "a")
        agenda = app.screen.query_one(Agenda)
        assert agenda.has_focus
        assert [entry.title for entry in agenda.under_cursor] == ["Standup"]
        assert said(app, "#list-heading") == "Week 9 · 1–7 March"
        await press(pilot, "down", "down")
        assert [entry.title for entry in agenda.under_cursor] == ["Intro call: Grace Hopper"]
        await press(pilot, "enter")
        assert isinstance(app.screen, MeetingScreen)
        await press(pilot, "escape")
        await press(pilot, "a")
        assert week(app).grid.has_focus
        data = week(app).grid.week
        assert data is not None
        assert data.days == 7


async def test_enter_opens_what_is_under_the_cursor(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        week(app).go_to(NOW + 4 * 3600 + 27 * 60)
        await press(pilot, "enter")
        assert isinstance(app.screen, MeetingScreen)
        told = facts(app)
        assert told["When"].startswith("Thu 4 Mar 18:30–20:30 · 2 h · in 4 h")
        assert told["Calendar"] == "Private · This computer"
        assert told["Blocks"] == "keeps times away: busy"
        await press(pilot, "escape")
        assert week(app).grid.has_focus


async def test_enter_on_free_time_books_there(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, BookScreen)
        assert app.screen.wanted == NOW - 3 * 60


async def test_several_events_in_one_place_are_told_apart(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        for name in "abcdefgh":
            write_event(home, name, "20270304T120000Z", "20270304T130000Z")
        await desk.sync.now()
        await settle(pilot)
        week(app).go_to(NOW - 3600)
        await press(pilot, "right", "left")
        grid = week(app).grid
        while len(grid.under_cursor) < 2:
            await press(pilot, "right")
        wanted = grid.under_cursor[1].title
        await press(pilot, "enter")
        assert isinstance(app.screen, PickScreen)
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, MeetingScreen)
        assert app.screen.heading() == wanted


async def test_space_hides_a_calendar(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        await press(pilot, "c", "down", "space")
        private = (await desk.calendars.all())[1]
        assert (private.name, private.shown, private.conflicts) == ("Private", False, True)
        assert "Dentist" not in titles(app)
        assert rows(app, "#calendars")[1] == "■ Private hidden"
        await press(pilot, "space", "escape")
        assert "Dentist" in titles(app)
        assert week(app).grid.has_focus


@pytest.mark.parametrize(("key", "pane"), [("c", "left"), ("r", "right"), ("p", "right")])
async def test_on_a_narrow_screen_the_panes_are_drawers(app: KobleApp, key: str, pane: str) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        drawer = app.screen.query_one(f"#{pane}")
        assert not drawer.display
        await press(pilot, key)
        assert drawer.display
        assert app.focused in drawer.query("*")
        await press(pilot, "escape")
        assert not drawer.display
        assert week(app).grid.has_focus


async def test_pages_under_the_cursor_mark_their_offers_in_the_week(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        await press(pilot, "p", "down", "down")
        offers = (await desk.offers.free("office")).offers
        data = week(app).grid.week
        assert data is not None
        assert list(data.offers) == [offer.start for offer in offers]
        await press(pilot, "escape")
        data = week(app).grid.week
        assert data is not None
        assert list(data.offers) == []


async def test_a_request_beside_the_week_opens_among_the_requests(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "r", "down", "enter")
        current = app.screen.query_one("#requests", Rows).current
        assert app.current_mode == "requests"
        assert current is not None
        assert current.cells[2] == "Alan Turing"


async def test_n_makes_a_page(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        await until(pilot, lambda: isinstance(app.screen, PageEditor))


async def test_a_second_zone_stands_beside_the_own(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "z", *"tokyo", "enter")
        data = week(app).grid.week
        assert data is not None
        assert data.second_zone == "Asia/Tokyo"
        await press(pilot, "z")
        data = week(app).grid.week
        assert data is not None
        assert data.second_zone == ""


async def test_what_somebody_else_writes_is_seen(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        write_event(home, "Board", "20270304T140000Z", "20270304T150000Z")
        await press(pilot, "R")
        assert "Board" in titles(app)
        assert said(app, "#next") == "15:00  Board\nin 57 min"


async def test_a_week_that_is_turned_to_while_something_new_is_read_is_of_now(
    app: KobleApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, goes_on = asyncio.Event(), asyncio.Event()
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        agenda = desk.calendars.agenda

        async def slow(*span: int) -> Any:
            found = await agenda(*span)
            if not reads.is_set():
                reads.set()
                await goes_on.wait()
            return found

        monkeypatch.setattr(desk.calendars, "agenda", slow)
        write_event(home, "Board", "20270311T140000Z", "20270311T150000Z")
        await desk.sync.now()
        await until(pilot, reads.is_set)
        await pilot.press("]")
        goes_on.set()
        await settle(pilot)
        assert week(app).first == date(2027, 3, 8)
        assert "Board" in titles(app)


async def test_what_comes_next_counts_down(app: KobleApp, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert said(app, "#next-line") == " Next 18:30 Choir · in 4 h"
        clock.at += 4 * 3600
        week(app).minute()
        assert said(app, "#next-line") == " Next 18:30 Choir · in 27 min"
        clock.at += 28 * 60
        week(app).minute()
        assert said(app, "#next-line").startswith(" Next Fri 09:00 Standup")


async def test_without_a_calendar_the_week_still_shows_and_says_how_to_connect(
    clock: Any, home: Path
) -> None:
    app = dashboard(clock, home, sample=False)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert said(app, "#banner") == f" {OFFLINE}  c Connect your calendar"
        assert app.chrome.state == "none"
        assert said(app, "#next-line") == " Nothing in the coming week. b books a meeting."
        assert rows(app, "#pages") == []
        assert app.screen.query_one("#pages", Rows).empty == "No pages yet. n makes one."
        data = week(app).grid.week
        assert data is not None
        assert data.days == 7


async def test_a_calendar_that_cannot_be_read_says_so_in_its_own_words(
    app: KobleApp, home: Path, clock: Any
) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        before = titles(app)
        shutil.rmtree(home / "calendars")
        clock.at += 3600
        await press(pilot, "R")
        assert app.chrome.state == "stale"
        assert app.chrome.detail == "stale since 14:03"
        assert "could not be read at 15:03: " in said(app, "#banner")
        assert str(home / "calendars") in said(app, "#banner")
        assert titles(app) == before


async def test_the_first_line_counts_requests_and_the_age_of_the_last_read(
    app: KobleApp, clock: Any
) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        assert (app.chrome.who, app.chrome.state) == ("This computer", "fresh")
        assert (app.chrome.requests, app.chrome.detail) == (2, "now")
        clock.at += 120
        app._tick()
        await settle(pilot)
        assert app.chrome.detail == "2 min"
        await desk.bookings.decline((await desk.bookings.requests())[0].id)
        await settle(pilot)
        assert app.chrome.requests == 1


async def test_search_finds_people_meetings_pages_calendars_zones_and_settings(
    app: KobleApp,
) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        grace = [(hit.kind, hit.title) for hit in await app.search("grace")]
        assert grace == [("Contact", "Grace Hopper"), ("Meeting", "Intro call: Grace Hopper")]
        assert ("Event", "Dentist") in [(h.kind, h.title) for h in await app.search("dent")]
        assert ("Page", "/office") in [(h.kind, h.title) for h in await app.search("office")]
        assert ("Calendar", "Private") in [(h.kind, h.title) for h in await app.search("priv")]
        assert ("Setting", "Time zone") in [(h.kind, h.title) for h in await app.search("zone")]
        assert ("Time zone", "Asia/Tokyo") in [(h.kind, h.title) for h in await app.search("tok")]
        assert await app.search("   ") == []
        assert desk is not None


async def test_what_was_found_is_shown(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "/", *"barbara", "down", "enter")
        assert app.current_mode == "meetings"
        assert cursor(app) == "Tue 9 Mar 12:30"
        await press(pilot, "/", *"grace", "enter")
        await settle(pilot)
        current = app.screen.query_one("#contacts", Rows).current
        assert current is not None
        assert current.id == "grace@example.com"


async def test_hostile_titles_are_only_text(app: KobleApp, home: Path) -> None:
    hostile = "[/] [@click=app.quit]Join[/] \x1b]52;c;UFdORUQ=\x1b\\ [bold]x"
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        write_event(
            home, "h", "20270304T130000Z", "20270304T140000Z", f"SUMMARY:{hostile}",
            f"LOCATION:{hostile}", f"DESCRIPTION:{hostile}",
        )  # fmt: skip
        guest = Guest(name=hostile, email="mallory@example.com")
        free = (await desk.offers.free("office")).offers
        await desk.bookings.book("office", free[-1].start, guest, note=hostile)
        await desk.sync.now()
        await settle(pilot)
        for keys in (("t", "enter"), ("r",), ("a",), ("3",), ("4", "enter")):
            await press(pilot, *keys)
            picture = app.export_screenshot()
            assert "\x1b" not in picture
            assert "PWNED" not in picture
            if app.screen.is_modal:
                await press(pilot, "escape")
        assert app.is_running


async def test_a_desk_with_ten_thousand_events_turns_without_reading_them(
    app: KobleApp, home: Path
) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk: Desk = await settle(pilot)
        lines = ("SUMMARY:Many", "RRULE:FREQ=HOURLY;COUNT=10000")
        write_event(home, "many", "20270101T000000Z", "20270101T001500Z", *lines)
        await desk.sync.now()
        await settle(pilot)
        shown = week(app).weeks
        assert set(shown) == {date(2027, 2, 22), date(2027, 3, 1), date(2027, 3, 8)}
        assert len(shown[date(2027, 3, 1)].agenda.entries) < 200


async def test_a_click_on_the_month_goes_to_that_day(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await pilot.click("#month", offset=(7, 5))
        await settle(pilot)
        assert cursor(app) == "Wed 24 Mar 14:00"


async def test_nothing_connected_leads_to_the_dialog_that_connects(clock: Any, home: Path) -> None:
    app = dashboard(clock, home, sample=False)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "c")
        assert isinstance(app.screen, ConnectScreen)


def test_the_dashboard_comes_up_without_the_desk() -> None:
    code = (
        "import sys, tui.screens.meetings;"
        "print(*{name.split('.')[0] for name in sys.modules}, sep='\\n')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & {"desk", "store", "providers", "tinydb", "icalendar"} == set()


async def test_in_another_language_the_week_is_still_the_screen(
    app: KobleApp, home: Path, clock: Any
) -> None:
    desk = await Desk.open(home, clock=clock)
    await desk.settings.set("profile.language", "nb")
    await desk.close()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert not week(app).listed
        assert week(app).focused is week(app).grid
        assert cursor(app).startswith("tor. 4. mar.")
        await press(pilot, "]", "3", "1")
        assert week(app).first == date(2027, 3, 8)
        assert titles(app)


async def test_the_language_changes_under_every_screen_and_nobody_loses_their_place(
    app: KobleApp,
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "2", "3", "4", "5", "enter", "down", "down", "down", "enter")
        await press(pilot, "down", "enter")
        assert app.screen.focused is not None
        assert str(app.screen.focused.current.cells[0]) == "Språk"
        for key, selector in (("2", "#pages"), ("3", "#requests"), ("4", "#contacts")):
            await press(pilot, key)
            assert app.screen.focused is app.screen.query_one(selector)
            assert rows(app, selector)
        await press(pilot, "1")
        assert app.screen.focused is week(app).grid
        assert titles(app)
