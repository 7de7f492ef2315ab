"""Scheduling pages: kept, checked, and written as files."""

from typing import TYPE_CHECKING

from desk.records import document, record, records
from scheduling.errors import ErrorKind, KobleError
from scheduling.pages import Page, validate
from scheduling.spelling import nearest
from scheduling.text import clean
from store.store import Store
from words import Phrase

if TYPE_CHECKING:
    from desk.desk import Desk


class Pages:
    """The pages through which contacts book; a page is known by its name."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def get_in(self, store: Store, name: str) -> Page:
        """The page called `name`; `KobleError` not_found tells the nearest name."""
        found = store.pages.by_id(name.removeprefix("/"))
        if found is None:
            raise _unknown(name, [each["id"] for each in store.pages.all()])
        return record(Page, {key: value for key, value in found.items() if key != "id"})

    async def all(self) -> list[Page]:
        """Every page, by name."""
        found = await self._desk.read(lambda store: store.pages.all())
        return sorted(records(Page, found), key=lambda page: page.name)

    async def get(self, name: str) -> Page:
        """The page called `name`."""
        return await self._desk.read(lambda store: self.get_in(store, name))

    async def save(self, page: Page, *, old_name: str | None = None) -> Page:
        """Store a new or changed page; `old_name` is what it was called before a renaming.

        Raises:
            KobleError: invalid, naming the field; conflict, where the name is taken.
        """
        validate(page)

        def commit(store: Store) -> None:
            if old_name is not None and old_name != page.name:
                if store.pages.by_id(page.name):
                    raise _taken(page.name)
                store.pages.drop(old_name)
                for booking in store.bookings.where("page", old_name):
                    store.bookings.put(booking | {"page": page.name})
            self._put(store, page)

        await self._desk.write(commit)
        return page

    async def add(self, page: Page) -> Page:
        """Store a page under a name that is not taken yet."""
        validate(page)

        def commit(store: Store) -> None:
            if store.pages.by_id(page.name):
                raise _taken(page.name)
            self._put(store, page)

        await self._desk.write(commit)
        return page

    def _put(self, store: Store, page: Page) -> None:
        store.pages.put({"id": page.name, **document(page)})
        self._desk.log.add(store, Phrase("Page saved: /{name}.", name=page.name))

    async def delete(self, name: str) -> Page:
        """Delete a page and return it, so that `save` can undo that. Bookings stay."""

        def commit(store: Store) -> Page:
            page = self.get_in(store, name)
            store.pages.drop(page.name)
            self._desk.log.add(store, Phrase("Page deleted: /{name}.", name=page.name))
            return page

        return await self._desk.write(commit)


def _taken(name: str) -> KobleError:
    return KobleError(
        ErrorKind.CONFLICT,
        Phrase("There is a page called {name} already.", name=name),
        Phrase("Choose another name."),
        field="name",
    )


def _unknown(name: str, names: list[str]) -> KobleError:
    near = nearest(name, names, likeness=0.5)
    hint = (
        Phrase("Did you mean {near}?", near=near)
        if near
        else Phrase("Pages there are: {names}.", names=", ".join(sorted(names)))
        if names
        else Phrase("There are no pages yet; make one first.")
    )
    return KobleError(
        ErrorKind.NOT_FOUND,
        Phrase("There is no page called {name}.", name=clean(name, limit=60)),
        hint,
        field="page",
    )
