"""The occurrences of a series (RFC 5545 §3.8.5): rules and dates, less exceptions and overrides."""

from bisect import bisect_left, bisect_right

import msgspec

from providers.events import within
from providers.icalendar import recurrence
from providers.icalendar.lines import DAY, Component, Unreadable, duration, split, stamp
from providers.icalendar.times import Clocks, Length, Moment, When, timed
from scheduling.events import Span
from words import Phrase

OCCURRENCES = 20_000
"""So many one series may have within the horizon; one every hour for two years is fewer."""
RULES = 20
"""So many rules one series may have; nobody was seen to write two."""
DATES = 50_000
"""So many dates of its own, and so many exceptions, are read of one series."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One VEVENT that could be understood."""

    component: Component
    clocks: Clocks
    when: When
    uid: str
    sequence: int = 0
    replaces: Moment | None = None
    """The occurrence that it stands for (RECURRENCE-ID)."""
    onwards: bool = False
    """It stands for all later ones as well (THISANDFUTURE)."""

    @property
    def repeats(self) -> bool:
        """Whether it has a rule or dates of its own."""
        return "RRULE" in self.component.properties or "RDATE" in self.component.properties


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Occurrences that look like `item`. `doubt` says why there may be more of them."""

    item: Item
    spans: tuple[Span, ...]
    doubt: str = ""
    onwards: bool = False
    """These are the later ones that follow a THISANDFUTURE."""


def parts(master: Item, apart: list[Item], horizon: Span, budget: recurrence.Budget) -> list[Part]:
    """What a master and the overrides of its occurrences come to within `horizon`."""
    when = master.when
    dates = _Dates(master, horizon, budget)
    placed = [
        (wall, item)
        for item in apart
        if item.replaces and not dates.excludes(wall := when.place(item.replaces))
    ]
    followed = sorted(
        ((wall, item) for wall, item in placed if item.onwards), key=lambda each: each[0]
    )
    # How far each moves what follows it, in its own wall time.
    shifts = [
        item.when.start - item.when.place(item.replaces) for _, item in followed if item.replaces
    ]
    taken = {wall for wall, item in placed if item.replaces and item.replaces.kind != "date"}
    taken_days = {
        wall // DAY for wall, item in placed if item.replaces and item.replaces.kind == "date"
    }

    starts = dates.starts(widest=max(map(abs, shifts), default=0))
    if placed:
        starts = [w for w in starts if w not in taken and w // DAY not in taken_days]
    later: list[list[Span]] = [[] for _ in followed]
    turns = [wall for wall, _ in followed]
    before = bisect_left(starts, turns[0]) if turns else len(starts)
    mine = [when.span(wall, dates.lengths.get(wall)) for wall in starts[:before]]
    for wall in starts[before:]:
        index = bisect_right(turns, wall) - 1
        moved = followed[index][1].when
        place = moved.place(Moment(wall, when.kind, when.zone))
        later[index].append(moved.span(place + shifts[index]))
    found = [
        Part(item=master, spans=within(mine, horizon, wall=when.kind != "zoned"), doubt=dates.doubt)
    ]
    for _, item in placed:
        spans = [item.when.span(item.when.start)]
        found.append(Part(item=item, spans=within(spans, horizon, wall=item.when.kind != "zoned")))
    for (_, item), spans in zip(followed, later, strict=True):
        found.append(
            Part(
                item=item,
                spans=within(spans, horizon, wall=item.when.kind != "zoned"),
                doubt=dates.doubt,
                onwards=True,
            )
        )
    return found


class _Dates:
    """A master's recurrence set, before overrides. `doubt` is known once `starts` was called."""

    def __init__(self, master: Item, horizon: Span, budget: recurrence.Budget) -> None:
        self.lengths: dict[int, Length] = {}
        self.doubt = ""
        self._master = master
        self._when = master.when
        self._horizon = horizon
        self._budget = budget
        self._excluded: set[int] = set()
        self._excluded_days: set[int] = set()
        for moment, _ in self._listed("EXDATE"):
            wall = self._when.place(moment)
            if moment.kind == "date":
                self._excluded_days.add(wall // DAY)
            else:
                self._excluded.add(wall)

    def excludes(self, wall: int) -> bool:
        """Whether an EXDATE names this occurrence, or its day."""
        return wall in self._excluded or wall // DAY in self._excluded_days

    def starts(self, *, widest: int) -> list[int]:
        """The wall times at which occurrences start, some outside the horizon among them.

        `widest`: so far overrides move what follows them.
        """
        when = self._when
        longest = when.length.wall + when.length.exact
        dates = []
        for moment, length in self._listed("RDATE"):
            wall = when.place(moment)
            if moment.kind == "date" and when.kind != "date":
                wall += when.start % DAY
            dates.append(wall)
            if length is not None:
                self.lengths[wall] = length
        margin = widest + 2 * DAY
        span = self._horizon[0] - longest - margin, self._horizon[1] + margin
        rules = self._rules("RRULE")
        ends = [self._until(rule) for rule in rules]
        found = set(dates)
        # The start belongs to the set even where it does not fit the rule.
        if None in ends or not ends or max(end for end in ends if end is not None) >= when.start:
            found.add(when.start)
        found |= self._expanded(rules, span)
        found -= self._expanded(self._rules("EXRULE"), span)
        found -= self._excluded
        starts = sorted(found)
        if self._excluded_days:
            starts = [wall for wall in starts if wall // DAY not in self._excluded_days]
        if len(starts) > OCCURRENCES:
            del starts[OCCURRENCES:]
            self._cut()
        return starts

    def _expanded(self, rules: list[recurrence.Rule], span: Span) -> set[int]:
        found: set[int] = set()
        for rule in rules:
            walls, whole = recurrence.expand(
                rule, self._when.start, span, until=self._until(rule), budget=self._budget
            )
            found.update(walls)
            if not whole:
                self._cut()
        return found

    def _cut(self) -> None:
        self.doubt = str(
            Phrase("It repeats more often than koble follows; the later times are not known.")
        )

    def _rules(self, name: str) -> list[recurrence.Rule]:
        rules: list[recurrence.Rule] = []
        for rest in self._master.component.properties.get(name, ()):
            if len(rules) == RULES:
                self._cut()
                break
            try:
                rule = recurrence.parse(split(rest)[1])
                self._until(rule)
            except Unreadable as error:
                self.doubt = str(Phrase("How it repeats is not known: {why}.", why=error.phrase))
            else:
                rules.append(rule)
        return rules

    def _until(self, rule: recurrence.Rule) -> int | None:
        """The last wall time that UNTIL allows; a date counts to its end."""
        if not rule.until:
            return None
        wall, kind = stamp(rule.until)
        if self._when.kind == "date":
            return wall
        if kind == "date":
            return wall + DAY - 1
        return self._when.zone.wall(wall) if kind == "utc" else wall

    def _listed(self, name: str) -> list[tuple[Moment, Length | None]]:
        """The values of RDATE and EXDATE; a period comes with its own length."""
        found: list[tuple[Moment, Length | None]] = []
        for rest in self._master.component.properties.get(name, ()):
            parameters, values = timed(rest)
            for value in values.split(","):
                if not value.strip():
                    continue
                if len(found) == DATES:
                    self._cut()
                    return found
                start, _, end = value.partition("/")
                try:
                    moment = self._master.clocks.value(parameters, start)
                    found.append((moment, self._length(moment, parameters, end) if end else None))
                except Unreadable as error:
                    self.doubt = str(
                        Phrase("How it repeats is not known: {why}.", why=error.phrase)
                    )
        return found

    def _length(self, start: Moment, parameters: dict[str, str], end: str) -> Length:
        if end.strip().upper().startswith(("P", "+P")):
            days, seconds = duration(end)
            return Length(days * DAY, seconds)
        moment = self._master.clocks.value(parameters, end)
        return Length(max(self._when.place(moment) - self._when.place(start), 0))
