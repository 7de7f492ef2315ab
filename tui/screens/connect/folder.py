"""This computer: a folder, what is in it, and connecting it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from desk import folders
from scheduling.connections import Connection, Kind
from scheduling.errors import KobleError
from scheduling.text import clean
from tui import marks
from tui.commands import Command
from tui.commands.connect import CompletePath, ConnectFolder, MakeCalendar, StopConnecting
from tui.commands.general import Back
from tui.screens.connect.prose import paragraph
from tui.screens.connect.step import Journey, Step
from tui.widgets.form import FormField, missing, show_errors
from tui.widgets.rows import Row, Rows
from words import _, many

SHOWN = 6
"""Calendars that the preview shows at once."""


class FolderStep(Step):
    """A path, completed with Tab; under it the calendars that lie there."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, CompletePath, ConnectFolder)
    KIND = Kind.LOCAL
    NUMBER = 2
    OF = 2

    def __init__(self, journey: Journey) -> None:
        super().__init__(journey)
        self._completion = ""

    def compose(self) -> ComposeResult:
        """The path, the preview."""
        yield FormField(
            "path",
            _("Folder"),
            placeholder="~/calendars",
            hint=_("With calendars of khal or vdirsyncer in it."),
            required=True,
        )
        yield Static("", markup=False, id="names")
        yield paragraph("", classes="muted part")
        yield Rows(columns=(0, -12, -10), id="found")

    @property
    def path(self) -> FormField:
        """The field of the path."""
        return self.query_one("#field-path", FormField)

    def on_mount(self) -> None:
        """Nothing was looked at yet."""
        self._show(None)

    def applies(self, command: type[Command]) -> bool | None:
        """Tab completes while the path can go on; else it leads to the next field."""
        if command is not CompletePath:
            return True
        return bool(self._completion) and self.path.query_one(Input).has_focus

    @on(Input.Changed)
    def _written(self, event: Input.Changed) -> None:
        if event.input is self.path.query_one(Input):
            self.path.say("")
            self.work(self._look(event.value), group="look")

    async def _look(self, text: str) -> None:
        """What may follow, and what lies there."""
        names = await folders.complete(text)
        common = common_start(names)
        self._completion = common if len(common) > len(text) else ""
        try:
            found = await folders.look(text) if text.strip() else None
            wrong = ""
        except KobleError as error:
            found, wrong = None, str(error.message)
        if names and not text.endswith("/"):
            wrong = ""
        self._show(found, names=names if len(names) > len(found or ()) else (), wrong=wrong)

    def _show(
        self,
        found: tuple[folders.Found, ...] | None,
        *,
        names: tuple[str, ...] = (),
        wrong: str = "",
    ) -> None:
        """The preview of a folder; without one the folders that the path may become."""
        line = self.query_one("#names", Static)
        line.display = bool(names)
        line.update(names_line(names))
        part = self.query_one(".part", Static)
        part.update(preview_title(found, wrong))
        part.display = bool(preview_title(found, wrong))
        rows = self.query_one(Rows)
        rows.show([_found_row(number, each) for number, each in enumerate(found or ())])
        rows.styles.height = max(1, min(SHOWN, len(rows.rows)))
        rows.display = bool(found)
        self.refresh_bindings()

    def on_complete_path(self) -> None:
        """As far as it is clear what is meant."""
        field = self.path.query_one(Input)
        field.value = self._completion
        field.cursor_position = len(field.value)

    async def forward(self) -> Step | None:
        """Look again; then connect, or make a first calendar."""
        path = self.path.value
        try:
            found = await folders.look(path)
        except KobleError as error:
            self.show(error)
            return None
        return Connecting(self.journey, path) if found else FirstCalendar(self.journey, path)

    def show(self, error: KobleError) -> None:
        """Say under the path what is wrong with it."""
        self.query_one(".part").display = False
        show_errors(self, {"path": str(error)})


class FirstCalendar(Step):
    """The folder is empty: it needs a first calendar."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Back, MakeCalendar)
    KIND = Kind.LOCAL
    NUMBER = 3
    OF = 3

    def __init__(self, journey: Journey, path: str) -> None:
        super().__init__(journey)
        self.path = path

    def compose(self) -> ComposeResult:
        """What is missing, and its name."""
        yield paragraph(
            _("There is no calendar in {folder} yet.", folder=clean(self.path)), classes="lead"
        )
        yield FormField("name", _("Its name"), value=_("Calendar"), required=True)

    async def forward(self) -> Step | None:
        """Make it, then connect."""
        if show_errors(self, missing(self, _("This is needed."))):
            return None
        try:
            await folders.make(self.path, self.query_one(FormField).value)
        except KobleError as error:
            show_errors(self, {"name": str(error)})
            return None
        return Connecting(self.journey, self.path)


class Connecting(Step):
    """The calendars are read; Esc gives it up."""

    COMMANDS: ClassVar[tuple[type[Command], ...]] = (StopConnecting,)
    KIND = Kind.LOCAL
    NUMBER = 2
    OF = 2

    def __init__(self, journey: Journey, path: str) -> None:
        super().__init__(journey)
        self.path = path

    def compose(self) -> ComposeResult:
        """A quiet line."""
        yield paragraph(_("Reading the calendars in {folder}…", folder=clean(self.path)))

    async def connect(self) -> Connection:
        """Connect the folder.

        Raises:
            KobleError: what the folder, or the rules, have against it.
        """
        connections = self.journey.desk.connections
        return await connections.connect_local(self.path, use=self.journey.use)


def preview_title(found: tuple[folders.Found, ...] | None, wrong: str) -> Content:
    """What stands above the preview."""
    if wrong:
        return Content(wrong)
    if found is None:
        return Content("")
    if not found:
        return Content(_("There is no calendar in this folder yet."))
    calendars = many("{n} calendar", "{n} calendars", len(found))
    events = many("{n} event", "{n} events", sum(each.events for each in found))
    return Content(f"{calendars} {marks.DOT} {events}")


def common_start(names: tuple[str, ...]) -> str:
    """The letters with which all of them begin."""
    low, high = min(names, default=""), max(names, default="")
    for at, letter in enumerate(low):
        if letter != high[at]:
            return low[:at]
    return low


def names_line(names: tuple[str, ...]) -> Content:
    """The folders that the path may become, by their last part."""
    shown = [name.rstrip("/").rpartition("/")[2] + "/" for name in names[:6]]
    more = [marks.MORE] if len(names) > 6 else []
    return Content.styled("  ".join([*shown, *more]), "$muted")


def _found_row(number: int, found: folders.Found) -> Row:
    events = many("{n} event", "{n} events", found.events)
    note = "" if found.writable else _("read only")
    return Row(str(number), (found.name, events, Content.styled(note, "$muted")))
