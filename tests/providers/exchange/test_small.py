"""Servers that speak EWS and are not Exchange: what they leave out, tell wrongly or do not heed."""

from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from providers.base import Mail, ProviderError
from providers.exchange import ExchangeProvider
from providers.exchange_reading import plain_uid
from providers.exchange_writing import key_of
from scheduling.errors import ErrorKind
from scheduling.events import Response
from tests.providers.exchange.ground import (
    ADA,
    DRAFT,
    WESTERN,
    Reads,
    Waits,
    koble,
    moment,
    series,
    standing,
    starts,
    times,
    weekly,
)
from tests.providers.instants import at
from tests.vendors import exchange_faults as faults
from tests.vendors.exchange import Exchange, exchange
from tests.vendors.exchange_call import Limits
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_words import t

MORNING = ("2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z")


@pytest.fixture
def server() -> Iterator[Exchange]:
    with exchange(limits=Limits.small()) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture
async def provider(server: Exchange, waits: Waits) -> AsyncIterator[ExchangeProvider]:
    made = koble(server, zone="Europe/Oslo", sleep=waits)
    yield made
    await made.close()


async def test_a_server_that_answers_a_part_and_is_busy_for_the_rest_is_asked_for_the_rest(
    server: Exchange, box: Mailbox, read: Reads, waits: Waits
) -> None:
    for number in range(40):
        box.put(f"Event {number}", *MORNING)
    assert len(await read()) == 40
    assert (read.problems, waits.seconds) == ([], [])
    assert server.asked.count("GetItem") == 3


