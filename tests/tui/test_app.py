import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.events import AppBlur, AppFocus

from scheduling.errors import ErrorKind, KobleError
from tests.tui.conftest import SMALL, NoDesk, StillClock
from tests.tui.samples import AcceptSample, ExchangeSample, NobodySample, RequestsSample
from tui import themes
from tui.app import KobleApp
from tui.chrome import Chrome
from tui.commands import applying
from tui.screens.help import HelpScreen
from tui.screens.log import LogScreen
from tui.screens.palette import PaletteScreen
from tui.widgets.lines import FootLine, TopLine
from words import Phrase, use


def said(app: KobleApp) -> list[str]:
    return [notice.text for notice in app.notices]


async def test_the_desk_is_opened_after_the_first_paint_and_closed_at_the_end(an_app: Any) -> None:
    desk = NoDesk()
    painted: list[bool] = []

    async def opener() -> NoDesk:
        painted.append(app._dom_ready)
        return desk

    async def chrome(_desk: NoDesk) -> Chrome:
        return Chrome("none", detail="no calendar", requests=3)

    app = an_app(RequestsSample, opener, read_chrome=chrome)
    async with app.run_test(size=SMALL) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        top = app.screen.query_one(TopLine).render().plain
        assert "3 requests   ○ no calendar  14:03" in top
        assert app.desk is desk
        assert painted == [True]
        assert app.screen.did == ["load"]
        assert not desk.closed
    assert desk.closed


async def test_a_desk_that_cannot_be_opened_is_said_and_the_app_stays(an_app: Any) -> None:
    async def opener() -> NoDesk:
        raise KobleError(
            ErrorKind.STORAGE,
            Phrase("The state is of a newer koble."),
            Phrase("Install the newest one."),
        )

    app = an_app(RequestsSample, opener)
    async with app.run_test(size=SMALL) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert said(app) == ["The state is of a newer koble. Install the newest one."]
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)


async def test_numbers_go_to_the_main_screens_and_come_back_to_the_same(an_app: Any) -> None:
    made: list[str] = []

    class Pages(NobodySample):
        PLACE = "pages"

        def __init__(self) -> None:
            super().__init__()
            made.append("pages")

    app = an_app(None, screens={"meetings": RequestsSample, "pages": Pages})
    async with app.run_test(size=SMALL) as pilot:
        first = app.screen
        await pilot.press("2")
        assert app.screen.PLACE == "pages"
        await pilot.press("1")
        assert app.screen is first
        await pilot.press("2")
        assert made == ["pages"]


async def test_what_changed_is_read_again_at_once_in_front_and_on_return_elsewhere(
    an_app: Any,
) -> None:
    app = an_app(None, screens={"meetings": RequestsSample, "pages": NobodySample})
    async with app.run_test(size=SMALL) as pilot:
        await app.workers.wait_for_complete()
        first = app.screen
        await pilot.press("2")
        await app.workers.wait_for_complete()
        app._changed(frozenset({"bookings"}))
        await app.workers.wait_for_complete()
        assert (first.did, app.screen.did) == (["load"], ["load", "load"])
        await pilot.press("1")
        await app.workers.wait_for_complete()
        assert first.did == ["load", "load"]


async def test_a_command_is_a_message_from_where_it_is_listed(an_app: Any) -> None:
    seen: list[Any] = []
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL, message_hook=seen.append) as pilot:
        await pilot.press("a")
        commands = [message for message in seen if isinstance(message, AcceptSample)]
        assert len(set(commands)) == 1
        assert "accept" in app.screen.did


