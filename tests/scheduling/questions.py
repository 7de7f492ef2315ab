"""Random questions to the rules, near the places where clocks and calendars are odd."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from scheduling.bookings import Booking, BookingState, Busy, Guest
from scheduling.events import Blocking, Span
from scheduling.offers import Host, State
from scheduling.pages import (
    STEPS,
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

ODD_DAYS = (
    ("Europe/Oslo", date(2027, 3, 28)),
    ("Europe/Oslo", date(2026, 10, 25)),
    ("Europe/Oslo", date(2026, 12, 1)),
    ("America/New_York", date(2026, 3, 8)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Asia/Beirut", date(2026, 10, 25)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Santiago", date(2026, 4, 5)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/Havana", date(2026, 11, 1)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Asia/Kathmandu", date(2026, 12, 31)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Kiritimati", date(2026, 2, 28)),
)
ZONES = tuple(sorted({zone for zone, _ in ODD_DAYS}))
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Question(NamedTuple):
    page: Page
    state: State
    span: Span
    now: int
    minutes: int


times = st.one_of(
    st.sampled_from(("00:00", "01:00", "02:00", "02:30", "03:00", "09:00", "12:00", "22:00")),
    st.builds(
        lambda hour, quarter: f"{hour:02}:{quarter:02}",
        st.integers(0, 23),
        st.sampled_from((0, 10, 15, 30, 50)),
    ),
)
ends = st.one_of(times, st.just("24:00"))
ranges = st.lists(st.tuples(times, ends), max_size=3).map(tuple)
week_days = st.sampled_from((WEEKDAYS, WEEKDAYS, WEEKDAYS[:5], WEEKDAYS[5:]))
hours = st.lists(st.builds(Hours, week_days, times, ends), min_size=1, max_size=3).map(tuple)
around_the_clock = st.just((Hours(WEEKDAYS, "00:00", "24:00"),))
buffers = st.sampled_from((0, 0, 5, 10, 15, 30, 60))


def near(day: date, days: int) -> st.SearchStrategy[date]:
    return st.integers(-days, days).map(lambda n: day + timedelta(days=n))


def schedules(zone: st.SearchStrategy[str], day: date) -> st.SearchStrategy[Schedule]:
    overrides = st.lists(
        st.builds(Override, near(day, 2).map(date.isoformat), ranges),
        max_size=2,
        unique_by=lambda each: each.date,
    ).map(tuple)
    return st.builds(
        Schedule,
        zone=zone,
        hours=st.one_of(around_the_clock, hours, st.just(())),
        overrides=overrides,
        absences=st.one_of(st.just(()), st.just(()), absences(day).map(lambda each: (each,))),
        week_start=st.sampled_from(WEEKDAYS),
    )


@st.composite
def absences(draw: st.DrawFn, day: date) -> Absence:
    first = draw(near(day, 2))
    last = first + timedelta(days=draw(st.integers(1, 2)))
    zone = draw(st.sampled_from(("", "UTC", "Pacific/Auckland")))
    return Absence(f"{first}T{draw(times)}", f"{last}T{draw(times)}", zone=zone)


@st.composite
def spans(draw: st.DrawFn, middle: int, grain: int = 5 * MINUTE) -> Span:
    start = middle + draw(st.integers(-2 * DAY // grain, 2 * DAY // grain)) * grain
    return start, start + draw(st.sampled_from((0, 1, 3, 6, 12, 18, 288))) * grain


@st.composite
def busy_times(draw: st.DrawFn, middle: int) -> Busy:
    start, end = draw(spans(middle))
    own = draw(st.booleans()) and draw(st.booleans())
    return Busy(
        start=start,
        end=end,
        blocking=draw(st.sampled_from((Blocking.HARD, Blocking.HARD, Blocking.SOFT, Blocking.NO))),
        title="Dentist",
        event_id=draw(st.sampled_from(("", "a", "b"))),
        own=own,
        buffer_before=draw(buffers) if own else 0,
        buffer_after=draw(buffers) if own else 0,
    )


@st.composite
def bookings(draw: st.DrawFn, middle: int) -> Booking:
    start, end = draw(spans(middle))
    return Booking(
        id=draw(st.sampled_from("xyz")),
        page=draw(st.sampled_from(("intro", "intro", "demo"))),
        title="Intro",
        start=start,
        end=end,
        guest=Guest("Grace", "grace@example.com"),
        state=draw(st.sampled_from(BookingState)),
        made_at=0,
        event_id=draw(st.sampled_from(("", "a"))),
        buffer_before=draw(buffers),
        buffer_after=draw(buffers),
    )


def windows(day: date) -> st.SearchStrategy[Window]:
    return st.one_of(
        st.just(Window(days=60)),
        st.just(Window(days=60)),
        st.builds(Window, days=st.integers(0, 2)),
        st.builds(Window, business_days=st.integers(0, 2)),
        st.builds(Window, bookable_days=st.integers(1, 2)),
        st.builds(
            Window,
            first=near(day, 1).map(date.isoformat),
            last=near(day + timedelta(days=2), 1).map(date.isoformat),
        ),
    )


limit = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.builds(Limit, bookings=st.none() | st.integers(1, 2), minutes=st.sampled_from((30, 60, 90))),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    zone, day = draw(st.sampled_from(ODD_DAYS))
    middle = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    durations = draw(st.sampled_from(((30,), (15, 60), (20,), (45,), (25,))))
    page = Page(
        name="intro",
        durations=durations,
        step=draw(st.sampled_from((*STEPS, 25, "duration", "duration+buffers"))),
        offset=draw(st.sampled_from((0, 0, 0, 5, 15))),
        anchor=draw(st.sampled_from(("clock", "pack"))),
        buffer_before=draw(buffers),
        buffer_after=draw(buffers),
        buffer_between=draw(st.sampled_from(("larger", "sum"))),
        notice=draw(st.sampled_from((0, 0, 0, 60, 1440))),
        window=draw(windows(day)),
        zone=draw(st.sampled_from(("", "", "", *ZONES))),
        hours=draw(st.one_of(st.just(()), hours)),
        overrides=draw(st.one_of(st.just(()), schedules(st.just(zone), day).map(_overrides))),
        limits=Limits(draw(limit), draw(limit), draw(limit), draw(limit)),
        soft_blocks=draw(st.booleans()),
    )
    count = draw(st.sampled_from((1, 1, 1, 2)))
    hosts = tuple(
        Host(
            schedule=draw(schedules(st.just(zone) if not n else st.sampled_from(ZONES), day)),
            busy=tuple(draw(st.lists(busy_times(middle), max_size=8))),
            bookings=tuple(draw(st.lists(bookings(middle), max_size=4))),
        )
        for n in range(count)
    )
    state = State(
        hosts=hosts,
        moving=draw(st.sampled_from(("", "", "x"))),
        as_host=draw(st.sampled_from((False, False, True))),
    )
    low = middle + draw(st.integers(-36, 36)) * HOUR
    return Question(
        page=page,
        state=state,
        span=(low, low + draw(st.integers(1, 40)) * HOUR),
        now=middle + draw(st.sampled_from((-80, -40, -26, -3, 0, 5))) * HOUR + 7 * MINUTE,
        minutes=draw(st.sampled_from((*durations * 5, 90))),
    )


def _overrides(schedule: Schedule) -> tuple[Override, ...]:
    return schedule.overrides