async def test_an_occurrence_that_was_deleted_in_winter_stays_gone_from_a_series_of_the_summer(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    item = standing(box, series(weekly("Tuesday"), last=times(30)))
    item.dropped = {moment("2026-12-01T08:00Z"), moment("2026-06-09T07:00Z")}
    found = starts(await read())
    assert found[:2] == ["06-02 07:00", "06-16 07:00"]
    assert "11-24 08:00" in found
    assert not {"12-01 07:00", "12-01 08:00", "12-01 09:00", "06-09 07:00"} & set(found)


async def test_an_occurrence_that_was_moved_in_winter_is_where_it_was_moved_to(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    item = standing(box, series(weekly("Tuesday"), last=times(30)))
    original = moment("2026-12-01T08:00Z")
    item.exceptions = {
        original: {
            "Start": t("Start", "2026-12-02T12:00:00+00:00"),
            "End": t("End", "2026-12-02T13:00:00+00:00"),
            "Subject": t("Subject", "Moved"),
        }
    }
    events = await read()
    (moved,) = [event for event in events if event.title == "Moved"]
    assert moved.spans == ((at("2026-12-02T12:00Z"), at("2026-12-02T13:00Z")),)
    assert "12-01 08:00" not in starts(events)


async def test_wall_time_that_is_written_as_if_it_were_utc_is_understood(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    item = standing(box, series(weekly("Tuesday"), last=times(30)))
    item.dropped = {moment("2026-06-09T07:00Z")}
    server.faults.add(faults.replaced(b"2026-06-09T07:00:00Z", b"2026-06-09T09:00:00Z"), times=None)
    assert starts(await read())[:2] == ["06-02 07:00", "06-16 07:00"]


async def test_a_deletion_that_no_list_tells_of_is_seen_all_the_same(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    item = standing(box, series(weekly("Tuesday"), last=times(30)))
    other = standing(box, series(weekly("Thursday")))
    await read()
    item.dropped = {moment("2026-06-09T07:00Z")}
    found = starts(await read())
    assert read.changed == [item.identifier]
    assert "06-09 07:00" not in found
    await read()
    assert read.changed == []
    assert other.identifier in read.held


@pytest.mark.parametrize("binary", [True, False])
async def test_a_restriction_that_is_not_heeded_finds_no_wrong_event(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, binary: bool
) -> None:
    server.limits.heeds, server.limits.binary = False, binary
    theirs = {box.put(f"Theirs {n}", *MORNING).identifier for n in range(3)}
    calendar = box.calendar.identifier
    assert await provider.find(calendar, DRAFT.uid) is None
    written = await provider.create(calendar, DRAFT)
    assert written.resource not in theirs
    assert await provider.find(calendar, DRAFT.uid) == written
    assert await provider.create(calendar, DRAFT) == written


@pytest.mark.parametrize("kept", ["takes_extended", "keeps_extended"])
async def test_without_properties_of_its_own_koble_goes_by_the_uid(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, read: Reads, kept: str
) -> None:
    setattr(server.limits, kept, False)
    calendar = box.calendar.identifier
    written = await provider.create(calendar, DRAFT)
    assert await provider.create(calendar, DRAFT) == written
    later = msgspec.structs.replace(DRAFT, title="Later", start=DRAFT.end, end=DRAFT.end + 1800)
    changed = await provider.update(calendar, written.resource, written.etag, later)
    (event,) = await read()
    assert (event.resource, event.etag, event.title) == (written.resource, changed.etag, "Later")
    assert event.uid == DRAFT.uid


async def test_an_event_in_a_zone_that_the_server_does_not_know_is_written_in_utc(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, read: Reads
) -> None:
    server.limits.tells_zone = True
    unknown = faults.fault("ErrorTimeZone", "The time zone is not known.")
    for operation in ("CreateItem", "UpdateItem"):
        server.faults.add(unknown, operation)
    written = await provider.create(box.calendar.identifier, DRAFT)
    later = msgspec.structs.replace(DRAFT, start=DRAFT.end, end=DRAFT.end + 1800)
    await provider.update(box.calendar.identifier, written.resource, "", later)
    (event,) = await read()
    assert (event.spans, event.zone) == (((later.start, later.end),), "UTC")
    server.faults.add(unknown, "CreateItem", times=None)
    with pytest.raises(ProviderError, match="ErrorTimeZone"):
        await provider.create(
            box.calendar.identifier, msgspec.structs.replace(DRAFT, uid="another@koble")
        )


async def test_a_server_that_forgot_how_far_it_was_read_is_read_anew(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    gone = box.put("Gone", *MORNING)
    box.put("Stays", *MORNING)
    await read()
    box.remove(gone)
    old = msgspec.json.decode(read.cursor)
    read.cursor = msgspec.json.encode(["a state of long ago", *old[1:]]).decode()
    assert [event.title for event in await read()] == ["Stays"]


async def test_what_was_deleted_is_gone_under_whatever_name_it_is_told(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    gone = box.put("Gone", *MORNING)
    box.put("Stays", *MORNING)
    await read()
    box.remove(gone)
    other = faults.replaced(gone.identifier.encode(), b"AAAA" + gone.identifier.encode())
    server.faults.add(other, "SyncFolderItems")
    assert [event.title for event in await read()] == ["Stays"]


async def test_a_series_of_long_ago_is_read_where_no_list_says_that_it_is_one(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    box.put(
        "Old",
        "2024-06-04T07:00:00Z",
        "2024-06-04T08:00:00Z",
        t(
            "Recurrence",
            weekly("Tuesday"),
            t("NoEndRecurrence", t("StartDate", "2024-06-04")),
        ),
        zone=WESTERN,
    )
    kind = b"<t:CalendarItemType>RecurringMaster</t:CalendarItemType>"
    server.faults.add(faults.replaced(kind, b""), times=None)
    (event,) = await read()
    assert len(event.spans) > 20


async def test_who_invites_may_be_told_by_a_name_of_the_directory(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, read: Reads
) -> None:
    written = await provider.create(box.calendar.identifier, DRAFT)
    name = b"/o=Org/ou=Exchange Administrative Group/cn=Recipients/cn=0100000006-ada"
    ours, theirs = (
        b"<t:EmailAddress>%s</t:EmailAddress><t:RoutingType>%s</t:RoutingType>" % pair
        for pair in ((ADA.encode(), b"SMTP"), (name, b"EX"))
    )
    server.faults.add(faults.replaced(ours, theirs), times=None)
    (event,) = await read()
    assert (event.organizer, event.response) == ("", Response.OWN)
    await provider.delete(box.calendar.identifier, written.resource, written.etag)
    assert [each.kind for each in box.sent] == ["Request", "Cancellation"]


async def test_a_fault_is_known_by_its_name_where_it_has_no_details(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    server.limits.forgets = False
    box.put("One", *MORNING)
    await read()
    server.faults.add(faults.bare("ErrorInvalidSyncStateData"), "SyncFolderItems")
    assert [event.title for event in await read()] == ["One"]


async def test_whoever_invites_has_answered_whatever_the_server_says(
    box: Mailbox, provider: ExchangeProvider, read: Reads
) -> None:
    written = await provider.create(box.calendar.identifier, DRAFT)
    (event,) = await read()
    assert event.response is Response.OWN
    await provider.delete(box.calendar.identifier, written.resource, written.etag)
    assert [each.kind for each in box.sent] == ["Request", "Cancellation"]


async def test_a_meeting_that_stays_after_it_was_cancelled_is_taken_out_and_told_once(
    box: Mailbox, provider: ExchangeProvider
) -> None:
    calendar = box.calendar.identifier
    written = await provider.create(calendar, DRAFT)
    await provider.delete(calendar, written.resource, written.etag, comment="Sorry")
    assert box.calendar.here == []
    assert [(each.kind, each.body) for each in box.sent[1:]] == [("Cancellation", "Sorry")]


async def test_an_email_that_could_not_be_sent_is_sent_at_the_next_try(
    server: Exchange, box: Mailbox, provider: ExchangeProvider
) -> None:
    mail = Mail(key="mail-1", to=("ann@example.org",), subject="Hello", text="Text")
    server.limits.mails = False
    with pytest.raises(ProviderError) as caught:
        await provider.send(mail)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    server.limits.mails = True
    await provider.send(mail)
    await provider.send(mail)
    assert [each.subject for each in box.sent] == ["Hello"]


async def test_a_meeting_whose_guests_could_not_be_invited_is_made_whole_at_the_next_try(
    server: Exchange, box: Mailbox, provider: ExchangeProvider
) -> None:
    calendar = box.calendar.identifier
    server.limits.mails = False
    with pytest.raises(ProviderError) as caught:
        await provider.create(calendar, DRAFT)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert box.calendar.here == []
    server.limits.mails = True
    written = await provider.create(calendar, DRAFT)
    assert [each.identifier for each in box.calendar.here] == [written.resource]
    assert [each.kind for each in box.sent] == ["Request"]


async def test_an_email_is_sent_once_where_no_restriction_is_heeded(
    server: Exchange, box: Mailbox, provider: ExchangeProvider
) -> None:
    server.limits.heeds = False
    for key in ("a", "b", "a", "b", "c"):
        await provider.send(Mail(key=key, to=("ann@example.org",), subject=key, text="Text"))
    assert [each.subject for each in box.sent] == ["a", "b", "c"]


async def test_a_calendar_is_known_by_its_class_where_all_folders_look_alike(
    server: Exchange, box: Mailbox, provider: ExchangeProvider
) -> None:
    box.add_calendar("Other")
    server.faults.add(faults.replaced(b"CalendarFolder", b"Folder"), "FindFolder", times=None)
    assert [each.name for each in await provider.calendars()] == ["Calendar", "Other"]


async def test_the_zone_that_koble_wrote_counts_where_the_server_tells_none(
    server: Exchange, box: Mailbox, provider: ExchangeProvider, read: Reads
) -> None:
    draft = msgspec.structs.replace(DRAFT, zone="Asia/Tokyo")
    await provider.create(box.calendar.identifier, draft)
    (event,) = await read()
    assert (event.zone, event.uncertain) == ("Asia/Tokyo", "")


@pytest.mark.parametrize(
    ("shown", "name", "found"),
    [
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam", ""),
        ("(GMT+01:00) Nowhere, Brussels, Copenhagen", "Europe/Brussels", ""),
        ("(UTC) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin", ""),
        ("(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles", ""),
        ("(UTC-03:30) Newfoundland", "Canada/Newfoundland", ""),
        ("(UTC+02:00) Berlin", "", "Only the offset of its time zone"),
    ],
)
async def test_a_zone_is_known_by_what_people_are_shown_of_it(
    box: Mailbox, read: Reads, shown: str, name: str, found: str
) -> None:
    item = standing(box, series(weekly("Tuesday"), last=times(30)))
    item.properties["StartTimeZone"] = t("StartTimeZone", Id=shown)
    (event,) = await read()
    assert event.zone == name
    assert event.uncertain.startswith(found)
    assert bool(event.uncertain) == bool(found)


def test_the_uid_of_another_program_is_found_in_an_id_of_exchanges_making() -> None:
    own = "040000008200E00074C5B7101A82E008"
    rest = b"vCal-Uid\1\0\0\0abc@example.org"
    wrapped = (own + "00" * 20 + len(rest).to_bytes(4, "little").hex() + rest.hex()).lower()
    assert plain_uid(wrapped) == plain_uid(wrapped + "00") == "abc@example.org"
    assert plain_uid(own.lower() + "00" * 20) == own + "00" * 20
    assert [plain_uid(each) for each in ("", "abcd", "x@y")] == ["", "abcd", "x@y"]
    assert key_of("x@y") != key_of("x@z")
