"""Exchange calendars as they are read: series as servers tell them, changes, what an event says."""

import pytest
from lxml.etree import _Element as Element

from scheduling.events import Response, Show
from tests.providers.exchange.ground import (
    WESTERN,
    Reads,
    moment,
    series,
    standing,
    starts,
    times,
    weekly,
)
from tests.providers.instants import at, told
from tests.vendors import exchange_faults as faults
from tests.vendors.exchange import (
    Exchange,
)
from tests.vendors.exchange_mailbox import Mailbox
from tests.vendors.exchange_words import t

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


async def test_where_the_server_tells_no_zone_a_series_runs_in_its_owners(
    server: Exchange, box: Mailbox, read: Reads
) -> None:
    server.limits.expands = False
    item = standing(box, series(weekly("Tuesday"), last=times(22)))
    del item.properties["StartTimeZone"]
    assert starts(await read())[-1] == "10-27 08:00"
