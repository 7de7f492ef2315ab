"""The one family of errors that a person is meant to read."""

from enum import StrEnum

from words import Phrase


class ErrorKind(StrEnum):
    """What kind of trouble it is; faces choose exit codes and keys to offer by it."""

    AUTH = "auth"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    INVALID = "invalid"
    UNSUPPORTED = "unsupported"
    NOT_OFFERED = "not_offered"
    NOT_CONNECTED = "not_connected"
    STORAGE = "storage"


class KobleError(Exception):
    """Something went wrong, in words for a person.

    Args:
        kind: which kind of trouble.
        message: what happened.
        hint: the way out, where there is one.
        field: the name of the form field or setting that caused it.
        wait: seconds until it makes sense to try again (throttled).
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: Phrase,
        hint: Phrase | None = None,
        *,
        field: str = "",
        wait: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint
        self.field = field
        self.wait = wait

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else str(self.message)
