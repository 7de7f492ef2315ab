"""The terminal app: what surrounds the screens.

Nothing heavy is imported here: no desk, no provider, no calendar library. The first paint comes
before the desk is opened; see `tests/tui/test_imports.py` and `tests/bench/start.py`.
"""

import asyncio
import gc
import importlib
import os
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from textual import on
from textual.events import AppFocus, Ready
from textual.reactive import Reactive
from textual.screen import Screen
from textual.theme import Theme

from scheduling.errors import ErrorKind, KobleError
from scheduling.zones import DAY
from tui import marks, themes
from tui.chrome import Chrome
from tui.commands import Command, applying, key_text
from tui.commands.general import EVERYWHERE, GoTo, Quit, Undo
from tui.commands.meetings import Show
from tui.frame import FramedApp
from tui.guard import write_crash
from tui.notices import NOTICE_SECONDS, NoticeApp
from tui.plain import Plain
from tui.screens.base import HEIGHTS, WIDTHS, KobleScreen
from tui.typed import TypedApp
from words import Phrase, _, current, dates, use

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from desk.clock import Clock
    from desk.desk import Desk
    from tui.screens.search import Hit

SCREENS: Mapping[str, str] = {
    "meetings": "tui.screens.meetings:MeetingsScreen",
    "pages": "tui.screens.pages:PagesScreen",
    "requests": "tui.screens.requests:RequestsScreen",
    "contacts": "tui.screens.contacts:ContactsScreen",
    "settings": "tui.screens.settings:SettingsScreen",
}
"""Where the class of each main screen lies; imported when it is first shown."""
KEYS = "keys.toml"


class OpeningScreen(KobleScreen):
    """What is painted first: the first and the last line, while the first screen is imported."""

    PLACE = "meetings"


