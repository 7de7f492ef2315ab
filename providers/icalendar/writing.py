"""A draft to bytes: a new resource, or an existing one with only the draft's fields changed."""

from providers.base import Draft


def write(draft: Draft, *, existing: bytes | None, stamp: int, organizer: str = "") -> bytes:
    """The resource that says `draft`; `stamp` is now in UTC seconds.

    With `existing`, all that koble knows nothing of is kept: other properties, alarms, other
    components. `organizer` (an address) is named where the draft has guests.

    Raises:
        ProviderError: invalid, where an address is none, or `existing` is cut off.
    """
    raise NotImplementedError
