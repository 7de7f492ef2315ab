import pytest

from tests.cli.conftest import GRACE, PAGE, Folder, Koble

TUESDAY = "2026-12-01T09:00"


def test_a_time_is_booked_and_lies_in_the_calendar(koble: Koble, connected: Folder) -> None:
    told = koble("book", "intro", TUESDAY, *GRACE, "--note", "About the bridge", "--json")

    assert told.code == 0
    booking = told.json["booking"]
    assert booking["state"] == "confirmed"
    assert (booking["start"], booking["end"]) == ("2026-12-01T08:00:00Z", "2026-12-01T08:30:00Z")
    assert booking["event_id"]
    assert booking["guest"]["email"] == "grace@example.com"
    assert booking["note"] == "About the bridge"
    [text] = connected.files()
    assert "grace@example.com" in text


def test_a_booking_for_a_person_says_what_and_when(koble: Koble, connected: Folder) -> None:
    told = koble("book", "intro", TUESDAY, *GRACE, "--duration", "60")

    assert told.out.startswith("confirmed: Intro call: Grace Hopper\nTue 1 Dec 09:00–10:00 · ")


def test_a_taken_time_exits_with_3_and_names_others(koble: Koble, connected: Folder) -> None:
    koble("book", "intro", TUESDAY, *GRACE)

    told = koble(
        "book", "intro", TUESDAY, "--name", "Alan", "--email", "alan@example.com", "--json"
    )

    assert told.code == 3
    error = told.json["error"]
    assert error["kind"] == "not_offered"
    assert [each["rule"] for each in error["reasons"]] == ["booking"]
    assert [each["start"] for each in error["others"]] == [
        "2026-12-01T08:30:00Z",
        "2026-12-01T09:00:00Z",
        "2026-12-01T09:30:00Z",
    ]
    person = koble("book", "intro", TUESDAY, "--name", "Alan", "--email", "alan@example.com")
    assert (person.code, person.out) == (3, "")
    assert "Tue 1 Dec 09:30–10:00" in person.err
    assert len(connected.files()) == 1


@pytest.mark.parametrize(
    ("start", "rule"),
    [("2026-11-29T09:00", "past"), ("2026-12-01T09:10", "step"), ("2026-12-01T20:00", "hours")],
)
def test_what_is_not_offered_is_not_booked(
    koble: Koble, connected: Folder, start: str, rule: str
) -> None:
    told = koble("book", "intro", start, *GRACE, "--json")

    assert told.code == 3
    assert rule in [each["rule"] for each in told.json["error"]["reasons"]]
    assert connected.files() == []


def test_an_event_that_came_meanwhile_is_seen(koble: Koble, connected: Folder) -> None:
    connected.busy("sudden", "20261201T080000Z", "20261201T083000Z")

    assert koble("book", "intro", TUESDAY, *GRACE).code == 3


def test_the_same_key_gives_the_same_booking(koble: Koble, connected: Folder) -> None:
    first = koble("book", "intro", TUESDAY, *GRACE, "--key", "k-1", "--json")
    again = koble("book", "intro", TUESDAY, *GRACE, "--key", "k-1", "--json")

    assert (first.code, again.code) == (0, 0)
    assert first.json == again.json
    assert len(connected.files()) == 1


def test_the_host_may_book_what_notice_keeps_from_guests(koble: Koble, connected: Folder) -> None:
    koble("page", "apply", "-", stdin='notice = "3d"\n' + PAGE)

    assert koble("book", "intro", TUESDAY, *GRACE).code == 3
    assert koble("book", "intro", TUESDAY, *GRACE, "--host").code == 0


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [
        ("", "grace@example.com", "name"),
        ("\x1b\x07", "grace@example.com", "name"),
        ("Grace", "grace", "email"),
        ("Grace", "grace@example.com, alan@example.com", "email"),
        ("Grace", "grace@example.com\r\nBcc: all@example.com", "email"),
    ],
)
def test_a_guest_needs_a_name_and_one_address(
    koble: Koble, connected: Folder, name: str, email: str, field: str
) -> None:
    told = koble("book", "intro", TUESDAY, "--name", name, "--email", email, "--json")

    assert told.code == 2
    assert told.json["error"]["field"] == field
    assert connected.files() == []


