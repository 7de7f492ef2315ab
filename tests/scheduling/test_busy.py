import itertools
from datetime import UTC, datetime

import msgspec
import pytest

from scheduling.busy import blocking, busy, occurrences
from scheduling.events import (
    Blocking,
    BusyMatrix,
    Event,
    EventKind,
    Occurrence,
    Response,
    Show,
    Span,
)
from scheduling.zones import zone

HARD, SOFT, NO = Blocking.HARD, Blocking.SOFT, Blocking.NO
OSLO = zone("Europe/Oslo")


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def event(*spans: tuple[str, str], **more: object) -> Event:
    values: dict[str, object] = {"id": "1", "calendar": "work", "resource": "r1"}
    return Event(spans=tuple((utc(a), utc(b)) for a, b in spans), **(values | more))


@pytest.mark.parametrize(
    ("said", "blocks"),
    [
        ({}, HARD),
        ({"all_day": True}, HARD),
        ({"show": Show.AWAY}, HARD),
        ({"kind": EventKind.AWAY}, HARD),
        ({"kind": EventKind.FOCUS}, HARD),
        ({"uncertain": "unknown zone"}, HARD),
        ({"response": Response.ACCEPTED}, HARD),
        ({"show": Show.TENTATIVE}, SOFT),
        ({"response": Response.TENTATIVE}, SOFT),
        ({"response": Response.UNANSWERED}, SOFT),
        ({"response": Response.UNANSWERED, "all_day": True}, SOFT),
        ({"show": Show.FREE}, NO),
        ({"show": Show.FREE, "all_day": True}, NO),
        ({"show": Show.ELSEWHERE}, NO),
        ({"cancelled": True}, NO),
        ({"response": Response.DECLINED}, NO),
        ({"kind": EventKind.BIRTHDAY, "all_day": True}, NO),
        ({"kind": EventKind.LOCATION}, NO),
    ],
)
def test_the_table_of_what_blocks(said: dict[str, object], blocks: Blocking) -> None:
    assert blocking(event(**said), BusyMatrix()) is blocks


EVERY = list(itertools.product(Show, Response, EventKind, (False, True), (False, True)))


def plain_words(each: Event, matrix: BusyMatrix) -> Blocking:
    """The rows as the matrix tells them, one after another."""
    if each.cancelled:
        return NO
    alone = {
        each.response is Response.DECLINED: matrix.declined,
    }
    if True in alone:
        return alone[True]
    if each.kind in (EventKind.LOCATION, EventKind.BIRTHDAY):
        return matrix.location if each.kind is EventKind.LOCATION else matrix.birthday
    applies = {
        "away": each.show is Show.AWAY or each.kind is EventKind.AWAY,
        "all_day": each.all_day and each.show is Show.BUSY and each.kind is not EventKind.AWAY,
        "free": each.show is Show.FREE,
        "elsewhere": each.show is Show.ELSEWHERE,
        "tentative": Show.TENTATIVE is each.show or each.response is Response.TENTATIVE,
        "unanswered": each.response is Response.UNANSWERED,
    }
    rows = {getattr(matrix, name) for name, true in applies.items() if true} or {matrix.busy}
    return next(row for row in (NO, SOFT, HARD) if row in rows)


@pytest.mark.parametrize(
    "matrix",
    [
        BusyMatrix(),
        BusyMatrix(away=SOFT, all_day=NO, tentative=HARD, unanswered=NO),
        BusyMatrix(busy=SOFT, elsewhere=HARD, free=SOFT, declined=SOFT, location=HARD),
        BusyMatrix(birthday=SOFT, unanswered=HARD, tentative=NO, elsewhere=SOFT),
    ],
)
def test_every_combination_follows_the_matrix(matrix: BusyMatrix) -> None:
    for show, response, kind, all_day, cancelled in EVERY:
        each = event(show=show, response=response, kind=kind, all_day=all_day, cancelled=cancelled)
        assert blocking(each, matrix) is plain_words(each, matrix), each


def test_with_the_usual_matrix_declined_and_cancelled_never_block() -> None:
    for show, response, kind, all_day, cancelled in EVERY:
        each = event(show=show, response=response, kind=kind, all_day=all_day, cancelled=cancelled)
        if cancelled or response is Response.DECLINED:
            assert blocking(each, BusyMatrix()) is NO


@pytest.mark.parametrize(
    ("day", "next_day", "hours"),
    [
        ("2026-12-01", "2026-12-02", 24),
        ("2027-03-28", "2027-03-29", 23),
        ("2026-10-25", "2026-10-26", 25),
    ],
)
def test_an_all_day_event_lasts_from_midnight_to_midnight_there(
    day: str, next_day: str, hours: int
) -> None:
    wide = utc("2026-01-01"), utc("2028-01-01")
    [found] = occurrences([event((day, next_day), all_day=True)], wide, OSLO)
    assert OSLO.clock(found.start)[:5] == OSLO.clock(found.end)[:5] == "00:00"
    assert found.end - found.start == hours * 3_600
    # Written without an end, or with the same one, it is a day long.
    [same] = occurrences([event((day, day), all_day=True)], wide, OSLO)
    assert (same.start, same.end) == (found.start, found.end)


