"""Google and Office 365: what the connection is used for, and the sign-in at the vendor."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from scheduling.checks import check_email
from scheduling.connections import Kind
from scheduling.errors import KobleError
from tui import marks
from tui.commands import Command
from tui.commands.connect import AcceptGoogle, AcceptOffice, ConnectFolderInstead
from tui.commands.general import Back
from tui.screens.connect.kinds import SHORT
from tui.screens.connect.prose import Points, paragraph, title
from tui.screens.connect.step import Journey, Step, not_built
from tui.widgets.form import FormField, show_errors
from words import _


class Review(Step):
    """What the connection will be used for, and as whom to be signed in."""

    NUMBER = 2
    OF = 3

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._sign_in = SignIn(journey, self.KIND or Kind.GOOGLE)

    def compose(self) -> ComposeResult:
        """What for, what it may do, which account."""
        yield title(_("What the connection is used for"))
        yield Points(self.purposes())
        yield title(self.access_title())
        yield Points(self.access())
        yield title(_("The right account"))
        yield paragraph(self.signed_in())
        yield FormField(
            "address",
            _("Expected address"),
            value=self.journey.profile.email,
            placeholder=_("you@example.com"),
            hint=_("You are warned if another account is connected."),
        )

    def purposes(self) -> list[str]:
        """What a connected calendar is for."""
        return [
            _("Contacts book meetings in it, never over what is there."),
            _("Meetings made in the CRM are added to it."),
            _("The inbox of the address is connected too; you can disconnect it."),
        ]

    def access_title(self) -> str:
        """The heading over `access`."""
        raise NotImplementedError

    def access(self) -> list[str]:
        """What koble may do with the account, in full."""
        raise NotImplementedError

    def signed_in(self) -> str:
        """Who to be before going on."""
        raise NotImplementedError

    def begin(self) -> None:
        """In the address; and say at once if it cannot be connected."""
        super().begin()
        self.work(self._ask(), group="refusal")

    async def _ask(self) -> None:
        address = self.query_one(FormField).value
        refusal = await self.journey.refusal(self.KIND or Kind.GOOGLE, address)
        if refusal is not None:
            self.query_one(FormField).say(str(refusal))
            self.query_one(FormField).scroll_visible(animate=False)

    async def forward(self) -> Step | None:
        """To the vendor's sign-in."""
        field = self.query_one(FormField)
        try:
            address = check_email(field.value, field="address") if field.value else ""
            refusal = await self.journey.refusal(self.KIND or Kind.GOOGLE, address)
            if refusal is not None:
                raise refusal
        except KobleError as error:
            show_errors(self, {"address": str(error)})
            return None
        field.say("")
        return self._sign_in


class GoogleReview(Review):
    """The review step of Google, with the disclosure in full (S5)."""

    KIND = Kind.GOOGLE
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, AcceptGoogle)

    def access_title(self) -> str:
        """The heading over the disclosure."""
        return _("What koble gets access to")

    def access(self) -> list[str]:
        """The disclosure."""
        return [
            _("This Google calendar, and every other calendar that the account can reach."),
            _("It may create and change calendars, and change single events."),
            _("It is used for scheduling, and to tie activities to contacts."),
        ]

    def signed_in(self) -> str:
        """Workspace or Gmail, both are good."""
        return _(
            "Be signed in to the right Google account first: Workspace or free Gmail."
            " Then choose it, go through the permissions, and press Allow."
        )


class OfficeReview(Review):
    """The review step of Office 365."""

    KIND = Kind.OFFICE365
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, AcceptOffice)

    def access_title(self) -> str:
        """The heading over the disclosure."""
        return _("What koble gets access to")

    def access(self) -> list[str]:
        """The disclosure."""
        return [
            _("Your Office 365 calendar, and the other calendars that the account can reach."),
            _("It may create and change events in them."),
            _("It is used for scheduling, and to tie activities to contacts."),
        ]

    def signed_in(self) -> str:
        """Look before saying yes."""
        return _(
            "Be signed in to the right Office 365 account first."
            " Then check that it is the right account, and press Yes."
        )


class SignIn(Step):
    """The sign-in in the vendor's own page; as long as it is not built, it says so."""

    NUMBER = 3
    OF = 3
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, ConnectFolderInstead)

    def __init__(self, journey: Journey, kind: Kind) -> None:
        super().__init__(journey)
        self.KIND = kind

    def compose(self) -> ComposeResult:
        """Plainly."""
        kind = self.KIND or Kind.GOOGLE
        yield Static(f"{marks.ALERT} {not_built(kind)}", markup=False, classes="lead")
        yield paragraph(
            _(
                "A folder of .ics files on this computer can be connected meanwhile: vdirsyncer,"
                " for one, can fill it from {name}.",
                name=str(SHORT[kind]),
            )
        )
