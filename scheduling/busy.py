"""From events to time that is taken (§6): what blocks, when each occurrence is, what it keeps."""

from collections.abc import Iterable, Mapping

from scheduling.bookings import Busy
from scheduling.events import (
    Blocking,
    BusyMatrix,
    Event,
    EventKind,
    Occurrence,
    Response,
    Show,
    Span,
)
from scheduling.zones import DAY, FIRST, LAST, Zone

_LENIENT = (Blocking.NO, Blocking.SOFT, Blocking.HARD)


def blocking(event: Event, matrix: BusyMatrix) -> Blocking:
    """What `event` does to offers: cancelled, nothing; else what its `deciding_row` says."""
    how: Blocking = Blocking.NO if event.cancelled else getattr(matrix, deciding_row(event, matrix))
    return how


def deciding_row(event: Event, matrix: BusyMatrix) -> str:
    """The name of the row of `matrix` that decides what `event` does to offers.

    The rows for declined ones, working locations and birthdays decide alone. Otherwise the most
    lenient of the rows that apply decides, and the row of plain busy events only where no other
    applies.
    """
    if event.response is Response.DECLINED:
        return "declined"
    if event.kind is EventKind.LOCATION:
        return "location"
    if event.kind is EventKind.BIRTHDAY:
        return "birthday"
    rows = []
    if event.kind is EventKind.AWAY or event.show is Show.AWAY:
        rows.append("away")
    elif event.show is Show.BUSY and event.all_day:
        rows.append("all_day")
    if event.show is Show.FREE:
        rows.append("free")
    if event.show is Show.ELSEWHERE:
        rows.append("elsewhere")
    if event.show is Show.TENTATIVE or event.response is Response.TENTATIVE:
        rows.append("tentative")
    if event.response is Response.UNANSWERED:
        rows.append("unanswered")
    if not rows:
        return "busy"
    return min(rows, key=lambda name: _LENIENT.index(getattr(matrix, name)))


def occurrences(events: Iterable[Event], span: Span, where: Zone) -> list[Occurrence]:
    """The occurrences of `events` that overlap `span`, by start, then end.

    All-day events last from the first instant of their first day to the first instant after their
    last, in the schedule's zone `where`; floating ones are at their wall time there. An event
    without length overlaps the span that it lies in; one without end lasts for as long as clocks
    can be asked.
    """
    low, high = span
    # Wall time and instants are never a day apart; most spans of a series are far from this one.
    before, after = low - 2 * DAY, high + DAY
    found = []
    for event in events:
        wall = event.all_day or event.floating
        for start, end in [each for each in event.spans if each[0] < after and each[1] > before]:
            # Where there is no beginning or no end, some programs write the year 1 or 9999.
            start, end = max(start, FIRST), min(end, LAST)
            if wall:
                start, end = _instants(event, start, end, where)
            if start < high and (end > low or start == end >= low):
                found.append(Occurrence(start, end, event))
    found.sort(key=lambda each: (each.start, each.end))
    return found


def busy(
    occurrences: Iterable[Occurrence],
    matrices: Mapping[str, BusyMatrix],
    names: Mapping[str, str] | None = None,
) -> tuple[Busy, ...]:
    """The time that `occurrences` take, in their order.

    `matrices` holds what counts as busy, by calendar id, for conflict calendars only: events of
    other calendars take no time. `names` are the calendars' names, for `explain`. `event_id` is
    the calendar's own name of the event, as in `Booking`.
    """
    names = names or {}
    rows: dict[str, Blocking] = {}
    taken = []
    for each in occurrences:
        event = each.event
        matrix = matrices.get(event.calendar)
        if matrix is None or each.start >= each.end:
            continue
        row = rows.get(event.id)
        if row is None:
            row = rows[event.id] = blocking(event, matrix)
        if row is not Blocking.NO:
            taken.append(
                Busy(
                    start=each.start,
                    end=each.end,
                    blocking=row,
                    title=event.title,
                    calendar=names.get(event.calendar, ""),
                    event_id=event.resource,
                )
            )
    return tuple(taken)


def _instants(event: Event, start: int, end: int, where: Zone) -> Span:
    if event.all_day:
        first = start // DAY
        return where.midnight(first), where.midnight(max(end // DAY, first + 1))
    begin = where.instant(start)
    return begin, max(begin, where.instant(end, end=True)) if end > start else begin
