"""Connecting accounts in a cloud: who signed in is asked first; what is not wanted goes back."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from desk.attempt import Attempt
from desk.reach import base_of
from desk.records import records
from desk.tokens import alone, authority_of, client_of, grant_of, secret_of
from scheduling.connections import Connection, Kind, Use
from scheduling.errors import ErrorKind, KobleError
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk
    from providers.http import Http

PATIENCE = 10.0
"""Seconds for giving a grant back: whoever disconnects does not wait longer."""
_KNOCK = {Kind.GOOGLE: "/calendar/v3/users/me/calendarList", Kind.OFFICE365: "/v1.0/me"}
"""What is asked for without a token, to be refused."""


async def connect(desk: "Desk", attempt: Attempt, use: Use) -> Connection:
    """See `Connections.connect_cloud`."""
    fresh = Connection(
        id=desk.ids(),
        kind=attempt.kind,
        address=attempt.signed.address,
        made_at=desk.clock.now(),
        options=_options(attempt),
    )
    secret = secret_of(attempt.signed.grant, attempt.client)
    desk.vault.retry()
    try:
        address = await _who(desk, fresh, secret)
        if same := await _same(desk, msgspec.structs.replace(fresh, address=address)):
            return await _renew(desk, same, attempt)
        return await desk.connections.connect(
            attempt.kind,
            address=address,
            expected=attempt.expected,
            options=fresh.options,
            use=use,
            secret=secret,
        )
    except KobleError:
        await _unwanted(desk, attempt)
        raise


async def sign_in_again(desk: "Desk", connection: Connection, attempt: Attempt) -> Connection:
    """See `Connections.sign_in_again`."""
    if attempt.kind is not connection.kind:
        raise KobleError(
            ErrorKind.INVALID, Phrase("This is the sign-in of another kind of account.")
        )
    changed = msgspec.structs.replace(connection, options=_options(attempt))
    desk.vault.retry()
    address = await _who(desk, changed, secret_of(attempt.signed.grant, attempt.client))
    if address.casefold() != connection.address.casefold():
        await _unwanted(desk, attempt, address)
        raise KobleError(
            ErrorKind.CONFLICT,
            Phrase(
                "{other} signed in, and the connection is that of {address}.",
                other=address,
                address=connection.address,
            ),
            Phrase("Sign in with {address}.", address=connection.address),
            field="address",
        )
    return await _renew(desk, connection, attempt)


async def withdraw(desk: "Desk", connection: Connection) -> Phrase | None:
    """Give the grant of a connection back to its vendor; why that could not be, or None."""
    try:
        async with alone(desk):
            secret = await desk.vault.get(connection.id)
            if secret is not None:
                vendor = await authority_of(client_of(connection, secret), desk)
                async with asyncio.timeout(PATIENCE):
                    await vendor.revoke(grant_of(secret))
    except TimeoutError:
        return _kept(connection.address, Phrase("There was no answer in time."))
    except KobleError as error:
        return _kept(connection.address, str(error))
    return None


async def network(connection: Connection) -> tuple[str, int | None]:
    """The server of an account's calendars, and the time it tells, in UTC seconds.

    Nothing is signed in to: the name is found, and the certificate is looked at.

    Raises:
        KobleError: what is wrong on the way there.
    """
    base, local = base_of(connection)
    way = await asyncio.to_thread(_way, base, local)
    try:
        answer = await way.request("GET", base + _KNOCK[connection.kind], accept=range(400, 600))
    finally:
        await way.close()
    told = answer.told_at
    return urlsplit(base).hostname or "", None if told is None else int(told)


def _way(base: str, local: bool) -> "Http":
    from providers.http import Http  # the network's library, on first use, and not on the loop

    return Http(base, proxied=not local, local=local)


async def _renew(desk: "Desk", connection: Connection, attempt: Attempt) -> Connection:
    """Have a connection go on with what was granted now."""
    secret = secret_of(attempt.signed.grant, attempt.client)
    renewed = await desk.connections.renew(
        connection, _options(attempt), secret, expected=attempt.expected
    )
    await desk.connections.relist(renewed.id)  # with another access, other calendars can be written
    return renewed


async def _who(desk: "Desk", connection: Connection, secret: dict[str, str]) -> str:
    """The address that was in fact connected (S6), as the vendor's calendar tells it."""
    provider = await desk.connections.reach(connection, secret)
    try:
        return (await provider.identity()).address
    finally:
        await provider.close()


async def _same(desk: "Desk", connection: Connection) -> Connection | None:
    """The connection of that account that is there already."""
    held = records(Connection, await desk.read(lambda store: store.connections.all()))
    wanted = connection.address.casefold()
    return next(
        (
            each
            for each in held
            if each.kind is connection.kind and each.address.casefold() == wanted
        ),
        None,
    )


async def _unwanted(desk: "Desk", attempt: Attempt, address: str = "") -> None:
    """Give back a grant that leads to no connection.

    Where the account is connected, it is left: vendors withdraw all that an app was granted.
    """
    held = records(Connection, await desk.read(lambda store: store.connections.all()))
    names = {attempt.signed.address.casefold(), address.casefold()}
    if any(each.kind is attempt.kind and each.address.casefold() in names for each in held):
        return
    try:
        await attempt.vendor.revoke(attempt.signed.grant)
    except KobleError as error:
        said = _kept(attempt.signed.address, str(error))
        await desk.write(lambda store: desk.log.add(store, said, subject=attempt.kind.value))


def _kept(address: str, why: str | Phrase) -> Phrase:
    return Phrase("The access to {address} was not withdrawn: {why}", address=address, why=why)


def _options(attempt: Attempt) -> dict[str, str]:
    client = attempt.client
    return {
        "access": attempt.granted.value,
        "client": client.id,
        "tenant": client.tenant,
        "cloud": client.cloud,
    }
