"""The last thing between the screens and the terminal: no control character passes.

Foreign text is cleaned where a record is made of it. Textual hands whatever a widget holds to the
terminal, so this holds should any text have come another way.
"""

import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.marks import ASCII

# Controls, formats (bidi, tags, fillers), surrogates, line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # formats too, but part of scripts and emoji


class Plain(LineFilter):
    """Drops what a terminal would obey; in ASCII mode, puts marks and letters of ASCII instead."""

    def __init__(self, *, ascii: bool = False) -> None:
        super().__init__()
        self.ascii = ascii

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line's segments, safe to write; the same list where nothing had to change."""
        ascii = self.ascii
        for text, _style, control in segments:
            if not control and not (text.isprintable() and (not ascii or text.isascii())):
                break
        else:
            return segments
        safe = _ascii if ascii else _printable
        return [
            segment if segment.control else Segment(safe(segment.text), segment.style)
            for segment in segments
        ]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        c if unicodedata.category(c) not in _UNSAFE or c in _JOINERS else " " * cell_len(c)
        for c in text
    )


def _ascii(text: str) -> str:
    text = _printable(text)
    if text.isascii():
        return text
    return "".join(c if c.isascii() else ASCII.get(c) or _letter(c) for c in text)


def _letter(char: str) -> str:
    """The nearest ASCII for one character, as many cells wide as the character."""
    if unicodedata.combining(char):
        return ""
    base = unicodedata.normalize("NFKD", char)[0]
    if not base.isascii() or not base.isprintable():
        base = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ı": "i"}.get(char, "?")
        if char.isspace():
            base = " "
    return base * (2 if unicodedata.east_asian_width(char) in "WF" else 1)
