"""From a connection to the provider behind it. Each one's libraries are imported on first use."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from providers.base import CalendarProvider, ProviderError
from scheduling.connections import Connection, Kind
from scheduling.errors import ErrorKind
from words import Phrase

BUILT = frozenset({Kind.LOCAL, Kind.CALDAV, Kind.SUBSCRIPTION})
"""The kinds whose network half exists; the others' last step says that it does not."""
SIGNED_IN = BUILT - {Kind.LOCAL, Kind.SUBSCRIPTION}
"""Those of them that need a secret."""


async def reach(
    connection: Connection, secret: Mapping[str, str] | None, email: str, now: Callable[[], int]
) -> CalendarProvider:
    """The provider of `connection`; nothing is asked of it yet.

    Args:
        connection: what to reach.
        secret: what it signs in with, for the kinds in `SIGNED_IN`.
        email: the owner's address; empty: unknown.
        now: the present time in UTC seconds.

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
        case Kind.CALDAV:
            raise ProviderError(
                ErrorKind.AUTH,
                Phrase("The password of {address} is not kept here.", address=connection.address),
                Phrase("Connect it again with its password."),
                field="password",
            )
    raise ProviderError(
        ErrorKind.UNSUPPORTED,
        Phrase("koble cannot sign in there yet."),
        Phrase("Connect a folder on this computer meanwhile."),
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
