"""Signing in to Google and Office 365 in the dialog, over a real desk and both vendors' doubles."""

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.events import Paste

from cli import sign_in_options
from desk.records import document
from providers import oauth_client
from scheduling.connections import Access, Connection, Health, Kind
from tests.providers.radicale_server import PASSWORD, radicale
from tests.tui.conftest import LARGE, NOW, SMALL
from tests.tui.desks import press, settle, until
from tests.tui.settings_desk import SCREENS, Dashboard, opens, screen_text, to_row
from tests.vendors.clouds import ADA, Clouds, clouds
from tests.vendors.oauth import GOOGLE_ID, MICROSOFT_ID, get, redirected, visit
from tui.screens.address import AddressScreen
from tui.screens.connect import ConnectScreen
from tui.screens.connect.arrived import Arrived
from tui.screens.connect.client import ClientStep
from tui.screens.connect.code import CodeSignIn
from tui.screens.connect.kinds import CLOUDS
from tui.screens.connect.review import Review
from tui.screens.connect.sign_in import BrowserSignIn, SignIn
from tui.screens.qr import QrScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.address import Address
from tui.widgets.form import FormField

GRACE = "grace@example.com"
BOTH = pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.OFFICE365], ids=["google", "office365"])


@pytest.fixture
def vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    """Both vendors, and a shell over SSH."""
    with clouds(tmp_path) as vendors:
        for name, value in vendors.env.items():
            monkeypatch.setenv(name, value)
        yield vendors
    assert vendors.violations() == "[]"


@pytest.fixture
def house(
    tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, vendors: Clouds
) -> Any:
    """Makes the app over a desk; facts as `opens` has them."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def make(**facts: Any) -> Any:
        return an_app(SettingsScreen, opens(tmp_path, clock, **facts), screens=SCREENS)

    return make


async def to_review(pilot: Any, kind: Kind) -> Any:
    desk = await settle(pilot)
    await press(pilot, "5", "]", "c")
    await press(pilot, *(["down"] if kind is Kind.OFFICE365 else []), "enter")
    assert isinstance(pilot.app.screen.step, Review)
    return desk


async def to_sign_in(pilot: Any, kind: Kind) -> Any:
    """Up to where the vendor is waited for. The work goes on: nothing waits for its end."""
    desk = await to_review(pilot, kind)
    await pilot.press("enter")
    await waiting(pilot)
    return desk


async def waiting(pilot: Any) -> SignIn:
    def waits() -> bool:
        step = getattr(pilot.app.screen, "step", None)
        return isinstance(step, SignIn) and step.phase == "waiting"

    await until(pilot, waits)
    step: SignIn = pilot.app.screen.step
    return step


def url(app: Any) -> str:
    attempt = app.screen.step.attempt
    assert attempt is not None
    return str(attempt.url)


async def browse(app: Any) -> None:
    """The owner goes through the vendor's page in a browser that reaches this computer."""
    await asyncio.to_thread(visit, url(app))


async def paste(pilot: Any, text: str) -> None:
    pilot.app.focused.post_message(Paste(text))
    await pilot.pause()


async def landed(pilot: Any) -> None:
    """S7: on the dashboard."""
    await until(pilot, lambda: isinstance(pilot.app.screen, Dashboard))
    await settle(pilot)


async def views(desk: Any) -> Any:
    return (await desk.connections.overview()).connections


def listens(port: int) -> bool:
    try:
        get(f"http://127.0.0.1:{port}/nothing")
    except OSError:
        return False
    return True


def text(app: Any) -> str:
    return " ".join(screen_text(app).replace("│", " ").split())


# S3 to S8, S14, B2


@BOTH
async def test_a_pasted_address_connects_and_leads_to_the_dashboard(
    house: Any, vendors: Clouds, kind: Kind
) -> None:
    """S4, S7, S14: the events are read, and the inbox is connected as well."""
    vendors.put(kind, "Planning", datetime.fromtimestamp(NOW, UTC) + timedelta(days=1))
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, kind)
        assert "ssh -L" in text(app)
        answer = await asyncio.to_thread(redirected, url(app))
        half = len(answer) // 2
        await paste(pilot, f"{answer[:half]}\n  {answer[half:]}\n")
        await landed(pilot)
        assert f"Connected {ADA}." in [each.text for each in app.notices]
        [view] = await views(desk)
        assert view.health is Health.FRESH
        assert view.connection.options["access"] == "write"
        assert view.inbox.address == ADA
        agenda = await desk.calendars.agenda(NOW, NOW + 7 * 86_400)
        assert [each.title for each in agenda.entries] == ["Planning"]


