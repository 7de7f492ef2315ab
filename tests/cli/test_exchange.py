"""`koble connect exchange`, against a server that speaks EWS."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.output import Exit
from tests.cli.conftest import GRACE, Koble
from tests.terminal import Terminal
from tests.vendors.certificates import self_signed
from tests.vendors.exchange import EXCHANGE_2010_SP1, EXCHANGE_2016, PASSWORD, Exchange, exchange

ADA = "ada@example.org"


@pytest.fixture
def server() -> Iterator[Exchange]:
    with exchange(EXCHANGE_2016) as server:
        server.account(ADA)
        yield server
        assert server.violations == []


@pytest.fixture(autouse=True)
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text("open sesame\n")
    monkeypatch.setenv("KOBLE_PASSPHRASE_FILE", str(path))
    monkeypatch.setattr("store.keyrings.back_ends", lambda: ())
    monkeypatch.setattr("store.secrets.COST", 1 << 10)


def connect(server: Exchange, *more: str) -> tuple[str, ...]:
    login = ("connect", "exchange", "--address", ADA, "--password-file", "-")
    return (*login, "--url", f"{server.origin}/owa", "--allow-local", *more)


def test_an_account_is_connected_by_its_address_and_password(
    koble: Koble, server: Exchange, home: Path
) -> None:
    made = koble(*connect(server), "--json", stdin=PASSWORD + "\n")
    assert made.code == 0, made.err
    assert made.json["connection"]["kind"] == "exchange"
    assert made.json["connection"]["full_exchange"] is False
    assert [each["name"] for each in made.json["calendars"]] == ["Calendar"]
    assert koble("status").code == 0
    assert [each["address"] for each in koble("inboxes", "--json").json["inboxes"]] == [ADA]

    assert PASSWORD not in made.out + made.err + koble("connections", "--json").out
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept

    assert koble("disconnect").code == 0
    assert not (home / "secrets").exists()


def test_its_limits_are_lifted_at_once_if_asked_for(koble: Koble, server: Exchange) -> None:
    made = koble(*connect(server, "--full-exchange", "--json"), stdin=PASSWORD)
    assert made.json["connection"]["full_exchange"] is True


def test_a_wrong_password_is_refused_with_the_way_out(koble: Koble, server: Exchange) -> None:
    refused = koble(*connect(server, "--username", ADA), stdin="not this\n")
    assert refused.code == Exit.NOT_PERMITTED
    assert "did not accept the user name and password" in refused.err
    assert "use an app password" in refused.err
    assert server.accounts.tried == [(ADA, False)]
    assert koble("connections", "--json").json["connections"] == []


def test_a_changed_password_is_given_anew(koble: Koble, server: Exchange) -> None:
    koble(*connect(server), stdin=PASSWORD)
    server.accounts.accounts[0].password = "changed"
    assert koble("status").code == Exit.NOT_PERMITTED
    assert koble("renew", "--password-file", "-", stdin=PASSWORD).code == Exit.NOT_PERMITTED
    renewed = koble("renew", "--password-file", "-", stdin="changed")
    assert renewed.code == 0, renewed.err
    assert koble("status").code == 0


def test_an_old_server_is_refused_with_its_name(koble: Koble) -> None:
    with exchange(EXCHANGE_2010_SP1) as old:
        old.account(ADA)
        refused = koble(*connect(old), stdin=PASSWORD)
    assert refused.code != 0
    assert "Exchange 2010 SP1, which is too old" in refused.err


def test_a_private_certificate_is_shown_and_then_trusted_by_its_fingerprint(
    koble: Koble, tmp_path: Path
) -> None:
    own = self_signed(tmp_path, "mail.example.org")
    with exchange(certificate=own) as server:
        server.account(ADA)
        refused = koble(*connect(server), stdin=PASSWORD)
        shown = ":".join(own.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
        assert refused.code == Exit.NOT_PERMITTED
        for words in ("CN=mail.example.org", shown, "trusted for this connection alone"):
            assert words in refused.err
        assert server.accounts.tried == []
        made = koble(*connect(server, "--fingerprint", shown), stdin=PASSWORD)
        assert made.code == 0, made.err
        assert koble("status").code == 0


def test_the_limits_hold_and_are_explained_until_they_are_lifted(
    koble: Koble, server: Exchange, page: None
) -> None:
    """S20; and a booking by a contact works all the same (S16)."""
    koble(*connect(server), stdin=PASSWORD)
    booked = koble("book", "intro", "2026-12-01T09:00", *GRACE, "--json")
    assert booked.code == 0, booked.err
    booking = booked.json["booking"]
    assert booking["state"] == "confirmed"
    assert [each.kind for each in server.mailboxes[ADA].sent] == ["Request"]
    for words in (("cancel", booking["id"]), ("reschedule", booking["id"], "2026-12-01T10:00")):
        refused = koble(*words)
        assert refused.code == Exit.NOT_PERMITTED
        assert "in an Exchange calendar cannot be" in refused.err
        assert "Switch on Full Exchange" in refused.err
    assert koble("connections", "set", "--full-exchange", "on").code == 0
    moved = koble("reschedule", booking["id"], "2026-12-01T10:00", "--json").json["booking"]
    assert koble("cancel", moved["id"], "--reason", "I am ill").code == 0
    sent = server.mailboxes[ADA].sent
    assert [each.kind for each in sent] == ["Request", "Update", "Cancellation"]
    assert sent[-1].body == "I am ill"


def test_no_times_are_proposed_from_it_until_the_limits_are_lifted(
    koble: Koble, server: Exchange, page: None
) -> None:
    """S23."""
    asked = koble("book", "intro", "2026-12-01T09:00", *GRACE, "--json").json["booking"]
    koble(*connect(server), stdin=PASSWORD)
    refused = koble("propose", asked["id"], "2026-12-01T10:00")
    assert refused.code == Exit.NOT_PERMITTED
    assert "Proposed times cannot be inserted from an Exchange calendar." in refused.err
    assert "Switch on Full Exchange" in refused.err
    assert koble("connections", "set", "--full-exchange", "on").code == 0
    told = koble("propose", asked["id"], "2026-12-01T10:00", "--json")
    assert told.json["booking"]["proposed"] == ["2026-12-01T09:00:00Z"]


@pytest.mark.skipif(sys.platform == "darwin", reason="the keychain would take the password")
def test_on_a_terminal_the_password_is_asked_for_and_not_shown(
    server: Exchange, home: Path
) -> None:
    words = ["connect", "exchange", "--address", ADA, "--url", server.url, "--allow-local"]
    code = f"import sys; from cli.main import main; sys.exit(main({words!r}))"
    # A bus that is not there: a keyring of this computer is left alone.
    nobody = {"KOBLE_HOME": str(home), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    nobody["KOBLE_PASSPHRASE_FILE"] = os.environ["KOBLE_PASSPHRASE_FILE"]
    with Terminal([sys.executable, "-c", code], env=nobody) as terminal:
        terminal.wait_for("Password:")
        terminal.press(PASSWORD, "enter")
        assert terminal.wait() == 0
        assert f"Connected: {ADA}" in terminal.text()
        assert PASSWORD.encode() not in terminal.output
