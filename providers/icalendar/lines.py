"""The text form of iCalendar (RFC 5545 §3.1): bytes to components and their properties, and back.

Lenient on purpose: whatever other programs write is taken as far as it can be understood, and one
broken line or component leaves its neighbours alone. Everything is kept in its order, so that
`text` gives back what was read.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import TypeGuard

from scheduling.text import clean
from words import Phrase

DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY = 1 - _EPOCH
LAST_DAY = date.max.toordinal() - _EPOCH
_DEPTH = 16
"""No calendar nests deeper; what does is left out."""
_NEVER_INSIDE = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"}
"""These stand in a VCALENDAR only: one that begins elsewhere says that an END is missing."""


class Unreadable(ValueError):
    """A value that makes no sense; `phrase` says why, in words for a person."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class Component:
    """What stands between BEGIN and END: lines and components, in their order.

    `whole` is False where the END is missing.
    """

    __slots__ = ("_properties", "body", "name", "whole")

    def __init__(self, name: str) -> None:
        self.name = name
        self.body: list[str | Component] = []
        self.whole = False
        self._properties: dict[str, list[str]] | None = None

    @property
    def properties(self) -> dict[str, list[str]]:
        """By upper-case name, what follows it: parameters and value, as in `;A=1:value`."""
        found = self._properties
        if found is None:
            found = self._properties = {}
            for line in self.body:
                if isinstance(line, str):
                    end = line.find(":")
                    semicolon = line.find(";", 0, end)
                    if semicolon > 0:
                        end = semicolon
                    if end > 0:
                        name = line[:end].upper()
                        if name in found:
                            found[name].append(line[end:])
                        else:
                            found[name] = [line[end:]]
        return found

    @property
    def components(self) -> Iterator["Component"]:
        """The components directly inside."""
        return (each for each in self.body if isinstance(each, Component))

    def value(self, name: str) -> str:
        """The first value of a property, without parameters and escapes undone; or empty."""
        found = self.properties.get(name)
        if found is None:
            return ""
        rest = found[0]
        return unescaped(rest[1:] if rest[0] == ":" else split(rest)[1])


def name(line: str) -> str:
    """The upper-case name of a content line; empty where it has none."""
    head, colon, _ = line.partition(":")
    return head.partition(";")[0].upper() if colon else ""


def parse(data: bytes) -> tuple[Component, bool]:
    """All components of `data` inside a nameless one, and whether it is a whole calendar.

    It is not where nothing is a calendar, or where the text ends before the calendar does.
    """
    root = Component("")
    stack = [root]
    calendars = 0
    for line in _lines(data):
        start = line[:6].upper() if line[0] in "BEbe" else ""
        if start == "BEGIN:":
            name = line[6:].strip().upper()
            if name == "VCALENDAR":
                del stack[1:]
                calendars += 1
            elif name in _NEVER_INSIDE:
                while len(stack) > 1 and stack[-1].name != "VCALENDAR":
                    stack.pop()
            if len(stack) < _DEPTH:
                opened = Component(name)
                stack[-1].body.append(opened)
                stack.append(opened)
        elif start.startswith("END:"):
            name = line[4:].strip().upper()
            for depth in range(len(stack) - 1, 0, -1):
                if stack[depth].name == name:
                    stack[depth].whole = True
                    del stack[depth:]
                    break
        elif line[0] in ":;" and _unfinished(stack[-1].body):
            stack[-1].body[-1] += line  # Mozilla's first calendars folded with an empty line
        else:
            stack[-1].body.append(line)
    for outer, cut in pairwise(stack):
        if cut.name != "VCALENDAR":
            outer.body.pop()  # half an event is none
            break
    whole = sum(each.whole for each in root.components if each.name == "VCALENDAR")
    return root, 0 < calendars == whole


def _unfinished(body: list["str | Component"]) -> TypeGuard[list[str]]:
    """Whether the last line is a name and parameters that no value follows."""
    return bool(body) and isinstance(body[-1], str) and ":" not in body[-1]


_FOLD = re.compile(rb"\r?\n[ \t]")
_NEWLINE = re.compile(rb"\r?\n")
_ODD_END = re.compile(rb"(?<!\r)\r++\n|\r(?=[A-Za-z-]{2,60}[:;])")
"""Some programs write CR CR LF; a CR alone ends a line where a property's name follows."""
_MARK = b"\xef\xbb\xbf"


def _lines(data: bytes) -> list[str]:
    """The content lines: decoded, unfolded, without empty ones."""
    data = _utf8(data)
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    elif data.count(b"\r") > data.count(b"\r\n"):
        data = _ODD_END.sub(b"\n", data)
    # Unfolded as bytes: some programs fold inside a character.
    joined = _FOLD.sub(b"", data)
    try:
        lines = joined.decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        lines = [_decoded(line) for line in _NEWLINE.split(joined)]
    return [line for line in lines if line and not line.isspace()]


def _utf8(data: bytes) -> bytes:
    """UTF-16 made UTF-8; byte-order marks and NUL bytes left out."""
    start = data[:64]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    elif start[1:2] == b"\0" and start.count(b"\0") * 2 >= len(start) - 1:
        data = data.decode("utf-16-le", "replace").encode()
    elif start[:1] == b"\0" and start.count(b"\0") * 2 >= len(start) - 1:
        data = data.decode("utf-16-be", "replace").encode()
    # A mark before a later line was the beginning of another file once.
    return data.lstrip(_MARK).replace(b"\n" + _MARK, b"\n").replace(b"\0", b"")


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")  # and with it Latin-1


