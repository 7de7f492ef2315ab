"""Signing in to Google and Office 365 from a command: connect, renew, and the app it is done as."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cli.call import Call
from cli.connections import chosen, connected
from cli.output import Answer, Exit
from cli.passwords import password
from cli.typed import typed_lines
from desk.qr import qr_lines
from desk.signin import Attempt, Client
from scheduling.connections import VENDORS, Access, Connection, Kind, Use
from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from words import Phrase, _, dates

_LARGEST = 65_536
"""Bytes that standard input may hold of a client."""


async def connect_google(call: Call) -> Answer:
    """Connect a Google account."""
    return await _connect(call, Kind.GOOGLE)


async def connect_office365(call: Call) -> Answer:
    """Connect an Office 365 account."""
    return await _connect(call, Kind.OFFICE365)


async def _connect(call: Call, kind: Kind) -> Answer:
    args = call.args
    connections = call.desk.connections
    if refusal := await connections.refusal(kind, args.expected, Use(args.use)):
        raise refusal
    if args.client is not None:
        await _save(call, kind, args.client)
    for name in ("tenant", "cloud", "secret_file"):
        if args.client is None and vars(args).get(name):
            option = f"--{name.replace('_', '-')}"
            raise KobleError(
                ErrorKind.INVALID,
                Phrase("{option} belongs to an app.", option=option),
                Phrase("Give --client as well."),
                field=name,
            )
    async with _signed_in(call, kind, Access(args.access), args.expected) as attempt:
        made = await connections.connect_cloud(attempt, use=Use(args.use))
    return await _told(call, made, attempt)


async def renew(call: Call) -> Answer:
    """Sign in again to a connection; one that needs no sign-in is read again."""
    args, desk = call.args, call.desk
    overview = await desk.connections.overview()
    connection = chosen([each.connection for each in overview.connections], args.id)
    match connection.kind:
        case Kind.GOOGLE | Kind.OFFICE365:
            access = Access(args.access or connection.options.get("access", Access.WRITE))
            async with _signed_in(call, connection.kind, access, connection.address) as attempt:
                made = await desk.connections.sign_in_again(connection.id, attempt)
            return await _told(call, made, attempt)
        case Kind.CALDAV | Kind.EXCHANGE:
            secret = {"password": password(args.password_file)}
            made = await desk.connections.renew(connection, connection.options, secret)
            return await connected(call, made)
    await desk.connections.relist(connection.id)
    calendars = await desk.calendars.all()
    await call.read({each.id for each in calendars if each.connection == connection.id})
    return await connected(call, connection)


async def _told(call: Call, made: Connection, attempt: Attempt) -> Answer:
    """What was connected; beside it what is not as it was meant (S6)."""
    if made.expected and made.expected.casefold() != made.address.casefold():
        call.output.note(
            _(
                "Another account: {expected} was expected, and {address} is connected.",
                expected=made.expected,
                address=made.address,
            )
        )
    for each in attempt.missing:
        call.output.note(_("Not allowed: {what}.", what=each))
    answer = await connected(call, made)
    more = {"expected": made.expected or None, "missing": list(attempt.missing)}
    return answer._replace(data=answer.data | more)


@asynccontextmanager
async def _signed_in(
    call: Call, kind: Kind, access: Access, expected: str
) -> AsyncIterator[Attempt]:
    """An attempt that was answered: by the browser, by what is typed here, or by a code."""
    device = call.args.device
    if await call.desk.sign_in.client(kind) is None:
        raise KobleError(
            ErrorKind.AUTH,
            Phrase("No app is registered at {vendor}.", vendor=VENDORS[kind]),
            Phrase(
                "koble's dialog tells how to register one. Then: koble client set {kind} {app}",
                kind=kind.value,
                app="client_secret.json" if kind is Kind.GOOGLE else "ID",
            ),
            field="client",
        )
    begun = await call.desk.sign_in.begin(kind, access=access, device=device, expected=expected)
    async with begun as attempt:
        opened = not device and not call.args.no_browser and await attempt.open_browser()

        def take(line: str) -> None:
            try:
                attempt.paste(line)
            except KobleError as error:
                call.output.note(str(error))

        with typed_lines(take if not device else None) as listens:
            _tell(call, attempt, opened=opened, listens=listens)
            await attempt.answered()
        yield attempt


def _tell(call: Call, attempt: Attempt, *, opened: bool, listens: bool) -> None:
    """What to do now, and until when."""
    note = call.output.note
    vendor = VENDORS[attempt.kind]
    if attempt.device:
        note(_("On any device, open this address:"))
        note(attempt.url)
        note(_("Type this code there: {code}", code=attempt.code))
    elif opened:
        note(_("Your browser shows the page of {vendor}. Its address:", vendor=vendor))
        note(attempt.url)
    else:
        note(_("Open this address in a browser on any computer:"))
        note(attempt.url)
    call.output.picture(qr_lines(attempt.url))
    if attempt.remote and attempt.port:
        note(_("The answer comes here by itself while this runs on your own computer:"))
        note(attempt.ssh_line())
    if listens:
        note(
            _(
                "At the end the browser may show a page that it cannot load: paste the address of"
                " that page here, and press Enter."
            )
        )
    until = dates.time_of_day(attempt.expires_at, call.zone.name)
    note(_("Waiting until {time}.", time=until))


async def show_client(call: Call) -> Answer:
    """The app that koble signs in as."""
    kind = Kind(call.args.vendor)
    client = await call.desk.sign_in.client(kind)
    if client is None:
        line = _("No app is registered at {vendor}.", vendor=VENDORS[kind])
        return Answer({"kind": kind.value, "client": None}, [line], Exit.NOT_PERMITTED)
    return _client_answer(client)


async def save_client(call: Call) -> Answer:
    """Keep another app to sign in as."""
    return _client_answer(await _save(call, Kind(call.args.vendor), call.args.client))


async def forget_client(call: Call) -> Answer:
    """Forget the app that is kept in the settings."""
    kind = Kind(call.args.vendor)
    await call.desk.sign_in.forget_client(kind)
    line = _("The app at {vendor} is forgotten.", vendor=VENDORS[kind])
    return Answer({"kind": kind.value, "client": None}, [line])


async def _save(call: Call, kind: Kind, text: str) -> Client:
    args: dict[str, Any] = vars(call.args)
    if text == "-":
        text = sys.stdin.buffer.read(_LARGEST).decode("utf-8", "replace")
    else:
        text = await asyncio.to_thread(_path, text)
    secret_file = args.get("secret_file")
    return await call.desk.sign_in.save_client(
        kind,
        text,
        secret=password(secret_file) if secret_file else "",
        tenant=args.get("tenant") or "",
        cloud=args.get("cloud") or "",
    )


def _path(text: str) -> str:
    """The name of a file as a path: by itself it would be read as an id."""
    return os.path.abspath(text) if os.path.exists(text) else text


def _client_answer(client: Client) -> Answer:
    data = {
        "id": client.id,
        "tenant": client.tenant if client.kind is Kind.OFFICE365 else None,
        "cloud": client.cloud if client.kind is Kind.OFFICE365 else None,
        "origin": client.origin,
    }
    vendor = VENDORS[client.kind]
    lines = [_("koble signs in at {vendor} as {id}.", vendor=vendor, id=clean(client.id))]
    if client.kind is Kind.OFFICE365:
        lines.append(_("Tenant: {tenant}.", tenant=clean(client.tenant)))
        if client.cloud != "global":
            lines.append(_("Cloud: {cloud}.", cloud=client.cloud))
    return Answer({"kind": client.kind.value, "client": data}, lines)
