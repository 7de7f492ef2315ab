"""What only Exchange has: series as its servers tell them, its manners, other people's times."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from lxml.etree import _Element as Element

from providers.base import Draft, Mail, ProviderError, Upsert
from providers.exchange import ExchangeProvider
from scheduling.errors import ErrorKind
from scheduling.events import Attendee, Event, Response, Show
from tests.providers.instants import HORIZON, at, told
from tests.vendors import exchange_faults as faults
from tests.vendors.exchange import (
    BUILDS,
    EXCHANGE_2010_SP2,
    EXCHANGE_2013,
    PASSWORD,
    Build,
    Exchange,
    exchange,
)
from tests.vendors.exchange_mailbox import Item, Mailbox
from tests.vendors.exchange_words import t

ADA = "ada@example.org"
WESTERN = "W. Europe Standard Time"
DRAFT = Draft(
    uid="chosen@koble",
    title="Intro",
    start=at("2026-06-02T07:00Z"),
    end=at("2026-06-02T07:30Z"),
    zone="Europe/Oslo",
    attendees=(Attendee(email="ann@example.org"),),
)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    with exchange(*getattr(request, "param", ())) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture
def box(server: Exchange) -> Mailbox:
    return server.mailboxes[ADA]


class Waits:
    """Takes the place of waiting, and remembers how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
async def provider(server: Exchange, waits: Waits) -> AsyncIterator[ExchangeProvider]:
    made = ExchangeProvider(
        server.url,
        address=ADA,
        username=ADA,
        password=PASSWORD,
        scheme="NTLM",
        local=True,
        sleep=waits,
    )
    yield made
    await made.close()


class Reads:
    """What was read of a calendar so far."""

    def __init__(self, provider: ExchangeProvider, calendar: str) -> None:
        self._provider, self._calendar = provider, calendar
        self.cursor = ""
        self.held: dict[str, tuple[Event, ...]] = {}
        self.problems: list[str] = []
        self.changed: list[str] = []

    async def __call__(self) -> list[Event]:
        listed: set[str] = set()
        self.problems, self.changed = [], []
        async for page in self._provider.changes(self._calendar, self.cursor, HORIZON):
            listed.update(page.listed)
            self.problems += [problem.text for problem in page.problems]
            for change in page.changes:
                self.changed.append(change.resource)
                self.held.pop(change.resource, None)
                if isinstance(change, Upsert):
                    self.held[change.resource] = change.events
            if page.complete:
                self.held = {each: held for each, held in self.held.items() if each in listed}
            self.cursor = page.cursor or self.cursor
        return [event for events in self.held.values() for event in events]


@pytest.fixture
def read(provider: ExchangeProvider, box: Mailbox) -> Reads:
    return Reads(provider, box.calendar.identifier)


def series(*pattern: Element, last: Element | None = None) -> Element:
    return t("Recurrence", *pattern, last if last is not None else _for_ever("2026-06-02"))


def _for_ever(day: str) -> Element:
    return t("NoEndRecurrence", t("StartDate", day))


def times(number: int, day: str = "2026-06-02") -> Element:
    return t("NumberedRecurrence", t("StartDate", day), t("NumberOfOccurrences", str(number)))


def weekly(*days: str, every: int = 1) -> Element:
    return t(
        "WeeklyRecurrence",
        t("Interval", str(every)),
        t("DaysOfWeek", " ".join(days)),
        t("FirstDayOfWeek", "Monday"),
    )


def standing(box: Mailbox, rule: Element, **more: Any) -> Item:
    return box.put(
        "Standing", "2026-06-02T07:00:00Z", "2026-06-02T08:00:00Z", rule, zone=WESTERN, **more
    )


def moment(text: str) -> datetime:
    return datetime.fromtimestamp(at(text), UTC)


def starts(events: list[Event]) -> list[str]:
    return sorted(
        datetime.fromtimestamp(start, UTC).strftime("%m-%d %H:%M")
        for event in events
        for start, _ in event.spans
    )


