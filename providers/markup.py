"""HTML in what people write of a meeting, as plain text."""

import re
from html import unescape

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from scheduling.text import clean_lines

_LONGEST = 80_000
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:[\s/][^<>]*)?)>")
_TAGS = (
    "a b big blockquote body br code dd div dl dt em font h1 h2 h3 h4 h5 h6 hr html html-blob i img"
    " li ol p pre s small span strong sub sup table tbody td th thead tr u ul"
)
_KNOWN = frozenset(_TAGS.split())
_HREF = re.compile(r"""href\s*=\s*["']?(https?://[^\s"'<>]+)""", re.IGNORECASE)
_GAP = re.compile(r"\n{3,}")
_BREAKS = {"br", "p", "div", "li", "tr", "blockquote", "hr", *(f"h{n}" for n in range(1, 7))}


def plain(text: str) -> str:
    """A description in which there may be HTML, as plain text: every client writes its own."""
    text = text[:_LONGEST]
    if "<" in text:
        text = _TAG.sub(_said, text)
        text = _GAP.sub("\n\n", text) if "\n\n\n" in text else text
    return clean_lines(unescape(text) if "&" in text else text)


def page(text: str) -> str:
    """A whole HTML page, as mail programs make one of a description, as plain text."""
    # Line ends are spaces there, as in every page.
    text = " ".join(text[:_LONGEST].split())
    if not text:
        return ""
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), HTMLParser(encoding="utf-8"))
    except etree.ParserError:  # nothing but a comment
        return ""
    etree.strip_elements(root, etree.Comment, "head", "style", "script", with_tail=False)
    names = {str(each.tag) for each in root.iter(etree.Element)}
    etree.strip_tags(root, *(names - _KNOWN))
    lines = plain(etree.tostring(root, encoding="unicode", method="html")).split("\n")
    return "\n".join(line.strip() for line in lines)


def _said(tag: re.Match[str]) -> str:
    """What a tag comes to: a line break, the address of a link, or nothing."""
    closing, name, rest = tag[1], tag[2].lower(), tag[3]
    if name not in _KNOWN:
        return tag[0]  # an address in angle brackets, as many people write it
    if name == "li":
        return "" if closing else "\n- "
    if name in _BREAKS:
        return "\n" if name == "br" or closing else ""
    if name == "a" and not closing and (found := _HREF.search(rest)):
        # An address that stands there anyway is not said twice.
        shown = tag.string[tag.end() : tag.end() + len(found[1])]
        return "" if unescape(shown) == unescape(found[1]) else f"{found[1]} "
    return ""
