"""Killed, or failing, at any write, flush, rename or removal: nothing is lost, or done twice.

Every operation is run again and again, and killed at its first, second, third … call of each kind,
until it gets to its end. What is left must open, and be as before or as after; what was promised
must be finished by the next start, once; and what was acknowledged must be there. The number of
calls is printed (`pytest -rP`); KOBLE_ALL_FAULTS has every operation fail as well, not only some.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.outbox import LEASE
from store.migrations import MIGRATIONS
from store.secrets import Secrets
from store.store import Store
from tests.desk.conftest import GRACE, INTRO, Folder
from tests.desk.crash_operations import (
    DESK_OPERATIONS,
    KNOW_THE_SCHEMA,
    NINE,
    NOON,
    NOW,
    OPERATIONS,
    TEN,
    rename,
)

ROOT = Path(__file__).parents[2]
CALLS = (
    "write",
    "pwrite64",
    "fdatasync",
    "fsync",
    "ftruncate",
    "?rename,?renameat,renameat2",
    "?link,linkat",
    "?unlink,unlinkat",
)
"""By strace's names; those with a question mark are not everywhere."""
ERRORS = (
    ("write", "ENOSPC"),
    ("pwrite64", "ENOSPC"),
    ("fdatasync", "EIO"),
    ("fsync", "EIO"),
    ("?rename,?renameat,renameat2", "EROFS"),
)
TOLD = {
    "ENOSPC": "Free some space, then try again.",
    "EIO": "could not be read or written: Input/output error. Check the disk",
    "EROFS": "koble is not allowed to write to",
}
FAILING = OPERATIONS if os.environ.get("KOBLE_ALL_FAULTS") else ("book", "cancel", "sync", "token")
"""Whose calls fail one by one: enough, unless all are wanted; the others work in the same way."""
LATER = NOW + LEASE + 1
"""When nobody believes any more that the killed process is at it."""
LINES = ("SUMMARY", "DTSTART", "STATUS", "SEQUENCE")
Seen = dict[str, Any]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """For each operation the folder that it is done in, and what that begins as."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed: it kills koble at each call")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here: it kills koble at each call")
    root = tmp_path_factory.mktemp("crash")
    found = {}
    for name in OPERATIONS:
        place, first = root / name, root / f"{name} at first"
        place.mkdir()
        asyncio.run(prepare(place))
        place.rename(first)
        found[name] = place, first
    return found


@pytest.fixture(scope="module")
def ends(places: dict[str, tuple[Path, Path]]) -> dict[str, tuple[Seen, Seen]]:
    """For each operation what is seen before it and after it."""
    found = {}
    for name, (place, first) in places.items():
        copy(first, place)
        before = look(place)
        copy(first, place)
        assert run([place])[0] == {name: 0}
        assert said(place) == 1
        found[name] = before, look(place)
        if name not in ("outbox", "snapshot", "migration"):  # what any start does, or nothing
            assert found[name][0] != found[name][1]
    return found


@pytest.mark.parametrize("call", CALLS)
def test_a_kill_at_any_call_loses_nothing_and_nothing_is_done_twice(
    call: str,
    places: dict[str, tuple[Path, Path]],
    ends: dict[str, tuple[Seen, Seen]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nobody cuts the power while we look.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "fdatasync", lambda _: None)
    points = dict.fromkeys(OPERATIONS, 0)
    unfinished = list(OPERATIONS)
    for turn in count(1):
        for name in unfinished:
            copy(places[name][1], places[name][0])
        faults = [f"{call}:signal=KILL:when={turn}"]
        if call == "ftruncate":  # which takes back what could not be written
            faults = [f"{call}:signal=KILL", f"pwrite64:error=ENOSPC:when={turn}"]
        ended, _ = run([places[name][0] for name in unfinished], *faults)
        for name in unfinished:
            place = places[name][0]
            before, after = ends[name]
            if ended[name] == 0:
                assert look(place) == after
                continue
            assert ended[name] == -9, name
            points[name] += 1
            where = f"{name}, {call} {points[name]}"
            found = look(place)
            assert found in ((after,) if said(place) else (before, after)), where
            if name in DESK_OPERATIONS and (name == "book" or found == before):
                asyncio.run(again(place))
                assert look(place) == after, where
        unfinished = [name for name in unfinished if ended[name]]
        if not unfinished:
            break
    print(f"{call}: killed at {sum(points.values())} points:", points)


@pytest.mark.parametrize(("call", "error"), ERRORS)
def test_an_error_at_any_call_is_told_in_words_loses_nothing_and_a_retry_works(
    call: str,
    error: str,
    places: dict[str, tuple[Path, Path]],
    ends: dict[str, tuple[Seen, Seen]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "fdatasync", lambda _: None)
    points = 0
    for turn in count(1):
        for name in FAILING:
            copy(places[name][1], places[name][0])
        ended, injected = run(
            [places[name][0] for name in FAILING], f"{call}:error={error}:when={turn}"
        )
        points += injected
        if not injected:
            break
        for name in FAILING:
            place = places[name][0]
            before, after = ends[name]
            where = f"{name}, {call} {turn}"
            assert ended[name] in (0, 1), where
            if ended[name]:
                assert TOLD[error] in (place / "error").read_text(), where
            found = look(place)
            assert found in ((after,) if said(place) else (before, after)), where
            if name in DESK_OPERATIONS and found == before:
                asyncio.run(again(place))
                assert look(place) == after, where
    print(f"{call}: {error} at {points} points")
    assert points


def run(places: list[Path], *faults: str) -> tuple[dict[str, int], int]:
    """How each operation ended with these faults in calls, and how often there was one."""
    with tempfile.NamedTemporaryFile("r") as log:
        calls = ",".join(fault.partition(":")[0] for fault in faults) or "none"
        trace = ["strace", "-f", "-qqq", "-o", log.name, "-e", f"trace={calls}"]
        for fault in faults:
            trace += ["-e", f"inject={fault}"]
        if faults and not any("signal" in fault for fault in faults):
            trace += ["--seccomp-bpf"]  # five times as fast, but signals are not sent then
        done = subprocess.run(
            [*trace, sys.executable, "-m", "tests.desk.crash_operations", *map(str, places)],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        injected = log.read().count("(INJECTED)")
    return {name: int(code) for name, code in map(str.split, done.stdout.splitlines())}, injected


def copy(first: Path, place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(first, place)


def said(place: Path) -> int:
    """How many times it was said that something is done."""
    return (place / "said").stat().st_size if (place / "said").exists() else 0


async def opened(place: Path, at: int) -> Desk:
    return await Desk.open(
        place / "home", clock=FixedClock(at), ids=counted_ids(f"{at}-"), zone="Europe/Oslo"
    )


async def prepare(place: Path) -> None:
    """A connected folder with a meeting or a request, and a change made outside."""
    folder = Folder(place / "calendars")
    folder.busy("old", "20261202T080000Z", "20261202T090000Z")
    folder.busy("changed", "20261203T080000Z", "20261203T090000Z")
    (place / "key").write_text("k" * 40)
    (place / "key").chmod(0o600)
    desk = await opened(place, NOW)
    await desk.pages.add(INTRO)
    if place.name == "accept":
        await desk.bookings.book("intro", TEN, GRACE)
    await desk.connections.connect_local(str(folder.path))
    if place.name != "accept":
        await desk.bookings.book("intro", NINE, GRACE)
    if place.name == "outbox":
        await leave_undone(desk)
    await desk.sync.now()
    await desk.close()
    if place.name == "sync":
        (folder.path / "work" / "old.ics").unlink()
        folder.busy("changed", "20261203T090000Z", "20261203T100000Z")
        folder.busy("new", "20261204T080000Z", "20261204T090000Z")


async def leave_undone(desk: Desk) -> None:
    """Move one and book another, as if killed each time before anything is done outside."""

    async def killed(*, booking: str | None = None) -> int:
        return 0

    [booking] = await desk.bookings.all()
    desk.outbox.perform = killed
    await desk.bookings.reschedule(booking.id, NOON)
    await desk.bookings.book("intro", TEN, GRACE)
    del desk.outbox.perform


def look(place: Path) -> Seen:
    """What is stored and what lies in the folder, once the next start has done what it had to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOBLE_KEY_FILE", str(place / "key"))
        if place.name == "token":
            return {"token": Secrets.open(place / "home").get("google")}
        if place.name == "migration":
            for module in KNOW_THE_SCHEMA:
                patch.setattr(module, "SCHEMA", 2)
            patch.setitem(MIGRATIONS, 1, rename)
        return asyncio.run(start_and_look(place))


