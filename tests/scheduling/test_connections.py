import itertools
from datetime import UTC, datetime

import msgspec
import pytest

from scheduling.connections import (
    Connection,
    Health,
    Inbox,
    Kind,
    Profile,
    Use,
    connection_refusal,
    exchange_refusal,
    health,
    legacy_pair_ends,
    may_pair,
)
from scheduling.errors import ErrorKind, KobleError
from scheduling.offers import Mode, mode

NEW = Profile(email="ada@example.com", created="2023-03-13")
OLD = Profile(email="ada@example.com", created="2023-03-12", zone="Europe/Oslo")


def connection(number: int = 1, use: Use = Use.BOTH, **more: object) -> Connection:
    values: dict[str, object] = {"kind": Kind.GOOGLE, "address": f"ada{number}@example.com"}
    return Connection(id=f"c{number}", made_at=0, use=use, **(values | more))


def refusal(
    profile: Profile,
    *connections: Connection,
    inboxes: tuple[Inbox, ...] = (),
    address: str = "ada@example.com",
    kind: Kind = Kind.GOOGLE,
    use: Use = Use.BOTH,
) -> KobleError | None:
    return connection_refusal(profile, inboxes, connections, kind=kind, address=address, use=use)


def test_a_first_account_can_be_connected() -> None:
    for profile, kind, use in itertools.product((NEW, OLD, Profile()), Kind, Use):
        assert refusal(profile, kind=kind, use=use) is None


def test_without_personal_email_access_nothing_can_be_connected() -> None:
    """S12."""
    for kind in Kind:
        profile = msgspec.structs.replace(NEW, personal_email_access=False)
        refused = refusal(profile, kind=kind)
        assert refused is not None
        assert (refused.kind, refused.field) == (ErrorKind.PERMISSION, "personal_email_access")
        assert "Personal email access" in str(refused)


def test_the_calendar_of_a_shared_inbox_cannot_be_connected() -> None:
    """S13."""
    shared = Inbox(id="i", address="Team@example.com", shared=True)
    refused = refusal(NEW, inboxes=(shared,), address=" team@EXAMPLE.com")
    assert refused is not None
    assert refused.kind is ErrorKind.PERMISSION
    assert "Team@example.com is connected as a shared inbox." in str(refused)
    assert refusal(NEW, inboxes=(shared,), address="ada@example.com") is None
    assert refusal(NEW, inboxes=(shared,), address="") is None
    personal = msgspec.structs.replace(shared, shared=False)
    assert refusal(NEW, inboxes=(personal,), address="team@example.com") is None
    gone = msgspec.structs.replace(shared, connected=False)
    assert refusal(NEW, inboxes=(gone,), address="team@example.com") is None


def test_an_account_is_not_connected_twice() -> None:
    first = connection(use=Use.CALENDAR)
    refused = refusal(OLD, first, address="ADA1@example.com", use=Use.MEETINGS)
    assert refused is not None
    assert (refused.kind, refused.field) == (ErrorKind.CONFLICT, "address")
    assert "connected already" in str(refused)


@pytest.mark.parametrize("profile", [NEW, Profile(created=""), Profile(created="2026-01-01")])
def test_an_account_from_after_the_change_has_one_connection(profile: Profile) -> None:
    """S15."""
    for first, second in itertools.product(Use, Use):
        refused = refusal(profile, connection(use=first), use=second)
        assert refused is not None
        assert refused.kind is ErrorKind.CONFLICT
        assert "Disconnect ada1@example.com first." in str(refused)


@pytest.mark.parametrize(("first", "second"), list(itertools.product(Use, Use)))
def test_an_account_from_before_may_have_one_for_each_use(first: Use, second: Use) -> None:
    """S15."""
    refused = refusal(OLD, connection(use=first), use=second)
    if {first, second} == {Use.CALENDAR, Use.MEETINGS}:
        assert refused is None
    else:
        assert refused is not None
        assert (refused.kind, refused.field) == (ErrorKind.CONFLICT, "use")


def test_a_subscription_stands_beside_accounts_and_is_not_counted() -> None:
    """S15 is about accounts."""
    feeds = tuple(
        connection(number, kind=Kind.SUBSCRIPTION, address=f"feed{number}") for number in (7, 8)
    )
    for use in Use:
        assert refusal(NEW, *feeds, use=use) is None
        for profile in (NEW, OLD):
            for held in ((), (connection(),), (connection(1, Use.CALENDAR), *feeds)):
                assert refusal(profile, *held, kind=Kind.SUBSCRIPTION, address="other") is None
    again = refusal(NEW, *feeds, kind=Kind.SUBSCRIPTION, address="FEED7")
    assert again is not None
    assert again.kind is ErrorKind.CONFLICT
    assert "Only one account" in str(refusal(NEW, *feeds, connection()))
    assert refusal(OLD, *feeds, connection(1, Use.CALENDAR), use=Use.MEETINGS) is None
    now = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
    assert not legacy_pair_ends(OLD, (connection(), *feeds[:1]), now)
    pair = connection(1, Use.CALENDAR), connection(2, Use.MEETINGS)
    assert legacy_pair_ends(OLD, (*pair, *feeds), now)


