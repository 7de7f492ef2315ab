"""What a signed-in account hands to the provider that asks with it."""

from typing import Any, Protocol

import msgspec


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a vendor granted. It is a secret as a whole.

    `expires_at` (UTC seconds) is when `access_token` stops being taken; `scopes` are those that
    were granted, which may be fewer than were asked for.
    """

    access_token: str
    refresh_token: str = ""
    expires_at: int = 0
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Grant(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Tokens(Protocol):
    """Where the token for the next request comes from."""

    async def token(self, refused: str = "") -> str:
        """An access token that is good now.

        Args:
            refused: the token that the vendor has just not taken; another one is got then.

        Raises:
            ProviderError: auth, where the owner has to sign in again; or as a request fails.
        """
        ...
