"""The first and the last line of a screen, and the line of buttons of a dialog.

All three are one row of parts made by the pure functions in `tui.chrome`; a click on a part does
what its key does.
"""

from collections.abc import Sequence

from textual.content import Content
from textual.dom import DOMNode
from textual.events import Click
from textual.widget import Widget

from tui.chrome import Chrome, Key, Part, footer_parts, join_keys, top_parts
from tui.commands import Applying, Commands, applying, command, own
from tui.commands.general import Help


class PartLine(Widget):
    """A row of parts; `activate` is called with the target of the part that was clicked."""

    DEFAULT_CSS = "PartLine { height: 1; width: 1fr; }"
    parts: Sequence[Part] = ()

    def make(self, width: int) -> Sequence[Part]:
        """The parts for `width` cells."""
        raise NotImplementedError

    def redo(self) -> None:
        """Make the parts anew; repaint only when they say something else."""
        if not self.size.width:
            return  # not laid out yet: they would stand at the wrong end for a moment
        parts = self.make(self.size.width)
        if parts != self.parts:
            self.parts = parts
            self.refresh()

    def on_resize(self) -> None:
        """Other parts fit now."""
        self.redo()

    def render(self) -> Content:
        """All parts in a row."""
        return Content("").join([part.content for part in self.parts])

    def on_click(self, event: Click) -> None:
        """Find the part under the mouse."""
        x = event.x
        for part in self.parts:
            if 0 <= x < part.width and part.target:
                self.activate(part.target)
            x -= part.width

    def activate(self, target: str) -> None:
        """Do what the part stands for."""
        raise NotImplementedError


class TopLine(PartLine):
    """Where am I, who waits, is the calendar fresh."""

    def __init__(self, here: str, chrome: Chrome) -> None:
        super().__init__(id="top-line")
        self.here = here
        self.chrome = chrome

    def show(self, chrome: Chrome) -> None:
        """Say another state."""
        self.chrome = chrome
        self.redo()

    def make(self, width: int) -> Sequence[Part]:
        """The first line."""
        return top_parts(self.chrome, self.here, width)

    def activate(self, target: str) -> None:
        """Go to the screen whose name was clicked."""
        self.screen.post_message(command(f"go-to-{target}")())


class FootLine(PartLine):
    """The keys that work now, the most important first, and one quiet status."""

    def __init__(self, status: str) -> None:
        super().__init__(id="foot-line")
        self.status = status

    def on_mount(self) -> None:
        """Follow the focus, and fall silent while a dialog is in front."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.redo())
        self.app.screen_change_signal.subscribe(self, lambda _screen: self.redo())

    def show(self, status: str) -> None:
        """Say what is going on, at the right end; empty: nothing."""
        self.status = status
        self.redo()

    def make(self, width: int) -> Sequence[Part]:
        """The last line."""
        keys = [_key(entry) for entry in _shown(self)] if self.screen.is_active else []
        return footer_parts(keys, self.status, width)

    def activate(self, target: str) -> None:
        """Run the command that was clicked."""
        for entry in _shown(self):
            if entry.command.id == target:
                entry.run()


class Verbs(PartLine):
    """The buttons of a dialog: its own commands with their keys, at the right end of one line."""

    DEFAULT_CSS = "Verbs { margin-top: 1; dock: bottom; }"

    def on_mount(self) -> None:
        """Follow what is possible."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.redo())

    def make(self, width: int) -> Sequence[Part]:
        """The commands of the dialog, the way out first; closer together where they are many."""
        entries = sorted(self.entries(), key=lambda entry: "escape" not in entry.keys)
        parts = [
            Part(
                Content.assemble(
                    (key.key, "bold $error" if key.danger else "bold $accent"),
                    (f" {key.word}", "$foreground"),
                ),
                key.id,
            )
            for key in join_keys([_key(entry) for entry in entries])
        ]
        wide = sum(part.width for part in parts) + 4 * (len(parts) - 1) <= width
        gap = Part(Content(" " * (4 if wide else 2)))
        row = [piece for part in parts for piece in (gap, part)][1:]
        free = width - sum(part.width for part in row)
        return [Part(Content(" " * max(0, free))), *row]

    def entries(self) -> list[Applying]:
        """The commands that are buttons: the dialog's own, but help."""
        node: DOMNode = self.screen
        mine = own(node) if isinstance(node, Commands) else []
        return [e for e in mine if e.command.footer is not None and e.command is not Help]

    def activate(self, target: str) -> None:
        """Press the button that was clicked."""
        for entry in self.entries():
            if entry.command.id == target:
                entry.run()


def _shown(widget: Widget) -> list[Applying]:
    return [e for e in applying(widget.screen) if e.command.footer is not None and e.enabled]


def _key(entry: Applying) -> Key:
    return Key(entry.key, entry.word, entry.command.id, entry.command.danger)
