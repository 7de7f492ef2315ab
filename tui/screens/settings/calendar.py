"""Settings → General → Calendar: the connection, its calendars, its health; or how to connect."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from scheduling.connections import (
    VENDORS,
    Access,
    Connection,
    Health,
    Kind,
    Profile,
    Use,
    accounts,
    may_pair,
)
from scheduling.errors import KobleError
from tui.commands import Command
from tui.commands.connect import ConnectYourCalendar
from tui.commands.general import Cancel
from tui.commands.settings import DisconnectCalendar, ReallyDisconnect, RenewConnection
from tui.paths import short
from tui.screens.base import Modal
from tui.screens.connect import ConnectScreen
from tui.screens.connect.client import ClientStep
from tui.screens.connect.kinds import ACCESS, UNLOCKS, access_of
from tui.screens.connect.prose import Points
from tui.screens.connect.sign_in import BrowserSignIn, Plan
from tui.screens.settings.busy import BUSY, turned
from tui.screens.settings.calendars import (
    CALENDAR,
    CalendarSettingRows,
)
from tui.screens.settings.connection import connection_rows
from tui.screens.settings.dialogs import ChoiceScreen, FormScreen, Option
from tui.screens.settings.pane import FACT, Pane, SettingRows, gap, heading, joined
from tui.screens.settings.view import View
from tui.widgets.form import FormField
from tui.widgets.rows import Row, Rows
from words import Phrase, _, many

if TYPE_CHECKING:
    from desk.connections import ConnectionView, Overview
    from desk.desk import Desk

CONNECT = "connect"
CLIENT = "client:"
"""How the id of a row begins that leads to the app that koble signs in as."""
MINUTES = 24
"""Cells for the labels of the minutes."""


class CalendarPane(Pane):
    """The connected calendar, or the way to one."""

    COLUMNS = (0,)
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (RenewConnection, DisconnectCalendar)

    def make_rows(self) -> SettingRows:
        """The list; calendars are among its rows."""
        return CalendarSettingRows(empty=_("Opening…"))

    def fill(self, view: View) -> None:
        """Everything about each connection; without one, what that means."""
        overview = view.overview
        rows = self.query_one(CalendarSettingRows)
        rows.hold(each for one in overview.connections for each in one.calendars)
        if overview.connections:
            self.say("")
            shown = joined(
                [
                    connection_rows(each, view, width=self.room(0), first=number == 0)
                    for number, each in enumerate(overview.connections)
                ]
            )
            rows.show(
                [*shown, *reading_rows(view), *client_rows(), *_second(view.profile, overview)]
            )
        else:
            self.say(unconnected_text())
            rows.show([_connect_row(), *client_rows()])
        self.refresh_bindings()

    @property
    def here(self) -> "ConnectionView | None":
        """The connection that the cursor is in."""
        if self.view is None or not self.view.overview.connections:
            return None
        views = self.view.overview.connections
        rows = self.rows
        found = views[0]
        by_id = {view.connection.id: view for view in views}
        for row in rows.rows[: rows.cursor + 1]:
            owner = row.id.removeprefix(FACT).partition(":")[0]
            found = by_id.get(owner, found)
        return found

    def applies(self, command: type[Command]) -> bool | None:
        """There must be a connection to renew or to disconnect."""
        if command in (RenewConnection, DisconnectCalendar):
            return self.view is not None and bool(self.view.overview.connections)
        return True

    def word_of(self, command: type[Command]) -> str:
        """Renewing means to sign in where that is needed."""
        here = self.here if command is RenewConnection else None
        signed_out = here is not None and here.health is Health.SIGN_IN
        return _("sign in again") if signed_out else super().word_of(command)

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        id = event.row.id.partition("+")[0]
        if id.startswith(CALENDAR):
            return
        event.stop()
        if id == CONNECT:
            self.post_message(ConnectYourCalendar())
        elif id.startswith(CLIENT):
            kind = Kind(id.removeprefix(CLIENT))
            self.app.push_screen(
                ConnectScreen(lambda journey: ClientStep(journey, kind, plan=None))
            )
        elif id.startswith(BUSY):
            self.work(self._turn(*id.removeprefix(BUSY).split(":")), group="busy")
        elif id in ("fresh", "poll"):
            self._minutes("fresh" if id == "fresh" else "poll")
        else:
            _owner, _colon, what = id.partition(":")
            {
                "full": self._full_exchange,
                "access": self._choose_access,
                "renew": self.on_renew_connection,
                "disconnect": self.on_disconnect_calendar,
            }[what]()

    async def _turn(self, connection_id: str, name: str) -> None:
        # As it is now, not as it was drawn: two quick presses are two steps.
        overview = await self.desk.connections.overview()
        for view in overview.connections:
            if view.connection.id == connection_id:
                matrix = turned(view.connection.matrix, name)
                await self.desk.connections.change(connection_id, matrix=matrix)

    def _full_exchange(self) -> None:
        if here := self.here:
            connection = here.connection
            self.work(
                self._change_full(connection.id, not connection.full_exchange), group="change"
            )

    async def _change_full(self, connection_id: str, value: bool) -> None:
        await self.desk.connections.change(connection_id, full_exchange=value)

    def _minutes(self, name: Literal["fresh", "poll"]) -> None:
        if self.view is None:
            return
        labels = {"fresh": _("Counts as fresh for"), "poll": _("Read again every")}
        value = getattr(self.view.preferences, name)
        field = FormField(name, labels[name], value=str(value), hint=_("In minutes."))

        async def store(values: dict[str, str]) -> None:
            await self.desk.settings.set(f"preferences.{name}", values[name])

        self.app.push_screen(FormScreen(labels[name], [field], store))

    def _choose_access(self) -> None:
        """Another access is another sign-in: the vendor asks about it."""
        if not (here := self.here):
            return
        connection = here.connection

        def chosen(access: str | None) -> None:
            if access is not None and access != access_of(connection):
                self._sign_in(connection, Access(access))

        options = [Option(each, str(ACCESS[each]), str(UNLOCKS[each])) for each in Access]
        self.app.push_screen(ChoiceScreen(_("Access"), options, access_of(connection)), chosen)

    def on_renew_connection(self) -> None:
        """Ask for the calendars again, and read them; or sign in again, where that is needed."""
        if not (here := self.here):
            return
        connection = here.connection
        if here.health is not Health.SIGN_IN:
            self.work(self._renew(connection), group="renew")
        elif connection.kind in VENDORS:
            self._sign_in(connection, access_of(connection))
        elif connection.kind in (Kind.CALDAV, Kind.EXCHANGE):
            self.app.push_screen(password_screen(self.desk, connection), self._signed_in)
        else:
            self.work(self._renew(connection), group="renew")

    def _signed_in(self, done: bool | None) -> None:
        if done:
            self.koble.notice(_("Signed in again."))

    def _sign_in(self, connection: Connection, access: Access) -> None:
        plan = Plan(connection.kind, access, connection.address, connection)
        self.work(self._open_sign_in(plan), group="renew")

    async def _open_sign_in(self, plan: Plan) -> None:
        if await self.desk.sign_in.client(plan.kind) is not None:
            screen = ConnectScreen(lambda journey: BrowserSignIn(journey, plan))
        else:
            screen = ConnectScreen(lambda journey: ClientStep(journey, plan.kind, plan=plan))
        self.app.push_screen(screen)

    async def _renew(self, connection: Connection) -> None:
        desk = self.desk
        errors: list[KobleError] = []
        self.koble.progress(_("Reading the calendars…"))
        try:
            await desk.connections.relist(connection.id)
        except KobleError as error:
            errors.append(error)  # the read is tried all the same: it notes the trouble
        try:
            calendars = await desk.calendars.all()
            mine = [each for each in calendars if each.connection == connection.id]
            reports = await desk.sync.now(only={each.id for each in mine if each.followed})
        finally:
            self.koble.progress("")
        errors += [report.error for report in reports if report.error]
        if errors:
            raise errors[0]
        read = many("{n} calendar was read.", "{n} calendars were read.", len(reports))
        self.koble.notice(read)

    def on_disconnect_calendar(self) -> None:
        """Ask first."""
        if here := self.here:

            def answered(yes: bool | None) -> None:
                if yes:
                    self.work(self._disconnect(here), group="disconnect")

            view = self.view
            screen = DisconnectScreen(
                here.connection,
                ends_pair=view is not None and _ends_pair(view),
                goes_offline=view is not None and _held(view) == [here.connection],
            )
            self.app.push_screen(screen, answered)

    async def _disconnect(self, view: "ConnectionView") -> None:
        desk, connection = self.desk, view.connection
        left = await desk.connections.disconnect(connection.id)
        text = _("Disconnected {address}.", address=short(connection.address))
        refusal = await desk.connections.refusal(
            connection.kind, connection.address, connection.use
        )
        if connection.kind is Kind.LOCAL and refusal is None:
            self.koble.offer_undo(text, reconnecting(desk, view))
        else:
            self.koble.notice(text)
        if left is not None:
            self.koble.notice(str(left), severity="warning", seconds=10)


def reconnecting(desk: "Desk", view: "ConnectionView") -> Callable[[], Coroutine[Any, Any, None]]:
    """Connects an account again, with what its calendars were used for."""

    async def reconnect() -> None:
        old = view.connection
        new = await desk.connections.connect(
            old.kind, address=old.address, options=old.options, use=old.use
        )
        await desk.connections.change(new.id, matrix=old.matrix, full_exchange=old.full_exchange)
        before = {each.native: each for each in view.calendars}
        for calendar in await desk.calendars.all():
            known = before.get(calendar.native)
            if calendar.connection == new.id and known is not None:
                await desk.calendars.change(
                    calendar.id,
                    conflicts=known.conflicts,
                    shown=known.shown,
                    destination=known.destination,
                )

    return reconnect


def password_screen(desk: "Desk", connection: Connection) -> FormScreen:
    """Asks for the password of an account on a server, and signs in with it."""
    password = FormField("password", _("Password"), password=True, required=True)

    async def store(values: dict[str, str]) -> None:
        await desk.connections.renew(connection, connection.options, values)

    note = _("{address} has to sign in again.", address=connection.address)
    return FormScreen(_("Sign in again"), [password], store, note=note)


def client_rows() -> list[Row]:
    """The way to the apps that koble signs in as."""
    rows = heading(_("Apps that koble signs in as"))
    for kind in VENDORS:
        rows.append(Row(f"{CLIENT}{kind}", (_("App at {vendor}", vendor=VENDORS[kind]),)))
    return rows


def unconnected_text() -> Content:
    """What it means to have no calendar."""
    return Content.assemble(
        (_("No calendar is connected."), "bold"),
        "\n\n",
        (
            _(
                "Scheduling pages work in offline mode: meetings can be requested, and are not"
                " added to a calendar."
            ),
            "",
        ),
    )


def _connect_row() -> Row:
    return Row(CONNECT, (Content.styled(_("Connect your calendar"), "bold $accent"),))


def _second(profile: Profile, overview: "Overview") -> list[Row]:
    """An account of old may connect a second calendar, where the first serves one thing only."""
    views = overview.connections
    if len(views) == 1 and may_pair(profile) and views[0].connection.use is not Use.BOTH:
        return [gap(), _connect_row()]
    return []


def _held(view: View) -> list[Connection]:
    return accounts([each.connection for each in view.overview.connections])


def _ends_pair(view: View) -> bool:
    return len(_held(view)) == 2 and may_pair(view.profile)


def reading_rows(view: View) -> list[Row]:
    """How often calendars are read, and how long that is good for."""
    lines = {"fresh": (_("Counts as fresh for"), view.preferences.fresh)}
    lines["poll"] = (_("Read again every"), view.preferences.poll)
    rows = heading(_("Reading"))
    for id, (label, minutes) in lines.items():
        left = Content.styled(label, "$muted").truncate(MINUTES, ellipsis=True, pad=True)
        value = many("{n} minute", "{n} minutes", minutes)
        rows.append(Row(id, (Content.assemble(left, "  ", value),)))
    return rows


class DisconnectScreen(Modal[bool]):
    """Says what disconnecting does, and asks.

    Args:
        connection: which one.
        ends_pair: it is one of the two of an old account, which then may have only one.
        goes_offline: it is the only account there is.
    """

    HEADING = Phrase("Disconnect the calendar")
    COMMANDS = (Cancel, ReallyDisconnect)

    def __init__(self, connection: Connection, *, ends_pair: bool, goes_offline: bool) -> None:
        super().__init__()
        self.connection = connection
        self.ends_pair = ends_pair
        self.goes_offline = goes_offline

    def body(self) -> ComposeResult:
        """What goes, what stays."""
        yield Static(
            Content.styled(
                _("Disconnect {address}?", address=short(self.connection.address)), "bold"
            ),
            markup=False,
            classes="asked",
        )
        lines = [
            _("Bookings and requests stay, and so do the events in the calendar itself."),
            _("koble forgets the calendars and what it read in them."),
        ]
        if self.goes_offline:
            lines.append(
                _("Scheduling pages go into offline mode: meetings are requested, and not added.")
            )
        if self.connection.kind not in (Kind.LOCAL, Kind.CALDAV, Kind.SUBSCRIPTION):
            lines.insert(1, _("The inbox stays connected until you disconnect it as well."))
        if self.connection.kind in VENDORS:
            vendor = VENDORS[self.connection.kind]
            lines.append(_("What {vendor} granted is given back.", vendor=vendor))
        if self.ends_pair:
            lines.append(_("From then on only one account can be connected, for good."))
        yield Points(lines)

    def on_really_disconnect(self) -> None:
        """Yes."""
        self.dismiss(True)
