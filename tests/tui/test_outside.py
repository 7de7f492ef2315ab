"""A meeting that somebody moved or deleted outside koble, on the dashboard and in its dialog."""

import re
from pathlib import Path
from typing import Any

import pytest

from scheduling.bookings import BookingState
from tests.tui.conftest import LARGE, SMALL
from tests.tui.dashboards import dashboard, facts, said, toasts, week
from tests.tui.desks import press, settle
from tui.app import KobleApp
from tui.outside import VERBS
from tui.screens.acting import of_booking
from tui.screens.meeting import MeetingScreen


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def app(clock: Any, home: Path) -> KobleApp:
    return dashboard(clock, home)


async def change(pilot: Any, home: Path, clock: Any, *, gone: bool = False) -> str:
    """Somebody moves Grace's meeting by four days, or deletes it; its id."""
    desk = await settle(pilot)
    clock.at += 300
    [booking] = [b for b in await desk.bookings.upcoming() if "Grace" in b.title]
    folder = home / "calendars" / "work"
    [path] = [p for p in folder.glob("*.ics") if booking.uid in p.read_text(encoding="utf-8")]
    if gone:
        path.unlink()
    else:
        text = path.read_text(encoding="utf-8")
        assert "20270305T103000" in text
        moved = re.sub(r"(DT(?:START|END)[^:\r\n]*:)20270305", r"\g<1>20270309", text)
        path.with_suffix(".tmp").write_text(moved, encoding="utf-8", newline="")
        path.with_suffix(".tmp").replace(path)
    await desk.sync.now()
    await settle(pilot)
    return str(booking.id)


async def test_without_such_a_change_nothing_is_said(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        assert not app.screen.query_one("#outside").display
        assert not any(week(app).applies(verb) for verb in VERBS)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
async def test_a_move_is_said_with_two_keys_and_taken_over_by_one(
    app: KobleApp, home: Path, clock: Any, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        old = await change(pilot, home, clock)
        text = said(app, "#outside")
        assert "Intro call: Grace Hopper, Fri 10:30." in text
        assert "Somebody moved its event outside koble, to Tue 9 Mar 10:30–11:00." in text
        assert text.endswith("T take it over  B put it back")
        await press(pilot, "T")
        assert not app.screen.query_one("#outside").display
        assert toasts(app)[-1] == "Taken over: Intro call: Grace Hopper, now Tue 10:30."
        desk = await settle(pilot)
        assert (await desk.bookings.get(old)).state is BookingState.RESCHEDULED


async def test_a_deletion_is_put_back_by_the_other_key(
    app: KobleApp, home: Path, clock: Any
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        old = await change(pilot, home, clock, gone=True)
        assert "Somebody deleted its event outside koble." in said(app, "#outside")
        await press(pilot, "B")
        assert toasts(app)[-1] == "Put back: Intro call: Grace Hopper, Fri 10:30."
        assert not app.screen.query_one("#outside").display
        desk = await settle(pilot)
        assert (await desk.bookings.get(old)).event_id


async def test_the_dialog_of_the_meeting_says_it_too(app: KobleApp, home: Path, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        old = await change(pilot, home, clock)
        desk = await settle(pilot)
        app.push_screen(MeetingScreen(of_booking(await desk.bookings.get(old))))
        await settle(pilot)
        assert "Somebody moved its event outside koble" in facts(app)["Outside"]
        await press(pilot, "B")
        assert facts(app).get("Outside", "") == ""
        assert (await desk.bookings.get(old)).outside is None


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
def test_the_dashboard_in_a_picture(
    snap_compare: Any, app: KobleApp, home: Path, clock: Any, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Any) -> None:
        await change(pilot, home, clock)

    assert snap_compare(app, terminal_size=size, run_before=prepare)
