"""Pictures of the dashboard, of requests and contacts, and of every dialog on the way."""

import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from desk.sample import PAGES
from tests.tui.conftest import LARGE, SMALL
from tests.tui.dashboards import dashboard, week, write_event
from tests.tui.desks import press, settle
from tui.app import KobleApp

Prepare = Callable[[Pilot[Any]], Awaitable[None]]
both = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
CALL = (
    "SUMMARY:Roadmap with the whole team",
    "LOCATION:Room Ada",
    "CONFERENCE;VALUE=URI:https://meet.google.com/abc-defg-hij",
    "ORGANIZER;CN=Kari Nordmann:mailto:kari@example.com",
    "ATTENDEE;CN=Ada Lovelace;PARTSTAT=ACCEPTED:mailto:ada@example.com",
    "ATTENDEE;CN=Grace Hopper;PARTSTAT=TENTATIVE:mailto:grace@example.com",
    "ATTENDEE;CN=Alan Turing:mailto:alan@example.com",
    "DESCRIPTION:What we do in spring\\, and what we leave.\\n\\n1. Calendars\\n2. Pages\\n"
    "3. Everything else\\n\\nBring your own tea.",
)


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A home whose path is always the same: one picture shows it."""
    name = "".join(c for c in request.node.name if c.isalnum())
    folder = Path("/tmp/koble-pictures") / name
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def app(clock: Any, home: Path) -> KobleApp:
    return dashboard(clock, home)


@pytest.fixture
def empty(clock: Any, home: Path) -> KobleApp:
    return dashboard(clock, home, sample=False)


def pressing(*keys: str) -> Prepare:
    """Wait for the desk, press keys, and let the toasts be gone."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)

    return prepare


@both
def test_the_dashboard(snap_compare: Any, app: KobleApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing())


def test_the_dashboard_on_a_phone(snap_compare: Any, app: KobleApp) -> None:
    assert snap_compare(app, terminal_size=(58, 24), run_before=pressing())


def test_the_dashboard_with_room_to_spare(snap_compare: Any, app: KobleApp) -> None:
    assert snap_compare(app, terminal_size=(160, 45), run_before=pressing("p", "down", "down"))


def test_the_dashboard_with_room_for_one_pane(snap_compare: Any, app: KobleApp) -> None:
    assert snap_compare(app, terminal_size=(100, 30), run_before=pressing())


@both
def test_nothing_connected(snap_compare: Any, empty: KobleApp, size: tuple[int, int]) -> None:
    assert snap_compare(empty, terminal_size=size, run_before=pressing())


@both
def test_offline_with_pages(snap_compare: Any, empty: KobleApp, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        for page in PAGES:
            await desk.pages.add(page)
        await settle(pilot)

    assert snap_compare(empty, terminal_size=size, run_before=prepare)


@both
def test_a_calendar_that_cannot_be_read(
    snap_compare: Any, app: KobleApp, home: Path, clock: Any, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        shutil.rmtree(home / "calendars")
        clock.at += 3600
        await desk.sync.now()
        app._tick()
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@both
def test_pages_that_offer_nothing(
    snap_compare: Any, app: KobleApp, home: Path, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        write_event(home, "Expedition", "20270304T000000Z", "20270320T000000Z")
        await desk.sync.now()
        await settle(pilot)
        await press(pilot, "p")

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@pytest.mark.parametrize("key", ["c", "r"])
def test_a_drawer(snap_compare: Any, app: KobleApp, key: str) -> None:
    assert snap_compare(app, terminal_size=SMALL, run_before=pressing(key))


@both
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("day", ("d",)),
        ("agenda", ("a",)),
        ("second-zone", ("z", *"new_york", "enter")),
        ("zones", ("z", *"oslo")),
        ("search", ("/", *"int")),
        ("book-page", ("b",)),
        ("book-time", ("b", "down", "enter")),
        ("book-guest", ("b", "down", "enter", "n", "enter", *"Gra")),
        ("book-wrong", ("b", "down", "enter", "n", "enter", "enter")),
        ("requests", ("3",)),
        ("requests-clash", ("3", "down")),
        ("decline", ("3", "d")),
        ("propose", ("3", "down", "o", "space", "right", "space")),
        ("contacts", ("4",)),
        ("contact", ("4", "end", "enter")),
    ],
)
def test_a_screen(
    snap_compare: Any, app: KobleApp, name: str, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing(*keys))


@both
def test_a_time_that_was_taken(
    snap_compare: Any, app: KobleApp, home: Path, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "b", "down", "enter", "n", "enter", *"Kim", "tab", *"kim@example.com")
        write_event(home, "Board", "20270305T103000Z", "20270305T110000Z")
        await press(pilot, "enter")

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@both
@pytest.mark.parametrize(
    ("name", "keys"), [("detail", ()), ("cancel", ("x",)), ("reschedule", ("m", "right"))]
)
def test_a_booked_meeting(
    snap_compare: Any, app: KobleApp, name: str, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    keys = ("4", "end", "enter", "enter", *keys)
    assert snap_compare(app, terminal_size=size, run_before=pressing(*keys))


@both
def test_an_outcome(snap_compare: Any, app: KobleApp, clock: Any, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        clock.at += 2 * 86_400
        await press(pilot, "4", "end", "enter", "o")

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@both
@pytest.mark.parametrize("keys", [(), ("v",)], ids=["event", "link"])
def test_an_event(
    snap_compare: Any, app: KobleApp, home: Path, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        write_event(home, "call", "20270304T130000Z", "20270304T140000Z", *CALL)
        await desk.sync.now()
        await settle(pilot)
        await press(pilot, "t", "enter", *keys)

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@both
def test_several_events_in_one_place(
    snap_compare: Any, app: KobleApp, home: Path, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        for name in ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"):
            write_event(home, name, "20270304T120000Z", "20270304T130000Z")
        await desk.sync.now()
        await settle(pilot)
        grid = week(app).grid
        grid.move_to(clock_hour(app))
        await settle(pilot)
        while len(grid.under_cursor) < 2:
            await press(pilot, "right")
        await press(pilot, "enter")

    assert snap_compare(app, terminal_size=size, run_before=prepare)


def clock_hour(app: KobleApp) -> int:
    """An hour ago, on the hour."""
    return app.clock.now() // 3600 * 3600 - 3600


@both
def test_requests_that_were_closed(
    snap_compare: Any, app: KobleApp, clock: Any, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        first, _second = await desk.bookings.requests()
        await desk.bookings.decline(first.id, "I am away that week.")
        clock.at += 2 * 86_400
        await desk.bookings.expire()
        await press(pilot, "3", "end")

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@both
@pytest.mark.parametrize("key", ["3", "4"], ids=["requests", "contacts"])
def test_an_empty_screen(
    snap_compare: Any, empty: KobleApp, key: str, size: tuple[int, int]
) -> None:
    assert snap_compare(empty, terminal_size=size, run_before=pressing(key))


@both
def test_booking_offline(snap_compare: Any, empty: KobleApp, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        await desk.pages.add(PAGES[0])
        await settle(pilot)
        await press(pilot, "b", "n", "enter", *"Kim Lee", "tab", *"kim@example.com")

    assert snap_compare(empty, terminal_size=size, run_before=prepare)
