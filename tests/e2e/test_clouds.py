"""Google and Office 365 connected by keyboard alone, in a terminal of 80×24, over SSH.

Both vendors stand on this computer: their sign-in, whose owner goes through the page in a browser
elsewhere, and their calendars. What koble sends is held against what the real ones take.
"""

import base64
import re
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from scheduling.connections import Kind
from tests.e2e.test_main_job import next_monday
from tests.terminal import Terminal
from tests.vendors.clouds import ADA, Clouds, clouds
from tests.vendors.oauth import redirected, visit

KOBLE = str(Path(sys.executable).parent / "koble")
F2, F4 = "\x1bOQ", "\x1bOS"
BOTH = pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.OFFICE365], ids=["google", "office365"])


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Clouds]:
    with clouds(tmp_path) as vendors:
        nine = datetime.combine(next_monday(), time(9), UTC)
        for kind in (Kind.GOOGLE, Kind.OFFICE365):
            vendors.put(kind, "Planning", nine, 60)
            vendors.put(kind, "Retro", nine + timedelta(days=1, hours=2), 60)
        yield vendors
    assert vendors.violations() == "[]"


def koble(tmp_path: Path, vendors: Clouds, **env: str) -> Terminal:
    env = vendors.env | {"KOBLE_HOME": str(tmp_path / "koble"), "TZ": "Europe/Oslo"} | env
    return Terminal([KOBLE], columns=80, lines=24, env=env)


def to_the_sign_in(terminal: Terminal, kind: Kind, address: str = ADA) -> None:
    """From the dashboard through the choice and the review."""
    terminal.wait_for("Offline mode")
    terminal.press("c")
    terminal.wait_for("Which calendar do you use?")
    if kind is Kind.OFFICE365:
        terminal.press("down")
        terminal.wait_for("▸ Office 365")
    terminal.press("enter")
    terminal.wait_for("Expected address")
    terminal.press(address)
    terminal.wait_for(address)
    terminal.press("enter")


def copied(terminal: Terminal) -> str:
    """The address of the sign-in, as it was sent to the clipboard."""
    terminal.press(F2)
    terminal.wait_for("It is on the clipboard")
    sent = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.output))
    terminal.press("escape")
    terminal.wait_for(lambda screen: "Pasted address" in screen and "clipboard" not in screen)
    return base64.b64decode(sent[-1]).decode()


def paste(terminal: Terminal, text: str) -> None:
    terminal.press(f"\x1b[200~{text}\x1b[201~")


def listens(url: str) -> bool:
    """Whether the address that the vendor would send the browser to is still waited at."""
    found = re.search(r"redirect_uri=http%3A%2F%2F[a-z0-9.]+%3A(\d+)", url)
    assert found is not None
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(found[1]))) == 0


def the_week_after(terminal: Terminal) -> None:
    """On the dashboard, connected, the events of the coming week show."""
    # The last line names keys only where no dialog is in front.
    terminal.wait_for(lambda screen: "· now" in screen and "n new page" in screen)
    terminal.press("]")
    terminal.press("home")
    terminal.wait_for(lambda screen: "Planning" in screen and "Retro" in screen)


@BOTH
def test_an_account_is_connected_by_pasting_the_last_address(
    tmp_path: Path, vendors: Clouds, kind: Kind
) -> None:
    with koble(tmp_path, vendors) as terminal:
        to_the_sign_in(terminal, kind)
        for text in ("Waiting for your browser", "ssh -L", "ada@192.0.2.2"):
            terminal.wait_for(text)
        url = copied(terminal)
        assert f";{url}\x1b\\".encode() in terminal.output, "the address is a link as well"
        assert listens(url)
        paste(terminal, "http://localhost:1/?code=1&state=another")
        terminal.wait_for("belongs to another attempt")
        paste(terminal, redirected(url))
        terminal.wait_for(f"Connected {ADA}")
        the_week_after(terminal)
        assert not listens(url)
        terminal.press("q")
        assert terminal.wait() == 0


@BOTH
def test_a_browser_that_reaches_this_computer_answers_by_itself(
    tmp_path: Path, vendors: Clouds, kind: Kind
) -> None:
    with koble(tmp_path, vendors) as terminal:
        to_the_sign_in(terminal, kind)
        terminal.wait_for("Waiting for your browser")
        assert visit(copied(terminal))[0] == 200
        the_week_after(terminal)


def test_escape_ends_the_waiting_and_nothing_is_connected(tmp_path: Path, vendors: Clouds) -> None:
    with koble(tmp_path, vendors) as terminal:
        to_the_sign_in(terminal, Kind.GOOGLE)
        terminal.wait_for("Waiting for your browser")
        url = copied(terminal)
        terminal.press("escape")
        terminal.wait_for(lambda screen: "Expected address" in screen and "Pasted" not in screen)
        terminal.wait_for(lambda _screen: not listens(url))
        terminal.press("escape", "escape")
        terminal.wait_for(lambda screen: "Offline mode" in screen and "Expected" not in screen)


def test_a_code_is_enough_where_no_browser_reaches_this_computer(
    tmp_path: Path, vendors: Clouds
) -> None:
    vendors.logins.owner.pending = ["authorization_pending"]
    with koble(tmp_path, vendors) as terminal:
        to_the_sign_in(terminal, Kind.OFFICE365)
        terminal.wait_for("Waiting for your browser")
        terminal.press(F4)
        terminal.wait_for(lambda screen: "A B C D - E F G H" in screen and "█▀▀▀▀▀█" in screen)
        the_week_after(terminal)


def test_another_account_than_the_one_that_was_meant_is_told(
    tmp_path: Path, vendors: Clouds
) -> None:
    with koble(tmp_path, vendors) as terminal:
        to_the_sign_in(terminal, Kind.GOOGLE, "grace@example.com")
        terminal.wait_for("Waiting for your browser")
        paste(terminal, redirected(copied(terminal)))
        for text in ("grace@example.com was expected.", f"Connected {ADA}."):
            terminal.wait_for(text)
        terminal.press("enter")
        the_week_after(terminal)


def test_an_app_is_registered_on_the_way(tmp_path: Path, vendors: Clouds) -> None:
    del vendors.env["KOBLE_GOOGLE_CLIENT"]
    with koble(tmp_path, vendors) as terminal:
        to_the_sign_in(terminal, Kind.GOOGLE)
        terminal.wait_for("Register koble at Google")
        paste(terminal, "AIzaSomething")
        terminal.wait_for("This is an API key")
        paste(terminal, vendors.client_file.read_text().replace("{", "{\n"))
        terminal.wait_for("Waiting for your browser")
        paste(terminal, redirected(copied(terminal)))
        the_week_after(terminal)
