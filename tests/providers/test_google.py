"""Reading Google: what its lists, tokens, series and refusals mean."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import msgspec
import pytest

from providers.base import ProviderError
from providers.google_names import own_id
from providers.markup import plain
from scheduling.connections import Access
from scheduling.errors import ErrorKind
from scheduling.events import EventKind, Response, Show
from tests.providers.google_account import ME, Account, account, at_time, event
from tests.providers.instants import at
from tests.vendors.contract import FOLDER
from tests.vendors.google import NOT_WITH_TOKEN, refused
from tests.vendors.google_times import instances
from tests.vendors.serving import Reply

HOUR = ("2026-06-01T09:00:00+02:00", "2026-06-01T10:00:00+02:00", "Europe/Oslo")
WEEKLY = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"]}


@pytest.fixture
async def there() -> AsyncIterator[Account]:
    with account() as found:
        yield found
        await found.provider.close()


async def refusal(there: Account) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await there.read()
    return caught.value


def test_the_documents_of_google_are_at_hand() -> None:
    if not (FOLDER / "google").is_dir():
        pytest.skip(f"requests and answers are not held against a contract: no {FOLDER}")


# Calendars


async def test_calendars_come_in_pages_with_what_may_be_done_in_them(there: Account) -> None:
    there.google.pages = 2
    add = there.google.add_calendar
    add("team", "writer", summary="Team", summaryOverride="Our team", backgroundColor="#00AA88")
    add("boss", "freeBusyReader", summary="The boss\u202e")
    add("book", "reader", summary="Holidays", backgroundColor="red")
    add("half", "writerWithoutPrivateAccess", summary="Half")
    add("away", "owner", summary="Away", hidden=True)
    add("gone", "owner", summary="Gone", deleted=True)
    found = await there.provider.calendars()
    assert [(c.native, c.name, c.color, c.writable, c.primary) for c in found] == [
        (ME, ME, "", True, True),
        ("team", "Our team", "#00aa88", True, False),
        ("boss", "The boss", "", False, False),
        ("book", "Holidays", "", False, False),
        ("half", "Half", "", True, False),
    ]
    assert (await there.provider.identity()).address == ME


async def test_what_may_only_be_read_is_not_writable() -> None:
    for access, write, lookup in (
        (Access.BUSY, False, True),
        (Access.READ, False, False),
        (Access.WRITE, True, True),
    ):
        with account(access=access) as there:
            assert [c.writable for c in await there.provider.calendars()] == [write]
            can = there.provider.capabilities
            assert (can.write, can.invite, can.conference) == (write, write, write)
            assert (can.lookup, can.mail) == (lookup, False)
            await there.provider.close()


# Tokens and pages


async def test_trap_1_nothing_stands_beside_a_token_that_may_not(there: Account) -> None:
    there.google.put(event("one", *HOUR))
    await there.read()
    there.google.put(event("two", *HOUR))
    before = len(there.google.asked)
    await there.read()
    (asked,) = there.google.asked[before:]
    assert "syncToken" in dict(asked.query)
    assert not NOT_WITH_TOKEN & set(dict(asked.query))
    assert there.titles == ["one", "two"]


async def test_trap_2_and_3_a_token_that_died_leads_to_a_list_that_says_what_is_gone(
    there: Account,
) -> None:
    for name in ("one", "two", "three"):
        there.google.put(event(name, *HOUR))
    await there.read()
    there.google.remove("two")
    there.google.put(event("four", *HOUR))
    there.google.expire_sync()
    pages = await there.read()
    assert pages[-1].complete
    assert there.titles == ["four", "one", "three"]


async def test_trap_4_a_tombstone_has_an_id_and_nothing_else(there: Account) -> None:
    there.google.put(event("one", *HOUR))
    there.google.put(event("two", *HOUR))
    await there.read()
    there.google.remove("one")
    pages = await there.read()
    assert not any(page.problems or page.complete for page in pages)
    assert there.titles == ["two"]


@pytest.mark.parametrize("empty", [False, True])
async def test_trap_5_the_token_is_on_the_last_page_and_empty_pages_are_no_end(
    there: Account, empty: bool
) -> None:
    there.google.pages, there.google.empty = 3, empty
    for number in range(10):
        there.google.put(event(f"e{number}", *HOUR))
    pages = await there.read()
    assert len(pages) > 4
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert len(there.titles) == 10
    for number in range(0, 10, 2):
        there.google.put(event(f"e{number}", *HOUR, summary="changed"))
    pages = await there.read()
    assert not any(page.complete for page in pages)
    assert there.titles.count("changed") == 5


async def test_a_page_comes_as_it_arrives_and_holds_nothing_of_the_others(there: Account) -> None:
    there.google.pages = 10
    for number in range(50):
        there.google.put(event(f"e{number}", *HOUR))
    counts = []
    async for page in there.provider.changes(
        ME, "", (at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z"))
    ):
        lists = sum("events" in asked.path for asked in there.google.asked)
        counts.append((len(page.changes), lists))
    assert counts[:5] == [(10, number) for number in range(1, 6)]
    assert counts[5:] == [(0, 5)]


async def test_a_list_that_goes_round_in_a_circle_is_an_error(there: Account) -> None:
    page = b'{"kind": "calendar#events", "items": [], "nextPageToken": "again"}'
    there.google.fail("GET .*events", 9, reply=Reply(200, page))
    error = await refusal(there)
    assert error.kind is ErrorKind.UNAVAILABLE
    assert len(there.google.asked) == 2


@pytest.mark.parametrize("body", [b"<html>Sign in to the hotel</html>", b"{}", b"[]", b'{"kind":'])
async def test_what_is_not_google_s_is_no_empty_calendar(there: Account, body: bytes) -> None:
    there.google.put(event("one", *HOUR))
    await there.read()
    for cursor in (there.cursor, ""):
        there.cursor = cursor
        there.google.fail("GET", reply=Reply(200, body))
        assert (await refusal(there)).kind is ErrorKind.UNAVAILABLE
    assert there.titles == ["one"]


async def test_another_horizon_is_worked_out_anew_from_a_whole_list(there: Account) -> None:
    there.google.put(event("one", *HOUR, **{"recurrence": ["RRULE:FREQ=MONTHLY"]}))
    await there.read((at("2026-01-01T00:00Z"), at("2026-07-15T00:00Z")))
    assert len(there.events[0].spans) == 2
    pages = await there.read((at("2026-01-01T00:00Z"), at("2026-12-15T00:00Z")))
    assert pages[-1].complete
    assert len(there.events[0].spans) == 7
    await there.read((at("2027-01-01T00:00Z"), at("2027-02-01T00:00Z")))
    assert len(there.events[0].spans) == 1


# Events


async def test_an_event_says_what_google_says(there: Account) -> None:
    guests = [
        {"email": ME, "self": True, "responseStatus": "tentative"},
        {"email": "ann@example.org", "displayName": "Ann\x1b", "responseStatus": "accepted"},
    ]
    there.google.put(
        event(
            "one",
            *HOUR,
            attendees=guests,
            organizer={"email": "ann@example.org"},
            location="Room 1",
            description="<p>First &amp; foremost</p><a href='https://x.example'>here</a>",
            visibility="private",
            iCalUID="theirs@elsewhere",
            hangoutLink="https://meet.google.com/abc",
        )
    )
    await there.read()
    (found,) = there.events
    assert found.spans == ((at("2026-06-01T07:00Z"), at("2026-06-01T08:00Z")),)
    assert (found.zone, found.uid, found.private) == ("Europe/Oslo", "theirs@elsewhere", True)
    assert (found.response, found.organizer) == (Response.TENTATIVE, "ann@example.org")
    assert [(g.email, g.name, g.response) for g in found.attendees] == [
        (ME, "", Response.TENTATIVE),
        ("ann@example.org", "Ann", Response.ACCEPTED),
    ]
    assert found.description == "First & foremost\nhttps://x.example here"
    assert (found.location, found.link) == ("Room 1", "https://meet.google.com/abc")


@pytest.mark.parametrize(
    ("more", "show", "kind", "response"),
    [
        ({}, Show.BUSY, EventKind.DEFAULT, Response.OWN),
        ({"transparency": "transparent"}, Show.FREE, EventKind.DEFAULT, Response.OWN),
        ({"status": "tentative"}, Show.TENTATIVE, EventKind.DEFAULT, Response.OWN),
        ({"eventType": "outOfOffice"}, Show.AWAY, EventKind.AWAY, Response.OWN),
        ({"eventType": "focusTime"}, Show.BUSY, EventKind.FOCUS, Response.OWN),
        ({"eventType": "workingLocation"}, Show.BUSY, EventKind.LOCATION, Response.OWN),
        ({"eventType": "birthday"}, Show.BUSY, EventKind.BIRTHDAY, Response.OWN),
        ({"eventType": "fromGmail"}, Show.BUSY, EventKind.DEFAULT, Response.OWN),
        (
            {"attendees": [{"email": ME, "self": True, "responseStatus": "declined"}]},
            Show.BUSY,
            EventKind.DEFAULT,
            Response.DECLINED,
        ),
        (
            {
                "organizer": {"email": "ann@example.org"},
                "attendees": [{"email": ME, "self": True, "responseStatus": "needsAction"}],
            },
            Show.BUSY,
            EventKind.DEFAULT,
            Response.UNANSWERED,
        ),
        (
            {"attendees": [{"email": ME, "self": True, "responseStatus": "needsAction"}]},
            Show.BUSY,
            EventKind.DEFAULT,
            Response.OWN,
        ),
    ],
)
async def test_trap_13_what_an_event_does_to_the_time_of_its_owner(
    there: Account, more: dict[str, Any], show: Show, kind: EventKind, response: Response
) -> None:
    there.google.put(event("one", *HOUR, **more))
    await there.read()
    (found,) = there.events
    assert (found.show, found.kind, found.response) == (show, kind, response)


async def test_trap_12_and_14_whole_days_end_before_the_day_that_is_named_last(
    there: Account,
) -> None:
    there.google.put(event("one day", "2026-06-01", "2026-06-02"))
    there.google.put(event("three days", "2026-06-01", "2026-06-04"))
    there.google.put(event("no length", "2026-06-01", "2026-06-01"))
    await there.read()
    found = {each.title: each for each in there.events}
    assert all(each.all_day and not each.zone for each in found.values())
    start = at("2026-06-01T00:00Z")
    assert found["one day"].spans == found["no length"].spans == ((start, start + 86_400),)
    assert found["three days"].spans == ((start, start + 3 * 86_400),)


async def test_times_without_an_offset_an_end_or_an_order(there: Account) -> None:
    there.google.put(event("wall", "2026-06-01T09:00:00", "2026-06-01T10:00:00", "Europe/Oslo"))
    endless = event("endless", *HOUR)
    del endless["end"]
    there.google.put(endless)
    there.google.put(event("turned", HOUR[1], HOUR[0]))
    await there.read()
    found = {each.title: each for each in there.events}
    hour = at("2026-06-01T07:00Z"), at("2026-06-01T08:00Z")
    assert found["wall"].spans == found["turned"].spans == (hour,)
    assert found["endless"].spans == ((hour[0], hour[0]),)
    assert "before it starts" in found["turned"].uncertain
    assert found["turned"].zone == "UTC", "the calendar's own"


async def test_a_calendar_that_shows_no_details_shows_when_it_is_busy(there: Account) -> None:
    there.google.add_calendar("boss", "freeBusyReader")
    there.google.put(event("secret", *HOUR, **WEEKLY), "boss")
    there.calendar = "boss"
    await there.read()
    (found,) = there.events
    assert (found.title, found.private, len(found.spans)) == ("", True, 6)


async def test_a_calendar_that_lists_nothing_but_may_be_looked_up_has_its_busy_times(
    there: Account,
) -> None:
    there.google.veiled = True
    there.google.add_calendar("boss", "freeBusyReader")
    there.google.put(event("secret", *HOUR, **WEEKLY), "boss")
    there.calendar = "boss"
    for _ in range(2):
        await there.read()
        assert {each.title for each in there.events} == {""}
        assert sum(len(each.spans) for each in there.events) == 6
    there.google.veiled = False
    await there.read()
    assert [each.resource for each in there.events] == ["secret"]


async def test_of_very_many_guests_the_first_are_enough(there: Account) -> None:
    guests = [{"email": f"g{number}@example.org"} for number in range(600)]
    there.google.put(event("crowd", *HOUR, attendees=[*guests, {"email": ME, "self": True}]))
    await there.read()
    (found,) = there.events
    assert [guest.email for guest in found.attendees] == [ME]


async def test_a_broken_event_is_told_for_as_long_as_it_is_broken(there: Account) -> None:
    there.google.put(event("good", *HOUR))
    there.google.put(event("bad", "2026-02-30T09:00:00Z", "2026-02-30T10:00:00Z"))
    for _ in range(3):
        pages = await there.read()
        told = [problem for page in pages for problem in page.problems]
        assert [problem.resource for problem in told] == ["bad"]
        assert "“bad” is left out" in told[0].text
        assert there.titles == ["good"]
    there.google.remove("bad")
    assert not any(page.problems for page in await there.read())


async def test_one_event_that_is_no_event_leaves_its_neighbours(there: Account) -> None:
    there.google.checked = False
    there.google.put(event("good", *HOUR))
    there.google.put({**event("odd", *HOUR), "summary": 7})
    pages = await there.read()
    assert there.titles == ["good"]
    assert [p.resource for page in pages for p in page.problems] == ["odd"]


TIMES = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "1850-06-01T09:00:00Z",
    "2026-06-01T09:00:00+23:59",
    "2500-06-01T09:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2026-06-01",
    "",
    "never",
    "9" * 5_000,
    "\x1b]0;x\x07",
]
ZONES = ["", "Europe/Oslo", "../../etc/passwd", "Nowhere/Land", "\x00", "z" * 5_000, "Etc/GMT+5"]
RULES = [
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=DAILY;INTERVAL=0",
    "RRULE:FREQ=YEARLY;COUNT=99999999",
    "RRULE:FREQ=DAILY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20260601T090000Z",
    'EXDATE;TZID="x:y":never',
    "RDATE;VALUE=PERIOD:20260601T090000Z/P1W,20260601T090000Z/never",
    "DTSTART:20260601T090000Z",
    "",
    "x" * 100_000,
]


async def test_whatever_an_event_holds_it_hides_no_other(there: Account) -> None:
    there.google.checked = False
    there.google.put(event("good", *HOUR))
    number = 0
    for time in TIMES:
        for zone in ZONES:
            for field in ("dateTime", "date"):
                number += 1
                start = {field: time, "timeZone": zone}
                there.google.put({"id": f"a{number}", "summary": "bad", "start": start})
                more = {"end": start, "start": {"dateTime": HOUR[0], "timeZone": zone}}
                there.google.put({"id": f"b{number}", "summary": "bad", **more})
                odd = {"recurringEventId": f"c{number % 9}", "originalStartTime": start}
                there.google.put({**event(f"d{number}", *HOUR), "summary": "bad", **odd})
    for rule in RULES:
        for time in TIMES:
            number += 1
            start = {"dateTime": time, "timeZone": "Europe/Oslo"}
            series = {"start": start, "end": start, "recurrence": [rule]}
            there.google.put({"id": f"c{number % 9}", "summary": "bad", **series})
            there.google.put({"id": f"e{number}", "summary": "bad", **series})
    await there.read()
    assert "good" in there.titles
    there.google.put(event("good", *HOUR, summary="better"))
    await there.read()
    assert "better" in there.titles


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("First line\nand second", "First line\nand second"),
        ("a < b and c > d & e", "a < b and c > d & e"),
        ("Ann <ann@example.org>", "Ann <ann@example.org>"),
        ("Bob <b@example.org>, <https://x.example>", "Bob <b@example.org>, <https://x.example>"),
        ("<DIV class='x'>One</DIV\n>Two", "One\nTwo"),
        ("<b>Bold</b>&nbsp;&lt;x&gt;", "Bold\xa0<x>"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<a href='https://x.example/y'>https://x.example/y</a>", "https://x.example/y"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("<" * 90_000, "<" * 19_999 + "…"),
        ("<a" * 45_000, None),
    ],
)
def test_descriptions_become_plain_text(html: str, text: str | None) -> None:
    assert text is None or plain(html) == text
    assert len(plain(html)) <= 20_000


# Series


async def test_trap_18_a_series_goes_by_the_clocks_of_its_own_zone(there: Account) -> None:
    # As Google answers a reader in New York, over the night in which Oslo's clocks change.
    there.google.put(
        event(
            "one",
            "2026-10-19T03:00:00-04:00",
            "2026-10-19T04:00:00-04:00",
            "Europe/Oslo",
            recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"],
        )
    )
    await there.read()
    (found,) = there.events
    assert [start for start, _ in found.spans] == [at("2026-10-19T07:00Z"), at("2026-10-26T08:00Z")]
    assert (found.zone, found.recurring) == ("Europe/Oslo", True)


async def test_trap_7_a_series_is_not_where_it_began_years_ago(there: Account) -> None:
    there.google.put(
        event(
            "old", "2012-03-01T09:00:00Z", "2012-03-01T10:00:00Z", recurrence=["RRULE:FREQ=YEARLY"]
        )
    )
    there.google.put(event("over", "2012-03-01T09:00:00Z", "2012-03-01T10:00:00Z", **WEEKLY))
    await there.read()
    assert [(each.title, len(each.spans)) for each in there.events] == [("old", 2)]


async def test_a_series_stays_whole_whatever_of_it_changes(there: Account) -> None:
    google = there.google
    google.put(event("week", *HOUR, **WEEKLY))
    await there.read()
    assert [len(each.spans) for each in there.events] == [6]

    google.except_("week", at_time("2026-06-08T09:00:00+02:00"), status="cancelled")
    await there.read()
    assert [len(each.spans) for each in there.events] == [5]

    google.except_("week", at_time("2026-06-15T09:00:00+02:00"), summary="another")
    await there.read()
    assert [(e.title, len(e.spans)) for e in there.events] == [("week", 4), ("another", 1)]
    assert {e.resource for e in there.events} == {"week"}

    moved = event("", "2026-06-23T12:00:00+02:00", "2026-06-23T13:00:00+02:00", "Europe/Oslo")
    times = {"start": moved["start"], "end": moved["end"]}
    google.except_("week", at_time("2026-06-22T09:00:00+02:00"), **times)
    await there.read()
    (main, _) = there.events
    assert at("2026-06-23T10:00Z") in [start for start, _ in main.spans]
    assert at("2026-06-22T07:00Z") not in [start for start, _ in main.spans]

    google.remove("week")
    pages = await there.read()
    assert not any(page.complete for page in pages)
    assert there.events == []


@pytest.mark.parametrize("seed", range(12))
async def test_changes_and_a_whole_list_come_to_the_same(there: Account, seed: int) -> None:
    dice, google = Random(seed), there.google
    google.pages = dice.choice((2, 7, 2_500))
    fresh = Account(google)
    for _ in range(12):
        for _ in range(dice.randrange(1, 4)):
            _something(dice, google)
        await there.read()
        fresh.cursor = ""
        await fresh.read()
        assert there.events == fresh.events
    await fresh.provider.close()


def _something(dice: Random, google: Any) -> None:
    """What people do in a calendar."""
    live = [e for e in google.events[ME].values() if e["status"] != "cancelled"]
    masters = [e for e in live if "recurrence" in e]
    name = f"e{dice.randrange(6)}"
    match dice.randrange(6):
        case 0:
            _forget(google, name)
            google.put(event(name, *HOUR, summary=f"single {dice.random()}"))
        case 1 | 2:
            _forget(google, name)
            rule = dice.choice(("DAILY;COUNT=9", "WEEKLY;INTERVAL=2;COUNT=8", "MONTHLY"))
            day = f"2026-0{dice.randrange(1, 9)}-05"
            if dice.random() < 0.3:
                times = day, f"{day[:-1]}6", ""
            else:
                times = f"{day}T09:00:00+01:00", f"{day}T10:30:00+01:00", "Europe/Oslo"
            google.put(event(name, *times, recurrence=[f"RRULE:FREQ={rule}"]))
        case 3 if live:
            google.remove(dice.choice(live)["id"])
        case _ if masters:
            master = dice.choice(masters)
            _occurrence(dice, google, master["id"])


def _forget(google: Any, name: str) -> None:
    """A series that becomes another, or none, takes its exceptions with it."""
    for each in [e for e in google.events[ME].values() if e.get("recurringEventId") == name]:
        google.remove(each["id"])


def _occurrence(dice: Random, google: Any, name: str) -> None:
    """What people do to one occurrence of a series."""
    series = google.events[ME][name]
    each = dice.choice([e for e, _ in zip(instances(series, "UTC"), range(8), strict=False)])
    changes: dict[str, Any] = {}
    match dice.randrange(3):
        case 0:
            changes["status"] = "cancelled"
        case 1:
            changes["summary"] = dice.choice(("this one", "that one"))
        case _ if "dateTime" in each["start"]:
            changes["start"] = {
                **each["start"],
                "dateTime": each["start"]["dateTime"].replace("T09", "T08"),
            }
    google.except_(name, each["originalStartTime"], **changes)


async def test_an_occurrence_without_its_series_stands_alone(there: Account) -> None:
    for name in ("s_20260601T070000Z", "s_20260608T070000Z"):
        there.google.put(
            event(name, *HOUR, recurringEventId="s", originalStartTime=at_time(HOUR[0]))
        )
    await there.read()
    assert sorted(there.held) == ["s_20260601T070000Z", "s_20260608T070000Z"]
    one = there.google.events[ME]["s_20260601T070000Z"]
    there.google.put({**one, "summary": "changed"})
    there.google.remove("s_20260608T070000Z")
    await there.read()
    assert there.titles == ["changed"]
    there.google.expire_sync()
    await there.read()
    assert there.titles == ["changed"]


async def test_an_occurrence_that_cannot_be_read_is_shown_where_it_was(there: Account) -> None:
    there.google.put(event("week", *HOUR, **WEEKLY))
    await there.read()
    odd = {"dateTime": "2026-02-30T09:00:00Z"}
    there.google.except_("week", at_time("2026-06-08T09:00:00+02:00"), start=odd)
    for _ in range(2):
        pages = await there.read()
        assert [p.resource for page in pages for p in page.problems] == ["week"]
        assert [len(each.spans) for each in there.events] == [6]
        there.cursor = ""


async def test_a_rule_that_cannot_be_read_blocks_what_is_known(there: Account) -> None:
    there.google.put(event("week", *HOUR, recurrence=["RRULE:FREQ=SOMETIMES"]))
    pages = await there.read()
    (found,) = there.events
    assert len(found.spans) == 1
    assert "How it repeats is not known" in found.uncertain
    assert [p.resource for page in pages for p in page.problems] == ["week"]


async def test_many_changed_series_are_read_by_one_list(there: Account) -> None:
    for number in range(30):
        there.google.put(event(f"s{number}", *HOUR, **WEEKLY))
    await there.read()
    for number in range(30):
        there.google.put(event(f"s{number}", *HOUR, summary="new", **WEEKLY))
    before = len(there.google.asked)
    assert (await there.read())[-1].complete
    assert len(there.google.asked) - before == 2
    assert set(there.titles) == {"new"}


# Only busy


async def test_where_only_busy_times_may_be_known_they_fill_the_calendar() -> None:
    with account(access=Access.BUSY) as there:
        there.google.busy_only = True
        there.google.put(event("secret", *HOUR, **WEEKLY))
        there.google.put(event("open", *HOUR, transparency="transparent"))
        there.google.put(event("later", "2027-03-01T09:00:00Z", "2027-03-01T10:00:00Z"))
        pages = await there.read()
        assert pages[-1].complete
        assert {event.title for event in there.events} == {""}
        spans = [span for each in there.events for span in each.spans]
        assert len(spans) == 7
        assert (at("2026-06-01T07:00Z"), at("2026-06-01T08:00Z")) in spans
        assert not any(page.changes for page in await there.read())
        there.google.remove("secret")
        await there.read()
        assert len([span for each in there.events for span in each.spans]) == 1
        assert {asked.path for asked in there.google.asked} == {"/calendar/v3/freeBusy"}
        there.calendar = "unknown@example.org"
        there.cursor = ""
        assert (await refusal(there)).kind is ErrorKind.NOT_FOUND
        await there.provider.close()


async def test_others_are_looked_up_by_fifty_and_who_is_not_known_is_said(there: Account) -> None:
    there.google.put(event("one", *HOUR))
    there.google.put(event("next", "2026-06-01T10:00:00+02:00", "2026-06-01T11:00:00+02:00"))
    people = [f"p{number}@example.org" for number in range(60)]
    asked = [*people, ME, people[0]]
    span = at("2026-05-30T00:00Z"), at("2026-10-01T00:00Z")
    found = await there.provider.busy(asked, span)
    assert [each.address for each in found] == asked
    assert found[60].busy == ((at("2026-06-01T07:00Z"), at("2026-06-01T09:00Z")),)
    assert not found[60].problem
    assert all(each.problem and not each.busy for each in found if each.address != ME)


# Refusals


RATES = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"]


@pytest.mark.parametrize("reason", RATES)
async def test_trap_25_asking_too_often_is_no_lack_of_permission(
    there: Account, reason: str
) -> None:
    there.google.put(event("one", *HOUR))
    there.google.fail("GET", 2, reply=refused(403, reason))
    await there.read()
    assert there.titles == ["one"]
    assert len(there.waits.seconds) == 2
    there.google.fail("GET", 9, reply=refused(403, reason, Retry_After="11"))
    error = await refusal(there)
    assert (error.kind, error.wait) == (ErrorKind.THROTTLED, 11)


async def test_a_lack_of_permission_is_told_at_once_with_the_way_out(there: Account) -> None:
    for reason, words in (
        ("insufficientPermissions", "every box"),
        ("accessNotConfigured", "switched off"),
        ("forbidden", "Google says: forbidden"),
    ):
        there.google.fail("GET", reply=refused(403, reason))
        error = await refusal(there)
        assert error.kind is ErrorKind.PERMISSION
        assert words in str(error)
    assert there.waits.seconds == []


async def test_a_busy_server_is_asked_again_when_it_says(there: Account) -> None:
    there.google.fail("GET", reply=refused(429, "rateLimitExceeded", Retry_After="6"))
    await there.read()
    assert there.waits.seconds == [6]


@pytest.mark.parametrize("how", [{}, {"half": True}, {"reply": Reply(503)}, {"reply": Reply(500)}])
async def test_a_storm_is_sat_out_and_one_without_end_is_told(
    there: Account, how: dict[str, Any]
) -> None:
    there.google.put(event("one", *HOUR))
    there.google.fail("GET", 3, **how)
    await there.read()
    assert there.titles == ["one"]
    there.google.fail("GET", 99, **how)
    assert (await refusal(there)).kind is ErrorKind.UNAVAILABLE
    assert there.titles == ["one"]


async def test_an_answer_that_drips_has_an_end() -> None:
    with account(patience=0.3) as there:
        there.google.fail("GET", drip=0.02)
        assert (await refusal(there)).kind is ErrorKind.UNAVAILABLE
        await there.provider.close()


async def test_a_token_that_died_is_renewed_and_a_sign_in_that_died_is_told(
    there: Account,
) -> None:
    there.google.put(event("one", *HOUR))
    there.google.tokens = {"new"}
    there.tokens.left = ["old", "new"]
    await there.read()
    assert (there.titles, there.tokens.refused) == (["one"], ["old"])
    there.google.tokens = set()
    before = len(there.google.asked)
    error = await refusal(there)
    assert error.kind is ErrorKind.AUTH
    assert "Sign in again" in str(error)
    assert len(there.google.asked) - before == 2, "not for ever"


async def test_the_marks_of_our_own_events_are_not_taken_from_a_copy(there: Account) -> None:
    mark = {"extendedProperties": {"private": {"koble_uid": "booking@koble"}}}
    there.google.put(event(own_id("booking@koble"), *HOUR, **mark))
    there.google.put(event("copy", *HOUR, **mark))
    await there.read()
    assert sorted(each.uid for each in there.events) == ["booking@koble", "copy@google.com"]


def test_a_cursor_is_small_and_of_one_horizon() -> None:
    from providers.google_sync import Cursor

    text = msgspec.json.encode(Cursor("token", (1, 2))).decode()
    assert Cursor.read(text, (1, 2)) == Cursor("token", (1, 2))
    for other in ("", "{}", text.replace("g1", "g0"), "[]", "null"):
        assert Cursor.read(other, (1, 2)) is None
    assert Cursor.read(text, (1, 3)) is None
