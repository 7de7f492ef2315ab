"""Pens: styles as a terminal is told them, and the shortest way from one to another.

A pen is a string: the codes of SGR as Textual writes them ("" for the terminal's own style), and
for a hyperlink its id and its address in two more lines. How Textual writes a style is private.
"""

from functools import lru_cache

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

# What turns each attribute off: 1 bold, 2 dim, 3 italic, 4 underline, 5 and 6 blink, 7 reverse,
# 8 conceal, 9 strike, 21 double underline, 51 frame, 52 circle, 53 overline.
_ENDS = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25"}
_ENDS |= {"7": "27", "8": "28", "9": "29", "51": "54", "52": "54", "53": "55"}
# Those that show on a blank.
_LINES = {"4", "9", "21", "51", "52", "53"}


class Surprise(Exception):
    """Something that a frame does not understand, and Textual may."""


def pen_of(style: Style | None, system: ColorSystem) -> str:
    """A style as Textual writes it: its codes, and its hyperlink in two more lines."""
    if style is None:
        return ""
    codes = style._ansi
    if codes is None:
        codes = Strip.render_ansi(style, system)
    return f"{codes}\n{style._link_id}\n{style._link}" if style._link else codes


@lru_cache(4096)
def alike(pen: str, other: str) -> bool:
    """Whether a blank looks the same in both: its background and lines show, nothing else."""
    (attributes, ground, _), (others, other_ground, _) = map(_parts, (pen, other))
    if "\n" in pen + other or "7" in attributes | others:
        return pen == other
    return ground == other_ground and attributes & _LINES == others & _LINES


@lru_cache(4096)
def bare(pen: str) -> bool:
    """Whether of a blank nothing but the background shows: the same as erasing it."""
    return "\n" not in pen and not _parts(pen)[0] & (_LINES | {"7"})


@lru_cache(4096)
def order(pen: str) -> tuple[str, str, str]:
    """Sorts pens so that as little as possible changes from one to the next."""
    _, ground, text = _parts(pen)
    return ground, text, pen


@lru_cache(4096)
def change(old: str, new: str) -> str:
    """What makes of one pen another, the shorter way."""
    old, _, was = old.partition("\n")
    new, _, link = new.partition("\n")
    link_id, _, address = link.partition("\n")
    out = ""
    if was != link:
        out = f"\x1b]8;id={link_id};{address}\x1b\\" if link else "\x1b]8;;\x1b\\"
    if old == new:
        return out
    if not new:
        return f"{out}\x1b[m"
    attributes, ground, text = _parts(old)
    wanted, new_ground, new_text = _parts(new)
    ends = {_ENDS[code] for code in attributes - wanted}
    begins = {code for code in wanted if code not in attributes or _ENDS[code] in ends}
    codes = [*sorted(ends), *sorted(begins)]
    if text != new_text:
        codes.append(new_text or "39")
    if ground != new_ground:
        codes.append(new_ground or "49")
    afresh = f"0;{new}"
    return f"{out}\x1b[{min(';'.join(codes), afresh, key=len)}m"


def _parts(pen: str) -> tuple[set[str], str, str]:
    """Attributes, background and text colour of a pen; "" for the terminal's own."""
    codes = pen.partition("\n")[0]
    attributes: set[str] = set()
    ground = text = ""
    rest = iter(codes.split(";") if codes else ())
    for code in rest:
        if code in ("38", "48"):
            kind = next(rest)
            colour = ";".join((code, kind, *(next(rest) for _ in range(3 if kind == "2" else 1))))
        else:
            colour = code
        if code in _ENDS:
            attributes.add(code)
        elif code == "48" or code.startswith("10") or (len(code) == 2 and code[0] == "4"):
            ground = "" if code == "49" else colour
        elif code[0] in "39":
            text = "" if code == "39" else colour
        else:
            raise Surprise(codes)
    return attributes, ground, text
