import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.again import FILE
from tests.cli.conftest import GRACE, Folder, Koble

WEEK = ("agenda", "--from", "2026-12-01", "--to", "2026-12-07")


@pytest.fixture
def settled(koble: Koble, connected: Folder, home: Path) -> Folder:
    """A week with one event in it, stored some time ago."""
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")
    koble("sync")
    settle(home)
    return connected


def settle(home: Path) -> None:
    """Make it a while ago that anything was stored."""
    for file in home.iterdir():
        os.utime(file, (1, 1))


def imported(*argv: str) -> tuple[str, set[str]]:
    """What a process of its own answers, and all that it imports."""
    code = "import sys; from cli.main import main; sys.exit(main())"
    command = [sys.executable, "-X", "importtime", "-c", code, *argv]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout, {line.split("|")[-1].strip() for line in done.stderr.splitlines()}


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_answer_is_printed_again_without_opening_the_store(
    koble: Koble, settled: Folder, more: list[str]
) -> None:
    argv = (*WEEK, *more, "--now", "2026-11-30T06:00Z")

    first, needed = imported(*argv)
    again, little = imported(*argv)

    assert "dentist" in first
    assert again == first
    assert "store.store" in needed
    assert not {"store.store", "msgspec", "asyncio", "argparse"} & little


def test_what_is_kept_is_for_its_owner_only(koble: Koble, settled: Folder, home: Path) -> None:
    koble(*WEEK)

    assert (home / FILE).stat().st_mode & 0o777 == 0o600


def test_what_is_stored_meanwhile_is_seen(koble: Koble, settled: Folder, home: Path) -> None:
    assert koble(*WEEK).out == koble(*WEEK).out
    assert (home / FILE).exists()

    koble("book", "intro", "2026-12-02T09:00", *GRACE)

    assert "Grace Hopper" in koble(*WEEK).out


def test_nothing_is_kept_just_after_something_was_stored(
    koble: Koble, settled: Folder, home: Path
) -> None:
    """Two changes within a tick of the file system's clock could not be told apart."""
    koble("settings", "set", "profile.name", "Ada")
    os.utime(next(home.glob("journal-*")))  # now, whatever the machine's pace

    koble(*WEEK)

    assert not (home / FILE).exists()


def test_other_words_another_language_and_another_terminal_get_their_own(
    koble: Koble, settled: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = koble(*WEEK).out

    assert koble(*WEEK, "--json").out != told
    assert koble("agenda", "--from", "2026-12-02").out != told
    assert koble(*WEEK).out == told
    monkeypatch.setenv("TZ", "America/New_York")
    assert koble(*WEEK).code == 0


def test_with_time_what_was_kept_is_wrong(
    koble: Koble, settled: Folder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour later the calendars are read again, and after midnight today is another day."""
    koble("sync", now="")
    settle(home)
    told = koble(*WEEK, now="").out
    kept = (home / FILE).read_text(encoding="utf-8")
    since, until = map(int, kept.splitlines()[1].split())
    assert until - since <= 600
    (home / FILE).write_text(kept.replace("dentist", "xxxxxxx"), encoding="utf-8")
    assert koble(*WEEK, now="").out == told.replace("dentist", "xxxxxxx")

    for time in (since - 1, until):
        monkeypatch.setattr("cli.again.time.time", lambda time=time: time)
        assert koble(*WEEK, now="").out == told


@pytest.mark.parametrize("content", [b"", b"x", b"\xff\xfe", b"a\nb c\n", b"a\n1\n", b"\n\n\n"])
def test_a_damaged_copy_is_made_anew(
    koble: Koble, settled: Folder, home: Path, content: bytes
) -> None:
    told = koble(*WEEK).out
    (home / FILE).write_bytes(content)

    assert koble(*WEEK).out == told


def test_reading_when_asked_and_what_went_wrong_are_not_kept(
    koble: Koble, settled: Folder, home: Path
) -> None:
    koble(*WEEK, "--sync")
    assert not (home / FILE).exists()
    settled.path.rename(settled.path.with_name("elsewhere"))
    settle(home)
    first, again = (koble("agenda", now="2026-11-30T08:00Z") for _ in range(2))

    assert first.err == again.err != ""
    assert not (home / FILE).exists()


def test_an_answer_that_cannot_be_kept_is_still_given(
    koble: Koble, settled: Folder, home: Path
) -> None:
    (home / f"{FILE}.{os.getpid()}").mkdir()

    assert "dentist" in koble(*WEEK).out
    assert not (home / FILE).exists()
