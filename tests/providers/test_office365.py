"""Reading Office 365, beyond what every provider promises; for the traps see `office365_cases`."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from providers.base import ChangePage, Gone, ProviderError, Upsert
from scheduling.connections import Access
from scheduling.errors import ErrorKind
from tests.providers.instants import HORIZON, at
from tests.providers.office365_cases import JUNE, provided, times
from tests.providers.stages import Mirror, Office365Stage
from tests.vendors.graph import Fault, Server

HOUR = 3600
WEEKS = [datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(weeks=each) for each in range(6)]


@pytest.fixture
async def stage(graphs: Server) -> AsyncIterator[Office365Stage]:
    stage = Office365Stage(graphs)
    yield stage
    await stage.close()


@pytest.fixture
def mirror(stage: Office365Stage) -> Mirror:
    return Mirror(stage)


async def read(stage: Office365Stage, cursor: str = "") -> list[ChangePage]:
    return [page async for page in stage.provider.changes(stage.calendar, cursor, HORIZON)]


def said(pages: list[ChangePage]) -> list[Upsert | Gone]:
    return [change for page in pages for change in page.changes]


# Calendars


async def test_calendars_come_in_pages_with_colour_rights_and_the_default(
    stage: Office365Stage,
) -> None:
    stage.graph.page = 2
    stage.box.calendars[stage.calendar] |= {"hexColor": "#1F77B4"}
    for name in ("Team", "Birthdays\x1b[31m", "Third"):
        stage.box.calendar(name, canEdit=name == "Team")
    found = await stage.provider.calendars()
    assert [(each.name, each.writable, each.primary, each.color) for each in found] == [
        ("Calendar", True, True, "#1f77b4"),
        ("Team", True, False, ""),
        ("Birthdays[31m", False, False, ""),
        ("Third", False, False, ""),
    ]


async def test_nothing_is_writable_where_koble_may_only_read(
    graphs: Server, stage: Office365Stage
) -> None:
    for access in (Access.BUSY, Access.READ):
        provider = provided(graphs, stage, access=access)
        assert not provider.capabilities.write
        assert not any(each.writable for each in await provider.calendars())
        await provider.close()


# Series


async def test_trap_6_occurrences_have_the_title_of_their_series(
    stage: Office365Stage, mirror: Mirror
) -> None:
    stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    (event,) = (await mirror.follow()).events
    assert (event.title, event.recurring, len(event.spans)) == ("Stand-up", True, 6)
    assert event.spans[0] == (at("2026-06-01T08:00Z"), at("2026-06-01T08:30Z"))


async def test_trap_7_a_series_from_long_ago_leaves_no_ghost_on_its_first_day(
    stage: Office365Stage, mirror: Mirror
) -> None:
    years = [datetime(year, 6, 1, 8, tzinfo=UTC) for year in range(2012, 2030)]
    stage.box.series(stage.calendar, {"subject": "Yearly"}, years, 60)
    (event,) = (await mirror.follow()).events
    assert [datetime.fromtimestamp(start, UTC).year for start, _ in event.spans] == [2026, 2027]


async def test_the_master_of_a_series_is_asked_for_once(
    stage: Office365Stage, mirror: Mirror
) -> None:
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    await mirror.follow()
    asked = [each for each in stage.graph.asked if each.endswith(f"events/{quote(series.id)}")]
    assert len(asked) == 1


async def test_an_occurrence_that_differs_is_an_event_of_its_own(
    stage: Office365Stage, mirror: Mirror
) -> None:
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    second = list(series.occurrences)[1]
    await mirror.follow()
    moved = times("2026-06-09T10:00:00.0000000", "2026-06-09T10:30:00.0000000")
    stage.box.change_occurrence(second, {"subject": "Moved", **moved})
    await mirror.follow()
    assert mirror.titles == ["Moved", "Stand-up"]
    assert len({event.id for event in mirror.events}) == 2
    by_title = {event.title: event for event in mirror.events}
    assert by_title["Moved"].spans == ((at("2026-06-09T10:00Z"), at("2026-06-09T10:30Z")),)
    assert len(by_title["Stand-up"].spans) == 5
    assert {event.resource for event in mirror.events} == {series.id}


async def test_exceptions_stand_beside_each_other(stage: Office365Stage, mirror: Mirror) -> None:
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    for name in list(series.occurrences)[:2]:
        stage.box.change_occurrence(name, {"subject": "Special"})
    assert len({event.id for event in (await mirror.follow()).events}) == 3


@pytest.mark.parametrize("granular", [False, True])
async def test_a_deleted_occurrence_goes_and_the_others_stay(
    stage: Office365Stage, mirror: Mirror, granular: bool
) -> None:
    stage.graph.granular = granular
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    await mirror.follow()
    stage.box.drop_occurrence(list(series.occurrences)[2])
    (event,) = (await mirror.follow()).events
    assert len(event.spans) == 5
    assert at("2026-06-15T08:00Z") not in [start for start, _ in event.spans]


async def test_a_deleted_series_goes_as_a_whole(stage: Office365Stage, mirror: Mirror) -> None:
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    stage.box.change_occurrence(list(series.occurrences)[1], {"subject": "Special"})
    await mirror.follow()
    stage.box.remove(series)
    assert (await mirror.follow()).titles == []


async def test_an_event_that_becomes_a_series_is_not_there_twice(
    stage: Office365Stage, mirror: Mirror
) -> None:
    event = stage.box.add(stage.calendar, {**JUNE, "subject": "Once"})
    await mirror.follow()
    event.fields["type"] = "seriesMaster"
    event.occurrences = {
        f"occ{number}": {"type": "occurrence", "start": each["start"], "end": each["end"]}
        for number, each in enumerate(
            [JUNE, times("2026-06-09T07:00:00.0000000", "2026-06-09T08:00:00.0000000")]
        )
    }
    stage.box.touch(event)
    (held,) = (await mirror.follow()).events
    assert len(held.spans) == 2


async def test_trap_11_years_of_days_are_one_resource_and_come_in_pages(
    stage: Office365Stage, mirror: Mirror
) -> None:
    stage.graph.page = 100
    days = [datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=each) for each in range(638)]
    stage.box.series(stage.calendar, {"subject": "Daily"}, days, 15)
    (event,) = (await mirror.follow()).events
    assert len(event.spans) == 638
    assert len(mirror.cursor) < 10_000


async def test_trap_11_more_than_five_years_are_read_in_several_windows(
    stage: Office365Stage,
) -> None:
    years = [datetime(year, 6, 1, 8, tzinfo=UTC) for year in range(2020, 2036)]
    stage.box.series(stage.calendar, {"subject": "Yearly"}, years, 60)
    single = stage.box.add(stage.calendar, {**JUNE, "subject": "Once"})
    wide = at("2019-01-01T00:00Z"), at("2037-01-01T00:00Z")
    pages = [page async for page in stage.provider.changes(stage.calendar, "", wide)]
    events = {e.title: e for c in said(pages) if isinstance(c, Upsert) for e in c.events}
    assert len(events["Yearly"].spans) == 16
    stage.box.change(single, {"subject": "Changed"})
    again = stage.provider.changes(stage.calendar, pages[-1].cursor, wide)
    told = {c.resource: c for c in said([page async for page in again])}
    assert list(told) == [single.id], "the window that it is not in tells it as removed"
    assert [each.title for each in told[single.id].events] == ["Changed"]  # type: ignore[union-attr]


# What is said to be gone


async def test_trap_9_what_left_the_window_is_not_told_as_deleted(stage: Office365Stage) -> None:
    event = stage.box.add(stage.calendar, {**JUNE, "subject": "Wanders"})
    cursor = (await read(stage))[-1].cursor
    stage.box.change(event, times("2031-06-02T07:00:00", "2031-06-02T08:00:00"))
    pages = await read(stage, cursor)
    (change,) = said(pages)
    assert isinstance(change, Upsert)
    assert (change.resource, change.events) == (event.id, ())
    stage.box.change(event, JUNE)
    (back,) = said(await read(stage, pages[-1].cursor))
    assert isinstance(back, Upsert)
    assert [each.title for each in back.events] == ["Wanders"]


async def test_trap_9_a_series_that_left_the_window_is_not_told_as_deleted(
    stage: Office365Stage,
) -> None:
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS[:1], 30)
    cursor = (await read(stage))[-1].cursor
    (own,) = series.occurrences.values()
    own |= times("2031-06-02T07:00:00.0000000", "2031-06-02T08:00:00.0000000")
    stage.box.touch(series)
    assert said(await read(stage, cursor)) == [Upsert(series.id, series.etag, ())]


async def test_trap_9_what_was_deleted_is_told_as_deleted(stage: Office365Stage) -> None:
    event = stage.box.add(stage.calendar, JUNE)
    cursor = (await read(stage))[-1].cursor
    stage.box.remove(event)
    assert said(await read(stage, cursor)) == [Gone(event.id)]


async def test_trap_9_a_new_event_outside_the_window_deletes_nothing(
    stage: Office365Stage,
) -> None:
    cursor = (await read(stage))[-1].cursor
    stage.box.add(stage.calendar, times("2031-06-02T07:00:00", "2031-06-02T08:00:00"))
    (change,) = said(await read(stage, cursor))
    assert isinstance(change, Upsert)
    assert change.events == ()


async def test_trap_9_what_is_said_to_be_gone_and_is_there_stays(
    stage: Office365Stage, mirror: Mirror
) -> None:
    event = stage.box.add(stage.calendar, {**JUNE, "subject": "Here"})
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    await mirror.follow()
    stage.graph.granular = True
    for name in (event.id, series.id):
        stage.box.now += 1
        stage.box.dropped.append((stage.box.now, stage.calendar, name))
    assert (await mirror.follow()).titles == ["Here", "Stand-up"]


async def test_what_moved_to_another_calendar_is_in_that_one_only(
    stage: Office365Stage, mirror: Mirror
) -> None:
    other = stage.box.calendar("Other")
    event = stage.box.add(stage.calendar, {**JUNE, "subject": "Once"})
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    await mirror.follow()
    for each in (event, series):
        stage.box.move(each, other)
    assert (await mirror.follow()).titles == []
    pages = [page async for page in stage.provider.changes(other, "", HORIZON)]
    assert {change.resource for change in said(pages)} == {event.id, series.id}


# Lists, links and tokens


async def test_trap_5_only_the_last_of_many_pages_has_the_cursor(
    stage: Office365Stage, mirror: Mirror
) -> None:
    stage.graph.page, stage.graph.gaps = 2, True
    for number in range(7):
        stage.box.add(stage.calendar, {**JUNE, "subject": f"Event {number}"})
    pages = await read(stage)
    assert [bool(page.cursor) for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert max(len(page.changes) for page in pages) == 2, "pages are handed on as they come"
    assert len((await mirror.follow()).titles) == 7


async def test_a_page_is_handed_on_before_the_next_is_asked_for(stage: Office365Stage) -> None:
    stage.graph.page = 1
    for _ in range(3):
        stage.box.add(stage.calendar, JUNE)
    pages = stage.provider.changes(stage.calendar, "", HORIZON)
    assert len((await anext(pages)).changes) == 1
    assert len(stage.graph.asked) == 1


async def test_what_is_told_twice_is_there_once(stage: Office365Stage, mirror: Mirror) -> None:
    stage.graph.echoes, stage.graph.page = True, 3
    stage.box.add(stage.calendar, {**JUNE, "subject": "Once"})
    stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    await mirror.follow()
    assert mirror.titles == ["Once", "Stand-up"]
    assert sum(len(event.spans) for event in mirror.events) == 7


@pytest.mark.parametrize(
    ("status", "code"),
    [(410, "SyncStateNotFound"), (410, "resyncRequired"), (410, ""), (400, "syncStateNotFound")],
)
async def test_traps_3_and_8_a_lost_token_brings_everything_and_drops_what_went_meanwhile(
    stage: Office365Stage, mirror: Mirror, status: int, code: str
) -> None:
    gone = stage.box.add(stage.calendar, {**JUNE, "subject": "Deleted in the gap"})
    stage.box.add(stage.calendar, {**JUNE, "subject": "Stays"})
    await mirror.follow()
    stage.box.remove(gone)
    stage.graph.faults = [Fault(status, code, where="deltatoken")]
    assert (await mirror.follow()).titles == ["Stays"]
    assert not await changed_since(stage, mirror)


async def changed_since(stage: Office365Stage, mirror: Mirror) -> list[str]:
    return (await mirror.follow()).read


async def test_trap_8_a_token_that_is_lost_between_two_pages_brings_everything(
    stage: Office365Stage, mirror: Mirror
) -> None:
    await mirror.follow()
    stage.graph.page = 1
    for name in ("One", "Two", "Three"):
        stage.box.add(stage.calendar, {**JUNE, "subject": name})
    stage.graph.faults = [Fault(410, "SyncStateNotFound", where="skiptoken")]
    assert (await mirror.follow()).titles == ["One", "Three", "Two"]


async def test_trap_8_a_listing_that_is_lost_again_and_again_is_an_error(
    stage: Office365Stage,
) -> None:
    stage.graph.faults = [Fault(410, "SyncStateNotFound", where="delta", times=9)]
    with pytest.raises(ProviderError) as caught:
        await read(stage)
    assert caught.value.kind is ErrorKind.UNAVAILABLE


async def test_trap_10_a_window_that_moved_shows_its_new_weeks(stage: Office365Stage) -> None:
    later = times("2027-10-20T07:00:00", "2027-10-20T08:00:00")
    event = stage.box.add(stage.calendar, later)
    pages = await read(stage)
    assert said(pages) == []
    moved = HORIZON[0] + 30 * 86_400, HORIZON[1] + 30 * 86_400
    again = [p async for p in stage.provider.changes(stage.calendar, pages[-1].cursor, moved)]
    assert [change.resource for change in said(again)] == [event.id]
    assert again[-1].complete


async def test_a_link_to_another_server_is_not_followed(stage: Office365Stage) -> None:
    stage.graph.page, stage.graph.elsewhere = 1, "http://127.0.0.2:9"
    for _ in range(2):
        stage.box.add(stage.calendar, JUNE)
    with pytest.raises(ProviderError) as caught:
        await read(stage)
    assert caught.value.kind is ErrorKind.UNAVAILABLE


async def test_the_cursor_of_another_cloud_leads_to_everything_anew(stage: Office365Stage) -> None:
    stage.box.add(stage.calendar, JUNE)
    stage.graph.elsewhere = "https://graph.microsoft.us"
    cursor = (await read(stage))[-1].cursor
    stage.graph.elsewhere = ""
    pages = await read(stage, cursor)
    assert (len(said(pages)), pages[-1].complete) == (1, True)


async def test_trap_27_ids_that_differ_by_case_alone_are_two_events(
    stage: Office365Stage, mirror: Mirror
) -> None:
    small = stage.box.add(stage.calendar, {**JUNE, "subject": "Small"})
    great = stage.box.add(stage.calendar, {**JUNE, "subject": "Great"})
    del stage.box.events[great.id]
    great.fields["id"] = small.id.replace("Evt", "eVT")
    stage.box.events[great.id] = great
    assert (await mirror.follow()).titles == ["Great", "Small"]
    assert set(mirror.held) == {small.id, great.id}
