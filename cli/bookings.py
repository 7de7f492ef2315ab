"""Meetings and requests: book, bookings, accept, decline, propose, cancel, reschedule."""

from collections.abc import Iterator

from cli.call import Call
from cli.documents import booking_data, reasons_data
from cli.output import Answer, Table
from desk.outside import told
from scheduling.bookings import Booking, BookingState, Guest, Outcome
from scheduling.errors import ErrorKind, KobleError
from scheduling.instants import parse_instant
from scheduling.zones import Zone, zone
from words import Phrase, _

STATES = {
    BookingState.REQUESTED: Phrase("requested"),
    BookingState.CONFIRMED: Phrase("confirmed"),
    BookingState.DECLINED: Phrase("declined"),
    BookingState.EXPIRED: Phrase("expired"),
    BookingState.RESCHEDULED: Phrase("rescheduled"),
    BookingState.CANCELLED: Phrase("cancelled"),
}


async def book(call: Call) -> Answer:
    """Book a time, or request it where no calendar can confirm it."""
    args = call.args
    page = await call.desk.pages.get(args.page)
    where = zone(page.zone or call.zone.name)
    booking = await call.desk.bookings.book(
        page.name,
        parse_instant(args.start, where),
        Guest(name=args.name, email=args.email),
        minutes=args.duration,
        key=args.key,
        note=args.note,
        as_host=args.host,
    )
    return _one(call, booking)


async def list_all(call: Call) -> Answer:
    """Everything that was booked or requested, or what is in the states that are named."""
    await call.desk.bookings.expire()
    bookings = await call.desk.bookings.all(*map(BookingState, call.args.states))
    empty = _("There are no bookings.")
    return Answer(
        {"bookings": [booking_data(each) for each in bookings]},
        _listed(call, bookings) if bookings else [empty],
    )


def _listed(call: Call, bookings: list[Booking]) -> Iterator[str | Table]:
    yield table(call, bookings)
    for each in bookings:
        yield from (f"{each.id[:8]}: {line}" for line in _outside(call, each))


def _outside(call: Call, booking: Booking) -> list[str]:
    """What somebody made of its event, and the two ways on."""
    there = booking.outside
    if there is None:
        return []
    when = call.when(there.start, there.end)
    way = _("Take that over with koble take-over ID, or undo it with koble put-back ID.")
    return [f"{told(booking, when)} {way}"]


async def requests(call: Call) -> Answer:
    """What waits for an answer, and what it would clash with; or what came to nothing."""
    await call.desk.bookings.expire()
    if call.args.closed:
        closed = await call.desk.bookings.closed()
        empty = _("No request was declined or has expired.")
        return Answer(
            {"requests": [booking_data(each) for each in closed]},
            [table(call, closed) if closed else empty],
        )
    waiting = await call.desk.bookings.requests()
    clashes = [await call.desk.bookings.clashes(each.id) for each in waiting]

    def lines() -> Iterator[str | Table]:
        if not waiting:
            yield _("No request waits.")
            return
        yield table(call, waiting)
        for booking, reasons in zip(waiting, clashes, strict=True):
            for each in (booking.trouble, *(str(reason.phrase) for reason in reasons)):
                if each:
                    yield f"{booking.id[:8]}: {each}"

    return Answer(
        {
            "requests": [
                booking_data(booking) | {"clashes": reasons_data(reasons)}
                for booking, reasons in zip(waiting, clashes, strict=True)
            ]
        },
        lines(),
    )


async def accept(call: Call) -> Answer:
    """Accept a request."""
    return _one(call, await call.desk.bookings.accept(call.args.id))


async def decline(call: Call) -> Answer:
    """Decline a request."""
    return _one(call, await call.desk.bookings.decline(call.args.id, call.args.reason))


async def remove(call: Call) -> Answer:
    """Take closed requests off the list of requests, or put them back."""
    changed = await call.desk.bookings.put_away(call.args.ids, away=not call.args.undo)
    return Answer({"bookings": [booking_data(each) for each in changed]}, [table(call, changed)])


async def propose(call: Call) -> Answer:
    """Note other times for a request."""
    where = await _zone(call)
    starts = [parse_instant(each, where) for each in call.args.starts]
    return _one(call, await call.desk.bookings.propose(call.args.id, starts))


async def cancel(call: Call) -> Answer:
    """Cancel a meeting or request."""
    return _one(call, await call.desk.bookings.cancel(call.args.id, call.args.reason))


async def reschedule(call: Call) -> Answer:
    """Move a meeting or request."""
    start = parse_instant(call.args.start, await _zone(call))
    return _one(
        call,
        await call.desk.bookings.reschedule(call.args.id, start, minutes=call.args.duration),
    )


async def take_over(call: Call) -> Answer:
    """Let a meeting be as its event is outside koble."""
    return _one(call, await call.desk.bookings.take_over(call.args.id))


async def put_back(call: Call) -> Answer:
    """Write a meeting's event back as koble knows it."""
    return _one(call, await call.desk.bookings.put_back(call.args.id))


async def outcome(call: Call) -> Answer:
    """Note what became of a meeting."""
    chosen = Outcome(call.args.outcome)
    return _one(call, await call.desk.bookings.set_outcome(call.args.id, chosen))


async def _zone(call: Call) -> Zone:
    """The zone of the booking's page, which may have been deleted since."""
    booking = await call.desk.bookings.get(call.args.id)
    try:
        page = await call.desk.pages.get(booking.page)
    except KobleError as error:
        if error.kind is not ErrorKind.NOT_FOUND:
            raise
        return call.zone
    return zone(page.zone or call.zone.name)


def _one(call: Call, booking: Booking) -> Answer:
    """What one meeting has become."""
    when = call.when(booking.start, booking.end)
    lines = [
        f"{STATES[booking.state]}: {booking.title}",
        f"{when} · {call.zone.name} · {booking.id[:8]}",
    ]
    lines += _outside(call, booking)
    if booking.trouble:
        lines.append(booking.trouble)
    elif booking.state is BookingState.REQUESTED and not booking.adding:
        lines.append(_("It is added to no calendar until you accept it: koble accept ID"))
    return Answer({"booking": booking_data(booking)}, lines)


def table(call: Call, bookings: list[Booking]) -> Table:
    """Bookings under each other, times in the profile's zone."""
    return Table(
        (_("When"), _("Meeting"), _("Guest"), _("State"), _("Id")),
        [
            (
                call.when(each.start, each.end),
                each.title,
                each.guest.email,
                str(STATES[each.state]),
                each.id[:8],
            )
            for each in bookings
        ],
    )
