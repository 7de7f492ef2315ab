"""A backup in the place of what is stored: all of it or nothing, and what was there is kept."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scheduling.errors import ErrorKind, KobleError
from store.lock import Lock
from store.restore import restore
from store.store import Store
from tests.store.test_migrations import newer, split_names

assert newer  # a fixture


def content(store: Store) -> list[dict[str, Any]]:
    return [*store.contacts.all(), *store.bookings.all(), *store.log.all()]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "other") as store:
        store.contacts.put({"id": "k", "name": "Kari Nordmann", "email": "kari@example.org"})
        store.bookings.put({"id": "b", "start": 10, "end": 20, "page": "intro"})
        store.bookings.put({"id": "gone", "start": 10, "end": 20})
        store.bookings.drop("gone")
        store.log.insert({"text": "one"})
        store.backup(tmp_path / "backup.json")
    return tmp_path / "backup.json"


def test_into_an_empty_place(tmp_path: Path, backup: Path) -> None:
    assert restore(tmp_path / "home", backup) is None
    with Store.open(tmp_path / "home") as store, Store.open(tmp_path / "other") as other:
        assert content(store) == content(other)
        assert [each["id"] for each in store.bookings.overlapping(15, 16)] == ["b"]
        assert store.contacts.where("email", "KARI@example.org")


def test_what_was_there_is_kept_and_can_be_restored(tmp_path: Path, backup: Path) -> None:
    with Store.open(tmp_path / "home") as store, Store.open(tmp_path / "home") as beside:
        store.pages.put({"id": "p"})
        store.bookings.put({"id": "b", "start": 1, "end": 2})
        before = store.generation
        kept = restore(store.home, backup)
        assert kept is not None
        assert "bookings" in beside.refresh()
        for seen in (beside, Store.open(store.home)):
            assert seen.pages.all() == []
            assert [(each["id"], each["start"]) for each in seen.bookings] == [("b", 10)]
            assert seen.generation == before + 1
        # Back again.
        restore(store.home, kept)
        beside.refresh()
        assert beside.pages.all() == [{"id": "p"}]
        assert beside.bookings.all() == [{"id": "b", "start": 1, "end": 2}]
        assert beside.contacts.all() == []


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "no json", '{"bookings": {"1": {"id": "x"}}}', None, "cut"],
)
def test_what_is_no_backup_changes_nothing(tmp_path: Path, backup: Path, text: str | None) -> None:
    file = tmp_path / "file"
    if text == "cut":
        text = backup.read_text()[:-20]
    if text is not None:
        file.write_text(text)
    with Store.open(tmp_path / "home") as store:
        store.pages.put({"id": "p"})
    before = {path: path.read_bytes() for path in (tmp_path / "home").iterdir()}
    said = "is not there" if text is None else "no backup"
    with pytest.raises(KobleError, match=said) as caught:
        restore(tmp_path / "home", file)
    assert (caught.value.kind, caught.value.field) == (ErrorKind.INVALID, "file")
    assert {path: path.read_bytes() for path in (tmp_path / "home").iterdir()} == before


def test_a_backup_of_a_newer_koble_is_refused(tmp_path: Path, backup: Path) -> None:
    document = json.loads(backup.read_text())
    document["_koble"]["1"]["schema"] = 99
    backup.write_text(json.dumps(document))
    with pytest.raises(KobleError, match="newer koble"):
        restore(tmp_path / "home", backup)
    assert not (tmp_path / "home").exists()


def test_a_backup_of_an_older_koble_is_brought_up_to_date(
    tmp_path: Path, backup: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("newer")
    restore(tmp_path / "home", backup)
    with Store.open(tmp_path / "home") as store:
        [kari] = store.contacts.all()
        assert (kari["given"], kari["family"], kari["version"]) == ("Kari", "Nordmann", 1)
    assert split_names


def test_while_another_process_holds_the_store_nothing_changes(
    tmp_path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.compaction.PATIENCE", 0.01)
    with Store.open(tmp_path / "home") as store:
        store.pages.put({"id": "p"})
        other = Lock(store.home / "lock")
        assert other.acquire(0)
        with pytest.raises(KobleError, match="Another koble"):
            restore(store.home, backup)
        other.close()
        store.refresh()
        assert store.pages.all() == [{"id": "p"}]
        assert not list(store.home.glob("before-restore-*"))


def test_a_store_that_does_not_open_any_more_is_kept_as_it_is(tmp_path: Path, backup: Path) -> None:
    home = tmp_path / "home"
    for turn in (1, 2):
        with Store.open(home) as store:
            store.pages.put({"id": "p"})
        journal = max(home.glob("journal-*"))
        journal.write_bytes(b"something else" * 1000)
        content = journal.read_bytes()
        with pytest.raises(KobleError, match="koble restore"):
            Store.open(home)
        kept = restore(home, backup)
        assert kept == home / ("damaged-store" if turn == 1 else "damaged-store-2")
        assert (kept / journal.name).read_bytes() == content
        with Store.open(home) as store:
            assert [each["id"] for each in store.bookings] == ["b"]
            assert store.pages.all() == []


def test_a_full_disk_keeps_everything_as_it_is(
    tmp_path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Store.open(tmp_path / "home") as store:
        store.pages.put({"id": "p"})
        for part in ("store.storage.write_whole", "store.journal.Journal.append"):
            with monkeypatch.context() as patch:
                patch.setattr(part, full)
                with pytest.raises(KobleError, match="no space"):
                    restore(store.home, backup)
            store.refresh()
            assert store.pages.all() == [{"id": "p"}]
        shutil.copy(backup, store.home / "koble.json")
        restore(store.home, store.home / "koble.json")
        store.refresh()
        assert [each["id"] for each in store.bookings] == ["b"]
