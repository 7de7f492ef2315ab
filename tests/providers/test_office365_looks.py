"""What an event of Office 365 says; for the traps see `office365_cases`."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from providers.office365_events import Item, own_text
from scheduling.connections import Access
from scheduling.events import Event, Response, Show
from tests.providers.instants import at
from tests.providers.office365_cases import JUNE, provided, times
from tests.providers.stages import Mirror, Office365Stage
from tests.vendors.graph import Server


@pytest.fixture
async def stage(graphs: Server) -> AsyncIterator[Office365Stage]:
    stage = Office365Stage(graphs)
    yield stage
    await stage.close()


@pytest.fixture
def mirror(stage: Office365Stage) -> Mirror:
    return Mirror(stage)


async def one(stage: Office365Stage, **fields: Any) -> Event:
    """What koble makes of one event with these fields."""
    stage.box.add(stage.calendar, {**JUNE, **fields})
    (event,) = (await Mirror(stage).follow()).events
    return event


async def test_trap_12_an_all_day_event_is_days_and_not_instants(stage: Office365Stage) -> None:
    event = await one(stage, isAllDay=True, **times("2026-06-02T00:00:00", "2026-06-04T00:00:00"))
    assert (event.all_day, event.zone) == (True, "")
    assert event.spans == ((at("2026-06-02T00:00Z"), at("2026-06-04T00:00Z")),)


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("W. Europe Standard Time", "22:00:00"),
        ("Customized Time Zone", "22:00:00"),
        ("Tonga Standard Time", "11:00:00"),
    ],
)
async def test_trap_12_an_all_day_event_told_by_its_midnight_in_utc_keeps_its_days(
    stage: Office365Stage, mirror: Mirror, zone: str, clock: str
) -> None:
    fields = times(f"2026-06-01T{clock}", f"2026-06-02T{clock}")
    event = stage.box.add(stage.calendar, {"isAllDay": True, **fields})
    event.fields["originalStartTimeZone"] = zone
    (read,) = (await mirror.follow()).events
    assert read.spans == ((at("2026-06-02T00:00Z"), at("2026-06-03T00:00Z")),)


@pytest.mark.parametrize(
    ("word", "show"),
    [
        ("free", Show.FREE),
        ("tentative", Show.TENTATIVE),
        ("busy", Show.BUSY),
        ("oof", Show.AWAY),
        ("workingElsewhere", Show.ELSEWHERE),
        ("unknown", Show.BUSY),
        (None, Show.BUSY),
    ],
)
async def test_trap_13_events_show_their_owner_as_they_say(
    stage: Office365Stage, word: str | None, show: Show
) -> None:
    assert (await one(stage, showAs=word)).show is show


@pytest.mark.parametrize(
    ("word", "organizes", "response"),
    [
        ("organizer", True, Response.OWN),
        ("none", True, Response.OWN),
        ("none", False, Response.OWN),
        ("accepted", False, Response.ACCEPTED),
        ("tentativelyAccepted", False, Response.TENTATIVE),
        ("notResponded", False, Response.UNANSWERED),
        ("declined", False, Response.DECLINED),
    ],
)
async def test_the_owners_answer_is_known(
    stage: Office365Stage, word: str, organizes: bool, response: Response
) -> None:
    answer = {"response": word, "time": "2026-05-01T00:00:00Z"}
    event = await one(stage, responseStatus=answer, isOrganizer=organizes)
    assert event.response is response


async def test_trap_14_an_event_of_several_days_lasts_them_all(stage: Office365Stage) -> None:
    event = await one(stage, **times("2026-06-02T07:00:00", "2026-06-05T15:00:00"))
    assert event.spans == ((at("2026-06-02T07:00Z"), at("2026-06-05T15:00Z")),)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("tzone://Microsoft/Custom", "UTC"),
        ("Customized Time Zone", "UTC"),
        ("Mitteleuropäische Zeit", "UTC"),
        ("UTC+8", "UTC"),
        (None, "UTC"),
    ],
)
async def test_traps_15_to_17_whatever_a_zone_is_called_the_time_is_that_of_graph(
    stage: Office365Stage, mirror: Mirror, name: str | None, zone: str
) -> None:
    event = stage.box.add(stage.calendar, JUNE)
    event.fields["originalStartTimeZone"] = name
    (read,) = (await mirror.follow()).events
    assert read.spans == ((at("2026-06-02T07:00Z"), at("2026-06-02T08:00Z")),)
    assert (read.zone, read.uncertain) == (zone, "")


async def test_a_video_meeting_has_its_link_and_the_text_that_its_owner_wrote(
    stage: Office365Stage,
) -> None:
    event = await one(
        stage, isOnlineMeeting=True, body={"contentType": "text", "content": "Agenda\n1. Hello"}
    )
    assert event.link.startswith("https://teams.example/l/meetup-join/")
    assert event.description == "Agenda\n1. Hello"


def test_a_text_that_comes_as_a_page_is_read_without_its_marks() -> None:
    content = "<html><head><style>p {}</style></head><body><p>One &lt;</p><p>Two</p></body></html>"
    item = msgspec.convert({"id": "1", "body": {"contentType": "html", "content": content}}, Item)
    assert own_text(item) == "One <\nTwo"


async def test_what_is_private_or_cancelled_is_marked(stage: Office365Stage) -> None:
    event = await one(stage, sensitivity="private", isCancelled=True)
    assert (event.private, event.cancelled) == (True, True)


async def test_foreign_text_is_made_safe(stage: Office365Stage) -> None:
    event = await one(stage, subject="Hi\x1b]0;owned\x07", location={"displayName": "a\u202eb"})
    assert (event.title, event.location) == ("Hi]0;owned", "ab")


async def test_who_may_see_busy_times_only_sees_nothing_else(
    graphs: Server, stage: Office365Stage
) -> None:
    guest = {"emailAddress": {"address": "bo@example.org", "name": "Bo"}, "type": "required"}
    place = {"displayName": "Ward 3"}
    body = {"contentType": "text", "content": "secret"}
    fields = {**JUNE, "subject": "Doctor", "location": place, "attendees": [guest], "body": body}
    stage.box.add(stage.calendar, fields)
    stage.provider = provided(graphs, stage, access=Access.BUSY)
    (event,) = (await Mirror(stage).follow()).events
    assert event.spans == ((at("2026-06-02T07:00Z"), at("2026-06-02T08:00Z")),)
    told = (event.title, event.location, event.description, event.organizer, event.attendees)
    assert told == ("", "", "", "", ())
