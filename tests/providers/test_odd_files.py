"""What other programs write, and what nobody should: each event is read, guessed or reported."""

import pytest

from providers.icalendar import Reading, read, series
from providers.icalendar import reading as icalendar_reading
from tests.providers.instants import HORIZON, at, told

NEIGHBOUR = "neighbour 2026-06-03T09:00Z/1h"


def event(uid: str, start: str, *lines: str) -> list[str]:
    return ["BEGIN:VEVENT", f"UID:{uid}", start, *lines, "END:VEVENT"]


def calendar(*lines: str) -> bytes:
    neighbour = event("neighbour", "DTSTART:20260603T090000Z", "DURATION:PT1H")
    inside = ["BEGIN:VCALENDAR", "VERSION:2.0", *lines, *neighbour, "END:VCALENDAR", ""]
    return "\r\n".join(inside).encode()


def one(*lines: str, start: str = "DTSTART:20260601T090000Z") -> bytes:
    return calendar(*event("event", start, *lines))


def reading(data: bytes) -> Reading:
    return read(data, calendar="work", resource="r.ics", etag="1", horizon=HORIZON)


HOUR = one("DURATION:PT1H", "RRULE:FREQ=DAILY;", " COUNT=1")


@pytest.mark.parametrize(
    "data",
    [
        HOUR,
        HOUR.replace(b"\r\n", b"\r\r\n"),
        HOUR.replace(b"\r\n ", b"").replace(b"\r\n", b"\n\r"),
        HOUR.replace(b"\r\n", b"\r", 2),
        HOUR.replace(b"\r\n", b"\r", 4),
        b"\xef\xbb\xbf" * 2 + HOUR,
        HOUR.replace(b"BEGIN:VEVENT", b"\xef\xbb\xbfBEGIN:VEVENT"),
        HOUR.replace(b"BEGIN:VEVENT", b"END:VCALENDAR\r\nBEGIN:VEVENT", 1),
        HOUR.replace(b"BEGIN:VEVENT", b"END:VALARM\r\nEND:VEVENT\r\nBEGIN:VEVENT", 1),
        HOUR.replace(b"DTSTART:", b"DTSTART\r\n\r\n ;VALUE=DATE-TIME\r\n :"),
        HOUR.replace(b"T090000Z", b"T090000.500Z", 1),
        HOUR.replace(b"20260601T090000Z", b"2026-06-01T11:00:00.000+02:00"),
    ],
    ids=range(12),
)
def test_odd_line_ends_marks_and_stray_ends_hide_no_event(data: bytes) -> None:
    found = reading(data)
    assert told(found.events) == ["event 2026-06-01T09:00Z/1h series", NEIGHBOUR]
    assert (found.complete, found.problems) == (True, ())


@pytest.mark.parametrize(
    ("rule", "count", "doubts"),
    [
        ("FREQ=DAILY;;COUNT=3", 3, 0),
        ("RSCALE=GREGORIAN;FREQ=DAILY;COUNT=3;SKIP=OMIT", 3, 0),
        ("FREQ=DAILY;COUNT=-1;UNTIL=20260603", 3, 0),
        ("RSCALE=CHINESE;FREQ=DAILY;COUNT=3", 1, 1),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;COUNT=3;SKIP=FORWARD", 1, 1),
        ("FREQ=DAILY;UNTIL=20260230", 1, 1),
        ("FREQ=DAILY;UNTIL=99999999T000000Z", 1, 1),
    ],
)
def test_a_rule_that_is_not_understood_leaves_the_event_itself(
    rule: str, count: int, doubts: int
) -> None:
    found = reading(one("DURATION:PT1H", f"RRULE:{rule}"))
    assert [len(each.spans) for each in found.events] == [count, 1]
    assert [bool(each.uncertain) for each in found.events] == [bool(doubts), False]
    assert len(found.problems) == doubts


@pytest.mark.parametrize(
    ("start", "end", "line", "doubts"),
    [
        ("DTSTART:20260601T090000Z", "DURATION:1H", "2026-06-01T09:00Z/1h uncertain", 1),
        ("DTSTART:20260601T090000Z", "DURATION:P9999999W", "2026-06-01T09:00Z/1h uncertain", 1),
        ("DTSTART:20260601T090000Z", "DTEND:later", "2026-06-01T09:00Z/1h uncertain", 1),
        ("DTSTART;VALUE=DATE:20260601", "DTEND:?", "2026-06-01T00:00Z/24h all-day uncertain", 1),
        ("DTSTART:20260601T090000Z", "DTEND;VALUE=DATE:20260601", "2026-06-01T09:00Z/15h", 0),
        ("DTSTART:20260601T090000Z", "DTEND;VALUE=DATE:20260602", "2026-06-01T09:00Z/15h", 0),
    ],
)
def test_an_event_whose_end_is_odd_takes_its_time_all_the_same(
    start: str, end: str, line: str, doubts: int
) -> None:
    found = reading(one(end, start=start))
    assert told(found.events) == [f"event {line}", NEIGHBOUR]
    assert len(found.problems) == doubts


PARIS = ["BEGIN:VTIMEZONE", r"TZID:(UTC+01:00) Rome\, Paris", "BEGIN:STANDARD"]
PARIS += ["DTSTART:19700101T000000", "TZOFFSETFROM:+0130", "TZOFFSETTO:+0130"]
PARIS += ["END:STANDARD", "END:VTIMEZONE"]


