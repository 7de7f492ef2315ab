"""The calendars and what lies in them: calendars, agenda, sync."""

from collections.abc import Iterator

from cli.bookings import STATES
from cli.call import Call
from cli.documents import calendar_data, entry_data
from cli.output import Answer, Exit, Table
from desk.calendars import Agenda, Entry
from scheduling.connections import Calendar
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Blocking
from scheduling.instants import utc_text
from scheduling.text import clean
from words import Phrase, _, dates, many

BLOCKS = {
    Blocking.HARD: "",
    Blocking.SOFT: Phrase("maybe"),
    Blocking.NO: Phrase("free"),
}
"""How much of a person's time an entry takes; nothing is said of what is simply busy."""


async def list_all(call: Call) -> Answer:
    """Every calendar, and what it is used for."""
    calendars = await call.desk.calendars.all()
    return Answer(
        {"calendars": [calendar_data(each) for each in calendars]}, _list_lines(calendars)
    )


def _list_lines(calendars: list[Calendar]) -> Iterator[str | Table]:
    if not calendars:
        yield _("No calendar is connected. Connect one: koble connect local --path DIR")
        return
    yes = _("yes")
    yield Table(
        (_("Name"), _("Blocks offers"), _("Shown"), _("Books here"), _("Write"), _("Id")),
        [
            (
                each.name,
                yes if each.conflicts else "",
                yes if each.shown else "",
                yes if each.destination else "",
                yes if each.writable else "",
                each.id[:8],
            )
            for each in calendars
        ],
    )
    for each in calendars:
        for problem in each.problems:
            yield f"{each.name}: {problem}"


async def change(call: Call) -> Answer:
    """Choose what a calendar is used for."""
    args = call.args
    if args.conflicts is None and args.shown is None and not args.destination:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("Nothing to change is named."),
            Phrase("Give --conflicts, --shown or --destination."),
        )
    chosen = _chosen(await call.desk.calendars.all(), args.id)
    calendar = await call.desk.calendars.change(
        chosen.id,
        conflicts=None if args.conflicts is None else args.conflicts == "on",
        shown=None if args.shown is None else args.shown == "on",
        destination=args.destination,
    )
    return Answer({"calendar": calendar_data(calendar)}, _list_lines([calendar]))


def _chosen(calendars: list[Calendar], wanted: str) -> Calendar:
    """The calendar of this id, beginning of an id, or name."""
    for found in (
        [each for each in calendars if each.id == wanted],
        [each for each in calendars if each.name.casefold() == wanted.casefold()],
        [each for each in calendars if each.id.startswith(wanted) and len(wanted) >= 4],
    ):
        if len(found) == 1:
            return found[0]
    raise KobleError(
        ErrorKind.NOT_FOUND,
        Phrase("There is no calendar {name}.", name=clean(wanted, limit=40)),
        Phrase("Calendars there are: {names}.", names=", ".join(each.name for each in calendars))
        if calendars
        else Phrase("No calendar is connected."),
        field="calendar",
    )


async def agenda(call: Call) -> Answer:
    """What lies in the shown calendars: a week from today on unless said."""
    start, end = call.span(call.zone)
    today = call.zone.day(call.now)
    if start is None:
        start = call.zone.midnight(today)
    if end is None:
        end = call.zone.midnight(call.zone.day(start) + 7)
    if end <= start:
        raise KobleError(ErrorKind.INVALID, Phrase("The end must be after the start."), field="to")
    if not call.args.cached:
        await call.read()
    found = await call.desk.calendars.agenda(start, end)
    return Answer(
        {
            "events": [entry_data(each) for each in found.entries],
            "from": utc_text(start),
            "to": utc_text(end),
            "zone": found.zone,
        },
        _agenda_lines(call, found),
    )


def _agenda_lines(call: Call, agenda: Agenda) -> Iterator[str | Table]:
    if not agenda.entries:
        yield _("Nothing lies there.")
        return
    rows = []
    before = ""
    for each in agenda.entries:
        day = call.day(each.start)
        rows.append(
            (
                day if day != before else "",
                _time(call, each),
                each.title,
                _place(each),
                str(BLOCKS[each.blocking]),
            )
        )
        before = day
    yield Table((_("Day"), _("Time"), _("Title"), _("Calendar"), _("Takes time")), rows)


def _place(entry: Entry) -> str:
    """The calendar that an entry lies in, or what it is while it lies in none."""
    if entry.calendar:
        return entry.calendar.name
    return str(STATES[entry.booking.state]) if entry.booking else ""


def _time(call: Call, entry: Entry) -> str:
    if entry.event is None or not entry.event.all_day:
        return dates.span_text(entry.start, entry.end, call.zone.name)
    if call.zone.day(entry.end - 1) == call.zone.day(entry.start):
        return _("all day")
    return _("until {day}", day=call.day(entry.end - 1))


async def sync(call: Call) -> Answer:
    """Read the calendars, write what waits to be written, close requests that are late."""
    reports = await call.desk.sync.now()
    if not reports:
        raise KobleError(
            ErrorKind.NOT_CONNECTED,
            Phrase("No calendar is connected."),
            Phrase("Connect one: koble connect local --path DIR"),
        )
    written = await call.desk.outbox.perform()
    expired = await call.desk.bookings.expire()
    lines = [
        f"{each.calendar.name}: "
        + (str(each.error) if each.error else many("{n} change", "{n} changes", each.changed))
        for each in reports
    ]
    if written:
        lines.append(many("{n} change written.", "{n} changes written.", written))
    if expired:
        lines.append(many("{n} request expired.", "{n} requests expired.", expired))
    return Answer(
        {
            "calendars": [
                {
                    "id": each.calendar.id,
                    "name": each.calendar.name,
                    "changed": each.changed,
                    "error": str(each.error) if each.error else None,
                }
                for each in reports
            ],
            "written": written,
            "expired": expired,
        },
        lines,
        _sync_code([each.error for each in reports if each.error]),
    )


def _sync_code(errors: list[KobleError]) -> Exit:
    if any(each.kind in (ErrorKind.AUTH, ErrorKind.PERMISSION) for each in errors):
        return Exit.NOT_PERMITTED
    return Exit.UNREACHABLE if errors else Exit.DONE
