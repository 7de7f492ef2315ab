"""Pictures of the settings at both sizes; those of connections in both languages."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import press, settle
from tests.tui.settings_desk import SCREENS, opens, to_row
from tui.screens.settings import SettingsScreen, about
from tui.screens.settings.calendars import CalendarSettingsScreen
from tui.screens.settings.tabs import SECTION_OF
from words import LANGUAGES

Prepare = Callable[[Pilot[Any]], Awaitable[None]]
pytestmark = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
in_both = pytest.mark.parametrize("language", LANGUAGES, ids=["english", "norwegian"])
in_english = pytest.mark.parametrize("language", ["en"], ids=["english"])


@pytest.fixture
def house(
    tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> Any:
    """Makes the app over a desk; facts as `opens` has them. Nothing of this machine shows."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(about, "installed", lambda: "0.1.0")
    monkeypatch.setattr(about.platform, "python_version", lambda: "3.11.0")

    def make(**facts: Any) -> Any:
        desk = opens(tmp_path, clock, language=language, **facts)
        return an_app(SettingsScreen, desk, screens=SCREENS)

    return make


def showing(tab: str, *keys: str, row: str = "") -> Prepare:
    """Go to a tab and into its list, to a row of it, then press keys."""

    async def prepare(pilot: Pilot[Any]) -> None:
        app: Any = pilot.app
        await settle(pilot)
        await press(pilot, "5")
        app.screen.find(tab)
        await settle(pilot)
        if row:
            to_row(app, row)
        await press(pilot, *keys)

    return prepare


@in_english
@pytest.mark.parametrize("tab", [each for each in SECTION_OF if each != "keys"])
def test_a_tab(snap_compare: Any, house: Any, size: tuple[int, int], tab: str) -> None:
    app = house(connected=True)
    assert snap_compare(app, terminal_size=size, run_before=showing(tab))


@in_both
def test_no_calendar(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    assert snap_compare(house(), terminal_size=size, run_before=showing("calendar"))


@in_both
def test_an_account_with_troubles(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(google=True)
    assert snap_compare(app, terminal_size=size, run_before=showing("calendar"))


@in_both
def test_exchange(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(exchange=True)
    prepare = showing("calendar", row="e:full")
    assert snap_compare(app, terminal_size=size, run_before=prepare)


@in_both
def test_two_accounts(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(pair=True, created="2022-05-02")
    assert snap_compare(app, terminal_size=size, run_before=showing("calendar"))


@in_both
def test_the_end_of_the_calendar(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(google=True)
    assert snap_compare(app, terminal_size=size, run_before=showing("calendar", "G"))


@in_both
def test_inboxes(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    app = house(google=True)
    assert snap_compare(app, terminal_size=size, run_before=showing("email"))


DIALOGS = {
    "name": ("profile", "name", ("enter",)),
    "zone": ("profile", "zone", ("enter", *"tok")),
    "language": ("profile", "language", ("enter",)),
    "disconnect": ("calendar", "", ("d",)),
    "calendar": ("calendars", "", ("enter",)),
    "shared": ("email", "", ("a", "enter")),
    "colours": ("appearance", "theme", ("enter",)),
    "hours": ("hours", "mon", ("enter",)),
    "override": ("overrides", "", ("a", "enter")),
    "absence": ("absences", "", ("a", "enter")),
}


@in_english
@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog(snap_compare: Any, house: Any, size: tuple[int, int], name: str) -> None:
    tab, row, keys = DIALOGS[name]
    app = house(connected=True)
    assert snap_compare(app, terminal_size=size, run_before=showing(tab, *keys, row=row))


@in_both
def test_calendar_settings(snap_compare: Any, house: Any, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await showing("profile")(pilot)
        pilot.app.push_screen(CalendarSettingsScreen())
        await settle(pilot)

    assert snap_compare(house(connected=True), terminal_size=size, run_before=prepare)
