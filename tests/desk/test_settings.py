import pytest

from desk.desk import Desk
from desk.settings import DEFAULT_HOURS
from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import Hours


async def test_a_first_profile_is_a_guess(desk: Desk) -> None:
    profile = await desk.settings.profile()
    assert profile.zone == "Europe/Oslo"
    assert (await desk.settings.schedule()).hours == DEFAULT_HOURS


async def test_every_setting_has_a_name(desk: Desk) -> None:
    settings = await desk.settings.all()
    assert settings["profile.zone"] == "Europe/Oslo"
    assert settings["preferences.fresh"] == 10
    for name, value in settings.items():
        assert await desk.settings.get(name) == value


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("profile.name", " Ada\x1b[31m ", "Ada[31m"),
        ("profile.zone", "America/New_York", "America/New_York"),
        ("profile.personal_email_access", "false", False),
        ("preferences.fresh", "5", 5),
        (
            "schedule.hours",
            [{"days": ["mon"], "start": "08:00", "end": "12:00"}],
            (Hours(days=("mon",), start="08:00", end="12:00"),),
        ),
    ],
)
async def test_a_setting_is_changed_by_name(
    desk: Desk, name: str, value: object, stored: object
) -> None:
    assert await desk.settings.set(name, value) == stored


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("profile.zon", "UTC", ErrorKind.NOT_FOUND),
        ("profile.zone", "Mars/Olympus", ErrorKind.INVALID),
        ("profile.language", "tlh", ErrorKind.INVALID),
        ("profile.email", "no address", ErrorKind.INVALID),
        ("profile.created", "2023-02-30", ErrorKind.INVALID),
        ("preferences.fresh", "0", ErrorKind.INVALID),
        ("preferences.fresh", "soon", ErrorKind.INVALID),
        ("preferences.theme", "solarized", ErrorKind.INVALID),
        ("schedule.hours", [{"days": ["mon"], "start": "late"}], ErrorKind.INVALID),
    ],
)
async def test_a_wrong_value_changes_nothing(
    desk: Desk, name: str, value: object, kind: ErrorKind
) -> None:
    before = await desk.settings.all()
    with pytest.raises(KobleError) as refused:
        await desk.settings.set(name, value)
    assert refused.value.kind is kind
    assert await desk.settings.all() == before
