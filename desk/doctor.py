"""What is wrong: the home, the store, the time, and every connection, looked at one by one."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from desk import exchange
from desk.clouds import network
from desk.reach import SIGNED_IN, access_of
from providers.base import CalendarProvider, Draft
from scheduling.connections import VENDORS, Access, Calendar, Connection, Kind
from scheduling.errors import KobleError
from scheduling.instants import utc_text
from scheduling.zones import DAY, MINUTE, zone
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

PATIENCE = 30.0
"""Seconds after which a calendar that does not answer counts as unreachable."""
ROOM = 50_000_000
"""Bytes that should be free on the disk that holds the home."""
BUILT = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""No clock that is right tells a time before this."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at; `hint` is the way out, or what is worth knowing."""

    name: str
    ok: bool
    text: Phrase
    hint: Phrase | None = None


async def examine(desk: "Desk", *, write: bool = False) -> list[Check]:
    """Look at everything that may be wrong; nothing is changed, and no secret is told.

    Args:
        desk: the desk to look at.
        write: also write a probe event to the calendar of new bookings, and delete it.
    """
    overview = await desk.connections.overview()
    needed = any(view.connection.kind in SIGNED_IN for view in overview.connections)
    checks = [_home(desk), await _store(desk), await _secrets(desk, needed=needed)]
    checks += await _time(desk)
    if not overview.connections:
        checks.append(
            Check(
                name="connections",
                ok=True,
                text=Phrase("No calendar is connected: pages are in offline mode."),
            )
        )
    for view in overview.connections:
        checks += [each async for each in _connection(desk, view.connection, view.calendars)]
    if overview.connections:
        checks.append(_destination(overview.destination))
    if write and overview.destination:
        checks.append(await _probe(desk, overview.destination))
    checks.append(await _waiting(desk))
    return checks


