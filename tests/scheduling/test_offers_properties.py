"""What must hold for every question: offers equal the slow reference, and `explain` agrees."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.offers import explain, offer
from tests.scheduling import reference
from tests.scheduling.questions import HOUR, MINUTE, Question, questions

thorough = settings(
    max_examples=70,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def starts(question: Question) -> list[int]:
    return [each.start for each in offer(*question)]


@thorough
@given(questions())
def test_offers_are_those_of_the_slow_reference(question: Question) -> None:
    offers = offer(*question)
    assert [each.start for each in offers] == reference.starts(*question)
    assert all(each.end - each.start == question.minutes * MINUTE for each in offers)


@thorough
@given(questions(), st.integers(0, 39))
def test_a_time_is_explained_exactly_where_it_is_not_offered(question: Question, hour: int) -> None:
    page, state, (low, high), now, minutes = question
    low = min(low + hour * HOUR, high - HOUR)
    offered = set(starts(question._replace(span=(low, low + HOUR + minutes * MINUTE))))
    for minute in range(low, low + HOUR, MINUTE):
        reasons = explain(page, state, minute, now, minutes)
        assert ([each for each in reasons if not each.mark] == []) == (minute in offered), minute
        if not state.as_host:
            assert not any(each.mark for each in reasons)


@thorough
@given(questions(), st.randoms(use_true_random=False))
def test_offers_do_not_hang_on_the_span_asked_for(
    question: Question, chance: random.Random
) -> None:
    low, high = question.span
    whole = offer(*question)
    cut = chance.randrange(low, high, MINUTE)
    inside = starts(question._replace(span=(cut, high)))
    assert inside == [each.start for each in whole if each.start >= cut]
    inside = starts(question._replace(span=(low, cut)))
    assert inside == [each.start for each in whole if each.end <= cut]
