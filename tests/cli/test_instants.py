import pytest

from scheduling.errors import ErrorKind, KobleError
from scheduling.instants import local_text, parse_instant, utc_text
from scheduling.zones import zone

OSLO = zone("Europe/Oslo")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-01T08:00Z", "2026-12-01T08:00:00Z"),
        ("2026-12-01T08:00:30z", "2026-12-01T08:00:30Z"),
        ("2026-12-01T08:00:00.000Z", "2026-12-01T08:00:00Z"),
        ("2026-12-01T09:00+01:00", "2026-12-01T08:00:00Z"),
        ("2026-12-01T03:30-0430", "2026-12-01T08:00:00Z"),
        ("2026-12-01T09:00", "2026-12-01T08:00:00Z"),
        (" 2026-07-01 09:00 ", "2026-07-01T07:00:00Z"),
        ("2026-12-01", "2026-11-30T23:00:00Z"),
        ("2027-03-28T03:00", "2027-03-28T01:00:00Z"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z"),
    ],
)
def test_an_instant_is_read_with_its_offset_or_in_the_zone(text: str, instant: str) -> None:
    assert utc_text(parse_instant(text, OSLO)) == instant


def test_a_date_that_ends_a_span_is_included() -> None:
    assert utc_text(parse_instant("2026-12-01", OSLO, end=True)) == "2026-12-01T23:00:00Z"
    assert utc_text(parse_instant("2026-12-01T09:00", OSLO, end=True)) == "2026-12-01T08:00:00Z"


def test_a_day_without_midnight_begins_when_it_begins() -> None:
    """In Cairo the clocks go from 00:00 to 01:00 on the last Friday of April."""
    found = parse_instant("2026-04-24", zone("Africa/Cairo"))

    assert local_text(found, zone("Africa/Cairo")) == "2026-04-24T01:00+03:00"


def test_a_time_that_the_clocks_skip_names_the_next_one() -> None:
    with pytest.raises(KobleError) as error:
        parse_instant("2027-03-28T02:30", OSLO)

    assert error.value.kind is ErrorKind.INVALID
    assert "does not exist" in str(error.value.message)
    assert "2027-03-28T03:00+02:00" in str(error.value.hint)


def test_a_time_that_comes_twice_asks_for_the_offset() -> None:
    with pytest.raises(KobleError) as error:
        parse_instant("2026-10-25T02:30", OSLO, field="from")

    assert error.value.field == "from"
    assert "2026-10-25T02:30+02:00" in str(error.value.hint)
    assert "2026-10-25T02:30+01:00" in str(error.value.hint)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-13-01",
        "2026-02-30T09:00",
        "2026-12-01T24:00",
        "2026-12-01T09",
        "2026-12-01T09:00+25:00",
        "2026-12-01T09:00:60Z",
        "0000-01-01T00:00Z",
        "9999-12-31T23:59Z",
        "٢٠٢٦-12-01",
        "1e9",
        "9" * 10_000,
        "\x1b]52;c;eA==\x07",
    ],
)
def test_nonsense_is_refused_in_words_without_control_characters(text: str) -> None:
    with pytest.raises(KobleError) as error:
        parse_instant(text, OSLO)

    assert error.value.kind is ErrorKind.INVALID
    assert error.value.hint is not None
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 250


def test_an_instant_is_written_and_read_back() -> None:
    for instant in (0, 1_796_112_000, 4_102_444_799):
        assert parse_instant(utc_text(instant), OSLO) == instant
        assert parse_instant(local_text(instant, OSLO), OSLO) == instant // 60 * 60
