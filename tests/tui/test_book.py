"""Booking, moving and cancelling by keyboard alone; what came of it, in the desk and the folder."""

from pathlib import Path
from typing import Any

import pytest

from desk.desk import Desk
from desk.sample import PAGES
from scheduling.bookings import Booking, BookingState, Guest
from tests.tui.conftest import LARGE, NOW, SMALL
from tests.tui.dashboards import (
    cursor,
    dashboard,
    events,
    facts,
    rows,
    said,
    titles,
    toasts,
    week,
    write_event,
)
from tests.tui.desks import press, settle
from tui.app import KobleApp
from tui.screens.book import BookScreen
from tui.screens.meeting import MeetingScreen
from tui.screens.reschedule import RescheduleScreen
from tui.widgets.form import FormField
from tui.widgets.lines import Verbs
from tui.widgets.rows import Rows
from tui.widgets.times import Times

HOUR = 3600


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def app(clock: Any, home: Path) -> KobleApp:
    return dashboard(clock, home)


def buttons(app: KobleApp) -> list[str]:
    line = app.screen.query_one(Verbs)
    return [text for part in line.parts if (text := part.content.plain.strip())]


def errors(app: KobleApp) -> dict[str, str]:
    return {f.name or "": f.error for f in app.screen.query(FormField) if f.error}


async def to_times(pilot: Any) -> None:
    """From the dashboard to the first offer of /intro that guests see, too."""
    await press(pilot, "b", "down", "enter", "n")


async def grace(desk: Desk) -> Booking:
    """The meeting that the sample booked."""
    (found,) = [b for b in await desk.bookings.all() if b.guest.name == "Grace Hopper"]
    return found


async def open_grace(pilot: Any) -> Booking:
    """Open it from the week."""
    desk = await settle(pilot)
    booking = await grace(desk)
    week(pilot.app).go_to(booking.start)
    await settle(pilot)
    while not any(e.title == booking.title for e in week(pilot.app).grid.under_cursor):
        await press(pilot, "right")
    await press(pilot, "enter")
    if not isinstance(pilot.app.screen, MeetingScreen):
        await press(pilot, "down", "enter")
    assert pilot.app.screen.heading() == booking.title
    return booking


