import pytest

from tests.cli.conftest import GRACE, PAGE, Folder, Koble

DAY = ("--from", "2026-12-01", "--to", "2026-12-01")
MORNING = [f"2026-12-01T{time}:00Z" for time in
           ("08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30")]  # fmt: skip


def test_the_offers_of_a_day(koble: Koble, page: None) -> None:
    told = koble("free", "intro", *DAY, "--json").json

    assert [each["start"] for each in told["offers"]] == MORNING
    assert told["offers"][0]["end"] == "2026-12-01T08:30:00Z"
    assert {each["minutes"] for each in told["offers"]} == {30}
    assert (told["page"], told["zone"], told["mode"]) == ("intro", "Europe/Oslo", "offline")


def test_another_duration_has_other_offers(koble: Koble, page: None) -> None:
    told = koble("free", "intro", *DAY, "--duration", "60", "--json").json

    assert [each["start"] for each in told["offers"]] == MORNING[:-1]
    assert {each["minutes"] for each in told["offers"]} == {60}


def test_events_keep_their_time_and_are_read_first(koble: Koble, connected: Folder) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")

    told = koble("free", "intro", *DAY, "--json").json

    assert [each["start"] for each in told["offers"]] == MORNING[:2] + MORNING[4:]
    assert told["mode"] == "live"


def test_cached_offers_do_not_know_what_is_new(koble: Koble, connected: Folder) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")

    assert len(koble("free", "intro", *DAY, "--cached", "--json").json["offers"]) == 8


def test_offers_for_a_person_are_one_line_a_day(koble: Koble, page: None) -> None:
    told = koble("free", "intro", "--from", "2026-12-01", "--to", "2026-12-02").out.splitlines()

    assert told[:3] == [
        "Intro call · 30 min · Europe/Oslo",
        "Tue 1 Dec  09:00  09:30  10:00  10:30  11:00  11:30  12:00  12:30",
        "Wed 2 Dec  09:00  09:30  10:00  10:30  11:00  11:30  12:00  12:30",
    ]
    assert told[3].startswith("Offline mode")


def test_offers_in_the_zone_of_a_guest(koble: Koble, page: None) -> None:
    told = koble("free", "intro", *DAY, "--zone", "Asia/Tokyo").out

    assert "Tue 1 Dec  17:00  17:30  18:00  18:30  19:00  19:30  20:00  20:30" in told


def test_both_passes_of_a_repeated_hour_are_told_apart(koble: Koble) -> None:
    koble("page", "apply", "-", stdin=PAGE.replace('"mon-fri"', '"sun"').replace("09", "01"))

    told = koble("free", "intro", "--from", "2026-10-25", "--to", "2026-10-25T04:00",
                 now="2026-10-20T06:00Z").out  # fmt: skip

    assert "02:00+02:00  02:30+02:00  02:00+01:00  02:30+01:00" in told


def test_a_day_without_offers_says_how_to_ask_why(koble: Koble, page: None) -> None:
    told = koble("free", "intro", "--from", "2026-12-05", "--to", "2026-12-06").out

    assert "koble why intro" in told


def test_a_change_shows_what_is_gained_and_lost_and_saves_nothing(
    koble: Koble, connected: Folder
) -> None:
    connected.busy("dentist", "20261201T100000Z", "20261201T110000Z")
    before = koble("page", "show", "intro").out

    told = koble("free", "intro", *DAY, "--set", "buffer_after=15", "--json").json

    assert [each["start"] for each in told["lost"]] == ["2026-12-01T09:30:00Z"]
    assert told["gained"] == []
    assert len(told["offers"]) == 5
    assert koble("page", "show", "intro").out == before
    person = koble("free", "intro", *DAY, "--set", "buffer_after=15").out
    assert "1 offer lost:\nTue 1 Dec  10:30" in person


def test_several_changes_at_once_and_bare_words(koble: Koble, page: None) -> None:
    changes = ("step=15", "anchor=pack", "window.business_days=10", "notice=4h")
    sets = [word for change in changes for word in ("--set", change)]
    told = koble("free", "intro", *DAY, *sets, "--json").json

    assert len(told["offers"]) == 15
    assert len(told["gained"]) == 7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("bufer_after=15", "Did you mean buffer_after?"),
        ("buffer_after=x", "buffer_after"),
        ("buffer_after", "key=value"),
        ("title.x=1", "title is no table"),
        ("name=1\nzone='UTC'", ""),
    ],
)
def test_a_wrong_change_is_refused(koble: Koble, page: None, change: str, said: str) -> None:
    told = koble("free", "intro", "--set", change)

    assert told.code == 2
    assert said in told.err


