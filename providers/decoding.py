"""JSON from outside, made what it ought to be: answers of servers, and cursors that come back."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decoded(data: bytes | str | msgspec.Raw, form: type[T]) -> T | None:
    """What `data` says; None where it is something else.

    A null where none belongs is taken for what was left out: to many servers that is the same.
    """
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.ValidationError:
        pass  # JSON, but of another form
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    try:
        told = msgspec.json.encode(_without_nulls(msgspec.json.decode(data)))
        return msgspec.json.decode(told, type=form)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value if each is not None]
    return value
