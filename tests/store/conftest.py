"""What the tests of the store share."""

import os
import random

import pytest


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody cuts the power in these tests, and there are hundreds of stores in each."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "fdatasync", lambda _: None)


@pytest.fixture
def rng() -> random.Random:
    """Chance; what it began with is printed, so that a failure can be had again."""
    seed = int.from_bytes(os.urandom(4), "little")
    print(f"seed {seed}")
    return random.Random(seed)