# Which server it is (S10)


@pytest.mark.parametrize(
    ("server", "name"),
    zip(
        [(build,) for build in BUILDS[2:]],
        ("2010 SP2", "2010 SP3", "2013 SP1", "2016", "2019", "SE"),
        strict=True,
    ),
    indirect=["server"],
)
async def test_each_version_is_known_by_its_name(provider: ExchangeProvider, name: str) -> None:
    assert (await provider.identity()).address == ADA
    assert provider.version == name


@pytest.mark.parametrize(
    ("server", "name"),
    zip([(build,) for build in BUILDS[:2]], ("2007 SP1", "2010 SP1"), strict=True),
    indirect=["server"],
)
async def test_an_old_one_is_refused_with_its_name(provider: ExchangeProvider, name: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.identity()
    assert (caught.value.kind, caught.value.field) == (ErrorKind.UNSUPPORTED, "version")
    assert f"Exchange {name}, which is too old" in str(caught.value)


async def test_every_calendar_of_the_mailbox_is_listed(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    box.add_calendar("Team").writable = False
    found = await provider.calendars()
    assert [(each.name, each.primary, each.writable) for each in found] == [
        ("Calendar", True, True),
        ("Team", False, False),
    ]


# Series


@pytest.mark.parametrize("expands", [True, False])
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (series(weekly("Tuesday"), last=times(3)), "06-02 07:00 06-09 07:00 06-16 07:00"),
        (
            series(weekly("Tuesday", "Friday", every=2), last=times(4)),
            "06-02 07:00 06-05 07:00 06-16 07:00 06-19 07:00",
        ),
        (
            series(t("DailyRecurrence", t("Interval", "3")), last=times(3)),
            "06-02 07:00 06-05 07:00 06-08 07:00",
        ),
        (
            series(
                t(
                    "RelativeMonthlyRecurrence",
                    t("Interval", "1"),
                    t("DaysOfWeek", "Tuesday"),
                    t("DayOfWeekIndex", "First"),
                ),
                last=times(3),
            ),
            "06-02 07:00 07-07 07:00 08-04 07:00",
        ),
        (
            series(
                t("AbsoluteMonthlyRecurrence", t("Interval", "5"), t("DayOfMonth", "2")),
                last=t(
                    "EndDateRecurrence", t("StartDate", "2026-06-02"), t("EndDate", "2026-11-02")
                ),
            ),
            "06-02 07:00 11-02 08:00",
        ),
    ],
)
async def test_a_series_is_the_same_whoever_expands_it(
    server: Exchange, box: Mailbox, read: Reads, rule: Element, expected: str, expands: bool
) -> None:
    server.limits.expands = expands
    standing(box, rule)
    events = await read()
    assert " ".join(starts(events)) == expected
    assert {(event.zone, event.recurring) for event in events} == {("Europe/Berlin", True)}


@pytest.mark.parametrize("expands", [True, False])
async def test_occurrences_that_were_moved_or_deleted(
    server: Exchange, box: Mailbox, read: Reads, expands: bool
) -> None:
    server.limits.expands = expands
    item = standing(box, series(weekly("Tuesday"), last=times(4)))
    item.dropped.add(moment("2026-06-09T07:00Z"))
    item.exceptions[moment("2026-06-16T07:00Z")] = {
        "Start": t("Start", "2026-06-17T11:00:00+00:00"),
        "End": t("End", "2026-06-17T11:30:00+00:00"),
        "Subject": t("Subject", "Moved"),
        "LegacyFreeBusyStatus": t("LegacyFreeBusyStatus", "Free"),
    }
    item.touch()
    events = await read()
    assert starts(events) == ["06-02 07:00", "06-17 11:00", "06-23 07:00"]
    assert {(event.title, event.show, len(event.spans)) for event in events} == {
        ("Standing", Show.BUSY, 2),
        ("Moved", Show.FREE, 1),
    }
    assert len({event.id for event in events}) == 2