@pytest.mark.parametrize(
    "name",
    ['"(UTC+01:00) Rome, Paris"', r'"(UTC+01:00) Rome\, Paris"', r"(UTC+01:00) Rome\, Paris"],
)
def test_a_zone_is_found_whether_its_name_is_quoted_or_not(name: str) -> None:
    series = event(
        "event",
        f"DTSTART;TZID={name}:20260601T103000",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;COUNT=3",
        f"EXDATE;TZID={name}:20260602T103000,20260603T103000",
    )
    found = reading(calendar(*PARIS, *series))
    assert told(found.events) == ["event 2026-06-01T09:00Z/1h series", NEIGHBOUR]
    assert found.problems == ()


def test_a_zone_without_a_definition_is_the_offset_in_its_name() -> None:
    found = reading(one("DURATION:PT1H", start="DTSTART;TZID=(UTC+01:00) Paris:20260601T100000"))
    assert told(found.events) == ["event 2026-06-01T09:00Z/1h uncertain", NEIGHBOUR]
    assert "(UTC+01:00) Paris" in found.problems[0].text


def test_wall_time_in_a_calendar_whose_own_zone_is_not_known_is_uncertain() -> None:
    own = "X-WR-TIMEZONE:Nowhere/Land"
    found = reading(calendar(own, *event("event", "DTSTART:20260601T090000", "DURATION:PT1H")))
    assert told(found.events) == ["event 2026-06-01T09:00Z/1h floating uncertain", NEIGHBOUR]
    assert "Nowhere/Land" in found.problems[0].text


@pytest.mark.parametrize("name", ["EXDATE", "RDATE"])
def test_more_dates_than_are_followed_are_reported(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "DATES", 4)
    days = [f"{name}:202606{day:02}T120000Z,202607{day:02}T120000Z" for day in (2, 3, 4)]
    found = reading(one("DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", *days))
    assert [bool(each.uncertain) for each in found.events] == [True, False]
    assert len(found.events[0].spans) == (2 if name == "EXDATE" else 6)
    assert len(found.problems) == 1


def test_more_rules_than_are_followed_are_reported() -> None:
    rules = [f"RRULE:FREQ=YEARLY;COUNT=2;BYMONTH=7;BYMONTHDAY={day}" for day in range(1, 23)]
    found = reading(one("DURATION:PT1H", *rules))
    assert [bool(each.uncertain) for each in found.events] == [True, False]
    assert len(found.events[0].spans) == 1 + 2 * series.RULES
    assert len(found.problems) == 1


def test_an_exception_counts_however_many_stand_before_it() -> None:
    many = ",".join(["20260501T090000Z"] * 30_000)
    found = reading(
        one("DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", f"EXDATE:{many},20260602T090000Z")
    )
    assert told(found.events) == ["event 2026-06-01T09:00Z/1h series", NEIGHBOUR]


def test_more_busy_times_than_are_followed_are_reported() -> None:
    minute = "20260601T090000Z/PT1M"
    times = ",".join([minute] * (series.DATES + 1))
    found = reading(calendar("BEGIN:VFREEBUSY", f"FREEBUSY:{times}", "END:VFREEBUSY"))
    assert [bool(each.uncertain) for each in found.events] == [True, False]
    assert len(found.problems) == 1


def test_a_resource_holds_no_more_occurrences_than_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(icalendar_reading, "OCCURRENCES", 50)
    many = [
        line
        for number in range(30)
        for line in event(f"s{number}", "DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY;COUNT=10")
    ]
    found = reading(calendar(*many))
    assert [len(each.spans) for each in found.events] == [10] * 5 + [1] * 26
    assert sum(bool(each.uncertain) for each in found.events) == len(found.problems) == 25


def test_an_honest_series_is_whole_though_bad_ones_stand_before_it() -> None:
    bad = [
        line
        for number in range(40)
        for line in event(f"bad{number}", "DTSTART:20260601T090000Z", "RRULE:FREQ=SECONDLY")
    ]
    honest = event("honest", "DTSTART:20240101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    found = reading(calendar(*bad, *honest))
    (series,) = [each for each in found.events if each.uid == "honest"]
    assert not series.uncertain
    assert (at("2026-06-01T09:00Z"), at("2026-06-01T10:00Z")) in series.spans
    assert len(series.spans) == (HORIZON[1] - HORIZON[0]) // 86_400


ESCAPE = "\x1b]0;x\x07\x9b31m\u202e"


@pytest.mark.parametrize(
    "lines",
    [
        [f"DTSTART:{ESCAPE}"],
        [f"DTSTART;TZID={ESCAPE}:20260601T090000"],
        ["DTSTART:x", f"SUMMARY:{ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"DTEND:{ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"DURATION:{ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"RECURRENCE-ID:{ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"RRULE:{ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"RRULE:FREQ=DAILY;COUNT={ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"RRULE:FREQ=DAILY;BYDAY={ESCAPE}"],
        ["DTSTART:20260601T090000Z", f"RRULE:FREQ=DAILY;{ESCAPE}=1"],
        ["DTSTART:20260601T090000Z", f"RRULE:FREQ=DAILY;UNTIL={ESCAPE}"],
        ["DTSTART:20260601T090000Z", "RRULE:FREQ=DAILY", f"EXDATE:{ESCAPE}"],
    ],
)
def test_what_is_told_of_nonsense_is_safe_to_show(lines: list[str]) -> None:
    found = reading(calendar(*event("event", *lines)))
    assert found.problems
    for text in [each.text for each in found.problems] + [e.uncertain for e in found.events]:
        assert text.isprintable()
