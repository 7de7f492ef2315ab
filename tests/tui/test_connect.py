"""The dialog that connects a calendar, by keyboard, over a real desk and a real folder."""

import asyncio
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from desk.sync import Report
from scheduling.connections import Connection, Kind, Use
from tests.providers.radicale_server import PASSWORD, Radicale, radicale
from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import press, settle, until
from tests.tui.settings_desk import ADA, HOSTILE, SCREENS, opens, screen_text, texts
from tui.commands import own
from tui.screens.connect import ConnectScreen
from tui.screens.passphrase import PassphraseScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.choice import ChoiceField
from tui.widgets.form import FormField, form_values

GOOGLE, OFFICE, EXCHANGE, CALDAV, FOLDER = range(5)
NOBODY = "http://127.0.0.1:1/EWS/Exchange.asmx"


@pytest.fixture
def house(tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the app over a desk; facts as `opens` has them."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def make(**facts: Any) -> Any:
        return an_app(SettingsScreen, opens(tmp_path, clock, **facts), screens=SCREENS)

    return make


async def begin(pilot: Any, kind: int | None = None) -> Any:
    """Open the dialog from Settings → General → Calendar; choose a kind. Returns the desk."""
    desk = await settle(pilot)
    await press(pilot, "5", "]", "c")
    if kind is not None:
        await press(pilot, *["down"] * kind, "enter")
    return desk


async def write(pilot: Any, text: str) -> None:
    """Fill the field that has the focus."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await settle(pilot)


def buttons(app: Any) -> list[str]:
    """What the buttons say."""
    step = app.screen.step
    return [str(e.command.footer) for e in own(step) if e.command.footer is not None and e.enabled]


def title(app: Any) -> str:
    return str(app.screen.query_one("#box").border_title).strip()


def error(app: Any, name: str) -> str:
    return str(app.screen.step.query_one(f"#field-{name}", FormField).error)


def values(app: Any) -> dict[str, str]:
    return form_values(app.screen.step)


async def connections(desk: Any) -> list[Connection]:
    return [view.connection for view in (await desk.connections.overview()).connections]


# S2


async def test_the_choice(house: Any) -> None:
    """S2."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot)
        assert title(app) == "Connect your calendar"
        assert "Which calendar do you use?" in screen_text(app)
        assert texts(app) == [
            "Google / Gmail Google Workspace and free Gmail",
            "Office 365 Microsoft 365 and Outlook.com",
            "Exchange your company's own server, 2010 SP2 or newer",
            "CalDAV Nextcloud, iCloud, Fastmail, your own",
            "This computer a folder of .ics files (khal, vdirsyncer)",
            "Subscription a published calendar, beside your account",
        ]
        assert buttons(app) == ["cancel", "Connect calendar"]
        await press(pilot, "escape")
        assert isinstance(app.screen, SettingsScreen)


# S12, S15: refusals come first


async def test_without_the_permission_the_reason_comes_first(house: Any) -> None:
    """S12, with the way out."""
    app = house(personal_email_access=False)
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot)
        text = screen_text(app)
        assert "needs the permission “Personal email access”." in text
        assert "Which calendar" not in text
        assert buttons(app) == ["cancel", "go to the profile"]
        await press(pilot, "enter")
        assert isinstance(app.screen, SettingsScreen)
        assert app.screen.tab == "profile"
        app.screen.pane.rows.select("personal_email_access")
        await press(pilot, "enter", "c")
        assert "Which calendar" in screen_text(app)
        assert (await desk.settings.profile()).personal_email_access


async def test_a_second_account_is_refused_with_the_way_out(house: Any) -> None:
    """S15."""
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot)
        assert "Only one account can be connected." in screen_text(app)
        await press(pilot, "enter")
        assert app.screen.tab == "calendar"
        assert len(await connections(desk)) == 1


async def test_an_old_account_chooses_what_it_connects_for(house: Any, tmp_path: Path) -> None:
    """S15: two connections, one for calendar settings and one for meeting settings."""
    app = house(folder=True, created="2023-03-12")
    (tmp_path / "other" / "more").mkdir(parents=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot)
        assert "It is used for: calendar settings and meeting settings" in screen_text(app)
        await press(pilot, "s")
        assert "It is used for: calendar settings " in screen_text(app)
        await press(pilot, *["down"] * FOLDER, "enter")
        await write(pilot, "~/calendars")
        await press(pilot, "enter")
        assert [each.use for each in await connections(desk)] == [Use.CALENDAR]
        await press(pilot, "5", "c")
        assert "It is used for: meeting settings" in screen_text(app)
        await press(pilot, *["down"] * FOLDER, "enter")
        await write(pilot, "~/other")
        await press(pilot, "enter")
        assert [each.use for each in await connections(desk)] == [Use.CALENDAR, Use.MEETINGS]
        await press(pilot, "5", "c")
        assert "Two accounts are connected already." in screen_text(app)


