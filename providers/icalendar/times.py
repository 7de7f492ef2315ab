"""When an event is: its start and length, in wall time, and the instants that follow from them."""

from collections.abc import Mapping

import msgspec

from providers.icalendar import zones
from providers.icalendar.lines import DAY, Component, Unreadable, duration, split, stamp
from scheduling.events import Span
from scheduling.text import clean
from words import Phrase

_GUESS = 3_600
"""Seconds that an event takes whose end cannot be read."""


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A DATE or DATE-TIME: wall seconds in a zone (UTC stands in for none)."""

    wall: int
    kind: str
    """`date`, `floating` or `zoned`."""
    zone: zones.Zone
    doubt: str = ""
    """Why the zone is a guess."""


class Length(msgspec.Struct, frozen=True, gc=False):
    """How long: seconds of wall time, and seconds that every clock counts (DURATION in hours)."""

    wall: int = 0
    exact: int = 0


class When(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The time of one VEVENT; of a series, the time of its first occurrence."""

    start: int
    length: Length
    kind: str
    zone: zones.Zone
    doubt: str = ""

    def span(self, wall: int, length: Length | None = None) -> Span:
        """The occurrence that starts at `wall`: UTC seconds, or wall time where there is no zone.

        An event ends when clocks show its end, also where they were changed in between: a night
        from 22 to 6 stays one.
        """
        length = length or self.length
        start = self.zone.utc(wall)
        end = self.zone.utc(wall + length.wall) + length.exact
        return start, end if end > start else start + length.wall + length.exact

    def place(self, moment: Moment) -> int:
        """Where another moment lies in this event's wall time; a date stays a date."""
        if self.kind == "date":
            return moment.wall - moment.wall % DAY
        if moment.kind != "zoned" or self.kind != "zoned" or moment.zone is self.zone:
            return moment.wall
        return self.zone.wall(moment.zone.utc(moment.wall))


class Clocks(msgspec.Struct, frozen=True):
    """The zones of one VCALENDAR: its definitions, and the one that it names as its own."""

    definitions: Mapping[str, Component]
    default: zones.Zone | None = None
    unknown: str = ""
    """The name of its own zone, where nobody knows that."""

    def moment(self, rest: str) -> Moment:
        """A time property's first value.

        Raises:
            Unreadable: there is no such day or hour.
        """
        return self.value(*timed(rest))

    def value(self, parameters: Mapping[str, str], value: str) -> Moment:
        """One value of a time property with these parameters.

        Raises:
            Unreadable: there is no such day or hour.
        """
        wall, kind = stamp(value)
        if kind == "date":
            return Moment(wall, "date", zones.UTC_ZONE)
        if kind == "utc":
            if self.default is None:
                return Moment(wall, "zoned", zones.UTC_ZONE)
            # Calendars with X-WR-TIMEZONE mean wall time there, and write it in UTC.
            return Moment(self.default.wall(wall), "zoned", self.default)
        name = parameters.get("TZID", "")
        zone, certain = zones.find(name, self.definitions) if name else (None, True)
        zone = zone or self.default
        if zone is None:
            name = name or self.unknown
            if not name:
                return Moment(wall, "floating", zones.UTC_ZONE)
            why = Phrase("Its time zone {zone} is not known.", zone=clean(name, limit=60))
            return Moment(wall, "floating", zones.UTC_ZONE, str(why))
        if certain:
            return Moment(wall, "zoned", zone)
        why = Phrase(
            "Only the offset of its time zone {zone} is known.", zone=clean(name, limit=60)
        )
        return Moment(wall, "zoned", zone, str(why))

    def when(self, component: Component) -> When:
        """The time of one VEVENT.

        Raises:
            Unreadable: it has no start, or one that does not exist.
        """
        found = component.properties
        starts = found.get("DTSTART")
        if not starts:
            raise Unreadable(Phrase("it has no start"))
        first = self.moment(starts[0])
        start, zone, doubt = first.wall, first.zone, first.doubt
        if len(starts) > 1 and len(set(starts)) > 1:
            doubt = doubt or str(Phrase("It has two starts; the first is taken."))
        try:
            length = self._length(found, first)
        except Unreadable as error:
            # Its time is taken all the same; how much of it is a guess.
            length = Length(_GUESS)
            doubt = doubt or str(Phrase("Its end is not known: {why}.", why=error.phrase))
        total = length.wall + length.exact
        if total < 0:
            doubt = doubt or str(Phrase("It ends before it starts."))
            start, length = start + total, Length(-total)
        if first.kind == "date":
            # Some programs end a day's event on the day itself, or at an hour of it.
            days = max(-(-abs(total) // DAY), 1)
            length = Length(days * DAY)
            start -= start % DAY
        return When(start=start, length=length, kind=first.kind, zone=zone, doubt=doubt)

    def _length(self, found: Mapping[str, list[str]], first: Moment) -> Length:
        if "DTEND" in found:
            end = self.moment(found["DTEND"][0])
            wall = end.wall
            if end.zone is not first.zone and end.kind == first.kind == "zoned":
                wall = first.zone.wall(end.zone.utc(end.wall))
            if end.kind == "date" and wall <= first.wall < wall + DAY:
                wall += DAY  # a day as the end of an hour on it: the whole day is meant
            return Length(wall - first.wall)
        if "DURATION" in found:
            days, seconds = duration(split(found["DURATION"][0])[1])
            return Length(days * DAY, seconds)
        return Length()


def timed(rest: str) -> tuple[dict[str, str], str]:
    """The parameters and the value of a time property, as `split` has them.

    Outlook's names of zones hold a colon, "(UTC+01:00) Paris", and some programs do not quote it.
    """
    parameters, value = split(rest)
    name = parameters.get("TZID", "")
    if "(" in name and ")" not in name:
        end = value.find(":", value.find(")") + 1)
        parameters["TZID"], value = f"{name}:{value[: max(end, 0)]}", value[end + 1 :]
    return parameters, value
