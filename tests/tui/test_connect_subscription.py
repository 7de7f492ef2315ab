"""Subscribing to a published calendar in the dialog, by keyboard; and what it looks like."""

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from scheduling.connections import Kind
from tests.desk.test_servers import Feed
from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import press, settle, until
from tests.tui.settings_desk import SCREENS, opens, screen_text
from tui.screens.connect import ConnectScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.form import FormField
from words import LANGUAGES


@pytest.fixture
def house(tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the app over a desk; facts as `opens` has them."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def make(**facts: Any) -> Any:
        return an_app(SettingsScreen, opens(tmp_path, clock, **facts), screens=SCREENS)

    return make


async def begin(pilot: Any, *keys: str) -> Any:
    """Open the dialog from Settings → General → Calendar."""
    desk = await settle(pilot)
    await press(pilot, "5", "]", "c", *keys)
    return desk


async def write(pilot: Any, text: str) -> None:
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await settle(pilot)


def error(app: Any, name: str) -> str:
    return str(app.screen.step.query_one(f"#field-{name}", FormField).error)


async def test_without_an_account_it_says_what_comes_first(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, *["down"] * 5, "enter")
        text = screen_text(app)
        assert "Connect a published calendar · 2 of 2" in text
        assert "Connect an account or a folder first" in text
        await press(pilot, "escape")
        assert "Which calendar do you use?" in screen_text(app)


async def test_a_published_calendar_is_subscribed_to_beside_the_account(
    house: Any, tmp_path: Path
) -> None:
    app = house(connected=True)
    with Feed(tmp_path) as feed:
        async with app.run_test(size=SMALL) as pilot:
            desk = await begin(pilot, "p")
            await write(pilot, feed.url)
            await press(pilot, "enter")
            await until(pilot, lambda: bool(error(app, "network")))
            assert "in a private network" in error(app, "network")
            assert app.screen.step.query_one("#field-url", FormField).value == feed.url
            await press(pilot, "right", "enter")
            await until(pilot, lambda: not isinstance(app.screen, ConnectScreen))
            made = (await desk.connections.overview()).connections[-1]
            assert made.connection.kind is Kind.SUBSCRIPTION
            assert [each.conflicts for each in made.calendars] == [True]

            await press(pilot, "5", "c", "p")
            await write(pilot, feed.url)
            await press(pilot, "tab", "right", "enter")
            await until(pilot, lambda: bool(error(app, "url")))
            assert "is connected already" in error(app, "url")
            assert "secret" not in error(app, "url"), "the address is not told"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "This is needed."),
        ("ftp://example.com/a.ics", "begins with https:// or webcal://"),
        ("https://ada:pw@example.com/a.ics", "Write them into their own fields."),
    ],
)
async def test_what_is_no_address_is_said_beside_it(house: Any, address: str, says: str) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, "p")
        await write(pilot, address)
        await press(pilot, "enter")
        assert says in error(app, "url")
        assert app.focused is app.screen.step.query_one("#field-url Input")


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("language", LANGUAGES, ids=["english", "norwegian"])
@pytest.mark.parametrize("name", ["first", "form", "wrong"])
def test_pictures(
    snap_compare: Any, house: Any, size: tuple[int, int], language: str, name: str
) -> None:
    async def prepare(pilot: Any) -> None:
        if name == "first":
            await begin(pilot, *["down"] * 5, "enter")
            return
        await begin(pilot, "p")
        if name == "wrong":
            await write(pilot, "http://127.0.0.1:9/a.ics")
            await press(pilot, "enter")
            await until(pilot, lambda: bool(error(pilot.app, "network")))

    app = house(language=language, connected=name != "first")
    assert snap_compare(app, terminal_size=size, run_before=prepare)
