"""The names that koble gives its own events at Google, and what makes up a name there."""

import re
from base64 import b32hexencode
from hashlib import sha256

from providers.base import ProviderError
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

_NAME = re.compile(r"[\w-]{1,1100}", re.ASCII)


def own_id(uid: str) -> str:
    """The id under which an event of koble's is created: of the same uid always the same.

    Google takes small letters from a to v and digits (base32hex), and refuses a second event of
    the same id: by that a retry is found out.
    """
    digest = sha256(uid.encode("utf-8", "surrogatepass")).digest()
    return "koble" + b32hexencode(digest).decode().lower().rstrip("=")


def event_name(resource: str) -> str:
    """A resource's name as part of a path.

    Raises:
        ProviderError: not found, for what is no id of an event.
    """
    if not _NAME.fullmatch(resource):
        raise ProviderError(
            ErrorKind.NOT_FOUND,
            Phrase("There is no event “{name}” at Google.", name=clean(resource, limit=60)),
        )
    return resource
