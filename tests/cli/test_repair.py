"""A backup is restored, and what is damaged is described, from the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import GRACE, PAGE, Folder, Koble


def starts(koble: Koble) -> list[str]:
    return [each["start"] for each in koble("bookings", "--json").json["bookings"]]


def test_a_backup_is_restored_and_what_was_there_before_can_be_put_back(
    koble: Koble, page: None, tmp_path: Path
) -> None:
    file = str(tmp_path / "koble.json")
    koble("book", "intro", "2026-12-01T09:00", *GRACE)
    assert koble("backup", file).code == 0
    koble("book", "intro", "2026-12-01T11:00", *GRACE)
    before = starts(koble)
    assert len(before) == 2

    told = koble("restore", file, "--json")

    assert told.code == 0
    assert starts(koble) == before[:1]
    assert koble("restore", told.json["kept"]).code == 0
    assert starts(koble) == before


def test_a_backup_is_restored_into_an_empty_home(
    koble: Koble, page: None, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    koble("backup", str(tmp_path / "koble.json"))
    monkeypatch.setenv("KOBLE_HOME", str(tmp_path / "new"))

    told = koble("restore", str(tmp_path / "koble.json"), "--json").json

    assert told == {"file": str(tmp_path / "koble.json"), "kept": None}
    assert [each["name"] for each in koble("page", "list", "--json").json["pages"]] == ["intro"]


@pytest.mark.parametrize("name", ["page.toml", "none", "a\x00b", "."])
def test_what_is_no_backup_is_refused(
    koble: Koble, page: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.toml").write_text(PAGE)

    told = koble("restore", name, "--json")

    assert (told.code, told.json["error"]["field"]) == (2, "file")
    assert [each["name"] for each in koble("page", "list", "--json").json["pages"]] == ["intro"]


def test_to_try_it_out_touches_nothing_of_ones_own(
    koble: Koble, page: None, home: Path, tmp_path: Path
) -> None:
    koble("backup", str(tmp_path / "koble.json"))
    koble("settings", "set", "profile.name", "Kari")

    assert koble("--sample", "restore", str(tmp_path / "koble.json")).code == 0

    assert koble("settings", "get", "profile.name").out.split()[-1] == "Kari"
    assert not list(home.glob("before-restore-*"))


def test_the_doctor_reads_everything_when_asked(koble: Koble, connected: Folder) -> None:
    told = koble("doctor", "--verify", "--json")

    assert told.code == 0
    files = [each["text"] for each in told.json["checks"] if each["name"] == "files"]
    assert any("documents are read" in each for each in files)
    assert "files" not in [each["name"] for each in koble("doctor", "--json").json["checks"]]


def test_a_home_that_does_not_open_is_described_and_restored(
    koble: Koble, page: None, home: Path, tmp_path: Path
) -> None:
    koble("backup", str(tmp_path / "koble.json"))
    journal = max(home.glob("journal-*"))
    journal.write_bytes(b"something else" * 1000)
    refused = koble("bookings", "--json")
    assert (refused.code, refused.json["error"]["kind"]) == (1, "storage")
    assert "koble restore" in refused.json["error"]["hint"]

    told = koble("doctor", "--verify")
    assert told.code == 1
    assert f"wrong  {journal.name} is damaged from its beginning." in told.out

    assert koble("restore", str(tmp_path / "koble.json")).code == 0
    assert [each["name"] for each in koble("page", "list", "--json").json["pages"]] == ["intro"]
    assert koble("doctor", "--verify").code == 0
