from pathlib import Path

import msgspec
import pytest

from desk.clock import FixedClock
from desk.critical import NotOffered
from desk.desk import Desk
from desk.ids import counted_ids
from scheduling.bookings import BookingState
from scheduling.connections import Health, Kind, Use
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Blocking, BusyMatrix
from scheduling.offers import Mode
from scheduling.pages import Window
from tests.desk.conftest import GRACE, INTRO, Folder, at

TUESDAY = at("2026-12-01T09:00+01:00")


async def test_a_connected_folder_is_fresh_and_its_first_calendar_gets_the_bookings(
    connected: Desk, folder: Folder
) -> None:
    overview = await connected.connections.overview()

    [view] = overview.connections
    assert (view.connection.kind, view.connection.address) == (Kind.LOCAL, str(folder.path))
    assert view.health is Health.FRESH
    assert [(c.name, c.destination, c.conflicts) for c in view.calendars] == [("work", True, True)]
    assert overview.destination == view.calendars[0]


async def test_health_ages(connected: Desk, clock: FixedClock) -> None:
    clock.at += 11 * 60
    [view] = (await connected.connections.overview()).connections
    assert view.health is Health.STALE
    await connected.sync.now()
    [view] = (await connected.connections.overview()).connections
    assert view.health is Health.FRESH


async def test_a_folder_that_vanishes_keeps_its_events_and_says_so(
    connected: Desk, folder: Folder
) -> None:
    folder.busy("kept", "20261201T080000Z", "20261201T090000Z")
    await connected.sync.now()
    folder.path.rename(folder.path.with_name("elsewhere"))

    [report] = await connected.sync.now()

    assert report.error is not None
    agenda = await connected.calendars.agenda(TUESDAY, TUESDAY + 3600)
    assert [entry.title for entry in agenda.entries] == ["kept"]
    [view] = (await connected.connections.overview()).connections
    assert view.connection.reads[0][1]


@pytest.mark.parametrize("kind", ["missing", "file", "empty"])
async def test_a_wrong_folder_is_refused(desk: Desk, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "there"
    if kind == "file":
        path.write_text("x")
    with pytest.raises(KobleError) as refused:
        await desk.connections.connect_local("  " if kind == "empty" else str(path))
    assert refused.value.message
    assert (await desk.connections.overview()).connections == ()


async def test_without_personal_email_access_nothing_is_connected(
    desk: Desk, folder: Folder
) -> None:
    """S12."""
    profile = await desk.settings.profile()
    await desk.settings.save_profile(msgspec.structs.replace(profile, personal_email_access=False))
    with pytest.raises(KobleError) as refused:
        await desk.connections.connect_local(str(folder.path))
    assert refused.value.kind is ErrorKind.PERMISSION
    assert "Personal email access" in str(refused.value)


async def test_a_shared_inbox_cannot_have_its_calendar_connected(desk: Desk) -> None:
    """S13."""
    await desk.connections.add_shared_inbox("team@example.com")

    refusal = await desk.connections.refusal(Kind.GOOGLE, "Team@example.com")
    assert refusal is not None
    assert refusal.kind is ErrorKind.PERMISSION
    assert await desk.connections.refusal(Kind.GOOGLE, "ada@example.com") is None


async def test_one_account_can_be_connected(connected: Desk, tmp_path: Path) -> None:
    """S15, an account from after the change."""
    other = Folder(tmp_path / "other")
    with pytest.raises(KobleError) as refused:
        await connected.connections.connect_local(str(other.path))
    assert refused.value.kind in (ErrorKind.PERMISSION, ErrorKind.CONFLICT)


async def test_an_old_account_keeps_two_until_one_of_them_goes(
    desk: Desk, folder: Folder, tmp_path: Path
) -> None:
    """S15, an account from before 13 March 2023."""
    profile = await desk.settings.profile()
    await desk.settings.save_profile(msgspec.structs.replace(profile, created="2023-03-12"))
    other = str(Folder(tmp_path / "other").path)
    first = await desk.connections.connect_local(str(folder.path), use=Use.CALENDAR)
    second = await desk.connections.connect_local(other, use=Use.MEETINGS)
    assert len((await desk.connections.overview()).connections) == 2

    await desk.connections.disconnect(second.id)
    with pytest.raises(KobleError):
        await desk.connections.connect_local(other, use=Use.MEETINGS)
    await desk.connections.disconnect(first.id)
    assert await desk.connections.connect_local(other)


async def test_a_read_only_calendar_is_no_destination(connected: Desk, folder: Folder) -> None:
    (folder.path / "private").mkdir()
    [view] = (await connected.connections.overview()).connections
    await connected.connections.relist(view.connection.id)
    private, work = await connected.calendars.all()
    assert (private.name, private.destination) == ("private", False)

    await connected.calendars.change(private.id, destination=True)
    private, work = await connected.calendars.all()
    assert (private.destination, work.destination) == (True, False)


async def test_the_busy_matrix_decides_what_keeps_times_away(
    connected: Desk, folder: Folder
) -> None:
    folder.busy("maybe", "20261201T080000Z", "20261201T090000Z", "STATUS:TENTATIVE")
    await connected.sync.now()

    async def offered() -> bool:
        free = await connected.offers.free("intro", TUESDAY, TUESDAY + 3600)
        return bool(free.offers)

    assert not await offered()
    [view] = (await connected.connections.overview()).connections
    await connected.connections.change(view.connection.id, matrix=BusyMatrix(tentative=Blocking.NO))
    assert await offered()


async def test_another_process_sees_what_was_done(
    connected: Desk, tmp_path: Path, clock: FixedClock
) -> None:
    other = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids("other"))
    try:
        booking = await connected.bookings.book("intro", TUESDAY, GRACE)
        heard: list[frozenset[str]] = []
        other.bus.listen(heard.append)
        assert (await other.bookings.get(booking.id)) == booking
        assert "bookings" in frozenset().union(*heard)
    finally:
        await other.close()


