import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.clock import FixedClock
from desk.critical import NotOffered
from desk.desk import Desk
from scheduling.bookings import BookingState, Guest
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Mode
from tests.desk.conftest import ALAN, GRACE, Folder, at, clock_text

TUESDAY = at("2026-12-01T09:00+01:00")


async def starts(desk: Desk, day: str = "2026-12-01") -> list[str]:
    free = await desk.offers.free("intro", at(f"{day}T00:00+01:00"), at(f"{day}T23:59+01:00"))
    return [clock_text(each.start)[6:11] for each in free.offers]


async def test_a_booking_lies_in_the_folder_and_its_time_is_gone(
    connected: Desk, folder: Folder
) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)

    assert booking.state is BookingState.CONFIRMED
    assert booking.event_id
    [text] = folder.files()
    assert "grace@example.com" in text
    assert f"UID:{booking.uid}" in text
    assert await starts(connected) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


async def test_an_event_keeps_its_time(connected: Desk, folder: Folder) -> None:
    folder.busy("dentist", "20261201T090000Z", "20261201T100000Z")

    with pytest.raises(NotOffered) as refused:
        await connected.bookings.book("intro", at("2026-12-01T10:00+01:00"), GRACE)

    assert [reason.rule for reason in refused.value.reasons] == ["busy"]
    assert "dentist" in str(refused.value.reasons[0].phrase)
    assert [clock_text(each.start)[6:11] for each in refused.value.others] == [
        "08:00",
        "10:00",
        "10:30",
    ]
    assert await connected.bookings.all() == []


async def test_a_change_outside_is_seen_at_the_moment_of_booking(
    connected: Desk, folder: Folder
) -> None:
    """Read afresh: the offers on the guest's screen may be a minute old."""
    assert "08:00" in await starts(connected)
    folder.busy("sudden", "20261201T080000Z", "20261201T083000Z")

    with pytest.raises(NotOffered):
        await connected.bookings.book("intro", TUESDAY, GRACE)


async def test_two_at_once_get_one_booking(connected: Desk, folder: Folder) -> None:
    answers = await asyncio.gather(
        *(connected.bookings.book("intro", TUESDAY, GRACE) for _ in range(10)),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, BaseException) for each in answers) == 1
    assert all(isinstance(each, NotOffered) for each in answers if isinstance(each, BaseException))
    assert len(folder.files()) == 1


async def test_the_same_key_gives_the_same_booking(connected: Desk, folder: Folder) -> None:
    first = await connected.bookings.book("intro", TUESDAY, GRACE, key="k1")
    again = await connected.bookings.book("intro", TUESDAY, GRACE, key="k1")

    assert again == first
    assert len(folder.files()) == 1


async def test_without_a_calendar_it_is_a_request(desk: Desk) -> None:
    booking = await desk.bookings.book("intro", TUESDAY, GRACE)

    assert booking.state is BookingState.REQUESTED
    assert (booking.adding, booking.event_id) == (False, "")
    assert (await desk.offers.free("intro")).mode is Mode.OFFLINE
    assert "08:00" not in await starts(desk)


async def test_an_accepted_request_is_written_once_a_calendar_is_there(
    desk: Desk, folder: Folder
) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    await desk.connections.connect_local(str(folder.path))
    assert folder.files() == []

    accepted = await desk.bookings.accept(request.id)

    assert accepted.state is BookingState.CONFIRMED
    assert len(folder.files()) == 1


async def test_accepting_without_a_calendar_adds_nothing(desk: Desk) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)

    accepted = await desk.bookings.accept(request.id)

    assert (accepted.state, accepted.event_id) == (BookingState.CONFIRMED, "")


async def test_a_request_that_would_clash_is_not_accepted(desk: Desk, folder: Folder) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    folder.busy("standup", "20261201T083000Z", "20261201T090000Z")
    await desk.connections.connect_local(str(folder.path))

    with pytest.raises(NotOffered) as refused:
        await desk.bookings.accept(request.id)

    assert [reason.rule for reason in refused.value.reasons] == ["busy"]
    assert (await desk.bookings.get(request.id)).state is BookingState.REQUESTED


