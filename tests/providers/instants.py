"""Times as tests write and compare them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from scheduling.events import Event, Span


def at(text: str) -> int:
    """UTC seconds of an ISO instant, such as `2026-06-01T07:00Z`."""
    return int(datetime.fromisoformat(text).timestamp())


HORIZON: Span = (at("2026-01-01T00:00Z"), at("2027-10-01T00:00Z"))


def told(events: Iterable[Event]) -> list[str]:
    """Every occurrence as a line: uid, start, length, and what is special about it."""
    lines = []
    for event in events:
        marks = {
            "series": event.recurring,
            "all-day": event.all_day,
            "floating": event.floating,
            "cancelled": event.cancelled,
            "uncertain": bool(event.uncertain),
        }
        said = "".join(f" {mark}" for mark in sorted(marks) if marks[mark])
        for start, end in event.spans:
            minutes = (end - start) // 60
            length = f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
            moment = datetime.fromtimestamp(start, UTC)
            lines.append(f"{event.uid} {moment:%Y-%m-%dT%H:%MZ}/{length}{said}")
    return sorted(lines)
