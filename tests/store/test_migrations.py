"""Schemas: an older store is brought up to date, a newer one is left alone."""

from pathlib import Path
from typing import Any

import pytest
import tinydb

import store.compaction
import store.migrations
import store.state
import store.storage
from scheduling.errors import ErrorKind, KobleError
from store.store import Store


def split_names(tables: dict[str, dict[int, dict[str, Any]]]) -> None:
    for contact in tables["contacts"].values():
        contact["given"], contact["family"] = contact.pop("name").split()


def count_up(tables: dict[str, dict[int, dict[str, Any]]]) -> None:
    for contact in tables["contacts"].values():
        contact["version"] = contact.get("version", 0) + 1


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A koble two schemas further on."""
    for module in (store.migrations, store.state, store.storage, store.compaction):
        monkeypatch.setattr(module, "SCHEMA", 3)
    monkeypatch.setitem(store.migrations.MIGRATIONS, 1, split_names)
    monkeypatch.setitem(store.migrations.MIGRATIONS, 2, count_up)


def contents(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}


def made(home: Path, *, compact: bool) -> Path:
    with Store.open(home) as old:
        old.contacts.put({"id": "1", "name": "Kari Nordmann", "email": "kari@example.org"})
        if compact:
            old.compact()
        old.contacts.put({"id": "2", "name": "Ola Nordmann", "email": "ola@example.org"})
    return home


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_store_is_refused_and_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compact: bool, read_only: bool
) -> None:
    home = made(tmp_path / "home", compact=compact)
    with monkeypatch.context() as patch:
        for module in (store.migrations, store.state, store.storage, store.compaction):
            patch.setattr(module, "SCHEMA", 2)
        patch.setitem(store.migrations.MIGRATIONS, 1, split_names)
        Store.open(home).close()
    before = contents(home)
    with pytest.raises(KobleError, match="newer koble") as caught:
        Store.open(home, read_only=read_only)
    assert caught.value.kind is ErrorKind.STORAGE
    assert contents(home) == before


@pytest.mark.parametrize("compact", [False, True])
def test_an_older_store_is_brought_up_to_date_after_a_backup(
    tmp_path: Path, request: pytest.FixtureRequest, compact: bool
) -> None:
    home = made(tmp_path / "home", compact=compact)
    request.getfixturevalue("newer")
    for _ in range(2):
        with Store.open(home) as new:
            assert [c["given"] for c in new.contacts] == ["Kari", "Ola"]
            assert [c["version"] for c in new.contacts] == [1, 1]
            assert new.contacts.where("email", "ola@example.org")[0]["family"] == "Nordmann"
            assert new.generation == 2
    with tinydb.TinyDB(home / "backup-of-format-1.json", access_mode="r") as backup:
        assert [c["name"] for c in backup.table("contacts")] == ["Kari Nordmann", "Ola Nordmann"]


@pytest.mark.parametrize("compact", [False, True])
def test_a_migration_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    compact: bool,
) -> None:
    def fail(_: object) -> None:
        raise ArithmeticError

    home = made(tmp_path / "home", compact=compact)
    with monkeypatch.context() as patch:
        for module in (store.migrations, store.state, store.storage, store.compaction):
            patch.setattr(module, "SCHEMA", 2)
        patch.setitem(store.migrations.MIGRATIONS, 1, fail)
        with pytest.raises(ArithmeticError):
            Store.open(home)
    with Store.open(home) as old:
        assert [c["name"] for c in old.contacts] == ["Kari Nordmann", "Ola Nordmann"]
    request.getfixturevalue("newer")
    with Store.open(home) as new:
        assert [c["given"] for c in new.contacts] == ["Kari", "Ola"]


def test_a_migration_that_stops_half_way_is_begun_again(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise SystemExit

    home = made(tmp_path / "home", compact=True)
    request.getfixturevalue("newer")
    with monkeypatch.context() as patch:
        patch.setattr(store.compaction, "write_snapshot", power_cut)
        with pytest.raises(SystemExit):
            Store.open(home)
    with Store.open(home) as new:
        assert [c["version"] for c in new.contacts] == [1, 1]


@pytest.mark.usefixtures("newer")
def test_a_new_store_needs_no_migration(tmp_path: Path) -> None:
    with Store.open(tmp_path) as new:
        new.contacts.put({"id": "1", "name": "whole"})
    with Store.open(tmp_path) as new:
        assert new.contacts.by_id("1") == {"id": "1", "name": "whole"}
    assert not list(tmp_path.glob("backup*"))


def test_an_older_store_opened_to_read_says_what_to_do(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home = made(tmp_path / "home", compact=True)
    request.getfixturevalue("newer")
    with pytest.raises(KobleError, match="bring it up to date"):
        Store.open(home, read_only=True)
