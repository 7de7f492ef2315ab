"""Settings → General → Profile: who you are, and what you may do."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import ClassVar

import msgspec
from textual import on

from scheduling.connections import Profile
from tui.commands import Command
from tui.commands.dialogs import NextFound, PreviousFound
from tui.commands.general import Cancel
from tui.commands.settings import PickChoice
from tui.screens.settings.dialogs import ChoiceScreen, FormScreen, Option
from tui.screens.settings.pane import Pane, on_off, setting
from tui.screens.settings.view import View
from tui.screens.zone import ZoneScreen
from tui.widgets.form import FormField
from tui.widgets.rows import Rows
from words import LANGUAGES, Phrase, _, dates


class HomeZone(ZoneScreen):
    """The zone of the profile."""

    CSS_PATH = "../dialogs.tcss"
    HEADING = Phrase("Time zone")
    COMMANDS: ClassVar[tuple[type[Command], ...]] = (Cancel, PickChoice, NextFound, PreviousFound)  # type: ignore[assignment]

    def on_pick_choice(self) -> None:
        """Take the zone under the cursor."""
        self.on_take_zone()


class ProfilePane(Pane):
    """Name, address, zone, language, the permission to connect, the age of the account."""

    def fill(self, view: View) -> None:
        """A row for each of them."""
        profile = view.profile
        offset = dates.offset_text(view.overview.now, profile.zone)
        self.say("")
        self.rows.show(
            [
                setting("name", _("Name"), profile.name or _("not given")),
                setting("email", _("E-mail address"), profile.email or _("not given")),
                setting("zone", _("Time zone"), profile.zone, offset),
                setting("language", _("Language"), LANGUAGES[profile.language]),
                setting(
                    "personal_email_access",
                    _("Personal email access"),
                    on_off(profile.personal_email_access),
                    _("needed to connect"),
                ),
                setting("created", _("Account created"), created_text(profile)),
            ]
        )

    @on(Rows.Chosen)
    def _change(self, event: Rows.Chosen) -> None:
        event.stop()
        if self.view is not None:
            change = {
                "name": self._ask_name,
                "email": self._ask_email,
                "zone": self._ask_zone,
                "language": self._ask_language,
                "personal_email_access": self._ask_access,
                "created": self._ask_created,
            }[event.row.id]
            change(self.view.profile)

    def _ask_name(self, profile: Profile) -> None:
        field = FormField("name", _("Name"), value=profile.name)
        self.app.push_screen(FormScreen(_("Name"), [field], self._save))

    def _ask_email(self, profile: Profile) -> None:
        field = FormField(
            "email",
            _("E-mail address"),
            value=profile.email,
            placeholder=_("you@example.com"),
            hint=_("Yours; a calendar is expected to be connected with it."),
        )
        self.app.push_screen(FormScreen(_("E-mail address"), [field], self._save))

    def _ask_created(self, profile: Profile) -> None:
        field = FormField(
            "created",
            _("Account created"),
            value=profile.created,
            placeholder=_("YYYY-MM-DD"),
            hint=_("Accounts from before 13 March 2023 may hold two connections."),
        )
        self.app.push_screen(FormScreen(_("Account created"), [field], self._save))

    def _ask_zone(self, profile: Profile) -> None:
        self.app.push_screen(HomeZone(), self._taking("zone"))

    def _ask_language(self, profile: Profile) -> None:
        options = [Option(code, name) for code, name in LANGUAGES.items()]
        screen = ChoiceScreen(_("Language"), options, profile.language)
        self.app.push_screen(screen, self._taking("language"))

    def _ask_access(self, profile: Profile) -> None:
        self.work(
            self._save({"personal_email_access": not profile.personal_email_access}), group="save"
        )

    def _taking(self, name: str) -> Callable[[str | None], None]:
        def take(value: str | None) -> None:
            if value is not None:
                self.work(self._save({name: value}), group="save")

        return take

    async def _save(self, values: Mapping[str, str | bool]) -> None:
        before = await self.desk.settings.profile()
        await self.desk.settings.save_profile(msgspec.structs.replace(before, **values))


def created_text(profile: Profile) -> str:
    """The day on which the account was made, as people read it."""
    if not profile.created:
        return _("not given")
    day = date.fromisoformat(profile.created)
    return _("{day} {month} {year}", day=day.day, month=dates.month(day.month), year=day.year)
