"""What Google and Graph may answer by their contracts, or beside them, and seldom do."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from providers.base import CalendarInfo, ProviderError
from providers.decoding import decoded
from providers.http import Answer, Retry, wait_of
from scheduling.errors import ErrorKind
from scheduling.events import Attendee
from tests.providers.google_account import ME, Account, account, at_time, event
from tests.providers.office365_cases import JUNE
from tests.providers.stages import Mirror, Office365Stage
from tests.providers.test_every_provider import DRAFT
from tests.vendors.google import refused
from tests.vendors.graph import Fault, Server
from tests.vendors.serving import Reply

HOUR = ("2026-06-01T09:00:00+02:00", "2026-06-01T10:00:00+02:00", "Europe/Oslo")
WEEKS = [datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(weeks=each) for each in range(6)]


@pytest.fixture
async def there() -> AsyncIterator[Account]:
    with account() as found:
        yield found
        await found.provider.close()


@pytest.fixture
async def stage(graphs: Server) -> AsyncIterator[Office365Stage]:
    stage = Office365Stage(graphs)
    yield stage
    await stage.close()


class Thing(msgspec.Struct):
    name: str = ""
    parts: list[str] = []
    rest: msgspec.Raw = msgspec.Raw(b"[]")


# JSON that is not quite what it ought to be


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"name": "x", "parts": ["a"]}', Thing("x", ["a"])),
        (b'{"name": null, "parts": ["a", null]}', Thing("", ["a"])),
        (b'{"name": "\\ud83d half", "parts": null}', Thing("? half")),
        (msgspec.Raw(b'{"name": null}'), Thing()),
        ('{"name": "\ud83d"}', Thing("?")),
    ],
)
def test_nulls_and_half_characters_cost_nothing_else(text: Any, found: Thing) -> None:
    assert decoded(text, Thing) == found


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b'{"name":', b'{"name": 7}', b'{"name": "\xff"}', b"[" * 100_000, b"NaN"],
)
def test_what_is_something_else_is_nothing(text: bytes) -> None:
    assert decoded(text, Thing) is None


async def test_one_event_with_half_an_emoji_hides_no_calendar(
    there: Account, stage: Office365Stage
) -> None:
    there.google.checked = False
    there.google.put(event("good", *HOUR))
    there.google.put(event("odd", *HOUR, summary="Cake \ud83c", attendees=[None]))
    pages = await there.read()
    assert there.titles == ["Cake ?", "good"]
    assert not any(page.problems for page in pages)
    stage.graph.contract = None
    stage.box.add(stage.calendar, {"subject": "Here", **JUNE})
    stage.box.add(stage.calendar, {"subject": "Cake \ud83c", "attendees": [], **JUNE})
    mirror = await Mirror(stage).follow()
    assert (mirror.titles, mirror.problems) == (["Cake ?", "Here"], [])


@pytest.mark.parametrize("body", [b"\xff\xfe<html>", '"é"'.encode("latin-1"), b"[" * 100_000])
async def test_a_page_of_the_hotel_in_any_encoding_is_an_error_and_no_crash(
    there: Account, body: bytes
) -> None:
    for reply in (Reply(200, body), Reply(403, body)):
        there.google.fail("GET", reply=reply)
        with pytest.raises(ProviderError):
            await there.read()


# Calendars of other people


def choices(found: list[CalendarInfo]) -> dict[str, tuple[bool, bool]]:
    return {each.name: (each.own, each.writable) for each in found}


async def test_calendars_of_other_people_are_told_apart(
    there: Account, stage: Office365Stage
) -> None:
    for role in ("writer", "reader", "freeBusyReader", "unheardOf"):
        there.google.add_calendar(role, role, summary=role)
    assert choices(await there.provider.calendars()) == {
        ME: (True, True),
        "writer": (True, True),
        "reader": (False, False),
        "freeBusyReader": (False, False),
        "unheardOf": (False, False),
    }
    stage.box.calendar("Mine")
    stage.box.calendar("Holidays", canEdit=False, owner=None)
    stage.box.calendar("Alex", owner={"name": "Alex", "address": "alex@example.com"})
    assert choices(await stage.provider.calendars()) == {
        "Calendar": (True, True),
        "Mine": (True, True),
        "Holidays": (True, False),
        "Alex": (False, False),
    }


async def test_a_calendar_that_may_not_be_read_may_be_somebody_else_s(
    stage: Office365Stage,
) -> None:
    stage.graph.faults = [Fault(403, "ErrorAccessDenied", where="delta", times=9)]
    with pytest.raises(ProviderError) as caught:
        await Mirror(stage).follow()
    assert caught.value.kind is ErrorKind.PERMISSION
    assert "somebody else's" in str(caught.value)


async def test_a_list_of_calendars_without_end_is_an_error_and_not_half_a_list(
    there: Account,
) -> None:
    page = b'{"kind": "calendar#calendarList", "items": [], "nextPageToken": "again"}'
    there.google.fail("calendarList", 999, reply=Reply(200, page))
    with pytest.raises(ProviderError) as caught:
        await there.provider.calendars()
    assert caught.value.kind is ErrorKind.UNAVAILABLE


# Pages


async def test_a_list_of_graph_that_goes_round_in_a_circle_is_an_error(
    stage: Office365Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(calendar: str, asked: Any, url: str) -> dict[str, Any]:
        return {"value": [], "@odata.nextLink": f"{url}?$skiptoken=again"}

    monkeypatch.setattr(stage.graph, "_delta", again)
    with pytest.raises(ProviderError) as caught:
        await Mirror(stage).follow()
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert len(stage.graph.asked) == 2


async def test_the_largest_pages_there_are_are_asked_for(
    there: Account, graphs: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await there.read()
    assert dict(there.google.asked[0].query)["maxResults"] == "2500"
    sizes: list[str] = []
    stage = Office365Stage(graphs)
    checked = stage.graph._check_request

    def check(request: Any, *rest: Any) -> None:
        sizes.append(request.headers["prefer"].rpartition("odata.maxpagesize=")[2])
        checked(request, *rest)

    monkeypatch.setattr(stage.graph, "_check_request", check)
    await Mirror(stage).follow()
    await stage.close()
    assert set(sizes) == {"500"}


# Events


async def test_guests_that_are_not_told_whole_are_not_uninvited(there: Account) -> None:
    written = await there.provider.create(ME, DRAFT)
    there.google.checked = False  # the double keeps what it is told, and tells it
    me = {"email": ME, "self": True, "responseStatus": "accepted"}
    kept = there.google.events[ME][written.resource]
    there.google.put({**kept, "attendees": [me], "attendeesOmitted": True})
    more = (*DRAFT.attendees, Attendee(email="new@example.org"))
    draft = msgspec.structs.replace(DRAFT, attendees=more, title="Later")
    await there.provider.update(ME, written.resource, "", draft)
    kept = there.google.events[ME][written.resource]
    assert (kept["summary"], kept["attendees"]) == ("Later", [me])


async def test_an_exception_of_a_day_that_became_an_hour_replaces_that_day(there: Account) -> None:
    days = event("days", "2026-06-01", "2026-06-02", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    there.google.put(days)
    there.google.except_(
        "days",
        at_time("2026-06-02"),
        start=at_time("2026-06-02T09:00:00+02:00"),
        end=at_time("2026-06-02T10:00:00+02:00"),
    )
    await there.read()
    assert sorted((each.all_day, len(each.spans)) for each in there.events) == [
        (False, 1),
        (True, 2),
    ]


async def test_trap_7_a_series_that_is_told_after_its_occurrences_is_no_event_of_its_own(
    stage: Office365Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, stage.graph.page = stage.box.delta, len(WEEKS)
    monkeypatch.setattr(stage.box, "delta", lambda *asked, **how: told(*asked, **how)[::-1])
    stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    (event,) = (await Mirror(stage).follow()).events
    assert (event.title, len(event.spans)) == ("Stand-up", 6)


async def test_an_occurrence_whose_series_cannot_be_had_stands_alone(
    stage: Office365Stage,
) -> None:
    mirror = Mirror(stage)
    series = stage.box.series(stage.calendar, {"subject": "Stand-up"}, WEEKS, 30)
    name = list(series.occurrences)[1]
    stage.box.change_occurrence(name, {"subject": "Only this one"})
    out_of_reach = series.id.rstrip("=")
    stage.graph.faults = [Fault(404, "ErrorItemNotFound", where=out_of_reach, times=999)]
    await mirror.follow()
    assert [(each.title, each.resource) for each in mirror.events] == [("Only this one", name)]
    stage.graph.granular = True
    stage.box.drop_occurrence(name)
    assert (await mirror.follow()).titles == []


# Waiting


@pytest.mark.parametrize("reason", ["dailyLimitExceeded", "quotaExceeded"])
async def test_a_limit_of_a_day_is_no_lack_of_permission(there: Account, reason: str) -> None:
    there.google.fail("GET", 9, reply=refused(403, reason))
    with pytest.raises(ProviderError) as caught:
        await there.read()
    assert (caught.value.kind, caught.value.wait) == (ErrorKind.THROTTLED, 60)


def test_a_date_to_wait_for_is_one_by_the_clock_of_the_server() -> None:
    then = {
        "date": "Thu, 01 Jan 1970 00:01:00 GMT",  # however wrong this computer's clock is
        "retry-after": "Thu, 01 Jan 1970 00:01:20 GMT",
    }
    answer = Answer(429, then, b"", "https://example.com")
    assert wait_of(answer) == 20
    assert Retry(first=1).wait(0, answer) == 20
    assert wait_of(Answer(429, then | {"date": "soon"}, b"", "https://example.com")) == 0
