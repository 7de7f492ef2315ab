"""Working hours as instants (§2, §7): weekly ranges, overrides that replace them, absence."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from scheduling.events import Span
from scheduling.intervals import merge
from scheduling.pages import WEEKDAYS, Absence, Hours, Override, Page, Schedule
from scheduling.zones import DAY, MINUTE, Zone, parse_date, parse_local, parse_time, weekday, zone


class Ranges(NamedTuple):
    """The ranges of one day, in seconds since 00:00 on the clock; past midnight is over 86,400.

    `plain` is for days without a clock change. In `edges`, the third value tells that the range
    ends with the day (`24:00`), whatever the clock then says.
    """

    plain: tuple[Span, ...]
    edges: tuple[tuple[int, int, bool], ...]


class Plan(NamedTuple):
    """Which ranges hold on which civil day, and in which zone they are to be read.

    The first that says something wins: the page's override, the host's override, the page's own
    weekly hours, the host's weekly hours.
    """

    zone: Zone
    home: Zone
    page_overrides: dict[int, Ranges]
    overrides: dict[int, Ranges]
    weekly: tuple[Ranges, ...]
    weekly_zone: Zone

    def on(self, day: int) -> tuple[Ranges, Zone, bool]:
        """The ranges of `day`, their zone, and whether they are an override."""
        if (ranges := self.page_overrides.get(day)) is not None:
            return ranges, self.zone, True
        if (ranges := self.overrides.get(day)) is not None:
            return ranges, self.home, True
        return self.weekly[weekday(day)], self.weekly_zone, False

    def pieces(self, first: int, last: int) -> list[Span]:
        """The open time of the civil days `first` to `last`, inclusive: sorted, day by day.

        What belongs to one day is merged; what belongs to two may touch or overlap.
        """
        pieces: list[Span] = []
        for day in range(first, last + 1):
            ranges, where, _ = self.on(day)
            if not ranges.plain:
                continue
            offset = where.steady(day)
            if offset is None:
                pieces += _resolve(ranges, where, day)
            else:
                base = day * DAY - offset
                pieces += [(base + start, base + end) for start, end in ranges.plain]
        pieces.sort()
        return pieces


def plan(schedule: Schedule, page: Page | None = None) -> Plan:
    """Whose hours hold when: those of `page` over those of its owner; without a page, the host's.

    Raises:
        KobleError: invalid, for a zone, time or date that does not exist.
    """
    home = zone(schedule.zone)
    if page is None:
        return Plan(home, home, {}, _dated(schedule.overrides), _weekly(schedule.hours), home)
    own = zone(page.zone) if page.zone else home
    return Plan(
        own,
        home,
        _dated(page.overrides),
        _dated(schedule.overrides),
        _weekly(page.hours or schedule.hours),
        own if page.hours else home,
    )


@lru_cache(maxsize=256)
def absent(absences: tuple[Absence, ...], home: Zone) -> list[Span]:
    """The time of `absences`, each in its own zone or else in `home`; sorted and apart."""
    spans = []
    for absence in absences:
        where = zone(absence.zone) if absence.zone else home
        start = where.instant(parse_local(absence.start, field="absences"))
        end = where.instant(parse_local(absence.end, field="absences"), end=True)
        spans.append((start, end))
    return merge(spans)


def _resolve(ranges: Ranges, where: Zone, day: int) -> list[Span]:
    base = day * DAY
    return merge(
        (
            where.instant(base + start),
            where.midnight(day + 1) if closes else where.instant(base + end, end=True),
        )
        for start, end, closes in ranges.edges
    )


@lru_cache(maxsize=256)
def _weekly(hours: tuple[Hours, ...]) -> tuple[Ranges, ...]:
    return tuple(_ranges([(h.start, h.end) for h in hours if day in h.days]) for day in WEEKDAYS)


@lru_cache(maxsize=256)
def _dated(overrides: tuple[Override, ...]) -> dict[int, Ranges]:
    return {parse_date(o.date, field="overrides"): _ranges(o.ranges) for o in overrides}


def _ranges(texts: Sequence[tuple[str, str]]) -> Ranges:
    edges = []
    for start_text, end_text in texts:
        start = parse_time(start_text) * MINUTE
        end = parse_time(end_text, end=True) * MINUTE
        closes = end == DAY
        edges.append((start, end if end > start else end + DAY, closes))
    return Ranges(tuple(merge((start, end) for start, end, _ in edges)), tuple(edges))
