"""The week as a list, and the small month."""

from datetime import date
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.week.sample import MONDAY, OSLO, Host, at, busy_week, event
from tui.week.agenda import Agenda, agenda_rows
from tui.week.data import Entry, WeekData
from tui.week.month import HEIGHT, WIDTH, MiniMonth, month_lines


def said(week: WeekData) -> list[str]:
    return [" | ".join(str(c) for c in row.cells if c) for row in agenda_rows(week)[0]]


def test_the_list_says_in_words_what_the_grid_shows_by_marks() -> None:
    lines = said(busy_week())
    start = lines.index("Thursday 4 March, today")
    assert lines[start : start + 9] == [
        "Thursday 4 March, today",
        "all day | Winter holiday | free · until Sat 6",
        "09:00–09:30 | Standup",
        "11:00–12:00 | Maybe | tentative",
        "14:30–15:30 | Intro call | ● koble · Grace Hopper",
        "Friday 5 March",
        "09:00–09:30 | Standup",
        "10:15–11:15 | 会議 with 👩‍🚀 team",
        "13:00–14:00 | Alan Turing | request · Intro call",
    ]
    assert lines[-1] == "all day | Away | away"


def test_times_carry_their_offset_on_days_when_clocks_change() -> None:
    start = at("2027-10-31 02:30")
    twice = [Entry(start=start, end=start + 3600, title="Twice")]
    week = WeekData(first_day=date(2027, 10, 25), zone=OSLO, now=0, entries=twice)
    assert said(week) == ["Sunday 31 October", "02:30+02–02:30+01 | Twice"]


def test_the_list_holds_only_the_week() -> None:
    entries = [
        event("2027-02-28 22:00", "2027-03-01 01:00", "Over midnight"),
        event("2027-02-28 22:00", "2027-03-01 00:00", "Before"),
        event("2027-03-08 00:00", "2027-03-08 01:00", "After"),
    ]
    week = WeekData(first_day=MONDAY, zone=OSLO, now=0, entries=entries)
    assert said(week) == ["Monday 1 March", "22:00–01:00 | Over midnight"]


async def test_enter_opens_the_entry_of_the_row() -> None:
    opened: list[tuple[int, str]] = []

    class Kept(Agenda):
        def post_message(self, message: Any) -> bool:
            if isinstance(message, Agenda.Opened):
                opened.append((message.instant, message.entries[0].title))
            return super().post_message(message)

    agenda = Kept()
    async with Host(agenda).run_test(size=(50, 20)) as pilot:
        agenda.show_week(busy_week())
        agenda.focus()
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert opened == [(at("2027-03-01 10:00"), "Planning with the whole team")]


async def test_the_cursor_stays_on_its_entry_when_others_come() -> None:
    agenda = Agenda()
    entries = list(busy_week().entries)
    async with Host(agenda).run_test(size=(50, 20)) as pilot:
        agenda.show_week(busy_week(entries=entries))
        agenda.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        assert agenda.under_cursor[0].title == "Dentist"
        entries.append(event("2027-03-01 07:00", "2027-03-01 08:00", "Swim"))
        agenda.show_week(busy_week(entries=entries))
        assert agenda.under_cursor[0].title == "Dentist"


async def test_an_empty_week_says_so() -> None:
    agenda = Agenda()
    async with Host(agenda).run_test(size=(50, 20)):
        agenda.show_week(busy_week(entries=[]))
        assert agenda.under_cursor == ()
        lines = [agenda.render_line(y).text for y in range(20)]
        assert any("Nothing lies in this week." in line for line in lines)


def test_the_list_as_a_picture(snap_compare: Any) -> None:
    async def show(pilot: Pilot[None]) -> None:
        pilot.app.query_one(Agenda).show_week(busy_week())
        pilot.app.query_one(Agenda).focus()

    assert snap_compare(Host(Agenda()), terminal_size=(60, 30), run_before=show)


def month(first: date, today: date) -> list[str]:
    return ["".join(text for text, _ in runs).rstrip() for runs in month_lines(first, today, ())]


def test_the_small_month_marks_today_and_the_shown_week() -> None:
    assert month(MONDAY, date(2027, 3, 4)) == [
        " March 2027",
        " Mo Tu We Th Fr Sa Su",
        "▸ 1  2  3 [4] 5  6  7",
        "  8  9 10 11 12 13 14",
        " 15 16 17 18 19 20 21",
        " 22 23 24 25 26 27 28",
        " 29 30 31",
    ]


def test_a_week_over_the_end_of_a_month_belongs_to_the_month_with_most_of_it() -> None:
    assert month(date(2027, 3, 29), date(2027, 4, 4))[:4] == [
        " April 2027",
        " Mo Tu We Th Fr Sa Su",
        "▸          1  2  3 [4]",
        "  5  6  7  8  9 10 11",
    ]


def test_weeks_may_start_on_sunday() -> None:
    assert month(date(2026, 11, 1), date(2026, 11, 11))[1:4] == [
        " Su Mo Tu We Th Fr Sa",
        "▸ 1  2  3  4  5  6  7",
        "  8  9 10[11]12 13 14",
    ]


def test_days_with_meetings_are_told_by_weight() -> None:
    runs = month_lines(MONDAY, date(2027, 3, 4), {date(2027, 3, 9)})[3]
    assert [style for _, style in runs[:3]] == ["muted", "busy", "muted"]


def test_no_month_is_larger_than_its_place() -> None:
    for number in range(1, 13):
        for day in (1, 15, 28):
            lines = month_lines(date(2026, number, day), date(2026, number, day), ())
            assert len(lines) <= HEIGHT
            assert all(len("".join(text for text, _ in runs)) <= WIDTH for runs in lines)


async def test_a_click_chooses_a_day() -> None:
    chosen: list[date] = []

    class Kept(MiniMonth):
        def post_message(self, message: Any) -> bool:
            if isinstance(message, MiniMonth.Chosen):
                chosen.append(message.day)
            return super().post_message(message)

    widget: Widget = Kept()
    async with Host(widget).run_test(size=(30, 10)) as pilot:
        assert isinstance(widget, MiniMonth)
        widget.show(MONDAY, date(2027, 3, 4))
        await pilot.click(widget, offset=(7, 3))
        await pilot.pause()
        assert chosen == [date(2027, 3, 10)]


def test_the_small_month_as_a_picture(snap_compare: Any) -> None:
    async def show(pilot: Pilot[None]) -> None:
        busy = {date(2027, 3, day) for day in (1, 2, 4, 9, 11, 24)}
        pilot.app.query_one(MiniMonth).show(MONDAY, date(2027, 3, 4), busy)

    assert snap_compare(Host(MiniMonth()), terminal_size=(26, 10), run_before=show)
