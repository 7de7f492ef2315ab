"""The settings by keyboard, over a real desk: what is shown, and what is stored."""

import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.widgets import Input, Static

from scheduling.connections import Use
from scheduling.events import Blocking
from scheduling.pages import Absence, Hours, Override
from tests.tui.conftest import LARGE, SMALL
from tests.tui.desks import press, settle, shown
from tests.tui.settings_desk import ADA, HOSTILE, SCREENS, opens, row, screen_text, texts, to_row
from tui import themes
from tui.finding import SETTINGS
from tui.screens.settings import SettingsScreen
from tui.screens.settings.absences import moment_field, read_moment
from tui.screens.settings.calendar import DisconnectScreen
from tui.screens.settings.calendars import CalendarSettingsScreen
from tui.screens.settings.dialogs import FormScreen
from tui.screens.settings.ranges import by_day, read_ranges, week_of
from tui.screens.settings.tabs import SECTION_OF, path_text
from tui.widgets.form import FormField
from words import current, use

WEEK = ("mon", "tue", "wed", "thu", "fri")


@pytest.fixture
def house(tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the app over a desk; facts as `opens` has them."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def make(**facts: Any) -> Any:
        return an_app(SettingsScreen, opens(tmp_path, clock, **facts), screens=SCREENS)

    return make


async def write(pilot: Any, text: str) -> None:
    """Fill the field that has the focus."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await settle(pilot)


def error(app: Any, name: str) -> str:
    """What stands under a field of the dialog in front."""
    return str(app.screen.query_one(f"#field-{name}", FormField).error)


# S1, and the way around


async def test_the_calendar_is_found_in_general(house: Any) -> None:
    """S1."""
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "5", "right_square_bracket")
        assert shown(app, "#path") == "Settings → General → Calendar"
        text = screen_text(app)
        assert "No calendar is connected." in text
        assert "requested, and are not added to a calendar." in text
        assert texts(app)[0] == "Connect your calendar"
        await press(pilot, "enter")
        assert type(app.screen).__name__ == "ConnectScreen"


@pytest.mark.parametrize("keys", [("]", "["), ("right", "left")], ids=["brackets", "arrows"])
async def test_tabs_go_round(house: Any, keys: tuple[str, str]) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        seen = []
        for _time in range(5):
            seen.append(app.screen.tab)
            await press(pilot, keys[0])
        assert seen == ["profile", "calendar", "email", "keys", "appearance"]
        assert app.screen.tab == "profile"
        await press(pilot, keys[1])
        assert app.screen.tab == "appearance"


async def test_sections_follow_the_cursor_and_escape_leads_back(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "5", "down")
        assert shown(app, "#path") == "Settings → Meetings → Working hours"
        await press(pilot, "enter")
        assert app.screen.pane.rows.has_focus
        await press(pilot, "escape", "down", "down")
        assert shown(app, "#path") == "Settings → About"
        assert app.focused.id == "sections"


@pytest.mark.parametrize(
    ("what", "tab"),
    [
        ("calendar", "calendar"),
        ("profile.email", "profile"),
        ("schedule.overrides", "overrides"),
        ("schedule.week_start", "hours"),
        ("preferences.theme", "appearance"),
        ("preferences.fresh", "calendar"),
        ("nonsense", "profile"),
    ],
)
async def test_a_setting_is_found_by_its_name(house: Any, what: str, tab: str) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        app.screen.find(what)
        await settle(pilot)
        assert app.screen.tab == tab


async def test_a_setting_is_searched_for_by_what_the_screens_call_it(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        assert [name for name in await desk.settings.all() if name not in SETTINGS] == [
            "profile.legacy_pair_ended"  # set by what happens, never by hand
        ]
        await press(pilot, "5", "slash", *"account created", "enter")
        assert app.screen.pane.rows.current.id == "created"
        use("nb")
        try:
            [hit] = [hit for hit in await app.search("uken st")]
            assert hit.detail == "mandag"
        finally:
            use("en")


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_every_tab_fits_into_little_room(house: Any, width: int) -> None:
    app = house(connected=True)
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "5")
        for tab in SECTION_OF:
            app.screen.find(tab)
            await settle(pilot)
            text = screen_text(app)
            assert path_text(tab)[: width - 20] in text
            assert app.screen.pane.rows.region.height >= 8
            if width == 80 and tab != "keys":
                assert "…" not in text


# Profile


async def test_the_name_and_the_address_are_changed(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "enter", "enter")
        await write(pilot, "  Augusta \x1b[31m King ")
        await press(pilot, "enter")
        assert row(app, "Name") == "Name Augusta [31m King"
        await press(pilot, "down", "enter")
        await write(pilot, "no address")
        await press(pilot, "enter")
        assert "no address is not an e-mail address." in error(app, "email")
        assert (await desk.settings.profile()).email == ADA
        await write(pilot, "augusta@example.com")
        await press(pilot, "enter")
        assert (await desk.settings.profile()).email == "augusta@example.com"


async def test_the_zone_is_searched_and_holds_at_once(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "enter", "down", "down", "enter", *"toky", "enter")
        assert (await desk.settings.profile()).zone == "Asia/Tokyo"
        assert row(app, "Time zone") == "Time zone Asia/Tokyo +09:00"
        assert app.zone == "Asia/Tokyo"


async def test_the_language_switches_at_once(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken: list[str] = []
    app = house()

    monkeypatch.setattr(app, "speak", spoken.append)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "enter", "down", "down", "down", "enter", "down", "enter")
        assert (await desk.settings.profile()).language == "nb"
        assert spoken == ["nb"]
        assert row(app, "Language") == "Language Norsk bokmål"
    assert current() == "en"


async def test_a_language_asked_for_holds_until_another_is_chosen(
    tmp_path: Path, an_app: Any, clock: Any
) -> None:
    app = an_app(SettingsScreen, opens(tmp_path, clock), screens=SCREENS, language="nb")
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        assert current() == "nb"
        profile = await desk.settings.profile()
        assert profile.language == "en"
        await desk.settings.save_profile(msgspec.structs.replace(profile, name="Ada"))
        await settle(pilot)
        assert current() == "nb"
        await desk.settings.save_profile(msgspec.structs.replace(profile, language="nb"))
        await settle(pilot)
        await desk.settings.save_profile(profile)
        await settle(pilot)
        assert current() == "en"


async def test_the_permission_and_the_age_of_the_account(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "enter")
        to_row(app, "personal_email_access")
        await press(pilot, "space")
        assert not (await desk.settings.profile()).personal_email_access
        assert row(app, "Personal email access").endswith("off needed to connect")
        await press(pilot, "down", "enter")
        await write(pilot, "2023-02-30")
        await press(pilot, "enter")
        assert "2023-02-30" in error(app, "created")
        await write(pilot, "2022-05-02")
        await press(pilot, "enter")
        assert row(app, "Account created") == "Account created 2 May 2022"


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_a_field_harms_nothing(house: Any, text: str) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "enter")
        for id in ("name", "email", "created"):
            to_row(app, id)
            await press(pilot, "enter")
            await write(pilot, text)
            await press(pilot, "enter")
            if isinstance(app.screen, FormScreen):
                assert error(app, id)
                assert "\x1b" not in screen_text(app)
                await press(pilot, "escape")
        assert app.is_running
        assert "\x1b" not in screen_text(app)
        profile = await desk.settings.profile()
        assert (profile.email, profile.created) == (ADA, "2024-05-02")
        assert "\x1b" not in profile.name
        assert len(profile.name) <= 200


# Calendar, connected


async def test_a_connected_calendar_shows_everything_about_it(house: Any) -> None:
    app = house(connected=True)
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "5", "]")
        found = texts(app)
        assert "This computer" in found
        assert row(app, "Folder") == "Folder ~/calendars"
        assert row(app, "State") == "State ● fresh · read now"
        assert row(app, "Books into") == "Books into Work"
        assert row(app, "Granted").endswith("its calendars, read and write")
        assert "Work ● ■ ■" in found
        assert row(app, "Tentative") == "Tentative · ● ·"
        assert "Thu 4 Mar 14:03 ✓ read well" in found


async def test_the_calendars_are_chosen(house: Any) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        work = next(each for each in await desk.calendars.all() if each.name == "Work")
        to_row(app, f"calendar:{work.id}")
        await press(pilot, "b", "x", "v")
        assert "Work ● □ □" in texts(app)
        assert row(app, "Holidays") == "Holidays ○ ■ ■"
        assert row(app, "Books into") == "Books into Work"
        await press(pilot, "enter", "down", "tab", "right", "tab", "right", "enter")
        [work] = [each for each in await desk.calendars.all() if each.name == "Work"]
        assert (work.destination, work.conflicts, work.shown) == (True, True, True)


async def test_a_calendar_that_is_read_only_is_no_destination(house: Any) -> None:
    app = house(google=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        to_row(app, "calendar:g-team")
        await press(pilot, "b")
        assert row(app, "Team") == "Team read only □ ■"
        await press(pilot, "enter", "right", "enter")
        assert error(app, "destination") == (
            "Team can only be read. Choose a calendar that you may write to."
        )
        await press(pilot, "escape")
        [team, _work] = await desk.calendars.all()
        assert (team.name, team.destination) == ("Team", False)


async def test_what_counts_as_busy_is_turned(house: Any) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        [view] = (await desk.connections.overview()).connections
        to_row(app, f"busy:{view.connection.id}:tentative")
        await press(pilot, "enter")
        assert row(app, "Tentative") == "Tentative · · ●"
        await press(pilot, "space")
        assert row(app, "Tentative") == "Tentative ● · ·"
        [view] = (await desk.connections.overview()).connections
        assert view.connection.matrix.tentative is Blocking.HARD


async def test_minutes_are_kept_or_refused(house: Any) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        to_row(app, "fresh")
        await press(pilot, "enter")
        for wrong in ("", "0", "soon", *HOSTILE):
            await write(pilot, wrong)
            await press(pilot, "enter")
            assert error(app, "fresh")
        await write(pilot, "7")
        await press(pilot, "enter")
        assert (await desk.settings.preferences()).fresh == 7
        assert row(app, "Counts as fresh for") == "Counts as fresh for 7 minutes"


async def test_health_ages_and_renewing_reads_again(house: Any, clock: Any) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "5", "]")
        clock.at += 11 * 60
        app.screen.minute()
        await settle(pilot)
        assert row(app, "State") == "State ◐ stale since 14:13"
        await press(pilot, "r")
        assert row(app, "State") == "State ● fresh · read now"
        assert app.notices[-1].text == "3 calendars were read."
        assert app.status == ""


async def test_a_folder_that_vanished_is_told(house: Any, tmp_path: Path) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        (tmp_path / "calendars").rename(tmp_path / "elsewhere")
        await press(pilot, "5", "]", "r")
        assert app.notices[-1].severity == "error"
        assert "not there" in app.notices[-1].text
        [view] = (await desk.connections.overview()).connections
        assert "not there" in view.connection.reads[0][1]
        assert "Thu 4 Mar 14:03 ✗" in " ".join(texts(app))


async def test_disconnecting_says_what_happens_and_can_be_taken_back(
    house: Any, tmp_path: Path
) -> None:
    app = house(connected=True)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        desk = await settle(pilot)
        work = next(each for each in await desk.calendars.all() if each.name == "Work")
        await desk.calendars.change(work.id, destination=True, shown=False)
        await press(pilot, "5", "]", "d")
        assert isinstance(app.screen, DisconnectScreen)
        assert "Bookings and requests stay" in screen_text(app)
        assert "go into offline mode" in screen_text(app)
        await press(pilot, "escape")
        assert (await desk.connections.overview()).connections
        await press(pilot, "d", "enter")
        assert (await desk.connections.overview()).connections == ()
        assert "No calendar is connected." in screen_text(app)
        assert app.notices[-1].text.startswith("Disconnected ~/calendars.")
        assert len(list((tmp_path / "calendars" / "work").glob("*.ics"))) > 3
        await press(pilot, "u")
        [view] = (await desk.connections.overview()).connections
        [work] = [each for each in view.calendars if each.name == "Work"]
        assert (work.destination, work.shown) == (True, False)


async def test_full_exchange_is_switched(house: Any) -> None:
    """S20 to S23: the setting that lifts the limits, off until somebody switches it on."""
    app = house(exchange=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        assert row(app, "Full Exchange") == "Full Exchange off lifts the four limits"
        to_row(app, "e:full")
        await press(pilot, "enter")
        assert row(app, "Full Exchange").startswith("Full Exchange on")
        [view] = (await desk.connections.overview()).connections
        assert view.connection.full_exchange


async def test_another_account_than_expected_is_warned_about(house: Any) -> None:
    """S6."""
    app = house(google=True)
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "5", "]")
        assert row(app, "E-mail address") == f"E-mail address {ADA}"
        assert row(app, "Another account") == "Another account ! grace@example.com was expected"
        assert "! 1 problem found" in texts(app)
        assert row(app, "Work standup") == "Work standup.ics has no start."


async def test_an_old_account_shows_what_each_of_its_two_is_for(house: Any) -> None:
    """S15."""
    app = house(pair=True, created="2022-05-02")
    async with app.run_test(size=LARGE) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]")
        assert [text for text in texts(app) if text.startswith("Used for")] == [
            "Used for calendar settings",
            "Used for meeting settings",
        ]
        to_row(app, "two:disconnect")
        await press(pilot, "enter")
        assert "two@example.com?" in screen_text(app)
        assert "only one account can be connected" in screen_text(app)
        assert "offline mode" not in screen_text(app)  # the other one is still there
        await press(pilot, "enter")
        [view] = (await desk.connections.overview()).connections
        assert view.connection.use is Use.CALENDAR
        assert (await desk.settings.profile()).legacy_pair_ended
        assert "Connect your calendar" not in texts(app)


# E-mail integration


async def test_the_inbox_goes_and_the_calendar_stays(house: Any) -> None:
    """S14."""
    app = house(google=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]", "]")
        assert row(app, ADA) == f"{ADA} ■ connected"
        await press(pilot, "enter")
        assert row(app, ADA) == f"{ADA} □ disconnected"
        assert "Its calendar stays connected." in app.notices[-1].text
        assert len((await desk.connections.overview()).connections) == 1
        await press(pilot, "d", "enter")
        assert [box.connected for box in await desk.connections.inboxes()] == [True]


async def test_shared_inboxes_are_noted_and_removed(house: Any) -> None:
    """S13."""
    app = house()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "]", "]", "a")
        for wrong in ("", "team", *HOSTILE):
            await write(pilot, wrong)
            await press(pilot, "enter")
            assert error(app, "address")
        await write(pilot, "team@example.com")
        await press(pilot, "enter")
        assert row(app, "team@example.com") == "team@example.com noted"
        await press(pilot, "a")
        await write(pilot, "Team@Example.com")
        await press(pilot, "enter")
        assert "connected already" in error(app, "address")
        await press(pilot, "escape")
        [box] = await desk.connections.inboxes()
        to_row(app, box.id)
        await press(pilot, "d")
        assert await desk.connections.inboxes() == []
        await press(pilot, "u")
        assert [box.shared for box in await desk.connections.inboxes()] == [True]


# Keys, appearance, safety, about


async def test_keys_lists_every_command(house: Any) -> None:
    app = house()
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "5", "]", "]", "]")
        assert "~/state/keys.toml" in screen_text(app)
        assert row(app, "Show help") == "Show help ? F1 help"
        app.screen.pane.rows.select("connect-your-calendar")
        await press(pilot, "enter")
        assert str(app.screen.query_one("#copied", Static).render()) == (
            'connect-your-calendar = "c"'
        )


async def test_a_theme_is_previewed_and_kept_only_when_chosen(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "[", "enter", "down")
        assert app.theme == themes.LIGHT
        await press(pilot, "escape")
        assert app.theme == themes.DARK
        assert (await desk.settings.preferences()).theme == themes.DARK
        await press(pilot, "enter", "down", "down", "enter")
        assert app.theme == themes.CONTRAST
        assert (await desk.settings.preferences()).theme == themes.CONTRAST


async def test_a_switch_is_kept(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        before = (await desk.settings.preferences()).ascii
        await press(pilot, "5", "[")
        to_row(app, "ascii")
        await press(pilot, "space")
        assert (await desk.settings.preferences()).ascii is not before


async def test_everything_is_checked(house: Any, tmp_path: Path) -> None:
    app = house(connected=True)
    async with app.run_test(size=LARGE) as pilot:
        await settle(pilot)
        await press(pilot, "5", "down", "down", "enter", "G", "enter")
        assert row(app, "home").startswith("home ✓ The state lies in")
        assert "None are kept, and none is needed." in row(app, "Secrets")
        state = tmp_path / "state"
        state.chmod(state.stat().st_mode | stat.S_IROTH)
        to_row(app, "check")
        await press(pilot, "enter")
        assert row(app, "home").startswith("home ✗ Other users")


async def test_about_says_what_is_built(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await press(pilot, "5", "end")
        assert row(app, "Google / Gmail") == "Google / Gmail ✓ built"
        assert row(app, "This computer") == "This computer ✓ built"


# Working hours, overrides, absences


async def test_several_ranges_a_day(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "down", "enter", "enter")
        for wrong in ("nine", "9-25", "9:75-10", "09:00", "9--10", *HOSTILE):
            await write(pilot, wrong)
            await press(pilot, "enter")
            assert error(app, "hours")
        await write(pilot, "8-12, 13:00–16.30")
        await press(pilot, "enter")
        assert row(app, "Monday") == "Monday 08:00–12:00, 13:00–16:30"
        await press(pilot, "w")
        assert (await desk.settings.schedule()).hours == (
            Hours(WEEK, "08:00", "12:00"),
            Hours(WEEK, "13:00", "16:30"),
        )
        await press(pilot, "u")
        assert row(app, "Tuesday") == "Tuesday 09:00–16:00"
        await press(pilot, "enter")
        await write(pilot, "")
        await press(pilot, "enter")
        assert row(app, "Monday") == "Monday not at work"


async def test_the_week_starts_when_somebody_says(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "down", "enter", "G", "enter", "end", "enter")
        assert (await desk.settings.schedule()).week_start == "sun"
        assert row(app, "Week starts") == "Week starts Sunday"


async def test_other_hours_on_a_date(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "down", "]", "a")
        for wrong in ("", "24.12.2027", "2027-02-29", *HOSTILE):
            await write(pilot, wrong)
            await press(pilot, "enter")
            assert error(app, "date")
        await write(pilot, "2027-12-24")
        await press(pilot, "tab")
        await write(pilot, "9-26")
        await press(pilot, "enter")
        assert error(app, "hours")
        await write(pilot, "9-12")
        await press(pilot, "enter")
        assert texts(app) == ["Fri 24 Dec 09:00–12:00"]
        await press(pilot, "a")
        await write(pilot, "2027-12-24")
        await press(pilot, "enter")
        assert "other hours already" in error(app, "date")
        await press(pilot, "escape", "d")
        assert (await desk.settings.schedule()).overrides == ()
        await press(pilot, "u")
        assert (await desk.settings.schedule()).overrides == (
            Override("2027-12-24", (("09:00", "12:00"),)),
        )


async def test_absences(house: Any) -> None:
    app = house()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        desk = await settle(pilot)
        await press(pilot, "5", "down", "]", "]", "a", "tab")
        await write(pilot, "2027-07-09")
        await press(pilot, "shift+tab")
        for wrong in ("", "soon", "2027-07-05 25:00", *HOSTILE):
            await write(pilot, wrong)
            await press(pilot, "enter")
            assert error(app, "start")
        await write(pilot, "2027-07-05 12:00")
        await press(pilot, "tab")
        await write(pilot, "2027-07-04")
        await press(pilot, "enter")
        assert "ends before it begins" in error(app, "end")
        await write(pilot, "2027-07-09")
        await press(pilot, "tab")
        await write(pilot, "[@click=app.quit]Sea[/]\x1b[31m")
        await press(pilot, "enter")
        assert (await desk.settings.schedule()).absences == (
            Absence("2027-07-05T12:00", "2027-07-10T00:00", "[@click=app.quit]Sea[/][31m"),
        )
        assert texts(app) == ["Mon 5 Jul 12:00 – Fri 9 Jul [@click=app.quit]Sea[/][31m"]
        await press(pilot, "enter", "enter")
        assert len((await desk.settings.schedule()).absences) == 1
        await press(pilot, "delete")
        assert (await desk.settings.schedule()).absences == ()
        await press(pilot, "u")
        assert len((await desk.settings.schedule()).absences) == 1


def test_hours_come_back_as_they_were_written() -> None:
    hours = (Hours(WEEK, "09:00", "12:00"), Hours(("mon", "sat"), "22:00", "06:00"))
    assert by_day(week_of(by_day(hours))) == by_day(hours)
    assert read_ranges("", "hours") == ()
    assert read_ranges("9-12;13:15 - 24:00", "hours") == (("09:00", "12:00"), ("13:15", "24:00"))


@pytest.mark.parametrize("moment", ["2027-07-05", "2027-07-05 12:30"])
@pytest.mark.parametrize("end", [False, True])
def test_a_moment_comes_back_as_it_was_written(moment: str, end: bool) -> None:
    assert moment_field(read_moment(moment, "start", end=end), end=end) == moment


# As a dialog


async def test_calendar_settings_are_a_dialog_too(house: Any) -> None:
    """S18."""
    app = house(connected=True)
    async with app.run_test(size=SMALL) as pilot:
        desk = await settle(pilot)
        app.push_screen(CalendarSettingsScreen())
        await settle(pilot)
        assert "New meetings are booked into Work." in screen_text(app)
        await press(pilot, "down", "b")
        assert "New meetings are booked into Private." in screen_text(app)
        assert [each.destination for each in await desk.calendars.all()] == [False, True, False]
        await press(pilot, "escape")
        assert not isinstance(app.screen, CalendarSettingsScreen)
