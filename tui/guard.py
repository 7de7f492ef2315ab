"""What happens to an exception that nobody expected: it is shown and written down, not fatal.

The only file that uses private names of Textual (pinned exactly for it): where a message is
dispatched, and where Textual would end the app and print a traceback with local variables in it.
"""

import os
import time
import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    _Pump = MessagePump
else:
    _Pump = object


class Guarded(_Pump):
    """Mix into a screen or widget: an exception in a handler of its goes to `app.trouble`."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not isinstance(self.app, GuardedApp) or not self.app.trouble(error):
                raise


class GuardedApp(App[int]):
    """An app that outlives errors in its handlers once it runs."""

    def trouble(self, error: Exception) -> bool:
        """Show and keep `error`; False where the app cannot go on without it being raised."""
        raise NotImplementedError

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not self.trouble(error):
                raise

    async def guarded(self, job: Awaitable[None]) -> None:
        """Await `job` for a worker; what goes wrong in it is shown."""
        try:
            await job
        except Exception as error:
            self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        if not self.trouble(error):
            super()._handle_exception(error)


def write_crash(home: Path, error: BaseException) -> Path:
    """Write the traceback of `error`, without any values of variables, into `home`/crash.

    Returns the file, which only the user can read.
    """
    folder = home / "crash"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / time.strftime("%Y%m%d-%H%M%S.txt", time.gmtime())
    text = "".join(traceback.format_exception(error))
    with open(path, "a", encoding="utf-8", opener=_private) as file:
        file.write(text + "\n")
    return path


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
