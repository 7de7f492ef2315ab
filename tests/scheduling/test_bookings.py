import itertools

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scheduling.bookings import (
    Booking,
    BookingState,
    Guest,
    Outcome,
    accept,
    cancel,
    confirm,
    decline,
    expire,
    guest_refusal,
    reschedule,
)
from scheduling.errors import ErrorKind, KobleError

S = BookingState
REQUEST = Booking(
    id="b1",
    page="intro",
    title="Intro",
    start=100_000,
    end=101_800,
    guest=Guest("Grace", "grace@example.com"),
    state=S.REQUESTED,
    made_at=0,
    adding=True,
    event_id="e1",
    reason="first words",
)

ALLOWED = {
    (accept, S.REQUESTED): S.CONFIRMED,
    (confirm, S.REQUESTED): S.CONFIRMED,
    (decline, S.REQUESTED): S.DECLINED,
    (expire, S.REQUESTED): S.EXPIRED,
    (cancel, S.REQUESTED): S.CANCELLED,
    (cancel, S.CONFIRMED): S.CANCELLED,
    (reschedule, S.REQUESTED): S.RESCHEDULED,
    (reschedule, S.CONFIRMED): S.RESCHEDULED,
}
ACTIONS = (accept, confirm, decline, expire, cancel, reschedule)


@pytest.mark.parametrize(("action", "state"), itertools.product(ACTIONS, S))
def test_every_action_leads_where_the_table_says_or_is_refused(action, state) -> None:  # type: ignore[no-untyped-def]
    booking = msgspec.structs.replace(REQUEST, state=state)
    if (action, state) in ALLOWED:
        done = action(booking)
        assert (done.state, done.adding) == (ALLOWED[action, state], False)
        assert (done.id, done.start, done.guest) == (booking.id, booking.start, booking.guest)
        return
    with pytest.raises(KobleError) as refused:
        action(booking)
    assert refused.value.kind is ErrorKind.CONFLICT
    assert str(refused.value)


def test_reasons_and_outcomes_are_kept() -> None:
    assert decline(REQUEST, "On holiday").reason == "On holiday"
    assert cancel(REQUEST, "Ill").reason == "Ill"
    assert cancel(REQUEST).outcome is Outcome.CANCELLED
    assert reschedule(REQUEST).outcome is Outcome.RESCHEDULED
    assert expire(REQUEST).reason == "first words"


def test_nothing_is_confirmed_that_is_not_in_the_calendar() -> None:
    with pytest.raises(KobleError) as refused:
        confirm(msgspec.structs.replace(REQUEST, event_id=""))
    assert refused.value.kind is ErrorKind.CONFLICT
    assert "not in the calendar" in str(refused.value)


@pytest.mark.parametrize(
    ("notice", "before", "said"),
    [
        (0, 1, ""),
        (60, 3_600, ""),
        (60, 3_599, "too late"),
        (0, 0, "has begun"),
        (60, -10, "has begun"),
    ],
)
def test_a_guest_may_change_a_meeting_until_the_notice(notice: int, before: int, said: str) -> None:
    refusal = guest_refusal(REQUEST, notice, REQUEST.start - before)
    assert (refusal is None) == (not said)
    if refusal:
        assert refusal.kind is ErrorKind.PERMISSION
        assert said in str(refusal)


class Life(RuleBasedStateMachine):
    """A booking under any sequence of acts: what is closed stays closed, and is never undone."""

    def __init__(self) -> None:
        super().__init__()
        self.booking = msgspec.structs.replace(REQUEST, event_id="")
        self.history = [S.REQUESTED]

    @rule(action=st.sampled_from(ACTIONS))
    def act(self, action) -> None:  # type: ignore[no-untyped-def]
        before = self.booking
        try:
            self.booking = action(before)
        except KobleError:
            assert (action, before.state) not in ALLOWED or not before.event_id
        else:
            self.history.append(self.booking.state)

    @rule()
    def event_is_written(self) -> None:
        self.booking = msgspec.structs.replace(self.booking, event_id="e1")

    @invariant()
    def the_history_is_one_of_the_few(self) -> None:
        closed = [S.DECLINED, S.EXPIRED, S.RESCHEDULED, S.CANCELLED]
        assert self.history[0] is S.REQUESTED
        assert len(self.history) <= 3
        assert all(state not in closed for state in self.history[:-1])
        if len(self.history) == 3:
            assert self.history[1] is S.CONFIRMED
            assert self.history[2] in (S.RESCHEDULED, S.CANCELLED)

    @invariant()
    def what_is_closed_waits_for_nothing(self) -> None:
        assert self.booking.adding == (self.booking.state is S.REQUESTED)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, deadline=None, derandomize=True)
