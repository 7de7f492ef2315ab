"""What the desk relies on, asked of every calendar provider alike."""

import asyncio

import msgspec
import pytest

from providers.base import Draft, ProviderError
from scheduling.errors import ErrorKind
from scheduling.events import Attendee, Response
from tests.providers.instants import HORIZON, at
from tests.providers.stages import ME, Mirror, Stage, text_of

DRAFT = Draft(
    uid="chosen-beforehand@koble",
    title="Intro",
    start=at("2026-06-02T07:00Z"),
    end=at("2026-06-02T07:30Z"),
    zone="Europe/Oslo",
    description="First line\nand second",
    location="Room 1",
    attendees=(Attendee(email="ann@example.org", name="Ann"),),
)


async def test_it_says_who_it_is_and_which_calendars_it_has(stage: Stage) -> None:
    assert (await stage.provider.identity()).address
    found = await stage.provider.calendars()
    assert [(each.native, each.writable) for each in found] == [(stage.calendar, True)]


async def test_the_first_read_brings_everything(stage: Stage, mirror: Mirror) -> None:
    for uid in ("one", "two", "three"):
        await stage.put(uid, text_of(uid, f"Event {uid}"))
    await mirror.follow()
    assert mirror.titles == ["Event one", "Event three", "Event two"]
    assert {event.spans for event in mirror.events} == {
        ((at("2026-06-01T07:00Z"), at("2026-06-01T08:00Z")),)
    }
    assert all(each.etag for each in mirror.held.values())


async def test_an_empty_calendar_is_read_as_empty(mirror: Mirror) -> None:
    await mirror.follow()
    assert (mirror.titles, mirror.problems) == ([], [])
    await mirror.follow()
    assert mirror.read == []


async def test_a_read_without_changes_brings_nothing(stage: Stage, mirror: Mirror) -> None:
    await stage.put("one", text_of("one", "One"))
    await mirror.follow()
    await mirror.follow()
    assert (mirror.read, mirror.titles) == ([], ["One"])


async def test_what_somebody_else_does_is_seen_and_nothing_else_is_read(
    stage: Stage, mirror: Mirror
) -> None:
    resources = [await stage.put(uid, text_of(uid, uid)) for uid in ("one", "two", "three")]
    await mirror.follow()
    two = await stage.put("two", text_of("two", "two, changed"))
    four = await stage.put("four", text_of("four", "four"))
    await stage.remove(resources[2])
    await mirror.follow()
    assert sorted(mirror.read) == sorted([two, four])
    assert mirror.titles == ["four", "one", "two, changed"]


async def test_another_horizon_leads_to_everything_anew(stage: Stage, mirror: Mirror) -> None:
    resource = await stage.put("one", text_of("one", "One"))
    await mirror.follow()
    later = HORIZON[0] + 86_400, HORIZON[1] + 86_400
    pages = [page async for page in stage.provider.changes(stage.calendar, mirror.cursor, later)]
    assert [change.resource for page in pages for change in page.changes] == [resource]
    assert pages[-1].complete


async def test_a_cursor_that_is_none_leads_to_everything_anew(stage: Stage, mirror: Mirror) -> None:
    await stage.put("one", text_of("one", "One"))
    mirror.cursor = "no cursor"
    await mirror.follow()
    assert mirror.titles == ["One"]


async def test_a_draft_becomes_an_event_that_says_the_same(stage: Stage, mirror: Mirror) -> None:
    written = await stage.provider.create(stage.calendar, DRAFT)
    await mirror.follow()
    (event,) = mirror.events
    assert (event.resource, event.etag) == (written.resource, written.etag)
    assert event.spans == ((DRAFT.start, DRAFT.end),)
    assert (event.uid, event.title, event.zone) == (DRAFT.uid, DRAFT.title, stage.zone)
    assert (event.location, event.description) == (DRAFT.location, DRAFT.description)
    assert [guest.email for guest in event.attendees] == ["ann@example.org"]
    assert (event.organizer, event.response) == (ME, Response.OWN)


