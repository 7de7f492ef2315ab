"""Writing to Office 365, its mail and its people; for the traps see `office365_cases`."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from providers.base import Mail, ProviderError
from providers.office365 import Office365Provider
from scheduling.connections import Access
from scheduling.errors import ErrorKind
from scheduling.events import Attendee
from tests.providers.instants import at
from tests.providers.office365_cases import JUNE, provided
from tests.providers.stages import Mirror, Office365Stage
from tests.providers.test_every_provider import DRAFT
from tests.vendors.graph import Fault, Server
from tests.vendors.graph_mailbox import Event, Refusal

DAY = 86_400


@pytest.fixture
async def stage(graphs: Server) -> AsyncIterator[Office365Stage]:
    stage = Office365Stage(graphs)
    await stage.provider.close()
    stage.provider = provided(graphs, stage, access=Access.MAIL)
    yield stage
    await stage.close()


def writer(stage: Office365Stage) -> Office365Provider:
    assert isinstance(stage.provider, Office365Provider)
    return stage.provider


def written(stage: Office365Stage) -> list[Event]:
    return [event for event in stage.box.events.values() if not event.deleted]


def person(address: str, name: str = "") -> dict[str, Any]:
    return {"emailAddress": {"address": address, "name": name}, "type": "required"}


def calls(stage: Office365Stage, *methods: str) -> list[str]:
    return [each.split()[0] for each in stage.graph.asked if each.split()[0] in methods]


# Creating


async def test_trap_15_a_zone_is_told_by_its_windows_name(stage: Office365Stage) -> None:
    await stage.provider.create(stage.calendar, DRAFT)
    (sent,) = stage.graph.bodies
    assert sent["start"] == {
        "dateTime": "2026-06-02T09:00:00",
        "timeZone": "W. Europe Standard Time",
    }
    assert sent["end"]["dateTime"] == "2026-06-02T09:30:00"


@pytest.mark.parametrize(
    ("zone", "start", "told"),
    [
        ("Europe/Oslo", "2026-10-25T00:00Z", "2026-10-25T02:00:00 W. Europe Standard Time"),
        ("Europe/Oslo", "2026-10-25T01:30Z", "2026-10-25T01:30:00 UTC"),
        ("America/New_York", "2026-06-02T13:00Z", "2026-06-02T09:00:00 Eastern Standard Time"),
        ("Asia/Kolkata", "2026-06-02T13:00Z", "2026-06-02T18:30:00 India Standard Time"),
        ("UTC", "2026-06-02T13:00Z", "2026-06-02T13:00:00 UTC"),
        ("Mars/Olympus", "2026-06-02T13:00Z", "2026-06-02T13:00:00 UTC"),
    ],
)
async def test_traps_15_and_18_the_instant_is_right_in_every_zone_and_hour(
    stage: Office365Stage, zone: str, start: str, told: str
) -> None:
    draft = msgspec.structs.replace(DRAFT, zone=zone, start=at(start), end=at(start) + 1800)
    await stage.provider.create(stage.calendar, draft)
    sent = stage.graph.bodies[0]["start"]
    assert f"{sent['dateTime']} {sent['timeZone']}" == told
    (event,) = (await Mirror(stage).follow()).events
    assert event.spans == ((draft.start, draft.end),)


@pytest.mark.parametrize("repeats", [400, 409, 201])
@pytest.mark.parametrize("how", ["after", "reset"])
async def test_trap_19_a_creation_whose_answer_is_lost_makes_one_meeting(
    stage: Office365Stage, repeats: int, how: str
) -> None:
    stage.graph.repeats = repeats
    stage.graph.faults = [Fault(503, where="/events", method="POST", how=how)]
    made = await stage.provider.create(stage.calendar, DRAFT)
    (event,) = written(stage)
    assert made.resource == event.id
    assert calls(stage, "POST") == ["POST", "POST"]


async def test_trap_19_our_uid_is_found_as_it_is_written(stage: Office365Stage) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    assert await stage.provider.find(stage.calendar, DRAFT.uid) == made
    # Graph takes them for the same.
    assert await stage.provider.find(stage.calendar, DRAFT.uid.upper()) is None


async def test_a_meeting_that_was_deleted_is_not_made_again_by_the_same_name(
    stage: Office365Stage,
) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    await stage.remove(made.resource)
    with pytest.raises(ProviderError) as caught:
        await stage.provider.create(stage.calendar, DRAFT)
    assert caught.value.kind is ErrorKind.CONFLICT
    assert written(stage) == []


async def test_a_conference_is_a_teams_meeting_with_its_link(stage: Office365Stage) -> None:
    assert stage.provider.capabilities.conference
    made = await stage.provider.create(
        stage.calendar, msgspec.structs.replace(DRAFT, conference=True)
    )
    assert stage.graph.bodies[0]["onlineMeetingProvider"] == "teamsForBusiness"
    assert made.link.startswith("https://teams.example/")
    (event,) = (await Mirror(stage).follow()).events
    assert (event.link, event.description) == (made.link, DRAFT.description)


# Changing


async def test_trap_21_a_new_guest_uninvites_nobody(stage: Office365Stage) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    people = [person("ann@example.org", "Ann"), person("boss@example.org", "Boss")]
    stage.box.change(stage.box.events[made.resource], {"attendees": people})
    carl = Attendee(email="carl@example.org", name="Carl")
    draft = msgspec.structs.replace(DRAFT, attendees=(*DRAFT.attendees, carl))
    await stage.provider.update(stage.calendar, made.resource, "", draft)
    told = stage.graph.bodies[-1]["attendees"]
    addresses = [each["emailAddress"]["address"] for each in told]
    assert addresses == ["ann@example.org", "boss@example.org", "carl@example.org"]


async def test_trap_23_only_what_differs_is_said_and_where_nothing_does_nobody_is_mailed(
    stage: Office365Stage,
) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    again = await stage.provider.update(stage.calendar, made.resource, made.etag, DRAFT)
    assert (again, calls(stage, "PATCH")) == (made, [])
    moved = msgspec.structs.replace(DRAFT, start=DRAFT.start + 3600, end=DRAFT.end + 3600)
    await stage.provider.update(stage.calendar, made.resource, made.etag, moved)
    assert set(stage.graph.bodies[-1]) == {"start", "end"}


async def test_trap_22_a_new_text_keeps_what_makes_it_a_teams_meeting(
    stage: Office365Stage,
) -> None:
    draft = msgspec.structs.replace(DRAFT, conference=True)
    made = await stage.provider.create(stage.calendar, draft)
    changed = msgspec.structs.replace(draft, description="New <agenda>\nof two lines")
    after = await stage.provider.update(stage.calendar, made.resource, made.etag, changed)
    (event,) = (await Mirror(stage).follow()).events
    assert (event.description, event.link) == ("New <agenda>\nof two lines", made.link)
    assert after.link == made.link
    assert "Join the meeting now" in stage.box.events[made.resource].page


async def test_trap_22_a_text_that_stays_is_not_sent(stage: Office365Stage) -> None:
    draft = msgspec.structs.replace(DRAFT, conference=True)
    made = await stage.provider.create(stage.calendar, draft)
    renamed = msgspec.structs.replace(draft, title="Renamed")
    await stage.provider.update(stage.calendar, made.resource, made.etag, renamed)
    assert set(stage.graph.bodies[-1]) == {"subject"}


async def test_trap_22_a_text_whose_join_part_cannot_be_told_is_left_alone(
    stage: Office365Stage,
) -> None:
    draft = msgspec.structs.replace(DRAFT, conference=True)
    made = await stage.provider.create(stage.calendar, draft)
    event = stage.box.events[made.resource]
    event.page = f"<p>Come to <a href='{made.link}'>this</a></p>"
    changed = msgspec.structs.replace(draft, title="Renamed", description="New")
    await stage.provider.update(stage.calendar, made.resource, "", changed)
    assert set(stage.graph.bodies[-1]) == {"subject"}
    assert made.link in event.page


async def test_a_change_between_looking_and_writing_is_looked_at_again(
    stage: Office365Stage,
) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    stage.graph.faults = [Fault(412, "ErrorIrresolvableConflict", method="PATCH")]
    renamed = msgspec.structs.replace(DRAFT, title="Renamed")
    await stage.provider.update(stage.calendar, made.resource, "", renamed)
    assert stage.box.events[made.resource].fields["subject"] == "Renamed"
    stage.graph.faults = [Fault(412, "ErrorIrresolvableConflict", method="PATCH", times=9)]
    with pytest.raises(ProviderError) as caught:
        await stage.provider.update(stage.calendar, made.resource, "", DRAFT)
    assert caught.value.kind is ErrorKind.CONFLICT


async def test_nothing_that_somebody_else_writes_at_the_same_time_is_lost(
    stage: Office365Stage,
) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    event = stage.box.events[made.resource]
    people = [person("ann@example.org"), person("boss@example.org")]
    stage.graph.meanwhile = [lambda: stage.box.change(event, {"attendees": people})]
    carl = Attendee(email="carl@example.org")
    draft = msgspec.structs.replace(DRAFT, attendees=(*DRAFT.attendees, carl))
    await stage.provider.update(stage.calendar, made.resource, "", draft)
    invited = [each["emailAddress"]["address"] for each in event.fields["attendees"]]
    assert invited == ["ann@example.org", "boss@example.org", "carl@example.org"]
    stage.graph.meanwhile = [lambda: stage.box.change(event, {"subject": "Theirs"})]
    ours = msgspec.structs.replace(draft, title="Ours")
    with pytest.raises(ProviderError) as caught:
        await stage.provider.update(stage.calendar, made.resource, event.etag, ours)
    assert (caught.value.kind, event.fields["subject"]) == (ErrorKind.CONFLICT, "Theirs")


# Deleting


async def test_a_meeting_with_guests_is_cancelled_with_a_word(stage: Office365Stage) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    await stage.provider.delete(stage.calendar, made.resource, made.etag, comment="I am ill.")
    assert stage.graph.told == [("cancel", "I am ill.")]
    assert calls(stage, "DELETE") == []
    assert written(stage) == []


async def test_a_meeting_that_was_changed_outside_is_not_cancelled(stage: Office365Stage) -> None:
    made = await stage.provider.create(stage.calendar, DRAFT)
    stage.box.change(stage.box.events[made.resource], {"subject": "Theirs"})
    with pytest.raises(ProviderError) as caught:
        await stage.provider.delete(stage.calendar, made.resource, made.etag)
    assert (caught.value.kind, stage.graph.told) == (ErrorKind.CONFLICT, [])


async def test_a_meeting_without_guests_is_just_deleted(stage: Office365Stage) -> None:
    draft = msgspec.structs.replace(DRAFT, attendees=())
    made = await stage.provider.create(stage.calendar, draft)
    await stage.provider.delete(stage.calendar, made.resource, made.etag)
    assert (stage.graph.told, calls(stage, "DELETE")) == ([], ["DELETE"])
    assert written(stage) == []


async def test_a_meeting_of_somebody_else_is_declined(stage: Office365Stage) -> None:
    theirs = {
        "subject": "Theirs",
        "isOrganizer": False,
        "attendees": [person("me@example.org")],
        **JUNE,
    }
    event = stage.box.add(stage.calendar, theirs)
    await stage.provider.delete(stage.calendar, event.id, event.etag, comment="No time.")
    assert stage.graph.told == [("decline", "No time.")]
    assert written(stage) == []


# What may not be


@pytest.mark.parametrize("access", [Access.BUSY, Access.READ])
async def test_who_may_only_read_writes_nothing(
    graphs: Server, stage: Office365Stage, access: Access
) -> None:
    event = stage.box.add(stage.calendar, {"subject": "Theirs"})
    reader = provided(graphs, stage, access=access)
    assert (reader.capabilities.write, reader.capabilities.mail) == (False, False)
    for doing in (
        reader.create(stage.calendar, DRAFT),
        reader.update(stage.calendar, event.id, "", DRAFT),
        reader.delete(stage.calendar, event.id, ""),
        reader.send(Mail(key="k", to=("bo@example.org",), subject="Hi", text="Hi")),
    ):
        with pytest.raises(ProviderError) as caught:
            await doing
        assert (caught.value.kind, caught.value.hint is None) == (ErrorKind.PERMISSION, False)
    assert stage.graph.asked == []
    await reader.close()


# People


async def test_the_busy_times_of_many_people_are_asked_for_in_parts(stage: Office365Stage) -> None:
    names = [f"p{number}@example.org" for number in range(45)]
    start = datetime(2026, 6, 2, 8, tzinfo=UTC)
    stage.graph.people = {
        name: [("busy", start, start + timedelta(hours=1)), ("free", start, start)]
        for name in names
    }
    span = at("2026-06-01T00:00Z"), at("2026-06-01T00:00Z") + 130 * DAY
    found = await writer(stage).busy(names, span)
    assert [each.address for each in found] == names
    assert {each.busy for each in found} == {((at("2026-06-02T08:00Z"), at("2026-06-02T09:00Z")),)}
    assert len(calls(stage, "POST")) == 3 * 3


async def test_what_is_said_of_one_person_is_not_said_of_the_others(stage: Office365Stage) -> None:
    start = datetime(2026, 6, 2, 8, tzinfo=UTC)
    hour = timedelta(hours=1)
    stage.graph.people = {
        "shut@example.org": "ErrorNoFreeBusyAccess",
        "Ann@example.org": [
            ("tentative", start, start + hour),
            ("oof", start + hour, start + 2 * hour),
            ("workingElsewhere", start + 4 * hour, start + 5 * hour),
        ],
    }
    asked = ["nobody@example.org", "Ann@example.org", "shut@example.org"]
    span = at("2026-06-02T00:00Z"), at("2026-06-03T00:00Z")
    nobody, ann, shut = await writer(stage).busy(asked, span)
    assert ann.busy == ((at("2026-06-02T08:00Z"), at("2026-06-02T10:00Z")),)
    assert (ann.problem, nobody.busy, shut.busy) == ("", (), ())
    assert nobody.problem == "Microsoft does not know this address."
    assert shut.problem == "This calendar is not shared with you."


async def test_a_personal_account_is_told_that_it_cannot_see_others(stage: Office365Stage) -> None:
    stage.graph.personal = True
    span = at("2026-06-02T00:00Z"), at("2026-06-03T00:00Z")
    with pytest.raises(ProviderError) as caught:
        await writer(stage).busy(["ann@example.org"], span)
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert "work or school" in str(caught.value)


async def test_a_personal_account_that_is_asked_to_wait_is_told_so(stage: Office365Stage) -> None:
    stage.graph.personal = True
    stage.graph.faults = [Fault(429, "ApplicationThrottled", where="getSchedule", times=9)]
    with pytest.raises(ProviderError) as caught:
        await writer(stage).busy(["ann@example.org"], (0, DAY))
    assert caught.value.kind is ErrorKind.THROTTLED


MAIL = Mail(key="k1", to=("bo@example.org", "cy@example.org"), subject="Times", text="One\nTwo")


async def test_mail_is_sent_as_plain_text(stage: Office365Stage) -> None:
    await writer(stage).send(MAIL)
    (sent,) = stage.graph.sent
    assert sent["body"] == {"contentType": "text", "content": "One\nTwo"}
    addresses = [each["emailAddress"]["address"] for each in sent["toRecipients"]]
    assert addresses == ["bo@example.org", "cy@example.org"]


async def test_trap_20_a_mail_that_may_have_gone_out_is_not_sent_again(
    stage: Office365Stage,
) -> None:
    stage.graph.faults = [Fault(503, where="sendMail", how="after", times=9)]
    with pytest.raises(ProviderError):
        await writer(stage).send(MAIL)
    assert len(stage.graph.sent) == 1


async def test_trap_20_a_mail_that_was_refused_unread_is_sent_again(stage: Office365Stage) -> None:
    stage.graph.faults = [Fault(429, "ApplicationThrottled", where="sendMail", wait="2")]
    await writer(stage).send(MAIL)
    assert len(stage.graph.sent) == 1


async def test_trap_26_never_more_than_four_questions_at_a_time(stage: Office365Stage) -> None:
    stage.graph.gate.clear()
    asking = [
        asyncio.create_task(stage.provider.find(stage.calendar, f"uid-{number}"))
        for number in range(20)
    ]
    for _ in range(4):
        await asyncio.to_thread(stage.graph.arrived.acquire)
    stage.graph.gate.set()
    await asyncio.gather(*asking)
    assert stage.graph.most == 4


def test_the_double_refuses_names_of_zones_that_graph_does_not_know(graphs: Server) -> None:
    box = graphs.graph().box
    calendar = box.calendar("Calendar")
    oslo = {"dateTime": "2026-06-02T09:00:00", "timeZone": "Europe/Oslo"}
    with pytest.raises(Refusal):
        box.add(calendar, {"start": oslo, "end": oslo})
