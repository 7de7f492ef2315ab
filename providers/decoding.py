"""JSON from outside, made what it ought to be: answers of servers, and cursors that come back."""

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decoded(data: bytes | str | msgspec.Raw, form: type[T]) -> T | None:
    """What `data` says; None where it is something else.

    Two things that JSON allows and `form` does not are put right, so that one odd event does not
    cost a calendar: a null where none belongs is taken for what was left out, and half a
    character, as an emoji that was cut leaves it, becomes a question mark.
    """
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        told = _without_nulls(json.loads(data if isinstance(data, str) else bytes(data)))
        text = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(text, type=form)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value if each is not None]
    return value