@BOTH
async def test_a_browser_that_reaches_this_computer_answers_by_itself(
    house: Any, vendors: Clouds, kind: Kind
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, kind)
        await browse(app)
        await landed(pilot)
        assert len(await views(desk)) == 1


async def test_a_browser_at_hand_is_opened(
    house: Any, vendors: Clouds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_CONNECTION")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("xdg-open", "open"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.GOOGLE)
        assert "Your browser shows the page of Google." in text(app)
        assert "ssh -L" not in text(app)
        await pilot.press("f5")
        opened = tmp_path / "opened"
        await until(pilot, lambda: opened.read_text() == f"{url(app)}\n{url(app)}\n")
        await browse(app)
        await landed(pilot)


async def test_an_answer_to_another_attempt_is_told_beside_the_field(
    house: Any, vendors: Clouds
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.GOOGLE)
        field = app.screen.step.query_one(FormField)
        await pilot.press("enter")
        await until(pilot, lambda: field.error == "Nothing is pasted yet.")
        await paste(pilot, "http://127.0.0.1:1/?code=1&state=another")
        await until(pilot, lambda: "another attempt" in field.error)
        await paste(pilot, url(app))
        await until(pilot, lambda: "the page itself" in field.error)
        assert await views(desk) == ()
        await browse(app)
        await landed(pilot)


async def test_escape_ends_the_listening(house: Any, vendors: Clouds) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.GOOGLE)
        port = app.screen.step.attempt.port
        assert await asyncio.to_thread(listens, port)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen.step, Review)
        assert not await asyncio.to_thread(listens, port)
        assert await views(desk) == ()
        await pilot.press("enter")
        again = await waiting(pilot)
        assert again.attempt is not None
        assert again.attempt.port != 0


async def test_a_refusal_on_the_page_is_told_and_tried_again(house: Any, vendors: Clouds) -> None:
    vendors.logins.owner.denies = "access_denied"
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.GOOGLE)
        first = url(app)
        await browse(app)
        await until(pilot, lambda: app.screen.step.phase == "failed")
        assert "The access was not allowed on the page of Google." in text(app)
        vendors.logins.owner.denies = ""
        await pilot.press("enter")
        await waiting(pilot)
        assert url(app) != first
        await browse(app)
        await landed(pilot)


async def test_the_address_is_copied_and_shown_whole(
    house: Any, vendors: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.GOOGLE)
        wanted = url(app)
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, AddressScreen))
        await pilot.pause()
        assert app.clipboard == wanted
        assert wanted in "".join(line.rstrip() for line in screen_text(app).splitlines())
        await pilot.press("escape")
        await waiting(pilot)


async def test_a_long_address_is_a_qr_code_where_the_window_has_room(
    house: Any, vendors: Clouds
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.GOOGLE)
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, QrScreen))
        await pilot.pause()
        assert "this window has 80 and 24." in text(app)
        await pilot.resize_terminal(160, 60)
        await pilot.pause()
        assert "█▀▀▀▀▀█" in screen_text(app)
        await pilot.press("escape")
        await waiting(pilot)