def test_hostile_and_endless_names_are_tamed(koble: Koble, connected: Folder) -> None:
    name = "[/] \x1b]52;c;eA==\x07[@click=app.quit] \u202e" + "x" * 10_000
    booked = koble("book", "intro", TUESDAY, "--name", name, "--email", "e@example.com", "--json")

    assert booked.code == 0
    assert len(booked.json["booking"]["guest"]["name"]) <= 200
    for words in (["bookings"], ["agenda"], ["contacts"], ["log"], ["contacts", "e@example.com"]):
        told = koble(*words).out
        assert told.replace("\n", "").isprintable()
        assert "[/]" in told
        raw = koble(*words, "--json").out
        assert raw.replace("\n", "").isprintable()


def test_a_duration_that_the_page_has_not_is_not_offered(koble: Koble, connected: Folder) -> None:
    told = koble("book", "intro", TUESDAY, *GRACE, "--duration", "45", "--json")

    assert told.code == 3
    assert "duration" in [each["rule"] for each in told.json["error"]["reasons"]]


def test_offline_a_meeting_is_requested_accepted_and_confirmed(
    koble: Koble, page: None, folder: Folder
) -> None:
    asked = koble("book", "intro", TUESDAY, *GRACE, "--json")
    assert asked.code == 0
    assert asked.json["booking"]["state"] == "requested"
    assert asked.json["booking"]["event_id"] is None
    [request] = koble("requests", "--json").json["requests"]
    assert request["id"] == asked.json["booking"]["id"]
    assert request["clashes"] == []

    koble("connect", "local", "--path", str(folder.path))
    accepted = koble("accept", request["id"][:8], "--json").json["booking"]

    assert accepted["state"] == "confirmed"
    assert accepted["event_id"]
    assert len(folder.files()) == 1
    assert koble("requests", "--json").json["requests"] == []


def test_a_request_that_clashes_by_now_is_marked_and_refused(
    koble: Koble, page: None, folder: Folder
) -> None:
    asked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]
    folder.busy("dentist", "20261201T080000Z", "20261201T090000Z", title="Dentist")
    koble("connect", "local", "--path", str(folder.path))

    [request] = koble("requests", "--json").json["requests"]
    assert [each["rule"] for each in request["clashes"]] == ["busy"]
    assert "Dentist" in koble("requests").out
    assert koble("accept", asked["id"]).code == 3
    assert len(folder.files()) == 1


def test_a_request_is_declined_with_a_reason_and_only_once(koble: Koble, page: None) -> None:
    asked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]

    told = koble("decline", asked["id"], "--reason", "Too early", "--json").json["booking"]

    assert (told["state"], told["reason"]) == ("declined", "Too early")
    again = koble("decline", asked["id"], "--json")
    assert (again.code, again.json["error"]["kind"]) == (1, "conflict")


def test_closed_requests_are_listed_removed_and_put_back(koble: Koble, page: None) -> None:
    asked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]
    early = koble("remove", asked["id"], "--json")
    assert (early.code, early.json["error"]["kind"]) == (1, "conflict")
    koble("decline", asked["id"])

    def closed() -> list[str]:
        told = koble("requests", "--closed", "--json").json
        return [each["id"] for each in told["requests"]]

    assert closed() == [asked["id"]]
    assert koble("remove", asked["id"][:8], "--json").json["bookings"][0]["removed"] is True
    assert closed() == []
    assert "No request was declined or has expired." in koble("requests", "--closed").out
    koble("remove", asked["id"], "--undo")
    assert closed() == [asked["id"]]


def test_other_times_are_proposed(koble: Koble, page: None) -> None:
    asked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]

    told = koble("propose", asked["id"], "2026-12-02T10:00", "2026-12-01T12:00+01:00", "--json")

    assert told.json["booking"]["proposed"] == ["2026-12-01T11:00:00Z", "2026-12-02T09:00:00Z"]
    assert koble("propose", asked["id"], "2026-12-02T20:00").code == 3


def test_a_late_request_has_expired(koble: Koble, page: None) -> None:
    koble("book", "intro", TUESDAY, *GRACE)

    assert koble("requests", "--json", now="2026-12-02T06:00Z").json["requests"] == []
    [booking] = koble("bookings", "--json", now="2026-12-02T06:00Z").json["bookings"]
    assert booking["state"] == "expired"


def test_no_request_says_so(koble: Koble) -> None:
    assert koble("requests").out == "No request waits.\n"
    assert koble("bookings").out == "There are no bookings.\n"


