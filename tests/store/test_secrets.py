"""Secrets: where the key comes from, and that nothing of them is seen anywhere else."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import pytest

from scheduling.errors import ErrorKind, KobleError
from store.secrets import Secrets
from store.store import Store

ROOT = Path(__file__).parents[2]
CANARY = "canary-7f3a9c-refresh-token"


class Desktop:
    """A keyring back end that keeps everything in memory."""

    priority = 5
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, password: str) -> None:
        self.kept[service, user] = password

    def delete_password(self, service: str, user: str) -> None:
        del self.kept[service, user]


class Locked(Desktop):
    """One that fails as desktops do, with what it was given in its message."""

    def get_password(self, service: str, user: str) -> str | None:
        raise RuntimeError("locked")

    def set_password(self, service: str, user: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


class Forgetful(Desktop):
    """One that says it keeps, and does not."""

    def set_password(self, service: str, user: str, password: str) -> None:
        pass


class Absent(Desktop):
    """One whose desktop is not there."""

    def __init__(self) -> None:
        raise RuntimeError("no desktop")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key file, no service manager, no keyring of this computer; cheap guesses."""
    monkeypatch.delenv("KOBLE_KEY_FILE", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr("store.keyrings.back_ends", lambda: ())
    monkeypatch.setattr("store.secrets.COST", 1 << 10)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], None]:
    def install(back_end: type) -> None:
        monkeypatch.setattr("store.keyrings.back_ends", lambda: (back_end,))

    monkeypatch.setattr(Desktop, "kept", {})
    return install


def key_file(path: Path, content: bytes = b"k" * 40) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.fixture(params=["keyring", "file", "credential", "passphrase", "plain"])
def ways(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keyring: Callable[[type], None],
) -> dict[str, Any]:
    """One way after the other to have a key: what to give to `open`."""
    if request.param == "keyring":
        keyring(Desktop)
    elif request.param == "file":
        monkeypatch.setenv("KOBLE_KEY_FILE", str(key_file(tmp_path / "key")))
    elif request.param == "credential":
        (tmp_path / "credentials").mkdir()
        key_file(tmp_path / "credentials" / "koble-key").chmod(0o440)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    elif request.param == "passphrase":
        return {"passphrase": lambda: "correct horse"}
    else:
        return {"allow_plain": True}
    return {}


def test_secrets_are_kept_changed_and_forgotten(tmp_path: Path, ways: dict[str, Any]) -> None:
    home = tmp_path / "home"
    secrets = Secrets.open(home, **ways)
    assert secrets.get("google") is None
    secrets.set("google", {"token": CANARY})
    secrets.set("work", {"password": "æøå"})
    other = Secrets.open(home, **ways)
    assert other.where == secrets.where
    assert other.get("google") == {"token": CANARY}
    other.set("google", {"token": "rotated"})
    assert secrets.get("google") == {"token": "rotated"}
    secrets.delete("google")
    secrets.delete("google")
    assert other.get("google") is None
    assert other.get("work") == {"password": "æøå"}
    other.delete("work")
    assert not (home / "secrets").exists()
    assert Desktop.kept == {}
    # After the last one is gone, all begins anew.
    secrets.set("again", {"token": "new"})
    assert other.get("again") == {"token": "new"}


def test_the_file_is_its_owners_and_holds_nothing_readable(
    tmp_path: Path, ways: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    home = tmp_path / "home"
    before = os.umask(0)
    try:
        Secrets.open(home, **ways).set("google", {"token": CANARY})
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}
    if "allow_plain" not in ways:
        assert b"google" not in (home / "secrets").read_bytes()


