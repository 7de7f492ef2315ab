"""A calendar's own colour, brought into the theme: its hue stays, its weight is the theme's."""

from functools import lru_cache

from rich.color import Color as TerminalColor
from textual.color import Color, ColorParseError

_HUES = ((20, "red"), (70, "yellow"), (165, "green"), (200, "cyan"), (260, "blue"))
"""Up to which hue, in degrees, each of the terminal's colours stands for a calendar's."""


@lru_cache(maxsize=256)
def tone(colour: str, dark: bool, ansi: bool) -> TerminalColor | None:
    """The colour of the bar of a calendar whose own is `colour`; None for greys and nonsense.

    Every bar gets the same lightness, so that none shouts and all can be told from the
    background. With `ansi` it is one of the terminal's sixteen.
    """
    try:
        hue, saturation, _lightness = Color.parse(colour).hsl
    except ColorParseError:
        return None
    if saturation < 0.1:
        return None
    if ansi:
        degrees = hue * 360
        name = next((name for until, name in _HUES if degrees < until), "magenta")
        return TerminalColor.parse("red" if degrees >= 330 else name)
    return Color.from_hsl(hue, min(saturation, 0.5), 0.65 if dark else 0.4).rich_color