# S3 to S6, S8: Google and Office 365


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
async def test_the_review_of_google_says_everything(house: Any, size: tuple[int, int]) -> None:
    """S3, S4, S5 in full, S6, S8; nothing of it is cut."""
    app = house()
    async with app.run_test(size=size) as pilot:
        await begin(pilot, GOOGLE)
        assert title(app) == "Connect Google · 2 of 3"
        text = " ".join(screen_text(app).replace("│", " ").split())
        for words in (
            "This Google calendar, and every other calendar that the account can reach.",
            "It may create and change calendars, and change single events.",
            "It is used for scheduling, and to tie activities to contacts.",
            "Be signed in to the right Google account first: Workspace or free Gmail.",
            "go through the permissions, and press Allow.",
            "Expected address ada@example.com",
            "Esc back Enter Accept and connect to Google",
        ):
            assert words in text


async def test_the_review_of_office_365(house: Any) -> None:
    """S3, S4, S6."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, OFFICE)
        assert title(app) == "Connect Office 365 · 2 of 3"
        text = " ".join(screen_text(app).replace("│", " ").split())
        assert "Be signed in to the right Office 365 account first." in text
        assert "check that it is the right account, and press Yes." in text
        assert "Enter Accept and connect to Office 365" in text


async def test_a_shared_inbox_is_refused_at_once(house: Any) -> None:
    """S13: the profile's own address is noted as shared; another one is the way out."""
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        await desk.connections.add_shared_inbox(ADA)
        await begin(pilot, GOOGLE)
        assert "connected as a shared inbox" in error(app, "address")
        assert "personal inbox" in error(app, "address")
        await press(pilot, "enter")
        assert title(app) == "Connect Google · 2 of 3"
        await write(pilot, "ada.l@example.com")
        await press(pilot, "enter")
        assert title(app) == "Register koble at Google"


async def test_nothing_is_lost_on_the_way_back(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, GOOGLE)
        await write(pilot, "grace@example.com")
        await press(pilot, "enter", "escape")
        assert values(app) == {"access": "write", "address": "grace@example.com"}
        await press(pilot, "escape", "enter")
        assert values(app) == {"access": "write", "address": "grace@example.com"}
        await press(pilot, "escape", "down", "down", "enter", "enter")
        await write(pilot, "secret")
        await press(pilot, "escape", "escape", "enter", "enter")
        assert values(app)["password"] == "secret"


# S9 to S11, S20 to S23: Exchange


