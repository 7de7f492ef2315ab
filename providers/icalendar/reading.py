"""One resource's bytes to events (§6): series as a whole, and every event on its own feet."""

import re
from collections import Counter
from collections.abc import Collection
from hashlib import blake2s

import msgspec

from providers.base import Problem
from providers.events import left_out, named, within
from providers.icalendar import recurrence, zones
from providers.icalendar.lines import DAY, Component, Unreadable, duration, parse, split, stamp
from providers.icalendar.looks import looks
from providers.icalendar.series import DATES, Item, Part, parts
from providers.icalendar.times import Clocks, timed
from scheduling.events import Event, Show, Span
from scheduling.text import clean
from words import Phrase

_HONEST, _MOST = 1_500, 5 * recurrence.STEPS
"""Steps that each event brings to what its resource may spend, and how many may be saved up."""
OCCURRENCES = 1_000_000
"""So many are kept of one resource; after that, of each series the first one only."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one resource.

    `complete` is False where the text was cut off or is no calendar at all: then `events` are what
    could be read, and nothing may be deleted because it is not among them.
    """

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True


def read(
    data: bytes,
    *,
    calendar: str,
    resource: str,
    etag: str,
    horizon: Span,
    me: Collection[str] = (),
) -> Reading:
    """The events of one resource, with their occurrences that touch `horizon` (UTC seconds).

    `me` are the owner's addresses: by them their answer to an invitation is found. An event whose
    every occurrence lies outside the horizon is left out. Nothing is raised for anything that
    `data` may hold.
    """
    root, complete = parse(data)
    mine = frozenset(address.casefold() for address in me)
    reader = _Reader(calendar, resource, etag, horizon, mine)
    for each in root.components:
        if each.name == "VCALENDAR":
            reader.calendar(each)
    reader.calendar(root)  # events with no calendar round them
    if not complete:
        reader.report(Phrase("{file} is cut off, or is no calendar.", file=clean(resource)))
    return Reading(events=tuple(reader.events), problems=tuple(reader.problems), complete=complete)


