from pathlib import Path

import pytest

from desk.page_file import load
from tests.cli.conftest import PAGE, Koble


def test_a_page_is_applied_listed_shown_and_deleted(koble: Koble, tmp_path: Path) -> None:
    file = tmp_path / "intro.toml"
    file.write_text(PAGE, encoding="utf-8")

    added = koble("page", "apply", str(file), "--json")
    assert (added.code, added.json["created"]) == (0, True)
    assert koble("page", "apply", str(file), "--json").json["created"] is False
    [listed] = koble("page", "list", "--json").json["pages"]
    assert listed == added.json["page"] == koble("page", "show", "intro", "--json").json["page"]
    assert koble("page", "delete", "intro", "--json").json["deleted"] is True
    assert koble("page", "list", "--json").json == {"pages": []}


def test_the_keys_of_a_shown_page_are_those_of_the_file(koble: Koble, page: None) -> None:
    shown = koble("page", "show", "intro", "--json").json["page"]

    assert shown["durations"] == [30, 60]
    assert shown["hours"] == [
        {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "13:00"}
    ]
    assert shown["window"] == {"days": 60}
    assert shown["buffer_after"] == 0


def test_a_page_for_a_person_is_a_file_that_can_be_applied(koble: Koble, page: None) -> None:
    shown = koble("page", "show", "intro").out

    assert load(shown) == load(PAGE)
    assert koble("page", "apply", "-", stdin=shown).out == "Page changed: /intro.\n"


def test_without_pages_the_list_says_what_to_do(koble: Koble) -> None:
    assert "koble page apply" in koble("page", "list").out


def test_pages_for_a_person_are_a_table(koble: Koble, page: None) -> None:
    koble("page", "apply", "-", stdin=PAGE.replace("intro", "old") + "\n[limits]\nday = 2\n")
    koble("page", "apply", "-", stdin='enabled = false\nname = "off"\n')

    lines = koble("page", "list").out.splitlines()

    assert [line.split()[0] for line in lines] == ["Name", "/intro", "/off", "/old"]
    assert lines[2].endswith("off")


def test_an_unknown_page_tells_the_nearest_name(koble: Koble, page: None) -> None:
    told = koble("page", "show", "inro", "--json")

    assert told.code == 2
    assert told.json["error"]["kind"] == "not_found"
    assert told.json["error"]["hint"] == "Did you mean intro?"
    for words in (["free", "inro"], ["why", "inro", "2026-12-01"], ["page", "delete", "inro"]):
        failed = koble(*words)
        assert (failed.code, failed.out) == (2, "")
        assert "Did you mean intro?" in failed.err


@pytest.mark.parametrize(
    ("file", "field", "said"),
    [
        ("name = ", "file", "TOML"),
        ("durations = [30]", "file", "name"),
        ('name = "x"\ndurration = 30', "durration", "Did you mean durations?"),
        ('name = "x"\n"\\u001b[31m" = 1', "[31m", "Known keys"),
        ('name = "x"\nzone = "Europe/Olso"', "zone", "Europe/Oslo"),
        ('name = "x"\nnotice = "soon"', "notice", "soon"),
        ('name = "x"\ndurations = [0]', "durations", ""),
        ('name = "x"\n[[hours]]\ndays = "mon"\nstart = "9"\nend = "13:00"', "hours", "9"),
        ('name = "x"\nwindow = { days = 3, business_days = 2 }', "window", ""),
        ('name = "../x"', "name", ""),
    ],
)
def test_a_wrong_file_is_refused_with_the_field(
    koble: Koble, file: str, field: str, said: str
) -> None:
    told = koble("page", "apply", "-", "--json", stdin=file)

    assert told.code == 2
    error = told.json["error"]
    assert error["kind"] == "invalid"
    assert error["field"] == field
    assert said in f"{error['message']} {error['hint']}"
    assert koble("page", "list", "--json").json == {"pages": []}


def test_a_file_that_cannot_be_read_is_told(koble: Koble, tmp_path: Path) -> None:
    missing = koble("page", "apply", str(tmp_path / "none.toml"), "--json")
    assert (missing.code, missing.json["error"]["field"]) == (2, "file")
    assert koble("page", "apply", str(tmp_path)).code == 2
    assert koble("page", "apply", "-", stdin=b"\xff\xfe\x00").code == 2
    assert koble("page", "apply", "-", stdin=b"#" * 2_000_000).code == 2
    assert koble("page", "apply", "a\x00b").code == 2


def test_hostile_titles_are_shown_and_never_obeyed(koble: Koble) -> None:
    title = "[/] [@click=app.quit]x \\u001b]52;c;eA==\\u0007 \\u202etxt.exe"
    koble("page", "apply", "-", stdin=f'name = "x"\ntitle = "{title}"\n')

    for words in (
        ["page", "list"],
        ["page", "show", "x"],
        ["free", "x"],
        ["page", "list", "--json"],
    ):
        told = koble(*words).out
        assert told.replace("\n", "").isprintable()
        assert "[/] [@click=app.quit]x" in told
