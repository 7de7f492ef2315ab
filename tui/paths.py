"""Paths as people read them."""

from pathlib import Path


def short(path: str | Path) -> str:
    """A path with `~` in place of the user's own folder."""
    whole, own = Path(path), Path.home()
    if own == Path(own.anchor) or not whole.is_relative_to(own):
        return str(path)
    return str(Path("~") / whole.relative_to(own))
