"""Text from strangers through every widget of the ground: shown as it is, or not at all."""

import unicodedata
from typing import Any

import pytest
from textual.widgets._toast import Toast

from scheduling.errors import ErrorKind, KobleError
from tests.tui.conftest import LARGE
from tests.tui.samples import HOSTILE, ExchangeSample, HostileSample, RequestsSample
from tui import clipboard
from tui.app import KobleApp
from tui.chrome import Chrome
from tui.commands.general import GoToPages
from tui.screens.log import LogScreen
from tui.screens.search import Hit
from tui.widgets.form import FormField
from tui.widgets.rows import Rows
from words import Phrase

BAD = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def screen_text(app: KobleApp) -> str:
    """What would be written, line by line, after every filter."""
    compositor = app.screen._compositor
    return "\n".join(strip.text for strip in compositor.render_strips())


def check(app: KobleApp) -> str:
    text = screen_text(app)
    bad = {hex(ord(c)) for c in text if unicodedata.category(c) in BAD and c != "\n"}
    assert bad == set()
    assert app.is_running
    return text


async def test_rows_show_it_as_it_is(an_app: Any) -> None:
    app = an_app(HostileSample)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        text = check(app)
        for title in HOSTILE[:3]:
            assert title in text
        assert "]52;c;UFdORUQ=" in text
        for y in range(1, len(HOSTILE) + 1):
            await pilot.click(Rows, offset=(16, y))
        assert app.is_running
        assert app._exit is False


@pytest.mark.parametrize("title", HOSTILE)
async def test_lines_dialogs_and_notices_show_it_as_it_is(an_app: Any, title: str) -> None:
    async def search(text: str) -> list[Hit]:
        return [Hit(title, title, title, GoToPages())]

    app = an_app(RequestsSample)
    app.search = search
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        app.show_chrome(Chrome("fresh", title, title, title))
        app.progress(title)
        app.notice(title, severity="error")
        app.offer_undo(title, search)
        app.complain(KobleError(ErrorKind.INVALID, Phrase("{what}", what=title)))
        await pilot.pause()
        check(app)
        app.push_screen(LogScreen(app.notices, app.zone))
        await pilot.pause()
        check(app)
        await pilot.press("escape")
        clipboard.copy(app, title)
        await pilot.pause()
        check(app)
        await pilot.press("escape", "slash", "x")
        await app.workers.wait_for_complete()
        await pilot.pause()
        check(app)
        await pilot.press("escape")
        app.push_screen(form := ExchangeSample())
        await pilot.pause()
        field = form.query_one("#field-email", FormField)
        field.value = title
        field.say(title)
        await pilot.pause()
        check(app)
        await pilot.click(Toast)
        await pilot.click(".below")
        assert app._exit is False


async def test_a_dialog_s_title_may_hold_anything(an_app: Any) -> None:
    class Titled(ExchangeSample):
        def heading(self) -> str:
            return "[/] [@click=app.quit]x[/] \x1b]0;x\x07"

    app = an_app(RequestsSample)
    async with app.run_test(size=LARGE) as pilot:
        app.push_screen(Titled())
        await pilot.pause()
        assert "[/] [@click=app.quit]x[/]" in check(app)
