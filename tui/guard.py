"""What happens to an exception that nobody expected: it is shown and written down, not fatal.

Uses private names of Textual, which is pinned exactly for it: where a message is dispatched, where
Textual would end the app and print a traceback with local variables in it, and the task behind a
worker.
"""

import os
import time
import traceback
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker

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

    async def guarded(self, node: DOMNode, job: Coroutine[Any, Any, None]) -> None:
        """Await `job`; what goes wrong in it is shown, as if it had gone wrong in a handler.

        A job may outlive what it was to show something on by a moment: that is no error.
        """
        try:
            await job
        except NoMatches as error:
            if node.is_attached and not node._pruning:
                self._handle_exception(error)
        except Exception as error:
            self._handle_exception(error)

    def start(self, node: DOMNode, job: Coroutine[Any, Any, None], group: str) -> Worker[None]:
        """Run `job`, guarded, as a worker of `node`, in place of an older one of that group."""
        worker: Worker[None] = node.run_worker(
            partial(self.guarded, node, job), group=group, exclusive=True, exit_on_error=False
        )
        if worker._task is not None:
            # One that is cancelled at once has not even begun its job.
            worker._task.add_done_callback(lambda _task: job.close())
        return worker

    def end_with(self, text: str) -> None:
        """Say `text` below the terminal's prompt, where the app never came up, or is ending."""
        self._return_code = self._return_code if self._exit else 1
        self.panic(Text(text))

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
