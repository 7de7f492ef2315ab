"""Koble's own events that somebody moves or deletes outside: noticed, shown, and put right."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desk.clock import FixedClock
from desk.critical import NotOffered
from desk.desk import Desk
from desk.ids import counted_ids
from desk.outside import LAG
from desk.records import document
from providers.base import ChangePage
from providers.local import LocalProvider
from scheduling.bookings import Booking, BookingState, Outside
from scheduling.connections import Kind
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Span
from store.store import Store
from tests.desk.conftest import ALAN, GRACE, INTRO, Folder, at

NINE = at("2026-12-01T09:00+01:00")
HOUR = 3600


@pytest.fixture
async def booked(connected: Desk, clock: FixedClock) -> Booking:
    """A meeting at nine, long enough ago that its event has settled."""
    booking = await connected.bookings.book("intro", NINE, GRACE)
    clock.at += LAG
    return booking


def stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def path_of(folder: Folder, booking: Booking) -> Path:
    [path] = [p for p in (folder.path / "work").glob("*.ics") if booking.uid in p.read_text()]
    return path


def move(folder: Folder, booking: Booking, start: int, end: int) -> None:
    """Somebody else moves the event."""
    path = path_of(folder, booking)
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"DTSTART[^\r\n]*", f"DTSTART:{stamp(start)}", text)
    text = re.sub(r"DTEND[^\r\n]*", f"DTEND:{stamp(end)}", text)
    keep = text.index("BEGIN:VEVENT")
    head = re.sub(r"BEGIN:VTIMEZONE.*END:VTIMEZONE\r\n", "", text[:keep], flags=re.S)
    path.with_suffix(".tmp").write_text(head + text[keep:], encoding="utf-8", newline="")
    path.with_suffix(".tmp").replace(path)


async def starts(desk: Desk) -> list[int]:
    """The hours after nine that are offered on that day."""
    free = await desk.offers.free("intro", NINE, NINE + 4 * HOUR)
    return [(each.start - NINE) // 60 for each in free.offers]


async def entries(desk: Desk) -> list[tuple[int, str]]:
    agenda = await desk.calendars.agenda(NINE, NINE + 4 * HOUR)
    return [((e.start - NINE) // 60, e.booking.id if e.booking else "") for e in agenda.entries]


async def test_what_is_as_koble_wrote_it_has_no_mark(connected: Desk, booked: Booking) -> None:
    await connected.sync.now()
    assert (await connected.bookings.get(booked.id)).outside is None
    assert await connected.bookings.changed_outside() == []
    for verb in (connected.bookings.take_over, connected.bookings.put_back):
        with pytest.raises(KobleError) as refused:
            await verb(booked.id)
        assert refused.value.kind is ErrorKind.CONFLICT


async def test_a_moved_event_takes_its_new_time_and_the_old_one_is_free(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    assert await starts(connected) == [60, 90, 120, 150, 180]
    move(folder, booked, NINE + 2 * HOUR, NINE + 3 * HOUR)
    await connected.sync.now()

    [marked] = await connected.bookings.changed_outside()
    assert marked.id == booked.id
    assert (marked.start, marked.state) == (NINE, BookingState.CONFIRMED)
    assert marked.outside == Outside(start=NINE + 2 * HOUR, end=NINE + 3 * HOUR)
    assert await starts(connected) == [0, 30, 60, 180]
    assert await entries(connected) == [(120, booked.id)]
    [said] = [e for e in await connected.log.entries(1) if e.subject == booked.id]
    assert "moved outside koble" in str(said.phrase)


async def test_a_deleted_event_frees_its_time(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    path_of(folder, booked).unlink()
    await connected.sync.now()
    [marked] = await connected.bookings.changed_outside()
    assert marked.outside == Outside(gone=True)
    assert (await starts(connected))[:2] == [0, 30]
    assert await entries(connected) == []


async def test_what_comes_back_by_itself_is_as_it_was(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    path = path_of(folder, booked)
    text = path.read_bytes()
    path.unlink()
    await connected.sync.now()
    assert await connected.bookings.changed_outside()
    path.with_name("renamed.ics").write_bytes(text)
    await connected.sync.now()
    assert await connected.bookings.changed_outside() == []
    await connected.bookings.cancel(booked.id)
    assert folder.files() == [], "it is known by its new name"


async def test_a_renamed_file_is_no_deletion(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    path = path_of(folder, booked)
    path.rename(path.with_name("other.ics"))
    await connected.sync.now()
    assert await connected.bookings.changed_outside() == []


async def test_taking_over_a_move_writes_nothing_and_keeps_the_event(
    connected: Desk, booked: Booking, folder: Folder, clock: FixedClock
) -> None:
    move(folder, booked, NINE + 2 * HOUR, NINE + 3 * HOUR)
    await connected.sync.now()
    before = folder.files()

    after = await connected.bookings.take_over(booked.id)

    assert (after.start, after.end) == (NINE + 2 * HOUR, NINE + 3 * HOUR)
    assert (after.state, after.replaces, after.outside) == (
        BookingState.CONFIRMED,
        booked.id,
        None,
    )
    old = await connected.bookings.get(booked.id)
    assert (old.state, old.outside) == (BookingState.RESCHEDULED, None)
    clock.at += LAG
    await connected.sync.now()
    assert folder.files() == before
    assert await connected.bookings.changed_outside() == []
    assert await entries(connected) == [(120, after.id)]
    await connected.bookings.cancel(after.id)
    assert folder.files() == []


async def test_taking_over_a_deletion_cancels(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    path_of(folder, booked).unlink()
    await connected.sync.now()
    after = await connected.bookings.take_over(booked.id)
    assert (after.id, after.state, after.outside) == (booked.id, BookingState.CANCELLED, None)
    assert await connected.read(connected.outbox.due_in) is None
    assert folder.files() == []


@pytest.mark.parametrize("gone", [True, False], ids=["deleted", "moved"])
async def test_putting_back_writes_the_event_at_its_time_once(
    connected: Desk, booked: Booking, folder: Folder, clock: FixedClock, gone: bool
) -> None:
    if gone:
        path_of(folder, booked).unlink()
    else:
        move(folder, booked, NINE + 2 * HOUR, NINE + 3 * HOUR)
    await connected.sync.now()

    after = await connected.bookings.put_back(booked.id)

    assert (after.id, after.start, after.outside) == (booked.id, NINE, None)
    clock.at += LAG
    await connected.sync.now()
    assert await connected.bookings.changed_outside() == []
    assert len(folder.files()) == 1
    assert await entries(connected) == [(0, booked.id)]
    assert await starts(connected) == [60, 90, 120, 150, 180]


async def test_nothing_is_put_back_where_somebody_has_booked_meanwhile(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    move(folder, booked, NINE + 2 * HOUR, NINE + 3 * HOUR)
    await connected.sync.now()
    other = await connected.bookings.book("intro", NINE, ALAN)
    assert other.state is BookingState.CONFIRMED
    with pytest.raises(NotOffered):
        await connected.bookings.put_back(booked.id)
    with pytest.raises(NotOffered):
        await connected.bookings.book("intro", NINE + 2 * HOUR, ALAN)
    assert len(await connected.bookings.changed_outside()) == 1


async def test_a_deleted_meeting_can_be_moved_to_another_time(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    path_of(folder, booked).unlink()
    await connected.sync.now()
    after = await connected.bookings.reschedule(booked.id, NINE + HOUR)
    assert after.state is BookingState.CONFIRMED
    assert await entries(connected) == [(60, after.id)]
    assert len(folder.files()) == 1


async def test_what_koble_has_just_written_is_not_judged_by_a_read_that_lags(
    connected: Desk, folder: Folder, clock: FixedClock
) -> None:
    booking = await connected.bookings.book("intro", NINE, GRACE)
    path = path_of(folder, booking)
    text = path.read_bytes()
    path.unlink()
    await connected.sync.now()
    assert await connected.bookings.changed_outside() == []
    assert await starts(connected) == [60, 90, 120, 150, 180], "its time stays taken"
    path.write_bytes(text)
    clock.at += LAG
    await connected.sync.now()
    assert await connected.bookings.changed_outside() == []


async def test_what_koble_is_about_to_change_itself_is_not_judged(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    await connected.bookings.cancel(booked.id, undo=True)
    path_of(folder, booked).unlink()
    await connected.sync.now()
    assert await connected.bookings.changed_outside() == []


async def test_a_meeting_that_is_over_is_not_judged(
    connected: Desk, booked: Booking, folder: Folder, clock: FixedClock
) -> None:
    clock.at = NINE + 2 * HOUR
    path_of(folder, booked).unlink()
    await connected.sync.now()
    assert (await connected.bookings.get(booked.id)).outside is None


async def test_exchange_lets_a_move_be_taken_over_but_not_put_back(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    """S20."""
    move(folder, booked, NINE + 2 * HOUR, NINE + 3 * HOUR)
    await connected.sync.now()
    [view] = (await connected.connections.overview()).connections
    exchange = msgspec.structs.replace(view.connection, kind=Kind.EXCHANGE)
    booking = await connected.bookings.get(booked.id)

    def commit(store: Store) -> None:
        store.connections.put(document(exchange))

    await connected.write(commit)
    before = folder.files()
    with pytest.raises(KobleError) as refused:
        await connected.bookings.put_back(booking.id)
    assert refused.value.kind is ErrorKind.PERMISSION
    assert folder.files() == before
    after = await connected.bookings.take_over(booking.id)
    assert after.start == NINE + 2 * HOUR


async def test_what_was_undone_outside_before_it_is_taken_over_is_left_alone(
    connected: Desk, booked: Booking, folder: Folder
) -> None:
    path = path_of(folder, booked)
    text = path.read_bytes()
    path.unlink()
    await connected.sync.now()
    path.write_bytes(text)
    with pytest.raises(KobleError) as refused:
        await connected.bookings.take_over(booked.id)
    assert refused.value.kind is ErrorKind.CONFLICT
    booking = await connected.bookings.get(booked.id)
    assert (booking.state, booking.outside) == (BookingState.CONFIRMED, None)


async def test_two_who_decide_at_once_do_it_once(
    connected: Desk, booked: Booking, folder: Folder, tmp_path: Path, clock: FixedClock
) -> None:
    move(folder, booked, NINE + 2 * HOUR, NINE + 3 * HOUR)
    await connected.sync.now()
    other = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids("other"))
    try:
        said = await asyncio.gather(
            connected.bookings.take_over(booked.id),
            other.bookings.put_back(booked.id),
            connected.bookings.put_back(booked.id),
            other.bookings.take_over(booked.id),
            return_exceptions=True,
        )
    finally:
        await other.close()
    done = [each for each in said if isinstance(each, Booking)]
    refused = [each for each in said if isinstance(each, KobleError)]
    assert (len(done), len(refused)) == (1, 3)
    clock.at += LAG
    await connected.sync.now()
    [standing] = await connected.bookings.all(BookingState.CONFIRMED)
    assert await entries(connected) == [((standing.start - NINE) // 60, standing.id)]
    assert len(folder.files()) == 1
    assert await connected.bookings.changed_outside() == []


async def test_a_read_from_before_a_move_of_koble_s_own_marks_nothing(
    connected: Desk, booked: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that was read shows the old time; by the time it is stored koble has moved it."""
    looked, go_on = asyncio.Event(), asyncio.Event()
    read = LocalProvider.changes

    async def late(
        self: LocalProvider, calendar: str, cursor: str, horizon: Span
    ) -> AsyncIterator[ChangePage]:
        pages = [page async for page in read(self, calendar, cursor, horizon)]
        if not looked.is_set():
            looked.set()
            await go_on.wait()
        for page in pages:
            yield page

    monkeypatch.setattr(LocalProvider, "changes", late)
    reading = asyncio.create_task(connected.sync.now())
    await looked.wait()
    monkeypatch.setattr(LocalProvider, "changes", read)

    def commit(store: Store) -> None:
        booking = msgspec.structs.replace(
            booked, start=NINE + HOUR, end=NINE + 2 * HOUR, written=connected.clock.now()
        )
        store.bookings.put(document(booking))

    await connected.write(commit)
    go_on.set()
    await reading
    assert (await connected.bookings.get(booked.id)).outside is None


