"""What a command answers: one JSON document, or lines and tables for a person."""

import os
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import Any, NamedTuple, TextIO

import msgspec

from scheduling.errors import ErrorKind, KobleError


class Exit(IntEnum):
    """What the exit code tells a script."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    """The words were wrong: an unknown command, name or id, an invalid value or file."""
    TAKEN = 3
    """Not offered, or taken by somebody else meanwhile."""
    NOT_PERMITTED = 4
    """Nothing is connected, signed out, or not allowed."""
    UNREACHABLE = 5
    """The outside world did not answer, or its last answer is too old."""


EXITS = {
    ErrorKind.INVALID: Exit.USAGE,
    ErrorKind.NOT_FOUND: Exit.USAGE,
    ErrorKind.NOT_OFFERED: Exit.TAKEN,
    ErrorKind.NOT_CONNECTED: Exit.NOT_PERMITTED,
    ErrorKind.AUTH: Exit.NOT_PERMITTED,
    ErrorKind.PERMISSION: Exit.NOT_PERMITTED,
    ErrorKind.UNAVAILABLE: Exit.UNREACHABLE,
    ErrorKind.THROTTLED: Exit.UNREACHABLE,
}
"""The codes of errors; every other kind is `FAILED`."""


class Table(NamedTuple):
    """Rows of text under headings; columns that are empty in every row are left out."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    right: Collection[int] = ()
    """Columns of numbers, aligned to the right."""


class Answer(NamedTuple):
    """What a command has to say: `data` for programs, `lines` for people (made when asked for)."""

    data: dict[str, Any]
    lines: Iterable[str | Table]
    code: Exit = Exit.DONE


class Unwritable(Exception):
    """The answer cannot be written to where it goes: the disk of a file is full, and the like."""


class Output:
    """Where answers go. Nothing reaches it that a terminal would obey.

    Args:
        json: one JSON document instead of lines.
        stdout: for answers.
        stderr: for narration and for errors.
        width: cells of a line; None: as many as it takes.
    """

    def __init__(
        self,
        *,
        json: bool,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        width: int | None = None,
    ) -> None:
        self.json = json
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        terminal = self._stdout.isatty()
        self.width = width or (terminal_width() if terminal else None)
        self._bold = terminal and not os.environ.get("NO_COLOR")

    def answer(self, answer: Answer) -> None:
        """Print an answer."""
        if self.json:
            self._document(answer.data)
            return
        lines: list[str] = []
        for each in answer.lines:
            if isinstance(each, Table):
                lines += self._table(each)
            else:
                lines.append(plain(each))
        self._print(self._stdout, lines)

    def error(self, error: KobleError, **more: Any) -> None:
        """Print what went wrong; `more` goes into the document."""
        if self.json:
            told = {
                "kind": str(error.kind),
                "message": str(error.message),
                "hint": str(error.hint) if error.hint else None,
                "field": error.field or None,
            }
            self._document({"error": told | more})
            return
        named = error.kind is ErrorKind.INVALID and error.field not in str(error.message)
        self.note(f"{error.field}: {error.message}" if named else str(error.message))
        if error.hint:
            self.note(str(error.hint))

    def usage(self, message: str, usage: str = "") -> None:
        """Print what was wrong with the words of the command."""
        if self.json:
            told = {"kind": "usage", "message": plain(message), "hint": None, "field": None}
            self._document({"error": told})
            return
        for line in (*usage.splitlines(), message):
            self.note(line)

    def note(self, text: str) -> None:
        """Tell something beside the answer, if it can be told."""
        with suppress(Unwritable):
            self._print(self._stderr, [plain(text)])

    def picture(self, lines: Sequence[str]) -> None:
        """Draw a QR code beside the answer, black on white, where a terminal has room for it."""
        if not self._stderr.isatty() or (self._stderr.encoding or "").lower() != "utf-8":
            return
        size = os.get_terminal_size(self._stderr.fileno())
        if len(lines[0]) <= size.columns and len(lines) < size.lines:
            self._print(self._stderr, [f"\x1b[38;5;16;48;5;231m{line}\x1b[m" for line in lines])

    def _document(self, data: dict[str, Any]) -> None:
        text = msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
        unicode = (self._stdout.encoding or "utf-8").lower() == "utf-8"
        self._print(self._stdout, [(_ODD if unicode else _NOT_ASCII).sub(_escaped, text)])

    def _table(self, table: Table) -> list[str]:
        head, *rows = _render(table, self.width)
        return [f"\x1b[1m{head}\x1b[m" if self._bold else head, *rows]

    @staticmethod
    def _print(stream: TextIO, lines: list[str]) -> None:
        try:
            stream.write("".join(f"{line}\n" for line in lines))
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unwritable(error.strerror) from error


def terminal_width() -> int:
    """Columns of the terminal: $COLUMNS, or what the terminal says, or 80."""
    # As shutil's, whose import takes longer than a listing.
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size().columns or 80
    except OSError:
        return 80


# DEL, C1, and what is invisible or turns text round: legal in JSON, but not on a terminal.
_ODD = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

_NOT_ASCII = re.compile("[^\n -~]")


def _escaped(found: re.Match[str]) -> str:
    """A character as JSON writes it in ASCII."""
    return "".join(f"\\u{unit}" for unit in found[0].encode("utf-16-be").hex(" ", 2).split())


def plain(line: str) -> str:
    """`line` without anything that a terminal would obey, indentation kept."""
    if line.isprintable():
        return line
    return "".join(
        char if char.isprintable() or char in "\u200c\u200d" else " " * char.isspace()
        for char in line
    )


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, an ellipsis telling that something is missing."""
    if cells(text) <= width:
        return text
    kept, used = "", 1
    for char in text:
        used += cells(char)
        if used > width:
            break
        kept += char
    return f"{kept.rstrip()}…"


_GAP = "  "
_NARROWEST = 6


def _render(table: Table, width: int | None) -> Iterator[str]:
    rows = [[plain(cell) for cell in row] for row in (table.head, *table.rows)]
    kept = [n for n in range(len(table.head)) if any(row[n] for row in rows[1:])]
    sizes = {n: max(cells(row[n]) for row in rows) for n in kept}
    while width and sum(sizes.values()) + len(_GAP) * (len(kept) - 1) > width:
        # The first column says what a row is about: it is cut last.
        wide = [n for n in kept[1:] if sizes[n] > _NARROWEST] or kept[:1]
        widest = max(wide, key=lambda n: sizes[n])
        if sizes[widest] <= _NARROWEST:
            break
        sizes[widest] -= 1
    for row in rows:
        texts = []
        for n in kept:
            text = cut(row[n], sizes[n])
            space = " " * (sizes[n] - cells(text))
            texts.append(space + text if n in table.right else text + space)
        yield _GAP.join(texts).rstrip()
