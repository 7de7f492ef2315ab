"""Structs to documents and back; a document is a struct's builtins."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from scheduling.events import Event

T = TypeVar("T")


def document(record: msgspec.Struct) -> dict[str, Any]:
    """The document that the store keeps of `record`."""
    builtins = msgspec.to_builtins(record)
    assert isinstance(builtins, dict)  # noqa: S101 - a Struct always becomes a dict
    return builtins


def record(kind: type[T], document: dict[str, Any]) -> T:
    """The record of which `document` was made."""
    return msgspec.convert(document, kind)


@lru_cache(maxsize=1_000)
def event_of(json: bytes) -> Event:
    """The event that the store keeps as `json`. Series are long, and looked at week by week."""
    return msgspec.json.decode(json, type=Event)


def records(kind: type[T], documents: Iterable[dict[str, Any]]) -> list[T]:
    """As `record`, for many."""
    return [msgspec.convert(each, kind) for each in documents]