async def test_a_request_is_accepted_or_declined_once(desk: Desk) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    declined = await desk.bookings.decline(request.id, "I am away")
    assert (declined.state, declined.reason) == (BookingState.DECLINED, "I am away")

    with pytest.raises(KobleError) as refused:
        await desk.bookings.accept(request.id)
    assert refused.value.kind is ErrorKind.CONFLICT
    assert "08:00" in await starts(desk)


async def test_a_request_expires_at_its_start(desk: Desk, clock: FixedClock) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    clock.at = TUESDAY - 1
    assert await desk.bookings.expire() == 0
    clock.at = TUESDAY
    assert await desk.bookings.expire() == 1
    assert (await desk.bookings.get(request.id)).state is BookingState.EXPIRED


async def test_a_closed_request_is_removed_from_the_list_and_comes_back(desk: Desk) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    with pytest.raises(KobleError) as refused:
        await desk.bookings.put_away([request.id])
    assert refused.value.kind is ErrorKind.CONFLICT

    declined = await desk.bookings.decline(request.id, "I am away")
    await desk.bookings.put_away([request.id])
    assert await desk.bookings.closed() == []
    assert [each.reason for each in await desk.bookings.all()] == ["I am away"]

    assert await desk.bookings.put_away([request.id], away=False) == [declined]
    assert await desk.bookings.closed() == [declined]


async def test_of_several_requests_all_are_removed_or_none(desk: Desk) -> None:
    declined = await desk.bookings.book("intro", TUESDAY, GRACE)
    waiting = await desk.bookings.book("intro", at("2026-12-01T11:00+01:00"), GRACE)
    await desk.bookings.decline(declined.id)
    with pytest.raises(KobleError):
        await desk.bookings.put_away([declined.id, waiting.id])
    assert len(await desk.bookings.closed()) == 1


async def test_a_decline_that_is_taken_back_is_on_the_list_again(desk: Desk) -> None:
    request = await desk.bookings.book("intro", TUESDAY, GRACE)
    await desk.bookings.decline(request.id)
    await desk.bookings.put_away([request.id])
    assert await desk.bookings.undo(request.id) == request


async def test_cancelling_deletes_the_event_and_frees_the_time(
    connected: Desk, folder: Folder
) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)

    cancelled = await connected.bookings.cancel(booking.id, "ill")

    assert (cancelled.state, cancelled.reason) == (BookingState.CANCELLED, "ill")
    assert folder.files() == []
    assert "08:00" in await starts(connected)


async def test_a_cancellation_can_be_undone_before_it_leaves_the_house(
    connected: Desk, folder: Folder, clock: FixedClock
) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)

    await connected.bookings.cancel(booking.id, undo=True)
    assert len(folder.files()) == 1
    clock.at += 9
    back = await connected.bookings.undo(booking.id)
    clock.at += 60
    await connected.outbox.perform()

    assert back == booking
    assert len(folder.files()) == 1

    await connected.bookings.cancel(booking.id, undo=True)
    clock.at += 10
    await connected.outbox.perform()
    assert folder.files() == []
    with pytest.raises(KobleError) as refused:
        await connected.bookings.undo(booking.id)
    assert refused.value.kind is ErrorKind.CONFLICT


async def test_rescheduling_moves_the_same_event(connected: Desk, folder: Folder) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)

    moved = await connected.bookings.reschedule(booking.id, TUESDAY + 1800)

    assert (moved.start, moved.state, moved.replaces) == (
        TUESDAY + 1800,
        BookingState.CONFIRMED,
        booking.id,
    )
    assert (await connected.bookings.get(booking.id)).state is BookingState.RESCHEDULED
    [text] = folder.files()
    assert f"UID:{booking.uid}" in text
    assert "T093000" in text
    assert await starts(connected) == ["09:30", "10:00", "10:30", "11:00"]


