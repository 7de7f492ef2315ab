import msgspec
import pytest

from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import (
    Absence,
    Hours,
    Limit,
    Limits,
    Override,
    Page,
    Schedule,
    Window,
    check_schedule,
    problems,
    validate,
)

GOOD = Page(
    name="intro-call",
    title="Intro call",
    durations=(30, 60),
    step=30,
    offset=5,
    buffer_before=15,
    buffer_after=15,
    notice=240,
    window=Window(first="2026-12-01", last="2026-12-31"),
    zone="Europe/Oslo",
    hours=(Hours(("mon", "fri"), "09:00", "24:00"), Hours(("sat",), "22:00", "02:00")),
    overrides=(Override("2026-12-24"), Override("2026-12-23", (("09:00", "12:00"),))),
    limits=Limits(day=Limit(bookings=4), week=Limit(minutes=600)),
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"name": "a"},
        {"name": "2nd-floor"},
        {"step": "duration"},
        {"step": "duration+buffers"},
        {"step": 25},
        {"window": Window(days=0)},
        {"window": Window(business_days=5)},
        {"window": Window(bookable_days=1)},
        {"zone": ""},
        {"durations": (5, 1_440)},
        {"hours": ()},
    ],
)
def test_a_good_page_has_no_problems(change: dict[str, object]) -> None:
    page = msgspec.structs.replace(GOOD, **change)
    assert list(problems(page)) == []
    validate(page)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": ""}, "name", "small letters"),
        ({"name": "Intro"}, "name", "small letters"),
        ({"name": "intro call"}, "name", "small letters"),
        ({"name": "-intro"}, "name", "small letters"),
        ({"name": "intro--call"}, "name", "small letters"),
        ({"name": "../x"}, "name", "small letters"),
        ({"name": "møte"}, "name", "small letters"),
        ({"name": "a\n"}, "name", "small letters"),
        ({"name": "a" * 61}, "name", "1 to 60"),
        ({"title": "x" * 201}, "title", "200 characters"),
        ({"description": "x" * 5_001}, "description", "characters"),
        ({"location": "x" * 201}, "location", "characters"),
        ({"durations": ()}, "durations", "30 minutes"),
        ({"durations": (4,)}, "durations", "5 to 1440"),
        ({"durations": (30, 1_441)}, "durations", "5 to 1440"),
        ({"durations": (30, 30)}, "durations", "twice"),
        ({"step": 7}, "step", "5, 10, 15, 20, 30, 45, 60, 90, 120"),
        ({"step": 0}, "step", "apart"),
        ({"step": -15}, "step", "apart"),
        ({"step": "hourly"}, "step", "duration+buffers"),
        ({"offset": -1}, "offset", "0 to"),
        ({"anchor": "loose"}, "anchor", "clock, pack"),
        ({"buffer_before": -1}, "buffer_before", "0 to 1440"),
        ({"buffer_after": 1_441}, "buffer_after", "0 to 1440"),
        ({"buffer_between": "most"}, "buffer_between", "larger, sum"),
        ({"notice": -5}, "notice", "0 to"),
        ({"cancel_notice": -5}, "cancel_notice", "0 to"),
        ({"window": Window()}, "window", "exactly one kind"),
        ({"window": Window(days=1, business_days=1)}, "window", "exactly one kind"),
        ({"window": Window(days=1, last="2026-12-01")}, "window", "exactly one kind"),
        ({"window": Window(days=-1)}, "window", "0 to"),
        ({"window": Window(bookable_days=0)}, "window", "1 to"),
        ({"window": Window(business_days=99_999)}, "window", "0 to"),
        ({"window": Window(first="2026-12-01")}, "window", "a first and a last"),
        ({"window": Window(first="2026-12-02", last="2026-12-01")}, "window", "before it begins"),
        ({"window": Window(first="2026-02-30", last="2026-12-01")}, "window", "does not exist"),
        ({"zone": "Europe/Olso"}, "zone", "Europe/Oslo"),
        ({"hours": (Hours(("mon",), "9:00", "12:00"),)}, "hours", "HH:MM"),
        ({"hours": (Hours(("mon",), "24:00", "12:00"),)}, "hours", "23:59"),
        ({"hours": (Hours(("mon",), "09:00", "24:30"),)}, "hours", "24:00"),
        ({"hours": (Hours(("montag",), "09:00", "12:00"),)}, "hours", "mon, tue"),
        ({"hours": (Hours((), "09:00", "12:00"),)}, "hours", "no weekday"),
        ({"overrides": (Override("2026-02-30"),)}, "overrides", "does not exist"),
        ({"overrides": (Override("2026-12-24"),) * 2}, "overrides", "two overrides"),
        ({"overrides": (Override("2026-12-24", (("x", "12:00"),)),)}, "overrides", "HH:MM"),
        ({"limits": Limits(day=Limit(bookings=0))}, "limits.day", "less than 1"),
        ({"limits": Limits(month=Limit(minutes=-1))}, "limits.month", "less than 1"),
        ({"limits": Limits(year=Limit())}, "limits.year", "bookings, minutes"),
    ],
)
def test_a_bad_value_is_refused_with_its_field_and_the_way_out(
    change: dict[str, object], field: str, said: str
) -> None:
    page = msgspec.structs.replace(GOOD, **change)
    with pytest.raises(KobleError) as refused:
        validate(page)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, field)
    assert said in str(refused.value)


def test_all_problems_are_told_at_once() -> None:
    page = msgspec.structs.replace(GOOD, name="", durations=(), notice=-1, zone="Mars/Base")
    assert [each.field for each in problems(page)] == ["name", "durations", "notice", "zone"]


SCHEDULE = Schedule(
    zone="Europe/Oslo",
    hours=GOOD.hours,
    overrides=GOOD.overrides,
    absences=(Absence("2026-12-23T12:00", "2027-01-02T08:00", title="Christmas", zone="UTC"),),
)


def test_good_working_hours_pass() -> None:
    check_schedule(SCHEDULE)
    check_schedule(Schedule(zone="UTC"))


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"zone": ""}, "zone", "Europe/Oslo"),
        ({"hours": (Hours(("mon",), "late", "12:00"),)}, "hours", "HH:MM"),
        ({"overrides": (Override("soon"),)}, "overrides", "YYYY-MM-DD"),
        ({"week_start": "mandag"}, "week_start", "mon, tue"),
        ({"absences": (Absence("2026-12-01", "2026-12-02"),)}, "absences", "T09:00"),
        ({"absences": (Absence("2026-12-02T09:00", "2026-12-02T09:00"),)}, "absences", "after"),
        ({"absences": (Absence("2026-12-01T09:00", "2026-12-02T09:00", zone="X"),)}, "zone", "X"),
        (
            {"absences": (Absence("2026-12-01T09:00", "2026-12-02T09:00", title="x" * 201),)},
            "absences",
            "characters",
        ),
    ],
)
def test_bad_working_hours_are_refused(change: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(KobleError) as refused:
        check_schedule(msgspec.structs.replace(SCHEDULE, **change))
    assert refused.value.field == field
    assert said in str(refused.value)
