"""What is bookable, and why not: free, why."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from cli.call import Call
from cli.connections import MODES
from cli.documents import offers_data, reasons_data
from cli.output import Answer, Table, cells
from desk.offers import Change, Free
from desk.page_file import changed
from scheduling.errors import ErrorKind, KobleError
from scheduling.instants import parse_instant, utc_text
from scheduling.offers import Mode, Offer, Reason
from scheduling.rehearsal import Night
from scheduling.text import clean
from scheduling.zones import Zone, date_of, date_text, offset_text, zone
from words import Phrase, _, dates, many


async def free(call: Call) -> Answer:
    """The offers of a page; with --set, also what the change would gain and lose."""
    args = call.args
    if args.rehearse is not None:
        return await _rehearsal(call)
    if not args.cached:
        await call.read_conflicts()
    page = await call.desk.pages.get(args.page)
    where = zone(args.zone or page.zone or call.zone.name)
    start, end = call.span(where)
    change = None
    found = await call.desk.offers.free(page, start, end, minutes=args.duration)
    if args.changes:
        after = changed(page, dict(_pair(each) for each in args.changes))
        change = await call.desk.offers.change(
            page, after, found.start, found.end, minutes=args.duration
        )
        found = await call.desk.offers.free(after, found.start, found.end, minutes=args.duration)
    data = {
        "offers": offers_data(found.offers),
        "page": found.page.name,
        "zone": where.name,
        "mode": found.mode.value,
        "from": utc_text(found.start),
        "to": utc_text(found.end),
    }
    if change:
        data |= {"gained": offers_data(change.gained), "lost": offers_data(change.lost)}
    return Answer(data, _free_lines(call, found, change, where))


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("“{text}” is no change.", text=clean(text, limit=40)),
            Phrase("Write it as key=value, such as buffer_after=15."),
            field="set",
        )
    return key.strip(), value.strip()


def _free_lines(call: Call, free: Free, change: Change | None, where: Zone) -> Iterator[str]:
    page = free.page
    minutes = call.args.duration or page.durations[0]
    title = page.title or page.name
    yield f"{title} · {dates.length_text(minutes)} · {where.name}"
    if change is None:
        yield from _days(call, free.offers, where)
        if not free.offers:
            yield _("No time is offered there. Ask why: koble why {page} START", page=page.name)
    else:
        for said, offers in (
            (many("{n} offer gained", "{n} offers gained", len(change.gained)), change.gained),
            (many("{n} offer lost", "{n} offers lost", len(change.lost)), change.lost),
        ):
            yield f"{said}:" if offers else f"{said}."
            yield from _days(call, offers, where)
    if free.mode is not Mode.LIVE:
        yield str(MODES[free.mode])


def _days(call: Call, offers: Sequence[Offer], where: Zone) -> Iterator[str]:
    """One line a day, or more where the terminal is narrow."""
    days = [
        (call.day(group[0].start, where), [where.clock(each.start) for each in group])
        for _day, same in groupby(offers, lambda each: where.day(each.start))
        if (group := list(same))
    ]
    label = max((cells(day) for day, _times in days), default=0)
    for day, times in days:
        room = len(times)
        if call.output.width:
            room = max(1, (call.output.width - label) // (len(times[-1]) + 2))
        for first in range(0, len(times), room):
            name = "" if first else day
            yield "  ".join([name.ljust(label), *times[first : first + room]])


async def _rehearsal(call: Call) -> Answer:
    """The page on both sides of the next changes of clocks, in its zone and in guests'."""
    args = call.args
    page = await call.desk.pages.get(args.page)
    nights = await call.desk.offers.rehearse(page, args.rehearse)
    zones = list(dict.fromkeys([page.zone or call.zone.name, *args.rehearse]))
    data = {
        "page": page.name,
        "zones": zones,
        "changes": [
            {
                "zone": each.zone,
                "at": utc_text(each.at),
                "before": offset_text(each.before),
                "after": offset_text(each.after),
                "days": [
                    {"date": date_text(day), "offers": offers_data(offers)}
                    for day, offers in each.days
                ],
            }
            for each in nights
        ],
    }
    return Answer(data, _rehearsal_lines(call, nights, [zone(name) for name in zones]))


def _rehearsal_lines(
    call: Call, nights: Sequence[Night], zones: Sequence[Zone]
) -> Iterator[str | Table]:
    if not nights:
        yield _("No clocks change in these zones within a year.")
    for each in nights:
        yield _(
            "{when}: clocks in {zone} go from {before} to {after}.",
            when=dates.day_year(date_of(zone(each.zone).day(each.at))),
            zone=each.zone,
            before=offset_text(each.before),
            after=offset_text(each.after),
        )
        rows = [
            (dates.day_short(date_of(day)), *(_reach(offers, where) for where in zones))
            for day, offers in each.days
        ]
        if rows:
            yield Table((_("Day"), *(where.name for where in zones)), rows)
        else:
            yield _("The page has no hours in the weeks around it.")


def _reach(offers: Sequence[Offer], where: Zone) -> str:
    """From the first start to the last one."""
    first, last = (where.clock(each.start) for each in (offers[0], offers[-1]))
    return first if first == last else f"{first} … {last}"


async def why(call: Call) -> Answer:
    """Every reason that keeps one time from being offered."""
    args = call.args
    if not args.cached:
        await call.read_conflicts()
    page = await call.desk.pages.get(args.page)
    where = zone(page.zone or call.zone.name)
    start = parse_instant(args.start, where)
    reasons = await call.desk.offers.why(page, start, minutes=args.duration)
    minutes = args.duration or page.durations[0]
    when = call.when(start, start + minutes * 60, where)
    return Answer(
        {
            "offered": not reasons,
            "reasons": reasons_data(reasons),
            "page": page.name,
            "start": utc_text(start),
            "minutes": minutes,
            "zone": where.name,
        },
        _why_lines(when, reasons),
    )


def _why_lines(when: str, reasons: list[Reason]) -> Iterator[str]:
    if not reasons:
        yield _("{when} is offered.", when=when)
        return
    yield _("{when} is not offered:", when=when)
    for each in reasons:
        yield f"- {each.phrase}"
        if each.remedy:
            yield f"  {each.remedy}"