async def test_a_move_can_be_undone(connected: Desk, folder: Folder, clock: FixedClock) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)
    moved = await connected.bookings.reschedule(booking.id, TUESDAY + 7200, undo=True)

    back = await connected.bookings.undo(moved.id)
    clock.at += 60
    await connected.outbox.perform()

    assert back == booking
    assert "T090000" in folder.files()[0]


@pytest.fixture
async def locked(connected: Desk, folder: Folder) -> AsyncIterator[Path]:
    """The calendar can be read but not written."""
    if os.geteuid() == 0:
        # Root writes everywhere; a file in the way of the folder stops it as well.
        calendar = folder.path / "work"
        hidden = folder.path / ".work"
        calendar.rename(hidden)
        yield hidden
        if hidden.exists():
            hidden.rename(calendar)
    else:
        (folder.path / "work").chmod(0o500)
        yield folder.path / "work"
        (folder.path / "work").chmod(0o700)


async def test_a_calendar_that_cannot_be_written_leaves_a_request_that_is_added_later_once(
    connected: Desk, folder: Folder, locked: Path, clock: FixedClock
) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)
    assert booking.state is BookingState.REQUESTED
    assert booking.adding
    assert booking.event_id == ""
    assert booking.trouble

    if locked.name == ".work":
        locked.rename(folder.path / "work")
    else:
        locked.chmod(0o700)
    clock.at += 3600
    for _ in range(3):
        await connected.outbox.perform()

    added = await connected.bookings.get(booking.id)
    assert (added.state, added.trouble) == (BookingState.CONFIRMED, "")
    assert len(folder.files()) == 1


async def test_a_disconnected_calendar_leaves_the_bookings(connected: Desk) -> None:
    booking = await connected.bookings.book("intro", TUESDAY, GRACE)
    [connection] = (await connected.connections.overview()).connections

    await connected.connections.disconnect(connection.connection.id)

    assert (await connected.bookings.get(booking.id)).state is BookingState.CONFIRMED
    assert "08:00" not in await starts(connected)
    assert (await connected.offers.free("intro")).mode is Mode.OFFLINE


@pytest.mark.parametrize(
    ("guest", "field"),
    [
        (Guest(name="", email="a@example.com"), "name"),
        (Guest(name="\x1b]0;x\x07", email="a@"), "email"),
        (Guest(name="A", email="a@example.com,b@example.com"), "email"),
        (Guest(name="A", email="a@example.com\nBcc: b@example.com"), "email"),
    ],
)
async def test_a_guest_who_cannot_be_is_refused_by_field(
    connected: Desk, guest: Guest, field: str
) -> None:
    with pytest.raises(KobleError) as refused:
        await connected.bookings.book("intro", TUESDAY, guest)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, field)


async def test_hostile_names_become_plain_text(connected: Desk, folder: Folder) -> None:
    guest = Guest(
        name="\x1b]52;c;eA==\x1b\\[@click=app.quit]x[/]" + "n" * 10_000, email=GRACE.email
    )
    booking = await connected.bookings.book("intro", TUESDAY, guest)

    assert booking.guest.name.startswith("]52;c;eA==\\[@click=app.quit]x[/]nnn")
    assert len(booking.guest.name) == 200
    assert "\x1b" not in folder.files()[0]


async def test_guests_become_contacts_with_a_timeline(connected: Desk) -> None:
    first = await connected.bookings.book("intro", TUESDAY, GRACE)
    second = await connected.bookings.book("intro", TUESDAY + 86_400, GRACE)
    await connected.bookings.book("intro", TUESDAY + 3600, ALAN)

    assert [each.name for each in await connected.contacts.all()] == ["Alan Turing", "Grace Hopper"]
    timeline = await connected.contacts.timeline("GRACE@example.com")
    assert [each.id for each in timeline] == [second.id, first.id]
