"""The keyrings of desktops, each asked by name: none of them ever prompts on the terminal."""

import logging
import sys
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "koble"
PATIENCE = 60.0
"""Seconds that a desktop may take to ask its user to unlock the keyring."""

_log = logging.getLogger(__name__)


class Unusable(Exception):
    """No keyring did what it was asked to."""


class Keyring:
    """The first keyring that answers."""

    def __init__(self) -> None:
        self._back_end: KeyringBackend = _bounded(_first)

    def get(self, user: str) -> str | None:
        """What is kept for `user`.

        Raises:
            Unusable: it cannot be said.
        """
        found: str | None = _bounded(lambda: self._back_end.get_password(SERVICE, user))
        return found

    def set(self, user: str, password: str) -> None:
        """Keep `password`, and see that it is kept.

        Raises:
            Unusable: it is not.
        """
        _bounded(lambda: self._back_end.set_password(SERVICE, user, password))
        if self.get(user) != password:
            raise Unusable("the keyring forgot at once")

    def delete(self, user: str) -> None:
        """Forget what is kept for `user`.

        Raises:
            Unusable: it was not there, or stays.
        """
        _bounded(lambda: self._back_end.delete_password(SERVICE, user))


def back_ends() -> "Sequence[type[KeyringBackend]]":
    """The keyrings that are asked, in this order.

    Chosen here and not by keyring itself, which takes whatever is installed: among them back ends
    that ask for a password on the terminal, or that write it down in plain text.
    """
    # keyring takes 130 ms to import: only where a secret is wanted.
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return (macOS.Keyring,)
    from keyring.backends import SecretService, kwallet

    return (SecretService.Keyring, kwallet.DBusKeyring)


def _first() -> "KeyringBackend":
    for back_end in back_ends():
        try:
            # Whether it is there at all; reading the attribute raises where it is not.
            if back_end.priority > 0:
                return back_end()
        except Exception as error:
            # Back ends raise whatever their libraries raise.
            _log.info("%s is not usable: %s", back_end.__module__, type(error).__name__)
    raise Unusable("none answers")


def _bounded(action: Callable[[], Any]) -> Any:
    """What `action` returns; Unusable where it fails in any way, or does not come back."""
    answers: SimpleQueue[tuple[bool, Any]] = SimpleQueue()

    def run() -> None:
        try:
            answers.put((True, action()))
        except Exception as error:
            answers.put((False, type(error).__name__))

    Thread(target=run, name="keyring", daemon=True).start()
    try:
        done, answer = answers.get(timeout=PATIENCE)
    except Empty:
        raise Unusable("no answer") from None
    if not done:
        # The name only: what back ends say may quote what they were given.
        raise Unusable(str(answer))
    return answer