class KobleApp(FramedApp, TypedApp, NoticeApp):
    """The terminal face.

    Args:
        open_desk: opens the desk; awaited after the first paint.
        clock: what tells the time.
        zone: the IANA zone in which times are shown until a profile says another.
        home: where crash reports are written and `keys.toml` is read. Without one (in tests)
            nothing is read or written, and unexpected errors are raised.
        theme: one of `themes.NAMES`.
        ascii: marks and borders in ASCII; None: as the environment asks.
        language: spoken in place of the profile's, until that is changed.
        animations: None: only where the terminal is not behind SSH.
        screens: where the main screens lie, or what makes them; the first one is shown first.
        read_chrome: what the first line says, asked from the desk; `health.read_chrome` unless
            given.
    """

    TITLE = "koble"
    CSS_PATH = "koble.tcss"
    COMMANDS = EVERYWHERE  # type: ignore[assignment] # ours, not Textual's palette providers
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    # Ours from the beginning: to change it later parses all styles once more.
    theme = Reactive(themes.DARK)

    def __init__(
        self,
        open_desk: "Callable[[], Awaitable[Desk]]",
        *,
        clock: "Clock",
        zone: str = "UTC",
        home: Path | None = None,
        theme: str = "",
        ascii: bool | None = None,
        language: str = "",
        animations: bool | None = None,
        screens: Mapping[str, str | Callable[[], Screen[Any]]] = SCREENS,
        read_chrome: "Callable[[Desk], Awaitable[Chrome]] | None" = None,
    ) -> None:
        self._first = next(iter(screens), "")
        if callable(screens.get(self._first)):
            self.DEFAULT_MODE = self._first  # type: ignore[misc] # read below
        self._ascii = marks.wants_ascii() if ascii is None else ascii
        self._plain = Plain(ascii=self._ascii)
        super().__init__()
        for name, where in screens.items():
            self.add_mode(name, partial(_make, where))
        self._modules = {name: where for name, where in screens.items() if isinstance(where, str)}
        self._open_desk = open_desk
        self._ask_chrome = read_chrome
        self._theme = theme
        self._language = language
        self._kept_language = ""
        self.desk: Desk | None = None
        self.clock = clock
        self.zone = zone
        self.home = home
        self.chrome = Chrome()
        self.status = ""
        self.user_keys: dict[str, str] = {}
        self._started = {self.DEFAULT_MODE}
        self._troubles: set[str] = set()
        wanted = themes.preferred(theme)
        if wanted != themes.DARK:
            self.theme = wanted
        if animations is None:
            animations = "SSH_CONNECTION" not in os.environ
        if not animations:
            self.animation_level = "none"

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Textual's themes, and ours."""
        return super().available_themes | {each.name: each for each in themes.THEMES}

    @property
    def ascii(self) -> bool:
        """Whether only ASCII reaches the terminal."""
        return self._plain.ascii

    # The life of the app

    def get_default_screen(self) -> Screen[Any]:
        """What is shown before the first main screen is there."""
        return OpeningScreen()

    @on(Ready)
    def _first_paint(self) -> None:
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """What waits until the first paint is out."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        self._tick()
        if self.home is not None and (self.home / KEYS).exists():
            self._read_keys(self.home / KEYS)
        self.start(self, self._open(), "open")

    async def _open(self) -> None:
        if self._first in self._modules:
            await self._fetch(self._first)
        try:
            self.desk = await self._open_desk()
        except KobleError as error:
            self.show_chrome(replace(self.chrome, state="sign_in", detail=_("cannot be opened")))
            # It stays: nothing works without the desk, and this says why.
            self.notice(str(error), severity="error", seconds=DAY)
            return
        self.desk.vault.ask = self._ask_passphrase
        self.desk.bus.listen(self._changed)
        await self._read_settings()
        for screen in self._main_screens():
            screen.reload()
        await self._read_chrome()

    async def _ask_passphrase(self, new: bool) -> str:
        """Ask for the passphrase of the secrets.

        Raises:
            KobleError: auth, where nobody will say it.
        """
        from tui.screens.passphrase import PassphraseScreen  # seldom needed

        screen = PassphraseScreen(new=new)
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def answered(text: str | None) -> None:
            if not answer.done():
                answer.set_result(text)

        self.push_screen(screen, answered)
        try:
            text = await answer
        except asyncio.CancelledError:
            screen.dismiss(None)  # whoever needed it has gone
            raise
        if text is None:
            raise KobleError(
                ErrorKind.AUTH,
                Phrase("The passwords stay locked."),
                Phrase("You are asked again when you connect, or start koble again."),
            )
        return text

    async def _read_settings(self) -> None:
        """Look, speak and count time as the settings say."""
        if self.desk is None:
            return
        preferences = await self.desk.settings.preferences()
        profile = await self.desk.settings.profile()
        self.zone = profile.zone
        ascii = self._ascii or preferences.ascii
        if ascii != self._plain.ascii:
            self._plain = Plain(ascii=ascii)
            for screen in {*self._main_screens(), *self.screen_stack}:
                for widget in screen.query("*"):
                    widget.refresh()
        theme = themes.preferred(self._theme or preferences.theme)
        if theme != self.theme:
            self.theme = theme
        if self._kept_language not in ("", profile.language):
            self._language = ""
        self._kept_language = profile.language
        if (language := self._language or profile.language) != current():
            self.speak(language)

    async def _read_chrome(self) -> None:
        """Ask the desk for what the first line says."""
        if self._ask_chrome is None:
            from tui.health import read_chrome  # knows the desk: not before the first paint

            self._ask_chrome = read_chrome
        if self.desk is not None:
            chrome = await self._ask_chrome(self.desk)
            self.show_chrome(replace(chrome, now=self.chrome.now))

    @on(AppFocus)
    def _attend(self) -> None:
        """The person is back at this terminal: what they see is to be of now."""
        if self.desk is not None:
            self.desk.round.attend()

    async def on_unmount(self) -> None:
        """The terminal is itself again; now let go of the desk."""
        if self.desk is not None:
            await self.desk.close()

    def _tick(self) -> None:
        """Once a minute: the clock in the first line, and whatever a screen counts down."""
        now = self.clock.now()
        self.show_chrome(replace(self.chrome, now=dates.time_of_day(now, self.zone)))
        if isinstance(self.screen, KobleScreen):
            self.screen.minute()
        self.start(self, self._read_chrome(), "chrome")
        self.set_timer(60 - now % 60, self._tick)

    def _main_screens(self) -> list[KobleScreen]:
        stacks = [self.get_screen_stack(name) for name in self._started]
        return [each for stack in stacks for each in stack if isinstance(each, KobleScreen)]

    def _changed(self, tables: frozenset[str]) -> None:
        if "settings" in tables:
            self.start(self, self._read_settings(), "settings")
        if tables & {"bookings", "connections", "settings"}:
            self.start(self, self._read_chrome(), "chrome")
        for screen in self._main_screens():
            if not screen.TABLES or screen.TABLES & tables:
                screen.changed()

    def _read_keys(self, path: Path) -> None:
        from tui.keymap import read_keys  # needs every command and a TOML reader

        self.user_keys, wrong = read_keys(path)
        self.set_keymap(self.user_keys)
        for phrase in wrong:
            self.notice(str(phrase), severity="warning", seconds=2 * NOTICE_SECONDS)

    # What screens ask of the app

    def show_chrome(self, chrome: Chrome) -> None:
        """Show another state in the first line of every screen."""
        self.chrome = chrome
        self._show_lines()

    def progress(self, text: str) -> None:
        """Say what is going on, in the one quiet place for it; empty: nothing."""
        self.status = text
        self._show_lines()

    def _show_lines(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, KobleScreen):
                screen.show_chrome(self.chrome, self.status)

    def speak(self, language: str) -> None:
        """Say everything in another language from here on."""
        use(language)
        for screen in self._main_screens():
            # Each by itself: where a worker is cancelled while it waits for widgets to go, so is
            # whatever else waits for them, the app among it.
            place = screen.place()
            screen.call_next(screen.recompose)
            screen.call_next(screen.begin)
            if place:
                screen.call_next(screen.find, place)
            screen.call_next(screen.reload)
            screen.call_next(self._show_lines)

    def trouble(self, error: Exception) -> bool:
        """Show `error`; one that nobody expected is written down. False where there is no home."""
        if isinstance(error, KobleError):
            self.complain(error)
            return True
        if self.home is None:
            return False
        where = traceback.extract_tb(error.__traceback__)[-1:]
        seen = f"{type(error).__name__} {where}"
        if seen not in self._troubles:
            self._troubles.add(seen)
            path = write_crash(self.home, error)
            text = _("Something went wrong. It is written down in {path}.", path=path)
            if self.is_running:
                self.notice(text, severity="error", seconds=2 * NOTICE_SECONDS)
            else:
                self.end_with(text)
        return True

    def get_line_filters(self) -> "Sequence[LineFilter]":
        """What every line passes on its way out: Textual's filters, then ours."""
        return [*super().get_line_filters(), self._plain]

    # Commands

    def applies(self, command: type[Command]) -> bool | None:
        """Undo applies while there is something to take back."""
        return self.undoable if command is Undo else True

    @on(GoTo)
    def _go_to(self, command: GoTo) -> None:
        what = command.what if isinstance(command, Show) else ""
        if command.to in self._modules:
            self.start(self, self._fetch(command.to, what), "go")
        else:
            self._show_place(command.to, what)

    async def _fetch(self, name: str, what: str = "") -> None:
        """Import the module of a main screen, in a thread, so that keys are still taken."""
        where = self._modules.pop(name)
        with self.keys_wait():
            await asyncio.to_thread(importlib.import_module, where.partition(":")[0])
            self._show_place(name, what)

    def _show_place(self, name: str, what: str = "") -> None:
        """Show the main screen of that name, and on it what was searched for."""
        self._started.add(name)
        self.switch_mode(name)
        self._show_lines()
        if what and isinstance(self.screen, KobleScreen):
            self.screen.call_after_refresh(self.screen.find, what)

    # The dialogs are imported when they are asked for: not before the first paint.

    def on_help(self) -> None:
        """Show the keys that work here."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(applying(self.screen)))

    def on_palette(self) -> None:
        """List the commands that apply now."""
        from tui.screens.palette import PaletteScreen

        self.push_screen(PaletteScreen(applying(self.screen)))

    def on_search(self) -> None:
        """Find something by a few letters."""
        from tui.screens.search import SearchScreen

        self.push_screen(SearchScreen(self.search))

    def on_jump(self) -> None:
        """Put letters on what can have the focus."""
        from tui.screens.jump import JumpScreen

        self.push_screen(JumpScreen(self.screen))

    def on_show_log(self) -> None:
        """List the notices of this session."""
        from tui.screens.log import LogScreen

        self.push_screen(LogScreen(self.notices, self.zone))

    def on_redraw(self) -> None:
        """Draw everything again."""
        self.forget_frame()
        self.refresh(layout=True)

    def on_to_shell(self) -> None:
        """Stop, as the shell's job control has it."""
        self.action_suspend_process()

    def on_quit(self) -> None:
        """Leave."""
        self.exit(0)

    def action_help_quit(self) -> None:
        """Somebody pressed ctrl+c, as one does: say what leaves."""
        self.notice(_("{key} leaves koble.", key=key_text(self.keys_of(Quit)[0])))

    async def search(self, text: str) -> "list[Hit]":
        """What `text` finds."""
        from tui.finding import find  # knows the desk: not before the first paint

        return await find(self.desk, text) if self.desk is not None else []


