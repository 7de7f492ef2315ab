"""Exchange servers of many kinds: of each version, with less than usual, and with trouble."""

import asyncio
import threading
from collections.abc import Callable

import msgspec
import pytest

from providers.base import ProviderError
from providers.exchange import ExchangeProvider
from providers.exchange_connect import Finder
from scheduling.errors import ErrorKind
from scheduling.events import Attendee, Response
from tests.providers.exchange.ground import ADA, DRAFT, WESTERN, Reads, koble
from tests.providers.instants import HORIZON, at, told
from tests.vendors import exchange_faults as faults
from tests.vendors.exchange import BUILDS, PASSWORD, Build, Exchange, exchange
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_words import t

MORNING = ("2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
NEW_ENOUGH = [build for build in BUILDS if build[:2] >= (14, 2)]
WEEKLY = t(
    "Recurrence",
    t("WeeklyRecurrence", t("Interval", "1"), t("DaysOfWeek", "Tuesday")),
    t("NumberedRecurrence", t("StartDate", "2026-10-06"), t("NumberOfOccurrences", "5")),
)


def weekly(box: Mailbox) -> None:
    box.put("Weekly", "2026-10-06T09:00:00", "2026-10-06T10:00:00", WEEKLY, zone=WESTERN)


TROUBLE: list[tuple[Callable[[], faults.Fault], ErrorKind]] = [
    (faults.unauthorized, ErrorKind.AUTH),
    (faults.forbidden, ErrorKind.PERMISSION),
    (faults.webmail, ErrorKind.INVALID),
    (lambda: faults.fault("ErrorInternalServerError", "No."), ErrorKind.UNAVAILABLE),
    (faults.unavailable, ErrorKind.THROTTLED),
    (faults.busy, ErrorKind.THROTTLED),
    (lambda: faults.bare("ErrorServerBusy"), ErrorKind.THROTTLED),
    (lambda: faults.bare("ErrorAccessDenied"), ErrorKind.PERMISSION),
    (faults.busy_inside, ErrorKind.THROTTLED),
    (faults.reset, ErrorKind.UNAVAILABLE),
    (faults.truncated, ErrorKind.UNAVAILABLE),
    (faults.empty, ErrorKind.UNAVAILABLE),
    (faults.laughs, ErrorKind.UNAVAILABLE),
    (faults.page, ErrorKind.UNAVAILABLE),
    (faults.broken, ErrorKind.UNAVAILABLE),
]


@pytest.mark.parametrize(
    "build", NEW_ENOUGH, ids=lambda build: f"{build.major}.{build.minor}.{build.build}"
)
@pytest.mark.parametrize("scheme", ["Basic", "NTLM", "Negotiate"])
async def test_it_works_with_each_version_that_is_new_enough(build: Build, scheme: str) -> None:
    with exchange(build, schemes=(scheme,)) as server:
        box = server.account(ADA)
        found = await Finder(ADA, PASSWORD, local=True, places=[]).find(server.url)
        provider = koble(server, username=found.username, scheme=found.scheme)
        try:
            calendar = (await provider.calendars())[0].native
            written = await provider.create(calendar, DRAFT)
            (event,) = await Reads(provider, calendar)()
            assert (event.resource, event.uid) == (written.resource, DRAFT.uid)
            await provider.delete(calendar, written.resource, written.etag, comment="Sorry")
        finally:
            await provider.close()
        assert [(each.kind, each.body.strip()) for each in box.sent] == [
            ("Request", ""),
            ("Cancellation", "Sorry"),
        ]
        assert server.violations == []


@pytest.mark.parametrize(("fault", "kind"), TROUBLE)
@pytest.mark.parametrize("operation", ["SyncFolderItems", "GetItem"])
async def test_trouble_is_an_error_and_never_an_empty_calendar(
    server: Exchange,
    box: Mailbox,
    read: Reads,
    fault: Callable[[], faults.Fault],
    kind: ErrorKind,
    operation: str,
) -> None:
    box.put("One", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    assert len(await read()) == 1
    box.put("Two", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.faults.add(fault(), operation, times=None)
    with pytest.raises(ProviderError) as caught:
        await read()
    assert caught.value.kind is kind
    server.faults.clear()
    if kind is not ErrorKind.AUTH:  # a refused password is kept to oneself
        assert len(await read()) == 2


async def test_an_answer_that_was_made_smaller_on_the_way_is_read(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    box.put("One", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.faults.add(faults.compressed(), times=None)
    assert [event.title for event in await read()] == ["One"]


async def test_characters_that_xml_cannot_hold_take_no_event_away(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    box.put("One§two", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")
    server.faults.add(faults.replaced("§".encode(), b"&#x1F;"), times=None)
    (event,) = await read()
    assert event.title.startswith("One")
    assert "§" not in event.title
    assert event.title.isprintable()


async def test_what_hangs_is_given_up_at_once_and_its_thread_ends(server: Exchange) -> None:
    provider = koble(server)
    await provider.identity()
    hanging = server.faults.add(faults.hang(), "GetFolder")
    asking = asyncio.create_task(provider.identity())
    assert await asyncio.to_thread(hanging.begun.wait, 20)
    assert not asking.done()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    for each in threading.enumerate():
        if each.name == "exchange":
            each.join(20)
            assert not each.is_alive()
    assert not hanging.released.is_set()
    await provider.close()


async def test_a_server_that_cannot_tell_changes_is_read_whole_each_time(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    server.missing.add("SyncFolderItems")
    weekly(box)
    box.put("One", *MORNING)
    assert len(told(await read())) == 6
    box.remove(box.calendar.here[1])
    assert len(told(await read())) == 5
    assert len(told(await read())) == 5


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
    assert [event.uid for event in await Reads(again, calendar)()] == [DRAFT.uid]
    await again.close()


async def test_a_horizon_of_years_is_read_in_parts_that_the_server_allows(
    server: Exchange, provider: ExchangeProvider, box: Mailbox
) -> None:
    weekly(box)
    far = (at("2020-01-01T00:00Z"), at("2030-01-01T00:00Z"))
    pages = [page async for page in provider.changes(box.calendar.identifier, "", far)]
    (upsert,) = [change for page in pages for change in page.changes]
    assert len(upsert.events[0].spans) == 5  # type: ignore[union-attr]


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


async def test_people_without_an_internet_address_take_no_event_away(
    box: Mailbox, read: Reads
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
    (event,) = await read()
    assert "ann@example.org" in [guest.email for guest in event.attendees]
    assert all("@" in guest.email or not guest.email for guest in event.attendees)
    assert event.response is Response.ACCEPTED
    assert read.problems == []


@pytest.mark.parametrize("plain", [True, False])
async def test_what_a_text_says_is_read_without_its_marks(
    server: Exchange, box: Mailbox, read: Reads, plain: bool
) -> None:
    markup = "<html><body><p>First &amp;</p><style>p {x: y}</style><p>Second</p></body></html>"
    server.limits.plain = plain
    box.put("One", *MORNING, t("Body", markup, BodyType="HTML"))
    (event,) = await read()
    assert "<" not in event.description
    assert event.description == "First &\nSecond" or (plain and "First &" in event.description)
