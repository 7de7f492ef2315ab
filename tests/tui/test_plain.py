import unicodedata

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui import marks
from tui.plain import Plain

BACK = Color(0, 0, 0)
HOSTILE = "a\x1b]52;c;UFdORUQ=\x1b\\b\x9d0;x\x9c\x7f\u202ec\u2066d\U000e0041\u2028e\u00ad"


def through(plain: Plain, text: str) -> str:
    return "".join(segment.text for segment in plain.apply([Segment(text)], BACK))


def test_what_a_terminal_would_obey_does_not_pass() -> None:
    for plain in (Plain(), Plain(ascii=True)):
        said = through(plain, HOSTILE)
        assert {unicodedata.category(c) for c in said} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
        assert said.replace(" ", "") == "a]52;c;UFdORUQ=\\b0;xcde"


@pytest.mark.parametrize("text", [HOSTILE, "Grüße", "日程 3", "e\u0301", "a\u00a0b", "●…"])
@pytest.mark.parametrize("ascii", [False, True])
def test_a_line_keeps_its_width(text: str, ascii: bool) -> None:
    assert cell_len(through(Plain(ascii=ascii), text)) == cell_len(text)


def test_words_in_other_scripts_and_emoji_pass_unchanged() -> None:
    for text in ("Grüße, Łukasz", "日程", "موعد", "👩‍👩‍👧", "e\u0301", "a\u00a0b"):
        assert through(Plain(), text) == text


def test_a_line_without_anything_to_change_is_handed_on_as_it_is() -> None:
    line = [Segment("Plain text", Style(bold=True)), Segment(" · and marks ●")]
    assert Plain().apply(line, BACK) is line


def test_ascii_mode_speaks_ascii_only() -> None:
    assert through(Plain(ascii=True), "● Møte … 14:30–15:00 ┌─┐ → ✓ Łódź 日") == (
        "* Mote ~ 14:30-15:00 +-+ > + Lodz ??"
    )


def test_every_mark_is_one_cell_in_both_columns() -> None:
    for name, mark in vars(marks).items():
        if name.isupper() and isinstance(mark, str):
            assert cell_len(mark) == 1, name
            assert mark.isascii() or mark in marks.ASCII, name
    for mark, plain in marks.ASCII.items():
        assert cell_len(mark) == 1
        assert len(plain) == 1
        assert plain.isascii()


@pytest.mark.parametrize(
    ("asked", "encoding", "wants"),
    [("", "UTF-8", False), ("", "ANSI_X3.4-1968", True), ("1", "UTF-8", True), ("0", "x", False)],
)
def test_ascii_is_chosen_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, asked: str, encoding: str, wants: bool
) -> None:
    monkeypatch.setenv("KOBLE_ASCII", asked)
    monkeypatch.setattr(marks.locale, "getpreferredencoding", lambda _do: encoding)
    assert marks.wants_ascii() is wants