def _make(where: str | Callable[[], Screen[Any]]) -> Screen[Any]:
    """A main screen, from `module:Class`, imported now, or from what makes it."""
    if callable(where):
        return where()
    module, _colon, name = where.partition(":")
    screen: Screen[Any] = getattr(importlib.import_module(module), name)()
    return screen


def run(home: Path, *, sample: bool = False, mouse: bool = True, language: str = "") -> int:
    """Run the app in this terminal on the state in `home`; the exit code of the process.

    `language` is spoken in place of the profile's. With `sample`, a made-up week in a folder that
    is thrown away afterwards. The garbage collector waits until the first paint: it would only
    walk what is here to stay.
    """
    if sample:
        with TemporaryDirectory(prefix="koble-") as folder:
            return _run(Path(folder), sample=True, mouse=mouse, language=language)
    return _run(home, sample=False, mouse=mouse, language=language)


def _run(home: Path, *, sample: bool, mouse: bool, language: str) -> int:
    from desk.clock import SystemClock, local_zone  # the desk's, though not yet the desk

    async def open_desk() -> "Desk":
        # The store, the calendars and all they need: behind the first paint.
        desk_module = await asyncio.to_thread(importlib.import_module, "desk.desk")
        desk: Desk = await desk_module.Desk.open(home)
        if sample:
            from desk.sample import furnish

            await furnish(desk)
        desk.round.start(app.trouble)
        return desk

    app = KobleApp(open_desk, clock=SystemClock(), zone=local_zone(), home=home, language=language)
    gc.disable()
    try:
        app.run(mouse=mouse)
    finally:
        gc.enable()
    return app.return_code or 0
