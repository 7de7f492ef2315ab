"""What `explain` says: every reason at once, in words, with a remedy that works."""

import msgspec
import pytest

from scheduling.events import Blocking
from scheduling.offers import Host, Reason, State, explain, offer
from scheduling.pages import WEEKDAYS, Absence, Hours, Limit, Limits, Override, Page, Schedule
from tests.scheduling.test_rules import DAY, NOW, OSLO, at, booking, busy, hours, known, page


def said(asked: Page, state: State, clock: str, now: int = NOW) -> dict[str, Reason]:
    return {each.rule: each for each in explain(asked, state, at(clock), now)}


def texts(asked: Page, state: State, clock: str, now: int = NOW) -> list[str]:
    return [str(each.phrase) for each in explain(asked, state, at(clock), now)]


def test_all_reasons_are_told_and_not_only_the_first() -> None:
    schedule = Schedule(
        zone=OSLO,
        hours=(Hours(WEEKDAYS, "09:00", "10:30"),),
        absences=(Absence(f"{DAY}T10:00", f"{DAY}T12:00", title="Dentist"),),
    )
    host = Host(
        schedule=schedule,
        busy=(
            busy("10:00", "10:20", title="Standup", calendar="Work", event_id="e1"),
            busy("10:20", "11:00", title="Maybe", blocking=Blocking.SOFT, event_id="e2"),
            busy("09:30", "10:00", title="Tea", event_id="e3"),
            busy("11:10", "12:00", event_id="e4"),
        ),
        bookings=(booking("10:30", "11:00"),),
    )
    asked = Page(
        name="intro",
        durations=(30, 60),
        buffer_before=15,
        buffer_after=15,
        notice=600,
        limits=Limits(day=Limit(bookings=1), week=Limit(minutes=60)),
        enabled=False,
    )
    reasons = explain(asked, State(hosts=(host,)), at(f"{DAY}T10:00"), at(f"{DAY}T08:00"), 60)
    assert [(each.rule, each.source) for each in reasons] == [
        ("disabled", "enabled"),
        ("notice", "notice"),
        ("limit_day", "limits.day"),
        ("limit_week", "limits.week"),
        ("range_end", "hours"),
        ("absence", "absences"),
        ("booking", "b1"),
        ("buffer_before", "e3"),
        ("busy", "e1"),
        ("tentative", "e2"),
        ("buffer_after", "e4"),
    ]
    assert [str(each.phrase) for each in reasons] == [
        "The page is switched off.",
        "The page wants 600 min of notice: the first time would be Tue 1 Dec 18:00.",
        "The limit per day is reached: 1 of 1 meetings.",
        "The limit per week would be passed: 30 of 60 min are booked, and this meeting takes"
        " 60 min.",
        "It would last until 11:00, and the hours end at 10:30.",
        "Away: Dentist, Tue 1 Dec 10:00–12:00.",
        "“Intro” is booked: Tue 1 Dec 10:30–11:00.",
        "“Tea” lasts until 10:00, and 15 min before the meeting are kept free.",
        "“Standup” (Work) takes this time: Tue 1 Dec 10:00–10:20.",
        "“Maybe” is tentative: Tue 1 Dec 10:20–11:00.",
        "“Untitled” begins at 11:10, and 15 min after the meeting are kept free.",
    ]


def test_hours_and_overrides_tell_what_holds_that_day() -> None:
    schedule = Schedule(
        zone=OSLO,
        hours=(Hours(WEEKDAYS[:5], "09:00", "13:00"),),
        overrides=(Override("2026-12-02"), Override("2026-12-03", (("14:00", "16:00"),))),
    )
    state = known(schedule)
    assert texts(page(), state, f"{DAY}T08:00") == [
        "It is outside the hours of that day: 09:00–13:00."
    ]
    assert texts(page(), state, "2026-12-05T10:00") == [
        "There are no hours on that day of the week."
    ]
    assert texts(page(), state, "2026-12-02T10:00") == [
        "An override makes Wed 2 Dec 2026 a day off."
    ]
    assert texts(page(), state, "2026-12-03T10:00") == [
        "An override replaces the hours of Thu 3 Dec 2026: 14:00–16:00."
    ]
    end = said(page(), state, "2026-12-03T15:45")["range_end"]
    assert (end.source, str(end.remedy)) == ("overrides", "Let the hours end at 16:15 or later.")


def test_a_time_between_two_starts_is_told_both() -> None:
    [reason] = explain(page(), known(), at(f"{DAY}T09:10"), NOW)
    assert str(reason.phrase) == "Meetings start at 09:00 or 09:30 here, not between."
    once = Schedule(zone=OSLO, overrides=(Override(DAY, (("09:10", "09:55"),)),))
    assert texts(page(), known(once), f"{DAY}T09:10") == [
        "No start of the page lies in this free time."
    ]
    once = Schedule(zone=OSLO, overrides=(Override(DAY, (("09:00", "09:40"),)),))
    assert texts(page(), known(once), f"{DAY}T09:10") == ["The nearest start is 09:00."]


