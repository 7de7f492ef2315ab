"""One call of an operation: who asks for what, and the messages that answer it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from lxml.etree import _Element as Element

from tests.vendors.exchange_mailbox import Folder, Item, Mailbox, Occurrence
from tests.vendors.exchange_shapes import Shape
from tests.vendors.exchange_words import Refusal, find, local, m, said, text


@dataclass
class Limits:
    """What the administrator allows, and what this server leaves undone."""

    find: int = 1_000
    """EWSFindCountLimit: the most that FindItem answers."""
    changes: int = 512
    """The most that SyncFolderItems answers."""
    expands: bool = True
    """CalendarView has the occurrences of series; some servers have the masters only."""
    mentions_occurrences: bool = True
    """A change of one occurrence is a change of its series for SyncFolderItems."""
    keeps_uid: bool = True
    """An event keeps the UID that it was made with; some servers give it another."""
    keeps_extended: bool = True
    """Extended properties are kept."""
    takes_extended: bool = True
    """They are taken at all."""
    mails: bool = True
    """E-mail and invitations leave; otherwise what was to be sent is kept, and then it is told
    that it could not be sent."""
    heeds: bool = True
    """A Restriction is heeded; some servers list everything."""
    binary: bool = True
    """Binary properties can be searched for."""
    get: int = 0
    """The most that GetItem answers (0: all); of the rest it says that it is busy."""
    says_nothing: bool = False
    """A list of nothing has no RootFolder."""
    organizers: bool = True
    """Who invites is the organizer; some servers say that they have not answered."""
    clocks: bool = True
    """Moved and deleted occurrences are told by the clock of their day; some servers tell them by
    the offset from UTC that the first occurrence has."""
    conflicts: bool = True
    """Change keys are compared."""
    cancels: bool = True
    """Who cancels a meeting has it no more; on some servers it stays, as cancelled."""
    tells_zone: bool = True
    """An event keeps the time zone that it was made with."""
    plain: bool = True
    """Who asks for text is given text, and not HTML as it was written."""
    forgets: bool = False
    """A sync state that is not known is taken for none; others say that it is invalid."""
    faults: str = "details"
    """How a SOAP fault is told: with details and status 500, or `bare`, by its name alone."""

    @classmethod
    def small(cls) -> Self:
        """A server that is not Exchange, and does what most programs ask of one."""
        return cls(
            expands=False,
            mentions_occurrences=False,
            binary=False,
            get=16,
            says_nothing=True,
            organizers=False,
            clocks=False,
            conflicts=False,
            cancels=False,
            tells_zone=False,
            plain=False,
            forgets=True,
            faults="bare",
        )


@dataclass
class Call:
    """What an operation knows. `user`: the mailbox of who asks; `modern`: 2010 or later."""

    payload: Element
    user: Mailbox
    mailboxes: dict[str, Mailbox]
    limits: Limits
    modern: bool

    @property
    def name(self) -> str:
        return local(self.payload)

    def shape(self, path: str = "m:ItemShape", *, listing: bool = False) -> Shape:
        """The shape that the request asks for."""
        shape = Shape(find(self.payload, path), listing=listing, modern=self.modern)
        shape.body = shape.body if self.limits.plain else ""
        return shape

    def folder(self, identifier: Element) -> Folder:
        """The folder of a FolderId or DistinguishedFolderId."""
        folder = self._folder(identifier)
        if folder.shut:
            raise Refusal(folder.shut, "This folder cannot be had now.")
        if folder.mailbox is not self.user and self.user.address not in folder.mailbox.readers:
            raise Refusal("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return folder

    def _folder(self, identifier: Element) -> Folder:
        name = identifier.get("Id", "")
        if local(identifier) == "DistinguishedFolderId":
            address = text(identifier, "t:Mailbox/t:EmailAddress", self.user.address).lower()
            if address not in self.mailboxes:
                raise Refusal(
                    "ErrorNonExistentMailbox",
                    "The SMTP address has no mailbox associated with it.",
                )
            return self.mailboxes[address].folder(name)
        if said(name) is None:
            raise Refusal("ErrorInvalidIdMalformed", "Id is malformed.")
        for mailbox in self.mailboxes.values():
            if name in mailbox.folders and not mailbox.folders[name].deleted:
                return mailbox.folders[name]
        raise Refusal(
            "ErrorFolderNotFound", "The specified folder could not be found in the store."
        )

    def item(self, identifier: Element) -> Item | Occurrence:
        """What an ItemId, OccurrenceItemId or RecurringMasterItemId names."""
        kind = local(identifier)
        name = {"OccurrenceItemId": "RecurringMasterId", "RecurringMasterItemId": "OccurrenceId"}
        found = self._item(identifier.get(name.get(kind, "Id"), ""))
        if kind == "RecurringMasterItemId":
            return found.item
        if kind == "OccurrenceItemId":
            return self._numbered(found.item, int(identifier.get("InstanceIndex", "1")))
        return found

    def _item(self, name: str) -> Item | Occurrence:
        missing = Refusal("ErrorItemNotFound", "The specified object was not found in the store.")
        for mailbox in self.mailboxes.values():
            try:
                found = mailbox.item(name)
            except Refusal as refusal:
                if refusal.code != "ErrorItemNotFound":
                    raise
                continue
            if found.item.folder.shut:
                raise Refusal(found.item.folder.shut, "This folder cannot be had now.")
            if mailbox is self.user or self.user.address in mailbox.readers:
                return found
        raise missing

    def _numbered(self, item: Item, index: int) -> Occurrence:
        if item.recurrence is None:
            raise Refusal(
                "ErrorCalendarCannotUseIdForRecurringMasterId", "This is no recurring master."
            )
        return item.numbered(index)

    def each(
        self, of: Iterable[Element], answer: Callable[[Element], list[Element]], *rest: Element
    ) -> Element:
        """The response with a message for each of these; `rest`: what an error has besides."""
        messages = []
        for one in of:
            try:
                messages.append(self.good(*answer(one)))
            except Refusal as refusal:
                messages.append(self.bad(refusal, *rest))
        return m(f"{self.name}Response", m("ResponseMessages", *messages))

    def good(self, *content: Element) -> Element:
        """The message that all went well."""
        return m(
            f"{self.name}ResponseMessage",
            m("ResponseCode", "NoError"),
            *content,
            ResponseClass="Success",
        )

    def bad(self, refusal: Refusal, *rest: Element) -> Element:
        """The message that it did not."""
        return m(
            f"{self.name}ResponseMessage",
            m("MessageText", refusal.words),
            m("ResponseCode", refusal.code),
            m("DescriptiveLinkKey", "0"),
            *rest,
            ResponseClass="Error",
        )
