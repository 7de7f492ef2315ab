"""Exchange in the dialog, against a server that speaks EWS: to the dashboard, and what stops it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduling.connections import Health
from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import press, settle, until
from tests.tui.settings_desk import SCREENS, opens, screen_text
from tests.vendors import exchange_faults as faults
from tests.vendors.certificates import self_signed
from tests.vendors.exchange import EXCHANGE_2010_SP1, PASSWORD, Build, Exchange, exchange
from tui.screens.connect import ConnectScreen
from tui.screens.settings import SettingsScreen
from tui.screens.settings.calendar import password_screen
from tui.widgets.form import FormField

ADA = "ada@example.com"


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    build: tuple[Build, ...] = getattr(request, "param", ())
    with exchange(*build) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture
def house(tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the app over a desk whose secrets are locked by a file."""
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("0123456789abcdef" * 4)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(key))
    monkeypatch.setenv("HOME", str(tmp_path))
    return lambda: an_app(SettingsScreen, opens(tmp_path, clock), screens=SCREENS)


def field(app: Any, name: str) -> FormField:
    found = app.screen.step.query_one(f"#field-{name}", FormField)
    assert isinstance(found, FormField)
    return found


def on_form(app: Any) -> bool:
    return isinstance(app.screen, ConnectScreen) and bool(app.screen.step.query(FormField))


async def fill(pilot: Any, server: Exchange, password: str = PASSWORD) -> Any:
    """Open the form, and fill it in; returns the desk."""
    desk = await settle(pilot)
    await press(pilot, "5", "]", "c", "down", "down", "enter", "enter")
    for name, text in (("address", ADA), ("password", password), ("url", server.origin)):
        field(pilot.app, name).value = text
    await press(pilot, "enter")
    await until(pilot, lambda: on_form(pilot.app) and field(pilot.app, "url").error)
    assert "private network. If that is right, connect once more." in field(pilot.app, "url").error
    return desk


async def again(pilot: Any, wrong: str = "") -> None:
    """Connect once more, until the field `wrong` says something; none: until it is connected."""
    await pilot.press("enter")
    app = pilot.app
    if wrong:
        await until(pilot, lambda: on_form(app) and field(app, wrong).error)
    else:
        await until(pilot, lambda: not isinstance(app.screen, ConnectScreen))
    await settle(pilot)


async def test_two_fields_lead_to_the_dashboard(house: Any, server: Exchange) -> None:
    """S7, S9, S14."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await fill(pilot, server)
        await again(pilot)
        assert not isinstance(app.screen, ConnectScreen)
        assert f"Connected {ADA}." in [notice.text for notice in app.notices]
        (view,) = (await desk.connections.overview()).connections
        assert (view.connection.address, view.connection.options["version"]) == (ADA, "SE")
        assert view.inbox is not None
        assert not view.connection.full_exchange


async def test_a_wrong_password_is_said_beside_it(house: Any, server: Exchange) -> None:
    """S11."""
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        desk = await fill(pilot, server, "wrong")
        await again(pilot, "password")
        assert "did not accept the user name and password" in field(app, "password").error
        assert "use an app password" in field(app, "password").error
        assert (await desk.connections.overview()).connections == ()
        assert [each for each, _ in server.accounts.tried] == [ADA, "ada", "CORP\\ada"]


@pytest.mark.parametrize("server", [(EXCHANGE_2010_SP1,)], indirect=True)
async def test_an_old_server_is_said_beside_the_version(house: Any, server: Exchange) -> None:
    """S10."""
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        await fill(pilot, server)
        await again(pilot, "version")
        assert "Exchange 2010 SP1, which is too old" in field(app, "version").error


async def test_a_closed_door_is_said_beside_the_field_that_opens_it(
    house: Any, server: Exchange
) -> None:
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        await fill(pilot, server)
        server.faults.add(faults.webmail().early(), times=None)
        await again(pilot, "url")
        assert "sign-in page of its webmail" in field(app, "url").error


async def test_a_private_certificate_is_shown_and_trusted_by_connecting_once_more(
    house: Any, tmp_path: Path
) -> None:
    own = self_signed(tmp_path, "mail.example.org")
    app = house()
    with exchange(certificate=own) as server:
        server.account(ADA)
        async with app.run_test(size=LARGE) as pilot:
            desk = await fill(pilot, server)
            assert not field(app, "fingerprint").display
            await again(pilot, "fingerprint")
            assert field(app, "fingerprint").display
            said = " ".join(screen_text(app).replace("│", " ").split())
            fingerprint = field(app, "fingerprint").value
            for words in (
                "not trusted by this computer",
                "Issued to: CN=mail.example.org",
                "Issued by: CN=mail.example.org",
                "Valid: 20",
                fingerprint[48:],
                "trusted for this connection alone",
            ):
                assert words in said
            assert server.accounts.tried == []
            assert fingerprint.replace(":", "").lower() == own.fingerprint
            await again(pilot)
            (view,) = (await desk.connections.overview()).connections
            assert view.connection.options["fingerprint"] == own.fingerprint


async def test_a_server_that_hangs_is_given_up_with_one_key(house: Any, server: Exchange) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await fill(pilot, server)
        fault = server.faults.add(faults.hang(), times=None)
        await pilot.press("enter")
        await until(pilot, fault.begun.is_set)
        assert "Reading the calendars of" in screen_text(app)
        await pilot.press("escape")
        await until(pilot, lambda: on_form(app))
        assert "Stopped. Nothing is connected." in [notice.text for notice in app.notices]
        assert (await desk.connections.overview()).connections == ()
        server.faults.clear()


async def test_a_changed_password_is_asked_for_again(house: Any, server: Exchange) -> None:
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        desk = await fill(pilot, server)
        await again(pilot)
        server.accounts.accounts[0].password = "changed"
        await desk.connections.close()
        await desk.sync.now()
        (view,) = (await desk.connections.overview()).connections
        screen = password_screen(desk, view.connection)
        app.push_screen(screen)
        await settle(pilot)
        for password, health in ((PASSWORD, Health.SIGN_IN), ("changed", Health.FRESH)):
            app.screen.query_one("#field-password", FormField).value = password
            await pilot.press("enter")
            await settle(pilot)
            (view,) = (await desk.connections.overview()).connections
            assert view.health is health
