"""A disk that is full, may only be read, or fails: a readable answer, and a retry that works."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import GRACE, NOW, Folder, Koble, Result

ROOT = Path(__file__).parents[2]
NOTE = "x" * 4_900


@pytest.fixture
def disk(home: Path, page: None) -> Iterator[Path]:
    """The home, on a small disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    kept = home.rename(home.with_name("kept"))
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=480k,mode=700", "tmpfs", home], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    shutil.copytree(kept, home, dirs_exist_ok=True)
    yield home
    subprocess.run(["umount", home], check=True)


def booked(koble: Koble) -> list[str]:
    return [each["start"] for each in koble("bookings", "--json").json["bookings"]]


def book_until_it_fails(koble: Koble) -> tuple[list[str], str, Result]:
    """The starts that were booked, the one that was not, and what was said about it."""
    free = koble("free", "intro", "--to", "2027-02-28", "--json").json["offers"]
    done: list[str] = []
    for each in free:
        told = koble("book", "intro", each["start"], *GRACE, "--note", NOTE, "--json")
        if told.code:
            return done, each["start"], told
        done.append(each["start"])
    raise AssertionError("it was never full")


def check_full(koble: Koble, make_room: Callable[[], None]) -> None:
    done, refused, told = book_until_it_fails(koble)
    assert len(done) > 10
    assert told.code == 1
    error = told.json["error"]
    assert error["kind"] == "storage"
    assert "no space left" in error["message"]
    assert error["hint"] == "Nothing was lost. Free some space, then try again."
    assert koble("book", "intro", refused, *GRACE, "--note", NOTE).code == 1
    assert booked(koble) == done
    make_room()
    assert koble("book", "intro", refused, *GRACE, "--note", NOTE).code == 0
    assert booked(koble) == [*done, refused]


def test_a_full_disk_is_said_and_got_over(koble: Koble, disk: Path) -> None:
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    check_full(koble, ballast.unlink)


def test_a_file_that_may_not_grow_is_said_and_got_over(koble: Koble, page: None) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (350_000, before[1]))
    try:
        check_full(koble, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_may_only_be_read_is_said_and_nothing_changes(koble: Koble, disk: Path) -> None:
    koble("book", "intro", "2026-12-01T09:00", *GRACE)
    before = {path: path.read_bytes() for path in disk.iterdir()}
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    told = koble("book", "intro", "2026-12-01T10:00", *GRACE, "--json")

    assert told.code == 1
    assert told.json["error"]["kind"] == "storage"
    assert told.json["error"]["message"] == f"koble is not allowed to write to {disk / 'lock'}."
    assert {path: path.read_bytes() for path in disk.iterdir()} == before
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert koble("book", "intro", "2026-12-01T10:00", *GRACE).code == 0
    assert len(booked(koble)) == 2


def test_calendars_on_a_full_disk_leave_a_request_that_is_added_once_there_is_room(
    koble: Koble, connected: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def full(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").startswith(str(connected.path)):
            raise OSError(28, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    told = koble("book", "intro", "2026-12-01T09:00", *GRACE, "--json")
    assert told.json["booking"]["state"] == "requested"
    monkeypatch.setattr(os, "fsync", flush)

    assert koble("sync", now="2026-11-30T06:02Z").code == 0

    [found] = koble("bookings", "--json").json["bookings"]
    assert found["state"] == "confirmed"
    assert len(connected.files()) == 1


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_a_disk_that_fails_is_said_in_two_lines_and_a_retry_works(
    koble: Koble, connected: Folder, call: str
) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: it makes calls fail")
    book = ("book", "intro", "2026-12-01T09:00", *GRACE, "--key", "one")
    failed = subprocess.run(
        [
            *("strace", "-f", "-qqq", "-o", "/dev/null", "-e", f"inject={call}:error=EIO:when=2"),
            *(sys.executable, "-c", "from cli.main import main; raise SystemExit(main())"),
            *(*book, "--now", NOW),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.splitlines()[-1] == "Check the disk that holds it, then try again."
    assert "Input/output error" in failed.stderr.splitlines()[0]
    assert len(failed.stderr.splitlines()) == 2

    assert koble(*book, now="2026-11-30T06:02Z").code == 0

    [found] = koble("bookings", "--json").json["bookings"]
    assert found["state"] == "confirmed"
    assert len(connected.files()) == 1


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_answer_that_finds_no_room_is_told(home: Path, more: list[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    env = os.environ | {"KOBLE_HOME": str(home)}
    command = [Path(sys.executable).parent / "koble", "log", *more]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, env=env, cwd=ROOT, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.decode() == "The answer could not be written: No space left on device.\n"


def test_streams_may_be_closed(home: Path) -> None:
    env = os.environ | {"KOBLE_HOME": str(home)}
    koble = f"{Path(sys.executable).parent / 'koble'} log"
    done = subprocess.run(f"{koble} <&- >&- 2>&-", shell=True, env=env, cwd=ROOT)  # noqa: S602
    assert done.returncode == 0
    again = subprocess.run(f"{koble} <&-", shell=True, env=env, cwd=ROOT, capture_output=True)  # noqa: S602
    assert (again.returncode, again.stderr) == (0, b"")
