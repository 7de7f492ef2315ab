import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tui.app
from cli.commands import COMMANDS
from cli.main import main
from cli.options import OUTCOMES, STATES
from cli.output import EXITS, Exit
from cli.parser import named
from scheduling.bookings import BookingState, Outcome
from scheduling.errors import ErrorKind, KobleError
from tests.cli.conftest import Folder, Koble
from words import Phrase


def test_help_lists_every_command_and_version_prints_one(koble: Koble) -> None:
    told = koble("--help", now="")

    assert told.code == 0
    for name in COMMANDS:
        assert f"    {name} " in told.out
    assert koble("--version", now="").out.startswith("koble ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(koble: Koble, name: str) -> None:
    told = koble(name, "--help", now="")

    assert told.code == 0
    assert told.out.startswith(f"usage: koble {name} ")
    assert "--json" in told.out


def test_the_words_for_states_are_those_of_the_rules() -> None:
    """Written out in the parser, so that --help need not import the rules."""
    assert tuple(BookingState) == STATES
    assert tuple(Outcome) == OUTCOMES


def test_the_command_is_found_among_options() -> None:
    assert named(["--json", "--now", "agenda", "--lang=nb", "status", "agenda"]) == "status"
    assert named(["--lang", "nb"]) is None


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["stauts"],
        ["status", "--nonsense"],
        ["status", "more"],
        ["page"],
        ["page", "nonsense"],
        ["free"],
        ["free", "intro", "--duration", "0"],
        ["free", "intro", "--duration", "9" * 5_000],
        ["book", "intro", "2026-12-01T09:00"],
        ["connect", "icloud"],
        ["log", "--limit", "-1"],
        ["status", "--lang", "tlh"],
        ["status", "--js"],
        ["x" * 10_000],
        ["\x1b]52;c;eA==\x07"],
        ["status", "\udcff"],
        ["status", "\x1b]52;c;eA==\x07[/]"],
    ],
)
def test_wrong_words_exit_with_2_and_say_so(koble: Koble, argv: list[str]) -> None:
    told = koble(*argv)
    assert (told.code, told.out) == (2, "")
    assert told.err.replace("\n", "").isprintable()
    assert len(told.err) < 2_000

    document = koble(*argv, "--json")
    assert document.code == 2
    assert document.json["error"]["kind"] == "usage"
    assert document.json["error"]["message"]
    assert document.err == ""


def test_a_misspelt_command_tells_the_nearest(koble: Koble) -> None:
    assert "Did you mean status?" in koble("stauts").err


def test_json_may_stand_before_the_command(koble: Koble) -> None:
    assert koble("--json", "bookings").json == {"bookings": []}


@pytest.mark.parametrize("kind", ErrorKind)
def test_each_kind_of_error_has_its_exit_code(
    koble: Koble, monkeypatch: pytest.MonkeyPatch, kind: ErrorKind
) -> None:
    async def fail(_call: object) -> None:
        raise KobleError(kind, Phrase("It is {what}.", what="so"), Phrase("Do this."), field="f")

    monkeypatch.setattr("cli.upkeep.log", fail)
    told = koble("log")
    document = koble("log", "--json")

    said = "f: It is so." if kind is ErrorKind.INVALID else "It is so."
    assert (told.code, told.out, told.err) == (document.code, "", f"{said}\nDo this.\n")
    assert document.json == {
        "error": {"kind": kind.value, "message": "It is so.", "hint": "Do this.", "field": "f"}
    }
    expected = {
        ErrorKind.CONFLICT: 1,
        ErrorKind.STORAGE: 1,
        ErrorKind.UNSUPPORTED: 1,
        ErrorKind.INVALID: 2,
        ErrorKind.NOT_FOUND: 2,
        ErrorKind.NOT_OFFERED: 3,
        ErrorKind.AUTH: 4,
        ErrorKind.PERMISSION: 4,
        ErrorKind.NOT_CONNECTED: 4,
        ErrorKind.THROTTLED: 5,
        ErrorKind.UNAVAILABLE: 5,
    }
    assert told.code == expected[kind] == EXITS.get(kind, Exit.FAILED)


