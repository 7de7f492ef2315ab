from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.week.sample import OSLO, at
from tui.week.axis import ROW, Axis, Time

CHANGES = [
    (OSLO, date(2027, 3, 22)),
    (OSLO, date(2027, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 3, 30)),
    ("Australia/Lord_Howe", date(2026, 9, 28)),
    ("Africa/Cairo", date(2024, 4, 22)),
    ("Africa/Cairo", date(2024, 10, 28)),
    ("America/Havana", date(2026, 10, 28)),
    ("America/Santiago", date(2026, 9, 1)),
    ("Africa/Casablanca", date(2027, 2, 1)),
    ("Pacific/Apia", date(2011, 12, 27)),
]


@pytest.mark.parametrize(("zone", "first"), CHANGES)
def test_every_half_hour_of_a_day_has_one_row_of_its_own(zone: str, first: date) -> None:
    axis = Axis(first, 7, zone)
    for day in range(7):
        rows = [row for row in range(axis.rows) if axis.time(day, row) is Time.REAL]
        instants = [axis.instant(day, row) for row in rows]
        assert instants == list(range(axis.starts[day], axis.starts[day + 1], ROW * 60))
        assert [axis.place(day, each) for each in instants if each] == [r * ROW for r in rows]


@given(
    st.sampled_from([OSLO, "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.integers(0, 7 * 48 - 1),
)
def test_the_label_of_a_row_is_the_wall_time_of_its_instant(
    zone: str, first: date, number: int
) -> None:
    axis = Axis(first, 7, zone)
    day, row = divmod(number, 48)
    instant = axis.instant(day, row)
    if instant is None:
        assert axis.time(day, row) is not Time.REAL
        return
    wall = datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone))
    assert wall.date() == first + timedelta(day)
    assert axis.label(row)[0] == wall.hour * 60 + wall.minute


def test_a_skipped_hour_stays_on_the_axis_and_is_skipped_on_its_day_only() -> None:
    axis = Axis(date(2027, 3, 22), 7, OSLO)
    assert axis.rows == 48
    assert [axis.time(6, row) for row in (3, 4, 5, 6)] == [
        Time.REAL, Time.SKIPPED, Time.SKIPPED, Time.REAL,
    ]  # fmt: skip
    assert axis.time(5, 4) is Time.REAL
    assert axis.place(6, at("2027-03-28 03:00")) == 180


def test_a_repeated_hour_is_there_twice_and_its_second_pass_is_void_on_other_days() -> None:
    axis = Axis(date(2027, 10, 25), 7, OSLO)
    assert axis.rows == 50
    first = at("2027-10-31 02:30")
    assert axis.place(6, first) == 150
    assert axis.place(6, first + 3600) == 210
    assert axis.label(7) == (150, True)
    assert axis.time(0, 7) is Time.VOID
    assert axis.repeated(4)
    assert axis.repeated(7)
    assert not axis.repeated(8)
    assert axis.place(0, at("2027-10-25 03:00")) == 240


def test_instants_outside_a_day_are_placed_at_its_ends() -> None:
    axis = Axis(date(2027, 3, 1), 7, OSLO)
    assert axis.place(2, at("2027-03-01 10:00")) == 0
    assert axis.place(2, at("2027-03-06 10:00")) == 1440
    assert axis.day_of(at("2027-02-28 23:59")) == -1
    assert axis.day_of(at("2027-03-08 00:00")) == 7
