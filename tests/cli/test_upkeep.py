import json
import stat
import subprocess
from pathlib import Path

import pytest

from cli.commands import COMMANDS
from tests.cli.conftest import GRACE, Folder, Koble


def test_the_log_tells_what_was_done_newest_first(koble: Koble, connected: Folder) -> None:
    assert "Nothing was done yet" not in koble("log").out
    koble("book", "intro", "2026-12-01T09:00", *GRACE)

    entries = koble("log", "--json").json["entries"]

    assert [each["text"] for each in entries][-1] == "Page saved: /intro."
    assert entries[0]["at"] == "2026-11-30T06:00:00Z"
    assert "Grace Hopper" in entries[0]["text"]
    assert len(koble("log", "--limit", "1", "--json").json["entries"]) == 1
    assert "Mon 30 Nov 07:00  Page saved: /intro." in koble("log").out


def test_an_empty_log_says_so(koble: Koble) -> None:
    assert koble("log").out == "Nothing was done yet.\n"


def test_a_backup_holds_the_pages_and_replaces_nothing_unasked(
    koble: Koble, page: None, tmp_path: Path
) -> None:
    file = tmp_path / "koble.json"

    assert koble("backup", str(file)).code == 0
    document = json.loads(file.read_text(encoding="utf-8"))
    assert [each["name"] for each in document["pages"].values()] == ["intro"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    again = koble("backup", str(file), "--json")
    assert (again.code, again.json["error"]["field"]) == (2, "file")
    assert koble("backup", str(file), "--force", "--json").json == {"file": str(file)}


@pytest.mark.parametrize("name", ["a\x00b", "x" * 10_000])
def test_a_name_that_no_file_can_have_is_refused(koble: Koble, name: str) -> None:
    told = koble("backup", name, "--json")

    assert (told.code, told.json["error"]["field"]) == (2, "file")


def test_a_backup_that_cannot_be_written_fails(koble: Koble, tmp_path: Path) -> None:
    told = koble("backup", str(tmp_path / "none" / "koble.json"), "--json")

    assert told.code == 1
    assert told.json["error"]["kind"] == "storage"


def test_the_doctor_finds_nothing_wrong_at_first(koble: Koble) -> None:
    told = koble("doctor", "--json")

    assert told.code == 0
    assert told.json["ok"]
    assert [each["name"] for each in told.json["checks"]] == [
        "home",
        "store",
        "secrets",
        "clock",
        "zone",
        "connections",
        "outbox",
    ]


def test_the_doctor_looks_at_each_calendar_and_writes_only_when_asked(
    koble: Koble, connected: Folder
) -> None:
    told = koble("doctor")
    assert told.code == 0
    assert "work is read." in told.out
    assert connected.files() == []

    told = koble("doctor", "--write", "--json")
    assert told.code == 0
    [write] = [each for each in told.json["checks"] if each["name"] == "write"]
    assert write["ok"]
    assert connected.files() == []


def test_the_doctor_tells_of_events_that_cannot_be_read(koble: Koble, connected: Folder) -> None:
    (connected.path / "work" / "broken.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEV", "utf-8")

    told = koble("doctor", "--json")

    assert told.code == 1
    [wrong] = [each for each in told.json["checks"] if not each["ok"]]
    assert wrong["name"] == "calendar"
    assert "work" in wrong["text"]


def test_the_doctor_tells_of_a_folder_that_vanished(koble: Koble, connected: Folder) -> None:
    connected.path.rename(connected.path.with_name("elsewhere"))

    told = koble("doctor")

    assert told.code == 1
    assert "wrong" in told.out
    assert str(connected.path) in told.out


def test_the_doctor_tells_of_a_calendar_that_vanished(koble: Koble, connected: Folder) -> None:
    (connected.path / "work").rmdir()

    told = koble("doctor", "--write", "--json")

    assert told.code == 1
    assert "calendar" in [each["name"] for each in told.json["checks"] if not each["ok"]]


def test_the_doctor_sees_a_clock_that_is_behind(koble: Koble, page: None) -> None:
    told = koble("doctor", "--json", now="2026-11-29T06:00Z")

    assert told.code == 1
    assert [each["name"] for each in told.json["checks"] if not each["ok"]] == ["clock"]


def test_the_doctor_names_a_zone_that_is_not_the_machines(koble: Koble) -> None:
    koble("settings", "set", "profile.zone", "Asia/Tokyo")

    assert "Europe/Oslo" in koble("doctor").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_every_command(koble: Koble, shell: str) -> None:
    script = koble("completions", shell, now="").out

    for name in COMMANDS:
        assert name in script
    assert "--json" in script or "-l json" in script
    assert koble("completions", shell, "--json", now="").json["script"] == script


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("koble sta", ["status"]),
        ("koble page sh", ["show"]),
        ("koble page show --js", ["--json"]),
        ("koble --json set", ["settings"]),
        ("koble bookings --state ", None),
        ("koble calendars set work --des", ["--destination"]),
        ("koble completions b", ["bash"]),
    ],
)
def test_bash_completes(koble: Koble, typed: str, expected: list[str] | None) -> None:
    words = typed.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    script = koble("completions", "bash", now="").out + (
        f"COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; _koble\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )

    done = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)

    assert done.stderr == ""
    if expected is not None:
        assert done.stdout.split() == expected
