"""What was meant by a word that is nearly a known one."""

from scheduling.spelling import nearest

KNOWN = ("buffer_before", "buffer_after", "title")


def test_the_word_that_is_most_alike_is_meant() -> None:
    assert nearest("bufer_after", KNOWN, likeness=0.4) == "buffer_after"
    assert nearest("titel", iter(KNOWN), likeness=0.4) == "title"


def test_nothing_is_guessed_where_nothing_is_alike() -> None:
    assert nearest("zzz", KNOWN, likeness=0.4) == ""
    assert nearest("bufer_after", KNOWN, likeness=1.0) == ""
    assert nearest("title", (), likeness=0.0) == ""
