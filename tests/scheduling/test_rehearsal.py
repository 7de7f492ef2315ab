from datetime import UTC, datetime

import msgspec

from scheduling.pages import Absence, Hours, Page, Schedule
from scheduling.rehearsal import Night, rehearse
from scheduling.zones import date_text

OSLO = "Europe/Oslo"
NOW = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
PAGE = Page(name="intro", durations=(60,), step=60)


def schedule(*days: str) -> Schedule:
    return Schedule(zone=OSLO, hours=(Hours(days or ("mon", "fri"), "09:00", "11:00"),))  # type: ignore[arg-type]


def told(night: Night) -> list[tuple[str, list[str]]]:
    return [
        (date_text(day), [f"{datetime.fromtimestamp(each.start, UTC):%H:%MZ}" for each in offers])
        for day, offers in night.days
    ]


def test_the_days_on_both_sides_of_a_change() -> None:
    spring, autumn = rehearse(PAGE, schedule(), NOW)
    assert (spring.zone, spring.before, spring.after) == (OSLO, 3600, 7200)
    assert told(spring) == [
        ("2027-03-26", ["08:00Z", "09:00Z"]),
        ("2027-03-29", ["07:00Z", "08:00Z"]),
    ]
    assert told(autumn) == [
        ("2027-10-29", ["07:00Z", "08:00Z"]),
        ("2027-11-01", ["08:00Z", "09:00Z"]),
    ]


def test_the_day_itself_is_shown_where_it_has_hours() -> None:
    [spring] = rehearse(PAGE, schedule("sat", "sun"), NOW, changes=1)
    assert [day for day, _ in told(spring)] == ["2027-03-27", "2027-03-28", "2027-04-03"]


def test_guests_whose_clocks_change_on_other_days_are_rehearsed_too() -> None:
    nights = rehearse(PAGE, schedule(), NOW, ["America/New_York", "Asia/Tokyo", OSLO], changes=1)
    assert [(each.zone, each.before, each.after) for each in nights] == [
        ("America/New_York", -18_000, -14_400),
        (OSLO, 3_600, 7_200),
    ]


def test_what_is_taken_and_how_far_ahead_make_no_difference() -> None:
    away = Schedule(
        zone=OSLO,
        hours=schedule().hours,
        absences=(Absence("2027-03-01T00:00", "2027-04-30T00:00"),),
    )
    assert rehearse(PAGE, away, NOW) == rehearse(PAGE, schedule(), NOW)


def test_a_zone_without_changes_has_nothing_to_rehearse() -> None:
    still = Schedule(zone="Asia/Tokyo", hours=schedule().hours)
    assert rehearse(PAGE, still, NOW) == []


def test_a_page_that_is_switched_off_can_be_rehearsed() -> None:
    off = msgspec.structs.replace(PAGE, enabled=False)
    assert rehearse(off, schedule(), NOW) == rehearse(PAGE, schedule(), NOW)
