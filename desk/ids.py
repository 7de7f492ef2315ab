"""The only place that makes ids."""

import secrets
from collections.abc import Callable
from itertools import count

Ids = Callable[[], str]
"""Gives a new id at each call: letters a–v and digits, which every vendor takes as an event id."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"


def random_ids() -> str:
    """An unguessable id of 130 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


def counted_ids(prefix: str = "id") -> Ids:
    """Ids that count up, for tests and pictures."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers):05d}"
