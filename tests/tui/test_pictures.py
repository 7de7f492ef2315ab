"""Pictures of the ground at both sizes; `make snapshots` redraws them after a wanted change."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import LARGE, SMALL
from tests.tui.samples import ExchangeSample, NobodySample, RequestsSample
from tui import clipboard, themes
from tui.chrome import Chrome
from tui.commands.general import GoToPages
from tui.screens.search import Hit

FRESH = Chrome("fresh", "Google", "ada@example.com", "1 min", 2)
STALE = Chrome("stale", "Office 365", "ada@example.com", "stale since 09:40", 2)
Prepare = Callable[[Pilot[Any]], Awaitable[None]]

pytestmark = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])


def pressing(*keys: str, chrome: Chrome = FRESH) -> Prepare:
    async def prepare(pilot: Pilot[Any]) -> None:
        app: Any = pilot.app
        await pilot.pause()
        app.show_chrome(chrome)
        app._tick()
        await pilot.press(*keys)
        await app.workers.wait_for_complete()
        await pilot.pause()

    return prepare


def test_a_list(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample)
    assert snap_compare(app, terminal_size=size, run_before=pressing("j"))


@pytest.mark.parametrize("theme", themes.NAMES)
def test_themes(snap_compare: Any, an_app: Any, size: tuple[int, int], theme: str) -> None:
    app = an_app(RequestsSample, theme=theme)
    keys = pressing("a", "question_mark", chrome=STALE)
    assert snap_compare(app, terminal_size=size, run_before=keys)


def test_ascii(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample, ascii=True)
    assert snap_compare(app, terminal_size=size, run_before=pressing("a", "question_mark"))


def test_an_empty_list(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(NobodySample)
    assert snap_compare(app, terminal_size=size, run_before=pressing())


def test_help(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample)
    assert snap_compare(app, terminal_size=size, run_before=pressing("question_mark"))


def test_the_palette(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample)
    keys = pressing("ctrl+p", *"req")
    assert snap_compare(app, terminal_size=size, run_before=keys)


def test_search(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    async def search(text: str) -> list[Hit]:
        return [
            Hit("Contact", "Grace Hopper", "grace@example.com", GoToPages()),
            Hit("Page", "/intro", "Intro call, 30 min", GoToPages()),
            Hit("Zone", "America/Grenada", "-04:00", GoToPages()),
        ]

    app = an_app(RequestsSample)
    app.search = search
    assert snap_compare(app, terminal_size=size, run_before=pressing("slash", *"gr", "down"))


def test_a_form_with_errors(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await pressing()(pilot)
        pilot.app.push_screen(ExchangeSample())
        await pilot.pause()
        await pilot.press(*"jdoe", "tab", *"secret", "enter")

    assert snap_compare(an_app(RequestsSample), terminal_size=size, run_before=prepare)


def test_undo(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample)
    assert snap_compare(app, terminal_size=size, run_before=pressing("a"))


def test_the_log(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        app: Any = pilot.app
        app.notice("Accepted the meeting with Alan Turing.")
        app.notice("Google asks you to sign in again. Press s.", severity="error")
        app.notice("keys.toml: there is no command quti.", severity="warning")
        app.clear_notifications()
        await pressing("ctrl+p", *"notices", "enter")(pilot)

    assert snap_compare(an_app(RequestsSample), terminal_size=size, run_before=prepare)


def test_jumping(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    app = an_app(RequestsSample)
    assert snap_compare(app, terminal_size=size, run_before=pressing("f"))


def test_copied_text(snap_compare: Any, an_app: Any, size: tuple[int, int]) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        await pressing()(pilot)
        text = "Thu 4 Mar 15:00–15:30 (Europe/Oslo)\nFri 5 Mar 09:00–09:30 (Europe/Oslo)"
        clipboard.copy(pilot.app, text)
        await pilot.pause()

    assert snap_compare(an_app(RequestsSample), terminal_size=size, run_before=prepare)
