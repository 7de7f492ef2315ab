"""Several processes on one store."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scheduling.errors import KobleError
from store.lock import Lock
from store.store import Store

ROOT = Path(__file__).parents[2]

INSERT = """
import sys
from pathlib import Path
import store.storage
from store.store import Store
store.storage.LEAST = 20_000
home, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Store.open(home) as mine:
    for n in range(count):
        mine.bookings.insert({"id": f"{name}-{n}", "start": n, "end": n + 1, "page": name})
"""

BOOK = """
import sys
from pathlib import Path
from store.store import Store
home, name = Path(sys.argv[1]), sys.argv[2]
won = 0
with Store.open(home) as mine:
    for slot in range(25):
        with mine.transaction():
            if not mine.bookings.overlapping(slot * 10, slot * 10 + 10):
                mine.bookings.put(
                    {"id": f"{name}-{slot}", "start": slot * 10, "end": slot * 10 + 10}
                )
                won += 1
print(won)
"""

HOLD = """
import sys, time
from pathlib import Path
from store.store import Store
with Store.open(Path(sys.argv[1])) as mine, mine.transaction():
    mine.bookings.put({"id": "never"})
    print("held", flush=True)
    sys.stdin.read()
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def results(processes: list[subprocess.Popen[str]]) -> list[str]:
    found = []
    for process in processes:
        out, _ = process.communicate()
        assert process.returncode == 0
        found.append(out)
    return found


def test_two_processes_insert_and_nothing_is_lost(tmp_path: Path) -> None:
    watcher = Store.open(tmp_path)
    results([start(INSERT, tmp_path, name, 1000) for name in ("left", "right")])
    # Who is far behind begins from a snapshot, and cannot tell which tables have changed.
    assert watcher.refresh() >= {"bookings"}
    with Store.open(tmp_path) as fresh:
        for seen in (watcher, fresh):
            assert len(seen.bookings) == 2000
            assert len({b.doc_id for b in seen.bookings}) == 2000
            for name in ("left", "right"):
                mine = seen.bookings.where("page", name)
                assert [b["id"] for b in mine] == [f"{name}-{n}" for n in range(1000)]
        assert fresh.generation == watcher.generation == 2000


def test_of_eight_processes_that_want_a_slot_exactly_one_gets_it(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    won = results([start(BOOK, tmp_path, name) for name in range(8)])
    assert sum(map(int, won)) == 25
    with Store.open(tmp_path) as store:
        assert sorted(b["start"] for b in store.bookings) == [slot * 10 for slot in range(25)]


def test_a_lock_that_a_dead_process_held_is_no_obstacle(tmp_path: Path) -> None:
    process = start(HOLD, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with Store.open(tmp_path) as store:
        store.bookings.put({"id": "after"})
        assert [b["id"] for b in store.bookings] == ["after"]


def test_a_process_that_does_not_let_go_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.compaction.PATIENCE", 0.01)
    with Store.open(tmp_path) as store:
        other = Lock(tmp_path / "lock")
        assert other.acquire(0)
        with pytest.raises(KobleError, match="Another koble"):
            store.bookings.put({"id": "x"})
        other.close()
        assert store.bookings.all() == []
        store.bookings.put({"id": "x"})


def test_two_stores_of_one_process_see_each_other(tmp_path: Path) -> None:
    with Store.open(tmp_path) as left, Store.open(tmp_path) as right:
        assert left.refresh() == right.refresh() == frozenset()
        left.pages.put({"id": "a"})
        left.contacts.put({"id": "b"})
        assert right.pages.all() == []
        assert right.refresh() == {"pages", "contacts"}
        assert right.pages.all() == [{"id": "a"}]
        assert right.generation == left.generation
        # A transaction looks first, and its own writes are no news.
        right.pages.put({"id": "c"})
        left.settings.put({"id": "s"})
        assert [page["id"] for page in left.pages] == ["a", "c"]
        assert left.refresh() == {"pages"}
        assert left.refresh() == frozenset()


def test_a_store_tells_what_changed_since_it_was_asked_by_whoever(tmp_path: Path) -> None:
    with Store.open(tmp_path) as left, Store.open(tmp_path) as right:
        left.pages.put({"id": "a"})
        assert left.changed() == {"pages"}
        assert left.changed() == frozenset()
        right.contacts.put({"id": "b"})
        left.intents.put({"id": "c"})
        assert left.changed() == {"contacts", "intents"}
        right.refresh()
        assert right.changed() == {"pages", "contacts", "intents"}


def test_snapshots_of_another_process_are_taken_up(tmp_path: Path) -> None:
    with Store.open(tmp_path) as left, Store.open(tmp_path) as right:
        reader = Store.open(tmp_path, read_only=True)
        for n in range(4):
            left.pages.put({"id": str(n)})
            left.compact()
            if n == 1:
                assert right.refresh() == {"pages"}
                assert reader.refresh() == {"pages"}
        for seen in (right, reader):
            assert seen.refresh() == {"pages"} or seen.refresh() >= {"pages"}
            assert [page["id"] for page in seen.pages] == ["0", "1", "2", "3"]
            assert seen.refresh() == frozenset()
            assert seen.generation == 4


def test_a_new_number_is_never_one_that_another_process_has_just_given(tmp_path: Path) -> None:
    with Store.open(tmp_path) as left, Store.open(tmp_path) as right:
        numbers = [store.log.insert({"n": n}) for n in range(5) for store in (left, right)]
        assert numbers == list(range(1, 11))


def test_a_folder_that_is_exchanged_while_it_is_open_is_read_anew(tmp_path: Path) -> None:
    home, saved = tmp_path / "home", tmp_path / "saved"
    with Store.open(home) as store:
        store.pages.put({"id": "a"})
        shutil.copytree(home, saved)
        store.pages.put({"id": "b"})
        home.rename(tmp_path / "away")
        saved.rename(home)
        store.pages.put({"id": "c"})
        assert [page["id"] for page in store.pages] == ["a", "c"]
        assert "pages" in store.refresh()
    with Store.open(home) as store:
        assert [page["id"] for page in store.pages] == ["a", "c"]


def test_a_folder_that_is_emptied_while_it_is_open_is_begun_anew(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.pages.put({"id": "a"})
        for path in tmp_path.iterdir():
            path.unlink()
        store.pages.put({"id": "b"})
        assert [page["id"] for page in store.pages] == ["b"]
    with Store.open(tmp_path) as store:
        assert [page["id"] for page in store.pages] == ["b"]
