from typing import Any

import pytest
from textual.widgets import Input, Static

from scheduling.errors import ErrorKind, KobleError
from tests.tui.conftest import LARGE, SMALL
from tests.tui.samples import ExchangeSample, RequestsSample
from tui import clipboard
from tui.commands.general import GoToPages
from tui.screens.copy import CopyScreen
from tui.screens.help import HelpScreen
from tui.screens.jump import JumpScreen, letters
from tui.screens.palette import PaletteScreen, fuzzy
from tui.screens.search import Hit, SearchScreen
from tui.widgets.form import FormField, show_error
from tui.widgets.lines import Verbs
from tui.widgets.rows import Rows
from words import Phrase


async def test_errors_stand_under_their_fields_and_the_first_wrong_one_has_the_focus(
    an_app: Any,
) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(form := ExchangeSample())
        await pilot.pause()
        await pilot.press("tab", "tab", "enter")
        fields = {field.name: field for field in form.query(FormField)}
        below = {name: field.query_one(".below", Static) for name, field in fields.items()}
        assert str(below["email"].render()) == "✗ This is needed."
        assert str(below["password"].render()) == "✗ This is needed."
        assert not below["url"].display
        assert fields["email"].query_one(Input).has_focus
        await pilot.press(*"jdoe", "enter")
        await pilot.press("x", "enter")
        assert str(below["email"].render()) == "✗ An address has an @: jdoe@example.com"
        assert str(below["password"].render()) == "With two-factor sign-in, use an app password."


async def test_a_form_gives_its_values_when_nothing_is_missing(an_app: Any) -> None:
    got: list[Any] = []
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(ExchangeSample(), got.append)
        await pilot.pause()
        await pilot.press(*" a@b ", "tab", *"p w ", "enter")
        assert got == [{"email": "a@b", "password": "p w ", "username": "", "url": ""}]


