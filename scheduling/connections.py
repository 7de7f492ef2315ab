"""Connections: the accounts whose calendars koble reads, their inboxes, and who may connect."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from scheduling.errors import ErrorKind, KobleError
from scheduling.events import BusyMatrix
from scheduling.zones import parse_date, zone
from words import Phrase

ONE_ACCOUNT_SINCE = "2023-03-13"
"""Accounts made before this date may have two connections, until one of them goes (S15)."""
READS = 5
"""How many reads a connection remembers."""


class Kind(StrEnum):
    """What can be connected."""

    GOOGLE = "google"
    OFFICE365 = "office365"
    EXCHANGE = "exchange"
    CALDAV = "caldav"
    LOCAL = "local"
    SUBSCRIPTION = "subscription"
    """A published calendar that is only read. It is no account, and stands beside one."""


VENDORS = {Kind.GOOGLE: "Google", Kind.OFFICE365: "Microsoft"}
"""The kinds whose owner signs in on a page of the vendor's own, and whose page that is."""


class Use(StrEnum):
    """What a connection serves; accounts from before 13 March 2023 may have one for each (S15)."""

    BOTH = "both"
    CALENDAR = "calendar"
    MEETINGS = "meetings"


class Access(StrEnum):
    """What koble may do in a cloud account, from least to most; each contains those before it."""

    BUSY = "busy"
    """See when its owner is busy, and nothing else."""
    READ = "read"
    """See the events."""
    WRITE = "write"
    """Add, move and cancel meetings as well: what booking needs."""
    MAIL = "mail"
    """Send e-mail in its owner's name as well."""


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
    """Where to find it: `path` of a folder; `url`, `username`, `version`, `fingerprint` of a
    server, and `local` where it may be in a private network; `scheme` (how to sign in) and `zone`
    of an Exchange account; `access` (an `Access`), `client` (the
    app's id), `tenant` and `cloud` of an account in a cloud."""
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
    pages: int = 0
    """How many pages of changes were stored: two who read at once find each other out by it."""
    problems: tuple[str, ...] = ()

    @property
    def followed(self) -> bool:
        """Whether it is read: because it is shown, or because it keeps offers away."""
        return self.shown or self.conflicts


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
    legacy_pair_ended: bool = False
    """One of two connections of an old account was disconnected: from then on, one only (S15)."""


def health(connection: Connection, now: int, limit: int) -> Health:
    """How far a connection can be trusted at `now`; `limit` is how long a read stays fresh.

    Both in seconds. A read in the future (the clock was set back) is not fresh; when as many reads
    as are kept all went wrong, the connection is as good as never read.
    """
    if connection.needs_sign_in:
        return Health.SIGN_IN
    if connection.read_at is None:
        return Health.UNKNOWN
    if 0 <= now - connection.read_at <= limit:
        return Health.FRESH
    broken = len(connection.reads) >= READS and all(wrong for _, wrong in connection.reads)
    return Health.UNKNOWN if broken else Health.STALE


def connection_refusal(
    profile: Profile,
    inboxes: Sequence[Inbox],
    connections: Sequence[Connection],
    *,
    kind: Kind,
    address: str,
    use: Use = Use.BOTH,
) -> KobleError | None:
    """Why such an account cannot be connected beside `connections`; None: it can.

    `address` may be empty as long as nobody knows it: what hangs on it is then left open. A
    subscription is no account: it stands beside one, and is not counted (S15).
    """
    if not profile.personal_email_access:
        return KobleError(
            ErrorKind.PERMISSION,
            Phrase("Connecting a calendar needs the permission “Personal email access”."),
            Phrase("Whoever manages the users of your account can give it to you."),
            field="personal_email_access",
        )
    wanted = address.strip().casefold()
    for inbox in inboxes:
        if wanted and inbox.shared and inbox.connected and inbox.address.casefold() == wanted:
            return KobleError(
                ErrorKind.PERMISSION,
                Phrase("{address} is connected as a shared inbox.", address=inbox.address),
                Phrase("Only the calendar of a personal inbox can be connected."),
                field="address",
            )
    for connection in connections:
        if wanted and connection.kind is kind and connection.address.casefold() == wanted:
            return KobleError(
                ErrorKind.CONFLICT,
                Phrase("{address} is connected already.", address=connection.address),
                field="address",
            )
    held = accounts(connections)
    if kind is Kind.SUBSCRIPTION or not held:
        return None
    return _second_refusal(profile, held, use)


def is_account(connection: Connection) -> bool:
    """Whether something can be booked into a connection: a subscription is no account."""
    return connection.kind is not Kind.SUBSCRIPTION


def accounts(connections: Sequence[Connection]) -> list[Connection]:
    """The connections that are accounts."""
    return [each for each in connections if is_account(each)]


def may_pair(profile: Profile) -> bool:
    """Whether the account is old enough for two connections, and has not given that up (S15)."""
    if not profile.created or profile.legacy_pair_ended:
        return False
    return parse_date(profile.created, field="profile.created") < parse_date(ONE_ACCOUNT_SINCE)


def legacy_pair_ends(profile: Profile, connections: Sequence[Connection], now: int) -> bool:
    """Whether disconnecting one account of `connections` at `now` leaves one, for good (S15)."""
    after = zone(profile.zone).day(now) > parse_date(ONE_ACCOUNT_SINCE)
    return after and len(accounts(connections)) == 2 and may_pair(profile)


def exchange_refusal(connection: Connection, action: str) -> KobleError | None:
    """Why `action` cannot be done on a connection; None: it can.

    Only Exchange has such limits, and *Full Exchange* lifts them. Actions: `cancel` and
    `reschedule` a meeting (S20), `to_calendar`: add a meeting made on a CRM record (S21),
    `from_calendar`: make its meetings activities in the CRM (S22), `propose`: put proposed times
    into an e-mail (S23).
    """
    message = _EXCHANGE_LIMITS[action]
    if connection.kind is not Kind.EXCHANGE or connection.full_exchange:
        return None
    hint = Phrase("Switch on Full Exchange in the settings of the connection.")
    return KobleError(ErrorKind.PERMISSION, message, hint, field="full_exchange")


def _second_refusal(
    profile: Profile, connections: Sequence[Connection], use: Use
) -> KobleError | None:
    first = connections[0]
    if not may_pair(profile):
        hint = Phrase("Disconnect {address} first.", address=first.address)
        return KobleError(ErrorKind.CONFLICT, Phrase("Only one account can be connected."), hint)
    if len(connections) > 1:
        return KobleError(
            ErrorKind.CONFLICT,
            Phrase("Two accounts are connected already."),
            Phrase("Once one of them is disconnected, only one can be connected."),
        )
    if {first.use, use} == {Use.CALENDAR, Use.MEETINGS}:
        return None
    return KobleError(
        ErrorKind.CONFLICT,
        Phrase(
            "A second account must serve what {address} does not: one the calendar settings, the"
            " other the meeting settings.",
            address=first.address,
        ),
        field="use",
    )


_EXCHANGE_LIMITS = {
    "cancel": Phrase("A meeting in an Exchange calendar cannot be cancelled."),
    "reschedule": Phrase("A meeting in an Exchange calendar cannot be rescheduled."),
    "to_calendar": Phrase("Meetings made on a CRM record are not added to an Exchange calendar."),
    "from_calendar": Phrase("Meetings made in an Exchange calendar do not reach the CRM."),
    "propose": Phrase("Proposed times cannot be inserted from an Exchange calendar."),
}
