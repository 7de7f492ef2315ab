"""An event or an e-mail found again: by what koble wrote on it, or by the id all programs know.

Servers differ in what they can be asked. One finds nothing by a binary property; one takes a
question, and answers as if there were none. So what is found has to go by the name that was asked
for; where that is not so, or a question is refused, the items themselves are looked through.
"""

from copy import deepcopy

from providers.base import Written
from providers.exchange_calls import Element, M, Refused, T, element, failure, own, shape
from providers.exchange_lists import Lists
from providers.exchange_reading import KEY, UID, Brief, brief
from providers.exchange_server import Server
from providers.exchange_writing import equal, global_id, global_id_path, key_of
from scheduling.errors import ErrorKind
from scheduling.zones import DAY

NEAR = 180 * DAY
"""So far from its time an event is looked for that does not bear koble's own key."""
NEWEST = 100
"""So many e-mails are looked through, on a server that cannot be asked for one."""


class Search:
    """Finds what koble wrote, on one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lists = Lists(server)

    async def event(self, folder: Element, uid: str, at: int | None = None) -> Written | None:
        """The event that goes by `uid`, or None; `at`: when it was to start."""
        key = key_of(uid)
        what = shape(("calendar:UID",), keys=(UID, KEY))
        heeded = []
        for path, value in ((own(KEY), key), (global_id_path(), global_id(uid))):
            found = await self._asked(folder, what, element("m:Restriction", equal(path, value)))
            for each in found or ():
                if each.is_called(uid, key):
                    return Written(resource=each.id, etag=each.key)
            heeded.append(found == [])
        if all(heeded):
            return None
        near = None if at is None else (at - NEAR, at + NEAR)
        for span in (near, None) if near and heeded[0] else (None,):
            named = await self._lists.named(folder, span)
            matching = [each for each in named if each.is_called(uid, key)]
            for each in matching:
                if each.type not in ("Occurrence", "Exception"):
                    return Written(resource=each.id, etag=each.key)
            if not matching:
                break
        return None

    async def mail(self, key: str) -> str | None:
        """The id of the e-mail in Sent Items that was written under this key, or None."""
        folder = element("t:DistinguishedFolderId", Id="sentitems")
        what = shape((), keys=(KEY,))
        found = await self._asked(
            folder, what, element("m:Restriction", equal(own(KEY), key_of(key)))
        )
        if found is None or any(key_of(key) not in each.marks for each in found):
            newest = element(
                "m:SortOrder",
                element(
                    "t:FieldOrder",
                    element("t:FieldURI", FieldURI="item:DateTimeSent"),
                    Order="Descending",
                ),
            )
            found = await self._asked(folder, what, newest, most=NEWEST)
        return next((each.id for each in found or () if key_of(key) in each.marks), None)

    async def _asked(
        self, folder: Element, what: Element, how: Element, *, most: int = 2
    ) -> list[Brief] | None:
        """What a server answers to a question; None where it takes no such question."""
        payload = element(
            "m:FindItem",
            deepcopy(what),
            element(
                "m:IndexedPageItemView",
                MaxEntriesReturned=str(most),
                Offset="0",
                BasePoint="Beginning",
            ),
            how,
            element("m:ParentFolderIds", deepcopy(folder)),
            Traversal="Shallow",
        )
        try:
            messages = await self._server.ask("FindItem", payload)
            for each in messages:
                if (wrong := failure(each, self._server.host)) is not None:
                    raise wrong
        except Refused as error:
            if error.kind is ErrorKind.NOT_FOUND:
                raise
            return None
        return [brief(each) for m in messages for each in m.iterfind(f"{M}RootFolder/{T}Items/*")]
