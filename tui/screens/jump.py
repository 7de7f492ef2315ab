"""Jump: a letter on everything that can have the focus."""

from collections.abc import Callable
from string import ascii_lowercase
from typing import NamedTuple, Protocol, runtime_checkable

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key
from textual.geometry import Offset, Region
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.commands import Commands
from tui.commands.general import Close
from tui.guard import Guarded


@runtime_checkable
class Jumpable(Protocol):
    """A widget that offers its parts to jump to."""

    def jump_targets(self) -> list[tuple[Region, str]]:
        """Where its visible parts are on the screen, and their ids."""
        ...

    def jump_to(self, id: str) -> None:
        """Take the focus, and go to the part of that id."""
        ...


class Target(NamedTuple):
    """Somewhere to jump to."""

    at: Offset
    go: Callable[[], object]


class JumpScreen(Guarded, Commands, ModalScreen[None]):
    """The letters over the screen below; a letter goes there, Esc goes back."""

    COMMANDS = (Close,)  # type: ignore[assignment] # ours, not Textual's palette providers

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        found = targets(below)
        self.letters = dict(zip(letters(len(found)), found, strict=False))
        self.typed = ""

    def compose(self) -> ComposeResult:
        """A label for each target."""
        for text, target in self.letters.items():
            label = Static(Content(text), classes="jump")
            label.absolute_offset = target.at
            yield label

    def on_key(self, event: Key) -> None:
        """Follow the letters."""
        if event.character is None or not event.character.isalpha():
            return
        event.stop()
        self.typed += event.character.lower()
        if target := self.letters.get(self.typed):
            self.dismiss(None)
            self.app.call_later(target.go)
        elif not any(text.startswith(self.typed) for text in self.letters):
            self.dismiss(None)

    def on_close(self) -> None:
        """Stay."""
        self.dismiss(None)


def targets(screen: Screen[object]) -> list[Target]:
    """Every visible widget that can have the focus, or its parts, from top left to bottom right."""
    found: list[Target] = []
    for widget in screen.focus_chain:
        if isinstance(widget, Jumpable) and (parts := widget.jump_targets()):
            found += [Target(area.offset, _to_part(widget, id)) for area, id in parts]
        elif widget.region and screen.region.overlaps(widget.region):
            found.append(Target(widget.content_region.offset, widget.focus))
    return sorted(found, key=lambda target: (target.at.y, target.at.x))


def _to_part(widget: Jumpable, id: str) -> Callable[[], None]:
    return lambda: widget.jump_to(id)


def letters(count: int) -> list[str]:
    """That many labels, all of the same length: a to z, or aa to zz."""
    if count <= len(ascii_lowercase):
        return list(ascii_lowercase[:count])
    return [a + b for a in ascii_lowercase for b in ascii_lowercase][:count]
