"""What koble makes of the events on an Exchange server, and what it leaves there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from lxml.etree import _Element as Element

from providers.base import Mail, ProviderError
from providers.exchange import ExchangeProvider
from scheduling.errors import ErrorKind
from scheduling.events import Attendee, Response, Show
from tests.providers.instants import HORIZON, at, told
from tests.vendors.exchange import Exchange
from tests.vendors.exchange_client import ADA, WEEKLY, WESTERN, weekly
from tests.vendors.exchange_desk import DRAFT, Reading, koble
from tests.vendors.exchange_mailbox import Item, Mailbox
from tests.vendors.exchange_words import local, t

MORNING = ("2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")


@pytest.fixture
async def provider(server: Exchange) -> AsyncIterator[ExchangeProvider]:
    provider = koble(server)
    yield provider
    await provider.close()


@pytest.fixture
def reading(provider: ExchangeProvider, box: Mailbox) -> Reading:
    return Reading(provider, box.calendar.identifier)


def change(series: Item, original: datetime, *properties: Element, told: bool = True) -> None:
    """Somebody else changes one occurrence."""
    series.exceptions[original] = {local(element): element for element in properties}
    series.touch(told=told)


SECOND = datetime(2026, 10, 13, 7, tzinfo=UTC)
THIRD = datetime(2026, 10, 20, 7, tzinfo=UTC)


def torn(box: Mailbox) -> Item:
    """A series, the second of which was moved and renamed, and the third deleted."""
    series = weekly(box)
    change(
        series,
        SECOND,
        t("Start", "2026-10-14T09:00:00Z"),
        t("End", "2026-10-14T10:30:00Z"),
        t("Subject", "Moved"),
    )
    series.dropped.add(THIRD)
    return series


@pytest.mark.parametrize("expands", [True, False])
async def test_a_series_with_exceptions_and_gaps_is_the_same_whether_it_is_expanded_or_not(
    server: Exchange, box: Mailbox, reading: Reading, expands: bool
) -> None:
    server.limits.expands = expands
    uid = torn(box).properties["UID"].text
    events = await reading.again()
    assert [line.removeprefix(f"{uid} ") for line in told(events)] == [
        "2026-10-06T07:00Z/1h series",
        "2026-10-14T09:00Z/90m series",
        "2026-10-27T08:00Z/1h series",
        "2026-11-03T08:00Z/1h series",
    ]
    assert sorted({event.title for event in events}) == ["Moved", "Weekly"]
    assert reading.problems == []


async def test_a_change_of_one_occurrence_is_seen_also_where_the_server_does_not_tell(
    server: Exchange, box: Mailbox, reading: Reading
) -> None:
    series = weekly(box)
    await reading.again()
    change(
        series,
        SECOND,
        t("Start", "2026-10-13T09:00:00Z"),
        t("End", "2026-10-13T10:00:00Z"),
        told=False,
    )
    moved = await reading.again()
    assert sum("2026-10-13T09:00Z" in line for line in told(moved)) == 1
    series.dropped.add(THIRD)
    series.touch(told=False)
    assert len(told(await reading.again())) == 4


async def test_a_series_that_ends_up_elsewhere_is_read_anew(box: Mailbox, reading: Reading) -> None:
    series = torn(box)
    await reading.again()
    series.exceptions.clear()
    series.dropped.clear()
    box.put(
        "Weekly", "2026-10-06T12:00:00", "2026-10-06T13:00:00", WEEKLY, zone=WESTERN, item=series
    )
    assert [line.split(" ")[1] for line in told(await reading.again())] == [
        "2026-10-06T10:00Z/1h",
        "2026-10-13T10:00Z/1h",
        "2026-10-20T10:00Z/1h",
        "2026-10-27T11:00Z/1h",
        "2026-11-03T11:00Z/1h",
    ]


async def test_whole_days_are_days_wherever_they_were_made(box: Mailbox, reading: Reading) -> None:
    whole = t("IsAllDayEvent", "true")
    box.put("Oslo", "2026-06-02T00:00:00", "2026-06-04T00:00:00", whole, zone=WESTERN)
    box.put(
        "Tokyo", "2026-06-02T00:00:00", "2026-06-03T00:00:00", whole, zone="Tokyo Standard Time"
    )
    lines = [line.split(" ", 1)[1] for line in told(await reading.again())]
    assert sorted(lines) == ["2026-06-02T00:00Z/24h all-day", "2026-06-02T00:00Z/48h all-day"]


async def test_how_an_event_shows_and_what_i_said_to_it_is_read(
    box: Mailbox, reading: Reading
) -> None:
    for shown in ("Free", "Tentative", "Busy", "OOF", "WorkingElsewhere"):
        box.put(shown, *MORNING, t("LegacyFreeBusyStatus", shown))
    organizer = t("Organizer", t("Mailbox", t("EmailAddress", "bo@example.org")))
    guests = t("RequiredAttendees", t("Attendee", t("Mailbox", t("EmailAddress", ADA))))
    for answer in ("Accept", "Tentative", "Decline", "NoResponseReceived"):
        box.put(f"I: {answer}", *MORNING, t("MyResponseType", answer), organizer, guests)
    box.put("Off", *MORNING, t("IsCancelled", "true"), organizer, guests)
    events = {event.title: event for event in await reading.again()}
    assert {name: event.show for name, event in events.items() if ":" not in name} == {
        "Free": Show.FREE,
        "Tentative": Show.TENTATIVE,
        "Busy": Show.BUSY,
        "OOF": Show.AWAY,
        "WorkingElsewhere": Show.ELSEWHERE,
        "Off": Show.BUSY,
    }
    assert {name: event.response for name, event in events.items() if ":" in name} == {
        "I: Accept": Response.ACCEPTED,
        "I: Tentative": Response.TENTATIVE,
        "I: Decline": Response.DECLINED,
        "I: NoResponseReceived": Response.UNANSWERED,
    }
    assert [name for name, event in events.items() if event.cancelled] == ["Off"]
    assert events["I: Accept"].organizer == "bo@example.org"


@pytest.mark.parametrize(
    "zone", ["Customized Time Zone", "Mitteleuropäische Zeit", "CEST", "tzone://Microsoft/Custom"]
)
async def test_a_zone_that_nobody_knows_takes_no_event_away(
    box: Mailbox, reading: Reading, zone: str
) -> None:
    box.put("Somewhere", *MORNING, zone=zone)
    (event,) = await reading.again()
    assert event.spans == ((at("2026-06-02T07:00Z"), at("2026-06-02T08:00Z")),)


async def test_more_than_the_server_tells_at_once_is_read_whole(
    server: Exchange, box: Mailbox, reading: Reading
) -> None:
    first = datetime(2026, 6, 1, tzinfo=UTC)
    for number in range(120):
        start = first + timedelta(hours=number)
        box.put(str(number), start.isoformat(), (start + timedelta(hours=1)).isoformat())
    weekly(box)
    server.limits.find = 20
    assert len(told(await reading.again())) == 125


async def test_a_horizon_of_years_is_read_in_parts_that_the_server_allows(
    server: Exchange, provider: ExchangeProvider, box: Mailbox
) -> None:
    weekly(box)
    far = (at("2020-01-01T00:00Z"), at("2030-01-01T00:00Z"))
    pages = [page async for page in provider.changes(box.calendar.identifier, "", far)]
    (upsert,) = [change for page in pages for change in page.changes]
    assert len(upsert.events[0].spans) == 5  # type: ignore[union-attr]


async def test_a_server_that_cannot_tell_changes_is_read_whole_each_time(
    server: Exchange, box: Mailbox, reading: Reading
) -> None:
    server.missing.add("SyncFolderItems")
    torn(box)
    box.put("One", *MORNING)
    assert len(told(await reading.again())) == 5
    box.remove(box.calendar.here[1])
    assert len(told(await reading.again())) == 4
    assert len(told(await reading.again())) == 4


async def test_a_server_that_lists_no_folders_has_one_calendar(
    server: Exchange, provider: ExchangeProvider
) -> None:
    server.missing.add("FindFolder")
    assert [each.name for each in await provider.calendars()] == ["Calendar"]


@pytest.mark.parametrize(("uid", "extended"), [(True, False), (False, True)])
async def test_an_event_is_found_again_by_what_the_server_keeps_of_it(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, uid: bool, extended: bool
) -> None:
    server.limits.keeps_uid, server.limits.keeps_extended = uid, extended
    calendar = box.calendar.identifier
    written = await provider.create(calendar, DRAFT)
    again = koble(server)
    assert await again.create(calendar, DRAFT) == written
    assert await again.find(calendar, DRAFT.uid) == written
    assert [event.uid for event in await Reading(again, calendar).again()] == [DRAFT.uid]
    await again.close()


async def test_guests_are_told_when_that_is_wanted(
    box: Mailbox, provider: ExchangeProvider
) -> None:
    calendar = box.calendar.identifier
    quiet = msgspec.structs.replace(DRAFT, notify=False)
    written = await provider.create(calendar, quiet)
    assert box.sent == []
    bo = Attendee(email="bo@example.org")
    more = msgspec.structs.replace(DRAFT, attendees=(*DRAFT.attendees, bo), title="Changed")
    changed = await provider.update(calendar, written.resource, written.etag, more)
    assert [(each.kind, each.to, each.subject) for each in box.sent] == [
        ("Update", ("ann@example.org", "bo@example.org"), "Changed")
    ]
    fewer = msgspec.structs.replace(more, attendees=(bo,))
    await provider.update(calendar, changed.resource, changed.etag, fewer)
    assert ("Cancellation", ("ann@example.org",)) in [(each.kind, each.to) for each in box.sent]


async def test_what_others_organize_is_not_cancelled_for_them(
    box: Mailbox, provider: ExchangeProvider
) -> None:
    organizer = t("Organizer", t("Mailbox", t("EmailAddress", "bo@example.org")))
    guests = t("RequiredAttendees", t("Attendee", t("Mailbox", t("EmailAddress", ADA))))
    theirs = box.put("Theirs", *MORNING, organizer, guests)
    await provider.delete(box.calendar.identifier, theirs.identifier, "", comment="No")
    assert box.calendar.here == []
    assert all(each.kind != "Cancellation" for each in box.sent)


async def test_a_calendar_that_may_only_be_read_says_so(
    box: Mailbox, provider: ExchangeProvider
) -> None:
    box.calendar.writable = False
    assert [each.writable for each in await provider.calendars()] == [False]
    with pytest.raises(ProviderError) as caught:
        await provider.create(box.calendar.identifier, DRAFT)
    assert caught.value.kind is ErrorKind.PERMISSION


async def test_all_calendars_are_found_and_the_first_is_the_first(
    box: Mailbox, provider: ExchangeProvider
) -> None:
    box.add_calendar("Private")
    assert [(each.name, each.primary) for each in await provider.calendars()] == [
        ("Calendar", True),
        ("Private", False),
    ]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-30", "2026-10-24", "2026-10-26"])
async def test_when_others_are_busy_is_told_to_the_minute_without_asking_for_zones(
    server: Exchange, provider: ExchangeProvider, day: str
) -> None:
    server.missing.add("GetServerTimeZones")
    bo = server.account("bo@example.org")
    bo.put("Secret", f"{day}T07:05:00Z", f"{day}T08:10:00Z")
    bo.put("Free", f"{day}T10:00:00Z", f"{day}T11:00:00Z", t("LegacyFreeBusyStatus", "Free"))
    start = at(f"{day}T00:00Z")
    known, unknown = await provider.busy(
        ["bo@example.org", "no@example.org"], (start - 3 * 86_400, start + 5 * 86_400)
    )
    assert known.busy == ((at(f"{day}T07:05Z"), at(f"{day}T08:10Z")),)
    assert (known.problem, unknown.busy) == ("", ())
    assert unknown.problem


async def test_when_others_are_busy_is_told_for_a_whole_horizon_and_many_people(
    server: Exchange, provider: ExchangeProvider
) -> None:
    for number in range(130):
        server.account(f"p{number}@example.org")
    server.mailboxes["p129@example.org"].put("x", *MORNING)
    people = [f"p{number}@example.org" for number in range(130)]
    found = await provider.busy(people, HORIZON)
    assert [each.address for each in found] == people
    assert {each.problem for each in found} == {""}
    assert found[-1].busy == ((at("2026-06-02T07:00Z"), at("2026-06-02T08:00Z")),)


async def test_mail_is_sent_once_however_often_it_is_tried(
    box: Mailbox, provider: ExchangeProvider
) -> None:
    mail = Mail(key="one", to=("ann@example.org",), subject="Hello", text="There")
    for _ in range(2):
        await provider.send(mail)
    assert [(each.to, each.subject) for each in box.sent] == [(("ann@example.org",), "Hello")]


async def test_people_without_an_internet_address_take_no_event_away(
    box: Mailbox, reading: Reading
) -> None:
    inside = "/O=CORP/OU=EXCHANGE/CN=RECIPIENTS/CN=BO"
    people = [
        t("Mailbox", t("Name", "Bo"), t("EmailAddress", inside), t("RoutingType", "EX")),
        t("Mailbox", t("Name", "Everybody"), t("MailboxType", "PublicDL")),
        t("Mailbox", t("Name", "Ann"), t("EmailAddress", "ann@example.org")),
    ]
    guests = t("RequiredAttendees", *(t("Attendee", each) for each in people))
    organizer = t("Organizer", t("Mailbox", t("Name", "Bo")))
    box.put("Theirs", *MORNING, guests, organizer, t("MyResponseType", "Accept"))
    (event,) = await reading.again()
    assert "ann@example.org" in [guest.email for guest in event.attendees]
    assert all("@" in guest.email or not guest.email for guest in event.attendees)
    assert event.response is Response.ACCEPTED
    assert reading.problems == []


async def test_what_a_text_says_is_read_without_its_marks(box: Mailbox, reading: Reading) -> None:
    markup = "<html><body><p>First</p><script>alert(1)</script><p>Second</p></body></html>"
    box.put("One", *MORNING, t("Body", markup, BodyType="HTML"))
    (event,) = await reading.again()
    assert "First" in event.description
    assert "<" not in event.description


async def test_foreign_text_is_clean_where_a_record_is_made(box: Mailbox, reading: Reading) -> None:
    box.put("Evil \u202e\u2066 title", *MORNING, t("Body", "a\u200b\nb", BodyType="Text"))
    (event,) = await reading.again()
    assert not set(event.title + event.description) & {"\u202e", "\u2066"}
