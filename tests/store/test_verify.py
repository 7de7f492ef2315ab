"""Every document and every checksum is looked at: what is damaged is named, wherever it is."""

import random
import shutil
from pathlib import Path

import pytest

from scheduling.errors import KobleError
from store.journal import journal_path
from store.store import Store
from store.verify import Finding, verify


def damaged(home: Path) -> list[str]:
    return [str(each.text) for each in verify(home) if not each.ok]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "home") as store:
        for n in range(30):
            store.events.put(
                {"id": f"e{n}", "calendar": f"c{n % 3}", "resource": "r", "spans": [[n, n + 2]]}
            )
            store.contacts.put({"id": f"k{n}", "email": f"Kari{n}@example.org"})
            if n in (10, 20):
                store.compact()
        store.events.drop("e3")
    return tmp_path / "home"


def test_what_is_whole_is_said_to_be(home: Path) -> None:
    found = verify(home)
    assert all(each.ok for each in found)
    said = " ".join(str(each.text) for each in found)
    for name in ("koble-00000003.json", "koble-00000002.json", "journal-00000003"):
        assert f"{name} is whole" in said
    assert "All 59 documents are read" in said


def test_nothing_there_is_nothing_wrong(tmp_path: Path) -> None:
    assert verify(tmp_path / "none") == []
    Store.open(tmp_path / "home").close()
    assert all(each.ok for each in verify(tmp_path / "home"))


def test_a_document_that_changed_by_itself_is_named(home: Path) -> None:
    snapshot = home / "koble-00000003.json"
    snapshot.write_bytes(snapshot.read_bytes().replace(b"Kari5@", b"Kari6@"))
    assert "contacts 6" in damaged(home)[0]


@pytest.mark.usefixtures("quick")
def test_a_flipped_bit_is_found_wherever_it_is(home: Path, tmp_path: Path) -> None:
    rng = random.Random(4)
    before = verify(home)
    for attempt in range(150):
        copy = Path(shutil.copytree(home, tmp_path / "copy"))
        path = rng.choice(sorted(copy.glob("koble-*")) + sorted(copy.glob("journal-*")))
        content = bytearray(path.read_bytes())
        used = len(content.rstrip(b"\0")) if path.name.startswith("journal") else len(content)
        content[rng.randrange(used)] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        found = verify(copy)
        assert any(path.stem in str(each.text) for each in new(found, before)), (attempt, path)
        shutil.rmtree(copy)


def new(found: list[Finding], before: list[Finding]) -> list[Finding]:
    known = {str(each.text) for each in before}
    return [each for each in found if str(each.text) not in known]


def test_what_was_kept_aside_tells_what_could_be_saved(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home") as store:
        for n in range(5):
            store.bookings.put({"id": f"b{n}", "start": n, "end": n + 1})
    journal = journal_path(store.home, 1)
    content = bytearray(journal.read_bytes())
    content[content.index(b'"b1"') + 2] = ord("7")
    journal.write_bytes(content)
    assert "behind 1 whole commits" in damaged(store.home)[0]
    Store.open(store.home).close()
    [said] = damaged(store.home)
    assert "3 changes in it are whole" in said
    assert "bookings b2, bookings b3, bookings b4" in said


def test_a_store_that_does_not_open_is_described(home: Path) -> None:
    journal = max(home.glob("journal-*"))
    journal.write_bytes(b"something else" * 100)
    with pytest.raises(KobleError):
        Store.open(home)
    said = damaged(home)
    assert f"{journal.name} is damaged from its beginning." in said
    assert any("no good copy is left" in each for each in said)


def test_an_index_that_misses_a_document_is_found(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.rows.Rows.by_field", lambda *_: [])
    assert "documents are not found" in damaged(home)[0]


def test_another_process_that_writes_meanwhile_is_no_damage(home: Path) -> None:
    with Store.open(home) as store:
        for n in range(5):
            store.pages.put({"id": f"{n}"})
            assert damaged(home) == []
