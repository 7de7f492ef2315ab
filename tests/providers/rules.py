"""Generated recurrence rules: the kinds that calendars hold, and those that they could."""

from datetime import datetime

from hypothesis import strategies as st

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def _numbers(*values: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(
        lambda found: ",".join(map(str, sorted(found)))
    )


_WEEKDAYS = st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True).map(",".join)
# All with a number: where some have none, dateutil finds nothing at all.
_NTH = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), st.sampled_from(DAYS)),
    min_size=1,
    max_size=3,
    unique=True,
).map(lambda found: ",".join(f"{nth}{day}" for nth, day in found))
_MONTH_DAYS = _numbers(1, 2, 13, 28, 29, 30, 31, -1, -2, -31)
_MONTHS = _numbers(*range(1, 13))
_POSITIONS = _numbers(1, 2, 3, -1, -2)
_CLOCK = {"BYHOUR": _numbers(0, 8, 9, 23), "BYMINUTE": _numbers(0, 15, 59)}

# Of weeks 52 and 53 dateutil gets some Januaries wrong.
_WEEKS = _numbers(1, 2, 20, 51, -1)

PARTS: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "YEARLY": {
        "BYMONTH": _MONTHS,
        "BYMONTHDAY": _MONTH_DAYS,
        "BYDAY": _WEEKDAYS | _NTH,
        "BYYEARDAY": _numbers(1, 60, 100, 366, -1, -366),
        "BYWEEKNO": _WEEKS,
    },
    "MONTHLY": {"BYMONTH": _MONTHS, "BYMONTHDAY": _MONTH_DAYS, "BYDAY": _WEEKDAYS | _NTH},
    "WEEKLY": {"BYMONTH": _MONTHS, "BYDAY": _WEEKDAYS},
    "DAILY": {"BYMONTH": _MONTHS, "BYMONTHDAY": _MONTH_DAYS, "BYDAY": _WEEKDAYS},
    "HOURLY": {"BYMONTH": _MONTHS, "BYDAY": _WEEKDAYS},
    "MINUTELY": {"BYDAY": _WEEKDAYS},
}


@st.composite
def rules(draw: st.DrawFn, *frequencies: str, clock: bool = False) -> str:
    """A rule without COUNT and UNTIL; `clock`: it may name hours and minutes."""
    frequency = draw(st.sampled_from(frequencies))
    parts = {"FREQ": frequency}
    if draw(st.booleans()):
        most = {"MINUTELY": 500, "HOURLY": 50}.get(frequency, 5)
        parts["INTERVAL"] = str(draw(st.integers(1, most)))
    possible = PARTS[frequency] | (_CLOCK if clock else {})
    for name in draw(st.lists(st.sampled_from(sorted(possible)), max_size=3, unique=True)):
        parts[name] = draw(possible[name])
    chosen = [name for name in parts if name.startswith("BY")]
    # Not WEEKLY: dateutil counts positions from the start in a series' first week.
    if chosen and frequency in ("YEARLY", "MONTHLY", "DAILY") and draw(st.booleans()):
        parts["BYSETPOS"] = draw(_POSITIONS)
    if draw(st.integers(0, 3)) == 0:
        parts["WKST"] = draw(st.sampled_from(["SU", "MO", "WE"]))
    return ";".join(f"{name}={value}" for name, value in parts.items())


STARTS = st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
)
