"""Foreign text, made safe for a terminal once, where a record is made of it."""

import re
import unicodedata

# C0 but tab and newline, DEL, C1; bidi embeddings, overrides and isolates; line and paragraph
# separators; the byte-order mark, soft hyphen and other invisible fillers; tag characters;
# lone surrogates. A terminal obeys the first of these, and the others hide or turn round text.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
# A joiner is part of many emoji and scripts; runs of them only hide things.
_JOINERS = re.compile("[\u200c\u200d]{2,}")
_SPACES = re.compile(r"[\t\n ]+")


def clean(text: str, *, limit: int = 300) -> str:
    """One line of `text` without anything that a terminal would obey, `limit` characters at most.

    More than two combining marks on one character are dropped; runs of white space become one
    space.
    """
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # as most are
    return _trim(_SPACES.sub(" ", _safe(text[: limit * 8])).strip(), limit)


def clean_lines(text: str, *, limit: int = 20_000) -> str:
    """As `clean`, with lines and tabs kept."""
    text = text[: limit * 4].replace("\r\n", "\n").replace("\r", "\n")
    return _trim(_safe(text).strip(), limit)


def _safe(text: str) -> str:
    if text.isascii() and text.replace("\n", " ").replace("\t", " ").isprintable():
        return text
    text = _JOINERS.sub("", _UNSAFE.sub("", text.replace("\r", " ")))
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 2:
            kept.append(char)
    return "".join(kept)


def _trim(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
