"""The marks of the screens, each one cell wide, and what stands for them in plain ASCII.

Widgets write the Unicode mark. Where the terminal has none (the locale's encoding is not UTF-8,
or KOBLE_ASCII is set), `plain.Plain` puts the other one in its place on the way out.
"""

import locale
import os

FRESH = "●"
STALE = "◐"
NONE = "○"
ALERT = "!"
CURSOR = "▸"
DONE = "✓"
WRONG = "✗"
REQUIRED = "*"
ON = "■"
OFF = "□"
MAYBE = "░"
MORE = "⋯"
DOT = "·"
DASH = "–"

ASCII = {
    FRESH: "*",
    STALE: "~",
    NONE: "o",
    CURSOR: ">",
    DONE: "+",
    WRONG: "x",
    ON: "#",
    OFF: "-",
    MAYBE: ":",
    MORE: "~",
    DOT: "-",
    DASH: "-",
    "—": "-",
    "…": "~",
    "•": "*",
    "›": ">",
    "‹": "<",
    "↑": "^",
    "↓": "v",
    "←": "<",
    "→": ">",
    "’": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "▒": ":",
    "▓": "#",
    "█": "#",
    "▀": '"',
    "▄": "_",
    "▌": "|",
    "▐": "|",
    "▔": "-",
    "▁": ".",
    "▂": ".",
    "▃": ":",
    "▅": "+",
    "▆": "*",
    "▇": "#",
    "▎": "|",
    "▊": "|",
    "▏": "|",
    "▕": "|",
    "─": "-",
    "━": "=",
    "│": "|",
    "┃": "|",
    "╎": "|",
    "╌": "-",
} | dict.fromkeys("┌┐└┘╭╮╰╯├┤┬┴┼┏┓┗┛╔╗╚╝", "+")


def wants_ascii() -> bool:
    """Whether the environment asks for ASCII: by KOBLE_ASCII, or by an encoding without marks."""
    asked = os.environ.get("KOBLE_ASCII", "")
    if asked:
        return asked != "0"
    return locale.getpreferredencoding(False).lower().replace("-", "") != "utf8"
