"""One attempt to sign in to a cloud: by a browser here, a pasted address, or a typed code."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from shlex import quote
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs

from providers.base import ProviderError
from providers.loopback import Loopback
from providers.oauth_client import Client
from providers.oauth_refusals import refusal
from providers.oauth_scopes import asked, granted, missing
from scheduling.connections import VENDORS, Access, Kind
from scheduling.errors import ErrorKind, KobleError
from words import Phrase

if TYPE_CHECKING:
    from providers.oauth import Authority, Signed

_LONGEST = 65_536
"""Characters of a pasted address."""


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
        vendor: its sign-in.
    """

    def __init__(
        self,
        vendor: "Authority",
        client: Client,
        *,
        access: Access,
        expected: str,
        now: int,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.kind = client.kind
        self.client = client
        self.access = access
        self.expected = expected
        self.device = False
        self.url = ""
        self.port = 0
        self.code = ""
        self.expires_at = now
        self.missing: tuple[str, ...] = ()
        self.vendor = vendor
        self._state = ""
        self._deadline = 0.0
        self._sleep = sleep
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

    async def by_browser(self, patience: float) -> None:
        """Listen, and find the vendor's page; its answer is waited for `patience` seconds.

        Raises:
            KobleError: unavailable, where nothing can listen here; or what the vendor says.
        """
        try:
            self._loopback = await Loopback.open()
        except OSError as error:
            raise KobleError(
                ErrorKind.UNAVAILABLE,
                Phrase("Nothing can listen on this computer: {why}.", why=str(error.strerror)),
            ) from error
        self.port = self._loopback.port
        # Entra knows localhost only, and Google recommends the number.
        host = "127.0.0.1" if self.kind is Kind.GOOGLE else "localhost"
        try:
            question = await self.vendor.question(
                self.access, f"http://{host}:{self.port}", self.expected
            )
        except BaseException:
            await self.close()
            raise
        self.url, self._state = question.url, question.state
        self._loopback.expect(question.state, self._take)
        self._end(patience)

    async def by_code(self) -> None:
        """Have a code that is typed on the vendor's page, on any computer.

        Raises:
            KobleError: unsupported (field `device`); or what the vendor says.
        """
        code = await self.vendor.code(self.access)
        self.device, self.url, self.code = True, code.url, code.code
        self._end(code.expires_in)

    def _end(self, patience: float) -> None:
        self._deadline = asyncio.get_running_loop().time() + patience
        self.expires_at += int(patience)

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
        return f"ssh {port}-L {self.port}:localhost:{self.port} {quote(where)}"

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
            refused = self._refusal(answer)
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
        signed = await (self._typed() if self.device else self._browsed())
        wanted = asked(self.kind, self.access, self.client.cloud)
        self.missing = tuple(str(each) for each in missing(self.kind, wanted, signed.grant.scopes))
        if granted(self.kind, signed.grant.scopes) is None:
            raise ProviderError(
                ErrorKind.PERMISSION,
                Phrase("{vendor} may not show koble the calendars.", vendor=VENDORS[self.kind]),
                Phrase("Sign in again, and leave every box ticked."),
            )
        if not signed.grant.refresh_token:
            raise ProviderError(
                ErrorKind.PERMISSION,
                Phrase("{vendor} gave access for an hour only.", vendor=VENDORS[self.kind]),
                Phrase("Sign in again, and allow koble to keep the access."),
            )
        self._signed = signed

    async def _browsed(self) -> "Signed":
        async with self._in_time():
            # Whoever waits may be gone, and come back for the same answer.
            answer = await asyncio.shield(self._answer)
        if "code" not in answer:
            raise self._refusal(answer)
        return await self.vendor.redeem(answer)

    async def _typed(self) -> "Signed":
        async with self._in_time():
            return await self.vendor.typed(self._sleep)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError:
            raise KobleError(
                ErrorKind.UNAVAILABLE,
                Phrase("Nobody answered at {vendor} in time.", vendor=VENDORS[self.kind]),
                Phrase("Begin again."),
            ) from None

    def _refusal(self, answer: Mapping[str, str]) -> KobleError:
        return refusal(self.kind, answer.get("error", ""), answer.get("error_description", ""))

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


def _pasted(text: str, page: str) -> dict[str, str]:
    """What a pasted address says. Terminals break long ones into lines."""
    text = "".join(text.split())[:_LONGEST]
    before, mark, query = text.rpartition("?")
    answer = {name: values[0] for name, values in parse_qs(query.partition("#")[0]).items()}
    if "code" in answer or "error" in answer:
        return answer
    if mark and before == page.partition("?")[0]:
        raise _no_answer(
            Phrase("This is the address of the page itself."),
            Phrase("Go through it in a browser, and paste the address that it ends at."),
        )
    raise _no_answer(
        Phrase("There is no answer in this text."),
        Phrase("Paste the whole address at which the browser ended; it has “code=” in it."),
    )


def _no_answer(message: Phrase, hint: Phrase | None) -> KobleError:
    return KobleError(ErrorKind.INVALID, message, hint, field="answer")
