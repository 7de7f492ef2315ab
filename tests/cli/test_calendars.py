import pytest

from tests.cli.conftest import GRACE, Folder, Koble

DAY = ("--from", "2026-12-01", "--to", "2026-12-01")


def test_calendars_are_listed(koble: Koble, connected: Folder) -> None:
    [calendar] = koble("calendars", "--json").json["calendars"]

    assert calendar["name"] == "work"
    assert calendar["conflicts"]
    assert calendar["destination"]
    assert koble("calendars", "list", "--json").json["calendars"] == [calendar]
    assert "work" in koble("calendars").out
    assert calendar["id"][:8] in koble("calendars").out


def test_without_calendars_the_list_says_what_to_do(koble: Koble) -> None:
    assert koble("calendars", "--json").json == {"calendars": []}
    assert "koble connect local" in koble("calendars").out


@pytest.mark.parametrize("by", ["id", "beginning", "name"])
def test_the_use_of_a_calendar_is_chosen(koble: Koble, connected: Folder, by: str) -> None:
    [calendar] = koble("calendars", "--json").json["calendars"]
    named = {"id": calendar["id"], "beginning": calendar["id"][:6], "name": "WORK"}[by]

    told = koble("calendars", "set", named, "--conflicts", "off", "--shown", "off", "--json")

    assert told.code == 0
    assert told.json["calendar"] == calendar | {"conflicts": False, "shown": False}
    assert koble("calendars", "--json").json["calendars"] == [told.json["calendar"]]


def test_a_calendar_that_does_not_block_leaves_its_times_free(
    koble: Koble, connected: Folder
) -> None:
    connected.busy("dentist", "20261201T080000Z", "20261201T120000Z")
    assert koble("free", "intro", *DAY, "--json").json["offers"] == []

    koble("calendars", "set", "work", "--conflicts", "off")

    assert len(koble("free", "intro", *DAY, "--json").json["offers"]) == 8


def test_a_calendar_must_be_known_and_something_must_change(
    koble: Koble, connected: Folder
) -> None:
    unknown = koble("calendars", "set", "home", "--shown", "on", "--json")
    assert unknown.code == 2
    assert "work" in unknown.json["error"]["hint"]
    assert koble("calendars", "set", "work").code == 2
    assert koble("calendars", "set", "work", "--shown", "perhaps").code == 2


def test_the_agenda_tells_title_time_calendar_and_whether_it_blocks(
    koble: Koble, connected: Folder
) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")
    connected.busy("maybe", "20261201T100000Z", "20261201T103000Z", "STATUS:TENTATIVE")
    connected.write(
        "holiday", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202", "TRANSP:TRANSPARENT"
    )

    told = koble("agenda", *DAY, "--json").json

    keys = ("title", "start", "end", "all_day", "calendar", "blocks")
    assert [tuple(each[key] for key in keys) for each in told["events"]] == [
        ("holiday", "2026-11-30T23:00:00Z", "2026-12-01T23:00:00Z", True, "work", "no"),
        ("dentist", "2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z", False, "work", "hard"),
        ("maybe", "2026-12-01T10:00:00Z", "2026-12-01T10:30:00Z", False, "work", "soft"),
    ]
    assert (told["from"], told["to"]) == ("2026-11-30T23:00:00Z", "2026-12-01T23:00:00Z")


def test_the_agenda_for_a_person_is_a_table_by_day(koble: Koble, connected: Folder) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z", title="Dentist, 2nd floor")
    connected.write("away", "DTSTART;VALUE=DATE:20261202", "DTEND;VALUE=DATE:20261204")
    connected.busy("choir", "20261202T173000Z", "20261202T190000Z")

    told = koble("agenda").out

    assert [line.split(maxsplit=3)[:3] for line in told.splitlines()] == [
        ["Day", "Time", "Title"],
        ["Tue", "1", "Dec"],
        ["Wed", "2", "Dec"],
        ["18:30–20:00", "choir", "work"],
    ]
    assert "10:00–11:00" in told
    assert "until Thu 3 Dec" in told
    assert told.index("Dentist, 2nd floor") < told.index("away")


def test_on_a_day_when_clocks_change_times_carry_their_offset(
    koble: Koble, connected: Folder
) -> None:
    connected.busy("night", "20270328T003000Z", "20270328T013000Z")

    told = koble("agenda", "--from", "2027-03-28", "--to", "2027-03-28").out

    assert "01:30+01:00–03:30+02:00" in told


def test_the_agenda_reads_the_calendars_unless_told_not_to(koble: Koble, connected: Folder) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")

    assert koble("agenda", "--cached", "--json").json["events"] == []
    assert len(koble("agenda", "--json").json["events"]) == 1
    assert len(koble("agenda", "--cached", "--json").json["events"]) == 1


def test_a_folder_that_vanished_leaves_the_agenda_that_is_known(
    koble: Koble, connected: Folder
) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")
    koble("sync")
    connected.path.rename(connected.path.with_name("elsewhere"))

    told = koble("agenda", "--json", now="2026-11-30T08:00Z")

    assert told.code == 0
    assert [each["title"] for each in told.json["events"]] == ["dentist"]
    assert told.err.startswith("work: ")


def test_an_empty_agenda_says_so(koble: Koble) -> None:
    assert koble("agenda").out == "Nothing lies there.\n"
    assert koble("agenda", "--json").json["events"] == []


def test_a_span_must_go_forward(koble: Koble) -> None:
    told = koble("agenda", "--from", "2026-12-02", "--to", "2026-12-01T09:00", "--json")

    assert told.code == 2
    assert told.json["error"]["field"] == "to"


def test_a_booking_stands_in_the_agenda_once(koble: Koble, connected: Folder) -> None:
    booked = koble("book", "intro", "2026-12-01T09:00", *GRACE, "--json").json["booking"]

    [event] = koble("agenda", *DAY, "--json").json["events"]

    assert event["booking"] == booked["id"]
    assert event["calendar"] == "work"


def test_a_request_stands_in_the_agenda_without_a_calendar(koble: Koble, page: None) -> None:
    koble("book", "intro", "2026-12-01T09:00", *GRACE)

    [event] = koble("agenda", *DAY, "--json").json["events"]

    assert (event["calendar"], event["state"]) == (None, "requested")
    assert "requested" in koble("agenda", *DAY).out


def test_sync_tells_what_changed_and_what_went_wrong(koble: Koble, connected: Folder) -> None:
    connected.busy("dentist", "20261201T090000Z", "20261201T100000Z")

    [read] = koble("sync", "--json").json["calendars"]
    assert (read["name"], read["changed"], read["error"]) == ("work", 1, None)
    assert koble("sync").out == "work: 0 changes\n"

    connected.path.rename(connected.path.with_name("elsewhere"))
    failed = koble("sync", "--json")
    assert failed.code == 5
    assert failed.json["calendars"][0]["error"]
