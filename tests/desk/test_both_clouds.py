"""What is promised of a connected calendar, at Google and at Office 365 alike: their doubles."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desk.clock import FixedClock
from desk.critical import NotOffered
from desk.desk import Desk
from desk.ids import counted_ids
from scheduling.bookings import BookingState
from scheduling.connections import Connection, Inbox, Kind, Use
from scheduling.errors import KobleError
from tests.desk.conftest import ALAN, GRACE, INTRO, at
from tests.vendors.clouds import ADA, Clouds, clouds
from tests.vendors.google import refused
from tests.vendors.graph import Fault
from tests.vendors.oauth import visit

TUESDAY = at("2026-12-01T09:00+01:00")
HOUR = 3600
BOTH = pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.OFFICE365])


@pytest.fixture
def vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    with clouds(tmp_path) as vendors:
        for name, value in vendors.env.items():
            monkeypatch.setenv(name, value)
        yield vendors
    assert vendors.violations() == "[]"


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock, vendors: Clouds) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="Europe/Oslo")
    await desk.pages.add(msgspec.structs.replace(INTRO, conference=True))
    yield desk
    await desk.close()


async def connect(desk: Desk, kind: Kind, use: Use = Use.BOTH) -> Connection:
    async with await desk.sign_in.begin(kind) as attempt:
        await asyncio.to_thread(visit, attempt.url)
        await attempt.answered()
        return await desk.connections.connect_cloud(attempt, use=use)


def events(vendors: Clouds, kind: Kind) -> list[dict[str, Any]]:
    """What lies in the account: title, start, guests and the address of the video meeting."""
    if kind is Kind.GOOGLE:
        return [
            {
                "title": each["summary"],
                "start": at(each["start"]["dateTime"]),
                "guests": [guest["email"] for guest in each.get("attendees", [])],
                "link": each.get("hangoutLink", ""),
            }
            for each in vendors.google.events[ADA].values()
            if each["status"] != "cancelled"
        ]
    return [
        {
            "title": each.fields["subject"],
            "start": at(each.fields["start"]["dateTime"][:19] + "+00:00"),
            "guests": [
                guest["emailAddress"]["address"] for guest in each.fields.get("attendees") or []
            ],
            "link": (each.fields["onlineMeeting"] or {}).get("joinUrl", ""),
        }
        for each in vendors.graph.box.events.values()
        if not each.deleted
    ]


def breaks(vendors: Clouds, kind: Kind) -> None:
    """The vendor takes no new event, once, and wants to be left alone for two minutes."""
    if kind is Kind.GOOGLE:
        reply = refused(503, "backendError", Retry_After="120")
        vendors.google.fail("POST .*/events", reply=reply)
    else:
        vendors.graph.faults.append(Fault(503, where="/events", method="POST", wait="120"))


@BOTH
async def test_a_meeting_has_its_guest_and_its_link_and_its_time_is_taken(
    desk: Desk, vendors: Clouds, kind: Kind
) -> None:
    await connect(desk, kind)
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)
    assert booking.state is BookingState.CONFIRMED
    [event] = events(vendors, kind)
    assert (event["start"], event["guests"]) == (TUESDAY, [GRACE.email])
    assert event["link"].startswith("https://")
    assert booking.link == event["link"]
    await desk.sync.now()
    with pytest.raises(NotOffered):
        await desk.bookings.book("intro", TUESDAY, ALAN)
    assert len(events(vendors, kind)) == 1


@BOTH
async def test_a_meeting_is_moved_and_cancelled_where_it_lies(
    desk: Desk, vendors: Clouds, kind: Kind
) -> None:
    await connect(desk, kind)
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)
    moved = await desk.bookings.reschedule(booking.id, TUESDAY + 2 * HOUR)
    [event] = events(vendors, kind)
    assert (event["start"], event["guests"]) == (TUESDAY + 2 * HOUR, [GRACE.email])
    assert (moved.link, moved.state) == (event["link"], BookingState.CONFIRMED)
    await desk.bookings.cancel(moved.id, "Ill")
    assert events(vendors, kind) == []
    if kind is Kind.OFFICE365:
        assert vendors.graph.told == [("cancel", "Ill")]
    assert (await desk.bookings.book("intro", TUESDAY, ALAN)).state is BookingState.CONFIRMED


@BOTH
async def test_while_the_vendor_is_down_a_meeting_is_requested_and_then_confirmed_once(
    desk: Desk, vendors: Clouds, kind: Kind, clock: FixedClock
) -> None:
    await connect(desk, kind)
    breaks(vendors, kind)
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)
    assert (booking.state, booking.adding) == (BookingState.REQUESTED, True)
    assert events(vendors, kind) == []
    with pytest.raises(NotOffered):  # nobody else gets it meanwhile
        await desk.bookings.book("intro", TUESDAY, ALAN)
    clock.at += 300
    await desk.outbox.perform()
    await desk.outbox.perform()
    assert (await desk.bookings.get(booking.id)).state is BookingState.CONFIRMED
    assert [each["start"] for each in events(vendors, kind)] == [TUESDAY]


@BOTH
async def test_the_inbox_comes_with_the_calendar_and_goes_without_it(
    desk: Desk, vendors: Clouds, kind: Kind
) -> None:
    connection = await connect(desk, kind)
    [box] = await desk.connections.inboxes()
    assert (box.address, box.connection, box.connected) == (ADA, connection.id, True)
    await desk.connections.set_inbox(box.id, connected=False)
    [view] = (await desk.connections.overview()).connections
    assert isinstance(view.inbox, Inbox)
    assert not view.inbox.connected
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)
    assert booking.state is BookingState.CONFIRMED


@BOTH
async def test_a_shared_inbox_and_a_missing_permission_connect_nothing(
    desk: Desk, vendors: Clouds, kind: Kind
) -> None:
    box = await desk.connections.add_shared_inbox(ADA)
    with pytest.raises(KobleError, match="shared inbox"):
        await connect(desk, kind)
    await desk.connections.remove_inbox(box.id)
    profile = await desk.settings.profile()
    await desk.settings.save_profile(msgspec.structs.replace(profile, personal_email_access=False))
    with pytest.raises(KobleError, match="Personal email access"):
        await connect(desk, kind)
    assert (await desk.connections.overview()).connections == ()


@BOTH
async def test_an_old_account_keeps_two_connections_until_one_of_them_goes(
    desk: Desk, vendors: Clouds, kind: Kind
) -> None:
    profile = await desk.settings.profile()
    await desk.settings.save_profile(msgspec.structs.replace(profile, created="2023-03-12"))
    other = Kind.OFFICE365 if kind is Kind.GOOGLE else Kind.GOOGLE
    first = await connect(desk, kind, Use.CALENDAR)
    vendors.become("ada@example.org")
    await connect(desk, other, Use.MEETINGS)
    await desk.connections.disconnect(first.id)
    with pytest.raises(KobleError, match="Only one account"):
        await connect(desk, kind, Use.CALENDAR)
    [left] = (await desk.connections.overview()).connections
    assert (left.connection.kind, left.connection.address) == (other, "ada@example.org")
