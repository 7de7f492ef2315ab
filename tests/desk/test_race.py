"""Many who want the same time, in many processes: it is sold once, and written once."""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.outbox import LEASE
from providers.base import ChangePage, Draft, ProviderError, Written
from providers.local import LocalProvider
from scheduling.bookings import Booking, BookingState
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Span
from tests.desk.conftest import GRACE, INTRO, Folder
from tests.desk.crash_operations import NINE, NOW
from tests.desk.race_requests import Request
from words import Phrase

ROOT = Path(__file__).parents[2]
PROCESSES = 8
EACH = 25
PAGE = msgspec.structs.replace(INTRO, durations=(30, 60, 90), step=5)


@pytest.fixture
async def home(tmp_path: Path, folder: Folder) -> Path:
    desk = await another(tmp_path / "home")
    await desk.pages.add(PAGE)
    await desk.connections.connect_local(str(folder.path))
    await desk.close()
    return tmp_path / "home"


async def another(home: Path, at: int = NOW) -> Desk:
    return await Desk.open(home, clock=FixedClock(at), zone="Europe/Oslo")


def race(home: Path, requests: list[list[Request]]) -> list[tuple[str, str]]:
    """What processes that begin at one moment are told, one for each list of requests."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.desk.race_requests", home, json.dumps(mine)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for mine in requests
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    outputs = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        outputs.append(process.communicate()[0])
        assert process.returncode == 0
    return [(id, said) for output in outputs for id, said in json.loads(output)]


async def test_of_200_requests_for_one_time_from_8_processes_one_is_booked(
    home: Path, folder: Folder
) -> None:
    answers = race(home, [[(NINE, 60, "")] * EACH] * PROCESSES)

    assert Counter(said for _, said in answers) == {"confirmed": 1, "not_offered": 199}
    assert len(folder.files()) == 1
    desk = await another(home)
    assert [each.state for each in await desk.bookings.all()] == [BookingState.CONFIRMED]
    assert await desk.read(desk.outbox.due_in) is None
    await desk.close()


async def test_of_200_requests_that_overlap_no_two_that_do_are_booked(
    home: Path, folder: Folder
) -> None:
    seed = int.from_bytes(os.urandom(4), "little")
    print(f"seed {seed}")
    dice = random.Random(seed)
    outside = folder.busy("outside", "20261201T100000Z", "20261201T103000Z")

    def one() -> Request:
        return NINE + dice.randrange(0, 42) * 300, dice.choice(PAGE.durations), ""

    answers = race(home, [[one() for _ in range(EACH)] for _ in range(PROCESSES)])

    outside.unlink()
    desk = await another(home)
    booked = await desk.bookings.all()
    assert all(each.state is BookingState.CONFIRMED and each.event_id for each in booked)
    assert all(first.end <= second.start for first, second in pairwise(booked))
    assert all(each.end <= NINE + 7200 or each.start >= NINE + 9000 for each in booked)
    assert sorted(id for id, _ in answers if id) == sorted(each.id for each in booked)
    assert len(folder.files()) == len(booked) > 1
    await desk.close()


async def test_one_key_gives_one_booking_and_one_answer_to_all_processes(
    home: Path, folder: Folder
) -> None:
    answers = race(home, [[(NINE, 30, "key")] * 5] * PROCESSES)

    assert len(set(answers)) == 1
    assert answers[0][1] == "confirmed"
    assert len(folder.files()) == 1


async def test_a_read_that_another_process_overtook_takes_nothing_back(
    home: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = await another(home), await another(home)
    folder.busy("first", "20261202T080000Z", "20261202T090000Z")
    looked, go_on = asyncio.Event(), asyncio.Event()
    read = LocalProvider.changes

    async def late(
        provider: LocalProvider, calendar: str, cursor: str, horizon: Span
    ) -> AsyncIterator[ChangePage]:
        async for page in read(provider, calendar, cursor, horizon):
            looked.set()
            await go_on.wait()
            yield page

    monkeypatch.setattr(LocalProvider, "changes", late)
    reading = asyncio.create_task(slow.sync.now())
    await looked.wait()
    monkeypatch.undo()
    folder.busy("second", "20261202T100000Z", "20261202T110000Z")
    (folder.path / "work" / "first.ics").unlink()
    await quick.sync.now()
    go_on.set()
    await reading

    events = await quick.read(lambda store: [each["title"] for each in store.events])
    assert events == ["second"]
    await slow.close()
    await quick.close()


async def book_and_crash(
    home: Path, monkeypatch: pytest.MonkeyPatch, *, written: bool = True
) -> str:
    """The id of a booking whose process died just before or after it had written the event."""
    desk = await another(home)
    there = asyncio.Event()
    create = LocalProvider.create

    async def last(provider: LocalProvider, calendar: str, draft: Draft) -> Written:
        if written:
            await create(provider, calendar, draft)
        there.set()
        await asyncio.Event().wait()
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(LocalProvider, "create", last)
        booking = asyncio.create_task(desk.bookings.book("intro", NINE, GRACE))
        await there.wait()
        booking.cancel()
        await asyncio.wait([booking])
    [found] = await desk.bookings.all()
    await desk.close()
    return found.id


async def test_an_event_written_just_before_a_crash_stays_the_bookings_whatever_came_since(
    home: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await book_and_crash(home, monkeypatch)
    folder.busy("outside", "20261201T080000Z", "20261201T083000Z")

    second = await another(home, at=NOW + LEASE + 1)
    await second.outbox.perform()

    [found] = await second.bookings.all()
    assert (found.state, found.trouble) == (BookingState.CONFIRMED, "")
    assert found.event_id
    assert len(folder.files()) == 2
    await second.close()


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("late", [0, LEASE + 1])
@pytest.mark.parametrize("act", ["cancel", "decline", "expire", "reschedule"])
async def test_what_is_given_up_after_a_crash_leaves_no_event_behind(
    home: Path,
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
    late: int,
    written: bool,
) -> None:
    monkeypatch.setattr("desk.outbox.ELSEWHERE", 0.01)
    id = await book_and_crash(home, monkeypatch, written=written)
    assert len(folder.files()) == written
    created = 0
    create = LocalProvider.create

    async def counted(provider: LocalProvider, calendar: str, draft: Draft) -> Written:
        nonlocal created
        created += 1
        return await create(provider, calendar, draft)

    monkeypatch.setattr(LocalProvider, "create", counted)

    second = await another(home, at=NINE if act == "expire" else NOW + late)
    if act == "cancel":
        await second.bookings.cancel(id)
    elif act == "decline":
        await second.bookings.decline(id)
    elif act == "expire":
        assert await second.bookings.expire() == 1
    else:
        await second.bookings.reschedule(id, NINE + 3600)
    await second.close()

    third = await another(home, at=NINE + LEASE + 1)
    await third.outbox.perform()
    moved = act == "reschedule"
    files = folder.files()
    assert len(files) == moved
    assert all("DTSTART;TZID=Europe/Oslo:20261201T100000" in text for text in files)
    assert created == (moved and not written)
    assert await third.read(third.outbox.due_in) is None
    await third.close()


async def test_an_event_that_was_made_though_the_answer_was_an_error_is_made_once(
    home: Path, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = LocalProvider.create

    async def reset(provider: LocalProvider, calendar: str, draft: Draft) -> Written:
        await create(provider, calendar, draft)
        raise ProviderError(ErrorKind.UNAVAILABLE, Phrase("It broke off."))

    monkeypatch.setattr(LocalProvider, "create", reset)
    first = await another(home)
    booking = await first.bookings.book("intro", NINE, GRACE, key="key")
    assert (booking.state, booking.trouble) == (BookingState.REQUESTED, "It broke off.")
    assert (await first.bookings.book("intro", NINE, GRACE, key="key")).id == booking.id
    monkeypatch.undo()
    await first.close()

    second = await another(home, at=NOW + 15)
    assert await second.outbox.perform() == 1

    booking = await second.bookings.get(booking.id)
    assert (booking.state, booking.trouble) == (BookingState.CONFIRMED, "")
    assert len(folder.files()) == 1
    await second.close()


@pytest.mark.parametrize("turn", range(6))
async def test_of_a_cancellation_and_two_moves_at_once_one_is_done(
    home: Path, folder: Folder, turn: int
) -> None:
    first, second = await another(home), await another(home)
    booking = await first.bookings.book("intro", NINE, GRACE)
    acts = [
        first.bookings.cancel(booking.id),
        second.bookings.reschedule(booking.id, NINE + 3600),
        first.bookings.reschedule(booking.id, NINE + 7200),
    ]
    acts = acts[turn % 3 :] + acts[: turn % 3]

    answers = await asyncio.gather(*acts, return_exceptions=True)

    [done] = [each for each in answers if not isinstance(each, KobleError)]
    assert isinstance(done, Booking)
    assert {each.kind for each in answers if isinstance(each, KobleError)} == {ErrorKind.CONFLICT}
    kept = 0 if done.state is BookingState.CANCELLED else 1
    confirmed = await second.bookings.all(BookingState.CONFIRMED)
    assert [each.start for each in confirmed] == [done.start] * kept
    assert len(folder.files()) == kept
    assert await first.read(first.outbox.due_in) is None
    await first.close()
    await second.close()


async def test_a_request_that_two_accept_at_once_is_added_once(home: Path, folder: Folder) -> None:
    first, second = await another(home), await another(home)
    [connection] = (await first.connections.overview()).connections
    await first.connections.disconnect(connection.connection.id)
    request = await first.bookings.book("intro", NINE, GRACE)
    assert request.state is BookingState.REQUESTED
    await first.connections.connect_local(str(folder.path))

    answers = await asyncio.gather(
        *(desk.bookings.accept(request.id) for desk in (first, second, first, second)),
        return_exceptions=True,
    )

    assert any(isinstance(each, Booking) for each in answers)
    assert all(
        each.kind is ErrorKind.CONFLICT
        if isinstance(each, KobleError)
        else isinstance(each, Booking) and each.state is BookingState.CONFIRMED
        for each in answers
    )
    assert len(folder.files()) == 1
    assert await first.read(first.outbox.due_in) is None
    await first.close()
    await second.close()
