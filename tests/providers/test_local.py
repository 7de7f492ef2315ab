"""What is only true of folders."""

import asyncio
import errno
import os
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from providers.base import ChangePage, Draft, ProviderError
from providers.local import PAGE, LocalProvider
from providers.vdir import LEFT_FOR, Seen, sweep
from scheduling.errors import ErrorKind
from tests.providers.instants import HORIZON, at
from tests.providers.stages import LocalStage, Mirror, text_of

DRAFT = Draft(
    uid="meeting@koble",
    title="Intro",
    start=at("2026-06-02T07:00Z"),
    end=at("2026-06-02T07:30Z"),
    zone="Europe/Oslo",
)


@pytest.fixture
def stage(tmp_path: Path) -> LocalStage:
    return LocalStage(tmp_path)


def put(folder: Path, name: str, title: str = "Event") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ics"
    path.write_text(text_of(name, title), encoding="utf-8", newline="")
    return path


async def names(path: Path) -> list[str]:
    return [each.native for each in await LocalProvider(path).calendars()]


async def pages(stage: LocalStage, cursor: str) -> list[ChangePage]:
    return [page async for page in stage.provider.changes("work", cursor, HORIZON)]


# Which folders are calendars


async def test_each_folder_of_events_is_a_calendar_with_its_name_and_color(
    tmp_path: Path,
) -> None:
    put(tmp_path / "home", "one")
    (tmp_path / "empty").mkdir()
    put(tmp_path / "team", "two")
    (tmp_path / "team" / "displayname").write_text("The \x1b[31mteam\n", encoding="utf-8")
    (tmp_path / "team" / "color").write_text("#AABBCCFF\n", encoding="utf-8")
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "color").write_text("light blue", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(b"")
    found = await LocalProvider(tmp_path).calendars()
    assert [(each.native, each.name, each.color) for each in found] == [
        ("empty", "empty", ""),
        ("home", "home", ""),
        ("named", "named", ""),
        ("team", "The [31mteam", "#aabbcc"),
    ]


async def test_a_folder_that_holds_events_is_a_calendar_itself(tmp_path: Path) -> None:
    put(tmp_path, "one", "One")
    put(tmp_path / "team", "two", "Two")
    assert await names(tmp_path) == [".", "team"]
    provider = LocalProvider(tmp_path)
    found = [page async for page in provider.changes(".", "", HORIZON)]
    assert [each.resource for page in found for each in page.changes] == ["one.ics"]
    written = await provider.create(".", DRAFT)
    assert (tmp_path / written.resource).exists()


async def test_an_empty_folder_has_no_calendar_until_one_is_made(tmp_path: Path) -> None:
    provider = LocalProvider(tmp_path)
    assert await provider.identity()
    assert await provider.calendars() == []
    made = await provider.make_calendar("Møter / ../kø\x1b")
    assert (made.name, made.writable) == ("Møter / ../kø", True)
    assert await provider.calendars() == [made]
    assert [path.parent for path in tmp_path.rglob("displayname")] == [tmp_path / made.native]
    await provider.create(made.native, DRAFT)
    with pytest.raises(ProviderError) as caught:
        await provider.make_calendar("Møter / ../kø")
    assert caught.value.kind is ErrorKind.CONFLICT


async def test_names_that_are_no_text_are_known_by_others(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/b\xff\x1b%41"
    os.mkdir(raw)
    Path(os.fsdecode(raw + b"/\xfe.ics")).write_text(text_of("one", "One"), encoding="utf-8")
    provider = LocalProvider(tmp_path)
    (calendar,) = await provider.calendars()
    assert calendar.native.isascii()
    assert calendar.native.isprintable()
    found = [page async for page in provider.changes(calendar.native, "", HORIZON)]
    (change,) = found[0].changes
    await provider.delete(calendar.native, change.resource, change.etag)
    assert os.listdir(raw) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("nothing", ErrorKind.NOT_FOUND),
        ("file", ErrorKind.INVALID),
        ("loop", ErrorKind.INVALID),
        ("dangling", ErrorKind.NOT_FOUND),
    ],
)
async def test_what_is_no_folder_is_refused_in_words(
    tmp_path: Path, kind: str, expected: ErrorKind
) -> None:
    path = tmp_path / "path"
    if kind == "file":
        path.write_text("", encoding="utf-8")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "gone")
    provider = LocalProvider(path)
    for call in (provider.identity, provider.calendars):
        with pytest.raises(ProviderError) as caught:
            await call()
        assert caught.value.kind is expected
        assert str(path) in str(caught.value)


async def test_a_closed_folder_is_shown_and_said_to_be_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "work", "one")
    scandir = os.scandir

    def closed(path: Path | str) -> object:
        if Path(path) == tmp_path / "work":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)  # root may open what is closed to others
    assert await names(tmp_path) == ["work"]
    with pytest.raises(ProviderError) as caught:
        await anext(LocalProvider(tmp_path).changes("work", "", HORIZON))
    assert caught.value.kind is ErrorKind.PERMISSION


