"""From the sign-in to the calendar, with nothing in between left out, at the vendors' doubles."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.doctor import examine
from desk.ids import counted_ids
from desk.tokens import EARLY
from scheduling.connections import Access, Connection, Health, Kind
from scheduling.offers import Mode
from tests.desk.clouds import KEY
from tests.desk.conftest import GRACE, INTRO, at
from tests.vendors.google import Google, refused
from tests.vendors.graph import Graph, graph_server
from tests.vendors.oauth import CLIENT_SECRET_JSON, MICROSOFT_ID, Logins, visit

TUESDAY = at("2026-12-01T09:00+01:00")


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logins]:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "client_secret.json").write_text(CLIENT_SECRET_JSON)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("KOBLE_GOOGLE_CLIENT", str(tmp_path / "client_secret.json"))
    monkeypatch.setenv("KOBLE_MICROSOFT_CLIENT", MICROSOFT_ID)
    with Logins() as logins:
        monkeypatch.setenv("KOBLE_GOOGLE_LOGIN", logins.url)
        monkeypatch.setenv("KOBLE_MICROSOFT_LOGIN", logins.url)
        yield logins
    assert logins.violations == []


@pytest.fixture
def google(logins: Logins, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """Ada's calendar, busy that Tuesday from 9 to 10; it takes the tokens that were given out."""
    google = Google("ada@example.com")
    google.tokens = logins.access
    google.put(
        {
            "id": "busy00001",
            "summary": "Board",
            "start": {"dateTime": "2026-12-01T09:00:00+01:00"},
            "end": {"dateTime": "2026-12-01T10:00:00+01:00"},
        }
    )
    with google.running():
        monkeypatch.setenv("KOBLE_GOOGLE_BASE", google.url)
        yield google
    assert google.wrong == []


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock, logins: Logins) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="Europe/Oslo")
    await desk.pages.add(INTRO)
    yield desk
    await desk.close()


async def connect(desk: Desk, access: Access = Access.WRITE) -> Connection:
    async with await desk.sign_in.begin(Kind.GOOGLE, access=access) as attempt:
        await asyncio.to_thread(visit, attempt.url)
        await attempt.answered()
        return await desk.connections.connect_cloud(attempt)


async def offered(desk: Desk) -> list[int]:
    found = await desk.offers.free("intro", TUESDAY, TUESDAY + 4 * 3600)
    return [(each.start - TUESDAY) // 60 for each in found.offers]


async def test_a_google_account_signs_in_keeps_its_times_and_is_booked(
    desk: Desk, google: Google
) -> None:
    made = await connect(desk)
    assert made.address == "ada@example.com"
    overview = await desk.connections.overview()
    assert overview.mode is Mode.LIVE
    assert overview.destination is not None
    assert await offered(desk) == [60, 90, 120, 150, 180]
    booking = await desk.bookings.book("intro", TUESDAY + 3600, GRACE, key="k")
    await desk.outbox.perform()
    booked = [each for each in google.events["ada@example.com"].values() if "attendees" in each]
    assert [each["attendees"][0]["email"] for each in booked] == [GRACE.email]
    assert booking.guest == GRACE


async def test_a_token_that_ran_out_or_is_refused_is_renewed_in_passing(
    desk: Desk, google: Google, logins: Logins, clock: FixedClock
) -> None:
    await connect(desk)
    clock.at += 3600 - EARLY
    [report] = await desk.sync.now()
    assert report.error is None
    assert logins.renewals == 1
    logins.access.clear()
    [report] = await desk.sync.now()
    assert report.error is None
    assert logins.renewals == 2


async def test_a_dead_grant_is_noticed_by_the_round_before_a_booking_fails(
    desk: Desk, google: Google, logins: Logins
) -> None:
    await connect(desk)
    logins.access.clear()
    logins.refresh.clear()
    troubles: list[Exception] = []
    noticed = asyncio.Event()

    def look(tables: frozenset[str]) -> None:
        if "connections" in tables:
            noticed.set()

    leave = desk.bus.listen(look)
    desk.round.start(troubles.append)
    async with asyncio.timeout(30):
        await noticed.wait()
    leave()
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.SIGN_IN
    assert (await desk.connections.overview()).mode is Mode.OFFLINE
    assert troubles == []
    await connect(desk)
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.FRESH


async def test_an_account_that_shows_busy_times_only_is_not_written_to(
    desk: Desk, google: Google
) -> None:
    google.busy_only = True
    made = await connect(desk, Access.BUSY)
    assert made.options["access"] == "busy"
    overview = await desk.connections.overview()
    assert overview.destination is None
    assert [c.writable for view in overview.connections for c in view.calendars] == [False]


async def test_an_office_365_account_signs_in_and_keeps_its_times(
    desk: Desk, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    with graph_server() as server:
        monkeypatch.setenv("KOBLE_MICROSOFT_BASE", server.url)
        graph: Graph = server.graph(address="ada@example.com")
        graph.box.calendar("Calendar")
        async with await desk.sign_in.begin(Kind.OFFICE365) as attempt:
            await asyncio.to_thread(visit, attempt.url)
            await attempt.answered()
            server.admit(graph, attempt.signed.grant.access_token)
            made = await desk.connections.connect_cloud(attempt)
        assert made.address == "ada@example.com"
        [view] = (await desk.connections.overview()).connections
        assert view.health is Health.FRESH
        assert await offered(desk) == [0, 30, 60, 90, 120, 150, 180]
        await desk.bookings.book("intro", TUESDAY, GRACE, key="k")
        await desk.outbox.perform()
        assert await offered(desk) == [60, 90, 120, 150, 180]
        assert graph.violations == []


async def test_the_doctor_looks_at_the_way_the_clock_and_what_was_granted(
    desk: Desk, google: Google, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.at = int(time.time())
    google.add_calendar("boss@example.com", "reader", summary="Somebody else's")
    google.fail("boss", 99, reply=refused(403, "forbidden"))  # and nobody asked to see it
    await connect(desk, Access.MAIL)
    checks = {each.name: each for each in await examine(desk, write=True)}
    assert [name for name, each in checks.items() if not each.ok] == []
    assert "send its e-mail" in str(checks["access"].text)
    assert {"network", "connection", "access", "calendar", "write"} <= set(checks)

    clock.at += 900
    checks = {each.name: each for each in await examine(desk)}
    assert not checks["network"].ok
    assert "minutes apart" in str(checks["network"].text)
    clock.at -= 900

    monkeypatch.setenv("KOBLE_GOOGLE_BASE", "http://127.0.0.1:1")
    checks = {each.name: each for each in await examine(desk)}
    assert not checks["network"].ok
    assert "connection" not in checks, "there is no way there"
