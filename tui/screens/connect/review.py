"""Google and Office 365: what the connection is used for, how much koble may do, and as whom."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from scheduling.checks import check_email
from scheduling.connections import Access, Kind
from scheduling.errors import KobleError
from tui.commands import Command
from tui.commands.connect import AcceptGoogle, AcceptOffice
from tui.commands.general import Back
from tui.screens.connect.client import ClientStep
from tui.screens.connect.kinds import ACCESS, UNLOCKS
from tui.screens.connect.prose import Points, paragraph, title
from tui.screens.connect.sign_in import BrowserSignIn, Plan
from tui.screens.connect.step import Journey, Step
from tui.widgets.choice import Choice, ChoiceField
from tui.widgets.form import FormField, show_errors
from words import _


class Review(Step):
    """What the connection will be used for, and as whom to be signed in."""

    NUMBER = 2
    OF = 3

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._client: ClientStep | None = None

    @property
    def kind(self) -> Kind:
        """At whom."""
        return self.KIND or Kind.GOOGLE

    def compose(self) -> ComposeResult:
        """What for, what it may do, which account."""
        yield title(_("What the connection is used for"))
        yield Points(self.purposes())
        yield title(self.access_title())
        yield Points(self.access(Access.WRITE))
        yield ChoiceField(
            "access",
            _("Access"),
            [(each, str(words)) for each, words in ACCESS.items()],
            value=Access.WRITE,
            hint=str(UNLOCKS[Access.WRITE]),
        )
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

    def access(self, access: Access) -> list[str]:
        """What koble may do with the account, in full."""
        raise NotImplementedError

    def signed_in(self) -> str:
        """Who to be before going on."""
        raise NotImplementedError

    @property
    def address(self) -> FormField:
        """The field of the expected address."""
        return self.query_one("#field-address", FormField)

    @property
    def chosen(self) -> Access:
        """How much koble may do."""
        return Access(self.query_one(ChoiceField).value)

    @on(Choice.Changed)
    def _say_access(self) -> None:
        self.query_one(ChoiceField).advise(str(UNLOCKS[self.chosen]))
        self.query(Points).last(Points).show(self.access(self.chosen))

    def begin(self) -> None:
        """In the address; and say at once if it cannot be connected."""
        self.address.go()
        self.work(self._ask(), group="refusal")

    async def _ask(self) -> None:
        refusal = await self.journey.refusal(self.kind, self.address.value)
        if refusal is not None:
            self.address.say(str(refusal))
            # Once it is known how many lines that takes.
            self.call_after_refresh(self.address.scroll_visible, animate=False)

    async def forward(self) -> Step | None:
        """To the vendor's sign-in; before it to the app that signs in, where there is none."""
        field = self.address
        try:
            address = check_email(field.value, field="address") if field.value else ""
            refusal = await self.journey.refusal(self.kind, address)
            if refusal is not None:
                raise refusal
        except KobleError as error:
            show_errors(self, {"address": str(error)})
            return None
        field.say("")
        plan = Plan(self.kind, self.chosen, address)
        if await self.journey.desk.sign_in.client(self.kind) is not None:
            return BrowserSignIn(self.journey, plan)
        self._client = self._client or ClientStep(self.journey, self.kind, plan=plan)
        self._client.plan = plan
        return self._client


class GoogleReview(Review):
    """The review step of Google, with the disclosure in full (S5)."""

    KIND = Kind.GOOGLE
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, AcceptGoogle)

    def access_title(self) -> str:
        """The heading over the disclosure."""
        return _("What koble gets access to")

    def access(self, access: Access) -> list[str]:
        """The disclosure."""
        return [
            _("This Google calendar, and every other calendar that the account can reach."),
            _("It may create and change calendars, and change single events.")
            if access in (Access.WRITE, Access.MAIL)
            else _("It changes nothing in them."),
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

    def access(self, access: Access) -> list[str]:
        """The disclosure."""
        return [
            _("Your Office 365 calendar, and the other calendars that the account can reach."),
            _("It may create and change events in them.")
            if access in (Access.WRITE, Access.MAIL)
            else _("It changes nothing in them."),
            _("It is used for scheduling, and to tie activities to contacts."),
        ]

    def signed_in(self) -> str:
        """Look before saying yes."""
        return _(
            "Be signed in to the right Office 365 account first."
            " Then check that it is the right account, and press Yes."
        )