def test_a_floating_event_is_at_its_wall_time_there() -> None:
    floating = event(("2026-12-01T09:00", "2026-12-01T10:00"), floating=True)
    [found] = occurrences([floating], (utc("2026-12-01"), utc("2026-12-02")), OSLO)
    assert (found.start, found.end) == (utc("2026-12-01T08:00"), utc("2026-12-01T09:00"))
    skipped = event(("2027-03-28T02:10", "2027-03-28T02:10"), floating=True)
    [found] = occurrences([skipped], (utc("2027-03-28"), utc("2027-03-29")), OSLO)
    assert found.start == found.end == utc("2027-03-28T01:00")


def overlap(span: Span, *events: Event) -> list[str]:
    return [each.event.id for each in occurrences(events, span, OSLO)]


def test_only_what_overlaps_is_found_by_start_then_end() -> None:
    span = utc("2026-12-01T09:00"), utc("2026-12-01T10:00")
    events = [
        event(("2026-12-01T09:30", "2026-12-01T11:00"), id="late"),
        event(("2026-11-01T00:00", "2026-12-24T00:00"), id="long"),
        event(("2026-12-01T08:00", "2026-12-01T09:00"), id="before"),
        event(("2026-12-01T10:00", "2026-12-01T11:00"), id="after"),
        event(("2026-12-01T09:00", "2026-12-01T09:00"), id="moment"),
        event(("2026-12-01T10:00", "2026-12-01T10:00"), id="later moment"),
        event(("2026-12-01T09:30", "2026-12-01T09:45"), id="short"),
        event(
            ("2026-11-24T09:30", "2026-11-24T09:50"),
            ("2026-12-01T09:30", "2026-12-01T09:50"),
            ("2026-12-08T09:30", "2026-12-08T09:50"),
            id="series",
        ),
        event(("2026-12-02", "2026-12-03"), id="tomorrow", all_day=True),
        event(("2026-12-01", "2026-12-02"), id="today", all_day=True),
    ]
    assert overlap(span, *events) == ["long", "today", "moment", "short", "series", "late"]


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Apia"])
def test_an_all_day_event_is_found_at_the_edges_of_its_day_in_every_zone(name: str) -> None:
    where = zone(name)
    each = event(("2026-12-01", "2026-12-02"), all_day=True)
    start, end = where.instant(utc("2026-12-01")), where.instant(utc("2026-12-02"))
    assert len(occurrences([each], (start, start + 1), where)) == 1
    assert len(occurrences([each], (end - 1, end), where)) == 1
    assert occurrences([each], (end, end + 1), where) == []
    assert occurrences([each], (start - 1, start), where) == []


def test_busy_time_comes_from_conflict_calendars_by_their_matrices() -> None:
    events = [
        event(id="1", title="Standup", resource="a.ics"),
        event(id="2", title="Maybe", show=Show.TENTATIVE),
        event(id="3", title="Free", show=Show.FREE),
        event(id="4", title="Holiday", calendar="holidays"),
        event(id="5", title="Tea", calendar="private", show=Show.FREE),
    ]
    found = [Occurrence(10, 20, each) for each in events]
    moment = Occurrence(10, 10, events[0])
    matrices = {"work": BusyMatrix(), "private": BusyMatrix(free=SOFT)}
    taken = busy([*found, moment], matrices, {"work": "Work"})
    assert [(each.title, each.blocking, each.calendar, each.event_id) for each in taken] == [
        ("Standup", HARD, "Work", "a.ics"),
        ("Maybe", SOFT, "Work", "r1"),
        ("Tea", SOFT, "", "r1"),
    ]
    assert {(each.start, each.end) for each in taken} == {(10, 20)}


def test_occurrences_of_one_series_block_alike() -> None:
    each = event(show=Show.TENTATIVE)
    taken = busy([Occurrence(n, n + 1, each) for n in range(3)], {"work": BusyMatrix()})
    assert [one.blocking for one in taken] == [SOFT] * 3
    declined = msgspec.structs.replace(each, id="2", response=Response.DECLINED)
    assert busy([Occurrence(0, 1, declined)], {"work": BusyMatrix()}) == ()


@pytest.mark.parametrize("where", ["Europe/Oslo", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
@pytest.mark.parametrize("more", [{}, {"all_day": True}, {"floating": True}])
def test_an_event_without_beginning_or_end_lasts_as_long_as_clocks_can_be_asked(
    where: str, more: dict[str, object]
) -> None:
    always = event(("0001-01-01", "9999-12-31"), **more)
    low, high = utc("2026-12-01"), utc("2026-12-02")
    [found] = occurrences([always], (low, high), zone(where))
    for instant in (found.start, found.end):
        assert str(zone(where).stamp(instant))
    assert found.start < utc("1901-01-01")
    assert found.end > utc("2199-01-01")
