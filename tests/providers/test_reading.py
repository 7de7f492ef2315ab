import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.icalendar import Reading, read
from scheduling.events import Response, Show
from tests.providers.instants import HORIZON, at, told

HERE = Path(__file__).parent / "ics"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
SHARED = Path(__file__).parents[3] / "shared" / "cases"


def reading(data: bytes, *me: str) -> Reading:
    return read(data, calendar="work", resource="r.ics", etag="1", horizon=HORIZON, me=me)


def calendar(*lines: str) -> bytes:
    inside = ["BEGIN:VEVENT", "UID:event", "DTSTART:20260601T090000Z", "DURATION:PT1H", *lines]
    return "\r\n".join(["BEGIN:VCALENDAR", *inside, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def test_every_file_has_its_expectation() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in HERE.glob("*.ics"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_read_as_expected(name: str) -> None:
    expected = EXPECTED[name]
    found = reading((HERE / f"{name}.ics").read_bytes())
    assert told(found.events) == sorted(expected["events"])
    assert len(found.problems) == expected.get("problems", 0)
    assert found.complete == expected.get("complete", True)
    assert len({event.id for event in found.events}) == len(found.events)
    if name.startswith("text-"):
        assert [event.title for event in found.events if event.uid == "event"] == ["Grüße"]


@pytest.mark.skipif(not SHARED.exists(), reason="shared/cases is not beside the project")
def test_the_shared_files_are_read_as_their_index_says() -> None:
    checked = 0
    for case in json.loads((SHARED / "ics-index.json").read_text(encoding="utf-8"))["files"]:
        data = (SHARED / case["file"]).read_bytes()
        horizon = at("2024-01-01T00:00Z"), at("2025-10-01T00:00Z")
        found = read(data, calendar="c", resource="r", etag="1", horizon=horizon)
        facts, events = case["facts"], found.events
        spans = sorted(span for event in events for span in event.spans)
        if "neighbour_start_utc" in facts:
            assert [e.spans[0][0] for e in events if e.uid == facts["neighbour_uid"]] == [
                at(facts["neighbour_start_utc"])
            ], case["file"]
        if "start_utc" in facts:
            assert spans[0][0] == at(facts["start_utc"]), case["file"]
        if "busy" in facts:
            assert spans == [(at(start), at(end)) for start, end in facts["busy"]]
        if "events" in facts:
            assert len(events) == facts["events"], case["file"]
        if "summary" in facts:
            assert facts["summary"] in [event.title for event in events], case["file"]
        said = "".join(event.title + event.description for event in events)
        assert all(char.isprintable() or char == "\u200d" for char in said), case["file"]
        checked += 1
    assert checked


@pytest.mark.parametrize(
    ("lines", "show"),
    [
        ([], Show.BUSY),
        (["TRANSP:OPAQUE"], Show.BUSY),
        (["TRANSP:TRANSPARENT"], Show.FREE),
        (["STATUS:TENTATIVE"], Show.TENTATIVE),
        (["STATUS:TENTATIVE", "TRANSP:TRANSPARENT"], Show.FREE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], Show.AWAY),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], Show.TENTATIVE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "TRANSP:OPAQUE"], Show.ELSEWHERE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "TRANSP:TRANSPARENT"], Show.FREE),
        (["X-MICROSOFT-CDO-INTENDEDSTATUS:OOF"], Show.AWAY),
        (
            ["X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-INTENDEDSTATUS:FREE"],
            Show.BUSY,
        ),
    ],
)
def test_an_event_shows_its_owner_as_it_says(lines: list[str], show: Show) -> None:
    assert [event.show for event in reading(calendar(*lines)).events] == [show]


@pytest.mark.parametrize(
    ("lines", "response"),
    [
        ([], Response.OWN),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:ann@example.org"], Response.OWN),
        (["ATTENDEE:MAILTO:Me@Example.org"], Response.UNANSWERED),
        (["ATTENDEE;PARTSTAT=declined:mailto:me@example.org"], Response.DECLINED),
        (['ATTENDEE;PARTSTAT=TENTATIVE;CN="Me: I":mailto:me@example.org'], Response.TENTATIVE),
        (["ATTENDEE;PARTSTAT=ACCEPTED;EMAIL=me@example.org:urn:uuid:1"], Response.ACCEPTED),
        (["ORGANIZER:mailto:me@example.org", "ATTENDEE:mailto:me@example.org"], Response.OWN),
    ],
)
def test_my_answer_is_that_of_my_address(lines: list[str], response: Response) -> None:
    found = reading(calendar(*lines), "ME@example.org", "me@example.com")
    assert [event.response for event in found.events] == [response]


def test_my_answer_may_differ_for_one_occurrence() -> None:
    guest = "ATTENDEE;PARTSTAT={}:mailto:me@example.org"
    data = calendar(
        "RRULE:FREQ=DAILY;COUNT=2",
        guest.format("ACCEPTED"),
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:event",
        "RECURRENCE-ID:20260602T090000Z",
        "DTSTART:20260602T090000Z",
        guest.format("DECLINED"),
    )
    found = reading(data, "me@example.org").events
    assert [(e.response, len(e.spans)) for e in found] == [
        (Response.ACCEPTED, 1),
        (Response.DECLINED, 1),
    ]


