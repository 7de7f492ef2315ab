"""What every test of the screens stands on: a clean environment, a fixed clock, a fixed zone.

`an_app(screen, …)` is the app with one screen in it and a desk that does nothing; tests of real
screens hand over a real desk.
"""

import os
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.screen import Screen

from tui.app import KobleApp
from tui.chrome import Chrome
from words import use

ZONE = "Europe/Oslo"
NOW = int(datetime(2027, 3, 4, 14, 3, tzinfo=ZoneInfo(ZONE)).timestamp())
"""Thursday 4 March 2027, 14:03."""
SMALL = (80, 24)
LARGE = (120, 40)


class StillClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class _Bus:
    def listen(self, listener: object) -> Callable[[], None]:
        return lambda: None


class _Settings:
    def __init__(self) -> None:
        self.theme = ""
        self.ascii = False

    async def preferences(self) -> "_Settings":
        return self

    async def profile(self) -> SimpleNamespace:
        return SimpleNamespace(zone=ZONE, language="en")


class _Vault:
    ask: object = None


class NoDesk:
    """A desk for tests that are not about one: it can be opened, listened to and closed."""

    def __init__(self) -> None:
        self.bus = _Bus()
        self.settings = _Settings()
        self.vault = _Vault()
        self.closed = False

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this terminal, this person or their language shows in a test."""
    for name in set(os.environ) - {"TEXTUAL_SNAPSHOT_TEMPDIR"}:
        if name.startswith(("TEXTUAL", "KOBLE", "SSH_")) or name in ("NO_COLOR", "COLORTERM"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TERM", "xterm-256color")
    use("en")
    yield
    use("en")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def an_app(clock: StillClock) -> Callable[..., KobleApp]:
    """Makes the app with `screen` as its first screen; other arguments go to `KobleApp`."""

    def make(
        screen: Callable[[], Screen[Any]],
        open_desk: Callable[[], Awaitable[Any]] | None = None,
        **options: Any,
    ) -> KobleApp:
        async def nothing() -> NoDesk:
            return NoDesk()

        async def same(_desk: NoDesk) -> Chrome:
            return app.chrome

        options.setdefault("screens", {"meetings": screen})
        if open_desk is None:
            options.setdefault("read_chrome", same)
        app = KobleApp(
            open_desk or nothing,
            **{"clock": clock, "zone": ZONE, "ascii": False, "animations": False} | options,
        )
        return app

    return make
