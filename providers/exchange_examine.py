"""The way to an Exchange server, step by step, for whoever has to find out why it is closed.

Nothing secret is in what it says: it can be sent to whoever runs the server.
"""

from urllib.parse import urlsplit

from providers import addresses, certificates
from providers.base import ProviderError
from providers.exchange_calls import Refused, element, failure
from providers.exchange_connect import Finder, Step
from providers.exchange_schemes import named
from providers.exchange_server import Server, check_greeting
from providers.exchange_versions import check
from providers.exchange_zones import windows
from scheduling.errors import ErrorKind
from scheduling.text import clean
from scheduling.zones import DAY, date_text
from words import Phrase


async def examine(
    server: Server, *, address: str, username: str, password: str, local: bool, zone: str
) -> list[Step]:
    """What is seen on the way to `server`; it ends where the way ends.

    The password is sent as often as connecting does, and not again once it was refused.

    Args:
        server: as the account reaches it.
        address: the mailbox's e-mail address.
        username: as the server takes it.
        password: of the account.
        local: whether servers may be in a private network.
        zone: IANA name of the owner's time zone.
    """
    steps: list[Step] = []
    try:
        await _reach(server, local, steps)
        greeting = await server.greet()
        check_greeting(greeting, server.url)
        ways = named(greeting.schemes)
        steps.append(Step(text=Phrase("It lets people sign in by {ways}.", ways=ways), ok=True))
        await _version(server, steps)
        await _zones(server, zone, steps)
    except ProviderError as error:
        steps.append(Step(text=error.message, hint=error.hint, ok=False))
        if error.kind is ErrorKind.AUTH:
            await server.close()
            return steps  # to ask Autodiscover would be to send the password again
    await server.close()
    finder = Finder(address, password, username=username, local=local)
    try:
        await finder.discover()
    except ProviderError as error:
        steps.append(Step(text=error.message, ok=True))
    # Where the server is known, Autodiscover is no more than a convenience.
    return steps + [Step(text=each.text, ok=True) for each in finder.steps]


async def _reach(server: Server, local: bool, steps: list[Step]) -> None:
    parts = urlsplit(server.url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found, proxy = await addresses.reachable(server.url, local=local)
    where = Phrase("{host} is {addresses}.", host=clean(host), addresses=", ".join(found))
    if proxy:
        name = clean(urlsplit(proxy).hostname or "")
        where = Phrase("{host} is reached by the proxy {name}.", host=clean(host), name=name)
    steps.append(Step(text=where, ok=True))
    if parts.scheme != "https":
        return
    try:
        shown = certificates.describe(await addresses.certificate(found[0], port, host, proxy))
    except OSError as error:
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("{host} speaks no TLS.", host=clean(host))
        ) from error
    said = Phrase(
        "Its certificate is of {subject}, issued by {issuer}, valid until {end}. SHA-256:"
        " {fingerprint}",
        subject=shown.subject,
        issuer=shown.issuer,
        end=date_text(shown.valid_to // DAY),
        fingerprint=shown.fingerprint(),
    )
    steps.append(Step(text=said, ok=True))


async def _version(server: Server, steps: list[Step]) -> None:
    await server.meet(
        lambda: element(
            "m:GetFolder",
            element("m:FolderShape", element("t:BaseShape", text="IdOnly")),
            element("m:FolderIds", element("t:DistinguishedFolderId", Id="calendar")),
        )
    )
    if server.build is None:
        steps.append(Step(text=Phrase("It does not say which Exchange it is."), ok=True))
        return
    said = Phrase(
        "It is Exchange {version}, build {build}.",
        version=check(server.build),
        build=".".join(map(str, server.build)),
    )
    steps.append(Step(text=said, ok=True))


async def _zones(server: Server, zone: str, steps: list[Step]) -> None:
    name = windows(zone)
    payload = element(
        "m:GetServerTimeZones",
        element("m:Ids", element("t:Id", text=name)),
        ReturnFullTimeZoneData="false",
    )
    try:
        (message, *_rest) = await server.ask("GetServerTimeZones", payload)
        known = failure(message, server.host) is None
    except Refused:
        known = False
    text = (
        Phrase("It knows the time zone {zone} as {name}.", zone=zone, name=name)
        if known
        else Phrase("It does not tell its time zones; koble tells it its own.")
    )
    steps.append(Step(text=text, ok=True))
