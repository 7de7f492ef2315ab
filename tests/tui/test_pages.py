from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from desk.desk import Desk
from scheduling.pages import Page
from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import opens, press, settle, shown, until
from tui.app import KobleApp
from tui.screens.page_editor import PageEditor
from tui.screens.pages import PagesScreen
from tui.widgets.form import FormField
from tui.widgets.rows import Rows
from tui.widgets.times import Times


@pytest.fixture
def app(an_app: Any, clock: Any, tmp_path: Path) -> KobleApp:
    made: KobleApp = an_app(PagesScreen, opens(tmp_path / "home", clock))
    return made


@pytest.fixture
def empty(an_app: Any, clock: Any, tmp_path: Path) -> KobleApp:
    made: KobleApp = an_app(PagesScreen, opens(tmp_path / "home", clock, sample=False))
    return made


def field(app: KobleApp, name: str) -> FormField:
    return app.screen.query_one(f"#field-{name}", FormField)


async def fill(pilot: Pilot[Any], name: str, text: str) -> None:
    """Type over what is in a field."""
    field(pilot.app, name).go()  # type: ignore[arg-type]
    await pilot.press("end", "ctrl+u", *text)


async def test_the_page_under_the_cursor_shows_its_times(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        assert "/demo" in shown(app, "#title")
        await press(pilot, "down")
        offers = (await desk.offers.free("intro")).offers
        assert f"/intro  Intro call   ● {len(offers)} offers in 7 days" in shown(app, "#title")
        assert "before 15 min" in shown(app, "#facts")


async def test_why_not_is_a_cursor_movement(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "down", "enter")
        times = app.screen.query_one(Times)
        assert times.has_focus
        assert times.current
        assert times.current.offered
        assert "✓ offered" in shown(app, "#why")
        await press(pilot, "right", "home")
        slot = times.current
        assert not slot.offered
        reasons = await desk.offers.why("intro", slot.start)
        assert reasons
        for reason in reasons:
            assert str(reason.phrase) in shown(app, "#why")


async def test_a_page_is_made_by_keyboard_alone(empty: KobleApp) -> None:
    async with empty.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        assert "Press n to make one." in empty.screen.query_one(Rows).empty
        assert "Offline mode" in shown(empty, "#banner")
        await pilot.press("n")
        await settle(pilot)
        await pilot.press(*"intro", "tab", *"Intro call", "enter")
        await until(pilot, lambda: isinstance(empty.screen, PagesScreen))
        await settle(pilot)
        [page] = await desk.pages.all()
        assert (page.name, page.title, page.durations, page.step) == (
            "intro",
            "Intro call",
            (30,),
            30,
        )
        assert empty.screen.query_one(Rows).current.id == "intro"  # type: ignore[union-attr]


async def test_a_change_shows_what_is_gained_and_lost_before_it_is_saved(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "down", "e")
        before = shown(app, "#gained")
        await fill(pilot, "buffer_after", "0")
        await until(pilot, lambda: "+" in shown(app, "#gained"))
        await fill(pilot, "notice", "5d")
        await until(pilot, lambda: "–" in shown(app, "#gained"))
        assert shown(app, "#gained") != before
        assert (await desk.pages.get("intro")).buffer_after == 15
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PagesScreen))
        saved = await desk.pages.get("intro")
        assert (saved.buffer_after, saved.notice) == (0, 5 * 1440)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", "Not A Slug"),
        ("name", "demo"),
        ("durations", "long"),
        ("hours", "mon 9-25"),
        ("zone", "Mars/Olympus"),
        ("window", "for ever"),
        ("title", "x" * 300),
    ],
)
async def test_what_is_wrong_stands_under_its_field_and_nothing_is_saved(
    app: KobleApp, name: str, text: str
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        before = await desk.pages.all()
        await press(pilot, "down", "e")
        field(app, name).value = text
        await pilot.press("enter")
        await until(pilot, lambda: field(app, name).error)
        await settle(pilot)
        assert field(app, name).query_one(Input).has_focus
        assert isinstance(app.screen, PageEditor)
        assert await desk.pages.all() == before


async def test_hostile_text_is_text(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "down", "e")
        field(app, "title").value = "[@click=app.quit]x[/] \x1b]52;c;eA==\x07"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PagesScreen))
        await settle(pilot)
        assert (await desk.pages.get("intro")).title == "[@click=app.quit]x[/] ]52;c;eA=="
        assert "[@click=app.quit]x[/]" in shown(app, "#title")


async def test_dropped_changes_can_be_had_back(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "down", "e")
        await fill(pilot, "title", "Another title")
        await press(pilot, "escape")
        assert isinstance(app.screen, PagesScreen)
        await press(pilot, "u")
        assert isinstance(app.screen, PageEditor)
        assert field(app, "title").value == "Another title"


async def test_each_field_says_what_it_is_for(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        told = set()
        for each in app.screen.query(FormField):
            assert each.has_focus_within
            told.add(shown(app, "#about"))
            await press(pilot, "tab")
        assert len(told) == len(app.screen.query(FormField))
        assert all(told)


async def test_help_tells_that_enter_in_a_field_saves(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "n", "f1")
        told = [" ".join(map(str, row.cells)) for row in app.screen.query_one(Rows).rows]
        assert "Enter  F2 Save page" in told


async def test_a_limit_of_nothing_is_told_under_the_limits(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "down", "e")
        await fill(pilot, "limits", "day 0")
        await press(pilot, "enter")
        assert isinstance(app.screen, PageEditor)
        assert field(app, "limits").error.startswith("A limit cannot be less than 1.")


async def test_a_deleted_page_comes_back(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)

        async def names(desk: Desk) -> list[str]:
            return [page.name for page in await desk.pages.all()]

        await press(pilot, "down", "D")
        assert await names(desk) == ["demo", "office"]
        await press(pilot, "u")
        assert await names(desk) == ["demo", "intro", "office"]


async def test_a_closed_page_offers_nothing(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "down", "o")
        assert not (await desk.pages.get("intro")).enabled
        assert (await desk.offers.free("intro")).offers == ()
        assert "closed" in shown(app, "#title")


async def test_a_page_that_another_process_adds_appears(app: KobleApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        other = await Desk.open(desk.home, clock=app.clock)
        await other.pages.add(Page(name="another"))
        await other.close()
        await desk.read(lambda store: None)
        await until(pilot, lambda: "another" in [row.id for row in app.screen.query_one(Rows).rows])


def prepared(*keys: str) -> Any:
    async def prepare(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)

    return prepare


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "keys",
    [(), ("down", "enter", "right", "home"), ("down", "e"), ("n",), ("e", "ctrl+t", "home")],
    ids=["list", "why", "edit", "new", "edit-why"],
)
def test_pictures(snap_compare: Any, app: KobleApp, size: Any, keys: tuple[str, ...]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=prepared(*keys))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
def test_picture_without_pages(snap_compare: Any, empty: KobleApp, size: Any) -> None:
    assert snap_compare(empty, terminal_size=size, run_before=prepared())
