"""What every calendar refuses to be told."""

import re

from providers.base import Draft, ProviderError
from scheduling.errors import ErrorKind
from words import Phrase

# RFC 5321 in its usual form: no quoting, no comment, no list, one address.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?"
)


def check(draft: Draft, *others: str) -> None:
    """Refuse a draft that no calendar can hold, or one of `others` that is no address.

    Raises:
        ProviderError: invalid, where an address is none or the meeting has no length.
    """
    for address in (*(guest.email for guest in draft.attendees), *filter(None, others)):
        if len(address) > 254 or not _ADDRESS.fullmatch(address):
            raise ProviderError(
                ErrorKind.INVALID,
                Phrase("“{address}” is not an e-mail address.", address=address[:80]),
                field="attendees",
            )
    if draft.end <= draft.start:
        raise ProviderError(
            ErrorKind.INVALID, Phrase("A meeting ends after it starts."), field="end"
        )