def test_opening_alone_keeps_nothing_anywhere(
    tmp_path: Path, keyring: Callable[[type], None]
) -> None:
    keyring(Desktop)
    asked = []
    Secrets.open(tmp_path, lambda: asked.append(1) or "x")  # type: ignore[func-returns-value]
    assert Desktop.kept == {}
    assert asked == []
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize("back_end", [Locked, Forgetful, Absent])
def test_a_keyring_that_fails_is_never_trusted(
    tmp_path: Path,
    keyring: Callable[[type], None],
    back_end: type,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    keyring(back_end)
    if back_end is Forgetful:
        with pytest.raises(KobleError, match="did not keep"):
            Secrets.open(tmp_path, lambda: "p").set("a", {"token": CANARY})
        assert not (tmp_path / "secrets").exists()
        return
    with pytest.raises(KobleError, match="no safe place") as caught:
        Secrets.open(tmp_path)
    assert "KOBLE_KEY_FILE" in str(caught.value)
    secrets = Secrets.open(tmp_path, lambda: "passphrase")
    secrets.set("a", {"token": CANARY})
    assert "passphrase" in secrets.where
    assert "cannot keep" not in caplog.text


def test_a_keyring_that_never_answers_is_given_up(
    tmp_path: Path, keyring: Callable[[type], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    never = Event()

    class Hanging(Desktop):
        def get_password(self, service: str, user: str) -> str | None:
            never.wait()
            return None

    keyring(Hanging)
    monkeypatch.setattr("store.keyrings.PATIENCE", 0.01)
    with pytest.raises(KobleError, match="no safe place"):
        Secrets.open(tmp_path)
    never.set()


def test_a_keyring_that_lost_the_key_says_what_to_do(
    tmp_path: Path, keyring: Callable[[type], None]
) -> None:
    keyring(Desktop)
    Secrets.open(tmp_path).set("a", {"token": "t"})
    Desktop.kept.clear()
    with pytest.raises(KobleError, match="no longer in the keyring"):
        Secrets.open(tmp_path, lambda: "p", allow_plain=True)
    keyring(Absent)
    with pytest.raises(KobleError, match="cannot be used now"):
        Secrets.open(tmp_path, lambda: "p", allow_plain=True)


def test_a_wrong_passphrase_is_told_apart_and_can_be_tried_again(tmp_path: Path) -> None:
    Secrets.open(tmp_path, lambda: "right").set("a", {"token": "t"})
    for wrong in ("wrong", ""):
        with pytest.raises(KobleError, match="passphrase") as caught:
            Secrets.open(tmp_path, lambda: wrong)  # noqa: B023  # called at once
        assert caught.value.kind is ErrorKind.AUTH
        assert caught.value.field == "passphrase"
    assert Secrets.open(tmp_path, lambda: "right").get("a") == {"token": "t"}
    with pytest.raises(KobleError, match="locked with a passphrase"):
        Secrets.open(tmp_path)


def test_a_passphrase_is_asked_once(tmp_path: Path) -> None:
    asked = []

    def ask() -> str:
        asked.append(1)
        return "passphrase"

    secrets = Secrets.open(tmp_path, ask)
    secrets.set("a", {"token": "t"})
    secrets.set("b", {"token": "t"})
    assert secrets.get("a") is not None
    assert len(asked) == 1


def test_key_files_that_are_no_good_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, home = tmp_path / "key", tmp_path / "home"
    monkeypatch.setenv("KOBLE_KEY_FILE", str(key))
    with pytest.raises(KobleError, match="could not be read"):
        Secrets.open(home).set("a", {})
    key_file(key, b"short")
    with pytest.raises(KobleError, match="too short"):
        Secrets.open(home).set("a", {})
    key_file(key).chmod(0o644)
    with pytest.raises(KobleError, match="Others can read"):
        Secrets.open(home).set("a", {})
    key_file(key)
    Secrets.open(home).set("a", {"token": "t"})
    key_file(key, b"another key, also of forty bytes or more")
    with pytest.raises(KobleError, match="cannot be read with this key"):
        Secrets.open(home)
    monkeypatch.delenv("KOBLE_KEY_FILE")
    with pytest.raises(KobleError, match="none was given"):
        Secrets.open(home)


def test_plain_text_takes_an_explicit_yes_every_time(tmp_path: Path) -> None:
    with pytest.raises(KobleError, match="no safe place"):
        Secrets.open(tmp_path)
    Secrets.open(tmp_path, allow_plain=True).set("a", {"token": "t"})
    with pytest.raises(KobleError, match="plain text"):
        Secrets.open(tmp_path)


def test_a_file_that_was_changed_is_not_trusted(tmp_path: Path) -> None:
    Secrets.open(tmp_path, lambda: "p").set("a", {"token": "t"})
    path = tmp_path / "secrets"
    content = path.read_bytes()
    refused = 0
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            # A few bits at the end of base64 mean nothing.
            assert Secrets.open(tmp_path, lambda: "p").get("a") == {"token": "t"}
        except KobleError:
            refused += 1
    assert refused >= len(content) - 4
    path.write_bytes(content[:-20])
    with pytest.raises(KobleError):
        Secrets.open(tmp_path, lambda: "p")


PROCESS = """
import sys
from pathlib import Path
from threading import Event
from store.secrets import Secrets
secrets = Secrets.open(Path(sys.argv[1]))
for n in range(30):
    secrets.set(f"{sys.argv[2]}-{n}", {"n": n})
"""


def test_processes_that_set_secrets_at_once_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOBLE_KEY_FILE", str(key_file(tmp_path / "key")))
    home = tmp_path / "home"
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(home), name], cwd=ROOT)
        for name in ("a", "b", "c")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    secrets = Secrets.open(home)
    assert all(secrets.get(f"{name}-{n}") == {"n": n} for name in "abc" for n in range(30))


def test_no_secret_is_seen_in_any_file_repr_log_or_error(
    tmp_path: Path,
    ways: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    home = tmp_path / "home"
    secrets = Secrets.open(home, **ways)
    secrets.set("google", {"token": CANARY})
    said = [repr(secrets), str(secrets), secrets.where, repr(vars(type(secrets)))]
    with pytest.raises(TypeError) as caught:
        secrets.set("bad", {"token": CANARY, "what": object()})
    said.append(repr(caught.value))
    with Store.open(home) as store:
        store.connections.put({"id": "google", "kind": "google"})
        store.compact()
        store.backup(home / "backup.json")
        said.append(repr(store))
    said.extend([caplog.text, *capfd.readouterr()])
    said.extend(
        path.read_bytes().decode("latin-1")
        for path in home.iterdir()
        if not (path.name == "secrets" and "allow_plain" in ways)
    )
    keys = [*Desktop.kept.values(), "correct horse", "k" * 40]
    for canary in (CANARY, *keys):
        assert not any(canary in text for text in said)


def test_only_keyrings_that_never_ask_on_the_terminal_are_used() -> None:
    program = """
import sys
from store.keyrings import back_ends
print(*(end.__module__ for end in back_ends()))
print(*(name for name in sys.modules if name.startswith("keyrings.")))
"""
    environment = {"PATH": os.environ["PATH"], "PYTHON_KEYRING_BACKEND": "keyrings.cryptfile"}
    out = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used, others = out.splitlines()
    allowed = {
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
    }
    assert set(used.split()) <= allowed
    assert others == ""