def _home(desk: "Desk") -> Check:
    path = str(desk.home)
    found = desk.home.stat()
    if found.st_uid != os.getuid():
        return Check(
            name="home",
            ok=False,
            text=Phrase("{path} belongs to another user.", path=path),
            hint=Phrase("Give it to yourself, or set KOBLE_HOME to a folder of yours."),
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        return Check(
            name="home",
            ok=False,
            text=Phrase("Other users of this computer can open {path}.", path=path),
            hint=Phrase("Close it: chmod 700 {path}", path=path),
        )
    disk = os.statvfs(desk.home)
    if disk.f_bavail * disk.f_frsize < ROOM:
        return Check(
            name="home",
            ok=False,
            text=Phrase("The disk that holds {path} is nearly full.", path=path),
            hint=Phrase("Free some space."),
        )
    return Check(name="home", ok=True, text=Phrase("The state lies in {path}.", path=path))


async def _store(desk: "Desk") -> Check:
    generation, notices = await desk.read(lambda store: (store.generation, store.notices))
    return Check(
        name="store",
        ok=True,
        text=Phrase("The store opens, at commit {generation}.", generation=generation),
        hint=notices[0] if notices else None,
    )


async def _secrets(desk: "Desk", *, needed: bool) -> Check:
    if not needed and not await asyncio.to_thread((desk.home / "secrets").exists):
        return Check(name="secrets", ok=True, text=Phrase("No connection needs a secret."))
    try:
        async with asyncio.timeout(PATIENCE):
            where = await desk.vault.where()
    except TimeoutError:
        return Check(name="secrets", ok=False, text=Phrase("The keyring did not answer in time."))
    except KobleError as error:
        return Check(name="secrets", ok=not needed, text=error.message, hint=error.hint)
    return Check(
        name="secrets",
        ok=True,
        text=Phrase("The key to the secrets lies {where}.", where=where),
    )


async def _time(desk: "Desk") -> list[Check]:
    now = desk.clock.now()
    newest = await desk.log.entries(1)
    if now < BUILT or (newest and newest[0].at > now + 5 * MINUTE):
        clock = Check(
            name="clock",
            ok=False,
            text=Phrase("The clock of this computer tells {now}: it is behind.", now=utc_text(now)),
            hint=Phrase("Set it, or let it be set over the network."),
        )
    else:
        clock = Check(name="clock", ok=True, text=Phrase("It is {now}.", now=utc_text(now)))
    profile = await desk.settings.profile()
    where = zone(profile.zone)
    change = where.next_change(now)
    hint = None
    if profile.zone != desk.local_zone:
        hint = Phrase(
            "This computer's own zone is {zone}; times are shown in the profile's.",
            zone=desk.local_zone,
        )
    elif change:
        hint = Phrase("Clocks change next on {time}.", time=where.stamp(change))
    return [
        clock,
        Check(
            name="zone",
            ok=True,
            text=Phrase("The time zone is {zone}.", zone=profile.zone),
            hint=hint,
        ),
    ]


async def _connection(
    desk: "Desk", connection: Connection, calendars: tuple[Calendar, ...]
) -> AsyncIterator[Check]:
    address = connection.address
    if connection.kind in VENDORS:
        try:
            async with asyncio.timeout(PATIENCE):
                host, told = await network(connection)
        except (KobleError, TimeoutError) as error:
            yield _trouble("network", address, error)
            return
        yield _network(host, told, desk.clock.now())
    if connection.kind is Kind.EXCHANGE:
        async for check in _exchange(desk, connection):
            yield check
    try:
        async with asyncio.timeout(PATIENCE):
            provider = await desk.connections.provider(connection)
            identity = await provider.identity()
            listed = {each.native for each in await provider.calendars()}
    except (KobleError, TimeoutError) as error:
        yield _trouble("connection", address, error)
        return
    if identity.address.casefold() != address.casefold():
        yield Check(
            name="connection",
            ok=False,
            text=Phrase(
                "{address} answers as {other}: another account.",
                address=address,
                other=identity.address,
            ),
            hint=Phrase("Disconnect it, and connect the right account."),
        )
    else:
        yield Check(name="connection", ok=True, text=Phrase("{address} answers.", address=address))
    if connection.kind in VENDORS:
        yield _access(connection)
    for report in await desk.sync.now(only={each.id for each in calendars if each.followed}):
        yield (
            _trouble("calendar", report.calendar.name, report.error)
            if report.error
            else await _calendar(desk, report.calendar, gone=report.calendar.native not in listed)
        )


async def _exchange(desk: "Desk", connection: Connection) -> AsyncIterator[Check]:
    """The way to an Exchange server, step by step."""
    try:
        async with asyncio.timeout(2 * PATIENCE):
            for each in await exchange.look(desk, connection):
                yield Check(name="exchange", ok=each.ok, text=each.text, hint=each.hint)
    except (KobleError, TimeoutError) as error:
        yield _trouble("exchange", connection.address, error)


def _network(host: str, told: int | None, now: int) -> Check:
    """The way to a server, and how far the clocks are apart."""
    apart = 0 if told is None else abs(now - told)
    if apart < 5 * MINUTE:
        return Check(
            name="network",
            ok=True,
            text=Phrase("{host} is reached, and its certificate is trusted.", host=host),
        )
    return Check(
        name="network",
        ok=False,
        text=Phrase(
            "This computer's clock and that of {host} are {minutes} minutes apart.",
            host=host,
            minutes=apart // MINUTE,
        ),
        hint=Phrase("Set it, or let it be set over the network."),
    )


def _access(connection: Connection) -> Check:
    """What was granted; less than writing is a choice, and no fault."""
    address = connection.address
    hint: Phrase | None = Phrase("To have meetings written there, sign in again and allow more.")
    match access_of(connection):
        case Access.BUSY:
            text = Phrase("koble may see the busy times of {address}.", address=address)
        case Access.READ:
            text = Phrase("koble may see the events of {address}.", address=address)
        case Access.WRITE:
            text = Phrase("koble may see and change the events of {address}.", address=address)
            hint = None
        case Access.MAIL:
            text = Phrase(
                "koble may see and change the events of {address}, and send its e-mail.",
                address=address,
            )
            hint = None
    return Check(name="access", ok=True, text=text, hint=hint)


async def _calendar(desk: "Desk", calendar: Calendar, *, gone: bool) -> Check:
    if gone:
        return Check(
            name="calendar",
            ok=False,
            text=Phrase("{name} is not there any more.", name=calendar.name),
            hint=Phrase("Disconnect the account, and connect it again."),
        )
    newest = next((c for c in await desk.calendars.all() if c.id == calendar.id), calendar)
    if newest.problems:
        return Check(
            name="calendar",
            ok=False,
            text=Phrase(
                "{name} is read, but for {count} of its events: {first}",
                name=calendar.name,
                count=len(newest.problems),
                first=newest.problems[0],
            ),
            hint=Phrase("Put them right in the calendar: the time they take may be offered."),
        )
    return Check(name="calendar", ok=True, text=Phrase("{name} is read.", name=calendar.name))


def _destination(destination: Calendar | None) -> Check:
    if destination is None:
        return Check(
            name="destination",
            ok=False,
            text=Phrase("No calendar is chosen for new bookings."),
            hint=Phrase("Choose one that you may write to."),
        )
    if not destination.writable:
        return Check(
            name="destination",
            ok=False,
            text=Phrase("{name} can only be read.", name=destination.name),
            hint=Phrase("Choose a calendar that you may write to."),
        )
    return Check(
        name="destination",
        ok=True,
        text=Phrase("New bookings are written to {name}.", name=destination.name),
    )


async def _probe(desk: "Desk", calendar: Calendar) -> Check:
    """Write an event a year from now, find it, delete it."""
    connection = next(
        view.connection
        for view in (await desk.connections.overview()).connections
        if view.connection.id == calendar.connection
    )
    start = desk.clock.now() // DAY * DAY + 365 * DAY
    draft = Draft(
        uid=f"{desk.ids()}@koble",
        title=str(Phrase("koble is trying to write here")),
        start=start,
        end=start + 5 * MINUTE,
        zone="UTC",
    )
    try:
        provider = await desk.connections.provider(connection)
        async with asyncio.timeout(PATIENCE):
            found = await _write_and_delete(provider, calendar.native, draft)
    except (KobleError, TimeoutError) as error:
        return _trouble("write", calendar.name, error)
    if not found:
        return Check(
            name="write",
            ok=False,
            text=Phrase("What was written to {name} is not found there.", name=calendar.name),
        )
    return Check(
        name="write",
        ok=True,
        text=Phrase("A probe was written to {name} and deleted again.", name=calendar.name),
    )


async def _write_and_delete(provider: CalendarProvider, native: str, draft: Draft) -> bool:
    written = await provider.create(native, draft)
    try:
        return await provider.find(native, draft.uid) is not None
    finally:
        await provider.delete(native, written.resource, "")


async def _waiting(desk: "Desk") -> Check:
    """Promises to the outside that could not be kept yet."""
    intents = await desk.read(lambda store: store.intents.all())
    errors = [each["error"] for each in intents if each.get("error")]
    if errors:
        return Check(
            name="outbox",
            ok=False,
            text=Phrase(
                "{count} changes wait to be written. The last try: {error}",
                count=len(errors),
                error=errors[-1],
            ),
            hint=Phrase("They are tried again by themselves."),
        )
    return Check(name="outbox", ok=True, text=Phrase("Nothing waits to be written."))


def _trouble(name: str, subject: str, error: KobleError | TimeoutError | None) -> Check:
    if not isinstance(error, KobleError):
        return Check(
            name=name, ok=False, text=Phrase("{name} did not answer in time.", name=subject)
        )
    return Check(
        name=name,
        ok=False,
        text=Phrase("{name}: {error}", name=subject, error=error.message),
        hint=error.hint,
    )
