"""What was meant by a word that is nearly a known one."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, likeness: float) -> str:
    """The one of `known` that is most like `word`; empty where none is like it.

    `likeness`: 1 for the same only, 0 for anything.
    """
    from difflib import get_close_matches  # only when something is wrong

    return next(iter(get_close_matches(word, list(known), 1, likeness)), "")
