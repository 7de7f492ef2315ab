"""Koble's own looks: dark, light, high contrast, and the terminal's own sixteen colours.

Calm by having one accent colour. Every meaning that a colour carries is also said by a mark, a
word or weight, so that a terminal without colours says the same.
"""

import os

from textual.theme import BUILTIN_THEMES, Theme

from words import Phrase

DARK = "koble-dark"
LIGHT = "koble-light"
CONTRAST = "koble-contrast"
TERMINAL = "koble-terminal"

NAMES = {
    DARK: Phrase("Dark"),
    LIGHT: Phrase("Light"),
    CONTRAST: Phrase("High contrast"),
    TERMINAL: Phrase("The terminal's own colours"),
}

THEMES = (
    Theme(
        name=DARK,
        dark=True,
        primary="#6fb3b8",
        secondary="#6fb3b8",
        accent="#6fb3b8",
        foreground="#d5dade",
        background="#14181b",
        surface="#1a1f23",
        panel="#252a2e",
        success="#8fb87a",
        warning="#d9a65c",
        error="#e0756f",
        variables={
            "muted": "#8b959d",
            "faint": "#4a545c",
            "rule": "#2c343b",
            "cursor": "#26383d",
            "cursor-off": "#20262a",
            "border": "#3a454d",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#0f6b73",
        secondary="#0f6b73",
        accent="#0f6b73",
        foreground="#22282c",
        background="#fbfaf8",
        surface="#f1f0ee",
        panel="#e8e6e3",
        success="#3d6f2a",
        warning="#8a5a00",
        error="#b3302b",
        variables={
            "muted": "#596369",
            "faint": "#a9b0b3",
            "rule": "#dcd9d1",
            "cursor": "#d5e6e6",
            "cursor-off": "#eae9e6",
            "border": "#bdbdb6",
        },
    ),
    Theme(
        name=CONTRAST,
        dark=True,
        primary="#ffd75f",
        secondary="#ffd75f",
        accent="#ffd75f",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#000000",
        success="#87ff87",
        warning="#ffd75f",
        error="#ff8787",
        text_alpha=1.0,
        variables={
            "muted": "#e4e4e4",
            "faint": "#b2b2b2",
            "rule": "#b2b2b2",
            "cursor": "#00005f",
            "cursor-off": "#1c1c1c",
            "border": "#ffffff",
        },
    ),
    Theme(
        name=TERMINAL,
        ansi=True,
        dark=True,
        primary="ansi_cyan",
        secondary="ansi_cyan",
        accent="ansi_cyan",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        success="ansi_green",
        warning="ansi_yellow",
        error="ansi_red",
        # Nothing but the default background, which may be dark or light: the rest is reverse.
        variables=BUILTIN_THEMES["ansi-dark"].variables
        | {
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "input-cursor-background": "ansi_default",
            "input-cursor-foreground": "ansi_default",
            "input-cursor-text-style": "reverse",
            "input-selection-background": "ansi_cyan",
            "muted": "ansi_default",
            "faint": "ansi_bright_black",
            "rule": "ansi_bright_black",
            "cursor": "ansi_default",
            "cursor-off": "ansi_default",
            "border": "ansi_bright_black",
        },
    ),
)


def preferred(wanted: str = "") -> str:
    """The theme to use: the one `wanted` by name, else dark.

    With NO_COLOR it is always the terminal's: Textual then drops the colours and keeps weight,
    reverse and underline; with any other theme it would write greys.
    """
    if "NO_COLOR" in os.environ:
        return TERMINAL
    return wanted if wanted in NAMES else DARK
