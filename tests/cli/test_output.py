import io

import pytest

from cli.output import Answer, Output, Table, cells, cut, plain


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(table: Table, *, width: int | None = None, terminal: bool = False) -> str:
    out = Terminal() if terminal else io.StringIO()
    Output(json=False, stdout=out, stderr=out, width=width).answer(Answer({}, [table]))
    return out.getvalue()


TABLE = Table(("Name", "Note", "N"), [("Ada", "", "5"), ("Grace", "", "10")], right=(2,))


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    assert shown(TABLE) == "Name    N\nAda     5\nGrace  10\n"


def test_headings_are_bold_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in shown(TABLE)
    assert shown(TABLE, terminal=True).startswith("\x1b[1mName    N\x1b[m\n")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(TABLE, terminal=True)


def test_a_table_fits_the_terminal_and_is_whole_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = Table(("When", "Title"), [("09:00", "x" * 100), ("10:00", "日本語" * 20)])
    assert all(cells(line) <= 40 for line in shown(table, width=40).splitlines())
    assert "…" in shown(table, width=40)
    assert "x" * 100 in shown(table)
    monkeypatch.setenv("COLUMNS", "30")
    assert max(map(cells, shown(table, terminal=True).splitlines())) <= 30 + len("\x1b[1m\x1b[m")


def test_the_first_column_is_cut_last() -> None:
    table = Table(("When", "What"), [("Mon 23 Nov 10:30–11:00", "y" * 40)])

    assert shown(table, width=40).splitlines()[1] == f"Mon 23 Nov 10:30–11:00  {'y' * 15}…"
    assert shown(table, width=20).splitlines()[1] == "Mon 23 Nov…   yyyyy…"


def test_text_is_cut_by_cells() -> None:
    assert cut("日本語", 6) == "日本語"
    assert cut("日本語", 5) == "日本…"
    assert cut("e\u0301" * 5, 4) == "e\u0301" * 3 + "…"
    assert cut("", 3) == ""


@pytest.mark.parametrize("odd", ["\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u200b", "\ufeff"])
def test_nothing_that_a_terminal_obeys_gets_out(odd: str) -> None:
    out = io.StringIO()
    for json in (True, False):
        output = Output(json=json, stdout=out, stderr=out)
        table = Table((odd,), [(f"a{odd}b",)])
        output.answer(Answer({"text": f"a{odd}b"}, [f"a{odd}b", table]))
        output.note(f"a{odd}b")
        output.usage(f"a{odd}b", f"a{odd}b")

    assert odd not in out.getvalue()
    assert "ab" in out.getvalue()


def test_indentation_and_other_scripts_stay() -> None:
    assert plain("    start = '09:00'") == "    start = '09:00'"
    assert plain("Blåbærsyltetøy 日本語 👩‍💻") == "Blåbærsyltetøy 日本語 👩‍💻"
    assert plain("a\u00a0b") == "a b"