def test_there_is_never_a_third() -> None:
    pair = connection(1, Use.CALENDAR), connection(2, Use.MEETINGS)
    for use in Use:
        refused = refusal(OLD, *pair, use=use)
        assert refused is not None
        assert "Two accounts are connected already." in str(refused)


def test_once_one_of_the_two_went_there_is_one_only() -> None:
    """S15."""
    ended = msgspec.structs.replace(OLD, legacy_pair_ended=True)
    assert not may_pair(ended)
    refused = refusal(ended, connection(use=Use.CALENDAR), use=Use.MEETINGS)
    assert refused is not None
    assert "Only one account" in str(refused)
    assert refusal(ended) is None


@pytest.mark.parametrize(
    ("created", "pairs"),
    [("2020-01-01", True), ("2023-03-12", True), ("2023-03-13", False), ("", False)],
)
def test_the_date_of_the_account_decides(created: str, pairs: bool) -> None:
    assert may_pair(Profile(created=created)) is pairs


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2023-03-12T12:00", False),
        ("2023-03-13T22:59", False),
        ("2023-03-13T23:00", True),
        ("2026-11-22T12:00", True),
    ],
)
def test_the_pair_ends_with_the_first_that_goes_after_the_change(now: str, ends: bool) -> None:
    """S15; days are those of the profile's zone (Oslo, an hour ahead of UTC)."""
    instant = int(datetime.fromisoformat(now).replace(tzinfo=UTC).timestamp())
    pair = connection(1, Use.CALENDAR), connection(2, Use.MEETINGS)
    assert legacy_pair_ends(OLD, pair, instant) is ends
    assert not legacy_pair_ends(OLD, pair[:1], instant)
    assert not legacy_pair_ends(NEW, pair, instant)
    assert not legacy_pair_ends(msgspec.structs.replace(OLD, legacy_pair_ended=True), pair, instant)


LIMITS = {
    "cancel": "cannot be cancelled",
    "reschedule": "cannot be rescheduled",
    "to_calendar": "not added to an Exchange calendar",
    "from_calendar": "do not reach the CRM",
    "propose": "Proposed times cannot be inserted",
}


@pytest.mark.parametrize("action", list(LIMITS))
def test_exchange_has_limits_that_full_exchange_lifts(action: str) -> None:
    """S20 to S23."""
    for kind in Kind:
        refused = exchange_refusal(connection(kind=kind), action)
        assert (refused is not None) == (kind is Kind.EXCHANGE)
        assert exchange_refusal(connection(kind=kind, full_exchange=True), action) is None
    refused = exchange_refusal(connection(kind=Kind.EXCHANGE), action)
    assert refused is not None
    assert LIMITS[action] in str(refused)
    assert "Full Exchange" in str(refused.hint)


def test_an_unknown_action_is_a_mistake_on_every_kind() -> None:
    with pytest.raises(KeyError):
        exchange_refusal(connection(), "delete")


GOOD, BAD = (1_000, ""), (2_000, "timed out")


@pytest.mark.parametrize(
    ("more", "now", "expected"),
    [
        ({}, 1_000, Health.UNKNOWN),
        ({"reads": (BAD,)}, 2_000, Health.UNKNOWN),
        ({"read_at": 1_000}, 1_000, Health.FRESH),
        ({"read_at": 1_000}, 1_600, Health.FRESH),
        ({"read_at": 1_000}, 1_601, Health.STALE),
        ({"read_at": 1_000}, 999, Health.STALE),
        ({"read_at": 1_000, "reads": (BAD, BAD, GOOD)}, 1_500, Health.FRESH),
        ({"read_at": 1_000, "reads": (BAD,) * 4 + (GOOD,)}, 5_000, Health.STALE),
        ({"read_at": 1_000, "reads": (BAD,) * 4}, 5_000, Health.STALE),
        ({"read_at": 1_000, "reads": (BAD,) * 5}, 5_000, Health.UNKNOWN),
        ({"read_at": 1_000, "needs_sign_in": True}, 1_000, Health.SIGN_IN),
    ],
)
def test_health(more: dict[str, object], now: int, expected: Health) -> None:
    assert health(connection(**more), now, 600) is expected


F, T, U, I = Health.FRESH, Health.STALE, Health.UNKNOWN, Health.SIGN_IN  # noqa: E741


@pytest.mark.parametrize(
    ("calendars", "expected"),
    [
        ([], Mode.OFFLINE),
        ([(F, False)], Mode.LIVE),
        ([(T, False)], Mode.TO_BE_CONFIRMED),
        ([(U, False)], Mode.OFFLINE),
        ([(I, False)], Mode.OFFLINE),
        ([(F, False), (T, False)], Mode.TO_BE_CONFIRMED),
        ([(T, False), (F, False)], Mode.TO_BE_CONFIRMED),
        ([(T, False), (U, False), (F, False)], Mode.OFFLINE),
        ([(U, True)], Mode.LIVE),
        ([(U, True), (F, False)], Mode.LIVE),
        ([(U, True), (T, False)], Mode.TO_BE_CONFIRMED),
        ([(I, True), (U, False)], Mode.OFFLINE),
    ],
)
def test_the_worst_calendar_rules_the_mode(
    calendars: list[tuple[Health, bool]], expected: Mode
) -> None:
    assert mode(calendars) is expected
