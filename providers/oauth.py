"""Signing in to Google and Microsoft: their libraries speak the protocol, koble keeps the rules.

Both are imported here and nowhere else, so this module is imported when somebody signs in.
"""

import base64
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import msal
import msgspec
from google_auth_oauthlib.flow import Flow

from providers.base import ProviderError
from providers.oauth_client import CLOUDS, Client
from providers.oauth_scopes import asked
from providers.oauth_wire import Wire
from providers.tokens import Grant
from scheduling.connections import Access, Kind
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

_HOUR = 3600


class Question(msgspec.Struct, frozen=True):
    """The vendor's page that asks the owner, and the `state` that its answer must carry."""

    url: str
    state: str


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """What is typed on the page at `url`, on any computer, within `expires_in` seconds."""

    url: str
    code: str
    expires_in: int


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed in, and what was granted."""

    address: str
    grant: Grant


class Authority(Protocol):
    """A vendor's sign-in, for one attempt. Raises `ProviderError`, and nothing else."""

    async def question(self, access: Access, redirect: str, expected: str) -> Question:
        """The page where the owner of the account `expected` (empty: any) allows `access`."""
        ...

    async def redeem(self, answer: Mapping[str, str]) -> Signed:
        """Have the grant for what the vendor's page sent back."""
        ...

    async def code(self, access: Access) -> Code:
        """A code to type on another computer."""
        ...

    async def typed(self, sleep: Callable[[float], Awaitable[object]]) -> Signed:
        """Ask, as often as the vendor wants it, until that code was typed."""
        ...

    async def renew(self, grant: Grant) -> Grant:
        """A new access token, and with it maybe another refresh token."""
        ...

    async def revoke(self, grant: Grant) -> None:
        """Give a grant back."""
        ...


def authority(client: Client, now: Callable[[], int], instead: str = "") -> Authority:
    """The sign-in at the vendor of `client`, at the present time `now` in UTC seconds.

    `instead`: scheme, host and port of a server that stands in for the vendor's.
    """
    return (Google if client.kind is Kind.GOOGLE else Microsoft)(client, now, instead)


class Google:
    """Google's sign-in, by google-auth-oauthlib."""

    def __init__(self, client: Client, now: Callable[[], int], instead: str = "") -> None:
        self._client = client
        self._now = now
        self._wire = Wire(Kind.GOOGLE, instead)
        self._flow: Any = None

    async def question(self, access: Access, redirect: str, expected: str) -> Question:
        """See `Authority`. PKCE with S256 is the library's own doing."""
        self._flow = self._made(asked(Kind.GOOGLE, access), redirect)
        # Without `consent` no refresh token comes the second time.
        more = {"prompt": "select_account consent", "access_type": "offline"}
        if expected:
            more["login_hint"] = expected
        url, state = self._flow.authorization_url(**more)
        return Question(self._wire.there(url), state)

    async def redeem(self, answer: Mapping[str, str]) -> Signed:
        """See `Authority`."""

        def work() -> Mapping[str, Any]:
            try:
                return _token(self._flow.fetch_token(code=answer["code"], include_client_id=True))
            except Warning as changed:  # oauthlib's way to say that not all was granted
                return _token(getattr(changed, "token", {}))

        found = await self._wire.aside(work)
        grant = _grant(found, self._now(), _scopes(found))
        return Signed(address=_address(found.get("id_token"), "email"), grant=grant)

    async def code(self, access: Access) -> Code:
        """See `Authority`; Google does not allow it for calendars."""
        raise _no_device()

    async def typed(self, sleep: Callable[[float], Awaitable[object]]) -> Signed:
        """See `Authority`; Google does not allow it for calendars."""
        raise _no_device()

    async def renew(self, grant: Grant) -> Grant:
        """See `Authority`."""
        session = self._made(None, "").oauth2session

        def work() -> Mapping[str, Any]:
            return _token(
                session.refresh_token(
                    _TOKEN,
                    refresh_token=grant.refresh_token,
                    client_id=self._client.id,
                    client_secret=self._client.secret,
                )
            )

        found = await self._wire.aside(work)
        return _grant(found, self._now(), _scopes(found) or grant.scopes)

    async def revoke(self, grant: Grant) -> None:
        """See `Authority`. One that Google does not know any more is given back already."""
        session = self._wire.session()
        token = grant.refresh_token or grant.access_token
        try:
            await self._wire.aside(lambda: session.post(_REVOKE, data={"token": token}))
        except ProviderError as error:
            if error.kind is not ErrorKind.AUTH:
                raise

    def _made(self, scopes: tuple[str, ...] | None, redirect: str) -> Any:
        config = {
            "client_id": self._client.id,
            "client_secret": self._client.secret,
            "auth_uri": "https://accounts.google.com/o/oauth2/v2/auth",
            "token_uri": _TOKEN,
        }
        flow = Flow.from_client_config({"installed": config}, scopes, redirect_uri=redirect)
        self._wire.carry(flow.oauth2session)
        return flow


