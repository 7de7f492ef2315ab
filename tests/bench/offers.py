"""Offers of a page: 60 days, 30 minutes, step 15, both buffers, one change of clocks.

The goals are absolute, for a machine of two cores. The first question about new data pays for
sorting and merging it once; what is measured is every question after that, as a page that is
edited, a guest who looks on, or a booking check ask it. The first one is measured beside it.
"""

import random
from collections.abc import Callable
from statistics import median
from time import perf_counter

from scheduling.bookings import Busy
from scheduling.offers import Host, Offer, State, offer
from scheduling.pages import Hours, Page, Schedule
from scheduling.zones import parse_date, zone
from tests.scheduling import reference

ZONE = zone("Europe/Oslo")
FIRST = parse_date("2026-09-21")
SPAN = ZONE.midnight(FIRST), ZONE.midnight(FIRST + 60)
NOW = SPAN[0]
PAGE = Page(name="intro", durations=(30,), step=15, buffer_before=10, buffer_after=5)
SCHEDULE = Schedule(
    zone=ZONE.name, hours=(Hours(("mon", "tue", "wed", "thu", "fri"), "09:00", "17:00"),)
)
GOALS = {100: (0.4, 0.8), 1_000: (0.5, 2.0), 10_000: (1.2, 10.0)}
"""Most milliseconds: of a question, and of the first one about new data."""


def busy_times(count: int) -> tuple[Busy, ...]:
    """Events of 5 to 60 minutes all over the 60 days; the more there are, the more coincide."""
    chance = random.Random(count)
    places = [chance.randrange(SPAN[0], SPAN[1], 300) for _ in range(min(count, 700))]
    found = []
    for number in range(count):
        start = chance.choice(places)
        end = start + chance.randint(1, 12) * 300
        found.append(Busy(start=start, end=end, title=f"Event {number}", calendar="Work"))
    return tuple(sorted(found, key=lambda each: each.start))


def milliseconds(job: Callable[[], object], rounds: int = 9) -> float:
    taken = []
    for _ in range(rounds):
        begun = perf_counter()
        job()
        taken.append(perf_counter() - begun)
    return median(taken) * 1_000


def ask(state: State) -> list[Offer]:
    return offer(PAGE, state, SPAN, NOW)


def fresh(busy: tuple[Busy, ...]) -> State:
    return State(hosts=(Host(schedule=SCHEDULE, busy=busy),))


def rows(count: int, goal: float, first: float) -> list[tuple[str, float, str, float]]:
    """What is measured with so many events, after a check that the answer is right."""
    busy = busy_times(count)
    state = fresh(busy)
    expected = reference.starts(PAGE, state, SPAN, NOW, 30)
    assert expected
    assert [each.start for each in ask(state)] == expected
    reference.forget()
    name = f"offers, {count:,} busy"
    return [
        (name, milliseconds(lambda: ask(state)), "ms", goal),
        (f"{name}, first question", milliseconds(lambda: ask(fresh(busy))), "ms", first),
    ]


def run() -> list[tuple[str, float, str, float]]:
    """What was measured: name, value, unit, goal."""
    return [row for count, goals in GOALS.items() for row in rows(count, *goals)]


if __name__ == "__main__":
    for name, value, unit, goal in run():
        print(f"{name:40} {value:8.3f} {unit}   goal {goal}")
