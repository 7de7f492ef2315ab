"""Every vector of the rules, as written there. Weekly hours are 09:00–13:00 on 1 December 2026."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.bookings import Booking, BookingState, Busy, Guest
from scheduling.events import Blocking
from scheduling.guests import by_day
from scheduling.offers import Host, Offer, State, explain, nearest, offer
from scheduling.pages import (
    WEEKDAYS,
    Absence,
    Hours,
    Limit,
    Limits,
    Override,
    Page,
    Schedule,
    Window,
)
from scheduling.zones import date_text, zone

OSLO = "Europe/Oslo"
DAY = "2026-12-01"


def at(text: str, name: str = OSLO) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(name)).timestamp())


NOW = at("2026-01-01T00:00", "UTC")


def hours(*ranges: str, name: str = OSLO) -> Schedule:
    weekly = tuple(Hours(WEEKDAYS, *each.split("-")) for each in ranges)
    return Schedule(zone=name, hours=weekly)


def busy(start: str, end: str, **more: object) -> Busy:
    return Busy(start=at(f"{DAY}T{start}"), end=at(f"{DAY}T{end}"), **more)


def booking(start: str, end: str, **more: object) -> Booking:
    values: dict[str, object] = {
        "id": "b1",
        "page": "intro",
        "title": "Intro",
        "guest": Guest("Grace", "grace@example.com"),
        "state": BookingState.CONFIRMED,
        "made_at": 0,
    }
    start, end = (text if "T" in text else f"{DAY}T{text}" for text in (start, end))
    return Booking(start=at(start), end=at(end), **(values | more))


def page(minutes: int = 30, **more: object) -> Page:
    values: dict[str, object] = {"name": "intro", "window": Window(days=3_650)}
    return Page(durations=(minutes,), **(values | more))


def known(schedule: Schedule | None = None, *taken: Busy, **more: object) -> State:
    return State(hosts=(Host(schedule=schedule or hours("09:00-13:00"), busy=taken),), **more)


def starts(
    asked: Page, state: State, first: str = DAY, days: int = 1, now: int | None = None
) -> list[int]:
    name = asked.zone or state.hosts[0].schedule.zone
    low = zone(name).midnight(_day(first))
    high = zone(name).midnight(_day(first) + days)
    return [each.start for each in offer(asked, state, (low, high), NOW if now is None else now)]


def shown(
    asked: Page, state: State, first: str = DAY, days: int = 1, now: int | None = None
) -> str:
    """Starts as wall time, with the offset where clocks change."""
    where = zone(asked.zone or state.hosts[0].schedule.zone)
    return " ".join(where.clock(start) for start in starts(asked, state, first, days, now))


def rules(asked: Page, state: State, start: int, now: int | None = None) -> list[str]:
    return [reason.rule for reason in explain(asked, state, start, NOW if now is None else now)]


def _day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 86_400


# 1. Intervals


def test_touching_is_no_overlap() -> None:
    state = known(None, busy("10:00", "11:00"))
    assert shown(page(60, step=30), state) == "09:00 11:00 11:30 12:00"


def test_an_event_without_length_never_blocks() -> None:
    state = known(None, busy("10:00", "10:00"))
    asked = page(60, buffer_before=30, buffer_after=30)
    assert shown(asked, state) == "09:00 10:00 11:00 12:00"
    assert rules(asked, state, at(f"{DAY}T10:00")) == []


# 2. Wall time only at the edges


@pytest.mark.parametrize(
    ("name", "date", "ranges", "expected"),
    [
        (
            OSLO,
            "2027-03-28",
            "01:00-04:00",
            ["01:00+01:00", "01:30+01:00", "03:00+02:00", "03:30+02:00"],
        ),
        (OSLO, "2027-03-28", "02:30-04:00", ["03:00+02:00", "03:30+02:00"]),
        (OSLO, "2027-03-28", "02:00-03:00", []),
        (
            OSLO,
            "2026-10-25",
            "01:00-04:00",
            [
                *("01:00+02:00", "01:30+02:00", "02:00+02:00", "02:30+02:00"),
                *("02:00+01:00", "02:30+01:00", "03:00+01:00", "03:30+01:00"),
            ],
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04",
            "01:00-04:00",
            ["01:00+10:30", "01:30+10:30", "02:30+11:00", "03:00+11:00", "03:30+11:00"],
        ),
    ],
)
def test_clock_changes(name: str, date: str, ranges: str, expected: list[str]) -> None:
    state = known(hours(ranges, name=name))
    assert shown(page(step=30), state, date).split() == expected
    for start in starts(page(step=30), state, date):
        assert explain(page(step=30), state, start, NOW) == []


@pytest.mark.parametrize(("date", "count"), [("2027-03-27", 7), ("2026-10-24", 9)])
def test_a_night_shift_is_as_long_as_the_night(date: str, count: int) -> None:
    state = known(Schedule(zone=OSLO, overrides=(Override(date, (("22:00", "06:00"),)),)))
    assert len(starts(page(60), state, date, 2)) == count


@pytest.mark.parametrize(("date", "utc"), [("2027-03-22", "08:00"), ("2027-03-29", "07:00")])
def test_nine_o_clock_is_nine_o_clock_all_year(date: str, utc: str) -> None:
    [start, *_] = starts(page(), known(), date)
    assert start == at(f"{date}T{utc}", "UTC")


def test_working_hours_follow_the_change_of_the_same_day() -> None:
    state = known(hours("13:00-18:00", name="America/New_York"))
    expected = [at(f"2026-03-08T{hour}:00", "UTC") for hour in range(17, 22)]
    assert starts(page(60), state, "2026-03-08") == expected


def test_the_next_full_hour_is_that_of_the_clock_after_the_change() -> None:
    state = known(hours("01:50-05:00", name="Australia/Lord_Howe"))
    assert shown(page(60), state, "2026-10-04") == "03:00+11:00 04:00+11:00"


def test_24_00_is_the_end_of_the_day_even_where_midnight_comes_twice() -> None:
    state = known(hours("22:00-24:00", name="America/Havana"))
    assert len(starts(page(60), state, "2026-10-31", 2)) == 4
    # A wall time that comes twice ends a range when it comes again.
    state = known(hours("22:00-00:00", name="America/Havana"))
    assert len(starts(page(60), state, "2026-10-31")) == 2
    assert len(starts(page(60), state, "2026-10-31", 2)) == 5


def test_a_range_past_midnight_belongs_to_its_start_day() -> None:
    friday = Schedule(zone=OSLO, hours=(Hours(("fri",), "22:00", "02:00"),))
    assert shown(page(60), known(friday), "2026-12-04", 2) == "22:00 23:00 00:00 01:00"
    assert rules(page(60), known(friday), at("2026-12-05T02:00")) == ["hours"]


def test_what_touches_at_midnight_is_one_range_and_each_day_counts_its_own_starts() -> None:
    state = known(hours("00:00-24:00"))
    asked = page(50, anchor="pack")
    assert shown(asked, state, DAY, 2).split()[28:30] == ["23:20", "00:00"]


# 3. Buffers


@pytest.mark.parametrize(
    ("before", "after", "step", "expected"),
    [
        (30, 0, 30, "09:00 09:30 11:30 12:00 12:30"),
        (0, 15, 15, "09:00 09:15 11:00 11:15 11:30 11:45 12:00 12:15 12:30"),
    ],
)
def test_an_event_keeps_the_facing_buffers_free(
    before: int, after: int, step: int, expected: str
) -> None:
    asked = page(30, step=step, buffer_before=before, buffer_after=after)
    assert shown(asked, known(None, busy("10:00", "11:00"))) == expected


@pytest.mark.parametrize("taken", ["busy", "booking"])
@pytest.mark.parametrize(("between", "first"), [("sum", "11:30"), ("larger", "11:15")])
def test_between_own_meetings_the_larger_buffer_counts_or_the_sum(
    taken: str, between: str, first: str
) -> None:
    buffers = {"buffer_before": 15, "buffer_after": 15}
    asked = page(30, step=15, buffer_between=between, **buffers)
    schedule = hours("09:00-13:00")
    if taken == "busy":
        host = Host(schedule=schedule, busy=(busy("10:00", "11:00", own=True, **buffers),))
    else:
        host = Host(schedule=schedule, bookings=(booking("10:00", "11:00", **buffers),))
    state = State(hosts=(host,))
    later = [each for each in starts(asked, state) if each >= at(f"{DAY}T11:00")]
    assert later[0] == at(f"{DAY}T{first}")
    [reason] = explain(asked, state, later[0] - 15 * 60, NOW)
    assert reason.rule == "buffer_before"


def test_buffers_do_not_shrink_working_hours() -> None:
    asked = page(60, buffer_before=60, buffer_after=60)
    assert shown(asked, known()) == "09:00 10:00 11:00 12:00"


def test_neighbours_are_seen_beyond_the_span_asked_for() -> None:
    asked = page(30, buffer_before=120)
    state = known(hours("00:00-24:00"), busy("08:00", "09:00"))
    span = at(f"{DAY}T10:00"), at(f"{DAY}T12:00")
    assert [each.start for each in offer(asked, state, span, NOW)] == [
        at(f"{DAY}T11:00"),
        at(f"{DAY}T11:30"),
    ]


# 4. Notice, window, limits


def test_the_boundary_of_the_notice_is_bookable() -> None:
    asked = page(30, notice=60)
    now = at(f"{DAY}T09:30")
    assert shown(asked, known(), now=now) == "10:30 11:00 11:30 12:00 12:30"
    assert rules(asked, known(), at(f"{DAY}T10:00"), now) == ["notice"]
    assert rules(asked, known(), at(f"{DAY}T09:00"), now) == ["past"]


def test_the_host_is_exempt_and_sees_a_mark() -> None:
    now = at(f"{DAY}T09:30")
    asked = page(30, notice=60, window=Window(days=0), limits=Limits(day=Limit(bookings=1)))
    host = Host(schedule=hours("09:00-13:00"), bookings=(booking("12:00", "12:30"),))
    state = State(hosts=(host,), as_host=True)
    assert shown(asked, state, now=now).startswith("09:30 10:00")
    reasons = explain(asked, state, at(f"{DAY}T10:00"), now)
    assert [(each.rule, each.mark) for each in reasons] == [("notice", True), ("limit_day", True)]
    reasons = explain(asked, state, at("2026-12-02T10:00"), now)
    assert [(each.rule, each.mark) for each in reasons] == [("window", True)]
    assert at("2026-12-02T10:00") in starts(asked, state, "2026-12-02", now=now)
    # What has begun, or is taken, stays so for the host.
    assert rules(asked, state, at(f"{DAY}T09:00"), now)[0] == "past"
    assert not explain(asked, state, at(f"{DAY}T12:00"), now)[-1].mark


@pytest.mark.parametrize(
    ("window", "last"),
    [
        (Window(days=0), "2026-12-01"),
        (Window(days=5), "2026-12-06"),
        (Window(business_days=0), "2026-12-01"),
        (Window(business_days=4), "2026-12-07"),
        (Window(bookable_days=4), "2026-12-05"),
        (Window(first="2026-12-04", last="2026-12-08"), "2026-12-08"),
    ],
)
def test_a_window_ends_with_a_civil_day(window: Window, last: str) -> None:
    overrides = (Override("2026-12-03"),)
    schedule = Schedule(zone=OSLO, hours=(Hours(WEEKDAYS, "12:00", "24:00"),), overrides=overrides)
    asked = page(60, window=window)
    now = at(f"{DAY}T20:30")
    found = starts(asked, known(schedule), DAY, 30, now)
    assert date_text(zone(OSLO).day(found[-1])) == last
    assert zone(OSLO).clock(found[-1]) == "23:00"
    assert rules(asked, known(schedule), found[-1] + 13 * 3_600, now) == ["window"]
    first = window.first or DAY
    assert date_text(zone(OSLO).day(found[0])) == first


def test_a_window_does_not_reach_the_next_midnight() -> None:
    state = known(hours("00:00-24:00"))
    asked = page(60, window=Window(days=0))
    now = at(f"{DAY}T20:30")
    assert shown(asked, state, DAY, 3, now) == "21:00 22:00 23:00"
    assert rules(asked, state, at("2026-12-02T00:00"), now) == ["window"]


def test_a_window_of_dates_has_not_begun_before_its_first() -> None:
    asked = page(60, window=Window(first="2026-12-02", last="2026-12-03"))
    [reason] = explain(asked, known(), at(f"{DAY}T10:00"), NOW)
    assert (reason.rule, "Wed 2 Dec 2026" in str(reason.phrase)) == ("window", True)


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        ("day", "2026-12-01T12:30", "2026-12-02T09:00"),
        ("week", "2026-12-06T09:00", "2026-12-07T09:00"),
        ("month", "2026-12-31T12:30", "2026-11-30T12:30"),
        ("year", "2026-01-01T09:00", "2027-01-01T09:00"),
    ],
)
@pytest.mark.parametrize("limit", [Limit(bookings=1), Limit(minutes=59)])
def test_limits_count_by_the_period_of_the_start(
    period: str, inside: str, outside: str, limit: Limit
) -> None:
    asked = page(30, limits=Limits(**{period: limit}))
    host = Host(schedule=hours("09:00-13:00"), bookings=(booking("10:00", "10:30"),))
    state = State(hosts=(host,))
    assert rules(asked, state, at(inside)) == [f"limit_{period}"]
    assert rules(asked, state, at(outside)) == []
    assert at(inside) not in starts(asked, state, inside[:10])
    assert at(outside) in starts(asked, state, outside[:10])


@pytest.mark.parametrize("counted", list(BookingState))
def test_only_requested_and_confirmed_bookings_of_the_page_count(counted: BookingState) -> None:
    asked = page(30, limits=Limits(day=Limit(bookings=1)))
    host = Host(schedule=hours("09:00-13:00"), bookings=(booking("10:00", "10:30", state=counted),))
    full = counted in (BookingState.REQUESTED, BookingState.CONFIRMED)
    assert bool(starts(asked, State(hosts=(host,)))) != full
    # Another page has its own limit, and sees the time taken all the same.
    other = page(30, name="demo", limits=Limits(day=Limit(bookings=1)))
    assert ("10:00" in shown(other, State(hosts=(host,)))) != full
    # The one that is moved counts no more, and leaves its time.
    moving = State(hosts=(host,), moving="b1")
    assert "10:00" in shown(asked, moving)


def test_the_week_starts_as_the_settings_say() -> None:
    asked = page(30, limits=Limits(week=Limit(bookings=1)))
    schedule = Schedule(zone=OSLO, hours=(Hours(WEEKDAYS, "09:00", "13:00"),), week_start="sun")
    state = State(hosts=(Host(schedule=schedule, bookings=(booking("10:00", "10:30"),)),))
    assert rules(asked, state, at("2026-12-06T09:00")) == []
    assert rules(asked, state, at("2026-11-29T09:00")) == ["limit_week"]


def test_a_meeting_longer_than_a_limit_is_never_offered() -> None:
    asked = page(60, limits=Limits(year=Limit(minutes=30)))
    assert starts(asked, known()) == []
    assert rules(asked, known(), at(f"{DAY}T10:00")) == ["limit_year"]


# 5. Where starts lie


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("clock", "09:30 10:00 10:30 11:00 11:30"),
        ("pack", "09:10 09:40 10:10 10:40 11:10"),
    ],
)
def test_a_range_starts_on_the_clock_or_packed(anchor: str, expected: str) -> None:
    assert shown(page(30, step=30, anchor=anchor), known(hours("09:10-12:00"))) == expected


def test_on_the_clock_a_short_event_costs_two_starts() -> None:
    state = known(hours("09:00-12:00"), busy("10:00", "10:10"))
    assert shown(page(30, step=30), state) == "09:00 09:30 10:30 11:00 11:30"


def test_a_step_that_does_not_divide_the_hour() -> None:
    state = known(hours("09:00-11:00"))
    assert shown(page(20, step=25), state) == "09:00 09:25 09:50 10:15 10:40"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"step": "duration"}, "09:00 09:40 10:20 11:00 11:40 12:20"),
        ({"step": "duration+buffers", "buffer_after": 10}, "09:00 09:50 10:40 11:30 12:20"),
        ({"step": 60, "offset": 15}, "09:15 10:30 11:45"),
    ],
)
def test_other_steps(more: dict[str, object], expected: str) -> None:
    assert shown(page(40, **more), known()) == expected


def test_the_clock_is_that_of_the_schedule_for_all_guests() -> None:
    state = known(hours("09:10-12:00", name="Asia/Kathmandu"))
    assert shown(page(60), state) == "10:00 11:00"
    assert starts(page(60), state)[0] == at(f"{DAY}T04:15", "UTC")


# 6. What is busy


def test_soft_events_block_unless_the_page_says_otherwise() -> None:
    state = known(None, busy("10:00", "11:00", blocking=Blocking.SOFT))
    asked = page(60)
    assert shown(asked, state) == "09:00 11:00 12:00"
    assert rules(asked, state, at(f"{DAY}T10:00")) == ["tentative"]
    assert shown(page(60, soft_blocks=False), state) == "09:00 10:00 11:00 12:00"
    assert rules(page(60, soft_blocks=False), state, at(f"{DAY}T10:00")) == []


def test_what_is_moved_does_not_block_and_neither_does_its_event() -> None:
    host = Host(
        schedule=hours("09:00-13:00"),
        busy=(busy("10:00", "11:00", event_id="e1"), busy("12:00", "13:00", event_id="e2")),
        bookings=(booking("10:00", "11:00", event_id="e1"),),
    )
    assert shown(page(60), State(hosts=(host,))) == "09:00 11:00"
    assert shown(page(60), State(hosts=(host,), moving="b1")) == "09:00 10:00 11:00"


def test_all_hosts_must_be_free_and_the_first_ones_zone_rules() -> None:
    owner = Host(schedule=hours("09:00-13:00"))
    other = Host(
        schedule=hours("10:30-18:00", name="Europe/London"),
        busy=(busy("12:00", "12:30", title="Lunch"),),
        name="Ada",
    )
    state = State(hosts=(owner, other))
    assert shown(page(30), state) == "11:30 12:30"
    assert rules(page(30), state, at(f"{DAY}T10:00")) == ["hours"]
    [reason] = explain(page(30), state, at(f"{DAY}T12:00"), NOW)
    assert str(reason.phrase) == "Ada: “Lunch” takes this time: Tue 1 Dec 12:00–12:30."


# 7. Overrides, absence


def test_an_override_replaces_the_day_and_absence_beats_it() -> None:
    schedule = Schedule(
        zone=OSLO,
        hours=(Hours(WEEKDAYS, "09:00", "11:00"),),
        overrides=(Override("2026-12-02"), Override("2026-12-03", (("14:00", "16:00"),))),
        absences=(Absence("2026-12-03T15:00", "2026-12-04T10:00", title="Skiing"),),
    )
    state = known(schedule)
    assert shown(page(60), state, DAY, 4) == "09:00 10:00 14:00 10:00"
    assert rules(page(60), state, at("2026-12-02T09:00")) == ["override"]
    assert rules(page(60), state, at("2026-12-03T09:00")) == ["override"]
    assert rules(page(60), state, at("2026-12-03T15:00")) == ["absence"]
    assert rules(page(60), state, at("2026-12-04T09:00")) == ["absence"]


def test_an_absence_is_read_in_its_own_zone() -> None:
    away = Absence(f"{DAY}T09:00", f"{DAY}T10:00", zone="UTC")
    schedule = Schedule(zone=OSLO, hours=(Hours(WEEKDAYS, "09:00", "13:00"),), absences=(away,))
    assert shown(page(60), known(schedule)) == "09:00 11:00 12:00"


def test_an_absence_ends_with_the_second_of_two_passes() -> None:
    away = Absence("2026-10-25T02:00", "2026-10-25T02:30")
    schedule = Schedule(zone=OSLO, hours=(Hours(WEEKDAYS, "01:00", "04:00"),), absences=(away,))
    expected = "01:00+02:00 01:30+02:00 02:30+01:00 03:00+01:00 03:30+01:00"
    assert shown(page(30), known(schedule), "2026-10-25") == expected


def test_a_pages_own_hours_and_overrides_come_before_the_hosts() -> None:
    schedule = Schedule(
        zone=OSLO,
        hours=(Hours(WEEKDAYS, "09:00", "11:00"),),
        overrides=(Override("2026-12-02"), Override("2026-12-03")),
    )
    own = page(
        60,
        hours=(Hours(WEEKDAYS, "18:00", "19:00"),),
        overrides=(Override("2026-12-03", (("07:00", "08:00"),)),),
    )
    assert shown(own, known(schedule), DAY, 3) == "18:00 07:00"


def test_hours_are_read_in_the_zone_of_whoever_keeps_them() -> None:
    asked = page(60, zone="America/New_York")
    assert shown(asked, known(hours("15:00-17:00"))) == "09:00 10:00"
    own = page(60, zone="America/New_York", hours=(Hours(WEEKDAYS, "09:00", "11:00"),))
    assert shown(own, known(hours("15:00-17:00"))) == "09:00 10:00"


# 8. The guest's days


def test_a_guest_sees_the_days_of_their_own_zone() -> None:
    offers = offer(
        page(60), known(hours("08:00-18:00")), (at(f"{DAY}T00:00"), at("2026-12-02T00:00")), NOW
    )
    auckland = zone("Pacific/Auckland")
    days = {
        date_text(day): " ".join(auckland.clock(each.start) for each in found)
        for day, found in by_day(offers, auckland).items()
    }
    assert days == {
        "2026-12-01": "20:00 21:00 22:00 23:00",
        "2026-12-02": "00:00 01:00 02:00 03:00 04:00 05:00",
    }


# Beside the rules


def test_a_page_offers_its_own_durations_while_it_is_switched_on() -> None:
    span = at(f"{DAY}T00:00"), at("2026-12-02T00:00")
    state = known()
    asked = Page(name="intro", durations=(30, 60), window=Window(days=3_650))
    assert offer(asked, state, span, NOW)[0] == Offer(at(f"{DAY}T09:00"), at(f"{DAY}T09:30"))
    assert offer(asked, state, span, NOW, 60)[0] == Offer(at(f"{DAY}T09:00"), at(f"{DAY}T10:00"))
    assert offer(asked, state, span, NOW, 45) == []
    [reason] = explain(asked, state, at(f"{DAY}T09:00"), NOW, 45)
    assert reason.rule == "duration"
    off = page(30, enabled=False)
    assert offer(off, state, span, NOW) == []
    assert rules(off, state, at(f"{DAY}T09:00")) == ["disabled"]


def test_an_offer_lies_wholly_in_the_span_and_its_end_counts() -> None:
    span = at(f"{DAY}T09:30"), at(f"{DAY}T10:30")
    offers = offer(page(30), known(), span, NOW)
    assert [each.start for each in offers] == [at(f"{DAY}T09:30"), at(f"{DAY}T10:00")]


def test_the_nearest_other_times() -> None:
    offers = [Offer(start, start + 10) for start in (0, 100, 160, 200, 230, 500)]
    assert [each.start for each in nearest(offers, 200)] == [100, 160, 230]
    assert [each.start for each in nearest(offers, 200, 1)] == [230]
    assert nearest([], 200) == []