async def test_creating_again_finds_what_is_there(stage: Stage, mirror: Mirror) -> None:
    first = await stage.provider.create(stage.calendar, DRAFT)
    changed = msgspec.structs.replace(DRAFT, title="Something else")
    assert await stage.provider.create(stage.calendar, changed) == first
    assert (await mirror.follow()).titles == ["Intro"]


async def test_two_who_create_at_once_make_one_event(stage: Stage, mirror: Mirror) -> None:
    made = await asyncio.gather(*(stage.provider.create(stage.calendar, DRAFT) for _ in range(8)))
    assert len(set(map(str, made))) == 1
    assert (await mirror.follow()).titles == ["Intro"]


async def test_creating_finds_an_event_that_somebody_else_filed(stage: Stage) -> None:
    resource = await stage.put("elsewhere", text_of(DRAFT.uid, "Theirs"))
    written = await stage.provider.create(stage.calendar, DRAFT)
    assert written.resource == resource


async def test_an_update_keeps_what_it_does_not_know(stage: Stage, mirror: Mirror) -> None:
    alarm = ("BEGIN:VALARM", "TRIGGER:-PT5M", "ACTION:DISPLAY", "END:VALARM")
    resource = await stage.put("one", text_of(DRAFT.uid, "Old", "X-THEIRS:kept", *alarm))
    await mirror.follow()
    written = await stage.provider.update(
        stage.calendar, resource, mirror.held[resource].etag, DRAFT
    )
    text = await stage.text(resource)
    assert all(line in text for line in ("X-THEIRS:kept", *alarm))
    await mirror.follow()
    assert mirror.titles == ["Intro"]
    assert mirror.held[resource].etag == written.etag


async def test_an_event_that_was_changed_outside_is_neither_updated_nor_deleted(
    stage: Stage, mirror: Mirror
) -> None:
    resource = await stage.put("one", text_of(DRAFT.uid, "Old"))
    etag = (await mirror.follow()).held[resource].etag
    await stage.put("one", text_of(DRAFT.uid, "Changed outside"))
    with pytest.raises(ProviderError) as updating:
        await stage.provider.update(stage.calendar, resource, etag, DRAFT)
    with pytest.raises(ProviderError) as deleting:
        await stage.provider.delete(stage.calendar, resource, etag)
    assert updating.value.kind is deleting.value.kind is ErrorKind.CONFLICT
    assert (await mirror.follow()).titles == ["Changed outside"]


async def test_an_empty_etag_overwrites_whatever_is_there(stage: Stage, mirror: Mirror) -> None:
    resource = await stage.put("one", text_of(DRAFT.uid, "Old"))
    await stage.provider.update(stage.calendar, resource, "", DRAFT)
    assert (await mirror.follow()).titles == ["Intro"]
    await stage.provider.delete(stage.calendar, resource, "")
    assert (await mirror.follow()).titles == []


async def test_updating_what_is_gone_is_not_found(stage: Stage) -> None:
    written = await stage.provider.create(stage.calendar, DRAFT)
    await stage.remove(written.resource)
    with pytest.raises(ProviderError) as caught:
        await stage.provider.update(stage.calendar, written.resource, "", DRAFT)
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_deleting_twice_is_no_error(stage: Stage, mirror: Mirror) -> None:
    written = await stage.provider.create(stage.calendar, DRAFT)
    for _ in range(2):
        await stage.provider.delete(stage.calendar, written.resource, written.etag)
    assert (await mirror.follow()).titles == []


async def test_a_broken_resource_leaves_its_neighbours_and_is_reported(
    stage: Stage, mirror: Mirror
) -> None:
    await stage.put("good", text_of("good", "Good"))
    bad = await stage.put("bad", text_of("bad", "Bad", start="20260230T090000Z"))
    for _ in range(2):  # for as long as it is broken
        await mirror.follow()
        assert (mirror.titles, mirror.problems) == (["Good"], [bad])
    assert mirror.read == []
    await stage.put("bad", text_of("bad", "Good again"))
    await mirror.follow()
    assert (mirror.titles, mirror.problems) == (["Good", "Good again"], [])