async def test_u_takes_back_what_was_done_and_only_once(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        assert "undo" not in {entry.command.id for entry in applying(app.screen)}
        await pilot.press("u", "a")
        assert "undo" in {entry.command.id for entry in applying(app.screen)}
        await pilot.press("u", "u")
        await app.workers.wait_for_complete()
        assert [did for did in app.screen.did if did != "load"] == ["accept", "undo"]
        assert said(app) == [
            "Accepted the meeting with Alan Turing.   u undo",
            "Not accepted after all.",
        ]


async def test_after_ten_seconds_there_is_nothing_to_take_back(
    an_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.notices.UNDO_SECONDS", 0.5)
    gone = asyncio.Event()
    app = an_app(RequestsSample)

    def look(_screen: Any) -> None:
        if app.screen.did and "undo" not in {e.command.id for e in applying(app.screen)}:
            gone.set()

    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("a")
        app.screen.bindings_updated_signal.subscribe(app, look)
        await asyncio.wait_for(gone.wait(), 60)
        await pilot.press("u")
        assert [did for did in app.screen.did if did != "load"] == ["accept"]


async def test_an_unexpected_error_is_written_down_and_the_app_goes_on(
    an_app: Any, tmp_path: Path
) -> None:
    app = an_app(RequestsSample, home=tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("b", "a", "b")
        (path,) = (tmp_path / "crash").iterdir()
        assert path.stat().st_mode & 0o777 == 0o600
        assert "ZeroDivisionError: nobody expected this" in path.read_text()
        assert said(app)[0] == f"Something went wrong. It is written down in {path}."
        assert "accept" in app.screen.did
        assert len([text for text in said(app) if "went wrong" in text]) == 1


async def test_an_error_in_a_worker_is_written_down_as_well(an_app: Any, tmp_path: Path) -> None:
    async def fail() -> None:
        raise KeyError("lost")

    app = an_app(RequestsSample, home=tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.screen.work(fail(), group="x")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "KeyError: 'lost'" in next((tmp_path / "crash").iterdir()).read_text()


async def test_without_a_home_unexpected_errors_are_raised(an_app: Any) -> None:
    app = an_app(RequestsSample)
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("b")


async def test_an_error_for_people_is_said_with_its_way_out(an_app: Any) -> None:
    async def fail() -> None:
        raise KobleError(ErrorKind.AUTH, Phrase("Google asks you to sign in."), Phrase("Press s."))

    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.screen.work(fail(), group="x")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert said(app) == ["Google asks you to sign in. Press s."]
        assert app.notices[0].severity == "error"


async def test_the_users_keys_replace_ours_everywhere(an_app: Any, tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('help = "f9,f8"\nquti = "x"\n')
    app = an_app(RequestsSample, home=tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert said(app) == ["keys.toml: there is no command quti."]
        assert "F9 help" in app.screen.query_one(FootLine).render().plain
        await pilot.press("question_mark")
        assert not isinstance(app.screen, HelpScreen)
        await pilot.press("f9")
        assert isinstance(app.screen, HelpScreen)


async def test_the_clock_of_the_first_line_is_koble_s_own(an_app: Any, clock: StillClock) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.show_chrome(Chrome("fresh", "Google", "ada@example.com", "1 min", 2, "14:03"))
        clock.at += 120
        app._tick()
        await pilot.pause()
        assert "● Google · 1 min  14:05" in app.screen.query_one(TopLine).render().plain


async def test_progress_is_said_in_the_last_line_and_goes_again(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.progress("reading 3 calendars")
        await pilot.pause()
        assert app.screen.query_one(FootLine).render().plain.endswith("reading 3 calendars ")
        app.progress("")
        await pilot.pause()
        assert "reading" not in app.screen.query_one(FootLine).render().plain


async def test_the_language_changes_while_it_runs(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=(120, 40)) as pilot:
        use("en")
        app.speak("nb")
        await pilot.pause()
        assert app.screen.query_one(TopLine).render().plain.startswith(" koble")
        assert len(app.screen.query(TopLine)) == 1
        use("en")


async def test_the_look_changes_with_the_settings_while_it_runs(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await app.workers.wait_for_complete()
        app.show_chrome(Chrome("fresh", "Google", "", "1 min"))
        await pilot.pause()
        assert "● Google · 1 min" in screen_text(app)
        app.desk.settings.ascii, app.desk.settings.theme = True, themes.LIGHT
        app._changed(frozenset({"settings"}))
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.theme == themes.LIGHT
        assert "* Google - 1 min" in screen_text(app)
        assert screen_text(app).isascii()


def screen_text(app: KobleApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_the_lines_of_a_screen_can_be_clicked(an_app: Any) -> None:
    app = an_app(None, screens={"meetings": RequestsSample, "pages": NobodySample})
    async with app.run_test(size=(120, 40)) as pilot:
        x = app.screen.query_one(TopLine).render().plain.index("Pages")
        await pilot.click(TopLine, offset=(x, 0))
        assert isinstance(app.screen, NobodySample)
        x = app.screen.query_one(FootLine).render().plain.index("help")
        await pilot.click(FootLine, offset=(x, 0))
        assert isinstance(app.screen, HelpScreen)


async def test_the_last_line_is_silent_under_a_dialog(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        foot = app.screen.query_one(FootLine)
        assert "a accept" in foot.render().plain
        app.push_screen(ExchangeSample())
        await pilot.pause()
        assert foot.render().plain.strip() == ""
        await pilot.press("escape")
        assert "a accept" in foot.render().plain


async def test_help_opens_over_a_dialog_too(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(ExchangeSample())
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)


async def test_notices_are_kept(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("a", "ctrl+p", *"notices", "enter")
        assert isinstance(app.screen, LogScreen)


async def test_the_palette_has_what_applies_now(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, PaletteScreen)
        ids = {row.id for row in app.screen.found("")}
        assert {"accept-sample", "go-to-pages", "show-log", "quit"} <= ids
        assert "undo" not in ids


async def test_q_quits(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


@pytest.mark.parametrize(("ssh", "level"), [("", "full"), ("10.0.0.1 5 10.0.0.2 22", "none")])
def test_nothing_moves_over_ssh(
    monkeypatch: pytest.MonkeyPatch, clock: StillClock, ssh: str, level: str
) -> None:
    monkeypatch.delenv("TEXTUAL_ANIMATIONS")
    if ssh:
        monkeypatch.setenv("SSH_CONNECTION", ssh)

    async def opener() -> Any:
        return NoDesk()

    app = KobleApp(opener, clock=clock, screens={})
    assert app.animation_level == ("none" if ssh else app.animation_level)
    assert (app.animation_level == "none") >= bool(ssh)


async def test_who_comes_back_to_the_terminal_has_the_calendars_read(an_app: Any) -> None:
    app = an_app(RequestsSample)
    async with app.run_test(size=SMALL) as pilot:
        while app.desk is None:
            await pilot.pause()
        came: list[str] = []
        app.desk.round = SimpleNamespace(attend=lambda: came.append("back"))
        app.post_message(AppBlur())
        await pilot.pause()
        assert came == []
        app.post_message(AppFocus())
        await pilot.pause()
        assert came == ["back"]


def test_nothing_waits_for_widgets_to_go() -> None:
    # Textual's app waits for them as well: where work that waits is cancelled, the app just ends.
    for path in Path("tui").rglob("*.py"):
        waits = re.findall(r"await .*\.(?:remove|remove_children|recompose)\(", path.read_text())
        assert not waits, path
