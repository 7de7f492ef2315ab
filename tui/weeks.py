"""From what the desk says about a span of time to what the week shows of it."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from scheduling.bookings import BookingState
from scheduling.events import Blocking, Occurrence, Span
from scheduling.hours import absent, plan
from scheduling.pages import WEEKDAYS, Schedule, Weekday
from scheduling.zones import EPOCH, zone
from tui.week.data import Entry, WeekData, of_absence, of_occurrence, of_request
from words import _

if TYPE_CHECKING:
    from desk.calendars import Agenda
    from desk.calendars import Entry as Found

DAYS = 7


class Week(NamedTuple):
    """A week as it was read, and as it is shown."""

    agenda: "Agenda"
    data: WeekData

    def found(self, entry: Entry) -> "Found | None":
        """What `entry` of the week was made from, as the desk knows it."""
        for each in self.agenda.entries:
            source = entry.source
            if isinstance(source, Occurrence):
                if each.event is not None and (each.start, each.event.id) == (
                    source.start,
                    source.event.id,
                ):
                    return each
            elif source is not None and each.booking is not None and each.booking.id == source.id:
                return each
        return None


def first_day(day: date, week_start: Weekday = "mon") -> date:
    """The first day of the week that `day` lies in."""
    return day - timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % DAYS)


def span_of(first: date, days: int, zone_name: str) -> Span:
    """The instants of `days` civil days from `first`."""
    where = zone(zone_name)
    number = (first - EPOCH).days
    return where.midnight(number), where.midnight(number + days)


def today(now: int, zone_name: str) -> date:
    """The civil day of `now`."""
    return EPOCH + timedelta(days=zone(zone_name).day(now))


def week_of(
    agenda: "Agenda", first: date, schedule: Schedule, now: int, second_zone: str = ""
) -> Week:
    """The week from `first`, in the agenda's zone, with the host's hours and absences in it."""
    entries = [entry_of(each) for each in agenda.entries]
    home = zone(schedule.zone)
    for absence in schedule.absences:
        entries += [
            of_absence(span, absence.title or _("Away"))
            for span in absent((absence,), home)
            if span[0] < agenda.end and agenda.start < span[1]
        ]
    number = (first - EPOCH).days
    data = WeekData(
        first_day=first,
        days=DAYS,
        zone=agenda.zone,
        now=now,
        entries=entries,
        hours=plan(schedule).pieces(number, number + DAYS - 1),
        second_zone=second_zone,
    )
    return Week(agenda, data)


def entry_of(found: "Found") -> Entry:
    """How one thing of an agenda is drawn; what koble booked carries its guest."""
    booking, event = found.booking, found.event
    if event is None:
        assert booking is not None  # noqa: S101 - an entry has the one or the other
        if booking.state is BookingState.REQUESTED:
            return of_request(booking)
        return Entry(
            start=found.start,
            end=found.end,
            title=found.title,
            blocking=found.blocking,
            booked=True,
            source=booking,
        )
    colour = found.calendar.color if found.calendar else ""
    return of_occurrence(
        Occurrence(found.start, found.end, event),
        found.blocking,
        booked=booking is not None,
        colour=colour,
    )


def busy_days(agenda: "Agenda") -> frozenset[date]:
    """The civil days on which something lies that blocks, for the small month."""
    where = zone(agenda.zone)
    return frozenset(
        EPOCH + timedelta(days=day)
        for each in agenda.entries
        if each.blocking is not Blocking.NO
        for day in range(where.day(each.start), where.day(max(each.start, each.end - 1)) + 1)
    )


def next_meeting(agenda: "Agenda", now: int) -> "Found | None":
    """What comes next: the first timed thing that blocks, is no request, and has not begun."""
    for each in agenda.entries:
        waits = each.booking is not None and each.booking.state is BookingState.REQUESTED
        whole = each.event is not None and each.event.all_day
        if each.start > now and each.blocking is not Blocking.NO and not waits and not whole:
            return each
    return None
