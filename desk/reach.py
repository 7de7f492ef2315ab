"""From a connection to the provider behind it. Each one's libraries are imported on first use."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from desk import exchange
from providers.base import CalendarProvider, ProviderError
from providers.oauth_client import CLOUDS
from providers.tokens import Tokens
from scheduling.connections import VENDORS, Access, Connection, Kind
from scheduling.errors import ErrorKind, KobleError
from words import Phrase

BUILT = VENDORS.keys() | {Kind.LOCAL, Kind.CALDAV, Kind.SUBSCRIPTION, Kind.EXCHANGE}
"""The kinds whose network half exists; the others' last step says that it does not."""
SIGNED_IN = BUILT - {Kind.LOCAL, Kind.SUBSCRIPTION}
"""Those of them that need a secret."""


def stand_in(kind: Kind, what: str) -> str:
    """The server that stands in for a vendor's, as tests and demonstrations name it.

    KOBLE_GOOGLE_LOGIN, KOBLE_GOOGLE_BASE, KOBLE_MICROSOFT_LOGIN and KOBLE_MICROSOFT_BASE may name
    servers on this computer, and no others. Empty: none.

    Args:
        kind: Google or Office 365.
        what: `LOGIN`, where its owner signs in; `BASE`, where its calendars are.

    Raises:
        KobleError: invalid, where it is not on this computer.
    """
    name = f"KOBLE_{'GOOGLE' if kind is Kind.GOOGLE else 'MICROSOFT'}_{what}"
    text = os.environ.get(name, "").rstrip("/")
    try:
        here = not text or urlsplit(text).hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        here = False
    if not here or not (not text or text.startswith(("http://", "https://"))):
        raise KobleError(
            ErrorKind.INVALID, Phrase("{name} may only name a server on this computer.", name=name)
        )
    return text


async def reach(
    connection: Connection,
    secret: Mapping[str, str] | None,
    email: str,
    now: Callable[[], int],
    tokens: Tokens | None = None,
) -> CalendarProvider:
    """The provider of `connection`; nothing is asked of it yet.

    Args:
        connection: what to reach.
        secret: what it signs in with, for the kinds in `SIGNED_IN`.
        email: the owner's address; empty: unknown.
        now: the present time in UTC seconds.
        tokens: what an account in a cloud signs in with.

    Raises:
        ProviderError: auth, where the secret is missing; unsupported, for what is not built.
    """
    me = [email] if email else []
    match connection.kind:
        case Kind.LOCAL:
            return await asyncio.to_thread(_local, connection, me, now)
        case Kind.SUBSCRIPTION:
            return await asyncio.to_thread(_subscription, connection, me)
        case Kind.CALDAV if secret:
            return await asyncio.to_thread(_caldav, connection, secret, me, now)
        case Kind.EXCHANGE if connection.needs_sign_in:
            # Not even once more by the next command: the server counts, and locks the account.
            raise ProviderError(
                ErrorKind.AUTH,
                Phrase("The password of {address} was refused.", address=connection.address),
                Phrase("Sign in again; with two-factor sign-in, use an app password."),
                field="password",
            )
        case Kind.EXCHANGE if secret:
            return await asyncio.to_thread(exchange.provider, connection, secret)
        case Kind.CALDAV | Kind.EXCHANGE:
            raise ProviderError(
                ErrorKind.AUTH,
                Phrase("The password of {address} is not kept here.", address=connection.address),
                Phrase("Connect it again with its password."),
                field="password",
            )
        case Kind.GOOGLE | Kind.OFFICE365 if tokens:
            return await asyncio.to_thread(_cloud, connection, tokens)
        case Kind.GOOGLE | Kind.OFFICE365:
            raise signed_out(connection)
    raise ProviderError(
        ErrorKind.UNSUPPORTED,
        Phrase("koble cannot sign in there yet."),
        Phrase("Connect a folder on this computer meanwhile."),
    )


def signed_out(connection: Connection) -> ProviderError:
    """What is said where an account in a cloud has no sign-in that is good for anything."""
    vendor = "Google" if connection.kind is Kind.GOOGLE else "Office 365"
    return ProviderError(
        ErrorKind.AUTH,
        Phrase(
            "{address} is not signed in to {vendor} any more.",
            address=connection.address,
            vendor=vendor,
        ),
        Phrase("Sign in again."),
    )


def _local(connection: Connection, me: list[str], now: Callable[[], int]) -> CalendarProvider:
    from providers.local import LocalProvider

    return LocalProvider(Path(connection.options["path"]), me=me, now=now)


def _subscription(connection: Connection, me: list[str]) -> CalendarProvider:
    from providers.subscription import SubscriptionProvider

    options = connection.options
    return SubscriptionProvider(options["url"], me=me, local="local" in options)


def _caldav(
    connection: Connection, secret: Mapping[str, str], me: list[str], now: Callable[[], int]
) -> CalendarProvider:
    from providers.caldav import CaldavProvider

    options = connection.options
    username = options["username"]
    if "@" in username and username not in me:
        me = [*me, username]
    return CaldavProvider(
        options["url"],
        username=username,
        password=secret["password"],
        me=me,
        now=now,
        local="local" in options,
        fingerprint=options.get("fingerprint", ""),
    )


def _cloud(connection: Connection, tokens: Tokens) -> CalendarProvider:
    made: Callable[..., CalendarProvider]
    if connection.kind is Kind.GOOGLE:
        from providers.google import GoogleProvider

        made = GoogleProvider
    else:
        from providers.office365 import Office365Provider

        made = Office365Provider
    base, local = base_of(connection)
    return made(
        tokens,
        address=connection.address,
        access=access_of(connection),
        base=base,
        local=local,
    )


def base_of(connection: Connection) -> tuple[str, bool]:
    """Where the calendars of an account in a cloud are, and whether that is on this computer."""
    if base := stand_in(connection.kind, "BASE"):
        return base, True
    if connection.kind is Kind.GOOGLE:
        return "https://www.googleapis.com", False
    return f"https://{CLOUDS[connection.options.get('cloud', 'global')][1]}", False


def access_of(connection: Connection) -> Access:
    """What the owner of an account in a cloud has allowed."""
    return Access(connection.options.get("access", Access.WRITE))
