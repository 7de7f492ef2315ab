"""What a few letters find: people, meetings, pages, calendars, time zones and settings."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from desk.calendars import Entry
from desk.desk import Desk
from scheduling.pages import WEEKDAYS
from scheduling.zones import DAY
from tui import marks, themes
from tui.commands.meetings import Show
from tui.phrases import STATES, when_text
from tui.screens.search import Hit
from tui.screens.settings.pane import on_off
from tui.screens.zone import zones_like
from words import LANGUAGES, Phrase, _, dates

BEHIND, AHEAD = 14 * DAY, 90 * DAY
"""How far around today events are looked for; koble's own meetings are found whenever they are."""
MOST = 6
"""Hits of each kind."""
SETTINGS: Mapping[str, Phrase] = {
    "profile.name": Phrase("Name"),
    "profile.email": Phrase("E-mail address"),
    "profile.zone": Phrase("Time zone"),
    "profile.language": Phrase("Language"),
    "profile.personal_email_access": Phrase("Personal email access"),
    "profile.created": Phrase("Account created"),
    "schedule.hours": Phrase("Working hours"),
    "schedule.overrides": Phrase("Overrides"),
    "schedule.absences": Phrase("Absences"),
    "schedule.week_start": Phrase("Week starts"),
    "preferences.theme": Phrase("Colours"),
    "preferences.ascii": Phrase("ASCII marks"),
    "preferences.fresh": Phrase("Counts as fresh for"),
    "preferences.poll": Phrase("Read again every"),
}
"""What the settings are called on the screens."""


async def find(desk: Desk, text: str) -> list[Hit]:
    """Everything that holds all words of `text`; those that begin with it first, by kind."""
    words = text.casefold().split()
    if not words:
        return []
    now = desk.clock.now()
    zone = (await desk.settings.profile()).zone
    agenda = await desk.calendars.agenda(now - BEHIND, now + AHEAD)
    kinds: list[Iterable[Hit]] = [
        [
            Hit(_("Contact"), each.name, each.email, Show("contacts", each.email))
            for each in await desk.contacts.all()
        ],
        [
            Hit(
                _("Meeting"),
                each.title,
                f"{when_text(each.start, each.end, zone, now)} {marks.DOT} {STATES[each.state]}",
                Show("meetings", f"booking:{each.id}"),
            )
            for each in reversed(await desk.bookings.all())
        ],
        _events(agenda.entries, zone, now),
        [
            Hit(_("Page"), f"/{each.name}", each.title, Show("pages", each.name))
            for each in await desk.pages.all()
        ],
        [
            Hit(_("Calendar"), each.name, "", Show("meetings", f"calendar:{each.id}"))
            for each in await desk.calendars.all()
        ],
        _settings(await desk.settings.all()),
    ]
    hits = [hit for kind in kinds for hit in islice(_fitting(kind, words), MOST)]
    return hits + [_zone(name, now) for name in zones_like(text, MOST)]


def _fitting(hits: Iterable[Hit], words: list[str]) -> Iterator[Hit]:
    fitting = [
        hit for hit in hits if all(w in f"{hit.title} {hit.detail}".casefold() for w in words)
    ]
    return iter(sorted(fitting, key=lambda hit: words[0] not in hit.title.casefold()))


def _events(entries: Iterable[Entry], zone: str, now: int) -> Iterator[Hit]:
    """The events that are no bookings; of a series, the next one, else the last."""
    by_title: dict[str, Entry] = {}
    for each in entries:
        known = by_title.get(each.title)
        if each.booking is None and (known is None or known.end <= now):
            by_title[each.title] = each
    for each in by_title.values():
        when = when_text(each.start, each.end, zone, now)
        yield Hit(_("Event"), each.title, when, Show("meetings", f"at:{each.start}"))


def _settings(values: Mapping[str, Any]) -> Iterator[Hit]:
    """The settings as the screens call them; a value that is a list is not shown."""
    for name, label in SETTINGS.items():
        value = values[name]
        detail = "" if isinstance(value, list) else str(value)
        if isinstance(value, bool):
            detail = on_off(value)
        elif name == "profile.language":
            detail = LANGUAGES[value]
        elif name == "preferences.theme":
            detail = str(themes.NAMES.get(value, value))
        elif name == "schedule.week_start":
            detail = dates.weekday(WEEKDAYS.index(value))
        yield Hit(_("Setting"), str(label), detail, Show("settings", name))


def _zone(name: str, now: int) -> Hit:
    detail = f"{dates.time_of_day(now, name)} {marks.DOT} {dates.offset_text(now, name)}"
    return Hit(_("Time zone"), name, detail, Show("meetings", f"zone:{name}"))
