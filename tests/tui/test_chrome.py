import pytest

from tui.chrome import Chrome, Key, footer_parts, join_keys, offline, top_parts

FRESH = Chrome("fresh", "Google", "ada@example.com", "1 min", 2, "14:03")
STATES = [
    FRESH,
    Chrome("stale", "Office 365", "ada@example.com", "stale since 09:40", 12, "14:03"),
    Chrome("sign_in", "Exchange", "jdoe@a-long-name.example.com", "sign in again", 0, "9:59"),
    offline(),
    Chrome(),
]
KEYS = [
    Key("Enter", "open", "open"),
    Key("b", "book", "book"),
    Key("[", "week", "previous-week"),
    Key("]", "week", "next-week"),
    Key("/", "find", "search"),
    Key("?", "help", "help"),
]


def text(parts: list) -> str:
    return "".join(part.content.plain for part in parts)


def test_the_first_line_at_120_columns() -> None:
    left, right = text(top_parts(FRESH, "meetings", 120)).split("●")
    assert left.rstrip() == " koble   1 Meetings  2 Pages  3 Requests ·2  4 Contacts  5 Settings"
    assert right == " Google ada@example.com · 1 min  "


def test_the_first_line_at_80_columns() -> None:
    assert text(top_parts(FRESH, "meetings", 80)) == (
        " koble  Meetings                           2 requests   ● Google · 1 min  14:03 "
    )


def test_states_are_said_by_a_mark_and_by_words() -> None:
    said = [text(top_parts(state, "pages", 100)).split("Settings")[1].strip() for state in STATES]
    assert said == [
        "● Google · 1 min",
        "◐ stale since 09:40",
        "! Exchange · sign in again",
        "○ no calendar",
        "○ opening…",
    ]


@pytest.mark.parametrize("width", range(8, 161))
@pytest.mark.parametrize("chrome", STATES, ids=lambda state: state.state)
def test_the_first_line_is_never_cut(chrome: Chrome, width: int) -> None:
    parts = top_parts(chrome, "requests", width)
    assert sum(part.width for part in parts) == width
    assert text(parts).startswith(" koble ")


@pytest.mark.parametrize("chrome", STATES, ids=lambda state: state.state)
def test_the_mark_of_the_connection_is_there_from_40_columns_on(chrome: Chrome) -> None:
    for width in range(40, 161):
        assert set("●◐○!") & set(text(top_parts(chrome, "requests", width)))


def test_a_click_on_the_first_line_leads_somewhere() -> None:
    assert [p.target for p in top_parts(FRESH, "pages", 120) if p.target] == [
        "meetings",
        "pages",
        "requests",
        "contacts",
        "settings",
        "settings",
    ]


def test_keys_of_one_word_share_an_entry() -> None:
    assert [(key.key, key.word) for key in join_keys(KEYS)][2] == ("[ ]", "week")


def test_the_last_line_at_80_columns() -> None:
    assert text(footer_parts(KEYS, "", 80)).rstrip() == (
        " Enter open   b book   [ ] week   / find   ? help"
    )


@pytest.mark.parametrize("width", range(10, 100))
@pytest.mark.parametrize("status", ["", "reading 3 of 7 calendars"])
def test_the_last_line_fits_and_help_stays(status: str, width: int) -> None:
    said = text(footer_parts(KEYS, status, width))
    assert len(said) <= width
    if width >= 12 + len(status) + 2:
        assert "? help" in said


def test_what_matters_least_gives_way_first() -> None:
    assert text(footer_parts(KEYS, "", 36)).rstrip() == " Enter open   b book   ? help"
    assert text(footer_parts(KEYS, "syncing", 60)).rstrip().endswith("syncing")
