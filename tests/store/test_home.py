"""The folder: who may open it, and what a full or read-only disk does."""

import os
import resource
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import store.storage
from scheduling.errors import ErrorKind, KobleError
from store.lock import Lock
from store.store import Store

ROOT = Path(__file__).parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")


def modes(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.iterdir()]}


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_nobody_else_may_open_the_folder_or_a_file_in_it(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    with Store.open(home) as store:
        store.pages.put({"id": "a"})
        store.compact()
        store.backup(home / "backup.json")
        found = modes(home)
        assert found.pop("home") == 0o700
        assert set(found.values()) == {0o600}
        assert len(found) == 7
        assert store.notices == ()


def test_a_folder_that_is_open_to_others_is_closed_and_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Store.open(home).close()
    home.chmod(0o755)
    journal = next(home.glob("journal-*"))
    journal.chmod(0o644)
    with Store.open(home) as store:
        said = " ".join(map(str, store.notices))
        assert str(home) in said
        assert str(journal) in said
    assert modes(home)["home"] == 0o700
    assert modes(home)[journal.name] == 0o600
    assert Store.open(home).notices == ()


def test_to_read_where_nothing_is_makes_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "none", read_only=True) as store:
        assert store.bookings.all() == []
        assert store.refresh() == frozenset()
    assert list(tmp_path.iterdir()) == []
    # What is made there later is seen.
    with Store.open(tmp_path / "none", read_only=True) as reader:
        with Store.open(tmp_path / "none") as store:
            store.bookings.put({"id": "a"})
        assert reader.refresh() >= {"bookings"}
        assert reader.bookings.by_id("a") is not None


def test_a_file_in_the_place_of_the_folder_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(KobleError) as caught:
        Store.open(tmp_path / "home")
    assert caught.value.kind is ErrorKind.STORAGE
    assert caught.value.hint is not None


FORBIDDEN = """
import os, sys
from pathlib import Path
from scheduling.errors import KobleError
from store.lock import Lock
from store.store import Store
if os.geteuid() == 0:
    os.setuid(65534)
home = Path(sys.argv[1])
with Store.open(home, read_only=True) as reader:
    print(reader.pages.all())
try:
    Store.open(home)
except KobleError as error:
    print(error)
"""


def test_a_folder_without_permission_to_write_can_still_be_read() -> None:
    # Not in tmp_path, which only its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with Store.open(home) as store:
            store.pages.put({"id": "a"})
            store.compact()
        for path in [Path(folder), home, *home.iterdir()]:
            path.chmod(0o755 if path.is_dir() else 0o444)
        if os.geteuid() != 0:
            home.chmod(0o555)
        out = subprocess.run(
            [sys.executable, "-c", FORBIDDEN, home],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        home.chmod(0o755)
    assert out.splitlines()[0] == "[{'id': 'a'}]"
    assert "not allowed to write" in out


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no file grows beyond 300 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    Store.open(tmp_path / "home").close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    yield tmp_path / "home"
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(store: Store) -> int:
    """Insert until there is no more space; how many there are."""
    count = len(store.bookings)
    said = ""
    try:
        while count < 1000:
            store.bookings.put(
                {"id": str(count), "start": count, "end": count + 1, "note": "x" * 5000}
            )
            count += 1
    except KobleError as error:
        said = str(error)
    assert "no space left" in said
    assert "Nothing was lost" in said
    return count


def check_full(store: Store, count: int) -> None:
    with Store.open(store.home, read_only=True) as reader:
        for seen in (store, reader):
            assert [b["id"] for b in seen.bookings] == [str(n) for n in range(count)]
            assert len(seen.bookings.overlapping(0, count + 5)) == count
            assert seen.generation == count


def test_a_file_that_may_not_grow_loses_nothing_and_a_retry_works(
    limited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.storage, "LEAST", 1 << 30)
    with Store.open(limited) as full:
        count = fill(full)
        assert count > 30
        check_full(full, count)
        assert fill(full) == count
        with Store.open(limited) as again:
            check_full(again, count)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        full.bookings.put({"id": str(count), "start": count, "end": count + 1})
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        check_full(full, count + 1)


def test_a_snapshot_that_finds_no_space_costs_nothing(
    limited: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store.storage, "LEAST", 100_000)
    monkeypatch.setattr(store.storage, "SMALL", 1 << 30)
    with Store.open(limited) as full:
        for n in range(100):
            full.bookings.put({"id": str(n), "start": n, "end": n + 1, "note": "x" * 5000})
        assert "No snapshot was written" in caplog.text
        check_full(full, 100)
        with pytest.raises(KobleError, match="no space left"):
            full.compact()
        check_full(full, 100)
    assert not list(limited.glob("*.tmp"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", disk], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


@needs_root
def test_a_full_disk_loses_nothing_and_a_retry_works(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.storage, "LEAST", 150_000)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    with Store.open(small_disk / "home") as full:
        count = fill(full)
        assert count > 20
        check_full(full, count)
        with Store.open(small_disk / "home") as again:
            check_full(again, count)
        ballast.unlink()
        full.bookings.put({"id": str(count), "start": count, "end": count + 1})
        check_full(full, count + 1)


@needs_root
def test_a_disk_that_is_full_from_the_start_is_reported(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(3_000_000))
    with pytest.raises(KobleError, match="no space left"):
        Store.open(small_disk / "home")


@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
def test_a_write_that_fails_is_no_commit_for_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object) -> int:
        monkeypatch.undo()
        raise OSError(5, "Input/output error")

    with Store.open(tmp_path) as mine, Store.open(tmp_path) as other:
        mine.pages.put({"id": "a"})
        monkeypatch.setattr(os, call, fail)
        with pytest.raises(KobleError, match="Input/output error"):
            mine.pages.put({"id": "b"})
        other.refresh()
        for seen in (mine, other, Store.open(tmp_path)):
            assert [page["id"] for page in seen.pages] == ["a"]
        other.pages.put({"id": "c"})
        mine.pages.put({"id": "d"})
        other.refresh()
        for seen in (mine, other, Store.open(tmp_path)):
            assert [page["id"] for page in seen.pages] == ["a", "c", "d"]
            assert seen.notices == ()


def test_a_disk_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", fail)
    with pytest.raises(KobleError, match="no file locks"):
        Store.open(tmp_path)


def test_opening_imports_nothing_heavy() -> None:
    program = """
import sys
from store.lock import Lock
from store.store import Store
heavy = {"cryptography", "keyring", "filelock", "asyncio", "subprocess"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert out == "[]\n"


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal-00000001").write_bytes(b"something else" * 100)
    with pytest.raises(KobleError, match="damaged"):
        Store.open(tmp_path)
    assert (tmp_path / "journal-00000001").read_bytes() == b"something else" * 100


def test_a_closed_store_is_not_an_empty_one(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.pages.put({"id": "a"})
    store.close()
    store.close()
    with pytest.raises(AttributeError):
        store.pages.all()
    with pytest.raises(AttributeError):
        store.pages.put({"id": "b"})
    assert Lock(tmp_path / "lock").acquire(0)


def test_what_a_link_in_the_folder_points_to_keeps_its_mode(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o644)
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "link").symlink_to(outside)
    with Store.open(tmp_path / "home") as store:
        assert store.notices == ()
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
