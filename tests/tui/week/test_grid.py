from datetime import date
from typing import Any

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from scheduling.events import Blocking
from tests.tui.week.sample import MONDAY, OSLO, Host, at, busy_week, event, hours, utc
from tui.themes import DARK, LIGHT, TERMINAL
from tui.week.data import WeekData
from tui.week.grid import WeekGrid

SMALL, LARGE, TINY = (80, 24), (120, 40), (44, 24)


class Kept(WeekGrid):
    """Keeps what it tells."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str, list[str]]] = []
        self.regions: list[Region] = []
        self.whole = 0

    def post_message(self, message: Any) -> bool:
        if isinstance(message, WeekGrid.Told):
            titles = [entry.title for entry in message.entries]
            self.told.append((type(message).__name__, utc(message.instant), titles))
        elif isinstance(message, WeekGrid.RangeChosen):
            self.told.append(("RangeChosen", f"{utc(message.start)} {utc(message.end)}", []))
        return super().post_message(message)

    def refresh(self, *regions: Region, **options: Any) -> Any:
        self.regions += regions
        self.whole += not regions
        return super().refresh(*regions, **options)


async def shown(pilot: Pilot[None], grid: WeekGrid, week: WeekData, cursor: str = "") -> None:
    grid.show(week, at(cursor) if cursor else None)
    grid.focus()
    await pilot.pause()
    if isinstance(grid, Kept):
        grid.told.clear()
        grid.regions.clear()
        grid.whole = 0


async def test_the_cursor_starts_at_now_if_the_week_holds_it() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week())
        assert grid.cursor == at("2027-03-04 14:00")


async def test_the_cursor_starts_at_the_first_working_hour_of_another_week() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(now=at("2027-02-01 12:00")))
        assert grid.cursor == at("2027-03-01 09:00")


async def test_arrows_and_letters_move_by_half_hours_and_days() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-04 12:00")
        await pilot.press("down", "j", "up", "right", "k", "h", "left", "l")
        await pilot.pause()
        assert [when[5:] for _, when, _ in grid.told] == [
            "03-04 11:30", "03-04 12:00", "03-04 11:30", "03-05 11:30",
            "03-05 11:00", "03-04 11:00", "03-03 11:00", "03-04 11:00",
        ]  # fmt: skip


async def test_left_and_right_go_through_what_stands_side_by_side() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=LARGE) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-02 11:00")
        await pilot.press("left", "left", "left", "right")
        await pilot.pause()
        assert [(when[5:], titles) for _, when, titles in grid.told[:2]] == [
            ("03-01 10:00", ["Dentist"]),
            ("03-01 10:00", ["Planning with the whole team"]),
        ]


async def test_a_step_repaints_two_half_hours_of_one_day_and_no_more() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-04 12:00")
        await pilot.press("down")
        await pilot.pause()
        assert grid.whole == 0
        assert [(r.width, r.height) for r in grid.regions] == [(11, 1), (11, 1)]


async def test_events_are_visited_in_order_and_the_strip_comes_first() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-03 23:30")
        await pilot.press("e", "e", "e", "e", "E")
        await pilot.pause()
        assert [titles[0] for _, _, titles in grid.told] == [
            "Winter holiday", "Standup", "Maybe", "Intro call", "Maybe",
        ]  # fmt: skip


async def test_enter_opens_free_time_an_event_or_all_behind_a_count() -> None:
    grid = Kept()
    entries = [
        event("2027-03-02 10:00", "2027-03-02 11:00", title) for title in ("One", "Two", "Three")
    ]
    week = WeekData(first_day=MONDAY, zone=OSLO, now=0, entries=entries)
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, week, "2027-03-02 09:00")
        await pilot.press("enter", "e", "enter", "right", "enter")
        await pilot.pause()
        opened = [(when[11:], titles) for name, when, titles in grid.told if name == "Opened"]
        assert opened == [("08:00", []), ("09:00", ["One"]), ("09:00", ["Three", "Two"])]


async def test_running_off_the_week_asks_for_the_one_beside_it_at_the_same_wall_time() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        week = WeekData(first_day=date(2027, 3, 22), zone=OSLO, now=0)
        await shown(pilot, grid, week, "2027-03-28 10:00")
        await pilot.press("right")
        await pilot.pause()
        assert grid.told == [("Turned", utc(at("2027-03-29 10:00")), [])]
        assert grid.cursor == at("2027-03-28 10:00")


async def test_a_range_is_started_grown_and_taken() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-02 15:00")
        await pilot.press("v", "up", "up", "right", "enter", "enter")
        await pilot.pause()
        told = [each for each in grid.told if each[0] != "CursorMoved"]
        assert told[0][:2] == ("RangeChosen", "2027-03-02 13:00 2027-03-02 14:30")
        assert told[1][0] == "Opened"


async def test_a_range_can_be_dropped() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-02 15:00")
        await pilot.press("v", "down")
        await pilot.pause()
        assert grid.selection == (at("2027-03-02 15:00"), at("2027-03-02 16:00"))
        await pilot.press("escape")
        await pilot.pause()
        assert grid.selection is None


async def test_the_cursor_steps_over_a_skipped_hour_and_through_both_passes() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        week = WeekData(first_day=date(2027, 3, 22), zone=OSLO, now=0)
        await shown(pilot, grid, week, "2027-03-28 01:30")
        await pilot.press("down", "up")
        await pilot.pause()
        assert [when[11:] for _, when, _ in grid.told] == ["01:00", "00:30"]
        week = WeekData(first_day=date(2027, 10, 25), zone=OSLO, now=0)
        await shown(pilot, grid, week, "2027-10-31 02:00")
        await pilot.press("down", "down", "down", "down")
        await pilot.pause()
        assert [when[11:] for _, when, _ in grid.told] == ["00:30", "01:00", "01:30", "02:00"]


async def test_the_hours_scroll_after_the_cursor_and_tell_what_is_out_of_sight() -> None:
    grid = WeekGrid()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-06 12:00")
        assert grid.render_line(23).text.startswith("↓1")
        await pilot.press("e")
        await pilot.pause()
        assert "Away" not in [entry.title for entry in grid.under_cursor]
        assert any("Concert" in grid.render_line(y).text for y in range(4, 24))
        assert grid.render_line(1).text.startswith("↑")


async def test_below_60_columns_the_shown_day_follows_the_cursor() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=TINY) as pilot:
        await shown(pilot, grid, busy_week())
        await pilot.press("right")
        await pilot.pause()
        assert any("Alan Turing" in grid.render_line(y).text for y in range(24))
        await pilot.press("e")
        await pilot.pause()
        assert grid.told[-1][2] == ["Concert"]


async def test_a_minute_later_only_the_line_of_now_is_drawn_again() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week())
        grid.set_now(at("2027-03-04 14:04"))
        assert grid.whole == 0
        assert all(region.height == 1 for region in grid.regions)
        assert any(grid.render_line(y).text.startswith("14:04") for y in range(24))


async def test_the_same_week_with_new_data_keeps_the_cursor() -> None:
    grid = WeekGrid()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-02 12:30")
        grid.show(busy_week(entries=[]))
        assert grid.cursor == at("2027-03-02 12:30")
        assert grid.under_cursor == ()


async def test_a_click_moves_the_cursor_and_a_second_one_opens() -> None:
    grid = Kept()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week(), "2027-03-04 12:00")
        line = next(y for y in range(24) if "Lunch" in grid.render_line(y).text)
        x = grid.render_line(line).text.index("Lunch")
        await pilot.click(grid, offset=(x, line))
        await pilot.click(grid, offset=(x, line))
        await pilot.pause()
        assert [(name, titles) for name, _, titles in grid.told] == [
            ("CursorMoved", ["Lunch"]), ("Opened", ["Lunch"]),
        ]  # fmt: skip


async def test_jumping_knows_every_event_in_sight() -> None:
    grid = WeekGrid()
    async with Host(grid).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week())
        targets = grid.jump_targets()
        assert len({region for region, _ in targets}) == len(targets)
        seen = set()
        for _, name in targets:
            grid.jump_to(name)
            seen |= {entry.title for entry in grid.under_cursor}
        assert {"Winter holiday", "Away", "Standup", "Lunch", "Intro call"} <= seen
        assert "Concert" not in seen


@pytest.mark.parametrize("title", ["[/]", "[@click=app.exit]Join[/]", "\x1b[31mred", "a\u202eb"])
async def test_hostile_titles_reach_the_screen_as_words(title: str) -> None:
    grid = WeekGrid()
    entries = [
        event("2027-03-02 10:00", "2027-03-02 11:30", title, location=title),
        event("2027-03-03 10:00", "2027-03-03 11:30", title, blocking=Blocking.NO),
        event("2027-03-04 00:00", "2027-03-05 00:00", title, all_day=True),
    ]
    week = WeekData(first_day=MONDAY, zone=OSLO, now=0, entries=entries)
    async with Host(grid).run_test(size=LARGE) as pilot:
        await shown(pilot, grid, week, "2027-03-02 10:00")
        lines = [grid.render_line(y) for y in range(40)]
        assert all(line.text.isprintable() for line in lines)
        assert not any(s.style and s.style.meta for line in lines for s in line)


async def test_in_ascii_no_other_character_is_left() -> None:
    grid = WeekGrid()
    async with Host(grid, theme=TERMINAL, ascii=True).run_test(size=SMALL) as pilot:
        await shown(pilot, grid, busy_week())
        text = "".join(strip.text for strip in grid.render_lines(Region(0, 0, *SMALL)))
        assert text.isascii()
        assert text.count("?") == 5  # the request's mark, and two wide letters


async def _week(pilot: Pilot[None]) -> None:
    grid = pilot.app.query_one(WeekGrid)
    await shown(pilot, grid, busy_week(), "2027-03-04 14:30")


@pytest.mark.parametrize("size", [SMALL, LARGE, TINY], ids=str)
@pytest.mark.parametrize("theme", [DARK, LIGHT, TERMINAL])
def test_the_week_as_a_picture(snap_compare: Any, size: tuple[int, int], theme: str) -> None:
    app = Host(WeekGrid(), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=_week)


def test_a_range_over_offers_as_a_picture(snap_compare: Any) -> None:
    async def choose(pilot: Pilot[None]) -> None:
        grid = pilot.app.query_one(WeekGrid)
        offers = [at(f"2027-03-05 {hour}:{minute}") for hour in (14, 15) for minute in ("00", 30)]
        week = busy_week(offers=offers, hours=hours(MONDAY), second_zone="America/New_York")
        await shown(pilot, grid, week, "2027-03-02 14:00")
        await pilot.press("v", "down", "down")

    assert snap_compare(Host(WeekGrid()), terminal_size=SMALL, run_before=choose)
