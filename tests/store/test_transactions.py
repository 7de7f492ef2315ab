"""Transactions: all or nothing, over all tables, in memory and on disk."""

from pathlib import Path

import pytest
from tinydb import Query

from scheduling.errors import KobleError
from store.store import Store


class Interrupted(BaseException):
    """Like KeyboardInterrupt: no Exception, and yet it must roll back."""


def everything(store: Store) -> dict[str, list[dict[str, object]]]:
    return {
        name: [dict(document) for document in getattr(store, name).all()]
        for name in ("connections", "events", "bookings", "intents", "contacts")
    }


def change_all(store: Store) -> None:
    store.bookings.put({"id": "b", "start": 1, "end": 2, "state": "confirmed"})
    store.bookings.drop("a")
    store.intents.insert({"id": "i", "state": "new"})
    store.contacts.update({"name": "changed"}, Query().id == "c")
    store.events.truncate()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "home")
    store.bookings.put({"id": "a", "start": 1, "end": 2, "state": "requested"})
    store.contacts.put({"id": "c", "name": "Kari"})
    store.events.put_many({"id": str(n), "spans": [[n, n + 1]]} for n in range(5))
    return store


def test_a_transaction_over_several_tables_is_one_commit(store: Store) -> None:
    before = store.generation
    with store.transaction():
        change_all(store)
    assert store.generation == before + 1
    for seen in (store, Store.open(store.home), Store.open(store.home, read_only=True)):
        assert [b["id"] for b in seen.bookings.all()] == ["b"]
        assert seen.contacts.by_id("c") == {"id": "c", "name": "changed"}
        assert seen.intents.where("state", "new") == [{"id": "i", "state": "new"}]
        assert len(seen.events) == 0


@pytest.mark.parametrize("error", [ValueError, Interrupted, OSError, GeneratorExit])
def test_an_exception_takes_everything_back(store: Store, error: type[BaseException]) -> None:
    def change_and_fail() -> None:
        with store.transaction():
            change_all(store)
            raise error

    store.compact()
    before, generation = everything(store), store.generation
    with pytest.raises(error):
        change_and_fail()
    assert everything(store) == before
    assert store.generation == generation
    assert store.bookings.where("state", "requested")
    assert not store.bookings.where("state", "confirmed")
    assert len(store.events.overlapping(0, 3)) == 3
    assert everything(Store.open(store.home)) == before
    with store.transaction():
        change_all(store)
    assert [b["id"] for b in Store.open(store.home).bookings.all()] == ["b"]


def test_an_exception_in_an_inner_transaction_takes_back_only_that_part(store: Store) -> None:
    def inner() -> None:
        with store.transaction():
            store.bookings.put({"id": "in", "start": 5, "end": 6})
            store.bookings.put({"id": "out", "start": 7, "end": 8})
            raise ValueError

    with store.transaction():
        store.bookings.put({"id": "out", "start": 3, "end": 4})
        with pytest.raises(ValueError):  # noqa: PT011  # it has no text
            inner()
        assert store.bookings.by_id("in") is None
    for seen in (store, Store.open(store.home)):
        assert seen.bookings.by_id("out") == {"id": "out", "start": 3, "end": 4}
        assert seen.bookings.by_id("in") is None


def test_a_document_that_cannot_be_stored_changes_nothing(store: Store) -> None:
    before = everything(store)
    with pytest.raises(TypeError):
        store.bookings.put_many([{"id": "x", "start": 1, "end": 2}, {"id": "y", "start": object()}])
    with pytest.raises(ValueError, match="not a Mapping"):
        store.bookings.insert_multiple([{"id": "x"}, "no document"])  # type: ignore[list-item]
    assert everything(store) == before == everything(Store.open(store.home))


def test_one_table_of_a_store_sees_what_the_transaction_has_changed_so_far(store: Store) -> None:
    with store.transaction():
        store.bookings.put({"id": "n", "start": 50, "end": 60, "state": "requested"})
        assert [b["id"] for b in store.bookings.overlapping(55, 56)] == ["n"]
        assert [b["id"] for b in store.bookings.where("state", "requested")] == ["a", "n"]
        store.bookings.drop("n")
        assert store.bookings.overlapping(55, 56) == []


def test_an_empty_transaction_is_no_commit(store: Store) -> None:
    before = store.generation
    with store.transaction():
        assert store.bookings.by_id("a") is not None
    assert store.generation == before


def test_plain_tinydb_calls_on_the_storage_work_and_are_one_commit(store: Store) -> None:
    storage = store._storage
    data = storage.read()
    assert data is not None
    data["bookings"]["7"] = {"id": "seven"}
    del data["contacts"]
    before = store.generation
    storage.write(data)
    assert store.generation == before + 1
    again = Store.open(store.home)
    assert again.bookings.get(doc_id=7) == {"id": "seven"}
    assert len(again.contacts) == 0
    assert len(again.events) == 5


def test_a_reader_in_the_middle_of_a_table_is_not_disturbed_by_changes(store: Store) -> None:
    seen = []
    for event in store.events:
        seen.append(event["id"])
        store.events.put({**event, "title": "seen"})
        store.compact()
    assert seen == ["0", "1", "2", "3", "4"]
    assert all(event["title"] == "seen" for event in store.events)


def test_what_was_opened_to_read_refuses_to_write(store: Store) -> None:
    reader = Store.open(store.home, read_only=True)
    with pytest.raises(KobleError, match="read only"):
        reader.bookings.put({"id": "x"})
    with pytest.raises(KobleError, match="read only"):
        reader.compact()
