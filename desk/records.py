"""Structs to documents and back; a document is a struct's builtins."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def document(record: msgspec.Struct) -> dict[str, Any]:
    """The document that the store keeps of `record`."""
    builtins = msgspec.to_builtins(record)
    assert isinstance(builtins, dict)  # noqa: S101 - a Struct always becomes a dict
    return builtins


def record(kind: type[T], document: dict[str, Any]) -> T:
    """The record of which `document` was made."""
    return msgspec.convert(document, kind)


def records(kind: type[T], documents: Iterable[dict[str, Any]]) -> list[T]:
    """As `record`, for many."""
    return [msgspec.convert(each, kind) for each in documents]
