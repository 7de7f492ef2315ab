"""Pictures of every step of the dialog that connects a calendar, in both languages."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import press, settle
from tests.tui.settings_desk import ADA, SCREENS, opens
from tui.screens.settings import SettingsScreen
from words import LANGUAGES

Prepare = Callable[[Pilot[Any]], Awaitable[None]]
pytestmark = [
    pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"]),
    pytest.mark.parametrize("language", LANGUAGES, ids=["english", "norwegian"]),
]
GOOGLE, OFFICE, EXCHANGE, CALDAV, FOLDER = (("down",) * n + ("enter",) for n in range(5))


@pytest.fixture
def house(
    tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> Any:
    """Makes the app over a desk; facts as `opens` has them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "new").mkdir()

    def make(**facts: Any) -> Any:
        desk = opens(tmp_path, clock, language=language, **facts)
        return an_app(SettingsScreen, desk, screens=SCREENS)

    return make


def steps(*keys: str, text: str = "", then: tuple[str, ...] = ()) -> Prepare:
    """Open the dialog in the tab Calendar, press keys, fill the field, press more."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "5", "]", "c", *keys)
        if text:
            field = pilot.app.focused
            assert isinstance(field, Input)
            field.value = text
            await settle(pilot)
        await press(pilot, *then)

    return prepare


STEPS = {
    "choose": steps(),
    "google": steps(*GOOGLE),
    "google-app": steps(*GOOGLE, "enter"),
    "office": steps(*OFFICE),
    "office-app": steps(*OFFICE, "enter"),
    "exchange": steps(*EXCHANGE),
    "exchange-form": steps(*EXCHANGE, "enter"),
    "exchange-missing": steps(*EXCHANGE, "enter", "enter"),
    "caldav": steps(*CALDAV),
    "caldav-missing": steps(*CALDAV, "enter"),
    "folder": steps(*FOLDER),
    "folder-found": steps(*FOLDER, text="~/calendars/"),
    "folder-names": steps(*FOLDER, text="~/"),
    "folder-wrong": steps(*FOLDER, text="/nowhere", then=("enter",)),
    "folder-empty": steps(*FOLDER, text="~/new", then=("enter",)),
    "connected": steps(*FOLDER, text="~/calendars", then=("enter",)),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step(snap_compare: Any, house: Any, size: tuple[int, int], name: str) -> None:
    app = house(folder=True)
    assert snap_compare(app, terminal_size=size, run_before=STEPS[name])


def test_no_permission(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(personal_email_access=False)
    assert snap_compare(app, terminal_size=size, run_before=steps())


def test_one_account_only(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(google=True)
    assert snap_compare(app, terminal_size=size, run_before=steps())


def test_an_old_account(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(created="2022-05-02")
    assert snap_compare(app, terminal_size=size, run_before=steps("s"))


def test_a_shared_inbox(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        await desk.connections.add_shared_inbox(ADA)
        await steps(*GOOGLE)(pilot)

    assert snap_compare(house(), terminal_size=size, run_before=prepare)
