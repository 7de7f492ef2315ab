"""What is connected: status, connect, disconnect."""

from collections.abc import Iterator

import msgspec

from cli.call import Call
from cli.documents import calendar_data, connection_data
from cli.output import Answer, Exit, Table
from cli.passwords import password
from desk.accounts import check_exchange
from desk.connections import ConnectionView, Overview
from scheduling.connections import Connection, Health, Use
from scheduling.errors import ErrorKind, KobleError
from scheduling.events import Blocking, BusyMatrix
from scheduling.instants import utc_text
from scheduling.offers import Mode
from scheduling.text import clean
from words import Phrase, _, dates, many

HEALTH = {
    Health.FRESH: Phrase("fresh"),
    Health.STALE: Phrase("stale"),
    Health.UNKNOWN: Phrase("unknown"),
    Health.SIGN_IN: Phrase("signed out"),
}
MODES = {
    Mode.LIVE: Phrase("What is booked is confirmed at once."),
    Mode.TO_BE_CONFIRMED: Phrase(
        "The calendar was not read lately: what is booked is confirmed after the next good read."
    ),
    Mode.OFFLINE: Phrase("Offline mode: meetings can be requested, and are added to no calendar."),
}


async def status(call: Call) -> Answer:
    """What is connected, how fresh it is, and what that means for pages."""
    if not call.args.cached:
        await call.read_conflicts()
    overview = await call.desk.connections.overview()
    waiting = len(await call.desk.bookings.requests())
    changed = len(await call.desk.bookings.changed_outside())
    destination = overview.destination
    return Answer(
        {
            "connections": [connection_data(each) for each in overview.connections],
            "mode": overview.mode.value,
            "destination": calendar_data(destination) if destination else None,
            "requests": waiting,
            "changed_outside": changed,
            "now": utc_text(overview.now),
            "zone": call.zone.name,
        },
        [*_status_lines(overview, waiting), *_changed_lines(changed)],
        _status_code(overview),
    )


def _changed_lines(changed: int) -> Iterator[str]:
    if changed:
        yield many(
            "{n} meeting was changed outside koble: koble bookings",
            "{n} meetings were changed outside koble: koble bookings",
            changed,
        )


def _status_lines(overview: Overview, waiting: int) -> list[str | Table]:
    lines: list[str | Table] = []
    if overview.connections:
        lines.append(_table(overview))
        lines += [
            error for each in overview.connections if (error := connection_data(each)["error"])
        ]
    else:
        lines.append(_("No calendar is connected. Connect one: koble connect local --path DIR"))
    lines.append(str(MODES[overview.mode]))
    if overview.destination:
        lines.append(_("New bookings are written to {name}.", name=overview.destination.name))
    elif overview.connections:
        lines.append(
            _("No calendar is chosen for new bookings: koble calendars set ID --destination")
        )
    if waiting:
        lines.append(
            many("{n} request waits: koble requests", "{n} requests wait: koble requests", waiting)
        )
    return lines


def _table(overview: Overview) -> Table:
    return Table(
        (_("Kind"), _("Address"), _("State"), _("Read"), _("Id")),
        [
            (
                each.connection.kind.value,
                each.connection.address,
                str(HEALTH[each.health]),
                _("never")
                if each.connection.read_at is None
                else dates.relative(each.connection.read_at, overview.now),
                each.connection.id[:8],
            )
            for each in overview.connections
        ],
    )


def _status_code(overview: Overview) -> Exit:
    found = {each.health for each in overview.connections}
    if not found or Health.SIGN_IN in found:
        return Exit.NOT_PERMITTED
    return Exit.DONE if found == {Health.FRESH} else Exit.UNREACHABLE


async def list_all(call: Call) -> Answer:
    """Every connection, and what counts as busy on it."""
    overview = await call.desk.connections.overview()
    return Answer(
        {"connections": [connection_data(each) for each in overview.connections]},
        _list_lines(overview),
    )


def _list_lines(overview: Overview) -> Iterator[str | Table]:
    if not overview.connections:
        yield _("No calendar is connected. Connect one: koble connect local --path DIR")
        return
    yield _table(overview)
    for each in overview.connections:
        data = connection_data(each)
        yield ""
        yield f"{data['address']}:"
        yield Table((_("Events that are"), _("Block")), list(data["busy"].items()))


