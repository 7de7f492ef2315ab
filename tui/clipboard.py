"""The clipboard: by the terminal (OSC 52, over SSH too), and always a dialog with the text."""

from textual.app import App

from tui.screens.copy import CopyScreen

LIMIT = 74_000
"""Bytes that terminals take at most; more would be cut or refused by tmux and others."""


def copy(app: App[int], text: str) -> None:
    """Put `text` on the clipboard, and show it."""
    send(app, text)
    app.push_screen(CopyScreen(text))


def send(app: App[int], text: str) -> None:
    """Put `text` on the clipboard, where the terminal allows it; nothing tells if it does."""
    if len(text.encode()) <= LIMIT:
        app.copy_to_clipboard(text)
