from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from scheduling.events import Blocking
from tests.tui.week.sample import MONDAY, OSLO, at, busy_week, event
from tui.week.axis import Axis
from tui.week.data import Entry, Kind, WeekData
from tui.week.layout import (
    LANES,
    NARROWEST,
    Block,
    Part,
    Sorted,
    arrange,
    busy_share,
    sort_entries,
)

START = at("2027-03-01 00:00")
QUARTERS = 7 * 96


def week_of(entries: list[Entry]) -> WeekData:
    return WeekData(first_day=MONDAY, zone=OSLO, now=0, entries=entries)


def sort(entries: list[Entry], first: date = MONDAY) -> Sorted:
    return sort_entries(week_of(entries), Axis(first, 7, OSLO))


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    spans = draw(
        st.lists(
            st.tuples(st.integers(-200, QUARTERS + 100), st.integers(0, 200), st.integers(0, 899)),
            max_size=40,
        )
    )
    return [
        Entry(
            start=START + start * 900 + odd,
            end=START + (start + length) * 900,
            title=f"e{number}",
            blocking=draw(st.sampled_from(Blocking)),
            kind=draw(st.sampled_from(Kind)),
            all_day=draw(st.booleans()) and length > 90,
        )
        for number, (start, length, odd) in enumerate(spans)
    ]


def cells(block: Block) -> set[tuple[int, int]]:
    return {
        (quarter, cell)
        for quarter in range(block.top, block.bottom)
        for cell in range(block.left, block.left + block.width)
    }


@given(entries(), st.integers(NARROWEST, 40))
def test_no_two_blocks_of_a_day_share_a_cell(found: list[Entry], width: int) -> None:
    for parts in sort(found).parts:
        taken: set[tuple[int, int]] = set()
        for block in arrange(parts, width):
            mine = cells(block)
            assert mine
            assert all(0 <= cell < width for _, cell in mine)
            assert taken.isdisjoint(mine)
            taken |= mine


@given(entries(), st.integers(NARROWEST, 40))
def test_every_event_is_drawn_or_counted_on_each_of_its_days(
    found: list[Entry], width: int
) -> None:
    for parts in sort(found).parts:
        blocks = arrange(parts, width)
        drawn = [block.entries[0] for block in blocks if not block.more]
        counted = {id(entry) for block in blocks if block.more for entry in block.entries}
        assert len({id(entry) for entry in drawn}) == len(drawn)
        assert {id(entry) for entry in drawn} | counted == {id(part.entry) for part in parts}
        assert counted.isdisjoint({id(entry) for entry in drawn})


@given(entries(), st.integers(NARROWEST, 40))
def test_an_event_is_as_wide_as_the_narrowest_and_has_a_row_for_its_title(
    found: list[Entry], width: int
) -> None:
    for parts in sort(found).parts:
        for block in arrange(parts, width):
            assert block.more or block.width >= NARROWEST
            assert block.bottom // 2 - (block.top + 1) // 2 >= 1


@given(entries())
def test_all_that_lies_in_the_week_is_in_a_day_or_in_the_strip(found: list[Entry]) -> None:
    axis = Axis(MONDAY, 7, OSLO)
    sorted_ = sort(found)
    seen = {id(part.entry) for day in sorted_.parts for part in day}
    seen |= {id(bar.entry) for bar in sorted_.strip.bars}
    seen |= {id(entry) for day in sorted_.strip.hidden for entry in day}
    for entry in found:
        last = max(entry.end - 1, entry.start)
        inside = entry.start < axis.starts[-1] and last >= axis.starts[0]
        assert (id(entry) in seen) == inside


@given(entries())
def test_bars_of_the_strip_do_not_overlap_and_leave_the_last_row_to_counts(
    found: list[Entry],
) -> None:
    strip = sort(found).strip
    taken: set[tuple[int, int]] = set()
    for bar in strip.bars:
        mine = {(bar.lane, day) for day in range(bar.first, bar.last + 1)}
        assert taken.isdisjoint(mine)
        taken |= mine
    assert strip.rows <= LANES
    for day, hidden in enumerate(strip.hidden):
        assert not hidden or (LANES - 1, day) not in taken