async def change(call: Call) -> Answer:
    """Choose what counts as busy on a connection, or lift Exchange's limits."""
    args = call.args
    if not args.busy and args.full_exchange is None:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("Nothing to change is named."),
            Phrase("Give --busy or --full-exchange."),
        )
    overview = await call.desk.connections.overview()
    connection = chosen([each.connection for each in overview.connections], args.id)
    rows = dict(_row(each) for each in args.busy)
    await call.desk.connections.change(
        connection.id,
        matrix=msgspec.structs.replace(connection.matrix, **rows) if rows else None,
        full_exchange=None if args.full_exchange is None else args.full_exchange == "on",
    )
    overview = await call.desk.connections.overview()
    view = next(each for each in overview.connections if each.connection.id == connection.id)
    return Answer({"connection": connection_data(view)}, _list_lines(overview))


def _row(text: str) -> tuple[str, Blocking]:
    row, _sign, how = text.partition("=")
    if row not in BusyMatrix.__struct_fields__ or how not in tuple(Blocking):
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("“{text}” says of no kind of event how it blocks.", text=clean(text, limit=40)),
            Phrase(
                "Write one of {rows}, then =hard, =soft or =no.",
                rows=", ".join(BusyMatrix.__struct_fields__),
            ),
            field="busy",
        )
    return row, Blocking(how)


async def connect_local(call: Call) -> Answer:
    """Connect a folder, and tell which calendars are in it."""
    return await connected(
        call, await call.desk.connections.connect_local(call.args.path, use=Use(call.args.use))
    )


async def connect_caldav(call: Call) -> Answer:
    """Connect an account on a CalDAV server, or sign in to it again."""
    args = call.args
    made = await call.desk.connections.connect_caldav(
        args.url,
        args.username,
        password(args.password_file),
        allow_local=args.allow_local,
        fingerprint=args.fingerprint,
        use=Use(args.use),
    )
    return await connected(call, made)


async def connect_exchange(call: Call) -> Answer:
    """Connect an account on an Exchange server, or sign in to it again."""
    args = call.args
    secret = password(args.password_file)
    account, errors = check_exchange(
        address=args.address,
        password=secret,
        username=args.username,
        url=args.url,
        version=args.version,
    )
    if account is None:
        raise next(iter(errors.values()))
    made = await call.desk.connections.connect_exchange(
        account,
        secret,
        full=args.full_exchange,
        allow_local=args.allow_local,
        fingerprint=args.fingerprint,
        use=Use(args.use),
    )
    return await connected(call, made)


async def subscribe(call: Call) -> Answer:
    """Have a published calendar keep times away."""
    made = await call.desk.connections.subscribe(call.args.url, allow_local=call.args.allow_local)
    return await connected(call, made)


async def connected(call: Call, made: Connection) -> Answer:
    """What was connected, and which calendars are in it."""
    overview = await call.desk.connections.overview()
    view = next(each for each in overview.connections if each.connection.id == made.id)
    return Answer(
        {
            "connection": connection_data(view),
            "calendars": [calendar_data(each) for each in view.calendars],
        },
        _connected_lines(view, overview),
    )


def _connected_lines(view: ConnectionView, overview: Overview) -> list[str]:
    lines = [_("Connected: {address}.", address=view.connection.address)]
    if names := ", ".join(each.name for each in view.calendars):
        lines.append(_("Calendars: {names}.", names=names))
    else:
        lines.append(_("There is no calendar in it yet."))
    if overview.destination:
        lines.append(_("New bookings are written to {name}.", name=overview.destination.name))
    return lines


async def disconnect(call: Call) -> Answer:
    """Disconnect the one connection, or the one that is named."""
    overview = await call.desk.connections.overview()
    connection = chosen([each.connection for each in overview.connections], call.args.id)
    left = await call.desk.connections.disconnect(connection.id)
    if left is not None:
        call.output.note(str(left))
    told = {"id": connection.id, "address": connection.address}
    return Answer(
        {"disconnected": told | {"not_withdrawn": str(left) if left else None}},
        [_("Disconnected: {address}. Its bookings stay.", address=connection.address)],
    )


def chosen(connections: list[Connection], wanted: str | None) -> Connection:
    """The connection whose id begins with `wanted`; the only one, where none is named.

    Raises:
        KobleError: not_connected, invalid or not_found.
    """
    if not connections:
        raise KobleError(ErrorKind.NOT_CONNECTED, Phrase("No calendar is connected."))
    if wanted is None and len(connections) > 1:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("Several calendars are connected."),
            Phrase("Say which one: {ids}.", ids=", ".join(each.id[:8] for each in connections)),
            field="id",
        )
    found = [each for each in connections if each.id.startswith(wanted or "")]
    if len(found) != 1:
        raise KobleError(
            ErrorKind.NOT_FOUND,
            Phrase("There is no connection {id}.", id=clean(wanted or "", limit=40)),
            Phrase("See koble status."),
            field="id",
        )
    return found[0]
