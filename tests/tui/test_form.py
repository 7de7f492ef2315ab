"""Fields that people type in."""

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste

from tui.widgets.form import TextField


class Typing(App[None]):
    """Two fields: one of them hides what is in it."""

    def compose(self) -> ComposeResult:
        yield TextField("open", id="open")
        yield TextField("secret", password=True, id="hidden")


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+x"])
async def test_a_password_is_never_copied(key: str) -> None:
    app = Typing()
    async with app.run_test() as pilot:
        for name in ("open", "hidden"):
            field = app.query_one(f"#{name}", TextField)
            field.focus()
            await pilot.pause()
            field.select_all()
            await pilot.press(key)
        assert app.clipboard == "open"
        assert (app.query_one("#hidden", TextField).value == "") == (key == "ctrl+x")


@pytest.mark.parametrize(
    ("field", "pasted", "held"),
    [
        ("open", "\nGrace\n  Hopper\r\n", "Grace Hopper"),
        ("open", "\n", ""),
        ("hidden", "\n pass word \nnext", " pass word "),
    ],
)
async def test_several_pasted_lines_become_one(field: str, pasted: str, held: str) -> None:
    app = Typing()
    async with app.run_test() as pilot:
        text = app.query_one(f"#{field}", TextField)
        text.value = ""
        text.focus()
        await pilot.pause()
        app.post_message(Paste(pasted))
        await pilot.pause()
        assert text.value == held
