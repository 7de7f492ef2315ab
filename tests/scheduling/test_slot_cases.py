import pytest

from scheduling.offers import explain, offer
from tests.scheduling import slot_cases
from tests.scheduling.slot_cases import Case, expected, page_of, seconds, state_of


def questions(cases: list[Case]) -> list[tuple[Case, str]]:
    return [(case, anchor) for case in cases for anchor in slot_cases.anchors(case)]


def named(value: object) -> str:
    return value["id"] if isinstance(value, dict) else str(value)


def check(case: Case, anchor: str) -> None:
    page, state = page_of(case, anchor), state_of(case)
    span = seconds(case["span"][0]), seconds(case["span"][1])
    now = seconds(case["now"])
    starts = [each.start for each in offer(page, state, span, now)]
    assert starts == expected(case, anchor)
    for start in starts:
        assert explain(page, state, start, now) == []
        between = explain(page, state, start + 60, now)
        assert between != []


@pytest.mark.parametrize(("case", "anchor"), questions(slot_cases.own_cases()), ids=named)
def test_a_case_gives_exactly_its_slots(case: Case, anchor: str) -> None:
    check(case, anchor)


@pytest.mark.skipif(not slot_cases.SHARED.exists(), reason="shared/cases is not beside the project")
def test_the_shared_cases_hold_these_and_all_give_exactly_their_slots() -> None:
    shared = slot_cases.shared_cases()
    assert [case for case in slot_cases.own_cases() if case not in shared] == []
    for case, anchor in questions(shared):
        check(case, anchor)
