"""Schemas: what changed in the documents from one version of koble to the next."""

from collections.abc import Callable
from typing import Any

Tables = dict[str, dict[int, dict[str, Any]]]
"""Documents by number by table name."""

SCHEMA = 1
"""The schema that this koble writes, and the newest that it reads."""

MIGRATIONS: dict[int, Callable[[Tables], None]] = {}
"""From which schema → what turns its documents into those of the next one, in place."""


def upgrade(tables: Tables, schema: int) -> None:
    """Turn documents of `schema` into those of today's, in place."""
    for each in range(schema, SCHEMA):
        MIGRATIONS[each](tables)
