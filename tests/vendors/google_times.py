"""Occurrences as Google lists them, worked out by dateutil: not by what is tested against it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

Json = dict[str, Any]
LAST = datetime(2030, 1, 1, tzinfo=UTC)


def moment(time: Json) -> datetime:
    """An instant; a day is its first one in UTC."""
    if "date" in time:
        return datetime.combine(date.fromisoformat(time["date"]), datetime.min.time(), UTC)
    found = datetime.fromisoformat(time["dateTime"])
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(time["timeZone"]))


def bounds(event: Json) -> tuple[datetime, datetime]:
    """Start and end of an event or occurrence; of one that makes no sense, where it once was."""
    try:
        return moment(event["start"]), moment(event["end"])
    except (KeyError, ValueError):
        found = moment(event["originalStartTime"])
        return found, found + timedelta(hours=1)


def instances(series: Json, zone: str) -> Iterator[Json]:
    """Every occurrence until 2030, as if none had been changed."""
    start, end = series["start"], series["end"]
    days = "date" in start
    where = UTC if days else ZoneInfo(start.get("timeZone", zone))
    first, last = (moment(each).astimezone(where).replace(tzinfo=None) for each in (start, end))
    rules = rrulestr("\n".join(series["recurrence"]), dtstart=first, forceset=True, ignoretz=True)
    for wall in rules.xafter(first - timedelta(seconds=1), inc=True):
        if wall.replace(tzinfo=UTC) > LAST:
            return
        yield _instance(series, wall, wall + (last - first), where, days=days)


def _instance(series: Json, start: datetime, end: datetime, where: Any, *, days: bool) -> Json:
    def time(wall: datetime) -> Json:
        if days:
            return {"date": wall.date().isoformat()}
        return {"dateTime": wall.replace(tzinfo=where).isoformat(), "timeZone": str(where)}

    utc = start.replace(tzinfo=where).astimezone(UTC)
    mark = f"{start:%Y%m%d}" if days else f"{utc:%Y%m%dT%H%M%SZ}"
    kept = {name: value for name, value in series.items() if name not in ("recurrence", "_seq")}
    return {
        **kept,
        "id": f"{series['id']}_{mark}",
        "recurringEventId": series["id"],
        "originalStartTime": time(start),
        "start": time(start),
        "end": time(end),
    }
