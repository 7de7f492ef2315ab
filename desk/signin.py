"""Signing in to Google and Office 365, as the faces drive it."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import msgspec

from desk.reach import CLOUD
from desk.tokens import authority_of
from providers.base import ProviderError
from providers.loopback import Loopback
from providers.oauth_client import Client, google_client, microsoft_client
from providers.oauth_refusals import refusal
from providers.oauth_scopes import asked, granted, missing
from scheduling.connections import Access, Kind
from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk
    from providers.oauth import Authority, Signed

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
_VENDOR = {Kind.GOOGLE: "Google", Kind.OFFICE365: "Microsoft"}


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
    ) -> "Attempt":
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
                Phrase("No app is registered for {vendor} yet.", vendor=_VENDOR[kind]),
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
        vendor = await authority_of(client, self._desk)
        now = self._desk.clock.now()
        attempt = Attempt(vendor, client, access=access, expected=expected.strip())
        attempt._sleep = self.sleep
        if device:
            code = await vendor.code(access)
            attempt.device, attempt.url, attempt.code = True, code.url, code.code
            attempt._end(now, code.expires_in)
            return attempt
        attempt._end(now, self.patience)
        loopback = await Loopback.open()
        try:
            # Entra knows localhost only, and Google recommends the number.
            host = "127.0.0.1" if kind is Kind.GOOGLE else "localhost"
            redirect = f"http://{host}:{loopback.port}"
            question = await vendor.question(access, redirect, attempt.expected)
        except BaseException:
            await loopback.close()
            raise
        attempt.url, attempt._state = question.url, question.state
        attempt.port, attempt._loopback = loopback.port, loopback
        loopback.expect(question.state, attempt._take)
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


class Attempt:
    """One sign-in; leaving it closes its listener.

    Attributes:
        kind: where.
        access: what koble is to be allowed.
        expected: the address that ought to sign in; empty: any.
        device: whether a code is typed on the vendor's page.
        url: the vendor's page; with `device` the one where the code is typed.
        port: where the answer is waited for on this computer; 0 with `device`.
        code: what to type, with `device`.
        expires_at: when it is too late, in UTC seconds.
        missing: after `answered`: what was asked for and not granted, in words.
    """

    def __init__(
        self, vendor: "Authority", client: Client, *, access: Access, expected: str
    ) -> None:
        self.kind = client.kind
        self.client = client
        self.access = access
        self.expected = expected
        self.device = False
        self.url = ""
        self.port = 0
        self.code = ""
        self.expires_at = 0
        self.missing: tuple[str, ...] = ()
        self._vendor = vendor
        self._state = ""
        self._deadline = 0.0
        self._sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
        self._loopback: Loopback | None = None
        self._answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._signed: Signed | None = None

    def __repr__(self) -> str:
        return f"Attempt({self.kind.value!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop listening. A later answer is worth nothing."""
        if self._loopback is not None:
            await self._loopback.close()
            self._loopback = None

    def _end(self, now: int, patience: float) -> None:
        self._deadline = asyncio.get_running_loop().time() + patience
        self.expires_at = now + int(patience)

    @property
    def remote(self) -> bool:
        """Whether no browser can be opened here: a shell over SSH, or no display."""
        if os.environ.get("SSH_CONNECTION"):
            return True
        if sys.platform == "darwin":
            return False
        return not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))

    def ssh_line(self) -> str:
        """What to run on the other computer, so that its browser reaches the listener here."""
        parts = os.environ.get("SSH_CONNECTION", "").split()
        host = parts[2] if len(parts) == 4 else socket.gethostname()
        port = f"-p {parts[3]} " if len(parts) == 4 and parts[3] != "22" else ""
        user = os.environ.get("USER") or os.environ.get("LOGNAME") or ""
        where = f"{user}@{host}" if user else host
        return f"ssh {port}-L {self.port}:localhost:{self.port} {where}"

    async def open_browser(self) -> bool:
        """Open the vendor's page in a browser on this computer; whether one was started."""
        program = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
        if self.remote or program is None:
            return False
        # Not by the webbrowser module: it may start one that takes over the terminal.
        quiet = asyncio.subprocess.DEVNULL
        try:
            started = await asyncio.create_subprocess_exec(
                program, self.url, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
            )
        except OSError:
            return False
        try:
            async with asyncio.timeout(5):
                return await started.wait() == 0
        except TimeoutError:
            return True  # some stay as long as the browser does

    def paste(self, text: str) -> None:
        """Take the address at which the browser ended, or its part `code=…&state=…`.

        Raises:
            KobleError: invalid (field `answer`): it is none, or one of another attempt, or says
                that the access was not allowed. The attempt goes on.
        """
        answer = _pasted(text, self.url)
        if answer.get("state", "") != self._state or not self._state:
            raise _no_answer(
                Phrase("This address belongs to another attempt to sign in."),
                Phrase("Open the page that is shown here, and paste the address it ends at."),
            )
        if "code" not in answer:
            refused = refusal(
                self.kind, answer.get("error", ""), answer.get("error_description", "")
            )
            raise _no_answer(refused.message, refused.hint)
        self._take(answer)

    def _take(self, answer: dict[str, str]) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

    async def answered(self) -> None:
        """Wait for the owner's answer, and have the grant fetched.

        Raises:
            KobleError: auth, unavailable, …: what the vendor says; unavailable, where nobody
                answered in time; permission, where nothing was granted that a calendar needs.
        """
        if self._signed is not None:
            return
        try:
            async with asyncio.timeout_at(self._deadline):
                answer = None if self.device else await self._answer
                signed = await self._vendor.typed(self._sleep) if answer is None else None
        except TimeoutError:
            raise KobleError(
                ErrorKind.UNAVAILABLE,
                Phrase(
                    "Nobody answered on the page of {vendor} in time.", vendor=_VENDOR[self.kind]
                ),
                Phrase("Begin again."),
            ) from None
        if answer is not None:
            if "code" not in answer:
                raise refusal(
                    self.kind, answer.get("error", ""), answer.get("error_description", "")
                )
            signed = await self._vendor.redeem(answer)
        assert signed is not None  # noqa: S101 - one of the two ways
        wanted = asked(self.kind, self.access, self.client.cloud)
        self.missing = tuple(str(each) for each in missing(self.kind, wanted, signed.grant.scopes))
        if granted(self.kind, signed.grant.scopes) is None:
            raise ProviderError(
                ErrorKind.PERMISSION,
                Phrase("{vendor} may not show koble the calendars.", vendor=_VENDOR[self.kind]),
                Phrase("Sign in again, and leave every box ticked."),
            )
        if not signed.grant.refresh_token:
            raise ProviderError(
                ErrorKind.PERMISSION,
                Phrase("{vendor} gave access for an hour only.", vendor=_VENDOR[self.kind]),
                Phrase("Sign in again, and allow koble to keep the access."),
            )
        self._signed = signed

    @property
    def signed(self) -> "Signed":
        """Who signed in, and the grant; `answered` comes before."""
        assert self._signed is not None  # noqa: S101
        return self._signed

    @property
    def granted(self) -> Access:
        """What was in fact allowed, at most what was asked for; `answered` comes before."""
        found = granted(self.kind, self.signed.grant.scopes)
        assert found is not None  # noqa: S101
        order = list(Access)
        return min(found, self.access, key=order.index)

    @property
    def vendor(self) -> "Authority":
        """The vendor's sign-in, to give a grant back that is not wanted."""
        return self._vendor


def _pasted(text: str, page: str) -> dict[str, str]:
    """What a pasted address says. Terminals break long ones into lines."""
    text = "".join(text.split())
    query = urlsplit(text).query if "://" in text else text.lstrip("?")
    answer = {name: values[0] for name, values in parse_qs(query[:_LARGEST]).items()}
    if "code" in answer or "error" in answer:
        return answer
    if "://" in text and urlsplit(text).netloc == urlsplit(page).netloc:
        raise _no_answer(
            Phrase("This is the address of the page itself."),
            Phrase("Go through it in a browser, and paste the address that it ends at."),
        )
    raise _no_answer(
        Phrase("There is no answer in “{text}”.", text=clean(text.partition("?")[0], limit=40)),
        Phrase("Paste the whole address at which the browser ended; it has “code=” in it."),
    )


def _no_answer(message: Phrase, hint: Phrase | None) -> KobleError:
    return KobleError(ErrorKind.INVALID, message, hint, field="answer")


def _name(kind: Kind) -> str:
    return f"client.{kind.value}"


def _check_kind(kind: Kind) -> None:
    if kind not in CLOUD:
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
