from pathlib import Path

import pytest

from tests.cli.conftest import GRACE, Folder, Koble


def test_without_a_calendar_status_says_so_and_what_to_do(koble: Koble) -> None:
    told = koble("status")

    assert told.code == 4
    assert "koble connect local" in told.out
    assert "Offline mode" in told.out
    assert koble("status", "--json").json == {
        "connections": [],
        "mode": "offline",
        "destination": None,
        "requests": 0,
        "changed_outside": 0,
        "now": "2026-11-30T06:00:00Z",
        "zone": "Europe/Oslo",
    }


def test_a_folder_is_connected_and_fresh(koble: Koble, folder: Folder) -> None:
    made = koble("connect", "local", "--path", str(folder.path), "--json")
    status = koble("status", "--json")

    assert made.code == status.code == 0
    assert [each["name"] for each in made.json["calendars"]] == ["work"]
    [connection] = status.json["connections"]
    assert connection["id"] == made.json["connection"]["id"]
    assert connection["kind"] == "local"
    assert connection["address"] == str(folder.path)
    assert connection["health"] == "fresh"
    assert connection["read_at"] == "2026-11-30T06:00:00Z"
    assert status.json["mode"] == "live"


def test_status_for_a_person_names_folder_state_and_destination(
    koble: Koble, connected: Folder
) -> None:
    told = koble("status")

    assert str(connected.path) in told.out
    assert "fresh" in told.out
    assert "New bookings are written to work." in told.out
    assert "\x1b" not in told.out


def test_an_old_read_is_stale_and_exits_with_5(koble: Koble, connected: Folder) -> None:
    later = koble("status", "--cached", "--json", now="2026-11-30T07:00Z")

    assert later.code == 5
    assert later.json["connections"][0]["health"] == "stale"
    assert later.json["mode"] == "to_be_confirmed"


def test_status_reads_the_calendars_first(koble: Koble, connected: Folder) -> None:
    assert koble("status", "--json", now="2026-11-30T07:00Z").code == 0


def test_a_folder_that_vanished_is_told_and_exits_with_5(koble: Koble, connected: Folder) -> None:
    connected.path.rename(connected.path.with_name("elsewhere"))
    told = koble("status", "--json", now="2026-11-30T08:00Z")

    assert told.code == 5
    assert told.json["connections"][0]["error"]
    assert "work" in told.err


def test_connecting_a_folder_that_is_not_there_is_refused(koble: Koble, tmp_path: Path) -> None:
    told = koble("connect", "local", "--path", str(tmp_path / "nowhere"), "--json")

    assert told.code == 2
    assert "nowhere" in told.json["error"]["message"]
    assert koble("status", "--json").json["connections"] == []


def test_only_one_account_can_be_connected(koble: Koble, connected: Folder, tmp_path: Path) -> None:
    (tmp_path / "other" / "home").mkdir(parents=True)
    told = koble("connect", "local", "--path", str(tmp_path / "other"), "--json")

    assert told.code == 1
    assert told.json["error"]["kind"] == "conflict"


def test_an_old_account_may_connect_one_for_each_use(
    koble: Koble, folder: Folder, tmp_path: Path
) -> None:
    (tmp_path / "other" / "home").mkdir(parents=True)
    koble("settings", "set", "profile.created", "2022-05-01")

    first = koble("connect", "local", "--path", str(folder.path), "--use", "calendar")
    second = koble("connect", "local", "--path", str(tmp_path / "other"), "--use", "meetings")

    assert (first.code, second.code) == (0, 0)
    unnamed = koble("disconnect", "--json")
    assert unnamed.code == 2
    assert unnamed.json["error"]["field"] == "id"


def test_disconnecting_keeps_the_bookings(koble: Koble, connected: Folder) -> None:
    koble("book", "intro", "2026-12-01T09:00", *GRACE)

    told = koble("disconnect", "--json")

    assert told.code == 0
    assert told.json["disconnected"]["address"] == str(connected.path)
    assert koble("status").code == 4
    assert len(koble("bookings", "--json").json["bookings"]) == 1


@pytest.mark.parametrize("words", [["disconnect"], ["sync"]])
def test_what_needs_a_connection_exits_with_4_without_one(koble: Koble, words: list[str]) -> None:
    told = koble(*words, "--json")

    assert told.code == 4
    assert told.json["error"]["kind"] == "not_connected"


def test_an_unknown_connection_cannot_be_disconnected(koble: Koble, connected: Folder) -> None:
    assert koble("disconnect", "nonsense").code == 2
    assert koble("status").code == 0


def test_what_counts_as_busy_is_chosen_and_obeyed(koble: Koble, connected: Folder) -> None:
    connected.busy("maybe", "20261201T080000Z", "20261201T120000Z", "STATUS:TENTATIVE")
    day = ("--from", "2026-12-01", "--to", "2026-12-01")
    assert koble("free", "intro", *day, "--json").json["offers"] == []

    told = koble("connections", "set", "--busy", "tentative=no", "--busy", "free=hard", "--json")

    assert told.code == 0
    busy = told.json["connection"]["busy"]
    assert (busy["tentative"], busy["free"], busy["busy"]) == ("no", "hard", "hard")
    assert koble("connections", "--json").json["connections"] == [told.json["connection"]]
    assert len(koble("free", "intro", *day, "--json").json["offers"]) == 8
    assert "tentative" in koble("connections").out


@pytest.mark.parametrize(
    "words",
    [[], ["--busy", "x=hard"], ["--busy", "away=loud"], ["--busy", "away"], ["nowhere", "--busy"]],
)
def test_a_wrong_choice_of_what_counts_as_busy_is_refused(
    koble: Koble, connected: Folder, words: list[str]
) -> None:
    before = koble("connections", "--json").json

    assert koble("connections", "set", *words).code == 2
    assert koble("connections", "--json").json == before


def test_without_a_connection_there_is_nothing_to_choose(koble: Koble) -> None:
    assert koble("connections", "set", "--full-exchange", "on").code == 4
    assert "koble connect local" in koble("connections").out