def test_a_meeting_is_moved_and_cancelled(koble: Koble, connected: Folder) -> None:
    booked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]

    moved = koble("reschedule", booked["id"], "2026-12-01T10:00", "--json").json["booking"]
    assert moved["start"] == "2026-12-01T09:00:00Z"
    assert moved["replaces"] == booked["id"]
    assert moved["state"] == "confirmed"
    [text] = connected.files()
    assert "20261201T100000" in text or "20261201T090000Z" in text

    gone = koble("cancel", moved["id"], "--reason", "Ill", "--json").json["booking"]
    assert (gone["state"], gone["reason"]) == ("cancelled", "Ill")
    assert connected.files() == []
    states = [each["state"] for each in koble("bookings", "--json").json["bookings"]]
    assert states == ["rescheduled", "cancelled"]
    assert koble("cancel", moved["id"]).code == 1


def test_bookings_are_listed_by_state(koble: Koble, connected: Folder) -> None:
    koble("book", "intro", TUESDAY, *GRACE)
    other = koble("book", "intro", "2026-12-01T10:00", *GRACE, "--json").json["booking"]
    koble("cancel", other["id"])

    def starts(*states: str) -> list[str]:
        words = [word for state in states for word in ("--state", state)]
        return [each["start"] for each in koble("bookings", *words, "--json").json["bookings"]]

    assert starts("confirmed") == ["2026-12-01T08:00:00Z"]
    assert starts("cancelled") == ["2026-12-01T09:00:00Z"]
    assert len(starts("confirmed", "cancelled")) == len(starts()) == 2
    assert koble("bookings", "--state", "lost").code == 2
    assert "cancelled" in koble("bookings").out


@pytest.mark.parametrize(
    "verb", ["accept", "decline", "cancel", "propose", "reschedule", "outcome"]
)
def test_an_unknown_booking_is_told(koble: Koble, connected: Folder, verb: str) -> None:
    more = {"propose": [TUESDAY], "reschedule": [TUESDAY], "outcome": ["completed"]}.get(verb, [])
    told = koble(verb, "zzzz\x1b[31m", *more, "--json")

    assert told.code == 2
    assert told.json["error"]["kind"] == "not_found"
    assert "\\u001b" not in told.out


def test_what_became_of_a_meeting_is_noted(koble: Koble, connected: Folder) -> None:
    booked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]

    told = koble("outcome", booked["id"], "no_show", "--json", now="2026-12-02T06:00Z")

    assert told.json["booking"]["outcome"] == "no_show"


def test_guests_become_contacts_with_their_meetings(koble: Koble, connected: Folder) -> None:
    assert "no contacts yet" in koble("contacts").out
    booked = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]

    [contact] = koble("contacts", "--json").json["contacts"]
    assert (contact["name"], contact["email"]) == ("Grace Hopper", "grace@example.com")
    assert "Grace Hopper" in koble("contacts").out
    one = koble("contacts", "Grace@Example.com", "--json").json
    assert one["bookings"] == [booked]
    assert "Intro call" in koble("contacts", "grace@example.com").out
    assert koble("contacts", "nobody@example.com").code == 2


def test_what_was_changed_outside_is_told_and_put_right(koble: Koble, connected: Folder) -> None:
    made = koble("book", "intro", TUESDAY, *GRACE, "--json").json["booking"]
    assert made["outside"] is None
    [path] = (connected.path / "work").glob("*.ics")
    kept = path.read_bytes()
    path.unlink()
    later = "2026-11-30T08:00Z"
    koble("sync", now=later)

    [gone] = koble("bookings", "--json", now=later).json["bookings"]
    assert gone["outside"] == {"gone": True, "start": None, "end": None}
    assert "Somebody deleted its event outside koble." in koble("bookings", now=later).out
    assert koble("status", "--json", now=later).json["changed_outside"] == 1
    assert "1 meeting was changed outside koble" in koble("status", now=later).out

    back = koble("put-back", made["id"], "--json", now=later)
    assert (back.code, back.json["booking"]["outside"]) == (0, None)
    assert len(connected.files()) == 1
    again = koble("put-back", made["id"], now=later)
    assert (again.code, "nothing was changed" in again.err) == (1, True)

    [path] = (connected.path / "work").glob("*.ics")
    path.write_bytes(kept.replace(b"T090000", b"T110000").replace(b"T093000", b"T113000"))
    last = "2026-11-30T09:00Z"
    koble("sync", now=last)
    [moved] = koble("bookings", "--json", now=last).json["bookings"]
    assert moved["outside"] == {
        "gone": False,
        "start": "2026-12-01T10:00:00Z",
        "end": "2026-12-01T10:30:00Z",
    }
    taken = koble("take-over", made["id"], "--json", now=last).json["booking"]
    assert (taken["start"], taken["state"], taken["replaces"]) == (
        "2026-12-01T10:00:00Z",
        "confirmed",
        made["id"],
    )
