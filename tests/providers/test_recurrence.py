import datetime as datetimes
import types
from datetime import UTC, datetime, timedelta

import dateutil.rrule
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from providers.icalendar import recurrence
from providers.icalendar.lines import Unreadable
from tests.providers.rules import STARTS, rules

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time, as the rules know it
LONG, CLOCK = rules("YEARLY", "MONTHLY", "WEEKLY", "DAILY"), rules("HOURLY", "MINUTELY", clock=True)


@pytest.fixture(autouse=True, scope="module")
def _reference_that_ends() -> None:
    """dateutil looks for a day that never comes until the year 9999; here until 2033."""
    with pytest.MonkeyPatch.context() as patch:
        short = types.SimpleNamespace(**vars(datetimes) | {"MAXYEAR": 2033})
        patch.setattr(dateutil.rrule, "datetime", short)
        yield


def seconds(at: datetime) -> int:
    return int((at - EPOCH).total_seconds())


def check(
    rule: str, start: datetime, later: int, length: int, until: datetime | None = None
) -> None:
    low = start + timedelta(days=later)
    high = low + timedelta(days=length)
    found, whole = recurrence.expand(
        recurrence.parse(rule),
        seconds(start),
        (seconds(low), seconds(high)),
        until=seconds(until) if until else None,
        budget=recurrence.Budget(),
    )
    if until:
        rule += f";UNTIL={until:%Y%m%dT%H%M%S}"
    try:
        theirs = dateutil.rrule.rrulestr(rule, dtstart=start).between(low, high, inc=True)
    except ValueError as error:
        assert "empty" in str(error)  # noqa: PT017 - their word for a rule that never comes
        theirs = []
    assert whole
    assert [EPOCH + timedelta(seconds=each) for each in found] == [t for t in theirs if t < high]


@settings(deadline=None, derandomize=True, max_examples=300)
@given(LONG, STARTS, st.integers(0, 1200))
@example("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;WKST=SU", datetime(2020, 1, 1, 9), 0)  # noqa: DTZ001
@example("FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=2", datetime(2019, 12, 31), 40)  # noqa: DTZ001
@example("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", datetime(2020, 2, 29), 300)  # noqa: DTZ001
def test_a_rule_without_an_end_gives_what_dateutil_gives(
    rule: str, start: datetime, later: int
) -> None:
    check(rule, start, later, 500)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(LONG, STARTS, st.integers(0, 900), st.integers(1, 400))
def test_a_counted_rule_gives_what_dateutil_gives(
    rule: str, start: datetime, later: int, count: int
) -> None:
    check(f"{rule};COUNT={count}", start, later, 500)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(LONG, STARTS, st.integers(0, 600), st.integers(0, 900))
def test_a_rule_with_a_last_day_gives_what_dateutil_gives(
    rule: str, start: datetime, later: int, lasting: int
) -> None:
    check(rule, start, later, 500, start + timedelta(days=lasting))


@settings(deadline=None, derandomize=True, max_examples=100)
@given(rules("MONTHLY", "WEEKLY", "DAILY", clock=True), STARTS)
def test_a_rule_that_names_hours_gives_what_dateutil_gives(rule: str, start: datetime) -> None:
    check(rule, start, 30, 100)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(CLOCK, STARTS.map(lambda at: at.replace(year=2032)), st.integers(0, 5))
def test_a_rule_within_the_day_gives_what_dateutil_gives(
    rule: str, start: datetime, later: int
) -> None:
    check(rule, start, later, 8)


def days(rule: str, start: datetime) -> list[str]:
    """The first days that `rule` gives, as month-day."""
    span = seconds(start), seconds(start + timedelta(days=60))
    found, _ = recurrence.expand(
        recurrence.parse(rule), span[0], span, until=None, budget=recurrence.Budget()
    )
    return [f"{EPOCH + timedelta(seconds=each):%m-%d}" for each in found]