OPERATIONS = st.lists(
    st.sampled_from(["move", "delete", "restore", "read", "settle", "take over", "put back"]),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(OPERATIONS)
@example(["move", "settle", "read", "restore", "put back"])
@example(["move", "settle", "read", "restore", "take over"])
def test_whatever_happens_marks_tell_what_is_there_and_no_time_is_sold_twice(
    operations: list[str],
) -> None:
    asyncio.run(_play(operations))


async def _play(operations: list[str]) -> None:
    with TemporaryDirectory() as place:
        folder = Folder(Path(place) / "calendars")
        clock = FixedClock(at("2026-11-30T06:00Z"))
        desk = await Desk.open(
            Path(place) / "home", clock=clock, ids=counted_ids(), zone="Europe/Oslo"
        )
        try:
            await desk.pages.add(INTRO)
            await desk.connections.connect_local(str(folder.path))
            first = await desk.bookings.book("intro", NINE, GRACE)
            kept = path_of(folder, first).read_bytes()
            name = path_of(folder, first)
            for number, operation in enumerate(operations):
                there = name.exists()
                match operation:
                    case "move" if there:
                        shift = (number % 3 + 1) * HOUR
                        move(folder, first, NINE + shift, NINE + shift + HOUR)
                    case "delete" if there:
                        name.unlink()
                    case "restore":
                        name.write_bytes(kept)
                    case "read":
                        await desk.sync.now()
                    case "settle":
                        clock.at += LAG
                    case "take over" | "put back" as verb:
                        for each in await desk.bookings.changed_outside():
                            act = (
                                desk.bookings.take_over
                                if verb == "take over"
                                else desk.bookings.put_back
                            )
                            try:
                                await act(each.id)
                            except KobleError as error:
                                if error.kind is not ErrorKind.CONFLICT:
                                    raise
                                # It was as koble wrote it again, and that is noticed just now.
                                assert (await desk.bookings.get(each.id)).outside is None
            clock.at += LAG
            await desk.sync.now()
            await _holds(desk, folder)
        finally:
            await desk.close()


async def _holds(desk: Desk, folder: Folder) -> None:
    """What the desk says of the meeting is what lies in the folder."""
    agenda = await desk.calendars.agenda(NINE - HOUR, NINE + 6 * HOUR)
    shown = [(each.start, each.end) for each in agenda.entries if each.event]
    assert len(shown) == len(folder.files()) <= 1
    for booking in await desk.bookings.all(BookingState.CONFIRMED):
        if booking.outside is None:
            assert shown == [(booking.start, booking.end)]
        elif booking.outside.gone:
            assert shown == []
        else:
            assert (
                shown
                == [(booking.outside.start, booking.outside.end)]
                != [(booking.start, booking.end)]
            )
    free = (await desk.offers.free("intro", NINE, NINE + 4 * HOUR)).offers
    assert all(o.end <= low or high <= o.start for o in free for low, high in shown)
    if not shown:
        assert len(free) == 7, "nothing is there, and nothing is kept away"