def text(component: Component) -> bytes:
    """A nameless component's contents as iCalendar writes them: CRLF, folded at 75 octets."""
    lines: list[str] = []
    _write(component, lines)
    return "".join(map(folded, lines)).encode("utf-8", "replace")


def _write(component: Component, lines: list[str]) -> None:
    if component.name:
        lines.append(f"BEGIN:{component.name}")
    for each in component.body:
        if isinstance(each, str):
            lines.append(each)
        else:
            _write(each, lines)
    if component.name:
        lines.append(f"END:{component.name}")


def folded(line: str) -> str:
    """One content line with its CRLF, folded between characters (RFC 5545 §3.1)."""
    if len(line) <= 75 and line.isascii():
        return line + "\r\n"
    parts = [""]
    room = 75
    for char in line:
        size = len(char.encode("utf-8", "replace"))
        if size > room:
            parts.append("")
            room = 74  # the space that marks the fold counts
        parts[-1] += char
        room -= size
    return "\r\n ".join(parts) + "\r\n"


_PARAMETERS = re.compile(r'((?:[^:"]++|"[^"]*+")*+):')
_PARAMETER = re.compile(r';([^=;:"]++)=((?:[^;:"]++|"[^"]*+")*+)')
_CARET = re.compile(r"\^([n'^])")
_BACKSLASH = re.compile(r"\\([nN,;\\])")


def split(rest: str) -> tuple[dict[str, str], str]:
    """The parameters (upper-case names, quotes and ^-escapes undone) and the raw value."""
    if rest[0] == ":":
        return {}, rest[1:]
    match = _PARAMETERS.match(rest)
    if match is None:  # an open quote: everything behind the first colon
        return {}, rest.partition(":")[2]
    parameters = {}
    for name, value in _PARAMETER.findall(match[1]):
        value = value.replace('"', "").strip()
        if "^" in value:
            value = _CARET.sub(lambda each: {"n": "\n", "'": '"', "^": "^"}[each[1]], value)
        parameters[name.strip().upper()] = value
    return parameters, rest[match.end() :]


def unescaped(value: str) -> str:
    """A TEXT value as it is meant."""
    if "\\" not in value:
        return value
    return _BACKSLASH.sub(lambda each: "\n" if each[1] in "nN" else each[1], value)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def escaped(value: str) -> str:
    """A TEXT value as it is written; no line break or other control character gets through."""
    value = _CONTROL.sub("", value)
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return re.sub(r"\r\n|\r|\n", r"\\n", value)


def quoted(value: str) -> str:
    """A parameter's value as it is written (RFC 6868); no control character gets through."""
    value = _CONTROL.sub("", value)
    value = re.sub(r"\r\n|\r|\n", "^n", value.replace("^", "^^")).replace('"', "^'")
    return f'"{value}"'


_STAMP = re.compile(r"(\d{8})(?:T(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})?)?", re.ASCII)
_EXTENDED = re.compile(r"[-:](?!\d{4}$)|(?<=\d\d)[.,]\d+(?=Z|[+-]|$)", re.ASCII)
"""What ISO 8601 writes more than iCalendar does; nothing reads fractions of a second."""


@lru_cache(maxsize=8192)
def stamp(value: str) -> tuple[int, str]:
    """A DATE or DATE-TIME as wall seconds and its kind: `date`, `local` or `utc`.

    Raises:
        Unreadable: no such day or hour.
    """
    match = _STAMP.fullmatch(value.strip().upper()) or _STAMP.fullmatch(
        _EXTENDED.sub("", value.strip().upper())
    )
    if match is None:
        raise Unreadable(Phrase("{value} is no date", value=clean(value, limit=40)))
    try:
        day = date(int(match[1][:4]), int(match[1][4:6]), int(match[1][6:])).toordinal() - _EPOCH
    except ValueError:
        raise Unreadable(Phrase("there is no day {value}", value=match[1])) from None
    if match[2] is None:
        return day * DAY, "date"
    hour, minute, second = int(match[2]), int(match[3]), min(int(match[4] or 0), 59)
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise Unreadable(Phrase("there is no time {value}", value=clean(value, limit=40)))
    wall = day * DAY + hour * 3600 + minute * 60 + second
    zone = match[5]
    if not zone:
        return wall, "local"
    return (wall if zone == "Z" else wall - offset(zone)), "utc"


_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)


def duration(value: str) -> tuple[int, int]:
    """A DURATION as days (nominal) and seconds (exact).

    Raises:
        Unreadable: it is none.
    """
    match = _DURATION.fullmatch(value.strip().upper())
    if match is None:
        raise Unreadable(Phrase("{value} is no duration", value=clean(value, limit=40)))
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    return sign * (weeks * 7 + days), sign * (hours * 3600 + minutes * 60 + seconds)


def offset(value: str) -> int:
    """A UTC-OFFSET (`+0200`, `-033015`) in seconds.

    Raises:
        Unreadable: it is none, or no clock on earth shows it.
    """
    match = re.fullmatch(r"([+-]?)(\d\d):?(\d\d):?(\d\d)?", value.strip(), re.ASCII)
    seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0) if match else DAY
    if match is None or seconds > 16 * 3600:
        raise Unreadable(Phrase("{value} is no offset from UTC", value=clean(value, limit=40)))
    return -seconds if match[1] == "-" else seconds
