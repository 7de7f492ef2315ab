"""Settings: one screen of sections and tabs, a pane for each tab, and the small dialogs of them."""

from tui.screens.settings.screen import SettingsScreen

__all__ = ["SettingsScreen"]
