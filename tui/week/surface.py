"""Runs of text brought onto the screen, in the colours of the theme."""

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.week.runs import Look, Run
from tui.week.tone import tone

LOOKS = (
    "ground off busy busy-shaded soft soft-shaded more away range cursor cursor-off "
    "text title muted faint accent now today bar"
)
"""The names that a `Look` may use: the component classes of the grid, `week--…`."""


class Surface(ScrollView):
    """What the week is drawn on."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"week--{name}" for name in LOOKS.split()}
    DEFAULT_CSS = """
    Surface {
        height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size: 0 0;
        & > .week--off { background: $foreground 4%; }
        & > .week--busy { background: $foreground 15%; }
        & > .week--busy-shaded { background: $foreground 20%; }
        & > .week--soft { background: $foreground 8%; }
        & > .week--soft-shaded { background: $foreground 11%; }
        & > .week--more { background: $foreground 8%; }
        & > .week--away { background: $foreground 8%; }
        & > .week--range { background: $accent 30%; }
        & > .week--cursor { background: $accent; color: $background; text-style: bold; }
        & > .week--cursor-off { background: $foreground 30%; }
        & > .week--title { text-style: bold; }
        & > .week--muted { color: $muted; }
        & > .week--faint { color: $faint; }
        & > .week--accent { color: $accent; }
        & > .week--now { color: $accent; text-style: bold; }
        & > .week--today { color: $accent; text-style: bold; }
        & > .week--bar { color: $muted; }
        &:ansi {
            & > .week--off, & > .week--busy, & > .week--busy-shaded, & > .week--soft,
            & > .week--soft-shaded, & > .week--more, & > .week--away { background: ansi_default; }
            & > .week--range { background: ansi_default; text-style: reverse; }
            & > .week--cursor { color: ansi_default; background: ansi_default; }
            & > .week--cursor { text-style: bold reverse; }
            & > .week--cursor-off { background: ansi_default; text-style: underline; }
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._styles: dict[Look, Style] = {}

    @property
    def plain(self) -> bool:
        """Whether to do without coloured surfaces: the terminal's own colours, or none."""
        return self.app.native_ansi_color or self.app.no_color

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._styles.clear()

    def strip(self, runs: Iterable[Run]) -> Strip:
        """A line of the widget."""
        segments = [Segment(text, self._style(look)) for text, look in runs if text]
        return Strip(segments).adjust_cell_length(self.size.width, self._style(Look("ground")))

    def _style(self, look: Look) -> Style:
        style = self._styles.get(look)
        if style is None:
            style = self._styles[look] = self._make(look)
        return style

    def _make(self, look: Look) -> Style:
        def named(name: str) -> Style:
            return self.get_component_rich_style(f"week--{name}", partial=True)

        def surface(name: str) -> Style:
            whole = self.get_component_rich_style(f"week--{name}")
            return Style(bgcolor=whole.bgcolor)

        back = self.visual_style.rich_style + surface(look.back)
        if look.upper is not None:
            return Style(color=surface(look.upper).bgcolor, bgcolor=back.bgcolor)
        style = back + named(look.fore) + named(look.back) + surface(look.back)
        if look.tone:
            theme = self.app.current_theme
            style += Style(color=tone(look.tone, theme.dark, self.app.native_ansi_color))
        return style
