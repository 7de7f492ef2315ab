"""`koble connect google|office365`, `renew` and `client`, against both vendors' doubles."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.output import Exit
from scheduling.connections import Kind
from tests.cli.conftest import Koble
from tests.terminal import Terminal
from tests.vendors.clouds import ADA, Clouds, clouds
from tests.vendors.oauth import GOOGLE_ID, GOOGLE_SECRET, MICROSOFT_ID, redirected, visit

KOBLE = str(Path(sys.executable).parent / "koble")
BOTH = pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.OFFICE365], ids=["google", "office365"])


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Clouds]:
    with clouds(tmp_path) as vendors:
        yield vendors
    assert vendors.violations() == "[]"


class Waiting:
    """A command that waits for somebody."""

    def __init__(self, home: Path, vendors: Clouds, *words: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KOBLE", "SSH_"))}
        kept |= {"KOBLE_HOME": str(home), "LANG": "C.UTF-8", "TZ": "Europe/Oslo"}
        self._process = subprocess.Popen(
            [KOBLE, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=kept | vendors.env,
        )
        self.told: list[str] = []

    def until(self, begin: str) -> str:
        """The next line of what it tells that begins so."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.told.append(line.rstrip())
            if line.startswith(begin):
                return line.rstrip()
        raise AssertionError(self.told)

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def end(self) -> tuple[int, str]:
        """The exit code, and what stands on stdout."""
        out, err = self._process.communicate()
        self.told += err.splitlines()
        return self._process.returncode, out


def run(home: Path, vendors: Clouds, *words: str) -> tuple[int, Any]:
    """A command that waits for nobody, and its document."""
    with Waiting(home, vendors, *words, "--json") as command:
        code, out = command.end()
    return code, json.loads(out)


def sign_in(home: Path, vendors: Clouds, *words: str) -> tuple[int, str, str]:
    """A command whose browser goes through the vendor's page: exit code, answer, narration."""
    with Waiting(home, vendors, *words) as command:
        visit(command.until("http"))
        code, out = command.end()
        return code, out, "\n".join(command.told)


@BOTH
def test_an_account_is_connected_by_a_browser_that_reaches_this_computer(
    home: Path, vendors: Clouds, kind: Kind
) -> None:
    vendors.put(kind, "Planning", datetime.now(UTC) + timedelta(days=1))
    code, out, told = sign_in(home, vendors, "connect", kind.value, "--expected", ADA, "--json")
    assert code == 0, told
    assert "Another account" not in told
    made = json.loads(out)
    assert made["connection"]["address"] == ADA
    assert made["connection"]["access"] == "write"
    assert made["connection"]["inbox"] == ADA
    assert made["missing"] == []

    code, agenda = run(home, vendors, "agenda", "--cached")
    assert code == 0
    assert "Planning" in [each["title"] for each in agenda["events"]]
    code, status = run(home, vendors, "status")
    assert (code, status["connections"][0]["health"]) == (0, "fresh")


@BOTH
def test_the_address_of_the_last_page_can_be_pasted(
    home: Path, vendors: Clouds, kind: Kind
) -> None:
    with Waiting(home, vendors, "connect", kind.value) as command:
        url = command.until("http")
        assert command.until("ssh -L").endswith("ada@192.0.2.2")
        command.until("Waiting until")
        command.type("http://localhost:1/?code=1&state=another")
        assert "belongs to another attempt" in command.until("This address")
        command.type(redirected(url))
        code, out = command.end()
        assert code == 0, command.told
        assert f"Connected: {ADA}." in out


def test_another_account_and_what_was_not_allowed_are_told(home: Path, vendors: Clouds) -> None:
    vendors.logins.owner.unticks = ("calendar.events",)
    words = ("connect", "google", "--expected", "grace@example.com", "--json")
    code, out, told = sign_in(home, vendors, *words)
    assert code == 0, told
    assert f"grace@example.com was expected, and {ADA} is connected." in told
    assert "Not allowed: add, change and delete events." in told
    made = json.loads(out)
    assert made["expected"] == "grace@example.com"
    assert made["connection"]["access"] == "busy"


def test_access_that_is_refused_connects_nothing(home: Path, vendors: Clouds) -> None:
    vendors.logins.owner.denies = "access_denied"
    code, _out, told = sign_in(home, vendors, "connect", "google")
    assert code == Exit.NOT_PERMITTED, told
    assert run(home, vendors, "connections")[1]["connections"] == []


def test_a_code_is_typed_on_any_device(home: Path, vendors: Clouds) -> None:
    vendors.logins.owner.pending = ["authorization_pending"]
    with Waiting(home, vendors, "connect", "office365", "--device") as command:
        assert command.until("http").endswith("/devicelogin")
        assert command.until("Type this code there").endswith("ABCD-EFGH")
        code, out = command.end()
        assert code == 0, command.told
        assert f"Connected: {ADA}." in out
        assert not any(line.startswith("ssh ") for line in command.told)