async def test_who_looks_far_is_shown_what_lies_there(connected: Desk, folder: Folder) -> None:
    folder.busy("party", "20190614T180000Z", "20190614T200000Z")
    folder.busy("jubilee", "20330614T070000Z", "20330614T090000Z")
    await connected.sync.now()

    async def titles(start: str, end: str) -> list[str]:
        return [
            each.title for each in (await connected.calendars.agenda(at(start), at(end))).entries
        ]

    assert await titles("2019-06-14T00:00Z", "2019-06-15T00:00Z") == ["party"]
    assert await titles("2033-06-14T00:00Z", "2033-06-15T00:00Z") == ["jubilee"]


async def test_whoever_leafs_through_the_weeks_has_the_calendar_read_once_in_half_a_year(
    connected: Desk, folder: Folder
) -> None:
    week = 7 * 86_400
    seen = set()
    for number in range(52):
        start = TUESDAY - number * week
        await connected.calendars.agenda(start, start + week)
        [calendar] = await connected.calendars.all()
        assert calendar.horizon[0] <= start
        seen.add(calendar.horizon)
    assert len(seen) == 3  # 90 days, half a year more, and half a year more


async def test_a_time_far_ahead_is_not_offered_over_an_event(
    connected: Desk, folder: Folder
) -> None:
    """Events further away than is usually read keep their time as well."""
    far = msgspec.structs.replace(INTRO, window=Window(first="2033-06-01", last="2033-06-30"))
    await connected.pages.save(far)
    folder.busy("jubilee", "20330614T070000Z", "20330614T090000Z")

    with pytest.raises(NotOffered) as refused:
        await connected.bookings.book("intro", at("2033-06-14T07:00Z"), GRACE)
    assert [each.rule for each in refused.value.reasons] == ["busy"]
    later = await connected.bookings.book("intro", at("2033-06-14T09:00Z"), GRACE)
    assert later.state is BookingState.CONFIRMED


async def test_where_a_calendar_cannot_be_read_that_far_nothing_is_promised(
    connected: Desk, folder: Folder
) -> None:
    far = msgspec.structs.replace(INTRO, window=Window(first="2033-06-01", last="2033-06-30"))
    await connected.pages.save(far)
    folder.path.rename(folder.path.with_name("elsewhere"))

    start = at("2033-06-14T00:00Z")
    assert (await connected.offers.free("intro", start, start + 86_400)).mode is Mode.OFFLINE
    near = at("2026-12-01T00:00Z")
    assert (await connected.offers.free("intro", near, near + 86_400)).mode is Mode.LIVE
