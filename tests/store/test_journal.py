"""What is left on the disk after crashes and decay, and what becomes of it."""

import os
import random
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tinydb

from scheduling.errors import ErrorKind, KobleError
from store.journal import Journal, journal_path, whole_frames
from store.store import Store

COMMITS = 12


def state(store: Store) -> list[dict[str, Any]]:
    return [*map(dict, store.bookings.all()), *map(dict, store.log.all())]


def written(home: Path, *, compact: bool) -> list[list[dict[str, Any]]]:
    """A store of some commits, and the state after each of them."""
    store = Store.open(home)
    states = [state(store)]
    for n in range(COMMITS):
        with store.transaction():
            store.bookings.put({"id": f"b{n % 7}", "start": n, "end": n + 1, "note": "x" * 50 * n})
            store.log.insert({"text": f"entry {n}"})
            store.bookings.drop(f"b{(n + 3) % 7}")
        states.append(state(store))
        if compact and n in (3, 8):
            store.compact()
    store.close()
    return states


def newest(home: Path, pattern: str) -> Path:
    return sorted(home.glob(pattern))[-1]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[dict[str, Any]]]]:
    home = tmp_path_factory.mktemp("plain") / "home"
    return home, written(home, compact=False)


@pytest.fixture(scope="module")
def compacted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[dict[str, Any]]]]:
    home = tmp_path_factory.mktemp("compacted") / "home"
    return home, written(home, compact=True)


def copied(home: Path, to: Path) -> Path:
    return Path(shutil.copytree(home, to / "copy"))


def frame_ends(home: Path) -> list[int]:
    """Where in the newest journal its header and each of its commits end."""
    journal = Journal(newest(home, "journal-*"), writable=False)
    ends = [journal.tail, *(journal.tail for _ in journal.read())]
    journal.close()
    return ends


def frames_end(home: Path) -> int:
    return frame_ends(home)[-1]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", ["plain", "compacted"])
def test_a_journal_cut_anywhere_holds_exactly_the_commits_before_the_cut(
    request: pytest.FixtureRequest, tmp_path: Path, rng: random.Random, kind: str
) -> None:
    home, states = request.getfixturevalue(kind)
    ends = frame_ends(home)
    for attempt in range(250):
        copy = copied(home, tmp_path / str(attempt))
        path = newest(copy, "journal-*")
        place = rng.randrange(ends[0], ends[-1])
        path.write_bytes(path.read_bytes()[:place])
        whole = bisect_right(ends, place) - 1
        with Store.open(copy, read_only=True) as reader, Store.open(copy) as store:
            assert state(reader) == state(store) == states[whole - len(ends)]
            assert store.notices == ()
            store.bookings.put({"id": "after", "start": 1, "end": 2})
            after = state(store)
        with Store.open(copy) as store:
            assert state(store) == after
            assert store.notices == ()
        shutil.rmtree(copy)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", ["plain", "compacted"])
def test_a_flipped_byte_in_the_journal_costs_only_what_it_hit_and_what_is_behind_is_kept(
    request: pytest.FixtureRequest, tmp_path: Path, rng: random.Random, kind: str
) -> None:
    home, states = request.getfixturevalue(kind)
    ends = frame_ends(home)
    for attempt in range(250):
        place = rng.randrange(ends[-1])
        copy = copied(home, tmp_path / str(attempt))
        path = newest(copy, "journal-*")
        content = bytearray(path.read_bytes())
        content[place] ^= rng.randrange(1, 256)
        path.write_bytes(content)
        if place < ends[0]:
            with pytest.raises(KobleError, match=r"damaged|newer"):
                Store.open(copy)
            assert path.read_bytes() == content
            continue
        whole = bisect_right(ends, place) - 1
        with Store.open(copy) as store:
            assert state(store) == states[whole - len(ends)]
            assert len(store.notices) == 1
            store.bookings.put({"id": "after", "start": 1, "end": 2})
            after = state(store)
        aside = newest(copy, "damaged-*")
        assert content.find(aside.read_bytes()) == int(aside.name.split("-")[-1]) == ends[whole]
        # Every commit behind the one that was hit can be had from there.
        assert len(list(whole_frames(aside.read_bytes()))) == len(ends) - 2 - whole
        with Store.open(copy) as store:
            assert state(store) == after
            assert store.notices == ()
        shutil.rmtree(copy)


