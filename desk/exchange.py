"""Connecting accounts on Exchange servers: what is found on the way, and what is kept of it."""

import asyncio
from typing import TYPE_CHECKING

import msgspec

from desk.accounts import ExchangeAccount, check_password
from desk.records import records
from providers.base import CalendarProvider
from providers.certificates import Certificate, UnknownCertificate
from scheduling.connections import Connection, Kind, Use
from words import Phrase

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from desk.desk import Desk
    from providers.exchange_connect import Finder, Step

__all__ = ["Certificate", "Note", "UnknownCertificate", "connect", "look", "provider"]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was seen on the way to a server; no secret is in it."""

    text: Phrase
    ok: bool
    hint: Phrase | None = None


async def connect(
    desk: "Desk",
    account: ExchangeAccount,
    password: str,
    *,
    full: bool,
    allow_local: bool,
    fingerprint: str,
    use: Use,
) -> Connection:
    """See `Connections.connect_exchange`."""
    check_password(password)
    known = [
        each
        for each in records(Connection, await desk.read(lambda store: store.connections.all()))
        if each.kind is Kind.EXCHANGE and each.address.casefold() == account.address.casefold()
    ]
    if not known and (
        refusal := await desk.connections.refusal(Kind.EXCHANGE, account.address, use)
    ):
        raise refusal
    desk.vault.retry()
    finder = await asyncio.to_thread(_finder, account, password, allow_local, fingerprint)
    found = await finder.find(account.url)
    options = {
        "url": found.url,
        "username": found.username,
        "scheme": found.scheme,
        "version": found.version or account.version,
    }
    options["zone"] = (await desk.settings.profile()).zone
    options |= {"local": "yes"} if allow_local else {}
    options |= {"fingerprint": found.fingerprint} if found.fingerprint else {}
    secret = {"password": password}
    if known:
        made = await desk.connections.renew(known[0], options, secret)
    else:
        made = await desk.connections.connect(
            Kind.EXCHANGE, address=account.address, options=options, use=use, secret=secret
        )
    if full and not made.full_exchange:
        made = await desk.connections.change(made.id, full_exchange=True)
    return made


async def look(desk: "Desk", connection: Connection) -> list[Note]:
    """What is seen on the way to a connection's server now, Autodiscover included.

    Raises:
        KobleError: its password cannot be had.
    """
    secret = await desk.vault.get(connection.id)
    zone = (await desk.settings.profile()).zone
    steps = await asyncio.to_thread(_examination, connection, secret or {}, zone)
    return [Note(text=each.text, ok=each.ok, hint=each.hint) for each in await steps]


def _examination(
    connection: Connection, secret: "Mapping[str, str]", zone: str
) -> "Coroutine[None, None, list[Step]]":
    from providers.exchange_examine import examine  # exchangelib takes a while to import
    from providers.exchange_server import Server

    options = connection.options
    username, password = options["username"], secret.get("password", "")
    local = "local" in options
    server = Server(
        options["url"],
        username=username,
        password=password,
        scheme=options["scheme"],
        local=local,
        fingerprint=options.get("fingerprint", ""),
    )
    return examine(
        server,
        address=connection.address,
        username=username,
        password=password,
        local=local,
        zone=zone,
    )


def provider(connection: Connection, secret: "Mapping[str, str]") -> CalendarProvider:
    """The provider of a connection; exchangelib is imported now, which takes a while."""
    from providers.exchange import ExchangeProvider

    options = connection.options
    return ExchangeProvider(
        options["url"],
        address=connection.address,
        username=options["username"],
        password=secret["password"],
        scheme=options["scheme"],
        local="local" in options,
        fingerprint=options.get("fingerprint", ""),
        zone=options.get("zone", ""),
    )


def _finder(
    account: ExchangeAccount, password: str, allow_local: bool, fingerprint: str
) -> "Finder":
    from providers.addresses import tidy_fingerprint
    from providers.exchange_connect import Finder  # exchangelib takes a while to import

    return Finder(
        account.address,
        password,
        username=account.username,
        local=allow_local,
        fingerprint=tidy_fingerprint(fingerprint),
    )
