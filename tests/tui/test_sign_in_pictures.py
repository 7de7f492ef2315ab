"""Pictures of signing in to Google and Office 365, in both languages; the vendors stand still."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.events import Paste
from textual.pilot import Pilot

from desk.records import document
from scheduling.connections import Connection, Kind
from scheduling.errors import ErrorKind, KobleError
from tests.tui.attempts import StillAttempt, stands_still
from tests.tui.conftest import LARGE, NOW, SMALL
from tests.tui.desks import press, settle, until
from tests.tui.settings_desk import ADA, SCREENS, opens, put
from tui.screens.connect.arrived import Arrived
from tui.screens.connect.sign_in import SignIn
from tui.screens.settings import SettingsScreen
from words import LANGUAGES, Phrase

Prepare = Callable[[Pilot[Any]], Awaitable[None]]
pytestmark = [
    pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"]),
    pytest.mark.parametrize("language", LANGUAGES, ids=["english", "norwegian"]),
]
GOOGLE, OFFICE = ("enter",), ("down", "enter")


@pytest.fixture
def house(
    tmp_path: Path, an_app: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> Any:
    """Makes the app over a desk; facts as `opens` has them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KOBLE_MICROSOFT_CLIENT", "11111111-2222-3333-4444-555555555555")
    secret = tmp_path / "client_secret.json"
    secret.write_text(
        '{"installed": {"client_id": "640853310984-abc.apps.googleusercontent.com",'
        ' "client_secret": "GOCSPX-hush"}}'
    )
    monkeypatch.setenv("KOBLE_GOOGLE_CLIENT", str(secret))

    def make(**facts: Any) -> Any:
        desk = opens(tmp_path, clock, language=language, **facts)
        return an_app(SettingsScreen, desk, screens=SCREENS)

    return make


def signing_in(
    *keys: str, remote: bool = True, text: str = "", error: KobleError | None = None
) -> Prepare:
    """Choose a kind by `keys`, accept, and wait for the vendor; then what `keys` has more."""

    async def prepare(pilot: Pilot[Any]) -> None:
        begun = stands_still(await settle(pilot), remote=remote)
        kind = GOOGLE if keys[:1] == GOOGLE else OFFICE
        await press(pilot, "5", "]", "c", *kind)
        await pilot.press("enter")
        await waiting(pilot)
        for key in keys[len(kind) :]:
            await pilot.press(key)
            await pilot.pause()
        if keys[len(kind) :] == ("f4",):
            await waiting(pilot)
        if text and pilot.app.focused is not None:
            pilot.app.focused.post_message(Paste(text))
            await pilot.pause()
        await ended(pilot, begun[-1], error)

    return prepare


async def waiting(pilot: Pilot[Any]) -> None:
    screen: Any = pilot.app.screen
    await until(pilot, lambda: isinstance(screen.step, SignIn) and screen.step.phase == "waiting")
    await pilot.pause()


async def ended(pilot: Pilot[Any], attempt: StillAttempt, error: KobleError | None) -> None:
    if error is not None:
        screen: Any = pilot.app.screen
        attempt.fail(error)
        await until(pilot, lambda: screen.step.phase == "failed")
    await pilot.pause()
    await pilot.pause()


FORBIDDEN = KobleError(
    ErrorKind.AUTH,
    Phrase("The access was not allowed on the page of {vendor}.", vendor="Microsoft"),
    Phrase("Sign in again and allow it, with the right account."),
)
PICTURES = {
    "far": signing_in(*GOOGLE),
    "far-office": signing_in(*OFFICE),
    "at-hand": signing_in(*GOOGLE, remote=False),
    "wrong-answer": signing_in(*GOOGLE, text="http://127.0.0.1:43210/?state=x&code=y"),
    "failed": signing_in(*OFFICE, error=FORBIDDEN),
    "code": signing_in(*OFFICE, "f4"),
    "address": signing_in(*GOOGLE, "f2"),
    "qr-too-large": signing_in(*GOOGLE, "f3"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_sign_in(snap_compare: Any, house: Any, size: tuple[int, int], name: str) -> None:
    assert snap_compare(house(), terminal_size=size, run_before=PICTURES[name])


def test_another_account_with_too_little_allowed(
    snap_compare: Any, house: Any, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        screen: Any
        await signing_in(*GOOGLE)(pilot)
        screen = pilot.app.screen
        connection = Connection(
            id="g", kind=Kind.GOOGLE, address="grace@example.com", expected=ADA, made_at=NOW
        )
        missing = (str(Phrase("add, change and delete events")),)
        screen.step.post_message(SignIn.Signed(screen.step.plan, connection, missing))
        await until(pilot, lambda: isinstance(screen.step, Arrived))
        await pilot.pause()

    assert snap_compare(house(), terminal_size=size, run_before=prepare)


def test_an_account_that_was_signed_out(
    snap_compare: Any, house: Any, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[Any]) -> None:
        desk = await settle(pilot)
        await put(desk, Kind.OFFICE365, "o")
        [view] = (await desk.connections.overview()).connections
        out = msgspec.structs.replace(
            view.connection, needs_sign_in=True, options={"access": "busy"}
        )
        await desk.write(lambda store: store.connections.put(document(out)))
        await press(pilot, "5")
        screen: Any = pilot.app.screen
        screen.find("calendar")
        await settle(pilot)

    assert snap_compare(house(), terminal_size=size, run_before=prepare)