async def test_a_meeting_is_booked_and_lies_in_the_calendar(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        before = len(events(home))
        await to_times(pilot)
        slot = app.screen.query_one(Times).current
        assert slot is not None
        await press(pilot, "enter", *"Kim Lee", "tab", *"kim@example.com")
        assert buttons(app)[-1] == "Enter Book Fri 11:30 for Kim Lee"
        await press(pilot, "enter")

        (booking,) = [b for b in await desk.bookings.all() if b.guest.name == "Kim Lee"]
        assert (booking.state, booking.start) == (BookingState.CONFIRMED, slot.start)
        assert len(events(home)) == before + 1
        assert any("SUMMARY:Intro call: Kim Lee" in text for text in events(home))
        assert toasts(app)[-1] == "Booked: Intro call: Kim Lee, Fri 11:30."
        assert cursor(app) == "Fri 5 Mar 11:30"
        assert "Intro call: Kim Lee" in titles(app)


async def test_somebody_known_is_completed(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await to_times(pilot)
        await press(pilot, "enter", *"Barb", "right")
        assert app.screen.query_one("#field-name", FormField).value == "Barbara Liskov"
        assert app.screen.query_one("#field-email", FormField).value == "barbara@example.com"
        await press(pilot, "enter")
        guests = [b.guest.email for b in await desk.bookings.all()]
        assert guests.count("barbara@example.com") == 2


async def test_what_is_wrong_stands_beside_its_field(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        before = await desk.bookings.all()
        await to_times(pilot)
        await press(pilot, "enter", "enter")
        assert errors(app) == {"name": "This is needed.", "email": "This is needed."}
        await press(pilot, *"Kim", "tab", *"nobody", "enter")
        assert errors(app)["email"].startswith("nobody is not an e-mail address.")
        assert "name" not in errors(app)
        assert await desk.bookings.all() == before


async def test_the_way_back_loses_nothing(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await to_times(pilot)
        await press(pilot, "enter", *"Kim", "escape")
        screen = app.screen
        assert isinstance(screen, BookScreen)
        assert screen.step == "time"
        await press(pilot, "enter")
        assert screen.query_one("#field-name", FormField).value == "Kim"
        await press(pilot, "escape", "escape")
        assert screen.step == "page"
        await press(pilot, "escape")
        assert week(app).grid.has_focus


async def test_a_time_taken_in_between_leads_to_the_nearest_others(
    app: KobleApp, home: Path
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await to_times(pilot)
        await press(pilot, "enter", *"Kim", "tab", *"kim@example.com")
        # Somebody writes an event there while the form is being filled in.
        write_event(home, "Board", "20270305T103000Z", "20270305T110000Z")
        await press(pilot, "enter")

        assert said(app, "#why-taken").splitlines()[0] == "Fri 5 Mar 11:30 is not free any more."
        assert "Board" in said(app, "#why-taken")
        others = rows(app, "#others")
        assert len(others) == 3
        assert others[0] == "Thu 4 Mar 15:30–16:00"
        await press(pilot, "enter")
        assert app.screen.query_one("#field-name", FormField).value == "Kim"
        await press(pilot, "enter")
        (booking,) = [b for b in await desk.bookings.all() if b.guest.name == "Kim"]
        assert booking.state is BookingState.CONFIRMED
        assert toasts(app)[-1] == "Booked: Intro call: Kim, 15:30."


async def test_the_host_is_not_bound_by_the_notice_and_sees_that_guests_are(
    app: KobleApp,
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "b", "down", "enter")
        against = said(app, "#against")
        assert against.startswith("Thu 4 Mar 14:30 is not offered to guests")
        assert "notice" in against
        await press(pilot, "enter", *"Kim", "tab", *"kim@example.com", "enter")
        (booking,) = [b for b in await desk.bookings.all() if b.guest.name == "Kim"]
        assert booking.start == NOW + 27 * 60
        assert booking.state is BookingState.CONFIRMED


async def test_a_page_has_several_lengths(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "b", "down", "enter", "m")
        assert said(app, "#about").startswith("Intro call · 1 h")
        await press(pilot, "n", "enter", *"Kim", "tab", *"kim@example.com", "enter")
        (booking,) = [b for b in await desk.bookings.all() if b.guest.name == "Kim"]
        assert booking.end - booking.start == HOUR


async def test_two_more_weeks_can_be_looked_at(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "b", "down", "enter", "]")
        slot = app.screen.query_one(Times).current
        assert slot is not None
        assert slot.start >= NOW + 13 * 86_400
        await press(pilot, "[")
        slot = app.screen.query_one(Times).current
        assert slot is not None
        assert slot.start < NOW + 86_400


async def test_a_range_chosen_in_the_week_is_booked_with_its_length(app: KobleApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "down", "v", "down", "enter")
        screen = app.screen
        assert isinstance(screen, BookScreen)
        assert (screen.wanted, screen.minutes) == (NOW + 27 * 60, 60)


async def test_without_a_calendar_it_is_requested(clock: Any, home: Path) -> None:
    app = dashboard(clock, home, sample=False)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await desk.pages.add(PAGES[0])
        await settle(pilot)
        await press(pilot, "b", "n")
        assert said(app, "#mode") == "Offline mode: it is requested, not added to a calendar."
        await press(pilot, "enter", *"Kim", "tab", *"kim@example.com")
        assert buttons(app)[-1].startswith("Enter Request Fri 09:00 for Kim")
        await press(pilot, "enter")
        (booking,) = await desk.bookings.all()
        assert booking.state is BookingState.REQUESTED
        assert toasts(app)[-1] == "Requested: Intro call: Kim, Fri 09:00."


async def test_there_is_nothing_to_book_on_without_a_page(clock: Any, home: Path) -> None:
    app = dashboard(clock, home, sample=False)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "b")
        assert (
            app.screen.query_one("#page-rows", Rows).empty
            == "There is no page to book on. Make one first."
        )
        await press(pilot, "enter", "escape")
        assert week(app).grid.has_focus


async def test_a_meeting_tells_everything_about_itself(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await open_grace(pilot)
        told = facts(app)
        assert told["When"] == "Fri 5 Mar 10:30–11:00 · 30 min · in 20 h\nEurope/Oslo +01:00"
        assert told["Guest"] == "Grace Hopper <grace@example.com>"
        assert told["State"] == "confirmed"
        assert told["Page"] == "/intro"
        assert told["Calendar"] == "Work · This computer"
        assert buttons(app) == ["Esc close", "x cancel it", "m reschedule", "y copy"]


async def test_the_guests_own_time_is_told_where_it_differs(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        guest = Guest(name="Kim", email="kim@example.com", zone="America/New_York")
        free = (await desk.offers.free("demo")).offers
        booking = await desk.bookings.book("demo", free[0].start, guest)
        await press(pilot, "/", *"demo: kim", "enter", "enter")
        assert isinstance(app.screen, MeetingScreen)
        assert app.screen.heading() == booking.title
        assert facts(app)["For them"] == "Tue 9 Mar 03:30–04:30\nAmerica/New_York -05:00"


async def test_a_cancelled_meeting_leaves_the_calendar_after_ten_seconds(
    app: KobleApp, home: Path, clock: Any
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        booking = await open_grace(pilot)
        desk = await settle(pilot)
        await press(pilot, "x")
        told = said(app, ".said")
        assert "After ten seconds the event is deleted from your calendar." in told
        assert "Grace Hopper is not told. Write to grace@example.com yourself." in told
        assert buttons(app) == ["Esc keep it", "Enter cancel the meeting and tell nobody"]
        await press(pilot, *"Ill", "enter")

        cancelled = await desk.bookings.get(booking.id)
        assert (cancelled.state, cancelled.reason) == (BookingState.CANCELLED, "Ill")
        assert any(booking.uid in text for text in events(home))
        clock.at += 11
        await desk.outbox.perform()
        assert not any(booking.uid in text for text in events(home))


async def test_a_cancellation_is_taken_back_with_u(app: KobleApp, home: Path, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        booking = await open_grace(pilot)
        desk = await settle(pilot)
        await press(pilot, "x", "enter")
        assert toasts(app)[-1] == "Cancelled: Intro call: Grace Hopper, Fri 10:30.   u undo"
        await press(pilot, "u")
        clock.at += 60
        await desk.outbox.perform()
        assert await desk.bookings.get(booking.id) == booking
        assert any(booking.uid in text for text in events(home))
        assert toasts(app)[-1] == "Taken back: Intro call: Grace Hopper, Fri 10:30."


async def test_a_meeting_is_kept_with_escape(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        booking = await open_grace(pilot)
        desk = await settle(pilot)
        await press(pilot, "x", "escape")
        assert isinstance(app.screen, MeetingScreen)
        assert await desk.bookings.get(booking.id) == booking


async def test_a_meeting_is_moved(app: KobleApp, home: Path, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        booking = await open_grace(pilot)
        desk = await settle(pilot)
        await press(pilot, "m")
        assert isinstance(app.screen, RescheduleScreen)
        slot = app.screen.query_one(Times).current
        assert slot is not None
        assert slot.start == booking.start
        await press(pilot, "right")
        slot = app.screen.query_one(Times).current
        assert slot is not None
        assert buttons(app)[-1] == "Enter move it to Mon 8 Mar 10:30"
        await press(pilot, "enter")

        moved = await grace_again(desk, booking)
        assert (moved.start, moved.replaces) == (slot.start, booking.id)
        assert cursor(app) == "Mon 8 Mar 10:30"
        clock.at += 11
        await desk.outbox.perform()
        (text,) = [text for text in events(home) if booking.uid in text]
        assert "20270308T103000" in text


async def grace_again(desk: Desk, booking: Booking) -> Booking:
    (found,) = [b for b in await desk.bookings.all() if b.replaces == booking.id]
    return found


async def test_a_move_is_taken_back_with_u(app: KobleApp, home: Path, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        booking = await open_grace(pilot)
        desk = await settle(pilot)
        await press(pilot, "m", "right", "enter", "u", "t")
        clock.at += 60
        await desk.outbox.perform()
        assert await desk.bookings.get(booking.id) == booking
        (text,) = [text for text in events(home) if booking.uid in text]
        assert "20270305T103000" in text
        assert "Intro call: Grace Hopper" in titles(app)


async def test_an_outcome_is_asked_for_only_when_the_meeting_has_begun(
    app: KobleApp, clock: Any
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        booking = await open_grace(pilot)
        desk = await settle(pilot)
        assert "o outcome" not in buttons(app)
        await press(pilot, "escape")
        clock.at = booking.end + HOUR
        await press(pilot, "enter")
        assert buttons(app) == ["Esc close", "o outcome", "y copy"]
        await press(pilot, "o", "down", "enter")
        assert (await desk.bookings.get(booking.id)).outcome == "completed"
        assert facts(app)["Outcome"] == "completed"


async def test_an_address_is_opened_only_after_its_host_was_shown(
    app: KobleApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(KobleApp, "open_url", lambda _app, url, **_: opened.append(url))
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        lines = ("SUMMARY:Call", "CONFERENCE;VALUE=URI:https://meet.google.com/abc-defg-hij")
        write_event(home, "call", "20270304T130000Z", "20270304T140000Z", *lines)
        await desk.sync.now()
        await press(pilot, "t", "enter")
        assert facts(app)["Place"] == "Meet"
        await press(pilot, "v")
        assert said(app, ".title") == "It leads to meet.google.com."
        assert opened == []
        await press(pilot, "enter")
        assert opened == ["https://meet.google.com/abc-defg-hij"]


async def test_an_address_of_another_kind_is_never_opened(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        lines = ("SUMMARY:Call", "CONFERENCE;VALUE=URI:file:///etc/passwd")
        write_event(home, "call", "20270304T130000Z", "20270304T140000Z", *lines)
        await desk.sync.now()
        await press(pilot, "t", "enter")
        assert isinstance(app.screen, MeetingScreen)
        assert "v join" not in buttons(app)


async def test_a_dialog_may_be_left_while_it_is_being_read(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("b", "escape", "b", "down", "enter", "escape", "escape")
        await settle(pilot)
        assert week(app).grid.has_focus
