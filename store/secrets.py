"""Secrets: tokens and passwords in one encrypted file, its key somewhere safer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


class Secrets:
    """What connections need to sign in, by name. Never in the store, in a repr or in a log.

    Attributes:
        where: where the key lies, in words for a person.
    """

    @classmethod
    def open(
        cls,
        home: Path,
        passphrase: Callable[[], str] | None = None,
        *,
        allow_plain: bool = False,
    ) -> "Secrets":
        """Find the key: a key file or credential that was given, the keyring, the passphrase.

        `passphrase` is called at most once, and only where nothing else has the key.

        Raises:
            KobleError: auth (a wrong passphrase or key) or storage, with the way out.
        """
        raise NotImplementedError

    @property
    def where(self) -> str:
        """Where the key lies, in words for a person."""
        raise NotImplementedError

    def get(self, name: str) -> dict[str, Any] | None:
        """The secret called `name`, as another process may have left it a moment ago."""
        raise NotImplementedError

    def set(self, name: str, value: dict[str, Any]) -> None:
        """Keep `value` under `name`, durably."""
        raise NotImplementedError

    def delete(self, name: str) -> None:
        """Forget `name`; one that is not there is no error."""
        raise NotImplementedError
