import pytest

from desk.page_text import from_texts, texts, window_data, window_text
from scheduling.errors import KobleError
from scheduling.pages import Hours, Limit, Limits, Override, Page, Window
from tests.desk.test_page_file import PAGE
from words import use


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        Page(name="plain"),
        Page(name="dates", window=Window(first="2026-12-01", last="2026-12-31"), enabled=False),
        Page(name="odd", window=Window(business_days=3), soft_blocks=False, notice=2880),
        Page(
            name="week",
            window=Window(bookable_days=2),
            hours=(Hours(("mon", "sun"), "22:00", "02:00"),),
        ),
        Page(name="some", limits=Limits(month=Limit(minutes=90)), step="duration+buffers"),
        Page(
            name="day",
            overrides=(Override("2026-12-24"), Override("2026-12-25", (("09:00", "12:00"),))),
        ),
    ],
    ids=lambda page: page.name,
)
def test_what_a_form_shows_is_taken_back(page: Page, language: str) -> None:
    use(language)
    try:
        assert from_texts(texts(page)) == page
    finally:
        use("en")


def test_people_write_loosely() -> None:
    page = from_texts(
        {
            "name": "intro",
            "durations": "30;60 min",
            "step": "15 m",
            "buffer_before": "",
            "notice": "2 h",
            "window": "14",
            "hours": "Mon-Fri 9:00-16:00; sat+Sunday 10:00 – 12:00",
            "limits": "day 4, day 120 min",
            "overrides": "",
        }
    )
    assert page.durations == (30, 60)
    assert (page.step, page.buffer_before, page.notice) == (15, 0, 120)
    assert page.window == Window(days=14)
    assert page.hours == (
        Hours(("mon", "tue", "wed", "thu", "fri"), "09:00", "16:00"),
        Hours(("sat", "sun"), "10:00", "12:00"),
    )
    assert page.limits == Limits(day=Limit(bookings=4, minutes=120))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("durations", "long"),
        ("durations", ""),
        ("step", "sometimes"),
        ("buffer_before", "much"),
        ("notice", "soon"),
        ("window", "for ever"),
        ("window", "2026-13-01 – 2026-13-02"),
        ("hours", "mon 9-10"),
        ("hours", "noday 09:00-10:00"),
        ("hours", "mon 09:00-25:00"),
        ("limits", "fortnight 3"),
        ("limits", "day 4, day 5"),
        ("overrides", "2026-02-30 off"),
        ("overrides", "tomorrow"),
        ("zone", "Mars/Olympus"),
        ("name", ""),
        ("name", "\x1b[31m[@click=app.quit]x[/]"),
        ("title", "t" * 10_000),
    ],
)
def test_what_cannot_be_read_names_its_field(field: str, text: str) -> None:
    with pytest.raises(KobleError) as refused:
        from_texts({"name": "intro", field: text})
    assert refused.value.field == field
    assert str(refused.value.message)


def test_one_day_is_no_days() -> None:
    assert window_text(Window(days=1)) == "1 day"
    assert window_text(Window(business_days=1)) == "1 business day"
    assert window_data("1 bookable day") == {"bookable_days": 1}
    assert window_data("3 business days") == {"business_days": 3}


FIELDS = texts(Page(name="intro", durations=(30,), step=30))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("durations", "0"),
        ("step", "1441"),
        ("buffer_before", "abc"),
        ("buffer_after", "1441"),
        ("notice", "1h 30x"),
        ("cancel_notice", "-5"),
        ("limits", "day 0"),
        ("overrides", "2026-12-24 25:00-26:00"),
    ],
)
def test_what_is_wrong_is_told_for_a_form(field: str, wrong: str) -> None:
    with pytest.raises(KobleError) as refused:
        from_texts(FIELDS | {field: wrong})
    # It stands under the field, whose label is another word than its name.
    assert refused.value.field.partition(".")[0] == field
    assert "_" not in str(refused.value)
    assert refused.value.hint


def test_what_a_form_has_no_field_for_stays_as_it_was() -> None:
    page = Page(name="intro", offset=15, hours=(Hours(("mon",), "09:00", "12:00"),))
    fields = texts(page) | {"title": "Intro", "hours": ""}
    assert from_texts(fields, page) == Page(name="intro", title="Intro", offset=15)
    assert from_texts(fields).offset == 0
