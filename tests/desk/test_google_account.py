"""An account at Google from the sign-in to the booking, at doubles of both of Google's servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desk.clock import FixedClock
from desk.critical import NotOffered
from desk.desk import Desk
from desk.ids import counted_ids
from scheduling.bookings import BookingState
from scheduling.connections import Connection, Health, Kind
from tests.desk.clouds import KEY
from tests.desk.conftest import GRACE, INTRO, at
from tests.vendors.google import Google
from tests.vendors.oauth import CLIENT_SECRET_JSON, Logins, visit

ADA = "ada@example.com"
TUESDAY = at("2026-12-01T09:00+01:00")


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "client_secret.json").write_text(CLIENT_SECRET_JSON)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("KOBLE_GOOGLE_CLIENT", str(tmp_path / "client_secret.json"))
    google = Google(ADA)
    with Logins() as logins, google.running():
        google.tokens = logins.access
        monkeypatch.setenv("KOBLE_GOOGLE_LOGIN", logins.url)
        monkeypatch.setenv("KOBLE_GOOGLE_BASE", google.url)
        yield google
    assert logins.violations == []


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock, google: Google) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="Europe/Oslo")
    yield desk
    await desk.close()


async def connect(desk: Desk) -> Connection:
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        await asyncio.to_thread(visit, attempt.url)
        await attempt.answered()
        connection = await desk.connections.connect_cloud(attempt)
    await desk.pages.add(INTRO)
    return connection


def put(google: Google, name: str, start: str, end: str, **more: object) -> None:
    times = {"start": {"dateTime": start}, "end": {"dateTime": end}}
    google.put({"id": name, "summary": name, **times, **more})


async def test_a_meeting_is_booked_in_google_and_never_over_what_lies_there(
    desk: Desk, google: Google
) -> None:
    put(google, "dentist", "2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z")
    await connect(desk)

    booking = await desk.bookings.book("intro", TUESDAY, GRACE)
    with pytest.raises(NotOffered) as refused:
        await desk.bookings.book("intro", at("2026-12-01T10:00+01:00"), GRACE)

    assert booking.state is BookingState.CONFIRMED
    event = google.events[ADA][booking.event_id]
    assert event["start"] == {"dateTime": "2026-12-01T09:00:00+01:00", "timeZone": "Europe/Oslo"}
    assert [guest["email"] for guest in event["attendees"]] == [GRACE.email]
    assert "dentist" in str(refused.value.reasons[0].phrase)


async def test_what_somebody_adds_in_a_browser_is_seen_at_the_moment_of_booking(
    desk: Desk, google: Google
) -> None:
    await connect(desk)
    put(google, "sudden", "2026-12-01T08:00:00Z", "2026-12-01T08:30:00Z")

    with pytest.raises(NotOffered):
        await desk.bookings.book("intro", TUESDAY, GRACE)


async def test_somebody_else_s_calendar_keeps_no_times_away_until_it_is_asked_to(
    desk: Desk, google: Google
) -> None:
    google.add_calendar("boss@example.com", "reader", summary="The boss")
    for day in ("2026-12-01", "2026-12-02"):
        times = {"start": {"dateTime": f"{day}T09:00:00Z"}, "end": {"dateTime": f"{day}T10:00:00Z"}}
        google.put({"id": f"board{day}", "summary": "Board", **times}, "boss@example.com")
    await connect(desk)
    mine, other = sorted(await desk.calendars.all(), key=lambda each: not each.conflicts)
    assert (mine.native, other.native) == (ADA, "boss@example.com")
    assert (mine.shown, other.shown, other.conflicts) == (True, False, False)
    await desk.bookings.book("intro", at("2026-12-01T10:00+01:00"), GRACE)

    await desk.calendars.change(other.id, conflicts=True)
    with pytest.raises(NotOffered) as refused:
        await desk.bookings.book("intro", at("2026-12-02T10:00+01:00"), GRACE)
    assert "Board" in str(refused.value.reasons[0].phrase)


async def test_a_meeting_whose_answer_was_lost_lies_there_once(desk: Desk, google: Google) -> None:
    await connect(desk)
    google.fail("POST .*events", obeyed=True)

    booking = await desk.bookings.book("intro", TUESDAY, GRACE)

    assert list(google.events[ADA]) == [booking.event_id]
    assert google.notices == [(booking.event_id, "all")]


async def test_a_cancelled_meeting_is_gone_and_its_guest_is_told(
    desk: Desk, google: Google
) -> None:
    await connect(desk)
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)

    await desk.bookings.cancel(booking.id)

    assert google.events[ADA][booking.event_id]["status"] == "cancelled"
    assert google.notices == [(booking.event_id, "all")] * 2
    assert (await desk.bookings.book("intro", TUESDAY, GRACE)).state is BookingState.CONFIRMED


async def test_a_series_and_what_is_called_off_of_it(desk: Desk, google: Google) -> None:
    put(
        google,
        "standup",
        "2026-11-02T08:00:00Z",
        "2026-11-02T09:00:00Z",
        recurrence=["RRULE:FREQ=DAILY"],
    )
    await connect(desk)
    with pytest.raises(NotOffered):
        await desk.bookings.book("intro", TUESDAY, GRACE)

    google.except_("standup", {"dateTime": "2026-12-01T08:00:00Z"}, status="cancelled")
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)
    assert booking.state is BookingState.CONFIRMED


async def test_a_sign_in_that_died_is_noticed(desk: Desk, google: Google) -> None:
    await connect(desk)
    google.tokens = set()

    [report] = await desk.sync.now()

    assert report.error is not None
    [view] = (await desk.connections.overview()).connections
    assert view.health is Health.SIGN_IN