@pytest.mark.parametrize(
    ("steps", "access", "changes"),
    [(("left", "left"), Access.BUSY, False), (("right",), Access.MAIL, True)],
    ids=["busy", "mail"],
)
async def test_the_access_is_chosen_before(
    house: Any, vendors: Clouds, steps: tuple[str, ...], access: Access, changes: bool
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_review(pilot, Kind.GOOGLE)
        await press(pilot, "shift+tab", *steps)
        assert ("It may create and change calendars" in text(app)) is changes
        await pilot.press("enter")
        await waiting(pilot)
        assert ("gmail.send" in url(app)) is (access is Access.MAIL)
        await browse(app)
        await landed(pilot)
        assert (await views(desk))[0].connection.options["access"] == access


# S6, S13, and what was not allowed


async def test_another_account_is_told_and_can_be_disconnected_at_once(
    house: Any, vendors: Clouds
) -> None:
    """S6."""
    app = house(email=GRACE)
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.GOOGLE)
        await browse(app)
        await until(pilot, lambda: isinstance(app.screen.step, Arrived))
        await settle(pilot)
        assert f"Connected {ADA}." in text(app)
        assert f"{GRACE} was expected." in text(app)
        await pilot.press("d")
        await waiting(pilot)
        assert await views(desk) == ()
        await browse(app)
        await until(pilot, lambda: isinstance(app.screen.step, Arrived))
        await pilot.press("enter")
        await landed(pilot)
        [view] = await views(desk)
        assert (view.connection.address, view.connection.expected) == (ADA, GRACE)


async def test_what_was_not_allowed_is_told(house: Any, vendors: Clouds) -> None:
    vendors.logins.owner.unticks = ("calendar.events",)
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.GOOGLE)
        await browse(app)
        await until(pilot, lambda: isinstance(app.screen.step, Arrived))
        await settle(pilot)
        assert "This was not allowed: · add, change and delete events" in text(app)
        assert "d disconnect" not in text(app)
        await pilot.press("enter")
        await landed(pilot)
        assert (await views(desk))[0].connection.options["access"] == "busy"


async def test_the_account_that_signed_in_may_be_a_shared_inbox(
    house: Any, vendors: Clouds
) -> None:
    """S13: it was not the expected one; the grant is given back."""
    app = house(email=GRACE)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await desk.connections.add_shared_inbox(ADA)
        await to_sign_in(pilot, Kind.GOOGLE)
        await browse(app)
        await until(pilot, lambda: app.screen.step.phase == "failed")
        assert f"{ADA} is connected as a shared inbox." in text(app)
        assert await views(desk) == ()
        assert len(vendors.logins.revoked) == 1


# A code


async def test_a_code_is_typed_on_any_device(house: Any, vendors: Clouds) -> None:
    vendors.logins.owner.pending = ["authorization_pending"]
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.OFFICE365)
        port = app.screen.step.attempt.port
        typed = asyncio.Event()
        desk.sign_in.sleep = lambda _seconds: typed.wait()
        await pilot.press("f4")
        step = await waiting(pilot)
        assert isinstance(step, CodeSignIn)
        assert "A B C D - E F G H" in screen_text(app)
        assert "█▀▀▀▀▀█" in screen_text(app)
        assert not await asyncio.to_thread(listens, port)
        typed.set()
        await landed(pilot)
        assert len(await views(desk)) == 1


async def test_no_picture_is_drawn_in_ascii(
    vendors: Clouds, an_app: Any, tmp_path: Path, clock: Any
) -> None:
    app = an_app(SettingsScreen, opens(tmp_path, clock), screens=SCREENS, ascii=True)
    vendors.logins.owner.pending = ["authorization_pending"]
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.OFFICE365)
        desk.sign_in.sleep = lambda _seconds: asyncio.Event().wait()
        await pilot.press("f4")
        await waiting(pilot)
        assert "A B C D - E F G H" in screen_text(app)
        assert "█" not in screen_text(app)
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, QrScreen))
        await pilot.pause()
        assert "cannot be drawn in ASCII" in screen_text(app)


async def test_where_codes_are_forbidden_a_browser_is_the_way(house: Any, vendors: Clouds) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.OFFICE365)
        vendors.logins.owner.refusals = [("access_denied", "AADSTS53003: Blocked by policy.")]
        await pilot.press("f4")
        await until(pilot, lambda: app.screen.step.phase == "failed")
        assert "53003" in text(app)
        assert "F4 use a browser" in text(app)
        await pilot.press("f4")
        assert isinstance(await waiting(pilot), BrowserSignIn)
        await browse(app)
        await landed(pilot)


