"""The app in whose name koble signs in: from the environment, a file, or the settings."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.reach import stand_in
from scheduling.connections import Kind
from scheduling.errors import ErrorKind, KobleError
from tests.desk.clouds import KEY, files_under
from tests.vendors.oauth import CLIENT_SECRET_JSON, GOOGLE_ID, GOOGLE_SECRET, MICROSOFT_ID


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "client_secret.json").write_text(CLIENT_SECRET_JSON)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("KOBLE_GOOGLE_CLIENT", str(tmp_path / "client_secret.json"))
    monkeypatch.setenv("KOBLE_MICROSOFT_CLIENT", f"{MICROSOFT_ID}@contoso.example")


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="UTC")
    yield desk
    await desk.close()


async def test_without_a_registered_app_the_way_to_one_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOBLE_GOOGLE_CLIENT")
    assert await desk.sign_in.client(Kind.GOOGLE) is None
    with pytest.raises(KobleError) as refused:
        await desk.sign_in.begin(Kind.GOOGLE)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.AUTH, "client")
    assert "KOBLE_GOOGLE_CLIENT" in str(refused.value.hint)


async def test_an_app_comes_from_the_environment_and_rather_from_the_settings(
    desk: Desk, tmp_path: Path
) -> None:
    client = await desk.sign_in.client(Kind.OFFICE365)
    assert client is not None
    assert (client.id, client.tenant, client.origin) == (
        MICROSOFT_ID,
        "contoso.example",
        "environment",
    )
    other = MICROSOFT_ID.replace("1", "9")
    await desk.sign_in.save_client(Kind.OFFICE365, other, cloud="usgov")
    client = await desk.sign_in.client(Kind.OFFICE365)
    assert client is not None
    assert (client.id, client.tenant, client.cloud) == (other, "common", "usgov")
    await desk.sign_in.forget_client(Kind.OFFICE365)
    client = await desk.sign_in.client(Kind.OFFICE365)
    assert client is not None
    assert client.id == MICROSOFT_ID

    client = await desk.sign_in.client(Kind.GOOGLE)
    assert client is not None
    assert client.origin == str(tmp_path / "client_secret.json")


@pytest.mark.parametrize("way", ["path", "text", "id"])
async def test_the_secret_of_an_app_is_kept_among_the_secrets(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.delenv("KOBLE_GOOGLE_CLIENT")
    text = {"path": f"{tmp_path}/client_secret.json", "text": CLIENT_SECRET_JSON, "id": GOOGLE_ID}
    secret = GOOGLE_SECRET if way == "id" else ""
    saved = await desk.sign_in.save_client(Kind.GOOGLE, text[way], secret=secret)
    found = await desk.sign_in.client(Kind.GOOGLE)
    assert found == saved
    assert (saved.id, saved.secret, saved.origin) == (GOOGLE_ID, GOOGLE_SECRET, "settings")
    assert GOOGLE_SECRET not in files_under(desk.home)
    async with await desk.sign_in.begin(Kind.GOOGLE) as attempt:
        assert attempt.client == saved
    await desk.sign_in.forget_client(Kind.GOOGLE)
    assert await desk.vault.get("client.google") is None


@pytest.mark.parametrize("text", ["/nowhere/x.json", "~nobody/x.json", "./", "a\0.json"])
async def test_a_file_that_cannot_be_read_is_named(desk: Desk, text: str) -> None:
    with pytest.raises(KobleError) as refused:
        await desk.sign_in.save_client(Kind.GOOGLE, text)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.INVALID, "client")


@pytest.mark.parametrize(
    "text", ["http://evil.example.com", "https://127.0.0.1.evil.example", "file:///etc", "http://["]
)
def test_what_stands_in_for_a_vendor_is_on_this_computer(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("KOBLE_GOOGLE_BASE", text)
    with pytest.raises(KobleError):
        stand_in(Kind.GOOGLE, "BASE")
    monkeypatch.setenv("KOBLE_GOOGLE_BASE", "http://127.0.0.1:99/")
    assert stand_in(Kind.GOOGLE, "BASE") == "http://127.0.0.1:99"


async def test_an_app_whose_secret_is_gone_is_to_be_written_down_again(desk: Desk) -> None:
    """As after a backup: secrets are not in it."""
    await desk.sign_in.save_client(Kind.GOOGLE, CLIENT_SECRET_JSON)
    await desk.vault.delete("client.google")
    with pytest.raises(KobleError) as refused:
        await desk.sign_in.begin(Kind.GOOGLE)
    assert (refused.value.kind, refused.value.field) == (ErrorKind.AUTH, "secret")
