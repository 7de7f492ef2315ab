"""Signing in to Google and Office 365, as the faces drive it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desk.attempt import Attempt
from desk.tokens import authority_of
from providers.oauth_client import Client, google_client, microsoft_client
from scheduling.connections import VENDORS, Access, Kind
from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk

__all__ = ["Attempt", "Client", "SignIns"]
PATIENCE = 300
"""Seconds that the owner has to answer on the vendor's page."""
_LARGEST = 65_536
"""Bytes of a file with a client."""
_ENVIRONMENT = {Kind.GOOGLE: "KOBLE_GOOGLE_CLIENT", Kind.OFFICE365: "KOBLE_MICROSOFT_CLIENT"}
_REGISTER = {
    Kind.GOOGLE: Phrase(
        "Make an OAuth client of the type “Desktop app” in the Google Cloud console, and write it"
        " into the settings; or name its client_secret.json in KOBLE_GOOGLE_CLIENT."
    ),
    Kind.OFFICE365: Phrase(
        "Register an app in Entra, with http://localhost under “Mobile and desktop applications”,"
        " and write its id into the settings; or set KOBLE_MICROSOFT_CLIENT to it."
    ),
}


class SignIns:
    """The registered apps by which koble signs in, and attempts to do so.

    Attributes:
        patience: seconds that the owner has to answer in the browser.
        sleep: how the pauses between questions about a typed code are made.
    """

    def __init__(self, desk: "Desk") -> None:
        self.patience: float = PATIENCE
        self.sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
        self._desk = desk
        self._renewals: set[asyncio.Task[str]] = set()

    async def client(self, kind: Kind) -> Client | None:
        """The app that is registered for `kind`: of the settings, else of the environment.

        KOBLE_GOOGLE_CLIENT is the path of a client_secret.json, KOBLE_MICROSOFT_CLIENT an id, or
        an id and a tenant as `id@tenant`.

        Raises:
            KobleError: what is wrong with it; or as `Vault.get`.
        """
        _check_kind(kind)
        name = _name(kind)
        found = await self._desk.read(lambda store: store.settings.by_id(name))
        if found is not None:
            client = msgspec.convert(found["value"], Client)
            secret = await self._desk.vault.get(name) if kind is Kind.GOOGLE else None
            return msgspec.structs.replace(client, secret=(secret or {}).get("secret", ""))
        text = os.environ.get(_ENVIRONMENT[kind], "").strip()
        if not text:
            return None
        if kind is Kind.GOOGLE:
            return google_client(await asyncio.to_thread(_read, text), "", text)
        text, _, tenant = text.partition("@")
        return microsoft_client(text, "", tenant, "", "environment")

    async def save_client(
        self, kind: Kind, text: str, *, secret: str = "", tenant: str = "", cloud: str = ""
    ) -> Client:
        """Keep an app in the settings, its secret among the secrets.

        Args:
            kind: whose app it is.
            text: its id; for Google also the path of client_secret.json, or what is in it.
            secret: Google's, where `text` is an id.
            tenant: Microsoft's: an id or a domain; empty: any account.
            cloud: Microsoft's: `global`, `usgov`, `dod` or `china`.

        Raises:
            KobleError: invalid (field `client`, `secret`, `tenant` or `cloud`), with the way out.
        """
        _check_kind(kind)
        text = text.strip()
        if kind is Kind.GOOGLE:
            if _is_path(text):
                text = await asyncio.to_thread(_read, text)
            client = google_client(text, secret, "settings")
            self._desk.vault.retry()
            await self._desk.vault.set(_name(kind), {"secret": client.secret})
        else:
            client = microsoft_client(text, secret, tenant, cloud, "settings")
        kept = msgspec.to_builtins(msgspec.structs.replace(client, secret=""))

        def commit(store: Store) -> None:
            store.settings.put({"id": _name(kind), "value": kept})
            said = Phrase("Settings changed: {part}.", part=_name(kind))
            self._desk.log.add(store, said, subject=_name(kind))

        await self._desk.write(commit)
        return client

    async def forget_client(self, kind: Kind) -> None:
        """Remove an app from the settings; connections that were made with it go on."""
        _check_kind(kind)
        await self._desk.write(lambda store: store.settings.drop(_name(kind)))
        if kind is Kind.GOOGLE:
            await self._desk.vault.delete(_name(kind))

    async def begin(
        self,
        kind: Kind,
        *,
        access: Access = Access.WRITE,
        device: bool = False,
        expected: str = "",
    ) -> Attempt:
        """An attempt to sign in, to be used in an `async with`.

        Args:
            kind: where.
            access: what koble is to be allowed.
            device: by a code that is typed on any computer; Microsoft only.
            expected: the address that ought to sign in; empty: any.

        Raises:
            KobleError: auth (field `client`), where no app is registered; unsupported (field
                `device`); or what the vendor says.
        """
        client = await self.client(kind)
        if client is None:
            raise KobleError(
                ErrorKind.AUTH,
                Phrase("No app is registered for {vendor} yet.", vendor=VENDORS[kind]),
                _REGISTER[kind],
                field="client",
            )
        if kind is Kind.GOOGLE and not client.secret:
            raise KobleError(
                ErrorKind.AUTH,
                Phrase("The secret of the app is not kept here."),
                Phrase("Write it into the settings again."),
                field="secret",
            )
        attempt = Attempt(
            await authority_of(client, self._desk),
            client,
            access=access,
            expected=expected.strip(),
            now=self._desk.clock.now(),
            sleep=self.sleep,
        )
        await (attempt.by_code() if device else attempt.by_browser(self.patience))
        return attempt

    def renewal(self, work: Coroutine[Any, Any, str]) -> asyncio.Task[str]:
        """Renew a token; `close` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._renewals.add(task)
        task.add_done_callback(self._renewed)
        return task

    def _renewed(self, task: asyncio.Task[str]) -> None:
        self._renewals.discard(task)
        if not task.cancelled():
            task.exception()  # told to whoever asked; nobody may be left to be told

    async def close(self) -> None:
        """Wait for the renewals that are under way: a new grant must not be lost."""
        await asyncio.gather(*self._renewals, return_exceptions=True)


def _name(kind: Kind) -> str:
    return f"client.{kind.value}"


def _check_kind(kind: Kind) -> None:
    if kind not in VENDORS:
        raise KobleError(
            ErrorKind.UNSUPPORTED, Phrase("Only Google and Office 365 are signed in to this way.")
        )


def _is_path(text: str) -> bool:
    return not text.startswith("{") and (text.endswith(".json") or text[:1] in ("/", "~", "."))


def _read(path: str) -> str:
    """The text of a file that somebody named."""
    try:
        with Path(path).expanduser().open("rb") as file:
            return file.read(_LARGEST).decode()
    except (OSError, RuntimeError, UnicodeError, ValueError) as error:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("{path} cannot be read.", path=clean(path, limit=200)),
            Phrase("Name the file client_secret.json that Google offered for download."),
            field="client",
        ) from error
