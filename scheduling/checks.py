"""Checks of what people type, shared by forms, settings and bookings."""

import re

from scheduling.errors import ErrorKind, KobleError
from scheduling.text import clean
from words import Phrase

# One addr-spec without comments, quotes or lists: what every mail system in use accepts. A comma
# or a line break here would let one guest write mail to others.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[^\W_]([\w-]{0,62}\.)*[\w-]{1,63}"
)


def check_email(text: str, *, field: str = "email") -> str:
    """One e-mail address, trimmed.

    Raises:
        KobleError: invalid, naming `field`.
    """
    text = text.strip()
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("{text} is not an e-mail address.", text=clean(text, limit=60) or "“”"),
            Phrase("Write one address, such as grace@example.com."),
            field=field,
        )
    return text