async def start_and_look(place: Path) -> Seen:
    desk = await opened(place, LATER)
    assert await desk.read(lambda store: store.notices) == ()
    if place.name != "sync":  # a start reads the calendars, which is what is looked at there
        await let_it_finish(desk)
    found = await desk.read(stored)
    await desk.close()
    found["files"] = sorted(
        [line for line in path.read_text().splitlines() if line.startswith(LINES)]
        for path in (place / "calendars" / "work").glob("*.ics")
    )
    return found


async def let_it_finish(desk: Desk) -> None:
    """What goes on by itself while koble is open, until nothing is left to do."""
    changed = asyncio.Event()
    desk.bus.listen(lambda _: changed.set())
    troubles: list[Exception] = []
    desk.round.start(troubles.append)
    async with asyncio.timeout(60):
        while await desk.read(desk.outbox.due_in) is not None:
            await changed.wait()
            changed.clear()
    await desk.round.stop()
    assert troubles == []
    await desk.sync.now()


def stored(store: Store) -> Seen:
    """All but ids and times, which each run has its own."""
    return {
        "bookings": [
            (each["state"], each["start"], "event_id" in each, each.get("trouble"))
            for each in store.bookings
        ],
        "contacts": [
            (each.get("called") or each["name"], each["email"]) for each in store.contacts
        ],
        "events": sorted((each["title"], each["spans"]) for each in store.events),
        "settings": [sorted(each.items()) for each in store.settings],
        "intents": len(store.intents),
    }


async def again(place: Path) -> None:
    """The same once more, by somebody who was not told that it was done."""
    desk = await opened(place, LATER)
    await DESK_OPERATIONS[place.name](desk, lambda: None)
    await desk.close()