class Microsoft:
    """Microsoft's sign-in, by msal. What msal caches lives as long as this object."""

    def __init__(self, client: Client, now: Callable[[], int], instead: str = "") -> None:
        self._client = client
        self._now = now
        self._wire = Wire(Kind.OFFICE365, instead)
        self._flow: dict[str, Any] = {}
        self._made: Any = None

    async def question(self, access: Access, redirect: str, expected: str) -> Question:
        """See `Authority`. PKCE with S256 is the library's own doing."""
        app = await self._app()
        with warnings.catch_warnings():
            # It would rather have the answer posted; then nothing could be pasted.
            warnings.simplefilter("ignore")
            self._flow = app.initiate_auth_code_flow(
                list(self._asked(access)),
                redirect_uri=redirect,
                login_hint=expected or None,
                prompt="select_account",
            )
        return Question(self._wire.there(self._flow["auth_uri"]), self._flow["state"])

    async def redeem(self, answer: Mapping[str, str]) -> Signed:
        """See `Authority`."""
        app = await self._app()
        given = dict(answer)
        found = await self._wire.aside(
            lambda: _token(app.acquire_token_by_auth_code_flow(self._flow, given))
        )
        return self._signed(found)

    async def code(self, access: Access) -> Code:
        """See `Authority`."""
        app = await self._app()
        scopes = list(self._asked(access))

        def work() -> Code:
            self._flow = app.initiate_device_flow(scopes)
            return Code(
                url=self._wire.there(self._flow["verification_uri"]),
                code=clean(str(self._flow["user_code"]), limit=40),
                expires_in=self._flow["expires_in"],
            )

        return await self._wire.aside(work)

    async def typed(self, sleep: Callable[[float], Awaitable[object]]) -> Signed:
        """See `Authority`."""
        app = await self._app()

        def once() -> Mapping[str, Any] | None:
            # The pauses are made here, on the loop: msal is to ask once, and not to count them.
            self._flow.pop("latest_attempt_at", None)
            found = app.acquire_token_by_device_flow(self._flow, exit_condition=lambda _: True)
            return None if "error" in found else _token(found)

        while True:
            await sleep(max(1, self._flow["interval"]))
            if found := await self._wire.aside(once):
                return self._signed(found)

    async def renew(self, grant: Grant) -> Grant:
        """See `Authority`."""
        app = await self._app()
        found = await self._wire.aside(
            lambda: _token(
                app.acquire_token_by_refresh_token(grant.refresh_token, list(grant.scopes))
            )
        )
        return _grant(found, self._now(), _scopes(found) or grant.scopes, grant.refresh_token)

    async def revoke(self, grant: Grant) -> None:
        """See `Authority`; Microsoft has no way to."""
        raise ProviderError(
            ErrorKind.UNSUPPORTED,
            Phrase("Microsoft takes nothing back by itself."),
            Phrase("Remove the app at https://myapps.microsoft.com or account.live.com/consent"),
        )

    def _signed(self, found: Mapping[str, Any]) -> Signed:
        claims = found.get("id_token_claims") or {}
        address = claims.get("email") or claims.get("preferred_username") or ""
        grant = _grant(found, self._now(), _scopes(found))
        return Signed(address=clean(str(address), limit=254), grant=grant)

    def _asked(self, access: Access) -> tuple[str, ...]:
        return asked(Kind.OFFICE365, access, self._client.cloud)

    async def _app(self) -> Any:
        if self._made is None:
            login = CLOUDS[self._client.cloud][0]
            session = self._wire.session()
            self._made = await self._wire.aside(
                lambda: msal.PublicClientApplication(
                    self._client.id,
                    authority=f"https://{login}/{self._client.tenant}",
                    http_client=session,
                    instance_discovery=False,
                )
            )
        return self._made


def _token(found: Any) -> Mapping[str, Any]:
    """What a library got, where it is a token at all."""
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        raise TypeError
    return found


def _grant(found: Mapping[str, Any], now: int, scopes: Sequence[str], refresh: str = "") -> Grant:
    return Grant(
        access_token=found["access_token"],
        refresh_token=str(found.get("refresh_token") or refresh),
        expires_at=now + int(found.get("expires_in") or _HOUR),
        scopes=tuple(scopes),
    )


def _scopes(found: Mapping[str, Any]) -> list[str]:
    """The scopes that were granted, without those that Microsoft's library adds by itself."""
    scopes = found.get("scope") or ""
    listed = scopes if isinstance(scopes, list) else str(scopes).split()
    return [str(each) for each in listed if each not in ("openid", "profile", "offline_access")]


def _address(id_token: object, claim: str) -> str:
    """A claim of an id token. It came from the vendor itself: its signature proves no more."""
    try:
        payload = str(id_token).split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return clean(str(claims[claim]), limit=254)
    except (IndexError, KeyError, TypeError, ValueError):
        return ""  # the provider will tell


def _no_device() -> ProviderError:
    return ProviderError(
        ErrorKind.UNSUPPORTED,
        Phrase("Google gives no code for calendars."),
        Phrase("Sign in with a browser on any computer, and paste the address that it ends at."),
        field="device",
    )


_TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
_REVOKE = "https://oauth2.googleapis.com/revoke"