async def test_a_change_of_an_occurrence_that_the_server_keeps_quiet_about_is_seen(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    item = standing(box, series(weekly("Tuesday"), last=times(3)))
    other = standing(box, series(weekly("Tuesday"), last=times(1)))
    await read()
    item.dropped.add(moment("2026-06-09T07:00Z"))
    events = await read()
    assert read.changed == [item.identifier]
    assert starts(events) == ["06-02 07:00", "06-02 07:00", "06-16 07:00"]
    assert other.identifier in read.held


async def test_a_view_of_more_than_the_server_tells_at_once_is_told_in_parts(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    server.limits.find = 40
    rule = series(t("DailyRecurrence", t("Interval", "1")), last=times(300))
    standing(box, rule)
    assert len(starts(await read())) == 300
    assert server.asked.count("FindItem") > 8


async def test_more_changes_than_fit_in_one_answer(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    for hour in range(5):
        box.put(f"{hour}", f"2026-06-01T0{hour}:00:00Z", f"2026-06-01T0{hour}:30:00Z")
    server.limits.changes = 512
    many = [
        box.put("x", "2026-06-03T07:00:00Z", "2026-06-03T08:00:00Z").identifier for _ in range(600)
    ]
    events = await read()
    assert len(events) == 605
    assert server.asked.count("SyncFolderItems") == 2
    assert set(many) <= set(read.held)


@pytest.mark.parametrize("lost", ["state", "operation"])
async def test_a_server_that_forgot_how_far_it_was_read_is_read_anew(
    server: Exchange, box: Mailbox, read: Reads, lost: str
) -> None:
    gone = box.put("Gone", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    box.put("Here", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    if lost == "operation":
        server.missing.add("SyncFolderItems")
    await read()
    box.remove(gone)
    if lost == "state":
        wrong = faults.fault("ErrorInvalidSyncStateData", "The sync state data is invalid.")
        server.faults.add(wrong, "SyncFolderItems")
    assert [event.title for event in await read()] == ["Here"]
    assert [event.title for event in await read()] == ["Here"]
    assert set(read.changed) <= {gone.identifier}


async def test_what_leaves_the_horizon_is_no_longer_held(box: Mailbox, read: Reads) -> None:
    item = box.put("Moves", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    box.put("Old", "2019-06-01T07:00:00Z", "2019-06-01T08:00:00Z")
    assert [event.title for event in await read()] == ["Moves"]
    box.put("Moves", "2019-06-01T07:00:00Z", "2019-06-01T08:00:00Z", item=item)
    assert await read() == []


# What an event says


async def test_whole_days_are_dates(box: Mailbox, read: Reads) -> None:
    day = t("IsAllDayEvent", "true")
    for uid, start, end, zone in (
        ("1", "2026-05-31T22:00:00Z", "2026-06-01T22:00:00Z", WESTERN),
        ("2", "2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z", WESTERN),
        ("3", "2026-05-31T12:00:00Z", "2026-06-01T12:00:00Z", "New Zealand Standard Time"),
        ("4", "2026-06-01T07:00:00Z", "2026-06-02T07:00:00Z", "Pacific Standard Time"),
        ("5", "2026-05-31T22:00:00Z", "2026-06-01T22:00:00Z", "UTC"),
    ):
        box.put("Day", start, end, day, t("UID", uid), zone=zone)
    assert told(await read()) == [
        "1 2026-06-01T00:00Z/24h all-day",
        "2 2026-03-28T00:00Z/48h all-day",
        "3 2026-06-01T00:00Z/24h all-day",
        "4 2026-06-01T00:00Z/24h all-day",
        "5 2026-06-01T00:00Z/24h all-day",
    ]


@pytest.mark.parametrize("expands", [True, False])
async def test_a_series_of_whole_days(
    server: Exchange, box: Mailbox, read: Reads, expands: bool
) -> None:
    server.limits.expands = expands
    box.put(
        "Payday",
        "2026-10-19T22:00:00Z",
        "2026-10-20T22:00:00Z",
        t("IsAllDayEvent", "true"),
        series(weekly("Tuesday"), last=times(3, "2026-10-20")),
        zone=WESTERN,
    )
    assert starts(await read()) == ["10-20 00:00", "10-27 00:00", "11-03 00:00"]


async def test_a_zone_that_only_the_server_knows(
    box: Mailbox, read: Reads, server: Exchange
) -> None:
    server.limits.expands = False
    zone = t(
        "StartTimeZone",
        t(
            "Periods",
            t("Period", Bias="-PT1H", Name="Standard", Id="std"),
            t("Period", Bias="-PT2H", Name="Daylight", Id="dlt"),
        ),
        t(
            "TransitionsGroups",
            t(
                "TransitionsGroup",
                _turn("dlt", "3"),
                _turn("std", "10"),
                Id="0",
            ),
        ),
        t("Transitions", t("Transition", t("To", "0", Kind="Group"))),
        Id="Customized Time Zone",
    )
    item = standing(box, series(weekly("Tuesday"), last=times(22)))
    item.properties["StartTimeZone"] = zone
    found = starts(await read())
    assert (found[0], found[-1]) == ("06-02 07:00", "10-27 08:00")
    assert read.problems == []


def _turn(to: str, month: str) -> Element:
    return t(
        "RecurringDayTransition",
        t("To", to, Kind="Period"),
        t("TimeOffset", "PT2H" if to == "dlt" else "PT3H"),
        t("Month", month),
        t("DayOfWeek", "Sunday"),
        t("Occurrence", "-1"),
    )


async def test_a_zone_that_nobody_knows_is_said(box: Mailbox, read: Reads) -> None:
    item = box.put("Odd", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    item.properties["StartTimeZone"] = t("StartTimeZone", Id="Customized Time Zone")
    (event,) = await read()
    assert event.spans == ((at("2026-06-01T07:00Z"), at("2026-06-01T08:00Z")),)
    assert "Customized Time Zone is not known" in event.uncertain
    assert len(read.problems) == 1


@pytest.mark.parametrize(
    ("status", "show"),
    [
        ("Free", Show.FREE),
        ("Tentative", Show.TENTATIVE),
        ("Busy", Show.BUSY),
        ("OOF", Show.AWAY),
        ("WorkingElsewhere", Show.ELSEWHERE),
        ("NoData", Show.BUSY),
    ],
)
async def test_how_it_shows_its_owner(box: Mailbox, read: Reads, status: str, show: Show) -> None:
    shown = t("LegacyFreeBusyStatus", status)
    box.put("x", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z", shown)
    assert [event.show for event in await read()] == [show]


async def test_my_answer_and_a_cancelled_meeting(box: Mailbox, read: Reads) -> None:
    organizer = t(
        "Organizer", t("Mailbox", t("Name", "Bo\x1b[31m"[:2]), t("EmailAddress", "bo@example.com"))
    )
    box.put(
        "Theirs",
        "2026-06-01T07:00:00Z",
        "2026-06-01T08:00:00Z",
        organizer,
        t("MyResponseType", "NoResponseReceived"),
        t("IsCancelled", "true"),
        t("Sensitivity", "Private"),
    )
    (event,) = await read()
    assert (event.organizer, event.response) == ("bo@example.com", Response.UNANSWERED)
    assert (event.cancelled, event.private) == (True, True)


async def test_foreign_text_is_clean(box: Mailbox, read: Reads) -> None:
    box.put(
        "a\u202eb\u200b",
        "2026-06-01T07:00:00Z",
        "2026-06-01T08:00:00Z",
        t("Location", "\x9b31mroom"[1:] + "\u2066"),
    )
    (event,) = await read()
    assert (event.title, event.location) == ("ab", "31mroom")


# Writing


async def test_guests_are_invited_and_told_why_it_is_cancelled(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    calendar = box.calendar.identifier
    written = await provider.create(calendar, DRAFT)
    await provider.delete(calendar, written.resource, written.etag, comment="I am ill")
    assert [(each.kind, each.to, each.body) for each in box.sent] == [
        ("Request", ("ann@example.org",), ""),
        ("Cancellation", ("ann@example.org",), "I am ill"),
    ]
    assert box.calendar.here == []


async def test_nobody_is_told_where_nobody_is_to_be_told(
    provider: ExchangeProvider, box: Mailbox
) -> None:
    quiet = msgspec.structs.replace(DRAFT, notify=False)
    written = await provider.create(box.calendar.identifier, quiet)
    later = msgspec.structs.replace(quiet, title="Later")
    await provider.update(box.calendar.identifier, written.resource, written.etag, later)
    assert box.sent == []


@pytest.mark.parametrize("broken", [faults.reset, faults.truncated])
async def test_what_was_written_before_the_answer_was_lost_is_found_again(
    provider: ExchangeProvider, server: Exchange, box: Mailbox, broken: Any
) -> None:
    server.faults.add(broken(), "CreateItem")
    with pytest.raises(ProviderError) as caught:
        await provider.create(box.calendar.identifier, DRAFT)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert server.asked.count("CreateItem") == 1
    found = await provider.find(box.calendar.identifier, DRAFT.uid)
    assert found == await provider.create(box.calendar.identifier, DRAFT)
    assert server.asked.count("CreateItem") == 1


async def test_an_update_leaves_text_guests_and_rooms_alone_that_it_need_not_change(
    provider: ExchangeProvider, server: Exchange, box: Mailbox
) -> None:
    written = await provider.create(box.calendar.identifier, DRAFT)
    moved = msgspec.structs.replace(DRAFT, start=DRAFT.start + 3600, end=DRAFT.end + 3600)
    await provider.update(box.calendar.identifier, written.resource, written.etag, moved)
    asked = server.requests[[b"UpdateItem" in each for each in server.requests].index(True)]
    assert b"item:Body" not in asked
    assert b"Attendees" not in asked


async def test_an_email_is_sent_once(provider: ExchangeProvider, box: Mailbox) -> None:
    mail = Mail(key="1", to=("ann@example.org",), subject="Hello", text="Line\nand line")
    for _ in range(2):
        await provider.send(mail)
    assert [(each.kind, each.to, each.body) for each in box.sent] == [
        ("Message", ("ann@example.org",), "Line\nand line")
    ]


# Other people's times


@pytest.mark.parametrize("server", [(EXCHANGE_2010_SP2,), (EXCHANGE_2013,)], indirect=True)
async def test_when_others_are_busy(provider: ExchangeProvider, server: Exchange) -> None:
    server.missing.add("GetServerTimeZones")
    ann = server.account("ann@example.org")
    ann.put("Secret", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    free = t("LegacyFreeBusyStatus", "Free")
    ann.put("Free", "2026-06-02T09:00:00Z", "2026-06-02T10:00:00Z", free)
    ann.put("Later", "2026-09-01T09:00:00Z", "2026-09-01T10:00:00Z")
    span = at("2026-06-01T07:30Z"), at("2026-09-30T00:00Z")
    found = await provider.busy(["nobody@example.org", "ann@example.org"], span)
    assert [each.address for each in found] == ["nobody@example.org", "ann@example.org"]
    assert found[0].problem
    assert found[1].busy == (
        (at("2026-06-01T07:30Z"), at("2026-06-01T08:00Z")),
        (at("2026-09-01T09:00Z"), at("2026-09-01T10:00Z")),
    )


# Manners


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (faults.unavailable(2), [2.0, 4.0]),
        (faults.busy(300), [0.3, 0.6]),
        (faults.busy_inside(), [10.0]),
        (faults.unavailable(3600), []),
    ],
)
async def test_a_busy_server_is_given_time_but_not_hours(
    provider: ExchangeProvider, server: Exchange, waits: Waits, fault: Any, waited: list[float]
) -> None:
    await provider.identity()
    asked = len(server.requests)
    server.faults.add(fault, "GetFolder", times=None if waited in ([], [10.0]) else 2)
    if waited in ([], [10.0]):
        with pytest.raises(ProviderError) as caught:
            await provider.identity()
        assert caught.value.kind is ErrorKind.THROTTLED
    else:
        await provider.identity()
    assert waits.seconds == waited
    assert len(server.requests) - asked <= 3


async def test_a_refused_password_is_never_sent_again(
    provider: ExchangeProvider, server: Exchange
) -> None:
    server.accounts.accounts[0].password = "changed"
    for _ in range(3):
        with pytest.raises(ProviderError) as caught:
            await provider.identity()
        assert (caught.value.kind, caught.value.field) == (ErrorKind.AUTH, "password")
        assert "app password" in str(caught.value)
    assert server.accounts.tried == [(ADA, False)]


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (faults.forbidden(), ErrorKind.PERMISSION, "use Exchange"),
        (faults.webmail(), ErrorKind.INVALID, "sign-in page of its webmail"),
        (faults.truncated(), ErrorKind.UNAVAILABLE, "cut off"),
        (faults.empty(), ErrorKind.UNAVAILABLE, "cut off"),
        (faults.laughs(), ErrorKind.UNAVAILABLE, "cut off"),
        (faults.page(), ErrorKind.UNAVAILABLE, "none of Exchange"),
        (faults.reset(), ErrorKind.UNAVAILABLE, "cannot be reached"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_what_is_no_answer_deletes_nothing_and_is_said(
    server: Exchange, box: Mailbox, read: Reads, fault: Any, kind: ErrorKind, words: str
) -> None:
    box.put("One", "2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z")
    await read()
    cursor = read.cursor
    server.faults.add(fault, "SyncFolderItems", times=None)
    with pytest.raises(ProviderError) as caught:
        await read()
    assert caught.value.kind is kind
    assert words in str(caught.value)
    server.faults.clear()
    assert read.cursor == cursor
    assert [event.title for event in await read()] == ["One"]


async def test_a_server_that_hangs_holds_up_nobody(
    provider: ExchangeProvider, server: Exchange
) -> None:
    await provider.identity()
    fault = server.faults.add(faults.hang(), "GetFolder")
    waiting = asyncio.create_task(provider.identity())
    await asyncio.to_thread(fault.begun.wait, 20)
    # The loop goes on, another call goes through, and what waits can be given up.
    assert await provider.calendars()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    fault.released.set()
    assert await provider.identity()


async def test_a_call_has_an_end(server: Exchange) -> None:
    impatient = ExchangeProvider(
        server.url,
        address=ADA,
        username=ADA,
        password=PASSWORD,
        scheme="basic",
        local=True,
        patience=0.2,
    )
    server.faults.add(faults.hang(), "GetFolder")
    with pytest.raises(ProviderError, match="did not answer in time"):
        await impatient.identity()
    server.faults.clear()
    await impatient.close()


async def test_no_password_is_in_logs_or_in_what_is_shown_of_things(
    server: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for scheme in ("basic", "NTLM"):
        made = ExchangeProvider(
            server.url, address=ADA, username=ADA, password=PASSWORD, scheme=scheme, local=True
        )
        await made.identity()
        server.faults.add(faults.fault("ErrorInternalServerError", "No."), "GetFolder")
        with pytest.raises(ProviderError) as caught:
            await made.identity()
        line = made._server._line
        for text in (repr(made), repr(made._server), repr(line), repr(caught.value), caplog.text):
            assert PASSWORD not in text
            assert "Authorization" not in text
        await made.close()


def test_an_old_build_is_called_what_it_was() -> None:
    from providers.exchange_versions import api_version, name_of

    assert name_of(Build(15, 0, 516, 0, "")[:3]) == "2013"
    assert name_of((15, 20, 1)) == "Online"
    assert name_of((16, 1, 2)) == "16.1.2"
    assert api_version((16, 0, 0)) == "Exchange2016"
