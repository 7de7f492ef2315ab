"""The tokens of accounts in a cloud: kept among the secrets, and renewed before they run out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from desk.reach import signed_out, stand_in
from providers.base import ProviderError
from providers.oauth_client import Client
from providers.tokens import Grant
from scheduling.connections import Connection
from scheduling.errors import ErrorKind
from store.lock import Lock
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk
    from providers.oauth import Authority

EARLY = 300
"""Seconds before its end at which a token is renewed."""
PATIENCE = 60.0
"""Seconds that another process may take to renew it."""
_PAUSE = 0.02


def secret_of(grant: Grant, client: Client) -> dict[str, str]:
    """What is kept of a grant, with the app that it was made for: it is worth nothing to others."""
    return {
        "access_token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "expires_at": str(grant.expires_at),
        "scopes": " ".join(grant.scopes),
        "client": client.id,
        "client_secret": client.secret,
        "tenant": client.tenant,
        "cloud": client.cloud,
    }


def grant_of(secret: Mapping[str, str]) -> Grant:
    """The grant of which `secret_of` was made."""
    return Grant(
        access_token=secret["access_token"],
        refresh_token=secret["refresh_token"],
        expires_at=int(secret["expires_at"]),
        scopes=tuple(secret["scopes"].split()),
    )


async def authority_of(client: Client, desk: "Desk") -> "Authority":
    """The sign-in at a vendor, in the name of `client`.

    The vendors' libraries take a while to import: on first use, and not on the loop.
    """
    authority = await asyncio.to_thread(_libraries)
    return authority(client, desk.clock.now, stand_in(client.kind, "LOGIN"))


def client_of(connection: Connection, secret: Mapping[str, str]) -> Client:
    """The app that a grant was made for."""
    return Client(
        kind=connection.kind,
        id=secret["client"],
        secret=secret["client_secret"],
        tenant=secret["tenant"],
        cloud=secret["cloud"],
    )


def _libraries() -> "Callable[[Client, Callable[[], int], str], Authority]":
    from providers.oauth import authority

    return authority


class KeptTokens:
    """The access token of one connection, for its provider (`providers.tokens.Tokens`).

    Many may ask at once, in several processes: one renews, under a lock, and the others take what
    it left among the secrets. A new grant is there before anybody uses it, since the vendor may
    not take the old one again.
    """

    def __init__(self, desk: "Desk", connection: Connection, secret: Mapping[str, str]) -> None:
        self._desk = desk
        self._connection = connection
        self._secret = secret
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"KeptTokens({self._connection.id!r})"

    async def token(self, refused: str = "") -> str:
        """See `providers.tokens.Tokens`."""
        grant = grant_of(self._secret)
        if self._good(grant, refused):
            return grant.access_token
        async with self._lock:
            grant = grant_of(self._secret)
            if self._good(grant, refused):
                return grant.access_token
            # Whoever asked may go; a renewal that has begun is kept all the same.
            return await asyncio.shield(self._desk.sign_in.renewal(self._renew(refused)))

    async def _renew(self, refused: str) -> str:
        vault = self._desk.vault
        async with alone(self._desk):
            kept = await vault.get(self._connection.id)
            if kept is None:
                raise signed_out(self._connection)
            self._secret = kept
            grant = grant_of(kept)
            if self._good(grant, refused):
                return grant.access_token
            if not grant.refresh_token:
                raise signed_out(self._connection)
            client = client_of(self._connection, kept)
            renewed = await (await authority_of(client, self._desk)).renew(grant)
            kept = secret_of(renewed, client)
            await vault.set(self._connection.id, kept)
            self._secret = kept
            return renewed.access_token

    def _good(self, grant: Grant, refused: str) -> bool:
        soon = self._desk.clock.now() + EARLY
        return grant.access_token != refused and soon < grant.expires_at


@asynccontextmanager
async def alone(desk: "Desk") -> AsyncIterator[None]:
    """Keep every other koble on the same state from renewing a grant meanwhile.

    Raises:
        ProviderError: unavailable, where another holds on for too long.
    """
    lock = Lock(desk.home / "lock.grants")
    try:
        await _take(lock)
        yield
    finally:
        lock.close()


async def _take(lock: Lock) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            # Taken on the loop, at once or not at all: a thread that was given up might take it
            # for nobody.
            while not lock.acquire(0.0):  # noqa: ASYNC110  # another process tells nothing
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise ProviderError(
            ErrorKind.UNAVAILABLE,
            Phrase("Another koble has been renewing a sign-in for too long."),
            Phrase("Close it, and try again."),
        ) from None