@pytest.mark.parametrize("week", [1, 2, 26, 52, 53])
def test_weeks_have_the_numbers_of_the_iso_calendar(week: int) -> None:
    start, end = datetime(2000, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001
    found, _ = recurrence.expand(
        recurrence.parse(f"FREQ=YEARLY;BYWEEKNO={week}"),
        seconds(start),
        (seconds(start), seconds(end)),
        until=None,
        budget=recurrence.Budget(),
    )
    every = [start + timedelta(days=each) for each in range((end - start).days)]
    expected = [seconds(day) for day in every if day.isocalendar().week == week]
    assert found == expected


def test_weekdays_with_and_without_a_number_add_up() -> None:
    start = datetime(2026, 6, 1, 9)  # noqa: DTZ001
    found = days("FREQ=MONTHLY;BYDAY=MO,1TU", start)
    assert found[:6] == ["06-01", "06-02", "06-08", "06-15", "06-22", "06-29"]


def test_positions_count_within_whole_weeks_in_the_first_one_too() -> None:
    start = datetime(2026, 6, 3, 9)  # noqa: DTZ001 - a Wednesday
    assert days("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1", start)[:2] == ["06-08", "06-15"]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "COUNT=3",
        "FREQ=OFTEN",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=two",
        "FREQ=DAILY;COUNT=" + "9" * 5000,
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;RSCALE=HEBREW",
        "FREQ=DAILY;BYSETPOS=+-1",
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(rule: str) -> None:
    with pytest.raises(Unreadable) as caught:
        recurrence.parse(rule)
    assert str(caught.value.phrase)


YEAR = (seconds(datetime(2026, 1, 1)), seconds(datetime(2027, 1, 1)))  # noqa: DTZ001
EVERY = ",".join(map(str, range(60)))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=99999999999999999999",
        "FREQ=MINUTELY",
        f"FREQ=DAILY;BYMINUTE={EVERY};BYSECOND={EVERY}",
        f"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMINUTE={EVERY};BYSECOND={EVERY}",
        "FREQ=SECONDLY;COUNT=2147483647;BYSECOND=1",
    ],
)
def test_a_rule_over_its_budget_stops_and_says_so(rule: str) -> None:
    budget = recurrence.Budget()
    found, whole = recurrence.expand(
        recurrence.parse(rule), YEAR[0], YEAR, until=None, budget=budget
    )
    assert not whole
    assert len(found) <= recurrence.STEPS
    assert budget.steps <= 9 * recurrence.STEPS


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3",
        "FREQ=YEARLY;INTERVAL=99999999999999999999",
    ],
)
def test_a_rule_that_never_comes_round_ends_well_inside_its_budget(rule: str) -> None:
    start = YEAR[0] - 7 * 86_400 + 9 * 3600
    found, whole = recurrence.expand(
        recurrence.parse(rule), start, YEAR, until=None, budget=recurrence.Budget()
    )
    assert (found, whole) == ([], True)


def test_many_bad_rules_share_one_budget() -> None:
    budget = recurrence.Budget()
    rule = recurrence.parse("FREQ=SECONDLY")
    answers = [recurrence.expand(rule, YEAR[0], YEAR, until=None, budget=budget) for _ in range(15)]
    assert [len(found) > 0 for found, _ in answers] == [True] * 10 + [False] * 5
    assert not any(whole for _, whole in answers)


def test_a_count_beyond_the_span_needs_no_counting() -> None:
    start = seconds(datetime(1990, 1, 1, 9))  # noqa: DTZ001
    budget = recurrence.Budget()
    rule = recurrence.parse("FREQ=DAILY;COUNT=2147483647")
    found, whole = recurrence.expand(rule, start, YEAR, until=None, budget=budget)
    assert (len(found), whole) == (365, True)
    assert budget.steps > 9 * recurrence.STEPS
    assert datetime.fromtimestamp(found[0], UTC).hour == 9
