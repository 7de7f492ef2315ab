"""The command line as a caller sees it: words in; exit code, stdout and stderr out."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

import words
from cli.main import main

NOW = "2026-11-30T06:00Z"
"""A Monday, 07:00 in Oslo."""
PAGE = """\
name = "intro"
title = "Intro call"
durations = [30, 60]
step = 30

[[hours]]
days = "mon-fri"
start = "09:00"
end = "13:00"
"""
GRACE = ("--name", "Grace Hopper", "--email", "grace@example.com")


class Result(NamedTuple):
    """How one call ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


class Koble(Protocol):
    def __call__(self, *argv: str, now: str = NOW, stdin: str | bytes = "") -> Result: ...


class Typed(io.TextIOWrapper):
    """Standard input that is no terminal."""

    def __init__(self, text: str | bytes) -> None:
        super().__init__(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of an English speaker in Oslo, and no terminal."""
    for name in ("COLUMNS", "NO_COLOR", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "Europe/Oslo")
    monkeypatch.setenv("KOBLE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def koble(home: Path, monkeypatch: pytest.MonkeyPatch) -> Koble:
    """Call koble at `NOW`; `now=""` leaves it the machine's clock."""

    def call(*argv: str, now: str = NOW, stdin: str | bytes = "") -> Result:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr("sys.stdin", Typed(stdin))
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main([*argv, *(("--now", now) if now else ())])
        finally:
            words.use("en")
        return Result(code, out.getvalue(), err.getvalue())

    return call


class Folder:
    """Somebody else who writes into the calendars."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "work").mkdir(parents=True)

    def write(self, name: str, *lines: str, title: str = "", calendar: str = "work") -> Path:
        body = (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//EN",
            "BEGIN:VEVENT",
            f"UID:{name}",
            "DTSTAMP:20260101T000000Z",
            f"SUMMARY:{title or name}",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
        (self.path / calendar).mkdir(exist_ok=True)
        path = self.path / calendar / f"{name}.ics"
        path.write_text("\r\n".join(body), encoding="utf-8", newline="")
        return path

    def busy(self, name: str, start: str, end: str, *more: str, title: str = "") -> Path:
        return self.write(name, f"DTSTART:{start}", f"DTEND:{end}", *more, title=title)

    def files(self, calendar: str = "work") -> list[str]:
        return [p.read_text(encoding="utf-8") for p in sorted((self.path / calendar).glob("*.ics"))]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "calendars")


@pytest.fixture
def page(koble: Koble) -> None:
    """A page, and nothing connected."""
    assert koble("page", "apply", "-", stdin=PAGE).code == 0


@pytest.fixture
def connected(koble: Koble, page: None, folder: Folder) -> Folder:
    """A page, and the folder connected."""
    assert koble("connect", "local", "--path", str(folder.path)).code == 0
    return folder
