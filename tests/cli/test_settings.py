import pytest

from tests.cli.conftest import Koble


def test_settings_are_listed_and_read_by_name(koble: Koble) -> None:
    everything = koble("settings", "get", "--json").json["settings"]

    assert everything["profile.zone"] == "Europe/Oslo"
    assert koble("settings", "get", "profile.zone").out == "Europe/Oslo\n"
    assert koble("settings", "get", "preferences.fresh", "--json").json == {
        "name": "preferences.fresh",
        "value": 10,
    }
    assert "profile.zone" in koble("settings", "get").out


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("profile.name", "Ada Lovelace", "Ada Lovelace"),
        ("profile.name", "1815", "1815"),
        ("profile.zone", "America/New_York", "America/New_York"),
        ("profile.personal_email_access", "false", False),
        ("preferences.fresh", "3", 3),
        (
            "schedule.hours",
            '[{"days": ["sat"], "start": "10:00", "end": "12:00"}]',
            [{"days": ["sat"], "start": "10:00", "end": "12:00"}],
        ),
    ],
)
def test_a_setting_is_changed(koble: Koble, name: str, text: str, value: object) -> None:
    told = koble("settings", "set", name, text, "--json")

    assert told.json == {"name": name, "value": value}
    assert koble("settings", "get", name, "--json").json["value"] == value


@pytest.mark.parametrize(
    ("name", "value", "field", "said"),
    [
        ("profile.zon", "UTC", "name", "Did you mean profile.zone?"),
        ("profile.zone", "Europe/Olso", "zone", "Europe/Oslo"),
        ("profile.email", "ada", "profile.email", "e-mail"),
        ("profile.language", "tlh", "profile.language", "nb"),
        ("preferences.fresh", "0", "preferences.fresh", "1440 minutes"),
        ("preferences.poll", "9" * 400, "preferences.poll", "1440 minutes"),
        ("preferences.fresh", "often", "preferences.fresh", "often"),
        ("schedule.hours", "[", "schedule.hours", "JSON"),
        ("schedule.hours", '[{"days": ["mon"], "start": "9", "end": "10:00"}]', "hours", "9"),
    ],
)
def test_a_wrong_setting_is_refused(
    koble: Koble, name: str, value: str, field: str, said: str
) -> None:
    before = koble("settings", "get", "--json").json

    told = koble("settings", "set", name, value, "--json")

    assert told.code == 2
    error = told.json["error"]
    assert error["field"] == field
    assert said in f"{error['message']} {error['hint']}"
    assert koble("settings", "get", "--json").json == before


def test_times_follow_the_zone_of_the_profile(koble: Koble, page: None) -> None:
    koble("settings", "set", "profile.zone", "America/New_York")

    [first, *_] = koble("free", "intro", "--from", "2026-12-01", "--json").json["offers"]

    assert first["start"] == "2026-12-01T14:00:00Z"
