"""What applies in the settings."""

from tui.commands import Command
from words import Phrase


class NextTab(Command):
    """Show the next tab of this section."""

    title = Phrase("Next tab")
    keys = "],right"
    footer = Phrase("tab")


class PreviousTab(Command):
    """Show the tab before this one."""

    title = Phrase("Previous tab")
    keys = "[,left"
    footer = Phrase("tab")


class ShowSections(Command):
    """Go back to the list of sections."""

    title = Phrase("Go to the sections")
    keys = "escape"


class ChangeSetting(Command, bubble=False):
    """Change the setting under the cursor."""

    title = Phrase("Change")
    keys = "enter,space"
    footer = Phrase("change")


class SaveSetting(Command):
    """Check what was filled in, and keep it."""

    title = Phrase("Save")
    keys = "enter"
    footer = Phrase("save")


class PickChoice(Command):
    """Take what is under the cursor."""

    title = Phrase("Choose")
    keys = "enter"
    footer = Phrase("choose")


class CalendarSettings(Command):
    """Choose the calendar that koble books into, those that keep times away, those that show."""

    title = Phrase("Calendar settings")
    keys = ""


class BookHere(Command, bubble=False):
    """Book new meetings into the calendar under the cursor."""

    title = Phrase("Book into this calendar")
    keys = "b"
    footer = Phrase("book into")


class ToggleConflicts(Command, bubble=False):
    """Let the events of the calendar under the cursor keep times away, or not."""

    title = Phrase("Switch conflicts")
    keys = "x"
    footer = Phrase("conflicts")


class ToggleShown(Command, bubble=False):
    """Show the calendar under the cursor in the week, or hide it."""

    title = Phrase("Show or hide the calendar")
    keys = "v"
    footer = Phrase("shown")


class RenewConnection(Command):
    """Ask for the list of calendars again, and read them all now."""

    title = Phrase("Renew")
    keys = "r"
    footer = Phrase("renew")


class DisconnectCalendar(Command):
    """Disconnect the calendar; you are asked first. Bookings stay."""

    title = Phrase("Disconnect")
    keys = "d"
    footer = Phrase("disconnect")
    danger = True


class ReallyDisconnect(Command):
    """Disconnect: koble forgets the calendars, and pages go into offline mode."""

    title = Phrase("Disconnect the calendar")
    keys = "enter"
    footer = Phrase("disconnect the calendar")
    danger = True


class AddEntry(Command):
    """Add one to this list."""

    title = Phrase("Add")
    keys = "a"
    footer = Phrase("add")


class RemoveEntry(Command):
    """Remove what is under the cursor."""

    title = Phrase("Remove")
    keys = "d,delete"
    footer = Phrase("remove")
    danger = True


class SameOnWeekdays(Command):
    """Use the hours of this day from Monday to Friday."""

    title = Phrase("Same hours Monday to Friday")
    keys = "w"
    footer = Phrase("same on weekdays")


class CopyKeyLine(Command):
    """Copy the line with which the file of keys sets the command under the cursor."""

    title = Phrase("Copy the line for the file of keys")
    keys = "enter"
    footer = Phrase("copy the line")