def test_an_interrupted_command_ends_quietly(koble: Koble, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupt(_call: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.upkeep.log", interrupt)

    assert koble("log") == (130, "", "")


def test_a_home_that_is_no_folder_is_told(
    koble: Koble, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("KOBLE_HOME", str(tmp_path / "file"))

    told = koble("bookings", "--json")

    assert told.code == 1
    assert told.json["error"]["kind"] == "storage"


def test_without_a_command_the_app_is_run(koble: Koble, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[Any, ...]] = []

    def run(home: Path, **options: Any) -> int:
        runs.append((home.name, *options.values()))
        return 7

    monkeypatch.setattr(tui.app, "run", run)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")

    assert [main(argv) for argv in ([], ["--sample"], ["--no-mouse", "--lang=nb"])] == [7, 7, 7]
    assert runs == [
        ("home", False, True, ""),
        ("home", True, True, ""),
        ("home", False, False, "nb"),
    ]
    monkeypatch.setenv("TERM", "dumb")
    assert main([]) == 2


def test_without_a_terminal_the_app_is_not_run(koble: Koble) -> None:
    told = koble(now="")

    assert told.code == 2
    assert "koble --help" in told.err


def test_the_sample_is_a_week_that_is_forgotten(koble: Koble, home: Path) -> None:
    told = koble("agenda", "--sample", "--json")

    assert told.code == 0
    assert "Standup" in {each["title"] for each in told.json["events"]}
    assert not home.exists()


def run(
    *argv: str, python: tuple[str, ...] = (), **options: Any
) -> subprocess.CompletedProcess[str]:
    """Koble in a process of its own."""
    command = [sys.executable, *python, "-c", "import sys; from cli.main import main; "
               "sys.exit(main())", *argv]  # fmt: skip
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run(command, text=True, timeout=60, **streams)


def test_the_entry_point_answers(home: Path) -> None:
    entry = Path(sys.executable).with_name("koble")
    if not entry.exists():
        pytest.skip("koble is not installed beside this Python")

    done = subprocess.run([entry, "status", "--json"], capture_output=True, text=True, timeout=60)

    assert done.returncode == 4
    assert done.stdout.startswith("{")
    assert done.stderr == ""


def test_python_without_assertions_is_refused(home: Path) -> None:
    done = run("status", python=("-O",))

    assert done.returncode == 1
    assert "python -O" in done.stderr
    assert not home.exists()


def test_a_reader_that_leaves_early_is_no_error(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = [run(*words, stdout=writer) for words in (["log"], ["log", "--json"])]
    finally:
        os.close(writer)

    assert [(each.returncode, each.stderr) for each in done] == [(141, "")] * 2


def test_output_survives_a_terminal_that_knows_ascii_only(koble: Koble, connected: Folder) -> None:
    connected.busy("x", "20261201T090000Z", "20261201T100000Z", title="Blåbær 日本")

    ascii_only = dict(os.environ) | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run("agenda", "--now", "2026-11-30T06:00Z", env=ascii_only)
    document = run("agenda", "--now", "2026-11-30T06:00Z", "--json", env=ascii_only)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Bl?b?r" in done.stdout
    assert '"title": "Bl\\u00e5b\\u00e6r \\u65e5\\u672c"' in document.stdout


HEAVY = {"textual", "rich", "icalendar", "recurring_ical_events", "httpx", "keyring",
         "cryptography", "starlette", "uvicorn", "exchangelib", "msal"}  # fmt: skip


DESK = {"store", "desk.desk", "tinydb", "asyncio", "providers"}


@pytest.mark.parametrize(
    ("argv", "unwanted"),
    [
        (["agenda"], HEAVY),
        (["agenda", "--json"], HEAVY),
        (["bookings"], HEAVY),
        (["page", "list"], HEAVY),
        (["--help"], HEAVY | DESK),
        (["agenda", "--help"], HEAVY | DESK),
        (["--version"], HEAVY | DESK),
    ],
)
def test_a_command_imports_no_more_than_it_needs(
    home: Path, argv: list[str], unwanted: set[str]
) -> None:
    done = run(*argv, python=("-X", "importtime"))
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}

    assert done.returncode == 0
    assert "cli.parser" in imported
    assert not unwanted & (imported | {name.split(".")[0] for name in imported})


def test_two_processes_that_book_one_time_get_one_booking(koble: Koble, connected: Folder) -> None:
    async def race() -> list[int | None]:
        words = ["book", "intro", "2026-12-01T09:00", "--now", "2026-11-30T06:00Z",
                 "--email", "g@example.com", "--name"]  # fmt: skip
        code = "import sys; from cli.main import main; sys.exit(main())"
        started = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, *words, name,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for name in ("Grace", "Alan")
        ]  # fmt: skip
        return [await each.wait() for each in started]

    assert sorted(asyncio.run(race()), key=str) == [0, 3]
    assert len(connected.files()) == 1
    assert len(koble("bookings", "--json").json["bookings"]) == 1


@pytest.mark.parametrize("words", [["book"], ["free", "demo", "--duration", "x"], ["book", "--y"]])
def test_what_is_wrong_is_said_in_the_language_asked_for(koble: Koble, words: list[str]) -> None:
    english, norwegian = koble(*words, "--lang=en").err, koble(*words, "--lang=nb").err

    assert "usage: " in english
    assert "bruk: " in norwegian
    assert english.splitlines()[-1] != norwegian.splitlines()[-1]
    for foreign in ("argument", "required", "expected", "invalid", "unrecognized"):
        assert foreign not in english + norwegian