async def test_half_an_answer_deletes_nothing(stage: Stage, mirror: Mirror) -> None:
    one = await stage.put("one", text_of("one", "One"))
    two = await stage.put("two", text_of("two", "Two"))
    await mirror.follow()
    await stage.cut(one)
    await stage.remove(two)
    for _ in range(2):
        await mirror.follow()
        assert (mirror.titles, mirror.problems) == (["One"], [one])
    await stage.put("one", text_of("one", "One, whole again"))
    assert (await mirror.follow()).titles == ["One, whole again"]


async def test_a_calendar_out_of_reach_is_an_error_and_not_empty(
    stage: Stage, mirror: Mirror
) -> None:
    resource = await stage.put("one", text_of("one", "One"))
    await mirror.follow()
    await stage.hide()
    with pytest.raises(ProviderError):
        await mirror.follow()
    with pytest.raises(ProviderError):
        await stage.provider.create(stage.calendar, DRAFT)
    with pytest.raises(ProviderError):
        await stage.provider.delete(stage.calendar, resource, "")
    await stage.show()
    await mirror.follow()
    assert (mirror.titles, mirror.read) == (["One"], [])


async def test_an_address_that_is_none_is_refused(stage: Stage, mirror: Mirror) -> None:
    guest = Attendee(email="ann@example.org,evil@example.org")
    with pytest.raises(ProviderError) as caught:
        await stage.provider.create(
            stage.calendar, msgspec.structs.replace(DRAFT, attendees=(guest,))
        )
    assert caught.value.kind is ErrorKind.INVALID
    assert (await mirror.follow()).titles == []


@pytest.mark.parametrize("uid", ["../outside", "/etc/passwd", ".hidden", "å\u202e b", "x" * 3000])
async def test_any_uid_can_be_written_and_found_again(
    stage: Stage, mirror: Mirror, uid: str
) -> None:
    draft = msgspec.structs.replace(DRAFT, uid=uid)
    written = await stage.provider.create(stage.calendar, draft)
    assert await stage.provider.create(stage.calendar, draft) == written
    assert (await mirror.follow()).titles == ["Intro"]


@pytest.mark.parametrize(
    "native", ["..", "../work", "/", "", "work/..", "%2e%2e", "%2Fetc", "a\0b"]
)
async def test_no_name_leads_out_of_what_is_connected(stage: Stage, native: str) -> None:
    resource = await stage.put("one", text_of("one", "One"))
    with pytest.raises(ProviderError):
        await stage.provider.create(native, DRAFT)
    for calendar, name in ((native, resource), (stage.calendar, native)):
        with pytest.raises(ProviderError):
            await stage.provider.update(calendar, name, "", DRAFT)
        with pytest.raises(ProviderError):
            await stage.provider.delete(calendar, name, "")


async def test_what_somebody_else_does_is_reported_while_watched(stage: Stage) -> None:
    if not stage.provider.capabilities.watch:
        pytest.skip("it cannot watch")
    resource = await stage.put("one", text_of("one", "One"))
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def look() -> None:
        async for calendar in stage.provider.watch():
            seen.put_nowait(calendar)

    async def reported() -> str:
        # Writes until one is seen: when the watching begins is nobody's business.
        for turn in range(1_000):
            await stage.put("one", text_of("one", f"Turn {turn}"))
            try:
                return await asyncio.wait_for(seen.get(), 0.05)
            except TimeoutError:
                continue
        raise AssertionError("nothing was reported")

    watching = asyncio.create_task(look())
    try:
        assert await reported() == stage.calendar
        await stage.remove(resource)
        async with asyncio.timeout(20):
            assert await seen.get() == stage.calendar
    finally:
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
