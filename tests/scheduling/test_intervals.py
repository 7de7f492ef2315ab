from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.events import Span
from scheduling.intervals import intersect, merge, subtract

spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 8)).map(lambda each: (each[0], sum(each)))
)

steady = settings(deadline=None, derandomize=True)


def covered(some: list[Span]) -> set[int]:
    return {point for start, end in some for point in range(start, end)}


def apart(some: list[Span]) -> bool:
    ends = [each for span in some for each in span]
    return ends == sorted(ends) and all(start < end for start, end in some)


@steady
@given(spans)
def test_merging_keeps_the_same_time_in_spans_that_do_not_touch(some: list[Span]) -> None:
    merged = merge(some)
    assert covered(merged) == covered(some)
    ends = [each for span in merged for each in span]
    assert ends == sorted(set(ends))


@steady
@given(spans, spans)
def test_subtracting_and_intersecting_are_those_of_sets(
    some: list[Span], others: list[Span]
) -> None:
    left = subtract(merge(some), merge(others))
    both = intersect(merge(some), merge(others))
    assert covered(left) == covered(some) - covered(others)
    assert covered(both) == covered(some) & covered(others)
    assert apart(left)
    assert apart(both)


def test_touching_is_no_overlap() -> None:
    assert merge([(2, 3), (0, 1), (1, 2), (5, 5)]) == [(0, 3)]
    assert intersect([(0, 1)], [(1, 2)]) == []
    assert subtract([(0, 1)], [(1, 2)]) == [(0, 1)]