async def test_an_error_of_the_desk_finds_its_field(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(form := ExchangeSample())
        await pilot.pause()
        error = KobleError(ErrorKind.INVALID, Phrase("No such server."), field="url")
        assert show_error(form, error)
        await pilot.pause()
        field = form.query_one("#field-url", FormField)
        assert field.error == "No such server."
        assert field.query_one(Input).has_focus
        assert not show_error(form, KobleError(ErrorKind.UNAVAILABLE, Phrase("No network.")))
        assert field.error == ""


async def test_a_dialog_says_its_keys_with_the_way_out_first(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(ExchangeSample(), lambda result: got.append(result))
        got: list[Any] = []
        await pilot.pause()
        verbs = app.screen.query_one(Verbs)
        assert verbs.render().plain.split() == ["Esc", "cancel", "Enter", "connect", "inbox"]
        await pilot.click(Verbs, offset=(verbs.render().plain.index("cancel"), 0))
        assert got == [None]


@pytest.mark.parametrize("size", [(60, 15), SMALL, LARGE])
async def test_a_dialog_lies_within_the_screen(an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=size) as pilot:
        for key in ("question_mark", "ctrl+p", "slash"):
            await pilot.press(key)
            box = app.screen.query_one("#box").region
            assert app.screen.region.contains_region(box)
            assert box.contains_region(app.screen.query_one(Verbs).region)
            await pilot.press("escape")


async def test_help_says_what_has_the_focus_first_and_runs_what_is_chosen(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        rows = app.screen.query_one(Rows)
        headings = [row.cells[0] for row in rows.rows if row.heading and row.cells[0]]
        assert headings == ["List", "Requests", "Everywhere"]
        rows.select("accept-sample")
        await pilot.pause()
        more = app.screen.query_one("#more", Static)
        assert str(more.render()).startswith("Accept the request under the cursor")
        await pilot.press("enter")
        await pilot.pause()
        assert "accept" in app.screen.did


async def test_the_key_of_help_closes_it_again(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        for key in ("question_mark", "f1"):
            await pilot.press(key)
            assert isinstance(app.screen, HelpScreen)
            await pilot.press(key)
            assert isinstance(app.screen, RequestsSample)


async def test_the_palette_narrows_and_runs(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("colon", *"acrq")
        assert isinstance(app.screen, PaletteScreen)
        assert [row.id for row in app.screen.query_one(Rows).rows] == ["accept-sample"]
        await pilot.press("enter")
        await pilot.pause()
        assert "accept" in app.screen.did


async def test_arrows_move_in_the_palette_while_it_is_typed_in(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p", *"go", "down", "down")
        rows = app.screen.query_one(Rows)
        assert rows.cursor == 2
        assert app.screen.query_one(Input).has_focus
        await pilot.press("up", *"zzz")
        assert rows.current is None
        await pilot.press("enter")
        assert not isinstance(app.screen, PaletteScreen)


@pytest.mark.parametrize(
    ("letters", "text", "hits"),
    [
        ("", "Quit", []),
        ("gtm", "Go to meetings", [0, 3, 6]),
        ("req", "Go to requests", [6, 7, 8]),
        ("GO", "Go to requests", [0, 1]),
        ("go req", "Go to requests", [0, 1, 6, 7, 8]),
        ("eet", "Go to meetings", [7, 8, 9]),
        ("x", "Go to meetings", None),
        ("tog", "Go to", None),
    ],
)
def test_letters_are_found_at_the_starts_of_words_first(
    letters: str, text: str, hits: list[int] | None
) -> None:
    assert fuzzy(letters, text) == hits


async def test_search_asks_and_opens_what_was_found(an_app: Any) -> None:
    asked: list[str] = []

    async def search(text: str) -> list[Hit]:
        asked.append(text)
        return [Hit("Page", "/intro", "30 min", GoToPages())] if text == "in" else []

    app = an_app(None, screens={"meetings": RequestsSample, "pages": RequestsSample})
    app.search = search
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("slash", *"in")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, SearchScreen)
        (row,) = app.screen.query_one(Rows).rows
        assert [str(cell) for cell in row.cells] == ["Page", "/intro", "30 min"]
        await pilot.press("enter")
        await pilot.pause()
        assert app.current_mode == "pages"
    assert asked[-1] == "in"


async def test_search_says_when_nothing_is_called_that(an_app: Any) -> None:
    async def search(text: str) -> list[Hit]:
        return []

    app = an_app(RequestsSample)
    app.search = search
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("slash", *"zz")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.screen.query_one(Rows).empty == "Nothing is called that."
        await pilot.press("enter")
        assert isinstance(app.screen, SearchScreen)


async def test_a_letter_jumps_to_a_row(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f")
        assert isinstance(app.screen, JumpScreen)
        assert list(app.screen.letters) == ["a", "b", "c"]
        await pilot.press("c")
        await pilot.pause()
        assert app.screen.query_one(Rows).current.id == "2"
        await pilot.press("ctrl+o", "z")
        assert isinstance(app.screen, RequestsSample)
        await pilot.press("f", "escape")
        assert isinstance(app.screen, RequestsSample)


def test_labels_are_of_one_length_and_enough() -> None:
    assert letters(3) == ["a", "b", "c"]
    assert letters(27)[:2] == ["aa", "ab"]
    assert len(set(letters(400))) == 400


async def test_what_is_copied_is_shown_too(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        clipboard.copy(app, "Thu 4 Mar 14:30 [/]")
        await pilot.pause()
        assert app.clipboard == "Thu 4 Mar 14:30 [/]"
        assert isinstance(app.screen, CopyScreen)
        assert str(app.screen.query_one("#copied", Static).render()) == "Thu 4 Mar 14:30 [/]"


async def test_too_much_for_a_terminal_is_only_shown(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        clipboard.copy(app, "x" * 80_000)
        await pilot.pause()
        assert app.clipboard == ""
        assert isinstance(app.screen, CopyScreen)
