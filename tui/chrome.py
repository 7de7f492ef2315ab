"""What the first and the last line of a screen say, as plain data and pure functions of a width."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from textual.content import Content

from tui import marks
from words import Phrase, _, many

PLACES = {
    "meetings": Phrase("Meetings"),
    "pages": Phrase("Pages"),
    "requests": Phrase("Requests"),
    "contacts": Phrase("Contacts"),
    "settings": Phrase("Settings"),
}
"""The main screens by name, in the order of their keys 1 to 5."""

State = Literal["fresh", "stale", "none", "sign_in", "opening"]
_MARKS: dict[State, str] = {
    "fresh": marks.FRESH,
    "stale": marks.STALE,
    "none": marks.NONE,
    "sign_in": marks.ALERT,
    "opening": marks.NONE,
}
_STYLES: dict[State, str] = {
    "fresh": "$accent",
    "stale": "$warning",
    "none": "$muted",
    "sign_in": "bold $error",
    "opening": "$muted",
}


@dataclass(frozen=True)
class Chrome:
    """The state that every screen shows: is the calendar connected and fresh, who waits, when.

    `who` is the vendor ("Google"), `account` its address (left out where there is no room),
    `detail` the words for the state: "1 min", "stale since 09:40", "sign in again".
    """

    state: State = "opening"
    who: str = ""
    account: str = ""
    detail: str = ""
    requests: int = 0
    now: str = ""


class Part(NamedTuple):
    """A piece of a line: what it says, and the place or command it leads to when clicked."""

    content: Content
    target: str = ""

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return self.content.cell_length


def top_parts(chrome: Chrome, here: str, width: int) -> list[Part]:
    """The first line in exactly `width` cells: where am I, who waits, is the calendar fresh.

    Tabs from 100 columns on, the screen's name below; the account, then the words of the state
    give way before anything is cut.
    """
    name = Part(Content.styled(" koble ", "bold $accent"))
    wide = width >= 100
    left = [name, *(_tabs(chrome, here) if wide else [_title(here)])]
    for right in _rights(chrome, wide):
        room = width - sum(p.width for p in left) - sum(p.width for p in right)
        if room >= 2:
            break
    else:
        left, right = [name], []
        room = width - name.width
    return [*left, Part(Content(" " * max(room, 0))), *right]


def _tabs(chrome: Chrome, here: str) -> list[Part]:
    parts = []
    for number, (place, title) in enumerate(PLACES.items(), 1):
        waiting = (
            f" {marks.DOT}{chrome.requests}" if place == "requests" and chrome.requests else ""
        )
        style = "bold $foreground" if place == here else "$muted"
        parts.append(
            Part(
                Content.assemble(
                    ("  ", ""),
                    (f"{number} ", "$muted" if place != here else "$accent"),
                    (str(title), f"{style} underline" if place == here else style),
                    (waiting, "bold $accent"),
                ),
                place,
            )
        )
    return parts


def _title(here: str) -> Part:
    title = str(PLACES[here]) if here in PLACES else here
    return Part(Content.styled(f" {title}", "bold $foreground"))


def _rights(chrome: Chrome, wide: bool) -> list[list[Part]]:
    """What may stand at the right end, the fullest first."""
    style = _STYLES[chrome.state]
    state = _MARKS[chrome.state]
    detail = chrome.detail or (_("opening…") if chrome.state == "opening" else "")
    age = f" {marks.DOT} {detail}" if detail and chrome.who else detail
    full = f"{chrome.who} {chrome.account}{age}" if chrome.account else f"{chrome.who}{age}"
    texts = [full, f"{chrome.who}{age}", detail or chrome.who, ""]
    states = [
        Part(
            Content.assemble((f"{state} ", style), (text, "$muted"), "  ")
            if text
            else Content.assemble((f"{state} ", style)),
            "settings",
        )
        for text in texts
    ]
    clock = [Part(Content.styled(f"{chrome.now} ", "$foreground"))] if chrome.now else []
    if wide:
        return [[part] for part in states]
    waiting: list[Part] = []
    if chrome.requests:
        words = many("{n} request", "{n} requests", chrome.requests)
        waiting = [Part(Content.styled(f"{words}   ", "$accent"), "requests")]
    _full, short, words_only, mark = states
    return [
        [*waiting, short, *clock],
        [*waiting, words_only, *clock],
        [short, *clock],
        [words_only, *clock],
        [mark, *clock],
        clock,
    ]


class Key(NamedTuple):
    """One entry of a footer or of a line of buttons."""

    key: str
    word: str
    id: str
    danger: bool = False


def join_keys(keys: Sequence[Key]) -> list[Key]:
    """Neighbours that share their word share one entry: `[ ] week`."""
    joined: list[Key] = []
    for key in keys:
        if joined and joined[-1].word == key.word:
            joined[-1] = joined[-1]._replace(key=f"{joined[-1].key} {key.key}")
        else:
            joined.append(key)
    return joined


def footer_parts(keys: Sequence[Key], status: str, width: int) -> list[Part]:
    """The last line in at most `width` cells: keys by worth, then `? help`, the status at right.

    `keys` come the most important first; from the end on they are left out until the rest fits.
    Help always stays.
    """
    shown = join_keys(keys)
    help_ = [key for key in shown if key.id == "help"]
    shown = [key for key in shown if key.id != "help"]
    right = [Part(Content.styled(f" {status} ", "$muted"))] if status else []
    room = width - 1 - sum(p.width for p in right)
    while shown and sum(_entry(k).width for k in shown + help_) > room:
        shown.pop()
    parts = [Part(Content(" ")), *(_entry(k) for k in shown + help_)]
    free = width - sum(p.width for p in parts + right)
    if free < 0:
        return parts if sum(p.width for p in parts) <= width else parts[:1]
    return [*parts, Part(Content(" " * free)), *right]


def _entry(key: Key) -> Part:
    return Part(
        Content.assemble((key.key, "bold $accent"), (f" {key.word}", "$muted"), "   "), key.id
    )


def offline() -> Chrome:
    """The state of a house without a calendar."""
    return Chrome(state="none", detail=_("no calendar"))
