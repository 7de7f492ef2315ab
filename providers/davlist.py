"""What a calendar on a CalDAV server consists of, and in which version: by token, or by tags."""

import msgspec

from providers import davxml
from providers.base import ProviderError
from providers.davfind import XML, Ask
from providers.davnames import last_name
from providers.davxml import C, D, Multistatus, S
from scheduling.errors import ErrorKind
from words import Phrase

TOKEN, TAG, BUSY = "token", "tag", "busy"
"""By what a calendar is read."""
PAGES = 1000
"""Parts in which a server may list one calendar."""
AS_IT_IS = {"accept-encoding": "identity"}
"""A packed answer has another version at some servers."""
NO_SYNC = (400, 403, 405, 409, 410, 412, 415, 422, 501)
"""By these a server says that it does not know a token, or nothing of tokens."""
RIGHTS = f"{D}current-user-privilege-set"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Resources and their versions: those that changed, or all (`whole`)."""

    kind: str
    mark: str
    etags: dict[str, str] = {}
    gone: tuple[str, ...] = ()
    whole: bool = False


async def changed(ask: Ask, path: str, kind: str, mark: str) -> Listing | None:
    """What changed since; None where only everything can be listed."""
    if kind == TOKEN:
        return await _sync(ask, path, mark)
    if kind == BUSY:
        return None
    for found in (await properties(ask, path, "0", f"{S}getctag")).found:
        if mark and found.text(f"{S}getctag") == mark:
            return Listing(kind=TAG, mark=mark)
    return None


async def everything(ask: Ask, path: str, *, tags: bool) -> Listing:
    """Every resource and its version, by sync token unless only tags are known there."""
    listing = None if tags else await _sync(ask, path, "")
    if listing is not None:
        return listing
    answer = await properties(
        ask, path, "1", f"{D}resourcetype", f"{D}getetag", f"{S}getctag", RIGHTS
    )
    itself = [each for each in answer.found if each.path == path or each.path == path[:-1]]
    if not itself or any(each.status == 507 for each in answer.found):
        raise ProviderError(
            ErrorKind.UNAVAILABLE, Phrase("The server did not list the whole calendar.")
        )
    rights = itself[0].names(RIGHTS)
    if f"{C}read-free-busy" in rights and not rights & {f"{D}read", f"{D}all"}:
        raise ProviderError(
            ErrorKind.PERMISSION, Phrase("The events of this calendar may not be seen.")
        )
    etags = {
        name: each.text(f"{D}getetag")
        for each in answer.found
        if (name := last_name(each.path))
        and not (each.status or each in itself)
        and f"{D}collection" not in each.names(f"{D}resourcetype")
    }
    return Listing(kind=TAG, mark=itself[0].text(f"{S}getctag"), etags=etags, whole=True)


async def _sync(ask: Ask, path: str, token: str) -> Listing | None:
    """What changed since `token`, or everything; None where the server takes no such token."""
    first, etags, gone = token, dict[str, str](), dict[str, None]()
    for _ in range(PAGES):
        answer = await ask(
            "REPORT",
            path,
            headers={**XML, "depth": "0"},
            content=davxml.sync_collection(token),
            accept=NO_SYNC,
        )
        if answer.status >= 300:
            return None
        part = Multistatus(answer.body, answer.url)
        if not part.token:
            return None
        more = False
        for each in part.found:
            name = last_name(each.path)
            if not name:
                more = more or each.status == 507
            elif each.status in (404, 410):
                etags.pop(name, None)
                gone[name] = None
            else:
                gone.pop(name, None)
                etags[name] = each.text(f"{D}getetag")
        if not more:
            whole = not first
            return Listing(
                kind=TOKEN,
                mark=part.token,
                etags=etags,
                gone=() if whole else tuple(gone),
                whole=whole,
            )
        if part.token == token:
            break
        token = part.token
    raise ProviderError(
        ErrorKind.UNAVAILABLE, Phrase("The server did not list the whole calendar.")
    )


async def texts(ask: Ask, path: str, names: list[str]) -> dict[str, tuple[str, bytes] | None]:
    """Versions and texts of resources; None for one that is gone. What is missing is left out.

    Where one text spoils the whole answer, each is asked for by itself.
    """
    answer = await ask(
        "REPORT",
        path,
        headers={**XML, "depth": "1"},
        content=davxml.multiget(path + name for name in names),
        accept=NO_SYNC,
    )
    had: dict[str, tuple[str, bytes] | None] = {}
    try:
        found = Multistatus(answer.body, answer.url).found if answer.status < 300 else None
    except ProviderError:
        found = None
    if found is None:
        for name in names:
            each = await ask("GET", path + name, headers=AS_IT_IS, accept=(404, 410))
            gone = each.status >= 300
            had[name] = None if gone else (each.headers.get("etag", ""), each.body)
        return had
    for one in found:
        if one.status in (404, 410):
            had[last_name(one.path)] = None
        elif data := one.text(f"{C}calendar-data"):
            had[last_name(one.path)] = one.text(f"{D}getetag"), data.encode()
    return {name: had[name] for name in names if name in had} | {
        name: ("", b"") for name in names if name not in had
    }


async def properties(ask: Ask, path: str, depth: str, *names: str) -> Multistatus:
    """These properties of a resource, and of what is in it as deep as `depth` says."""
    answer = await ask(
        "PROPFIND",
        path,
        headers={**XML, "depth": depth},
        content=davxml.propfind(*names),
    )
    return Multistatus(answer.body, answer.url)
