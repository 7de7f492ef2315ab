"""What the first line and the banner say of the connections."""

from textwrap import shorten
from typing import TYPE_CHECKING

from scheduling.connections import Health, Kind
from scheduling.state import Mode
from tui import marks
from tui.chrome import Chrome, State, offline
from tui.phrases import KINDS
from words import _, dates

if TYPE_CHECKING:
    from desk.connections import ConnectionView, Overview
    from desk.desk import Desk

_GRAVEST = (Health.SIGN_IN, Health.UNKNOWN, Health.STALE, Health.FRESH)
_STATES: dict[Health, State] = {
    Health.FRESH: "fresh",
    Health.STALE: "stale",
    Health.UNKNOWN: "stale",
    Health.SIGN_IN: "sign_in",
}
ERROR = 36
"""Cells that an error may take in the first line."""


async def read_chrome(desk: "Desk") -> Chrome:
    """The state of the house as the first line shows it; the time of day is left out."""
    overview = await desk.connections.overview()
    requests = len(await desk.bookings.requests())
    zone = (await desk.settings.profile()).zone
    return chrome_of(overview, requests, zone)


def chrome_of(overview: "Overview", requests: int, zone: str) -> Chrome:
    """The first line for these connections: the one in the gravest state speaks."""
    view = gravest(overview)
    if view is None:
        chrome = offline()
        return Chrome(state=chrome.state, detail=chrome.detail, requests=requests)
    error = last_error(view)
    broken = view.health is Health.UNKNOWN and error
    return Chrome(
        state="sign_in" if broken else _STATES[view.health],
        who=str(KINDS[view.connection.kind]),
        account=account(view),
        detail=_detail(view, overview.now, zone),
        requests=requests,
    )


def gravest(overview: "Overview") -> "ConnectionView | None":
    """The connection that needs a person most; None where nothing is connected."""
    return min(overview.connections, key=lambda view: _GRAVEST.index(view.health), default=None)


def account(view: "ConnectionView") -> str:
    """Its address; of a folder, the last part of the path."""
    address = view.connection.address
    if view.connection.kind is Kind.LOCAL:
        return address.rstrip("/").rpartition("/")[2] or address
    return address


def last_error(view: "ConnectionView") -> str:
    """What went wrong at the last read; empty where it went well."""
    return view.connection.reads[0][1] if view.connection.reads else ""


def _detail(view: "ConnectionView", now: int, zone: str) -> str:
    read_at = view.connection.read_at
    if view.health is Health.SIGN_IN:
        return _("sign in again")
    if view.health is Health.UNKNOWN or read_at is None:
        return shorten(last_error(view), ERROR, placeholder="…") or _("not read yet")
    if view.health is Health.STALE:
        return _("stale since {time}", time=since(read_at, now, zone))
    minutes = (now - read_at) // 60
    return dates.length_text(minutes) if minutes else _("now")


def since(instant: int, now: int, zone: str) -> str:
    """The time of day of something past; with the day where that was not today."""
    if dates.local(instant, zone).date() == dates.local(now, zone).date():
        return dates.time_of_day(instant, zone)
    return dates.moment_text(instant, zone)


def banner(overview: "Overview", zone: str) -> str:
    """What is out of order, and what follows from it, in a line; empty: nothing."""
    view = gravest(overview)
    if view is None:
        return _("Offline mode: meetings are requested, not added.")
    who = str(KINDS[view.connection.kind])
    if view.health is Health.SIGN_IN:
        text = _("{who} wants you to sign in again: meetings are requested meanwhile.", who=who)
        return f"{marks.ALERT} {text}"
    if error := last_error(view):
        at = since(view.connection.reads[0][0], overview.now, zone)
        text = _("{who} could not be read at {time}: {error}", who=who, time=at, error=error)
        return f"{marks.ALERT} {text}"
    if overview.destination is None:
        return _("No calendar to book into is chosen: meetings are requested, not added.")
    if overview.mode is Mode.OFFLINE:
        return _("Offline mode: meetings are requested, not added.")
    return ""
