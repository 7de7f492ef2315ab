"""Contacts by keyboard alone."""

from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import LARGE, SMALL
from tests.tui.dashboards import dashboard, rows
from tests.tui.desks import press, settle
from tui.app import KobleApp
from tui.screens.book import BookScreen
from tui.screens.contact import ContactScreen
from tui.screens.contacts import ContactsScreen
from tui.screens.copy import CopyScreen
from tui.screens.meeting import MeetingScreen
from tui.widgets.rows import Rows


@pytest.fixture
def app(clock: Any, tmp_path: Path) -> KobleApp:
    return dashboard(clock, tmp_path / "home")


async def test_everybody_is_listed_with_the_last_and_the_next_meeting(
    app: KobleApp, clock: Any
) -> None:
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        await press(pilot, "4")
        assert rows(app, "#contacts") == [
            "Alan Turing alan@example.com next Fri 14:30",
            "Barbara Liskov barbara@example.com next Tue 12:30",
            "Edsger Dijkstra edsger@example.com next Fri 13:15",
            "Grace Hopper grace@example.com next Fri 10:30",
        ]
        clock.at += 2 * 86_400
        await desk.bookings.expire()
        await settle(pilot)
        assert rows(app, "#contacts")[0] == "Alan Turing alan@example.com "
        assert rows(app, "#contacts")[3] == "Grace Hopper grace@example.com last Fri 5 Mar 10:30"


async def test_a_timeline_with_outcomes(app: KobleApp, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        clock.at += 2 * 86_400
        await press(pilot, "4", "end", "enter")
        assert isinstance(app.screen, ContactScreen)
        assert rows(app, "#line") == ["Fri 5 Mar 10:30–11:00 Intro call: Grace Hopper scheduled"]
        await press(pilot, "o", "down", "down", "down", "enter")
        (grace,) = await desk.contacts.timeline("grace@example.com")
        assert grace.outcome == "no_show"
        assert rows(app, "#line") == ["Fri 5 Mar 10:30–11:00 Intro call: Grace Hopper no show"]


async def test_a_meeting_opens_from_the_timeline(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "4", "end", "enter", "enter")
        assert isinstance(app.screen, MeetingScreen)
        await press(pilot, "x", "enter")
        assert isinstance(app.screen, ContactScreen)
        (grace,) = await desk.contacts.timeline("grace@example.com")
        assert grace.state == "cancelled"
        assert rows(app, "#line")[0].endswith("cancelled")


async def test_a_meeting_is_booked_for_a_contact(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "4", "end", "b")
        assert isinstance(app.screen, BookScreen)
        await press(pilot, "down", "enter", "n", "enter", "enter")
        timeline = await desk.contacts.timeline("grace@example.com")
        assert len(timeline) == 2
        assert app.current_mode == "meetings"


async def test_an_address_is_copied(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "4", "y")
        assert isinstance(app.screen, CopyScreen)
        assert app.screen.text == "alan@example.com"


async def test_where_nobody_is_it_says_who_comes_here(clock: Any, tmp_path: Path) -> None:
    app = dashboard(clock, tmp_path / "home", sample=False)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "4", "enter", "y")
        assert isinstance(app.screen, ContactsScreen)
        empty = app.screen.query_one(Rows).empty
        assert empty == "Nobody yet. Whoever books comes here; b books a meeting."