def test_an_event_that_is_the_booking_is_named_once() -> None:
    host = Host(
        schedule=hours("09:00-13:00"),
        busy=(busy("10:00", "10:30", title="Intro", event_id="e1"),),
        bookings=(booking("10:00", "10:30", event_id="e1"),),
    )
    assert list(said(page(), State(hosts=(host,)), f"{DAY}T10:00")) == ["booking"]
    moved = msgspec.structs.replace(host, busy=(busy("12:00", "12:30", event_id="e1"),))
    assert list(said(page(), State(hosts=(moved,)), f"{DAY}T12:00")) == ["busy"]


@pytest.mark.parametrize("between", ["larger", "sum"])
@pytest.mark.parametrize("theirs", [0, 10, 30])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("gap", [0, 5, 10, 25])
def test_the_remedy_for_a_buffer_works_or_is_not_given(
    between: str, theirs: int, own: bool, gap: int
) -> None:
    taken = busy("10:00", "11:00", own=own, buffer_before=theirs, buffer_after=theirs)
    state = known(hours("06:00-20:00"), taken)
    asked = page(
        30, step=5, buffer_between=between, buffer_before=30, buffer_after=30, anchor="pack"
    )
    sides = {
        "buffer_before": at(f"{DAY}T11:00") + gap * 60,
        "buffer_after": at(f"{DAY}T09:30") - gap * 60,
    }
    for rule, start in sides.items():
        [reason] = explain(asked, state, start, NOW)
        assert reason.rule == rule
        possible = not own or theirs <= gap
        assert (reason.remedy is not None) == possible
        if reason.remedy:
            wanted = reason.remedy.values["minutes"]
            better = msgspec.structs.replace(asked, **{rule: wanted})
            assert rule not in [each.rule for each in explain(better, state, start, NOW)]
            worse = msgspec.structs.replace(asked, **{rule: wanted + 1})
            assert rule in [each.rule for each in explain(worse, state, start, NOW)]


def test_remedies_for_notice_and_limits_work() -> None:
    now = at(f"{DAY}T09:00")
    asked = page(30, notice=120, limits=Limits(day=Limit(bookings=1), week=Limit(minutes=45)))
    host = Host(schedule=hours("09:00-13:00"), bookings=(booking("12:00", "12:30"),))
    state = State(hosts=(host,))
    found = said(asked, state, f"{DAY}T10:00", now)
    assert list(found) == ["notice", "limit_day", "limit_week"]
    remedies = {rule: each.remedy for rule, each in found.items()}
    assert {rule: str(each) for rule, each in remedies.items()} == {
        "notice": "Set the notice to 60 min or less.",
        "limit_day": "Set the limit per day to 2 meetings or more.",
        "limit_week": "Set the limit per week to 60 min or more.",
    }
    better = page(30, notice=60, limits=Limits(day=Limit(bookings=2), week=Limit(minutes=60)))
    assert said(better, state, f"{DAY}T10:00", now) == {}


def test_a_limit_of_meetings_and_of_minutes_is_told_as_two() -> None:
    asked = page(30, limits=Limits(day=Limit(bookings=1, minutes=45)))
    host = Host(schedule=hours("09:00-13:00"), bookings=(booking("12:00", "12:30"),))
    reasons = explain(asked, State(hosts=(host,)), at(f"{DAY}T10:00"), NOW)
    assert [(each.rule, each.source) for each in reasons] == [("limit_day", "limits.day")] * 2
    assert [str(each.remedy) for each in reasons] == [
        "Set the limit per day to 2 meetings or more.",
        "Set the limit per day to 60 min or more.",
    ]


def test_times_are_told_in_the_zone_of_the_page_with_the_offset_on_odd_days() -> None:
    schedule = Schedule(zone=OSLO, hours=(Hours(WEEKDAYS, "01:00", "04:00"),))
    start = at("2026-10-25T01:00")
    taken = msgspec.structs.replace(busy("10:00", "11:00"), start=start, end=start + 2 * 3_600)
    [reason] = explain(page(60), known(schedule, taken), start, NOW)
    assert str(reason.phrase) == ("“Untitled” takes this time: Sun 25 Oct 01:00+02:00–02:00+01:00.")


def test_a_window_of_days_that_have_a_slot_is_told_by_its_last_day() -> None:
    asked = page(30, window=msgspec.convert({"bookable_days": 2}, type(page().window)))
    reason = said(asked, known(), "2026-01-05T10:00")["window"]
    assert str(reason.phrase) == "The page offers times until Fri 2 Jan 2026."
    last = offer(asked, known(), (NOW, at("2026-02-01T00:00")), NOW)[-1]
    assert last.start == at("2026-01-02T12:30")
