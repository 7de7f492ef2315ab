"""The queue of requests by keyboard alone; what came of it, in the desk and the folder."""

from pathlib import Path
from typing import Any

import pytest

from scheduling.bookings import BookingState
from store.store import Store
from tests.tui.conftest import NOW, SMALL
from tests.tui.dashboards import dashboard, events, facts, rows, said, toasts, write_event
from tests.tui.desks import press, settle
from tui.app import KobleApp
from tui.screens.copy import CopyScreen
from tui.screens.decline import DeclineScreen
from tui.screens.meeting import MeetingScreen
from tui.screens.propose import ProposeScreen
from tui.widgets.form import FormField
from tui.widgets.rows import Rows
from tui.widgets.times import Times

EDSGER, ALAN = "  Fri 13:15 Edsger Dijkstra /office", "! Fri 14:30 Alan Turing /intro"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def app(clock: Any, home: Path) -> KobleApp:
    return dashboard(clock, home)


async def test_requests_tell_who_when_and_why_they_wait(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "3")
        assert rows(app, "#requests") == [EDSGER, ALAN]
        told = facts(app)
        assert told["When"] == "Fri 5 Mar 13:15–13:30 · 15 min"
        assert told["Who"] == "Edsger Dijkstra <edsger@example.com>"
        assert told["Why it waits"] == "waits for your answer"


async def test_what_would_clash_is_marked_before_a_key_is_pressed(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "3", "down")
        assert said(app, "#clash").startswith("! It would clash:\n · “All hands” (Work)")