def test_what_is_offered_has_no_reasons(koble: Koble, page: None) -> None:
    told = koble("why", "intro", "2026-12-01T09:00", "--json")

    assert told.code == 0
    assert told.json["offered"] is True
    assert told.json["reasons"] == []
    assert koble("why", "intro", "2026-12-01T08:00Z").out == ("Tue 1 Dec 09:00–09:30 is offered.\n")


def test_every_reason_is_told(koble: Koble, connected: Folder) -> None:
    koble("page", "apply", "-", stdin='notice = "3d"\n' + PAGE)
    connected.busy("x", "20261201T110000Z", "20261201T130000Z", title="Dentist")

    told = koble("why", "intro", "2026-12-01T12:45", "--json").json
    assert told["offered"] is False
    assert {"notice", "busy", "range_end"} <= {each["rule"] for each in told["reasons"]}
    assert all(each["text"] for each in told["reasons"])
    person = koble("why", "intro", "2026-12-01T12:45").out
    assert "Tue 1 Dec 12:45–13:15 is not offered:" in person
    assert "Dentist" in person


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        ("2026-11-29T09:00", "past"),
        ("2026-12-01T09:10", "step"),
        ("2026-12-05T09:00", "hours"),
        ("2027-12-01T09:00", "window"),
    ],
)
def test_the_rule_is_named(koble: Koble, page: None, start: str, rule: str) -> None:
    told = koble("why", "intro", start, "--json").json

    assert rule in [each["rule"] for each in told["reasons"]]


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        (["why", "intro", "2027-03-28T02:30"], "start", "2027-03-28T03:00+02:00"),
        (["why", "intro", "2026-10-25T02:30"], "start", "+01:00"),
        (["why", "intro", "soon"], "start", "2026-12-01T09:00"),
        (["free", "intro", "--from", "x"], "from", "x"),
        (["free", "intro", "--to", "x"], "to", "x"),
        (["free", "intro", "--to", "2026-11-29"], "to", "after the start"),
        (["free", "intro", "--to", "2029-01-01"], "to", "days"),
        (["free", "intro", "--zone", "Europe/Olso"], "zone", "Europe/Oslo"),
        (["free", "intro", "--now", "x"], "now", "x"),
    ],
)
def test_wrong_times_and_zones_are_told_with_the_way_out(
    koble: Koble, page: None, words: list[str], field: str, said: str
) -> None:
    told = koble(*words, "--json", now="" if "--now" in words else "2026-10-01T06:00Z")
    if words[-1] == "2026-11-29":
        told = koble(*words, "--json")

    assert told.code == 2
    error = told.json["error"]
    assert error["field"] == field
    assert said in f"{error['message']} {error['hint']}"


def test_a_requested_time_is_not_offered_again(koble: Koble, page: None) -> None:
    koble("book", "intro", "2026-12-01T09:00", *GRACE)

    told = koble("free", "intro", *DAY, "--json").json

    assert [each["start"] for each in told["offers"]] == MORNING[1:]


def test_a_rehearsal_of_the_next_changes_of_clocks(koble: Koble, page: None) -> None:
    told = koble("free", "intro", "--rehearse", "America/New_York", "--json").json
    assert told["zones"] == ["Europe/Oslo", "America/New_York"]
    assert [(each["zone"], each["before"], each["after"]) for each in told["changes"]] == [
        ("America/New_York", "-05:00", "-04:00"),
        ("Europe/Oslo", "+01:00", "+02:00"),
        ("Europe/Oslo", "+02:00", "+01:00"),
        ("America/New_York", "-04:00", "-05:00"),
    ]
    lines = koble("free", "intro", "--rehearse", "America/New_York").out
    assert "Sun 28 Mar 2027: clocks in Europe/Oslo go from +01:00 to +02:00." in lines
    assert koble("free", "intro", "--rehearse", "Mars/Olympus").code == 2
