"""What was done: one line for each booking, connection and change of settings."""

from typing import TYPE_CHECKING, Any

import msgspec

from desk.records import document, records
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done at `at` (UTC seconds); `phrase` says it in the reader's language."""

    id: str
    at: int
    message: str
    values: dict[str, str] = {}
    subject: str = ""

    @property
    def phrase(self) -> Phrase:
        """What was done."""
        return Phrase(self.message, **self.values)


class Log:
    """The audit log; entries are written in the transaction of what they tell of."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def add(self, store: Store, phrase: Phrase, *, subject: str = "") -> None:
        """Note `phrase` about `subject` (an id), inside a transaction."""
        values: dict[str, Any] = {name: str(value) for name, value in phrase.values.items()}
        entry = Entry(
            id=self._desk.ids(),
            at=self._desk.clock.now(),
            message=phrase.message,
            values=values,
            subject=subject,
        )
        store.log.insert(document(entry))

    async def entries(self, limit: int = 200) -> list[Entry]:
        """The newest entries first."""
        found = await self._desk.read(lambda store: store.log.all()[-limit:])
        return list(reversed(records(Entry, found)))