def test_text_is_unescaped_and_cleaned() -> None:
    data = calendar(
        "SUMMARY:Lunch\\, then \x1b[31mred\\; \u202e\\nback\\\\slash",
        "DESCRIPTION:one\\ntwo\\Nthree\x9b1m",
        'LOCATION;LANGUAGE=en;ALTREP="https://example.org/a:b;c":Room 1',
        "ATTENDEE;CN=\"Ann ^'the boss^' Lee\":mailto:ann@example.org",
        "ORGANIZER;CN=Bo:mailto:bo@example.org",
        "CLASS:PRIVATE",
    )
    (event,) = reading(data).events
    assert event.title == "Lunch, then [31mred; back\\slash"
    assert event.description == "one\ntwo\nthree1m"
    assert event.location == "Room 1"
    assert event.private
    assert event.organizer == "bo@example.org"
    assert [(guest.email, guest.name) for guest in event.attendees] == [
        ("ann@example.org", 'Ann "the boss" Lee')
    ]


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.example.org/a", True),
        ("X-GOOGLE-CONFERENCE:https://meet.example.org/a", True),
        ("URL:https://meet.example.org/a", True),
        ("URL:javascript:alert(1)", False),
        ("URL:file:///etc/passwd", False),
        ("URL:https://a.example.org/ and more", False),
        ("CONFERENCE:tel:+4712345678", False),
    ],
)
def test_only_web_addresses_are_links(line: str, link: bool) -> None:
    (event,) = reading(calendar(line)).events
    assert event.link == ("https://meet.example.org/a" if link else "")


def test_a_cancelled_calendar_cancels_its_events() -> None:
    data = calendar().replace(b"BEGIN:VEVENT", b"METHOD:CANCEL\r\nBEGIN:VEVENT")
    assert [event.cancelled for event in reading(data).events] == [True]


def test_what_lies_outside_the_horizon_is_left_out_and_what_reaches_in_is_not() -> None:
    def spans(start: str, end: str) -> list[str]:
        data = calendar().replace(b"DTSTART:20260601T090000Z", f"DTSTART:{start}".encode())
        return told(reading(data.replace(b"DURATION:PT1H", f"DTEND:{end}".encode())).events)

    assert spans("20251231T220000Z", "20260101T000000Z") == []
    assert spans("20251231T220000Z", "20260101T000100Z") == ["event 2025-12-31T22:00Z/121m"]
    assert spans("20271001T000000Z", "20271001T010000Z") == []
    assert spans("20240101T000000Z", "20281001T000000Z") != []


def test_a_series_that_repeats_too_often_is_kept_and_said_to_be_uncertain() -> None:
    found = reading(calendar("SUMMARY:Tick", "RRULE:FREQ=SECONDLY"))
    (event,) = found.events
    assert event.uncertain
    assert len(event.spans) == 20_000
    assert event.spans[0][0] == at("2026-06-01T09:00Z")
    assert "Tick" in found.problems[0].text


def test_a_file_full_of_bad_rules_costs_no_more_than_a_few() -> None:
    one = calendar("RRULE:FREQ=SECONDLY").split(b"BEGIN:VEVENT")[1].split(b"END:VEVENT")[0]
    events = b"".join(
        b"BEGIN:VEVENT" + one.replace(b"UID:event", b"UID:%d" % n) + b"END:VEVENT\r\n"
        for n in range(300)
    )
    found = reading(b"BEGIN:VCALENDAR\r\n" + events + b"END:VCALENDAR\r\n")
    assert len(found.events) == 300
    assert all(event.uncertain for event in found.events)
    assert sum(len(event.spans) for event in found.events) < 300_000


def test_same_uid_twice_without_a_newer_version_keeps_both() -> None:
    data = calendar("END:VEVENT", "BEGIN:VEVENT", "UID:event", "DTSTART:20260602T090000Z")
    found = reading(data)
    assert [datetime.fromtimestamp(e.spans[0][0], UTC).day for e in found.events] == [1, 2]
    assert len({event.id for event in found.events}) == 2


def test_an_id_stays_the_same_while_its_neighbours_change() -> None:
    series = ["RRULE:FREQ=DAILY;COUNT=5", "END:VEVENT"]

    def apart(day: int) -> list[str]:
        times = [f"RECURRENCE-ID:202606{day:02}T090000Z", f"DTSTART:202606{day:02}T110000Z"]
        return ["BEGIN:VEVENT", "UID:event", *times, "END:VEVENT"]

    before = reading(calendar(*series, *apart(3)[:-1])).events
    after = reading(calendar(*series, *apart(2), *apart(3)[:-1])).events
    assert [event.id for event in before] == [after[0].id, after[2].id]


FILES = [path.read_bytes() for path in sorted(HERE.glob("*.ics"))]
BITS = [b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"\r\n", b":", b";", b'"', b"\0", b"\xff", b"99999"]
BITS += [b"DTSTART:00010101T000000Z\r\n", b"DTEND:99991231T235959\r\n", b"DURATION:P9999W\r\n"]
BITS += [b"RRULE:FREQ=WEEKLY\r\n", b"RECURRENCE-ID;RANGE=THISANDFUTURE:19700101\r\n", b"TZID="]


@settings(deadline=None, max_examples=250)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), st.sampled_from(BITS)), max_size=4),
)
def test_whatever_stands_in_a_file_nothing_is_raised(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    for place, gone, new in changes:
        data = data[:place] + new + data[place + gone :]
    found = reading(data)
    assert all(low < HORIZON[1] + 86_400 for event in found.events for low, _ in event.spans)
    assert all(low <= high for event in found.events for low, high in event.spans)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_what_is_no_calendar_is_never_complete(data: bytes) -> None:
    found = reading(data)
    assert (found.events, found.complete, len(found.problems)) == ((), False, 1)
