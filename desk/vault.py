"""The desk's way to the secrets: opened when one is first needed, and never on the loop."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from scheduling.errors import ErrorKind, KobleError
from words import Phrase

if TYPE_CHECKING:
    from store.secrets import Secrets

T = TypeVar("T")
FILE = "KOBLE_PASSPHRASE_FILE"
"""Names a file with the passphrase, for where nobody can be asked."""


class Vault:
    """What connections need to sign in.

    Attributes:
        ask: asks the person for the passphrase; True: for a new one. A face sets it; it raises
            `KobleError` where the person will not say. Nobody is asked again then, until `retry`.
    """

    def __init__(self, home: Path) -> None:
        self.ask: Callable[[bool], Awaitable[str]] | None = None
        self._home = home
        self._secrets: Secrets | None = None
        self._lock = asyncio.Lock()
        self._asking: Future[str] | None = None
        self._refused: KobleError | None = None

    async def get(self, name: str) -> dict[str, str] | None:
        """The secret called `name`.

        Raises:
            KobleError: auth or storage, where the secrets cannot be opened, with the way out.
        """
        return await self._run(lambda secrets: secrets.get(name))

    async def set(self, name: str, value: dict[str, str]) -> None:
        """Keep `value` under `name`; errors as `get`."""
        await self._run(lambda secrets: secrets.set(name, value))

    async def delete(self, name: str) -> None:
        """Forget `name`; errors as `get`."""
        await self._run(lambda secrets: secrets.delete(name))

    async def where(self) -> str:
        """Where the key to the secrets lies, in words for a person; errors as `get`."""
        return await self._run(lambda secrets: secrets.where)

    def retry(self) -> None:
        """The person is at work on it: ask again where they would not say before."""
        self._refused = None

    async def _run(self, job: "Callable[[Secrets], T]") -> T:
        async with self._lock:
            loop = asyncio.get_running_loop()
            try:
                return await asyncio.to_thread(self._do, job, loop)
            except asyncio.CancelledError:
                if self._asking is not None:
                    self._asking.cancel()  # the thread must not wait for a person who has gone
                raise

    # On a thread:

    def _do(self, job: "Callable[[Secrets], T]", loop: asyncio.AbstractEventLoop) -> T:
        from store.secrets import Secrets  # the keyring and its libraries: on first use

        def ask() -> str:
            if os.environ.get(FILE):
                return _from_file(Path(os.environ[FILE]))
            if self._refused is not None:
                raise self._refused
            assert self.ask is not None  # noqa: S101 - else this is not handed over
            new = not (self._home / "secrets").exists()
            self._asking = asyncio.run_coroutine_threadsafe(_await(self.ask(new)), loop)
            try:
                return self._asking.result()
            except KobleError as error:
                self._refused = error
                raise
            finally:
                self._asking = None

        if self._secrets is None:
            can = bool(os.environ.get(FILE)) or self.ask is not None
            self._secrets = Secrets.open(self._home, ask if can else None)
        return job(self._secrets)


async def _await(answer: Awaitable[str]) -> str:
    return await answer


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
        loose = path.stat().st_mode & 0o077
    except (OSError, UnicodeError) as error:
        raise KobleError(
            ErrorKind.STORAGE,
            Phrase("The passphrase file {path} cannot be read.", path=str(path)),
        ) from error
    if loose:
        raise KobleError(
            ErrorKind.PERMISSION,
            Phrase("Others can read the passphrase file {path}.", path=str(path)),
            Phrase("Make it yours alone: chmod 600 {path}", path=str(path)),
        )
    return text