async def test_an_accepted_request_lies_in_the_calendar(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        before = len(events(home))
        await press(pilot, "3", "a")
        (edsger,) = [b for b in await desk.bookings.all() if b.guest.name == "Edsger Dijkstra"]
        assert edsger.state is BookingState.CONFIRMED
        assert len(events(home)) == before + 1
        assert any(f"UID:{edsger.uid}" in text for text in events(home))
        assert toasts(app)[-1] == "Accepted: Office hours: Edsger Dijkstra, Fri 13:15."
        assert rows(app, "#requests") == [ALAN]


async def test_a_request_that_clashes_is_not_accepted(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        before = events(home)
        await press(pilot, "3", "down", "a")
        assert toasts(app)[-1].startswith("Not accepted: “All hands”")
        assert len(await desk.bookings.requests()) == 2
        assert events(home) == before


async def test_a_declined_request_keeps_its_reason_and_can_be_taken_back(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "d")
        assert isinstance(app.screen, DeclineScreen)
        await press(pilot, *"Full", "enter")
        (declined,) = await desk.bookings.all(BookingState.DECLINED)
        assert (declined.guest.name, declined.reason) == ("Edsger Dijkstra", "Full")
        assert rows(app, "#requests") == [
            ALAN,
            "",
            "Declined and expired",
            "  Fri 13:15 Edsger Dijkstra declined",
        ]
        await press(pilot, "u")
        assert await desk.bookings.all(BookingState.DECLINED) == []
        assert rows(app, "#requests") == [EDSGER, ALAN]


async def test_declining_can_be_thought_better_of(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "d", "escape")
        assert len(await desk.bookings.requests()) == 2


async def test_other_times_are_proposed_and_taken_along(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "down", "o")
        assert isinstance(app.screen, ProposeScreen)
        times = app.screen.query_one(Times)
        first = times.current
        await press(pilot, "space", "right")
        second = times.current
        assert first is not None
        assert second is not None
        await press(pilot, "space")
        assert "Marked: " in said(app, "#marked")
        await press(pilot, "enter")
        (alan,) = [b for b in await desk.bookings.requests() if b.guest.name == "Alan Turing"]
        assert alan.proposed == (first.start, second.start)
        assert isinstance(app.screen, CopyScreen)
        assert app.screen.text.splitlines()[0] == "Intro call: Alan Turing"
        assert len(app.screen.text.splitlines()) == 3
        await press(pilot, "escape")
        assert facts(app)["Why it waits"].startswith("you proposed Fri ")


async def test_from_an_exchange_calendar_no_times_are_proposed_and_it_is_said_why(
    app: KobleApp,
) -> None:
    """S23."""
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)

        def become_exchange(store: Store) -> None:
            for each in store.connections.all():
                store.connections.put(each | {"kind": "exchange"})

        await desk.write(become_exchange)
        await press(pilot, "3", "down", "o", "enter")
        (alan,) = [b for b in await desk.bookings.requests() if b.guest.name == "Alan Turing"]
        assert alan.proposed == ()
        (told,) = toasts(app)
        assert told.startswith("Proposed times cannot be inserted from an Exchange calendar.")


async def test_only_times_that_guests_are_offered_can_be_proposed(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "down", "o")
        shown = [slot.start for _, day in app.screen.query_one(Times)._days for slot in day]
        (alan,) = [b for b in await desk.bookings.requests() if b.guest.name == "Alan Turing"]
        free = await desk.offers.free("intro", NOW, NOW + 14 * 86_400, moving=alan.id)
        assert shown == [offer.start for offer in free.offers]


async def test_enter_shows_a_request_in_detail_where_it_can_be_answered(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "enter")
        assert isinstance(app.screen, MeetingScreen)
        assert facts(app)["State"] == "requested · waits for your answer"
        await press(pilot, "a")
        assert len(await desk.bookings.requests()) == 1
        assert rows(app, "#requests") == [ALAN]


async def test_a_request_expires_at_its_start_and_stays_below(app: KobleApp, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        clock.at = NOW + 2 * 86_400
        await desk.bookings.expire()
        await press(pilot, "3")
        shown = rows(app, "#requests")
        assert shown[0].startswith("Nobody waits")
        assert [line.rpartition(" ")[2] for line in shown[-2:]] == ["expired", "expired"]
        await press(pilot, "a")
        assert await desk.bookings.requests() == []


async def test_what_came_to_nothing_is_removed_and_comes_back_by_undo(
    app: KobleApp, clock: Any
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "x")
        assert len(await desk.bookings.requests()) == 2  # what waits is answered, not removed
        clock.at = NOW + 2 * 86_400
        await desk.bookings.expire()
        await settle(pilot)
        before = rows(app, "#requests")
        await press(pilot, "end", "x")
        assert toasts(app)[-1].startswith("1 request was removed.")
        assert len(rows(app, "#requests")) == len(before) - 1
        await press(pilot, "u")
        assert rows(app, "#requests") == before
        await press(pilot, "X")
        assert toasts(app)[-1].startswith("2 requests were removed.")
        assert rows(app, "#requests") == []
        await press(pilot, "u")
        assert rows(app, "#requests") == before


async def test_two_deeds_are_taken_back_one_after_the_other(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "3", "d", "enter", "end", "x")
        assert rows(app, "#requests") == [ALAN]
        await press(pilot, "u")
        assert rows(app, "#requests")[-1] == "  Fri 13:15 Edsger Dijkstra declined"
        await press(pilot, "u")
        assert rows(app, "#requests") == [EDSGER, ALAN]
        await press(pilot, "u")
        assert rows(app, "#requests") == [EDSGER, ALAN]


async def test_what_waits_for_the_calendar_says_so(app: KobleApp, home: Path, clock: Any) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        (home / "calendars").rename(home / "elsewhere")
        clock.at += 60
        await press(pilot, "3", "a")
        (edsger,) = [b for b in await desk.bookings.requests() if b.guest.name.startswith("Ed")]
        assert edsger.adding
        assert "It is added once the calendar answers." in toasts(app)[-1]
        assert facts(app)["Why it waits"].startswith("waits for the calendar: ")
        (home / "elsewhere").rename(home / "calendars")
        clock.at += 120
        await desk.outbox.perform()
        await settle(pilot)
        assert rows(app, "#requests") == [ALAN]
        assert any(f"UID:{edsger.uid}" in text for text in events(home))


async def test_what_happens_outside_is_seen_in_the_queue(app: KobleApp, home: Path) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3")
        write_event(home, "Board", "20270305T120000Z", "20270305T130000Z")
        await desk.sync.now()
        await settle(pilot)
        assert rows(app, "#requests")[0] == EDSGER.replace(" ", "!", 1)
        assert "“Board” (Work)" in said(app, "#clash")


@pytest.mark.parametrize("sample", [True, False], ids=["connected", "offline"])
async def test_an_empty_queue_says_why(clock: Any, home: Path, sample: bool) -> None:
    app = dashboard(clock, home, sample=sample)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        for each in await desk.bookings.requests():
            await desk.bookings.cancel(each.id)
        await press(pilot, "3")
        empty = app.screen.query_one(Rows).empty
        assert ("In offline mode" in empty) is not sample
        assert rows(app, "#requests") == []
        await press(pilot, "a", "d", "o", "enter")
        assert app.current_mode == "requests"


async def test_the_reason_for_declining_may_be_left_empty(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "3", "d")
        assert app.screen.query_one(FormField).value == ""
        await press(pilot, "enter")
        (declined,) = await desk.bookings.all(BookingState.DECLINED)
        assert declined.reason == ""