def part(top: int, bottom: int, title: str = "", **more: object) -> Part:
    entry = Entry(start=top, end=bottom, title=title, **more)  # type: ignore[arg-type]
    return Part(top, bottom, entry, top, bottom)


def placed(parts: list[Part], width: int) -> dict[str, tuple[int, int]]:
    return {b.entries[0].title: (b.left, b.width) for b in arrange(parts, width) if not b.more}


def test_a_column_is_used_again_as_soon_as_its_last_event_ended() -> None:
    found = placed([part(0, 8, "a"), part(0, 2, "b"), part(2, 4, "c")], 20)
    assert found == {"a": (0, 10), "b": (10, 10), "c": (10, 10)}


def test_an_event_grows_into_free_columns_to_its_right() -> None:
    found = placed([part(0, 2, "a"), part(0, 2, "b"), part(0, 8, "c"), part(4, 8, "d")], 18)
    assert found["d"] == (6, 12)


def test_events_that_only_touch_do_not_narrow_each_other() -> None:
    assert placed([part(0, 3, "a"), part(3, 6, "b")], 9) == {"a": (0, 9), "b": (0, 9)}


def test_where_columns_are_too_narrow_what_blocks_and_is_short_stays() -> None:
    parts = [part(0, 12, "long"), part(2, 4, "free", blocking=Blocking.NO), part(4, 6, "short")]
    blocks = arrange(parts, 10)
    assert {b.entries[0].title for b in blocks if not b.more} == {"free", "short"}
    assert [(b.top, b.bottom, len(b.entries)) for b in blocks if b.more] == [(0, 12, 1)]


def test_a_count_says_how_many_are_hidden_at_that_time() -> None:
    parts = [part(0, 8, "a"), part(0, 8, "b"), part(0, 4, "c", blocking=Blocking.NO)]
    counts = [block for block in arrange(parts, 10) if block.more]
    assert [(b.top, b.bottom, len(b.entries)) for b in counts] == [(0, 4, 2), (4, 8, 1)]


def test_below_nine_cells_overlapping_events_are_one_block_with_their_number() -> None:
    (block,) = arrange([part(0, 4, "a"), part(2, 6, "b")], 8)
    assert block.more
    assert (block.left, block.width, len(block.entries)) == (0, 8, 2)


def test_an_event_past_midnight_is_split_over_its_days() -> None:
    days = sort([event("2027-03-02 22:00", "2027-03-03 01:30", "Night")]).parts
    assert [(p.top, p.bottom, p.begins, p.ends) for p in days[1]] == [(88, 96, True, False)]
    assert [(p.top, p.bottom, p.begins, p.ends) for p in days[2]] == [(0, 6, False, True)]


def test_an_event_that_ends_at_midnight_is_not_on_the_next_day() -> None:
    days = sort([event("2027-03-02 22:00", "2027-03-03 00:00", "Late")]).parts
    assert [len(day) for day in days] == [0, 1, 0, 0, 0, 0, 0]


def test_a_short_event_takes_a_row_and_keeps_its_true_quarters() -> None:
    days = sort([event("2027-03-01 09:15", "2027-03-01 09:20", "Call")]).parts
    (found,) = days[0]
    assert (found.top, found.bottom, found.start, found.end) == (36, 38, 37, 38)


def test_busy_share_counts_time_once_and_free_time_not() -> None:
    parts = [part(0, 4), part(2, 4), part(4, 8, blocking=Blocking.NO)]
    assert busy_share(parts, 0, 8) == 0.5
    assert busy_share(parts, 4, 8) == 0.0


def test_an_all_day_event_of_several_days_is_one_bar() -> None:
    week = busy_week()
    strip = sort_entries(week, Axis(MONDAY, 7, OSLO)).strip
    found = [(bar.entry.title, bar.lane, bar.first, bar.last) for bar in strip.bars]
    assert found == [("Winter holiday", 0, 3, 5), ("Away", 0, 6, 6)]
