"""Exchange by keyboard alone, in a terminal of 80×24: connected, seen, and quiet when it hangs."""

import sys
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from tests.e2e.test_main_job import OSLO, next_monday
from tests.terminal import Terminal
from tests.vendors import exchange_faults as faults
from tests.vendors.certificates import Certificate, self_signed
from tests.vendors.exchange import EXCHANGE_2016, PASSWORD, Exchange, exchange

KOBLE = str(Path(sys.executable).parent / "koble")
ADA = "ada@example.org"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


@pytest.fixture
def server(certificate: Certificate) -> Iterator[Exchange]:
    """A company's own server: NTLM, a certificate of its own, and a meeting next Tuesday."""
    with exchange(EXCHANGE_2016, schemes=("NTLM",), certificate=certificate) as server:
        box = server.account(ADA)
        nine = datetime.combine(next_monday() + timedelta(days=1), time(9), OSLO)
        box.put("Planning", nine.isoformat(), (nine + timedelta(hours=1)).isoformat())
        yield server
        assert server.violations == []


def koble(tmp_path: Path) -> Terminal:
    words = tmp_path / "passphrase"
    words.touch(mode=0o600)
    words.write_text("open sesame\n")
    env = {"KOBLE_HOME": str(tmp_path / "koble"), "TZ": "Europe/Oslo"}
    env |= {"KOBLE_PASSPHRASE_FILE": str(words)}
    env |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    return Terminal([KOBLE], columns=80, lines=24, env=env)


def to_the_form(terminal: Terminal) -> None:
    """From the dashboard through the choice and what to expect."""
    terminal.wait_for("Offline mode")
    terminal.press("c")
    terminal.wait_for("Which calendar do you use?")
    terminal.press("down", "down")
    terminal.wait_for("▸ Exchange")
    terminal.press("enter")
    terminal.wait_for("What to expect from an Exchange calendar")
    terminal.wait_for("A meeting in it cannot be cancelled or rescheduled here.")
    terminal.press("enter")
    terminal.wait_for("E-mail address *")


def connect(terminal: Terminal, server: Exchange) -> None:
    """The form, filled in; the two questions about the server, answered yes."""
    to_the_form(terminal)
    terminal.press(ADA, "tab", PASSWORD, "tab", "tab", server.url)
    terminal.wait_for(server.url[:40])
    terminal.press("enter")
    terminal.wait_for("localhost is this computer")
    assert server.accounts.tried == []
    terminal.press("enter")
    terminal.wait_for("Issued by: CN=localhost")
    assert server.accounts.tried == []
    terminal.press("enter")
    terminal.wait_for(f"Connected {ADA}")


def test_a_server_with_a_certificate_of_its_own_is_connected_and_shows_its_events(
    tmp_path: Path, server: Exchange, certificate: Certificate
) -> None:
    with koble(tmp_path) as terminal:
        connect(terminal, server)
        terminal.wait_for("● Exchange")
        terminal.press("]", "home")
        terminal.wait_for("Planning")
        terminal.press("q")
        assert terminal.wait() == 0
        shown = bytes(terminal.output)
    assert certificate.fingerprint[:4].upper() in shown.decode().replace(":", "")
    assert PASSWORD.encode() not in shown
    kept = b"".join(each.read_bytes() for each in (tmp_path / "koble").rglob("*") if each.is_file())
    assert PASSWORD.encode() not in kept
    assert {right for _, right in server.accounts.tried} == {True}


def test_a_wrong_password_is_said_beside_it(tmp_path: Path, server: Exchange) -> None:
    with koble(tmp_path) as terminal:
        to_the_form(terminal)
        terminal.press(ADA, "tab", "not this", "tab", ADA, "tab", server.url)
        terminal.wait_for(server.url[:40])
        terminal.press("enter")
        terminal.wait_for("localhost is this computer")
        terminal.press("enter")
        terminal.wait_for("Issued by: CN=localhost")
        terminal.press("enter")
        terminal.wait_for("did not accept")
        assert server.accounts.tried == [(ADA, False)]


def test_keys_are_served_while_the_server_hangs(tmp_path: Path, server: Exchange) -> None:
    with koble(tmp_path) as terminal:
        connect(terminal, server)
        hanging = server.faults.add(faults.hang(), times=None)
        terminal.press("R")
        assert hanging.begun.wait(60)
        monday = next_monday()
        for weeks in (0, 1, 2):
            terminal.press("]")
            terminal.wait_for(f"Week {(monday + timedelta(weeks=weeks)).isocalendar().week} ")
        terminal.press("?")
        terminal.wait_for("Where the focus is")
        terminal.press("escape")
        terminal.wait_for(lambda screen: "Where the focus is" not in screen)
        assert not hanging.released.is_set()
        terminal.press("q")
        assert terminal.wait() == 0
        assert not hanging.released.is_set()


def test_a_connection_to_a_server_that_hangs_is_given_up_by_a_key(
    tmp_path: Path, server: Exchange
) -> None:
    hanging = server.faults.add(faults.hang(), times=None)
    with koble(tmp_path) as terminal:
        to_the_form(terminal)
        terminal.press(ADA, "tab", PASSWORD, "tab", "tab", server.url)
        terminal.wait_for(server.url[:40])
        for question in ("localhost is this computer", "Issued by: CN=localhost"):
            terminal.press("enter")
            terminal.wait_for(question)
        terminal.press("enter")
        assert hanging.begun.wait(60)
        terminal.wait_for("Reading the calendars of")
        terminal.press("escape")
        terminal.wait_for("E-mail address *")
        assert not hanging.released.is_set()
