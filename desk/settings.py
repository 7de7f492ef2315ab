"""The profile, the working hours and the preferences; each also by name, for the command line."""

from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from desk.records import document, record
from scheduling.checks import check_email
from scheduling.connections import Profile
from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import Hours, Schedule, check_schedule
from scheduling.spelling import nearest
from scheduling.text import clean
from scheduling.zones import parse_date
from scheduling.zones import zone as zone_named
from store.store import Store
from words import LANGUAGES, Phrase, preferred

if TYPE_CHECKING:
    from desk.desk import Desk


THEMES = ("koble-dark", "koble-light", "koble-contrast", "koble-terminal")
"""The looks of the terminal, which knows them by itself: it is there before the desk."""


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How koble behaves and looks. Times in minutes."""

    theme: str = THEMES[0]
    ascii: bool = False
    fresh: int = 10
    """A calendar read within so many minutes is fresh."""
    poll: int = 5
    """Minutes between reads of calendars that cannot report changes by themselves."""


DAY = 1440
"""Minutes."""
DEFAULT_HOURS = (Hours(days=("mon", "tue", "wed", "thu", "fri"), start="09:00", end="16:00"),)
Part = Literal["profile", "schedule", "preferences"]
_S = TypeVar("_S", bound=msgspec.Struct)


class Settings:
    """Read and changed as structs by the screens, and as `part.name` by the command line."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    # Inside a read or a transaction:

    def profile_in(self, store: Store) -> Profile:
        """The profile in `store`; before it was ever saved, a first guess."""
        first = Profile(zone=self._desk.local_zone, language=preferred())
        return self._load(store, "profile", first)

    def schedule_in(self, store: Store) -> Schedule:
        """The host's working hours; the zone is the profile's."""
        first = Schedule(zone="", hours=DEFAULT_HOURS)
        schedule = self._load(store, "schedule", first)
        return msgspec.structs.replace(schedule, zone=self.profile_in(store).zone)

    def preferences_in(self, store: Store) -> Preferences:
        """The preferences in `store`."""
        return self._load(store, "preferences", Preferences())

    @staticmethod
    def _load(store: Store, part: Part, first: _S) -> _S:
        found = store.settings.by_id(part)
        return record(type(first), found["value"]) if found else first

    def _save(self, store: Store, part: Part, value: msgspec.Struct) -> None:
        store.settings.put({"id": part, "value": document(value)})
        self._desk.log.add(store, Phrase("Settings changed: {part}.", part=part), subject=part)

    # For the faces:

    async def profile(self) -> Profile:
        """The profile."""
        return await self._desk.read(self.profile_in)

    async def schedule(self) -> Schedule:
        """The host's working hours, overrides and absences."""
        return await self._desk.read(self.schedule_in)

    async def preferences(self) -> Preferences:
        """The preferences."""
        return await self._desk.read(self.preferences_in)

    async def save_profile(self, profile: Profile) -> Profile:
        """Store a profile; `KobleError` invalid names the field that is wrong."""
        profile = _checked_profile(profile)
        before = await self.profile()
        await self._desk.write(lambda store: self._save(store, "profile", profile))
        if profile.email != before.email:
            # Whose answers to invitations count, was decided when they were read.
            await self._desk.connections.start_anew()
        return profile

    async def save_schedule(self, schedule: Schedule) -> Schedule:
        """Store working hours, overrides and absences; the zone follows the profile."""
        check_schedule(schedule)
        await self._desk.write(lambda store: self._save(store, "schedule", schedule))
        return schedule

    async def save_preferences(self, preferences: Preferences) -> Preferences:
        """Store preferences; `KobleError` invalid names the field that is wrong."""
        if preferences.theme not in THEMES:
            raise KobleError(
                ErrorKind.INVALID,
                Phrase("“{value}” is not possible.", value=clean(preferences.theme, limit=40)),
                Phrase("Choose one of: {choices}.", choices=", ".join(THEMES)),
                field="preferences.theme",
            )
        for name in ("fresh", "poll"):
            if not 1 <= getattr(preferences, name) <= DAY:
                raise KobleError(
                    ErrorKind.INVALID,
                    Phrase("It must be from 1 to {most} minutes.", most=DAY),
                    field=f"preferences.{name}",
                )
        await self._desk.write(lambda store: self._save(store, "preferences", preferences))
        return preferences

    async def all(self) -> dict[str, Any]:
        """Every setting by name, such as `profile.zone`, as JSON values."""
        parts = {
            "profile": await self.profile(),
            "schedule": await self.schedule(),
            "preferences": await self.preferences(),
        }
        return {
            f"{part}.{field}": msgspec.to_builtins(getattr(value, field))
            for part, value in parts.items()
            for field in value.__struct_fields__
            if f"{part}.{field}" != "schedule.zone"
        }

    async def get(self, name: str) -> Any:
        """One setting by name; `KobleError` not_found tells the nearest name."""
        settings = await self.all()
        if name not in settings:
            raise _unknown(name, settings)
        return settings[name]

    async def set(self, name: str, value: Any) -> Any:
        """Change one setting by name; `value` is a JSON value or its text."""
        await self.get(name)
        part, field = name.split(".", 1)
        if part == "profile":
            profile = _changed(await self.profile(), field, value, name)
            return getattr(await self.save_profile(profile), field)
        if part == "schedule":
            schedule = _changed(await self.schedule(), field, value, name)
            return getattr(await self.save_schedule(schedule), field)
        preferences = _changed(await self.preferences(), field, value, name)
        return getattr(await self.save_preferences(preferences), field)


def _changed(part: _S, field: str, value: Any, name: str) -> _S:
    document_ = msgspec.to_builtins(part) | {field: value}
    try:
        return msgspec.convert(document_, type(part), strict=False)
    except msgspec.ValidationError as error:
        why = str(error).partition(" - at ")[0]
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("“{value}” is not possible.", value=clean(str(value), limit=40)),
            Phrase("Write a whole number.")
            if why.startswith("Expected `int`")
            else Phrase("This is not right: {why}.", why=why),
            field=name,
        ) from error


def _checked_profile(profile: Profile) -> Profile:
    zone_named(profile.zone)
    if profile.language not in LANGUAGES:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("koble does not speak {language}.", language=clean(profile.language, limit=20)),
            Phrase("Choose one of: {languages}.", languages=", ".join(LANGUAGES)),
            field="profile.language",
        )
    if profile.email:
        check_email(profile.email, field="profile.email")
    if profile.created:
        parse_date(profile.created, field="profile.created")
    return msgspec.structs.replace(
        profile, name=clean(profile.name, limit=200), email=profile.email.strip()
    )


def _unknown(name: str, settings: dict[str, Any]) -> KobleError:
    near = nearest(name, settings, likeness=0.4)
    return KobleError(
        ErrorKind.NOT_FOUND,
        Phrase("There is no setting {name}.", name=clean(name, limit=80)),
        Phrase("Did you mean {near}?", near=near) if near else None,
        field="name",
    )
