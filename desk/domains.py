"""From what was typed to the calendar server: a domain's own says where it is."""

import asyncio
from types import ModuleType


async def locate(url: str) -> str:
    """The address of the calendar server of the domain in `url`, or `url` itself.

    Raises:
        ProviderError: permission, naming the field `url`, where the server is not in the domain.
    """
    davsrv = await asyncio.to_thread(_davsrv)
    found: str = await davsrv.locate(url)
    return found


def _davsrv() -> ModuleType:
    from providers import davsrv  # looks names up with a library that takes its time to import

    return davsrv
