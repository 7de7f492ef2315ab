import pytest

from desk.page_file import changed, dump, load
from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import Hours, Limit, Limits, Override, Page, Window

FULL = """
name = "intro"
title = "Intro call"
durations = [30, 60]
step = 30
anchor = "pack"
buffer_before = 15
buffer_after = "15m"
buffer_between = "sum"
notice = "4h"
window = { days = 14 }
zone = "Europe/Oslo"

[[hours]]
days = ["mon-thu", "sat"]
start = "09:00"
end = "16:00"

[[hours]]
days = ["fri"]
start = "22:00"
end = "24:00"

[[overrides]]
date = 2026-12-24

[[overrides]]
date = "2026-12-23"
ranges = [["09:00", "12:00"], "13:00-14:30"]

[limits]
day = 4
week = { bookings = 10, minutes = 600 }
"""

PAGE = Page(
    name="intro",
    title="Intro call",
    durations=(30, 60),
    step=30,
    anchor="pack",
    buffer_before=15,
    buffer_after=15,
    buffer_between="sum",
    notice=240,
    window=Window(days=14),
    zone="Europe/Oslo",
    hours=(
        Hours(days=("mon", "tue", "wed", "thu", "sat"), start="09:00", end="16:00"),
        Hours(days=("fri",), start="22:00", end="24:00"),
    ),
    overrides=(
        Override(date="2026-12-24"),
        Override(date="2026-12-23", ranges=(("09:00", "12:00"), ("13:00", "14:30"))),
    ),
    limits=Limits(day=Limit(bookings=4), week=Limit(bookings=10, minutes=600)),
)


def test_a_file_becomes_a_page() -> None:
    assert load(FULL) == PAGE


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        Page(name="plain"),
        Page(name="odd", title='quotes " and \\ and \x7f and ☃', step="duration+buffers"),
        Page(name="dates", window=Window(first="2026-12-01", last="2026-12-31"), enabled=False),
        Page(name="bookable", window=Window(bookable_days=3), durations=(15,), soft_blocks=False),
    ],
    ids=lambda page: page.name,
)
def test_what_is_written_is_read_back(page: Page) -> None:
    assert load(dump(page)) == page


def test_dates_are_written_as_from_and_to() -> None:
    text = dump(Page(name="dates", window=Window(first="2026-12-01", last="2026-12-31")))
    assert 'window = { from = "2026-12-01", to = "2026-12-31" }' in text
    dates = load('name = "dates"\nwindow = { from = 2026-12-01, to = 2026-12-31 }')
    assert dates.window == Window(first="2026-12-01", last="2026-12-31")


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("name = ", "file", "This is not TOML"),
        ('name = "a"\nbufer_after = 5', "bufer_after", "Did you mean buffer_after?"),
        ('name = "a"\nxyzzy = 5', "xyzzy", "Known keys: name"),
        ('name = "a"\n[[hours]]\nday = ["mon"]', "hours.day", "Did you mean days?"),
        ('name = "a"\n[limits]\nday = { booking = 1 }', "limits.day.booking", "bookings"),
        ('name = "a"\nnotice = "soon"', "notice", '"4h"'),
        ('name = "a"\nnotice = -5', "notice", ""),
        ('name = "a"\ndurations = "long"', "durations", ""),
        ('name = "a"\ndurations = []', "durations", ""),
        ('name = "a"\nstep = 7', "step", ""),
        ('name = "a"\nanchor = "loose"', "anchor", ""),
        ('name = "a"\nhours = 5', "hours", "table"),
        ('name = "a"\n[[hours]]\ndays = ["montag"]\nstart = "09:00"\nend = "10:00"', "hours", ""),
        ('name = "a"\n[[hours]]\ndays = ["mon"]\nstart = "9"\nend = "10:00"', "hours", ""),
        ('name = "a"\nzone = "Europe/Olso"', "zone", "Europe/Oslo"),
        ('name = "a"\nwindow = { days = 5, business_days = 3 }', "window", ""),
        ('name = "a"\n[[overrides]]\ndate = "2026-02-30"', "overrides", ""),
        ('title = "no name"', "file", "name"),
        ('name = "Not A Slug"', "name", ""),
        ("name = " + "[" * 5_000, "file", "This is not TOML"),
    ],
)
def test_a_wrong_file_names_the_key_and_the_way_out(text: str, field: str, said: str) -> None:
    with pytest.raises(KobleError) as refused:
        load(text)
    assert refused.value.kind is ErrorKind.INVALID
    assert refused.value.field == field
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('[hours]\ndays = ["mon"]\nstart = "09:00"\nend = "12:00"', "hours"),
        ('[overrides]\ndate = "2026-12-24"', "overrides"),
        ("[[window]]\ndays = 14", "window"),
        ("[[limits]]\nday = 4", "limits"),
        ('hours = "mon 9-12"', "hours"),
        ("limits = 4", "limits"),
        ("window = 14", "window"),
        ("hours = [14]", "hours"),
    ],
)
def test_a_table_of_the_wrong_kind_is_refused_in_words(text: str, field: str) -> None:
    with pytest.raises(KobleError) as caught:
        load(f'name = "intro"\n{text}\n')
    assert (caught.value.kind, caught.value.field) == (ErrorKind.INVALID, field)


def test_a_window_that_is_none_gives_way_to_one_of_dates() -> None:
    dates = {"window": "14", "window.from": "2026-12-01", "window.to": "2026-12-31"}
    assert changed(PAGE, dates).window == Window(first="2026-12-01", last="2026-12-31")
