"""The dialog that connects a calendar: one step a screen, and nothing lost on the way back."""

from tui.screens.connect.screen import ConnectScreen

__all__ = ["ConnectScreen"]
