"""Signing in with a code that is typed on any device: nothing has to reach this computer."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.commands import Command
from tui.commands.connect import ChangeApp, CopySignIn, ShowQr, SignInAgain, UseBrowser
from tui.commands.general import Back
from tui.screens.connect.kinds import ACCESS
from tui.screens.connect.prose import paragraph
from tui.screens.connect.sign_in import SignIn
from tui.screens.connect.step import Step
from tui.widgets.address import Address
from tui.widgets.qr import QrCode
from words import _

if TYPE_CHECKING:
    from desk.signin import Attempt

BESIDE = 34
"""Cells that the words need beside the QR code."""


class CodeSignIn(SignIn):
    """A code and where to type it, large; the address as a QR code beside them."""

    DEVICE = True
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (
        Back,
        CopySignIn,
        ShowQr,
        UseBrowser,
        ChangeApp,
        SignInAgain,
    )

    def waiting(self) -> ComposeResult:
        """The words, and the code for a camera."""
        with Horizontal(id="device"):
            with Vertical(id="typed"):
                yield paragraph(_("On any device, open this address:"))
                yield Address(most=2, id="address")
                yield paragraph(_("Type this code there:"), classes="below-lead")
                yield Static("", markup=False, id="code")
                yield Static("", markup=False, id="left", classes="below-lead")
                asked = str(ACCESS[self.plan.access])
                yield paragraph(_("koble asks for: {access}.", access=asked))
                yield paragraph(
                    _(
                        "Some organisations forbid codes; the page says so then. {key} uses a"
                        " browser instead.",
                        key=self.key_of(UseBrowser),
                    ),
                    classes="muted below-lead",
                )
            yield QrCode()

    def tell(self, attempt: "Attempt") -> None:
        """Address, code, picture."""
        self.query_one(Address).show(attempt.url)
        self.query_one("#code", Static).update(" ".join(attempt.code))
        self.query_one(QrCode).show(attempt.url)
        self.on_resize()

    def on_resize(self) -> None:
        """The picture takes no room from the words."""
        code = self.query_one(QrCode)
        code.display = self.size.width >= code.needs.width + BESIDE and not self.koble.ascii

    def focus_first(self) -> None:
        """Nothing is typed here, and how it stands is said beside the picture."""
        self.query_one("#stands").display = False
        super().focus_first()

    def tick(self, text: str) -> None:
        """Beside the picture."""
        self.query_one("#left", Static).update(text)

    def waits(self) -> str:
        """What is waited for."""
        return _("Waiting for the code…")

    def applies(self, command: type[Command]) -> bool | None:
        """The browser is a way also after it failed; the picture is shown alone where it is not."""
        if command is UseBrowser:
            return self.phase in ("waiting", "failed")
        if command is ShowQr:
            return self.phase == "waiting" and not self.query_one(QrCode).display
        return super().applies(command)

    async def forward(self) -> Step | None:
        """Begin again, after it failed."""
        if self.phase == "failed":
            self.begin()
        return None