def test_a_connection_that_was_signed_out_is_told_and_renewed(home: Path, vendors: Clouds) -> None:
    assert sign_in(home, vendors, "connect", "google")[0] == 0
    vendors.logins.access.clear()
    vendors.logins.refresh.clear()
    code, status = run(home, vendors, "status")
    assert (code, status["connections"][0]["health"]) == (Exit.NOT_PERMITTED, "sign_in")

    code, _out, told = sign_in(home, vendors, "renew", "--access", "mail")
    assert code == 0, told
    code, status = run(home, vendors, "status")
    assert (code, status["connections"][0]["access"]) == (0, "mail")


def test_disconnecting_takes_the_access_back(home: Path, vendors: Clouds) -> None:
    assert sign_in(home, vendors, "connect", "google")[0] == 0
    assert run(home, vendors, "disconnect")[0] == 0
    assert len(vendors.logins.revoked) == 1


def test_what_cannot_be_taken_back_is_told(home: Path, vendors: Clouds) -> None:
    assert sign_in(home, vendors, "connect", "google")[0] == 0
    vendors.logins.owner.broken = [500] * 10
    vendors.logins.owner.refusals = [("temporarily_unavailable", "")] * 10
    code, answer = run(home, vendors, "disconnect")
    assert code == 0
    assert "was not withdrawn" in answer["disconnected"]["not_withdrawn"]
    assert run(home, vendors, "connections")[1]["connections"] == []


def test_on_a_terminal_the_address_is_typed_in(home: Path, vendors: Clouds) -> None:
    env = vendors.env | {"KOBLE_HOME": str(home)}
    with Terminal([KOBLE, "connect", "google"], env=env, columns=1000) as terminal:
        terminal.wait_for("Waiting until")
        url = next(line for line in terminal.lines() if line.startswith("http"))
        terminal.press(redirected(url), "enter")
        assert terminal.wait() == 0
        assert f"Connected: {ADA}." in terminal.text()


def test_on_a_terminal_the_code_can_be_photographed(home: Path, vendors: Clouds) -> None:
    env = vendors.env | {"KOBLE_HOME": str(home)}
    words = [KOBLE, "connect", "office365", "--device"]
    vendors.logins.owner.pending = ["authorization_pending"] * 1000
    with Terminal(words, env=env) as terminal:
        terminal.wait_for("Waiting until")
        assert "█▀▀▀▀▀█" in terminal.text()
        assert b"\x1b[38;5;16;48;5;231m" in terminal.output


# The app that koble signs in as


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text("0123456789abcdef" * 4)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(path))


def test_without_an_app_the_way_to_one_is_told(koble: Koble) -> None:
    refused = koble("connect", "google")
    assert refused.code == Exit.NOT_PERMITTED
    assert "No app is registered at Google." in refused.err
    assert "koble client set google client_secret.json" in refused.err
    shown = koble("client", "show", "google", "--json")
    assert (shown.code, shown.json["client"]) == (Exit.NOT_PERMITTED, None)


def test_an_app_is_kept_shown_and_forgotten(
    koble: Koble, key: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.dumps({"installed": {"client_id": GOOGLE_ID, "client_secret": GOOGLE_SECRET}})
    (tmp_path / "downloaded.json").write_text(document)
    monkeypatch.chdir(tmp_path)
    kept = koble("client", "set", "google", "downloaded.json", "--json")
    assert kept.code == 0, kept.out
    assert kept.json["client"]["id"] == GOOGLE_ID
    assert GOOGLE_SECRET not in kept.out
    assert koble("client", "set", "google", "-", stdin=document).code == 0
    assert GOOGLE_ID in koble("client", "show", "google").out
    assert koble("client", "forget", "google").code == 0
    assert koble("client", "show", "google").code == Exit.NOT_PERMITTED


def test_an_app_of_microsoft_has_a_tenant(koble: Koble) -> None:
    kept = koble("client", "set", "office365", MICROSOFT_ID, "--tenant", "contoso.com", "--json")
    assert kept.json["client"]["tenant"] == "contoso.com"
    wrong = koble("client", "set", "office365", "not an id")
    assert wrong.code == Exit.USAGE
    assert "is not the id of an app" in wrong.err
    china = koble("client", "set", "office365", MICROSOFT_ID, "--cloud", "china")
    assert (china.code, china.out.splitlines()[-1]) == (0, "Cloud: china.")
    for option, value in (("--tenant", "contoso.com"), ("--cloud", "china")):
        alone = koble("connect", "office365", option, value)
        assert (alone.code, f"{option} belongs to an app" in alone.err) == (Exit.USAGE, True)


def test_the_secret_of_an_app_stands_on_no_command_line(
    koble: Koble, key: None, tmp_path: Path
) -> None:
    assert koble("client", "set", "google", GOOGLE_ID).code == Exit.USAGE
    (tmp_path / "secret").write_text(f"{GOOGLE_SECRET}\n")
    words = ("client", "set", "google", GOOGLE_ID, "--secret-file", str(tmp_path / "secret"))
    assert koble(*words).code == 0


def test_a_folder_is_renewed_by_being_read(koble: Koble, connected: Any) -> None:
    renewed = koble("renew", "--json")
    assert renewed.code == 0
    assert renewed.json["connection"]["kind"] == "local"