async def test_google_knows_no_code(house: Any, vendors: Clouds) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.GOOGLE)
        await pilot.press("f4")
        await pilot.pause()
        assert isinstance(app.screen.step, BrowserSignIn)
        assert "use a code" not in text(app)


# The app that koble signs in as


async def test_an_app_is_registered_on_the_way(
    house: Any, vendors: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOBLE_GOOGLE_CLIENT")
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_review(pilot, Kind.GOOGLE)
        await press(pilot, "enter")
        assert isinstance(app.screen.step, ClientStep)
        client = app.screen.step.query_one("#field-client", FormField)
        secret = app.screen.step.query_one("#field-secret", FormField)
        for wrong, words in (
            ("/nowhere.json", "cannot be read"),
            ("GOCSPX-x", "This is the secret of a client"),
            ('{"web": {"client_id": "x"}}', "one for web servers"),
        ):
            await paste(pilot, wrong)
            await until(pilot, lambda words=words: words in client.error)
        await paste(pilot, GOOGLE_ID)
        await until(pilot, lambda: "secret of the client is missing" in secret.error)
        client.go()
        await pilot.pause()
        await paste(pilot, vendors.client_file.read_text().replace("{", "{\n"))
        await waiting(pilot)
        assert (await desk.sign_in.client(Kind.GOOGLE)).origin == "settings"
        await browse(app)
        await landed(pilot)


async def test_an_app_that_the_vendor_does_not_take_is_changed_on_the_way(
    house: Any, vendors: Clouds
) -> None:
    vendors.logins.owner.refusals = [("unauthorized_client", "AADSTS700016: unknown app.")]
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_sign_in(pilot, Kind.OFFICE365)
        await browse(app)
        await until(pilot, lambda: app.screen.step.phase == "failed")
        assert "F7 the app" in text(app)
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen.step, ClientStep))
        await settle(pilot)
        step = app.screen.step
        assert step.query_one("#field-client", FormField).value == MICROSOFT_ID
        tenant = step.query_one("#field-tenant", FormField)
        tenant.value = "contoso.example"
        await pilot.press("enter")
        await waiting(pilot)
        assert (await desk.sign_in.client(Kind.OFFICE365)).tenant == "contoso.example"
        await pilot.press("f7")  # most of it is only said on the vendor's own page
        await until(pilot, lambda: app.screen.step is step)
        await pilot.press("enter")
        await waiting(pilot)
        await browse(app)
        await landed(pilot)


