"""The passphrase of the secrets, where no keyring holds their key."""

from textual.app import ComposeResult

from tui.commands.connect import Unlock
from tui.commands.general import Cancel
from tui.screens.base import Modal
from tui.screens.connect.prose import paragraph
from tui.widgets.form import FormField, form_values, missing, show_errors
from words import Phrase, _


class PassphraseScreen(Modal[str]):
    """Asks for the passphrase and returns it; a new one is asked for twice."""

    CSS_PATH = "dialogs.tcss"
    HEADING = Phrase("Passwords and tokens")
    COMMANDS = (Cancel, Unlock)

    def __init__(self, *, new: bool) -> None:
        super().__init__()
        self.new = new

    def body(self) -> ComposeResult:
        """What it is for, and the field."""
        if self.new:
            yield paragraph(
                _(
                    "This computer has no keyring. koble locks your passwords with a passphrase,"
                    " and asks for it once after each start. It cannot be recovered."
                ),
                classes="said",
            )
        else:
            yield paragraph(_("Your passwords are locked with a passphrase."), classes="said")
        yield FormField("passphrase", _("Passphrase"), password=True, required=True)
        if self.new:
            yield FormField("again", _("Once more"), password=True, required=True)

    def on_mount(self) -> None:
        """It can be typed at once."""
        self.query(FormField).first().go()

    def on_unlock(self) -> None:
        """Check that both are the same, and go on."""
        errors = missing(self, _("This is needed."))
        values = form_values(self)
        if not errors and self.new and values["again"] != values["passphrase"]:
            errors = {"again": _("The two passphrases differ.")}
        if not show_errors(self, errors):
            self.dismiss(values["passphrase"])