class _Reader:
    """Gathers events and problems while one resource is read."""

    def __init__(
        self, calendar: str, resource: str, etag: str, horizon: Span, me: frozenset[str]
    ) -> None:
        self.events: list[Event] = []
        self.problems: list[Problem] = []
        self._calendar = calendar
        self._resource = resource
        self._etag = etag
        self._horizon = horizon
        self._me = me
        self._budget = recurrence.Budget(2 * recurrence.STEPS)
        self._room = OCCURRENCES
        self._ids: Counter[str] = Counter()

    def report(self, phrase: Phrase) -> None:
        """Note something that could not be read."""
        self.problems.append(Problem(self._resource, str(phrase)))

    def calendar(self, calendar: Component) -> None:
        """Read every event of one VCALENDAR."""
        definitions = zones.definitions(calendar)
        name = calendar.value("X-WR-TIMEZONE").strip()
        zone = zones.find(name, definitions)[0] if name else None
        clocks = Clocks(definitions, zone, "" if zone else name)
        cancelled = calendar.value("METHOD").strip().upper() == "CANCEL"
        by_uid: dict[str, list[Item]] = {}
        for each in calendar.components:
            try:
                if each.name == "VEVENT":
                    if not each.whole:
                        self.report(
                            Phrase(
                                "{event} has no end in the file.",
                                event=_named(each),
                            )
                        )
                    item = _item(each, clocks)
                    by_uid.setdefault(item.uid or f"\n{len(by_uid)}", []).append(item)
                elif each.name == "VFREEBUSY":
                    self._free_busy(each)
            except (ValueError, OverflowError) as error:
                self._left_out(each, error)
        for items in by_uid.values():
            # Whatever those before it took, an honest series has enough.
            steps = min(self._budget.steps + len(items) * _HONEST, _MOST)
            self._budget.steps = steps if self._room > 0 else 0
            try:
                for part in self._parts(items):
                    self._add(part, cancelled)
            except (ValueError, OverflowError) as error:
                self._left_out(items[0].component, error)

    def _left_out(self, component: Component, error: Exception) -> None:
        why = error.phrase if isinstance(error, Unreadable) else Phrase("its time makes no sense")
        self.report(left_out(component.value("SUMMARY"), why))

    def _parts(self, items: list[Item]) -> list[Part]:
        """What all VEVENTs of one uid come to. Of several versions the newest counts."""
        if len(items) == 1 and not items[0].repeats:
            return [self._single(items[0])]
        masters = [each for each in items if each.replaces is None]
        newest = max((each.sequence for each in masters), default=0)
        masters = [each for each in masters if each.sequence == newest]
        versions: dict[tuple[int, str], Item] = {}
        for each in items:
            if each.replaces is not None:
                key = each.replaces.zone.utc(each.replaces.wall), each.replaces.kind
                if key not in versions or each.sequence >= versions[key].sequence:
                    versions[key] = each
        apart = list(versions.values())
        found = []
        for master in masters:
            if master.repeats:
                found += parts(master, apart, self._horizon, self._budget)
                apart = []
            else:
                found.append(self._single(master))
        return found + [self._single(each) for each in apart]

    def _single(self, item: Item) -> Part:
        spans = within(
            [item.when.span(item.when.start)], self._horizon, wall=item.when.kind != "zoned"
        )
        return Part(item=item, spans=spans)

    def _add(self, part: Part, cancelled: bool) -> None:
        item, when = part.item, part.item.when
        for doubt in filter(None, (part.doubt, when.doubt)):
            self.report(Phrase("{event}: {why}", event=_named(item.component), why=doubt))
        if not part.spans:
            return
        self._room -= len(part.spans)
        look = looks(item.component, self._me)
        self.events.append(
            Event(
                id=self._id(part),
                calendar=self._calendar,
                resource=self._resource,
                etag=self._etag,
                uid=clean(item.uid),
                spans=part.spans,
                all_day=when.kind == "date",
                floating=when.kind == "floating",
                zone=when.zone.name if when.kind == "zoned" else "",
                recurring=item.repeats or item.replaces is not None,
                uncertain=when.doubt or part.doubt,
                title=look.title,
                show=look.show,
                response=look.response,
                kind=look.kind,
                cancelled=cancelled or look.cancelled,
                private=look.private,
                location=look.location,
                description=look.description,
                organizer=look.organizer,
                attendees=look.attendees,
                link=look.link,
            )
        )

    def _id(self, part: Part) -> str:
        """The resource's name for its (first) master; with a mark for what stands beside it."""
        replaces = part.item.replaces
        if replaces is None and not self._ids:
            text = ""
        else:
            instant = replaces.zone.utc(replaces.wall) if replaces else ""
            text = f"{part.item.uid}\n{instant}\n{part.onwards}"
        return self._marked(text)

    def _marked(self, text: str) -> str:
        number = self._ids[text]
        self._ids[text] += 1
        if not text:
            return self._resource
        text = f"{text}\n{number}"
        mark = blake2s(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
        return f"{self._resource}#{mark}"

    def _free_busy(self, component: Component) -> None:
        """The periods of a VFREEBUSY: time that someone else says is taken, and nothing more."""
        spans: dict[Show, list[Span]] = {}
        left = DATES
        for rest in component.properties.get("FREEBUSY", ()):
            parameters, values = split(rest)
            show = _FREE_BUSY.get(parameters.get("FBTYPE", "BUSY").upper(), Show.BUSY)
            if show is Show.FREE:
                continue
            periods = values.split(",")
            for value in periods[:left]:
                try:
                    spans.setdefault(show, []).append(_period(value))
                except Unreadable as error:
                    self._left_out(component, error)
            left -= min(len(periods), left)
        doubt = "" if left else str(Phrase("It holds more busy times than koble follows."))
        if doubt:
            self.report(Phrase("{event}: {why}", event=_named(component), why=doubt))
        for show, found in spans.items():
            inside = within(found, self._horizon, wall=False)
            if inside:
                self.events.append(
                    Event(
                        id=self._marked(f"\n{show}"),
                        calendar=self._calendar,
                        resource=self._resource,
                        etag=self._etag,
                        uid=clean(component.value("UID")),
                        spans=inside,
                        zone="UTC",
                        uncertain=doubt,
                        show=show,
                    )
                )


_FREE_BUSY = {
    "FREE": Show.FREE,
    "BUSY-TENTATIVE": Show.TENTATIVE,
    "BUSY-UNAVAILABLE": Show.AWAY,
}


def _period(value: str) -> Span:
    start_text, _, end_text = value.partition("/")
    start = stamp(start_text)[0]
    if end_text.strip().upper().startswith("P"):
        days, seconds = duration(end_text)
        return start, max(start, start + days * DAY + seconds)
    return start, max(start, stamp(end_text)[0])


def _named(component: Component) -> Phrase | str:
    return named(component.value("SUMMARY"))


def _item(component: Component, clocks: Clocks) -> Item:
    found = component.properties
    replaces, onwards = None, False
    if "RECURRENCE-ID" in found:
        parameters, value = timed(found["RECURRENCE-ID"][0])
        replaces = clocks.value(parameters, value)
        onwards = parameters.get("RANGE", "").upper() == "THISANDFUTURE"
    sequence = component.value("SEQUENCE").strip()
    return Item(
        component=component,
        clocks=clocks,
        when=clocks.when(component),
        uid=component.value("UID").strip(),
        sequence=int(sequence) if re.fullmatch(r"\d{1,9}", sequence, re.ASCII) else 0,
        replaces=replaces,
        onwards=onwards,
    )


def uids(data: bytes) -> set[str]:
    """The uids of the events in one resource, as they are written there."""
    root, _ = parse(data)
    return {
        each.value("UID").strip()
        for calendar in root.components
        for each in calendar.components
        if each.name == "VEVENT"
    }


def calendar_name(data: bytes) -> str:
    """The name that a calendar gives itself, cleaned; empty where it has none."""
    root, _ = parse(data)
    names = (
        clean(each.value(name), limit=100)
        for each in root.components
        for name in ("NAME", "X-WR-CALNAME")
    )
    return next(filter(None, names), "")
