"""Folders of calendars, before one is connected; and a connection that is given up."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from desk import folders
from desk.desk import Desk
from scheduling.errors import KobleError
from tests.desk.conftest import Folder


async def test_a_folder_is_looked_at_and_nothing_is_connected(desk: Desk, folder: Folder) -> None:
    folder.busy("one", "20261201T080000Z", "20261201T090000Z")
    folder.busy("two", "20261201T080000Z", "20261201T090000Z")
    (folder.path / "work" / "displayname").write_text("Work\x1b[31m")
    (folder.path / "private").mkdir()

    assert await folders.look(str(folder.path)) == (
        folders.Found(name="private", events=0, writable=True),
        folders.Found(name="Work[31m", events=2, writable=True),
    )
    assert (await desk.connections.overview()).connections == ()


async def test_a_first_calendar_is_made(tmp_path: Path) -> None:
    assert await folders.look(str(tmp_path)) == ()
    await folders.make(str(tmp_path), "Meetings")
    assert [each.name for each in await folders.look(str(tmp_path))] == ["Meetings"]
    with pytest.raises(KobleError) as refused:
        await folders.make(str(tmp_path), "Meetings")
    assert refused.value.field == "name"


@pytest.mark.parametrize("path", ["", "  ", "~nobody-here/x", "a\0b", "x" * 10_000, "/nowhere/x"])
async def test_what_is_no_folder(path: str) -> None:
    with pytest.raises(KobleError):
        await folders.look(path)


async def test_a_path_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("calendars", "cal", "other", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "cafe.txt").write_text("x")

    assert await folders.complete("~/ca") == ("~/cal/", "~/calendars/")
    assert await folders.complete("~") == ("~/",)
    assert await folders.complete(f"{tmp_path}/o") == (f"{tmp_path}/other/",)
    assert await folders.complete("~/.h") == ("~/.hidden/",)
    assert len(await folders.complete("~/")) == 3
    for nothing in ("", "cal", "~/x", "/nowhere/", "~nobody-here/", "a\0/", "x" * 10_000 + "/"):
        assert await folders.complete(nothing) == ()


async def test_a_connection_that_is_given_up_leaves_nothing(
    desk: Desk, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def never(**_only: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(desk.sync, "now", never)
    task = asyncio.create_task(desk.connections.connect_local(str(folder.path)))
    await reached.wait()
    assert len((await desk.connections.overview()).connections) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await desk.connections.overview()).connections == ()
    assert await desk.calendars.all() == []
    monkeypatch.undo()
    await desk.connections.connect_local(str(folder.path))