@pytest.mark.usefixtures("quick")
def test_flipped_bits_in_a_snapshot_or_its_index_lose_nothing(
    compacted: tuple[Path, list[list[dict[str, Any]]]], tmp_path: Path, rng: random.Random
) -> None:
    home, states = compacted
    for attempt in range(100):
        copy = copied(home, tmp_path / str(attempt))
        path = newest(copy, rng.choice(["koble-*.json", "koble-*.index"]))
        content = bytearray(path.read_bytes())
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        store = Store.open(copy)
        found = until_it_reads(store, read_all)
        assert found == states[-1], path
        store.bookings.put({"id": "after", "start": 1, "end": 2})
        store.compact()
        with Store.open(copy) as again:
            assert again.bookings.by_id("after") is not None
        shutil.rmtree(copy)


def read_all(store: Store) -> list[dict[str, Any]]:
    for n in range(7):
        assert (store.bookings.by_id(f"b{n}") or {"id": f"b{n}"})["id"] == f"b{n}"
    store.bookings.overlapping(0, 100)
    return state(store)


def until_it_reads(
    store: Store, read: Callable[[Store], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    for _ in range(4):
        found = attempt(store, read)
        if not isinstance(found, KobleError):
            return found
        assert found.kind is ErrorKind.STORAGE
        assert "Try again" in str(found)
        store.refresh()
    raise AssertionError("damage was never got over")


def attempt(
    store: Store, read: Callable[[Store], list[dict[str, Any]]]
) -> list[dict[str, Any]] | KobleError:
    try:
        return read(store)
    except KobleError as error:
        return error


@pytest.mark.parametrize("lost", ["koble-*.index", "koble-*.json"])
def test_the_newest_snapshot_or_its_index_may_be_lost(
    compacted: tuple[Path, list[list[dict[str, Any]]]], tmp_path: Path, lost: str
) -> None:
    home, states = compacted
    copy = copied(home, tmp_path)
    newest(copy, lost).unlink()
    with Store.open(copy) as store:
        assert state(store) == states[-1]


def test_a_lost_journal_is_not_taken_for_an_empty_one(
    compacted: tuple[Path, list[list[dict[str, Any]]]], tmp_path: Path
) -> None:
    copy = copied(compacted[0], tmp_path)
    newest(copy, "journal-*").unlink()
    before = sorted(path.name for path in copy.iterdir())
    with pytest.raises(KobleError, match="damaged"):
        Store.open(copy)
    assert sorted(path.name for path in copy.iterdir()) == before


def test_what_an_interrupted_write_left_is_never_taken_for_a_commit(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "home")
    store.log.insert({"text": "first"})
    journal = newest(store.home, "journal-*")
    tail = frames_end(store.home)
    store.log.insert({"text": "second"})
    second = journal.read_bytes()[tail : frames_end(store.home)]
    store.log.insert({"text": "third"})
    # The same frame once more, whole but out of its place.
    end = frames_end(store.home)
    content = bytearray(journal.read_bytes())
    content[end : end + len(second)] = second
    journal.write_bytes(content)
    with Store.open(store.home) as again:
        assert [entry["text"] for entry in again.log] == ["first", "second", "third"]
        again.log.insert({"text": "fourth"})
    with Store.open(store.home) as again:
        assert [entry["text"] for entry in again.log] == ["first", "second", "third", "fourth"]


def test_an_index_left_from_another_snapshot_is_not_used(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "home")
    store.log.insert({"text": "one"})
    store.compact()
    snapshot = newest(store.home, "koble-*.json")
    snapshot.write_bytes(snapshot.read_bytes().replace(b'"one"', b'"another"'))
    with Store.open(store.home) as again:
        assert [entry["text"] for entry in again.log] == ["another"]


def test_snapshots_are_json_that_plain_tinydb_opens(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home") as store:
        store.bookings.put({"id": "å", "start": 1, "end": 2})
        store.compact()
        store.backup(tmp_path / "backup.json")
        for path in (newest(store.home, "koble-*.json"), tmp_path / "backup.json"):
            with tinydb.TinyDB(path, access_mode="r", encoding="utf-8") as plain:
                assert plain.table("bookings").all() == [{"id": "å", "start": 1, "end": 2}]


def test_a_backup_put_into_an_empty_folder_is_the_store_again(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home") as store:
        store.bookings.put({"id": "a", "start": 1, "end": 2})
        store.compact()
        store.bookings.put({"id": "b", "start": 3, "end": 4})
        store.backup(tmp_path / "backup.json")
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "backup.json", tmp_path / "new" / "koble-00000001.json")
    for _ in range(2):
        with Store.open(tmp_path / "new") as store:
            assert [b["id"] for b in store.bookings.all()] == ["a", "b"]
            assert [b["id"] for b in store.bookings.overlapping(3, 4)] == ["b"]
            store.bookings.put({"id": "a", "start": 1, "end": 2, "note": "changed"})


def test_old_files_go_and_the_last_good_copy_stays(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home") as store:
        for n in range(6):
            store.log.insert({"n": n})
            store.compact()
        names = sorted(path.name for path in store.home.iterdir())
    assert names == [
        "journal-00000006",
        "journal-00000007",
        "koble-00000006.index",
        "koble-00000006.json",
        "koble-00000007.index",
        "koble-00000007.json",
        "lock",
        "lock.snapshot",
    ]


def test_the_journal_stays_short_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.storage.LEAST", 10_000)
    with Store.open(tmp_path / "home") as store:
        for n in range(300):
            store.bookings.put({"id": str(n % 20), "start": n, "end": n + 1, "note": "x" * 300})
            journals = sum(frames_end_of(path) for path in store.home.glob("journal-*"))
            assert journals < 3 * 10_000
        assert journal_path(store.home, 1).exists() is False
        assert [b["start"] for b in store.bookings.all()] == list(range(280, 300))


def frames_end_of(path: Path) -> int:
    journal = Journal(path, writable=False)
    list(journal.read())
    journal.close()
    return journal.tail


def test_a_snapshot_that_is_written_aside_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.storage.LEAST", 5_000)
    monkeypatch.setattr("store.storage.SMALL", 0)
    store = Store.open(tmp_path / "home")
    count = 0
    # Until a snapshot that a process of its own has written is in use here.
    while store._storage._state.base.number < 3:
        store.bookings.put({"id": str(count), "start": count, "end": count + 1})
        count += 1
    assert store._storage._compacting() in (True, False)
    for seen in (store, Store.open(tmp_path / "home")):
        assert [b["id"] for b in seen.bookings.all()] == [str(n) for n in range(count)]
        assert seen.generation == count


def test_whoever_writes_on_while_a_snapshot_is_written_is_slowed_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    with Store.open(tmp_path / "home") as store:
        store.log.insert({"text": "x" * 20_000})
        store.compact()
        monkeypatch.setattr("store.storage.LEAST", 5_000)
        monkeypatch.setattr("store.storage.SMALL", 0)
        monkeypatch.setattr("store.storage.BRAKE_LEAST", 30_000)
        monkeypatch.setattr("store.storage.time.sleep", waits.append)
        # A snapshot that never comes to an end.
        aside = subprocess.Popen(["sleep", "600"])
        monkeypatch.setattr("store.storage.compact_aside", lambda _home: aside.pid)
        slow = 0
        for _ in range(40):
            store.log.insert({"text": "x" * 1_000})
            state = store._storage._state
            slow += state.journalled > 30_000 > 1.25 * state.base_size
            assert waits == [0.02] * slow
        aside.kill()
        aside.wait()
        assert 5 < slow < 20


def test_journals_behind_a_damaged_one_are_kept_and_not_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Store.open(tmp_path / "home") as store:
        for n in range(3):
            store.log.insert({"n": n})
        monkeypatch.setattr("store.compaction.write_snapshot", full)
        with pytest.raises(KobleError, match="no space"):
            store.compact()
        store.log.insert({"n": 3})
        store.log.insert({"n": 4})
    second = journal_path(store.home, 2).read_bytes()
    first = journal_path(store.home, 1)
    content = bytearray(first.read_bytes())
    content[content.index(b'"n":1') + 4] = ord("7")
    first.write_bytes(content)
    with Store.open(store.home) as store:
        assert [entry["n"] for entry in store.log] == [0]
        assert "damaged" in str(store.notices[0])
        store.log.insert({"n": "new"})
        assert (store.home / "damaged-00000002").read_bytes() == second
        monkeypatch.undo()
        store.compact()
        assert (store.home / "damaged-00000002").read_bytes() == second
    with Store.open(store.home) as store:
        assert [entry["n"] for entry in store.log] == [0, "new"]
        assert store.notices == ()


@pytest.mark.usefixtures("quick")
def test_a_bad_block_under_a_snapshot_is_got_over(
    compacted: tuple[Path, list[list[dict[str, Any]]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, states = compacted
    store = Store.open(copied(home, tmp_path))
    bad = newest(store.home, "koble-*.json")
    read = os.pread

    def fail(descriptor: int, size: int, offset: int) -> bytes:
        if os.readlink(f"/proc/self/fd/{descriptor}") == str(bad):
            raise OSError(5, "Input/output error")
        return read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", fail)
    assert until_it_reads(store, read_all) == states[-1]
    assert not bad.exists()
    store.close()
