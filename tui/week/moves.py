"""Where the cursor can go: pure steps from one place in the week to another."""

from typing import NamedTuple

from tui.week.data import Entry
from tui.week.layout import LANES, Bar, Block
from tui.week.paint import Painter


class Place(NamedTuple):
    """A half hour of a day, and which of the entries that stand side by side there is meant.

    `row` is negative in the all-day strip; -1 is its lowest row.
    """

    day: int
    row: int
    pick: int = 0


def stops(painter: Painter, place: Place) -> list[Block] | list[Bar]:
    """What stands side by side at a place."""
    if place.row >= 0:
        return painter.at(place.day, place.row)
    strip = painter.entries.strip
    lane = place.row + strip.rows
    return [bar for bar in strip.bars if bar.lane == lane and bar.first <= place.day <= bar.last]


def picked(painter: Painter, place: Place) -> Block | Bar | None:
    """The one of them that is meant."""
    found = stops(painter, place)
    return found[min(place.pick, len(found) - 1)] if found else None


def entries_at(painter: Painter, place: Place) -> tuple[Entry, ...]:
    """What opens at a place: nothing, one entry, or those behind a "+n"."""
    found = picked(painter, place)
    if isinstance(found, Block):
        return found.entries
    if isinstance(found, Bar):
        return (found.entry,)
    strip = painter.entries.strip
    if place.row < 0 and place.row + strip.rows == LANES - 1:
        return strip.hidden[place.day]
    return ()


def instant_at(painter: Painter, place: Place) -> int:
    """The instant at which a place starts; of the all-day strip, the start of the day."""
    axis = painter.axis
    instant = axis.instant(place.day, place.row) if place.row >= 0 else None
    return axis.starts[place.day] if instant is None else instant


def settle(painter: Painter, place: Place, step: int = 1) -> Place:
    """The nearest place that exists, looking by `step` (1 or -1) first and then the other way."""
    axis = painter.axis
    day = max(0, min(axis.days - 1, place.day))
    row = max(-painter.entries.strip.rows, min(axis.rows - 1, place.row))
    for way in (step, -step):
        at = row
        while 0 <= at < axis.rows:
            if axis.instant(day, at) is not None:
                return Place(day, at, place.pick)
            at += way
    return Place(day, row, place.pick)


def down(painter: Painter, place: Place, rows: int) -> Place:
    """So many half hours down (or up), over those that the day skips; the same entry if it can."""
    before = picked(painter, place)
    after = settle(painter, Place(place.day, place.row + rows), 1 if rows > 0 else -1)
    found = stops(painter, after)
    return after._replace(pick=found.index(before) if before in found else 0)  # type: ignore[arg-type]


def beside(painter: Painter, place: Place, step: int) -> Place | None:
    """What stands to the right (or left), else the day there; None off the week."""
    pick = min(place.pick, max(0, len(stops(painter, place)) - 1)) + step
    if 0 <= pick < len(stops(painter, place)):
        return place._replace(pick=pick)
    day = place.day + step
    if not 0 <= day < painter.axis.days:
        return None
    there = settle(painter, Place(day, place.row))
    last = max(0, len(stops(painter, there)) - 1)
    return there._replace(pick=last if step < 0 else 0)


def jump(painter: Painter, place: Place, step: int) -> Place | None:
    """The next (or previous) entry of the week; None where there is no other."""
    day = place.day
    while 0 <= day < painter.axis.days:
        found = [
            each
            for each in entry_places(painter, day)
            if (each > place if step > 0 else each < place) or day != place.day
        ]
        if found:
            return found[0] if step > 0 else found[-1]
        day += step
    return None


def entry_places(painter: Painter, day: int) -> list[Place]:
    """The places at which the entries of a day begin, in order."""
    strip = painter.entries.strip
    places = {Place(day, bar.lane - strip.rows) for bar in strip.bars if bar.first == day}
    if strip.hidden[day]:
        places.add(Place(day, -1))
    for row in range(painter.axis.rows):
        for pick, block in enumerate(painter.at(day, row)):
            if (block.top + 1) // 2 == row:
                places.add(Place(day, row, pick))
    return sorted(places)
