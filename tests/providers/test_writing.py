from datetime import UTC, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical
from hypothesis import example, given, settings
from hypothesis import strategies as st

from providers.base import Draft, ProviderError
from providers.icalendar import read, write
from scheduling.errors import ErrorKind
from scheduling.events import Attendee, Event, Response
from tests.providers.instants import at

STAMP = at("2026-05-01T12:00Z")
ZONES = [
    "Europe/Oslo",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Gaza",
    "Pacific/Apia",
    "UTC",
]


def draft(**changes: object) -> Draft:
    fields: dict[str, object] = {
        "uid": "meeting@koble",
        "title": "Intro",
        "start": at("2026-06-01T07:00Z"),
        "end": at("2026-06-01T08:00Z"),
        "zone": "Europe/Oslo",
    }
    return Draft(**(fields | changes))  # type: ignore[arg-type]


def back(data: bytes) -> Event:
    horizon = at("1990-01-01T00:00Z"), at("2060-01-01T00:00Z")
    found = read(data, calendar="c", resource="r", etag="1", horizon=horizon)
    assert (found.problems, found.complete) == ((), True)
    (event,) = found.events
    return event


@settings(deadline=None, max_examples=120)
@given(
    st.integers(at("2000-01-01T00:00Z") // 60, at("2037-01-01T00:00Z") // 60),
    st.integers(1, 3000),
    st.sampled_from(ZONES),
)
@example(at("2026-10-25T00:30Z") // 60, 30, "Europe/Oslo")
@example(at("2026-10-25T01:30Z") // 60, 30, "Europe/Oslo")
@example(at("2026-03-29T00:30Z") // 60, 60, "Europe/Oslo")
@example(at("2026-04-04T15:15Z") // 60, 15, "Australia/Lord_Howe")
def test_what_is_written_is_read_back_at_the_same_instants(
    minute: int, minutes: int, zone: str
) -> None:
    start, end = minute * 60, (minute + minutes) * 60
    data = write(draft(start=start, end=end, zone=zone), existing=None, stamp=STAMP)
    assert back(data).spans == ((start, end),)
    # Others who know zones by name, and others who trust the file's own definition alone:
    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert [int(event[name].dt.timestamp()) for name in ("DTSTART", "DTEND")] == [start, end]
    if "TZID" in event["DTSTART"].params:
        own = tzical(StringIO(data.decode())).get(zone)
        for name, instant in (("DTSTART", start), ("DTEND", end)):
            assert int(event[name].dt.replace(tzinfo=own).timestamp()) == instant


@pytest.mark.parametrize("zone", ["", "Nowhere/City", "UTC"])
def test_without_a_known_zone_times_are_written_in_utc(zone: str) -> None:
    data = write(draft(zone=zone), existing=None, stamp=STAMP)
    assert b"\r\nDTSTART:20260601T070000Z\r\n" in data
    assert b"VTIMEZONE" not in data


def test_a_zone_under_its_windows_name_is_written_by_its_own() -> None:
    data = write(draft(zone="W. Europe Standard Time"), existing=None, stamp=STAMP)
    assert b"DTSTART;TZID=Europe/Berlin:20260601T090000\r\n" in data


def test_every_line_is_short_and_ends_as_it_should() -> None:
    data = write(draft(title="Å" * 200, description="long " * 99), existing=None, stamp=STAMP)
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert data.count(b"\n") == data.count(b"\r\n")
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert back(data).title == "Å" * 200


HOSTILE = 'x\r\nATTENDEE:mailto:evil@example.org\nX-A:1\rEND:VEVENT\x1b[31m\x00";:,\\n^n'


def test_no_text_gets_out_of_its_line() -> None:
    guest = Attendee(email="ann@example.org", name=HOSTILE)
    data = write(
        draft(
            uid=HOSTILE,
            title=HOSTILE,
            location=HOSTILE,
            description=HOSTILE,
            attendees=(guest,),
        ),
        existing=None,
        stamp=STAMP,
        organizer="me@example.org",
    )
    lines = data.replace(b"\r\n ", b"").split(b"\r\n")
    assert sorted({line.split(b":")[0].split(b";")[0] for line in lines if line}) == [
        *(b"ATTENDEE", b"BEGIN", b"DESCRIPTION", b"DTEND", b"DTSTAMP"),
        *(b"DTSTART", b"END", b"LAST-MODIFIED", b"LOCATION", b"ORGANIZER", b"PRODID"),
        *(b"SEQUENCE", b"SUMMARY", b"TZID", b"TZOFFSETFROM", b"TZOFFSETTO", b"UID"),
        *(b"VERSION", b"X-KOBLE"),
    ]
    assert lines.count(b"END:VEVENT") == 1
    assert b"\x1b" not in data
    assert b"\x00" not in data
    event = back(data)
    assert [each.email for each in event.attendees] == ["ann@example.org"]
    assert event.organizer == "me@example.org"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "ann@example.org,evil@example.org",
        "ann@example.org\r\nBcc: evil@example.org",
        "ann@example.org ",
        "Ann <ann@example.org>",
        '"a b"@example.org',
        "ann@@example.org",
        "ann@-example.org",
        "a" * 250 + "@example.org",
    ],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    guest = Attendee(email=address)
    with pytest.raises(ProviderError) as caught:
        write(draft(attendees=(guest,)), existing=None, stamp=STAMP)
    assert caught.value.kind is ErrorKind.INVALID


def test_a_meeting_without_length_is_refused() -> None:
    with pytest.raises(ProviderError) as caught:
        write(draft(end=at("2026-06-01T07:00Z")), existing=None, stamp=STAMP)
    assert caught.value.kind is ErrorKind.INVALID


EXISTING = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//somebody//EN
X-WR-CALNAME:Theirs
BEGIN:VEVENT
UID:meeting@koble
DTSTAMP:20260101T000000Z
SEQUENCE:4
DTSTART;TZID=Europe/Oslo:20260601T090000
DURATION:PT1H
SUMMARY;LANGUAGE=en:Old
LOCATION:Old room
CATEGORIES:A,B
X-THEIRS;X-P="a:b":kept
ORGANIZER;CN=Bo:mailto:bo@example.org
ATTENDEE;PARTSTAT=ACCEPTED;X-NUM=1:mailto:Ann@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:gone@example.org
BEGIN:VALARM
TRIGGER:-PT10M
ACTION:DISPLAY
END:VALARM
END:VEVENT
BEGIN:VTODO
UID:todo
SUMMARY:A task
END:VTODO
END:VCALENDAR
"""


def test_an_update_changes_its_own_lines_and_keeps_all_others() -> None:
    guests = (
        Attendee(email="ann@example.org"),
        Attendee(email="new@example.org", response=Response.ACCEPTED),
    )
    start, end = at("2026-06-02T07:00Z"), at("2026-06-02T07:30Z")
    change = draft(title="New", start=start, end=end, attendees=guests, sequence=2)
    data = write(change, existing=EXISTING.encode(), stamp=STAMP, organizer="me@example.org")
    lines = data.decode().replace("\r\n ", "").split("\r\n")
    old = EXISTING.splitlines()
    dropped = {
        "DTSTAMP:20260101T000000Z",
        "DTSTART;TZID=Europe/Oslo:20260601T090000",
        "DURATION:PT1H",
        "SUMMARY;LANGUAGE=en:Old",
        "LOCATION:Old room",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gone@example.org",
    }
    assert [line for line in old if line not in lines] == [line for line in old if line in dropped]
    event = back(data)
    assert (event.title, event.spans) == ("New", ((change.start, change.end),))
    assert [(guest.email, guest.response) for guest in event.attendees] == [
        ("Ann@example.org", Response.ACCEPTED),
        ("new@example.org", Response.ACCEPTED),
    ]
    assert "SEQUENCE:4" in lines
    again = write(change, existing=data, stamp=STAMP, organizer="me@example.org")
    assert again == data


def test_an_update_finds_its_event_among_others() -> None:
    other = EXISTING.replace("meeting@koble", "other").encode()
    both = other + EXISTING.encode()
    data = write(draft(title="New"), existing=both, stamp=STAMP)
    found = read(
        data,
        calendar="c",
        resource="r",
        etag="1",
        horizon=(at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")),
    )
    assert [(event.uid, event.title) for event in found.events] == [
        ("other", "Old"),
        ("meeting@koble", "New"),
    ]


@pytest.mark.parametrize(
    "existing",
    ["", "<html>", EXISTING[:-30], EXISTING.replace("VEVENT", "VJOURNAL")],
    ids=["empty", "page", "cut off", "no event"],
)
def test_what_cannot_be_read_is_not_overwritten(existing: str) -> None:
    with pytest.raises(ProviderError) as caught:
        write(draft(), existing=existing.encode(), stamp=STAMP)
    assert caught.value.kind is ErrorKind.INVALID


def test_a_definition_says_when_clocks_change_around_the_meeting() -> None:
    data = write(draft(zone="Europe/Oslo"), existing=None, stamp=STAMP).decode()
    zone = tzical(StringIO(data)).get("Europe/Oslo")
    oslo = ZoneInfo("Europe/Oslo")
    for day in range(-360, 360, 7):
        moment = datetime.fromtimestamp(at("2026-06-01T07:00Z") + day * 86_400, UTC)
        assert moment.astimezone(zone).utcoffset() == moment.astimezone(oslo).utcoffset()


def test_a_definition_covers_a_meeting_before_the_only_change_of_its_zone() -> None:
    # Volgograd went back to Moscow time on 27 December 2020, and never changed in the year before.
    start = at("2020-06-01T07:00Z")
    changed = draft(start=start, end=start + 3600, zone="Europe/Volgograd")
    zone = tzical(StringIO(write(changed, existing=None, stamp=STAMP).decode())).get()
    moment = datetime.fromtimestamp(start, UTC)
    assert moment.astimezone(zone).isoformat() == "2020-06-01T11:00:00+04:00"
