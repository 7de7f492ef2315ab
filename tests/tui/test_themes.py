import pytest
from rich.color import Color, ColorSystem
from textual.theme import Theme

from desk.settings import THEMES
from tui import themes

GROUNDS = ("background", "surface", "panel")
OF_TEXT = ("foreground", "muted", "accent", "success", "warning", "error")


def color(theme: Theme, name: str) -> str:
    return getattr(theme, name, None) or theme.variables[name]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    first, second = sorted((luminance(one), luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def luminance(hex_color: str) -> float:
    values = [channel / 255 for channel in Color.parse(hex_color).triplet or ()]
    red, green, blue = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PAINTED = [theme for theme in themes.THEMES if not theme.ansi]


@pytest.mark.parametrize("theme", PAINTED, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", OF_TEXT)
def test_text_can_be_read_on_every_ground(theme: Theme, name: str) -> None:
    least = 7.0 if theme.name == themes.CONTRAST else 4.5
    for ground in GROUNDS:
        assert contrast(color(theme, name), color(theme, ground)) >= least, ground


@pytest.mark.parametrize("theme", PAINTED, ids=lambda theme: theme.name)
def test_grounds_stay_grey_where_there_are_256_colours(theme: Theme) -> None:
    for name in (*GROUNDS, "cursor-off", "rule"):
        shown = Color.parse(color(theme, name)).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
        assert max(shown) - min(shown) <= 8, (name, shown)


def test_no_color_takes_the_terminal_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert themes.preferred() == themes.DARK
    assert themes.preferred(themes.LIGHT) == themes.LIGHT
    assert themes.preferred("no such theme") == themes.DARK
    monkeypatch.setenv("NO_COLOR", "1")
    assert themes.preferred(themes.LIGHT) == themes.TERMINAL


def test_every_theme_has_a_name_for_people() -> None:
    assert [theme.name for theme in themes.THEMES] == list(themes.NAMES)


def test_the_settings_take_each_theme_and_no_other() -> None:
    assert tuple(themes.NAMES) == THEMES