async def test_what_to_expect_of_exchange(house: Any) -> None:
    """S20 to S23, and what lifts them."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, EXCHANGE)
        assert title(app) == "Connect Exchange · 2 of 3"
        text = " ".join(screen_text(app).replace("│", " ").split())
        for words in (
            "cannot be cancelled or rescheduled",
            "Meetings made on a CRM record are not added to it.",
            "Meetings made in it do not become calendar activities in the CRM.",
            "Proposed meeting times cannot be inserted into an e-mail from it.",
            "Full Exchange, lifts all four. It is off until you switch it on",
            "Exchange 2010 SP2 or newer",
            "Esc back Enter Continue",
        ):
            assert words in text


async def test_the_form_of_exchange(house: Any) -> None:
    """S9, S11: five fields, two of them needed."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, EXCHANGE)
        await press(pilot, "enter")
        text = screen_text(app)
        for words in (
            "E-mail address *",
            "Password *",
            "Two-factor? Use a third-party app password.",
            "Username ",
            "usually the part before @, or a user id",
            "Exchange URL ",
            "https://email.example.com/ews/exchange.asmx",
            "Exchange version ",
            "Connect inbox",
        ):
            assert words in text
        await press(pilot, "enter")
        assert error(app, "password") == "This is needed."
        await write(pilot, "hunter2")
        app.screen.step.query_one("#field-url", FormField).value = NOBODY
        await press(pilot, "enter")
        await until(pilot, lambda: "private network" in error(app, "url"))
        assert "hunter2" not in screen_text(app)
        assert await connections(desk) == []


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("address", "", "This is needed."),
        ("address", "ada", "not an e-mail address"),
        ("url", "http://mail.example.com", "must begin with https://"),
        ("url", "https://ada:pw@mail.example.com", "Write them into their own fields."),
        ("url", "two words", "not the address of a server"),
        ("version", "2007", "Exchange 2007 is too old. Exchange 2010 SP2 or newer is needed."),
        ("version", "2010 SP1", "Exchange 2010 SP1 is too old."),
        ("version", "three", "There is no Exchange “three”."),
    ],
)
async def test_each_field_of_exchange_says_what_is_wrong_with_it(
    house: Any, name: str, wrong: str, words: str
) -> None:
    """S9, S10."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, EXCHANGE)
        await press(pilot, "enter", *"pw")
        app.screen.step.query_one(f"#field-{name}", FormField).value = wrong
        await press(pilot, "enter")
        assert words in error(app, name)
        assert title(app) == "Connect Exchange · 3 of 3"
        assert app.focused in app.screen.step.query_one(f"#field-{name}").walk_children()


async def test_a_bare_host_and_a_version_are_enough(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, EXCHANGE)
        await press(pilot, "enter", *"pw")
        step = app.screen.step
        step.query_one("#field-url", FormField).value = "127.0.0.1:1"
        step.query_one("#field-version", FormField).value = "exchange 2016"
        await press(pilot, "enter")
        await until(pilot, lambda: "private network" in error(app, "url"))
        assert [field.error for field in step.query(FormField) if field.name != "url"] == [""] * 5


async def test_a_password_does_not_outlive_the_dialog(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, EXCHANGE)
        await press(pilot, "enter", *"hunter2")
        dialog = app.screen
        fields = list(dialog.query(FormField))
        assert "hunter2" in [field.value for field in fields]
        await press(pilot, "escape", "escape", "escape")
        assert isinstance(app.screen, SettingsScreen)
        assert "hunter2" not in [field.value for field in fields]
        await press(pilot, "c", "down", "down", "enter", "enter")
        assert values(app)["password"] == ""
        assert "hunter2" not in " ".join(notice.text for notice in app.notices)


# CalDAV


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Radicale]:
    """A server where Ada has a calendar, and no keyring on this computer."""
    monkeypatch.setattr("store.keyrings.back_ends", lambda: ())
    monkeypatch.setattr("store.secrets.COST", 1 << 10)
    with radicale(tmp_path / "server") as server:
        server.account("ada", "work")
        yield server


async def fill(pilot: Any, *texts: str) -> None:
    """Fill the fields one after the other, and go on."""
    for number, text in enumerate(texts):
        if number:
            await press(pilot, "tab")
        await write(pilot, text)
    await press(pilot, "enter")


async def test_caldav_needs_three_things(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, CALDAV)
        assert title(app) == "Connect CalDAV · 2 of 2"
        assert "iCloud and Fastmail need an app password." in screen_text(app)
        await press(pilot, "enter")
        needed = [error(app, each) for each in ("url", "username", "password")]
        assert needed == ["This is needed."] * 3


async def test_a_server_is_connected_and_its_password_locked(
    house: Any, server: Radicale, tmp_path: Path
) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, CALDAV)
        await fill(pilot, server.url, "ada", "wrong")
        await until(pilot, lambda: "private network" in error(app, "url"))
        await press(pilot, "enter")  # it is right
        await until(pilot, lambda: "did not accept" in error(app, "password"))
        app.screen.query_one("#field-password", FormField).value = PASSWORD
        # The work goes on behind the question: what follows does not wait for its end.
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PassphraseScreen))
        await pilot.press(*"sesame", "tab", *"other", "enter")
        again = app.screen.query_one("#field-again", FormField)
        await until(pilot, lambda: again.error == "The two passphrases differ.")
        again.value = "sesame"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ConnectScreen | PassphraseScreen))
        [view] = (await desk.connections.overview()).connections
        assert view.connection.kind is Kind.CALDAV
        assert [each.name for each in view.calendars] == ["ada/work"]
        assert await desk.vault.get(view.connection.id) == {"password": PASSWORD}


async def test_without_a_passphrase_nothing_is_connected(house: Any, server: Radicale) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, CALDAV)
        await fill(pilot, server.url, "ada", PASSWORD)
        await until(pilot, lambda: "private network" in error(app, "url"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PassphraseScreen))
        await pilot.press("escape")
        await until(pilot, lambda: "stay locked" in screen_text(app))
        assert isinstance(app.screen, ConnectScreen)
        assert (await desk.connections.overview()).connections == ()


@pytest.mark.parametrize("kind", [GOOGLE, EXCHANGE, CALDAV, FOLDER])
@pytest.mark.parametrize("text", HOSTILE, ids=["tag", "link", "escape", "long"])
async def test_hostile_text_in_any_field_harms_nothing(house: Any, kind: int, text: str) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, kind)
        if kind == EXCHANGE:
            await press(pilot, "enter")
        step = app.screen.step
        for field in step.query(FormField):
            if not isinstance(field, ChoiceField):
                field.value = text
        await settle(pilot)
        await press(pilot, "enter")
        assert app.screen.step is step, "it went on"
        assert [field.error for field in step.query(FormField) if field.name != "password"]
        assert "\x1b" not in screen_text(app)
        assert app.is_running
        assert await connections(desk) == []


# This computer, and S7


async def test_a_folder_is_completed_previewed_and_connected(house: Any, tmp_path: Path) -> None:
    """S7: one lands on the meetings dashboard."""
    app = house(folder=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, FOLDER)
        await press(pilot, *"~/ca")
        assert "complete" in buttons(app)
        await press(pilot, "tab")
        assert values(app) == {"path": "~/calendars/"}
        assert "3 calendars · 11 events" in screen_text(app)
        assert texts(app, "#found") == ["Holidays 1 event", "Private 2 events", "Work 8 events"]
        assert await connections(desk) == []
        await press(pilot, "enter")
        assert app.current_mode == "meetings"
        assert app.notices[-1].text == "Connected ~/calendars."
        [connection] = await connections(desk)
        assert connection.address == str(tmp_path / "calendars")
        assert len(await desk.calendars.all()) == 3


async def test_tab_goes_to_the_next_field_where_nothing_is_to_complete(house: Any) -> None:
    app = house(folder=True)
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot, FOLDER)
        field = app.focused
        await write(pilot, "~/calendars")
        await press(pilot, "tab")
        assert values(app) == {"path": "~/calendars/"}
        await press(pilot, "tab")
        assert app.focused is not field
        assert values(app) == {"path": "~/calendars/"}


@pytest.mark.parametrize("wrong", ["missing", "file", "empty", "locked", "home"])
async def test_a_wrong_folder_is_told_under_the_field(
    house: Any, tmp_path: Path, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "there"
    text, words = {
        "missing": (str(path), "is not there"),
        "file": (str(path), "is not a folder"),
        "empty": ("", "The folder is missing."),
        "locked": (str(path), "may not open"),
        "home": ("~nobody-here/x", "no such user"),
    }[wrong]
    if wrong == "file":
        path.write_text("x")
    if wrong == "locked":
        path.mkdir()
        scandir = os.scandir

        def locked(folder: Any) -> Any:
            if Path(folder) == path:  # as for anybody but the superuser, who may run this
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return scandir(folder)

        monkeypatch.setattr(os, "scandir", locked)
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, FOLDER)
        await write(pilot, text)
        await press(pilot, "enter")
        assert words in error(app, "path")
        assert await connections(desk) == []
        await write(pilot, "~")
        assert error(app, "path") == ""


async def test_an_empty_folder_gets_a_first_calendar(house: Any, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, FOLDER)
        await write(pilot, "~/new")
        assert "There is no calendar in this folder yet." in screen_text(app)
        await press(pilot, "enter")
        assert title(app) == "Connect a folder · 3 of 3"
        await write(pilot, "")
        await press(pilot, "enter")
        assert error(app, "name") == "This is needed."
        await write(pilot, "Meetings")
        await press(pilot, "enter")
        assert app.current_mode == "meetings"
        [calendar] = await desk.calendars.all()
        assert (calendar.name, calendar.destination) == ("Meetings", True)
        assert (tmp_path / "new" / "Meetings").is_dir()


async def test_connecting_can_be_stopped_and_leaves_nothing(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = house(folder=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await begin(pilot, FOLDER)
        reached, never = asyncio.Event(), asyncio.Event()

        async def slow(**_only: Any) -> list[Report]:
            reached.set()
            await never.wait()
            return []

        monkeypatch.setattr(desk.sync, "now", slow)
        await write(pilot, "~/calendars")
        await pilot.press("enter")
        await until(pilot, reached.is_set)
        assert "Reading the calendars in ~/calendars…" in screen_text(app)
        assert buttons(app) == ["stop"]
        await press(pilot, "escape")
        assert title(app) == "Connect a folder · 2 of 2"
        assert values(app) == {"path": "~/calendars"}
        assert app.notices[-1].text == "Stopped. Nothing is connected."
        assert await connections(desk) == []
        assert await desk.calendars.all() == []
        monkeypatch.undo()
        monkeypatch.setenv("HOME", str(desk.home.parent))
        await press(pilot, "enter")
        assert len(await connections(desk)) == 1


async def test_keys_that_mean_nothing_here_do_nothing(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await begin(pilot)
        await press(pilot, "x", "1", "q", "u", "s", "]", "f5", "delete")
        assert isinstance(app.screen, ConnectScreen)
        assert title(app) == "Connect your calendar"
