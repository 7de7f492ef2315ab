"""What every screen and every dialog is made of."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.worker import Worker

from tui.chrome import Chrome
from tui.commands import Command, Commands, key_text, own
from tui.commands.general import Close, Help, Redraw
from tui.guard import Guarded
from tui.widgets.lines import FootLine, TopLine, Verbs
from words import Phrase

if TYPE_CHECKING:
    from tui.app import KobleApp
    from tui.widgets.rows import Rows

Result = TypeVar("Result")

WIDTHS = [(0, "-tiny"), (60, "-narrow"), (80, "-normal"), (100, "-wide"), (140, "-huge")]
"""The class that a screen has from that many columns on; exactly one of them at a time."""
HEIGHTS = [(0, "-low"), (24, "-medium"), (30, "-tall")]


class Base(Guarded, Commands):
    """What screens and dialogs share."""

    @property
    def koble(self) -> "KobleApp":
        """The app, by its own type: `desk`, `clock`, `zone`, `notice`, `offer_undo`, `work`."""
        return cast("KobleApp", self.app)

    def key_of(self, command: type[Command]) -> str:
        """The first key of `command`, as people read it, for a text that names it."""
        keys = self.keys_of(command)
        return key_text(keys[0]) if keys else ""

    def work(self, job: Coroutine[Any, Any, None], *, group: str) -> Worker[None]:
        """Run `job` beside the screen; a newer job of the same group cancels an older one.

        What goes wrong in it is shown to the person, and never ends the app.
        """
        return self.koble.start(self, job, group)


class KobleScreen(Base, Screen[None]):
    """A main screen: the first line, what `body` yields, the last line.

    Give `PLACE` (a key of `chrome.PLACES`), `COMMANDS`, `body`, `load`, and `TABLES`.
    """

    # Ours; Textual's palette, whose providers have the same name on a screen, is not used.
    COMMANDS: ClassVar[tuple[type[Command], ...]] = ()  # type: ignore[assignment]
    PLACE: ClassVar[str] = ""
    TABLES: ClassVar[frozenset[str]] = frozenset()
    """The tables whose changes it shows; none named: all."""
    _stale: bool = True
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = WIDTHS  # type: ignore[misc]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = HEIGHTS  # type: ignore[misc]

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield TopLine(self.PLACE, self.koble.chrome)
        yield from self.body()
        yield FootLine(self.koble.status)

    def body(self) -> ComposeResult:
        """What stands between the first and the last line."""
        yield from ()

    def on_mount(self) -> None:
        """It has been composed."""
        self.begin()

    def begin(self) -> None:
        """Put the focus where the work is, and hide what is hidden at first.

        Called whenever it has been composed: at first, and again in another language.
        """

    def place(self) -> str:
        """Where the person is, as `find` takes it, to come back to; empty: where it begins."""
        return ""

    async def load(self) -> None:
        """Read what is shown from `self.koble.desk`, and show it.

        Called as a worker once the desk is open, when the screen comes back after something
        changed, and by `reload()`. Until it is done the screen shows what it showed before.
        """

    def reload(self) -> None:
        """Call `load` again, if the desk is open; else it is called as soon as it is."""
        if self.koble.desk is not None:
            self._stale = False
            self.work(self.load(), group="load")

    def changed(self) -> None:
        """Something that this screen shows was changed, here or by another process."""
        if self.is_active:
            self.reload()
        else:
            self._stale = True

    def on_screen_resume(self) -> None:
        """Here, or back again: say the present state, and read what changed meanwhile."""
        self.show_chrome(self.koble.chrome, self.koble.status)
        if self._stale:
            self.reload()

    def minute(self) -> None:
        """A minute has passed; for what counts down. Called for the screen in front."""

    def find(self, what: str) -> None:
        """Go to what was found elsewhere: run the command of that id, or go to the row of it."""
        for entry in own(self):
            if entry.command.id == what:
                entry.run()
                return
        self.work(self._find_row(what), group="load")

    async def _find_row(self, id: str) -> None:
        await self.load()
        for rows in self.query("Rows"):  # by name: lists come after the first paint
            cast("Rows", rows).select(id)

    def show_chrome(self, chrome: Chrome, status: str) -> None:
        """Say another state in the first line, and another status in the last."""
        for top in self.query(TopLine):
            top.show(chrome)
        for foot in self.query(FootLine):
            foot.show(status)


class Modal(Base, ModalScreen[Result | None]):
    """A dialog: one box with a title, what `body` yields, and its commands as buttons.

    It returns what `dismiss` is called with; Esc returns None. Enter in a text field or on a row
    is the dialog's own Enter command. What is too long scrolls inside the box.
    """

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Close, Help, Redraw)  # type: ignore[assignment]
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = WIDTHS  # type: ignore[misc]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = HEIGHTS  # type: ignore[misc]
    HEADING: ClassVar[Phrase]
    """What stands in the frame; `heading()` may say something else."""

    def heading(self) -> str:
        """The title of the box."""
        return str(self.HEADING)

    def compose(self) -> ComposeResult:
        """The box around the body."""
        with Vertical(id="box") as box:
            box.border_title = Content(f" {self.heading()} ").markup
            with VerticalScroll(id="inside", can_focus=False):
                yield from self.body()
            yield self.verbs()

    def verbs(self) -> Verbs:
        """The line of buttons."""
        return Verbs()

    def body(self) -> ComposeResult:
        """What stands in the box, above the buttons."""
        yield from ()

    def on_close(self) -> None:
        """Leave without a result."""
        self.dismiss(None)

    def on_cancel(self) -> None:
        """Leave without a result."""
        self.dismiss(None)

    def press(self, key: str) -> None:
        """Run the dialog's own command for `key`, if it applies."""
        for entry in own(self):
            if key in entry.keys:
                entry.run()

    def on_input_submitted(self) -> None:
        """Enter in a text field means the dialog."""
        self.press("enter")

    def on_rows_chosen(self) -> None:
        """Enter on a row means the dialog."""
        self.press("enter")
