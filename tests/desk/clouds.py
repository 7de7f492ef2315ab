"""A desk whose accounts in a cloud sign in at a double, and whose calendars are a few lines."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from desk.desk import Desk
from desk.tokens import KeptTokens, secret_of
from providers.base import (
    CalendarInfo,
    Capabilities,
    ChangePage,
    Draft,
    Identity,
    ProviderError,
    Written,
)
from providers.oauth_client import Client
from providers.tokens import Grant, Tokens
from scheduling.connections import Connection, Kind
from scheduling.errors import ErrorKind
from scheduling.events import Span
from tests.vendors.oauth import GOOGLE_ID, GOOGLE_SECRET, Logins
from words import Phrase

GOOGLE = Client(kind=Kind.GOOGLE, id=GOOGLE_ID, secret=GOOGLE_SECRET)
KEY = "0123456789abcdef" * 4


class Cloud:
    """A provider that shows one calendar to whoever has a token that the double gave out."""

    capabilities = Capabilities(write=True, invite=True)

    def __init__(self, logins: Logins, tokens: Tokens) -> None:
        self._logins = logins
        self._tokens = tokens

    async def _sign_in(self) -> None:
        token = await self._tokens.token()
        if token not in self._logins.access:
            token = await self._tokens.token(refused=token)
        if token not in self._logins.access:
            raise ProviderError(ErrorKind.AUTH, Phrase("No."))

    async def identity(self) -> Identity:
        await self._sign_in()
        return Identity(address=self._logins.owner.account)

    async def calendars(self) -> list[CalendarInfo]:
        await self._sign_in()
        return [CalendarInfo(native="work", name="Work", primary=True)]

    async def changes(self, calendar: str, cursor: str, horizon: Span) -> AsyncIterator[ChangePage]:
        await self._sign_in()
        yield ChangePage(cursor="1", complete=True)

    async def create(self, calendar: str, draft: Draft) -> Written:
        raise NotImplementedError

    async def find(self, calendar: str, uid: str) -> Written | None:
        raise NotImplementedError

    async def update(self, calendar: str, resource: str, etag: str, draft: Draft) -> Written:
        raise NotImplementedError

    async def delete(self, calendar: str, resource: str, etag: str, *, comment: str = "") -> None:
        raise NotImplementedError

    async def watch(self) -> AsyncIterator[str]:
        for native in list[str]():
            yield native

    async def close(self) -> None:
        pass


def reaching(logins: Logins) -> Callable[..., object]:
    """What stands in for `desk.reach.reach`."""

    async def reach(
        connection: Connection,
        secret: Mapping[str, str] | None,
        email: str,
        now: Callable[[], int],
        tokens: Tokens | None = None,
    ) -> Cloud:
        if tokens is None:
            raise ProviderError(ErrorKind.AUTH, Phrase("The sign-in is not kept here."))
        return Cloud(logins, tokens)

    return reach


async def signed_in(desk: Desk, logins: Logins, *, expires_in: int = 3600) -> KeptTokens:
    """The tokens of an account that signed in at Google a while ago."""
    given = logins.grant("scope-a scope-b")
    grant = Grant(
        access_token=given["access_token"],
        refresh_token=given["refresh_token"],
        expires_at=desk.clock.now() + expires_in,
        scopes=("scope-a", "scope-b"),
    )
    connection = account()
    secret = secret_of(grant, GOOGLE)
    await desk.vault.set(connection.id, secret)
    return KeptTokens(desk, connection, secret)


def account() -> Connection:
    """The connection of `signed_in`."""
    options = {"client": GOOGLE_ID, "access": "write"}
    return Connection(
        id="cloud", kind=Kind.GOOGLE, address="ada@example.com", made_at=0, options=options
    )


def files_under(home: Path, but: Sequence[str] = ()) -> str:
    """All that lies in the home, as text."""
    return "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.name not in but
    )