async def test_an_app_may_be_one_of_another_cloud(
    house: Any, vendors: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOBLE_MICROSOFT_CLIENT")
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await to_review(pilot, Kind.OFFICE365)
        await press(pilot, "enter")
        step = app.screen.step
        step.query_one("#field-cloud", FormField).go()
        await press(pilot, "left")
        assert "portal.azure.cn" in text(app)
        step.query_one("#field-client", FormField).go()
        await pilot.pause()
        await paste(pilot, MICROSOFT_ID)
        await waiting(pilot)
        assert "microsoftgraph.chinacloudapi.cn" in url(app)
        assert (await desk.sign_in.client(Kind.OFFICE365)).cloud == "china"
        await browse(app)
        await landed(pilot)
        assert (await views(desk))[0].connection.options["cloud"] == "china"


def test_every_cloud_can_be_chosen_in_the_dialog_and_by_command() -> None:
    assert tuple(CLOUDS) == sign_in_options.CLOUDS == tuple(oauth_client.CLOUDS)


async def test_the_app_is_reached_from_the_settings(house: Any, vendors: Clouds) -> None:
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        app.screen.enter()
        to_row(app, "client:google")
        await press(pilot, "enter")
        assert isinstance(app.screen.step, ClientStep)
        assert GOOGLE_ID[:20] in text(app)
        assert "forget it" not in text(app)
        await paste(pilot, str(vendors.client_file))
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        await settle(pilot)
        await press(pilot, "enter")
        assert "from the settings" in text(app)
        await press(pilot, "f6")
        assert isinstance(app.screen, SettingsScreen)
        assert (await desk.sign_in.client(Kind.GOOGLE)).origin != "settings"


# Signing in again


async def connected(pilot: Any, kind: Kind = Kind.GOOGLE) -> tuple[Any, Connection]:
    desk = await to_sign_in(pilot, kind)
    await browse(pilot.app)
    await landed(pilot)
    return desk, (await views(desk))[0].connection


async def sign_out(desk: Any, connection: Connection) -> None:
    out = msgspec.structs.replace(connection, needs_sign_in=True)
    await desk.write(lambda store: store.connections.put(document(out)))


async def in_settings(pilot: Any) -> None:
    await press(pilot, "5")
    pilot.app.screen.find("calendar")
    await settle(pilot)


@BOTH
async def test_one_key_signs_in_again(house: Any, vendors: Clouds, kind: Kind) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk, connection = await connected(pilot, kind)
        await sign_out(desk, connection)
        await in_settings(pilot)
        assert "Sign in again meetings are requested meanwhile" in text(app)
        assert "r sign in again" in text(app)
        vendors.become(GRACE)
        await pilot.press("r")
        await waiting(pilot)
        await browse(app)
        await until(pilot, lambda: app.screen.step.phase == "failed")
        assert f"{GRACE} signed in" in text(app)
        vendors.become(ADA)
        await pilot.press("enter")
        await waiting(pilot)
        await browse(app)
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        await settle(pilot)
        [view] = await views(desk)
        assert view.connection.id == connection.id
        assert view.health is Health.FRESH


async def test_another_access_is_another_sign_in(house: Any, vendors: Clouds) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk, connection = await connected(pilot)
        await in_settings(pilot)
        to_row(app, f"{connection.id}:access")
        await press(pilot, "enter", "down")
        await pilot.press("enter")
        await waiting(pilot)
        assert "gmail.send" in url(app)
        await browse(app)
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        await settle(pilot)
        assert (await views(desk))[0].connection.options["access"] == "mail"


async def test_giving_up_to_sign_in_again_leaves_the_connection(
    house: Any, vendors: Clouds
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk, connection = await connected(pilot)
        await sign_out(desk, connection)
        await in_settings(pilot)
        await pilot.press("r")
        port = getattr((await waiting(pilot)).attempt, "port", 0)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, SettingsScreen)
        assert not await asyncio.to_thread(listens, port)
        assert [each.connection.id for each in await views(desk)] == [connection.id]


async def test_a_calendar_server_is_signed_in_to_again_by_its_password(
    house: Any, vendors: Clouds, tmp_path: Path
) -> None:
    with radicale(tmp_path / "server") as server:
        server.account("ada", "work")
        app = house()
        async with app.run_test(size=SMALL) as pilot:
            desk = await settle(pilot)
            connection = await desk.connections.connect_caldav(
                server.url, "ada", PASSWORD, allow_local=True
            )
            await sign_out(desk, connection)
            await in_settings(pilot)
            await press(pilot, "r")
            field = app.screen.query_one("#field-password", FormField)
            field.value = "wrong"
            await press(pilot, "enter")
            assert "did not accept" in field.error
            field.value = PASSWORD
            await press(pilot, "enter")
            assert isinstance(app.screen, SettingsScreen)
            [view] = await views(desk)
            assert view.health is Health.FRESH


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://microsoft.com/devicelogin", True),
        ("http://127.0.0.1:1/?a=b", True),
        ("https://x/\x1b\\\x1b]52;c;UFdORUQ=\x07", False),
        ("https://x/ y", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_a_plain_web_address_is_a_link(url: str, link: bool) -> None:
    address = Address(most=1)
    address.show(url)
    assert address.link == (url if link else "")


@pytest.mark.parametrize("leave", ["escape", "q"])
async def test_the_dialog_leaves_nothing_listening_behind(
    house: Any, vendors: Clouds, leave: str
) -> None:
    app = house()
    port: Callable[[], int] = lambda: app.screen.step.attempt.port  # noqa: E731
    async with app.run_test(size=SMALL) as pilot:
        await to_sign_in(pilot, Kind.GOOGLE)
        number = port()
        assert isinstance(app.screen, ConnectScreen)
        if leave == "escape":
            await pilot.press("escape", "escape", "escape")
        else:
            app.exit()
        await pilot.pause()
    assert not await asyncio.to_thread(listens, number)
