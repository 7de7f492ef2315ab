"""A rehearsal of the next changes of clocks: what a page offers on both sides of each."""

from collections.abc import Sequence

import msgspec

from scheduling.guests import by_day
from scheduling.offers import Host, Offer, State, offer
from scheduling.pages import Page, Schedule
from scheduling.zones import Zone, zone

AROUND = 7
"""Days before and after a change in which the nearest day with times is looked for."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """One change of clocks: of which zone, at which instant, from and to which offset (seconds).

    `days` are the last day of the page before it, the day itself and the first one after, as far
    as the page's hours hold times then; each with all of them.
    """

    zone: str
    at: int
    before: int
    after: int
    days: tuple[tuple[int, tuple[Offer, ...]], ...]


def rehearse(
    page: Page, schedule: Schedule, now: int, guests: Sequence[str] = (), *, changes: int = 2
) -> list[Night]:
    """The next `changes` of clocks in the page's zone, and in each guest's, by time.

    Hours alone count: what is taken, notice and windows are left out, and whether the page is
    switched on, so that it shows the same on both sides but for the clocks.
    """
    page = msgspec.structs.replace(page, enabled=True)
    own = zone(page.zone or schedule.zone)
    found: dict[tuple[int, str], Zone] = {}
    for where in dict.fromkeys([own, *(zone(name) for name in guests)]):
        after = now
        for _number in range(changes):
            at = where.next_change(after)
            if at is None:
                break
            found[at, where.name] = where
            after = at
    return [
        _night(page, schedule, own, at, where)
        for (at, _name), where in sorted(found.items(), key=lambda each: each[0])
    ]


def _night(page: Page, schedule: Schedule, own: Zone, at: int, where: Zone) -> Night:
    day = own.day(at)
    low, high = own.midnight(day - AROUND), own.midnight(day + AROUND + 1)
    hours = msgspec.structs.replace(schedule, absences=())
    held = by_day(
        offer(page, State(hosts=(Host(schedule=hours),), as_host=True), (low, high), low), own
    )
    before = max((each for each in held if each < day), default=None)
    after = min((each for each in held if each > day), default=None)
    days = [each for each in (before, day, after) if each is not None and each in held]
    return Night(
        zone=where.name,
        at=at,
        before=where.offset(at - 1),
        after=where.offset(at),
        days=tuple((each, tuple(held[each])) for each in days),
    )
