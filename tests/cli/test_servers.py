"""`koble connect caldav` and `koble connect ics`, against a real server."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.output import Exit
from tests.cli.conftest import Koble
from tests.providers.radicale_server import PASSWORD, Radicale, radicale
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        server.account("ada", "work")
        yield server


@pytest.fixture(autouse=True)
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text("open sesame\n")
    monkeypatch.setenv("KOBLE_PASSPHRASE_FILE", str(path))
    monkeypatch.setattr("store.keyrings.back_ends", lambda: ())
    monkeypatch.setattr("store.secrets.COST", 1 << 10)


def test_an_account_is_connected_with_the_password_from_standard_input(
    koble: Koble, server: Radicale, home: Path
) -> None:
    login = ("--url", server.url, "--username", "ada", "--password-file", "-", "--allow-local")
    made = koble("connect", "caldav", *login, "--json", stdin=PASSWORD + "\n")
    assert made.code == 0, made.err
    assert made.json["connection"]["kind"] == "caldav"
    assert [each["name"] for each in made.json["calendars"]] == ["ada/work"]
    assert koble("status").code == 0

    assert PASSWORD not in made.out + made.err + koble("connections", "--json").out
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept

    assert koble("disconnect").code == 0
    assert not (home / "secrets").exists()


def test_an_account_is_renewed_by_its_password(koble: Koble, server: Radicale) -> None:
    login = ("--url", server.url, "--username", "ada", "--password-file", "-", "--allow-local")
    assert koble("connect", "caldav", *login, stdin=PASSWORD).code == 0
    wrong = koble("renew", "--password-file", "-", stdin="not this\n")
    assert wrong.code == Exit.NOT_PERMITTED
    assert koble("renew", "--password-file", "-", stdin=PASSWORD).code == 0
    assert koble("status").code == 0


def test_this_computer_is_not_spoken_to_unless_it_is_allowed(
    koble: Koble, server: Radicale
) -> None:
    login = ("--url", server.url, "--username", "ada", "--password-file", "-")
    refused = koble("connect", "caldav", *login, stdin=PASSWORD)
    assert refused.code == Exit.NOT_PERMITTED
    assert "private network" in refused.err
    assert koble("connections", "--json").json["connections"] == []


def test_a_wrong_password_is_refused_and_said_plainly(koble: Koble, server: Radicale) -> None:
    login = ("--url", server.url, "--username", "ada", "--password-file", "-", "--allow-local")
    refused = koble("connect", "caldav", *login, stdin="not this\n")
    assert refused.code == Exit.NOT_PERMITTED
    assert "did not accept" in refused.err
    assert "not this" not in refused.err


def test_without_a_terminal_the_password_has_to_be_given(koble: Koble, server: Radicale) -> None:
    refused = koble("connect", "caldav", "--url", server.url, "--username", "ada")
    assert refused.code != 0
    assert "--password-file" in refused.err


def test_a_password_is_not_sent_without_encryption(koble: Koble) -> None:
    login = ("--url", "http://cal.example.com", "--username", "ada", "--password-file", "-")
    refused = koble("connect", "caldav", *login, stdin="secret\n")
    assert refused.code != 0
    assert "https://" in refused.err


def test_what_is_no_calendar_is_not_subscribed_to(koble: Koble, server: Radicale) -> None:
    refused = koble("connect", "ics", "--url", f"{server.url}/.web/", "--allow-local")
    assert refused.code != 0
    assert koble("connections", "--json").json["connections"] == []
    assert koble("connect", "ics", "--url", "ftp://example.com/a.ics").code != 0


@pytest.mark.skipif(sys.platform == "darwin", reason="the keychain would take the password")
def test_on_a_terminal_both_are_asked_for_and_neither_is_shown(
    server: Radicale, home: Path
) -> None:
    login = ("--url", server.url, "--username", "ada", "--allow-local")
    words = ["connect", "caldav", *login]
    code = f"import sys; from cli.main import main; sys.exit(main({words!r}))"
    # A bus that is not there: a keyring of this computer is left alone.
    nobody = {"KOBLE_HOME": str(home), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    with Terminal([sys.executable, "-c", code], env=nobody) as terminal:
        terminal.wait_for("Password:")
        terminal.press(PASSWORD, "enter")
        terminal.wait_for("Choose a passphrase")
        terminal.press("open sesame", "enter")
        terminal.wait_for("once more")
        terminal.press("open sesame", "enter")
        assert terminal.wait() == 0
        assert "Connected: ada" in terminal.text()
        assert PASSWORD.encode() not in terminal.output
        assert b"sesame" not in terminal.output