async def test_links_among_folders_do_no_harm(tmp_path: Path) -> None:
    put(tmp_path / "work", "one")
    (tmp_path / "work" / "inner").symlink_to(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "also").symlink_to(tmp_path / "work")
    assert await names(tmp_path) == ["also", "work"]


# Reading


async def test_a_large_calendar_comes_in_pages_of_which_the_last_is_complete(
    stage: LocalStage,
) -> None:
    for number in range(PAGE * 2 + 10):
        put(stage.folder, f"event-{number}")
    found = await pages(stage, "")
    assert [len(page.changes) for page in found] == [PAGE, PAGE, 10]
    assert [bool(page.cursor) for page in found] == [False, False, True]
    assert [page.complete for page in found] == [False, False, True]
    assert len({name for page in found for name in page.listed}) == PAGE * 2 + 10
    assert len(found[-1].cursor) < 15 * (PAGE * 2 + 10) + 50


async def test_a_file_that_looks_the_same_is_not_read_again(
    stage: LocalStage,
) -> None:
    path = put(stage.folder, "one", "One")
    mirror = await Mirror(stage).follow()
    about = path.stat()
    path.write_text(text_of("one", "Two"), encoding="utf-8", newline="")
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert (await mirror.follow()).titles == ["One"]
    os.utime(path)
    assert (await mirror.follow()).titles == ["Two"]


async def test_what_is_not_an_event_file_is_let_be(stage: LocalStage) -> None:
    put(stage.folder, "one", "One")
    put(stage.folder, ".hidden", "Hidden")
    (stage.folder / "half.ics.tmp").write_text("BEGIN:VCAL", encoding="utf-8")
    (stage.folder / "notes.txt").write_text("notes", encoding="utf-8")
    (stage.folder / "folder.ics").mkdir()
    os.mkfifo(stage.folder / "pipe.ics")
    mirror = await Mirror(stage).follow()
    assert (mirror.titles, mirror.problems) == (["One"], [])


async def test_a_file_that_cannot_be_opened_is_a_problem_and_not_gone(
    stage: LocalStage,
) -> None:
    path = put(stage.folder, "one", "One")
    put(stage.folder, "two", "Two")
    mirror = await Mirror(stage).follow()
    path.rename(stage.folder / ".aside")
    path.symlink_to(path)
    (stage.folder / "two.ics").unlink()
    for _ in range(2):
        await mirror.follow()
        assert (mirror.titles, mirror.problems) == (["One"], ["one.ics"])
    path.unlink()
    (stage.folder / ".aside").rename(path)
    await mirror.follow()
    assert (mirror.titles, mirror.problems) == (["One"], [])


async def test_a_file_that_was_never_whole_gives_what_it_has(stage: LocalStage) -> None:
    text = text_of("one", "One").removesuffix("END:VCALENDAR\r\n")
    (stage.folder / "one.ics").write_text(text, encoding="utf-8", newline="")
    mirror = await Mirror(stage).follow()
    assert (mirror.titles, mirror.problems) == (["One"], ["one.ics"])
    await mirror.follow()
    assert (mirror.titles, mirror.problems) == (["One"], ["one.ics"])


