"""Cases of slots as plain data: how they are written down here, and how they become a question.

`slot_cases.json` holds inputs and expected starts. Times are UTC; `weekly` and `overrides` are wall
time in `zone`; what is zero or empty is left out. `starts` are expected with either anchor, or else
`clock` and `pack` apart. Buffers between own meetings add up; weeks start on Sunday.
"""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.bookings import Booking, BookingState, Busy, Guest
from scheduling.offers import Host, State
from scheduling.pages import Hours, Limit, Limits, Override, Page, Schedule, Window

Case = dict[str, Any]
OWN = Path(__file__).with_name("slot_cases.json")
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "slots.json"


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def own_cases() -> list[Case]:
    cases: list[Case] = json.loads(OWN.read_text())
    return cases


def shared_cases() -> list[Case]:
    return [restated(case) for case in json.loads(SHARED.read_text())["cases"]]


def page_of(case: Case, anchor: str) -> Page:
    event = case["event"]
    return Page(
        name="case",
        durations=(event["minutes"],),
        step=event["step"],
        offset=event.get("offset", 0),
        anchor=anchor,
        buffer_before=event.get("before", 0),
        buffer_after=event.get("after", 0),
        buffer_between="sum",
        notice=event.get("notice", 0),
        window=Window(**case.get("window", {"days": 36_500})),
        limits=Limits(
            **{period: Limit(**limit) for period, limit in case.get("limits", {}).items()}
        ),
    )


def state_of(case: Case) -> State:
    busy = tuple(
        Busy(
            start=seconds(start),
            end=seconds(end),
            own=bool(buffers),
            buffer_before=buffers[0] if buffers else 0,
            buffer_after=buffers[1] if buffers else 0,
        )
        for start, end, *buffers in case.get("busy", [])
    )
    bookings = tuple(
        Booking(
            id=str(number),
            page="case",
            title="",
            start=seconds(start),
            end=seconds(end),
            guest=Guest("Grace", "grace@example.com"),
            state=BookingState.CONFIRMED,
            made_at=0,
        )
        for number, (start, end) in enumerate(case.get("booked", []))
    )
    others = (Host(schedule=_schedule(other)) for other in case.get("also", []))
    owner = Host(schedule=_schedule(case["hours"]), busy=busy, bookings=bookings)
    return State(hosts=(owner, *others))


def expected(case: Case, anchor: str) -> list[int]:
    return [seconds(start) for start in case.get("starts", case.get(anchor, []))]


def anchors(case: Case) -> list[str]:
    return [anchor for anchor in ("clock", "pack") if "starts" in case or anchor in case]


def restated(raw: Case) -> Case:
    """A case as the shared file writes it, in the words of this one."""
    event = raw["event"]
    case: Case = {
        "id": raw["id"],
        "now": raw["now"],
        "event": {"minutes": event["duration_min"], "step": event["increment_min"]}
        | _nonzero(
            offset=event.get("offset_start_min"),
            before=event.get("buffer_before_min"),
            after=event.get("buffer_after_min"),
            notice=event.get("min_notice_min"),
        ),
    }
    if raw["kind"] == "slots_from_ranges":
        ranges = list(_civil(raw))
        case["hours"] = {"zone": raw["invitee_zone"], "overrides": _by_date(ranges)}
        first, last = min(each[0] for each in ranges), max(each[0] for each in ranges)
        case["span"] = [f"{_moved(first, -2)}T00:00:00Z", f"{_moved(last, 3)}T00:00:00Z"]
        return case | {"clock": raw["expected"]["slots"]}
    case["hours"] = _availability(raw["availability"])
    case["span"] = [raw["range"]["from"], raw["range"]["to"]]
    case |= _nonzero(
        also=[_availability(each) for each in raw.get("also_required", [])],
        busy=[
            [each["start"], each["end"]]
            + (
                [each.get("own_buffer_before_min", 0), each.get("own_buffer_after_min", 0)]
                if "own_buffer_before_min" in each or "own_buffer_after_min" in each
                else []
            )
            for each in raw.get("busy", [])
        ],
        limits=raw.get("limits", {}).get("per"),
        booked=[[each["start"], each["end"]] for each in raw.get("bookings_for_limits", [])],
        window=_window(raw.get("booking_window")),
    )
    by_alignment = raw["expected_by_alignment"]
    clock, pack = by_alignment["hour_grid_host"], by_alignment["range_start"]
    return case | ({"starts": clock} if clock == pack else {"clock": clock, "pack": pack})


def _schedule(hours: Case) -> Schedule:
    return Schedule(
        zone=hours["zone"],
        hours=tuple(
            Hours(tuple(days.split()), start, end) for days, start, end in hours.get("weekly", [])
        ),
        overrides=tuple(
            Override(date, tuple((start, end) for start, end in ranges))
            for date, ranges in hours.get("overrides", {}).items()
        ),
        week_start="sun",
    )


def _availability(raw: Case) -> Case:
    weekly = [[" ".join(each["days"]), each["start"], each["end"]] for each in raw["weekly"]]
    overrides = {each["date"]: each["intervals"] for each in raw.get("overrides", [])}
    return {"zone": raw["zone"]} | _nonzero(weekly=weekly, overrides=overrides)


def _window(raw: Case | None) -> Case | None:
    if raw is None:
        return None
    if raw["type"] == "date_range":
        return {"first": raw["from"], "last": raw["to"]}
    if raw["type"] == "rolling_bookable_days":
        return {"bookable_days": raw["days"]}
    return {"business_days" if raw.get("count") == "business" else "days": raw["days"]}


def _civil(raw: Case) -> Iterator[tuple[str, str, str]]:
    """Free ranges as dates with wall times; an end at the last second of a minute is the next."""
    zone = ZoneInfo(raw["invitee_zone"])
    for each in raw["free_ranges"]:
        start, end = datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"])
        if end.second == 59:
            end = end.replace(second=0, microsecond=0) + timedelta(minutes=1)
        start, end = start.astimezone(zone), end.astimezone(zone)
        midnight = datetime.combine(start.date() + timedelta(days=1), time(), zone)
        while midnight <= end:
            yield f"{start:%Y-%m-%d}", f"{start:%H:%M}", "24:00"
            start, midnight = midnight, midnight + timedelta(days=1)
        if start < end or start.time() != time():
            yield f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}"


def _by_date(ranges: list[tuple[str, str, str]]) -> dict[str, list[list[str]]]:
    dates: dict[str, list[list[str]]] = {}
    for date, start, end in ranges:
        # A range of no length would be one around the clock; here it is a day without hours.
        dates.setdefault(date, []).extend([[start, end]] if start != end else [])
    return dates


def _moved(date: str, days: int) -> str:
    return f"{datetime.fromisoformat(date) + timedelta(days=days):%Y-%m-%d}"


def _nonzero(**values: Any) -> Case:
    return {name: value for name, value in values.items() if value}
