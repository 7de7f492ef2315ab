"""Builds of Exchange, and what they are called."""

from collections.abc import Sequence

from providers.base import ProviderError
from scheduling.errors import ErrorKind
from words import Phrase

FLOOR = (14, 2)
"""Exchange 2010 SP2, the oldest that koble speaks to."""
_NAMES: tuple[tuple[tuple[int, ...], str], ...] = (
    ((15, 20), "Online"),
    ((15, 2, 2562), "SE"),
    ((15, 2), "2019"),
    ((15, 1), "2016"),
    ((15, 0, 847), "2013 SP1"),
    ((15, 0), "2013"),
    ((14, 3), "2010 SP3"),
    ((14, 2), "2010 SP2"),
    ((14, 1), "2010 SP1"),
    ((14, 0), "2010"),
    ((8, 3), "2007 SP3"),
    ((8, 2), "2007 SP2"),
    ((8, 1), "2007 SP1"),
    ((8, 0), "2007"),
    ((6, 5), "2003"),
)
_SPOKEN = (
    ((15, 1), "Exchange2016"),  # 2019 and SE know no newer word for themselves
    ((15, 0, 847), "Exchange2013_SP1"),
    ((15, 0), "Exchange2013"),
    ((14, 2), "Exchange2010_SP2"),
    ((14, 1), "Exchange2010_SP1"),
    ((14, 0), "Exchange2010"),
)


def name_of(build: Sequence[int]) -> str:
    """What an Exchange of this build is called, such as `2013 SP1`."""
    numbers = tuple(build)
    for least, name in _NAMES:
        if numbers[:2] == least[:2] and numbers >= least:
            return name
    return ".".join(map(str, numbers[:3]))


def api_version(build: Sequence[int]) -> str:
    """The version that a server of this build takes in a request."""
    numbers = tuple(build)
    return next((name for least, name in _SPOKEN if numbers >= least), "Exchange2007_SP1")


def check(build: Sequence[int]) -> str:
    """The name of a build that is new enough.

    Raises:
        ProviderError: unsupported, naming the version (S10).
    """
    name = name_of(build)
    if tuple(build) < FLOOR:
        raise ProviderError(
            ErrorKind.UNSUPPORTED,
            Phrase("The server is Exchange {version}, which is too old.", version=name),
            Phrase("Exchange 2010 SP2 or newer is needed."),
            field="version",
        )
    return name
