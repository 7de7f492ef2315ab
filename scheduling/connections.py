"""Connections: the accounts whose calendars koble reads, their inboxes, and who may connect."""

from enum import StrEnum

import msgspec

from scheduling.events import BusyMatrix


class Kind(StrEnum):
    """What can be connected."""

    GOOGLE = "google"
    OFFICE365 = "office365"
    EXCHANGE = "exchange"
    CALDAV = "caldav"
    LOCAL = "local"


class Use(StrEnum):
    """What a connection serves; accounts from before 13 March 2023 may have one for each (S15)."""

    BOTH = "both"
    CALENDAR = "calendar"
    MEETINGS = "meetings"


class Health(StrEnum):
    """FRESH: read within its limit. STALE: read, but too long ago. UNKNOWN: never, or broken."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"
    SIGN_IN = "sign_in"


class Connection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account whose calendar is connected. Times are UTC seconds; secrets lie elsewhere."""

    id: str
    kind: Kind
    address: str
    """The e-mail address, or the folder's path."""
    expected: str = ""
    made_at: int
    use: Use = Use.BOTH
    full_exchange: bool = False
    matrix: BusyMatrix = BusyMatrix()
    options: dict[str, str] = {}
    """Where to find it: `path` of a folder, `url`, `username`, `version` of a server."""
    read_at: int | None = None
    """When every conflict calendar of it was last read whole and well."""
    reads: tuple[tuple[int, str], ...] = ()
    """The last five reads: when, and what went wrong (empty: nothing)."""
    needs_sign_in: bool = False


class Calendar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One calendar of a connection. `conflicts`: its events keep offers away (needs reading)."""

    id: str
    connection: str
    native: str
    name: str
    color: str = ""
    writable: bool = True
    conflicts: bool = True
    shown: bool = True
    destination: bool = False
    """New bookings are written here; exactly one calendar, which must be writable."""
    cursor: str = ""
    horizon: tuple[int, int] = (0, 0)
    """The span of time whose events the store holds."""
    problems: tuple[str, ...] = ()


class Inbox(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address in the e-mail integration. `shared`: one of the conversations tool (S13)."""

    id: str
    address: str
    shared: bool = False
    connection: str = ""
    connected: bool = True


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The user, as Settings → General → Profile holds them."""

    name: str = ""
    email: str = ""
    zone: str = "UTC"
    language: str = "en"
    personal_email_access: bool = True
    created: str = ""
    """Civil date the account was made, `YYYY-MM-DD`; empty: after the change of S15."""
