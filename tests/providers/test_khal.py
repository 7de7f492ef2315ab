"""The same folder, shared with khal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from providers.base import Draft
from providers.local import LocalProvider
from scheduling.events import Show
from tests.providers.instants import HORIZON, at, told

KHAL = Path(sys.executable).parent / "khal"
CONFIG = """
[calendars]
[[work]]
path = {folder}/work
type = calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
default_timezone = Europe/Oslo
local_timezone = Europe/Oslo
[default]
default_calendar = work
[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "calendars" / "work").mkdir(parents=True)
    return tmp_path / "calendars"


def khal(folder: Path, *arguments: str) -> str:
    config = folder.parent / "khal.conf"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    done = subprocess.run(
        [KHAL, "-c", str(config), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"HOME": str(folder.parent), "LC_ALL": "C.UTF-8"},
    )
    return done.stdout


async def test_what_khal_wrote_is_read(folder: Path) -> None:
    khal(folder, "new", "2026-06-01", "09:00", "10:30", "Brød og kaffe", "::", "in the kitchen")
    khal(folder, "new", "2026-06-02", "2026-06-03", "Away")
    khal(
        folder, "new", "2026-10-19", "09:00", "10:00", "Weekly", "-r", "weekly", "-u", "2026-11-03"
    )
    pages = [page async for page in LocalProvider(folder).changes("work", "", HORIZON)]
    events = [event for page in pages for change in page.changes for event in change.events]
    by_title = {event.title: event for event in events}
    assert [page.problems for page in pages] == [()]
    coffee = by_title["Brød og kaffe"]
    assert coffee.spans == ((at("2026-06-01T07:00Z"), at("2026-06-01T08:30Z")),)
    assert (coffee.description, coffee.zone, coffee.show) == (
        "in the kitchen",
        "Europe/Oslo",
        Show.BUSY,
    )
    away = by_title["Away"]
    assert (away.all_day, away.spans) == (
        True,
        ((at("2026-06-02T00:00Z"), at("2026-06-04T00:00Z")),),
    )
    weekly = told([by_title["Weekly"]])
    assert [line.split(" ", 1)[1] for line in weekly] == [
        "2026-10-19T07:00Z/1h series",
        "2026-10-26T08:00Z/1h series",
        "2026-11-02T08:00Z/1h series",
    ]


async def test_what_koble_writes_khal_lists(folder: Path) -> None:
    provider = LocalProvider(folder)
    draft = Draft(
        uid="meeting@koble",
        title="Møte; med, Ann",
        start=at("2026-11-02T08:00Z"),
        end=at("2026-11-02T08:45Z"),
        zone="America/New_York",
        location="Room 1",
    )
    written = await provider.create("work", draft)
    listed = khal(
        folder, "list", "2026-11-02", "1d", "--format", "{start-time}|{end-time}|{title}|{location}"
    )
    assert "09:00|09:45|Møte; med, Ann|Room 1" in listed
    await provider.delete("work", written.resource, written.etag)
    assert "Møte" not in khal(folder, "list", "2026-11-02", "1d")
