from typing import Any, ClassVar

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.tui.conftest import SMALL
from tui.screens.base import KobleScreen
from tui.widgets.rows import Row, Rows

PEOPLE = [
    Row("", ("This week",), heading=True),
    Row("alan", ("Fri 5", "Alan Turing", "in 20 h")),
    Row("edsger", ("Sat 6", "Edsger Dijkstra", "in 2 days")),
    Row("", ("Later",), heading=True),
    Row("grace", ("Mon 8", "Grace Hopper", "in 4 days"), dim=True),
]
MANY = [Row(str(n), (f"{n}", f"Person {n}", "")) for n in range(100)]


class ListScreen(KobleScreen):
    PLACE = "requests"
    rows: ClassVar[list[Row]] = PEOPLE

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []

    def body(self) -> ComposeResult:
        yield Rows(self.rows, columns=(8, 0, -10), empty="No requests. Press n to share a page.")

    @on(Rows.Chosen)
    def chosen(self, event: Rows.Chosen) -> None:
        self.said.append((type(event).__name__, event.row.id))

    @on(Rows.Moved)
    def moved(self, event: Rows.Moved) -> None:
        self.said.append((type(event).__name__, event.row.id))


class LongScreen(ListScreen):
    rows: ClassVar[list[Row]] = MANY


class EmptyScreen(ListScreen):
    rows: ClassVar[list[Row]] = []


def of(pilot: Pilot[Any]) -> Rows:
    return pilot.app.screen.query_one(Rows)


def text(rows: Rows) -> list[str]:
    return [rows.render_line(y).text.rstrip() for y in range(rows.size.height)]


async def test_the_cursor_skips_headings_and_stays_within(an_app: Any) -> None:
    async with an_app(ListScreen).run_test(size=SMALL) as pilot:
        seen = []
        for key in ["j", "j", "j", "down", "k", "k", "up", "up"]:
            await pilot.press(key)
            seen.append(of(pilot).current.id)
        assert seen == ["edsger", "grace", "grace", "grace", "edsger", "alan", "alan", "alan"]


async def test_moving_and_choosing_are_told(an_app: Any) -> None:
    async with an_app(ListScreen).run_test(size=SMALL) as pilot:
        await pilot.press("j", "enter", "G", "g", "g")
        assert pilot.app.screen.said == [
            ("Moved", "edsger"),
            ("Chosen", "edsger"),
            ("Moved", "grace"),
            ("Moved", "alan"),
        ]


async def test_columns_stand_under_each_other(an_app: Any) -> None:
    async with an_app(ListScreen).run_test(size=SMALL) as pilot:
        lines = text(of(pilot))
        assert lines[0] == "  This week"
        assert lines[1].startswith("▸ Fri 5     Alan Turing ")
        assert lines[2].startswith("  Sat 6     Edsger Dijkstra ")
        assert [len(line) for line in lines[1:3]] == [79, 79]
        assert lines[1].endswith(" in 20 h")


async def test_a_long_list_scrolls_with_its_cursor(an_app: Any) -> None:
    async with an_app(LongScreen).run_test(size=SMALL) as pilot:
        rows = of(pilot)
        await pilot.press("G")
        assert rows.current.id == "99"
        assert text(rows)[-1].startswith("▸ 99")
        await pilot.press("pageup")
        assert rows.current.id == str(99 - (rows.size.height - 1))
        await pilot.press("g", "pagedown")
        assert rows.current.id == str(rows.size.height - 1)


async def test_new_rows_keep_the_cursor_on_what_it_was_on(an_app: Any) -> None:
    async with an_app(ListScreen).run_test(size=SMALL) as pilot:
        rows = of(pilot)
        rows.select("grace")
        rows.show([PEOPLE[4], PEOPLE[1]])
        assert rows.current == PEOPLE[4]
        rows.show([PEOPLE[1]])
        assert rows.current == PEOPLE[1]
        rows.show([])
        assert rows.current is None
        rows.show(PEOPLE)
        assert rows.current == PEOPLE[1]


async def test_an_empty_list_says_why_and_which_key_helps(an_app: Any) -> None:
    async with an_app(EmptyScreen).run_test(size=SMALL) as pilot:
        assert text(of(pilot))[1] == "  No requests. Press n to share a page."
        await pilot.press("enter", "j", "G")
        assert pilot.app.screen.said == []


async def test_a_click_moves_the_cursor_and_a_second_one_chooses(an_app: Any) -> None:
    async with an_app(ListScreen).run_test(size=SMALL) as pilot:
        await pilot.click(Rows, offset=(10, 2))
        assert pilot.app.screen.said == [("Moved", "edsger")]
        await pilot.click(Rows, offset=(10, 2))
        assert ("Chosen", "edsger") in pilot.app.screen.said
        await pilot.click(Rows, offset=(10, 0))
        assert of(pilot).current.id == "edsger"


async def test_one_step_repaints_two_lines(an_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with an_app(ListScreen).run_test(size=SMALL) as pilot:
        rows = of(pilot)
        await pilot.pause()
        painted: list[int] = []
        render_line = Rows.render_line

        def watch(self: Rows, y: int) -> Any:
            painted.append(y)
            return render_line(self, y)

        monkeypatch.setattr(Rows, "render_line", watch)
        rows.cursor += 1
        await pilot.pause()
        assert sorted(set(painted)) == [1, 2]