async def test_a_huge_file_is_a_problem(stage: LocalStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.local.LARGEST", 1_000)
    put(stage.folder, "one", "One")
    put(stage.folder, "big", "x" * 2_000)
    mirror = await Mirror(stage).follow()
    assert (mirror.titles, mirror.problems) == (["One"], ["big.ics"])


# Writing


async def test_a_new_event_lies_in_a_file_of_its_name_and_nothing_else_does(
    stage: LocalStage,
) -> None:
    written = await stage.provider.create("work", DRAFT)
    assert os.listdir(stage.folder) == ["meeting@koble.ics"] == [written.resource]


async def test_a_file_in_the_way_is_not_overwritten(stage: LocalStage) -> None:
    path = put(stage.folder, "meeting@koble", "Theirs")
    path.write_text(text_of("other", "Theirs"), encoding="utf-8", newline="")
    before = path.read_bytes()
    written = await stage.provider.create("work", DRAFT)
    assert path.read_bytes() == before
    assert written.resource != path.name
    assert (await Mirror(stage).follow()).titles == ["Intro", "Theirs"]


async def test_an_update_keeps_who_may_read_the_file(stage: LocalStage) -> None:
    written = await stage.provider.create("work", DRAFT)
    path = stage.folder / written.resource
    path.chmod(0o640)
    await stage.provider.update("work", written.resource, written.etag, DRAFT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("call", ["create", "update"])
async def test_a_full_disk_leaves_everything_as_it_was(
    stage: LocalStage, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    written = await stage.provider.create("work", DRAFT)
    before = (stage.folder / written.resource).read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    if call == "create":
        doing = stage.provider.create("work", msgspec.structs.replace(DRAFT, uid="other"))
    else:
        changed = msgspec.structs.replace(DRAFT, title="Changed")
        doing = stage.provider.update("work", written.resource, written.etag, changed)
    with pytest.raises(ProviderError) as caught:
        await doing
    assert caught.value.kind is ErrorKind.STORAGE
    assert os.listdir(stage.folder) == [written.resource]
    assert (stage.folder / written.resource).read_bytes() == before


async def test_what_somebody_writes_during_an_update_is_not_lost(
    stage: LocalStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = await stage.provider.create("work", DRAFT)
    fsync = os.fsync

    def meanwhile(descriptor: int) -> None:
        put(stage.folder, "meeting@koble", "Theirs")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(ProviderError) as caught:
        await stage.provider.update("work", written.resource, "", DRAFT)
    assert caught.value.kind is ErrorKind.CONFLICT
    assert (await Mirror(stage).follow()).titles == ["Theirs"]
    assert os.listdir(stage.folder) == [written.resource]


def test_what_somebody_else_deletes_first_keeps_nothing_else_from_being_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for letter in "abc":
        (tmp_path / f".koble-{letter * 16}.tmp").touch()
    unlink, gone = os.unlink, []

    def late(path: str) -> None:
        gone.append(path)
        unlink(path)
        if len(gone) == 1:
            raise FileNotFoundError(path)

    monkeypatch.setattr(os, "unlink", late)
    sweep(tmp_path, time.time() + LEFT_FOR + 60)
    assert len(gone) == 3
    assert list(tmp_path.iterdir()) == []


async def test_what_a_crash_left_is_deleted_at_the_next_start_when_it_is_old(
    stage: LocalStage,
) -> None:
    hour = 3600
    left = [stage.folder / f".koble-{letter * 16}.tmp" for letter in "0af"]
    kept = [stage.folder / name for name in (".koble-notes.tmp", ".other.tmp", "one.ics")]
    for path in (*left, *kept):
        path.write_bytes(b"BEGIN:VCALENDAR")
    for path in (*left[:2], *kept):
        os.utime(path, (time.time() - hour - 60,) * 2)
    left[2].touch()
    folder = stage.folder / f".koble-{'1' * 16}.tmp"
    folder.mkdir()
    os.utime(folder, (time.time() - 2 * hour,) * 2)

    await pages(stage, "")

    assert {path.name for path in stage.folder.iterdir()} == {
        path.name for path in (left[2], folder, *kept)
    }
    os.utime(left[2], (time.time() - hour - 60,) * 2)
    await pages(stage, "")
    assert left[2].exists(), "only at the start"


async def test_without_hard_links_a_new_event_is_written_all_the_same(
    stage: LocalStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    written = await stage.provider.create("work", DRAFT)
    assert await stage.provider.create("work", DRAFT) == written
    assert os.listdir(stage.folder) == [written.resource]


async def test_a_half_written_file_is_not_updated(stage: LocalStage) -> None:
    written = await stage.provider.create("work", DRAFT)
    await stage.cut(written.resource)
    before = (stage.folder / written.resource).read_bytes()
    with pytest.raises(ProviderError) as caught:
        await stage.provider.update("work", written.resource, "", DRAFT)
    assert caught.value.kind is ErrorKind.INVALID
    assert (stage.folder / written.resource).read_bytes() == before


# Watching


async def reports(provider: LocalProvider, touch: Path, write: bool) -> str:
    """What the watch says first while a file is changed over and over."""
    watching: AsyncIterator[str] = provider.watch()
    first = asyncio.ensure_future(anext(watching))
    for turn in range(2_000):
        if write:
            with touch.open("r+b") as file:
                file.write(text_of("one", f"{turn:04}").encode())
        else:
            (touch.parent / f"folder-{turn}").mkdir()
        done, _ = await asyncio.wait([first], timeout=0.02)
        if done:
            break
    await watching.aclose()  # type: ignore[attr-defined]
    return await first


async def test_an_edit_in_place_is_reported(stage: LocalStage) -> None:
    path = put(stage.folder, "one", "0000")
    assert isinstance(stage.provider, LocalProvider)
    assert await reports(stage.provider, path, write=True) == "work"


async def test_a_new_calendar_is_reported(stage: LocalStage) -> None:
    assert isinstance(stage.provider, LocalProvider)
    said = await reports(stage.provider, stage.folder, write=False)
    assert said == "." or said.startswith("folder-")


def test_no_two_names_of_a_large_calendar_are_taken_for_one() -> None:
    """Four bytes of a digest are not enough: these two have the same."""
    names = ("event-12735.ics", "event-14894.ics")
    seen = Seen()
    for name in names:
        seen.note(name, "1", troubled=False)
    todo, lost, _ = seen.compare(dict.fromkeys(names, "1"))
    assert (todo, lost) == ([], False)
    todo, lost, _ = seen.compare({names[0]: "1"})
    assert (todo, lost) == ([], True)
