"""What a person sees, as text."""

import random
from datetime import date

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from scheduling.events import Blocking
from tests.tui.week.sample import MONDAY, OSLO, at, busy_week, dump, event, hours, painter
from tui.week.data import Entry, WeekData
from tui.week.head import head_runs, height
from tui.week.paint import Cursor
from tui.week.runs import fit, plain_text, wrap


def week(first: date, entries: list[Entry], **more: object) -> WeekData:
    values = {"first_day": first, "zone": OSLO, "now": at("2027-01-01 00:00"), "entries": entries}
    return WeekData(**(values | more))  # type: ignore[arg-type]


class Drawing(SingleFileSnapshotExtension):
    """An expected drawing, in a text file of its own."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


@pytest.fixture
def drawing(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Drawing)


def test_a_busy_week_at_80_columns(drawing: SnapshotAssertion) -> None:
    assert dump(painter(busy_week(), 80), range(15, 34)) == drawing


def test_a_busy_week_at_120_columns(drawing: SnapshotAssertion) -> None:
    assert dump(painter(busy_week(), 120), range(16, 32)) == drawing


def test_a_busy_week_without_surfaces_shows_bars(drawing: SnapshotAssertion) -> None:
    assert dump(painter(busy_week(), 80, plain=True), range(18, 30)) == drawing


def test_below_60_columns_one_day_stands_under_the_density_of_the_week(
    drawing: SnapshotAssertion,
) -> None:
    assert dump(painter(busy_week(), 44, focus_day=3), range(18, 31)) == drawing


def test_an_empty_week(drawing: SnapshotAssertion) -> None:
    drawn = painter(week(MONDAY, [], hours=hours(MONDAY)), 80)
    assert dump(drawn, range(16, 21)) == drawing


def test_the_day_on_which_an_hour_is_skipped(drawing: SnapshotAssertion) -> None:
    entries = [
        event("2027-03-28 01:30", "2027-03-28 04:00", "Run"),
        event("2027-03-24 01:30", "2027-03-24 03:30", "Deploy"),
    ]
    assert dump(painter(week(date(2027, 3, 22), entries), 80), range(1, 9)) == drawing


def test_the_day_on_which_an_hour_comes_twice(drawing: SnapshotAssertion) -> None:
    entries = [
        event("2027-10-31 01:30", "2027-10-31 04:00", "Backup"),
        event("2027-10-27 02:00", "2027-10-27 04:00", "Deploy"),
    ]
    assert dump(painter(week(date(2027, 10, 25), entries), 80), range(2, 12)) == drawing


def test_a_second_zone_has_an_axis_of_its_own(drawing: SnapshotAssertion) -> None:
    drawn = painter(week(MONDAY, [], second_zone="Asia/Kolkata"), 80)
    assert dump(drawn, range(16, 20)) == drawing


def test_more_all_day_events_than_rows_are_counted(drawing: SnapshotAssertion) -> None:
    spans = [
        ("Trip", "2027-03-01", "2027-03-04"),
        ("Day two", "2027-03-02", "2027-03-03"),
        ("Fair", "2027-03-02", "2027-03-04"),
        ("Birthday", "2027-03-02", "2027-03-03"),
        ("Off", "2027-03-05", "2027-03-07"),
        ("From before", "2027-02-26", "2027-03-02"),
    ]
    entries = [
        event(f"{first} 00:00", f"{after} 00:00", title, all_day=True)
        for title, first, after in spans
    ]
    late = ("2027-03-06 00:00", "2027-03-12 00:00", "Until later")
    entries.append(event(*late, all_day=True, blocking=Blocking.SOFT))
    assert dump(painter(week(MONDAY, entries), 80), range(16, 17)) == drawing


def test_offers_are_light_marks_in_free_time(drawing: SnapshotAssertion) -> None:
    offers = [at(f"2027-03-05 {clock}") for clock in ("09:30", "09:45", "12:00")]
    assert dump(painter(busy_week(offers=offers), 80), range(18, 25)) == drawing


def test_days_on_which_the_zones_are_otherwise_apart_say_so() -> None:
    drawn = painter(week(date(2027, 3, 8), [], second_zone="America/New_York"), 80)
    names = plain_text(head_runs(drawn, 1))
    assert names.split()[:4] == ["-05", "+01", "Mon", "8"]
    assert names.endswith("Sat 13   Su14 -04")


@pytest.mark.parametrize("first", [date(2024, 4, 19), date(2024, 4, 26), date(2024, 10, 25)])
def test_a_clock_change_at_midnight_beside_the_week_is_no_trouble(first: date) -> None:
    drawn = painter(WeekData(first_day=first, zone="Africa/Cairo", now=0, entries=[]), 80)
    assert "Africa/Cairo" in plain_text(head_runs(drawn, 0))


@pytest.mark.parametrize("width", [30, 44, 59, 60, 66, 80, 99, 100, 120, 200])
@pytest.mark.parametrize("plain", [True, False])
def test_every_line_is_exactly_as_wide_as_the_widget(width: int, plain: bool) -> None:
    drawn = painter(busy_week(), width, plain=plain)
    for row in range(drawn.axis.rows):
        assert cell_len(plain_text(drawn.row_runs(row))) == width
    for y in range(height(drawn)):
        assert cell_len(plain_text(head_runs(drawn, y))) == width


def test_ten_thousand_events_in_a_week_are_drawn_or_counted() -> None:
    pick = random.Random(3)
    start = at("2027-03-01 00:00")
    entries = [
        Entry(start=(begin := start + pick.randrange(0, 604_800, 900)), end=begin + 1800)
        for _ in range(10_000)
    ]
    drawn = painter(week(MONDAY, entries), 120)
    seen = {id(e) for d in range(7) for r in range(48) for b in drawn.at(d, r) for e in b.entries}
    assert len(seen) == 10_000


@pytest.mark.parametrize(
    "title",
    [
        "[/]",
        "[@click=app.quit]x[/]",
        "\x1b]52;c;eA==\x07",
        "\u202eevil",
        "a\u0301\u0301\u0301\u0301",
    ],
)
def test_hostile_titles_are_words_and_never_more(title: str) -> None:
    entries = [
        event("2027-03-01 10:00", "2027-03-01 12:00", title, location=title),
        event("2027-03-02 10:00", "2027-03-02 12:00", title, blocking=Blocking.NO),
        event("2027-03-03 00:00", "2027-03-04 00:00", title, all_day=True),
    ]
    drawn = painter(week(MONDAY, entries), 120)
    text = dump(drawn, range(18, 26), Cursor(0, 20, drawn.at(0, 20)[0]))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert ("[/]" in text) == ("[/]" in title)


def test_wide_characters_are_cut_at_cells() -> None:
    assert fit("会議室", 5) == "会議 "
    assert cell_len(fit("👩‍🚀👩‍🚀👩‍🚀", 3)) == 3


def test_words_are_kept_whole_where_that_works() -> None:
    assert wrap("Plan the trip", 8, 3) == ["Plan the", "trip"]
    assert wrap("Dentist", 5, 2) == ["Dent", "ist"]
    assert wrap("Maybe workshop", 9, 1) == ["Maybe workshop"]


def test_the_cursor_says_its_time_where_there_are_no_words() -> None:
    drawn = painter(busy_week(), 80)
    runs = drawn.day_runs(4, 22, Cursor(4, 22))
    assert plain_text(runs).strip() == "·▸11:00"
    assert {look.back for _, look in runs} == {"ground", "cursor"}


def test_a_range_is_marked_in_the_gutter() -> None:
    drawn = painter(busy_week(), 80)
    cursor = Cursor(4, 30, anchor=28)
    assert [plain_text(drawn.day_runs(4, row, cursor))[0] for row in (27, 28, 29, 30, 31)] == [
        " ", "┃", "┃", "┃", " ",
    ]  # fmt: skip


def test_the_now_line_crosses_today_only() -> None:
    drawn = painter(busy_week(now=at("2027-03-06 12:10")), 80)
    line = plain_text(drawn.row_runs(24))
    assert line.startswith("12:10")
    assert line.count("▸") == 1
    assert plain_text(drawn.day_runs(5, 24)) == "▸─────────"
