"""Tables: TinyDB's own behaviour, and what finds documents, against brute force."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import Query, TinyDB
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from store.store import Store

small = st.integers(0, 6)
texts = st.sampled_from(["", "a", "b", "A", "æ", "\u2028", '"', "\\"])
values = st.one_of(
    small, texts, st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False),
    st.lists(small, max_size=3), st.dictionaries(texts, small, max_size=2),
)  # fmt: skip
documents = st.fixed_dictionaries({"x": small}, optional={"y": values, "z": texts, "deep": values})
conditions = st.one_of(
    small.map(lambda n: Query().x == n),
    small.map(lambda n: Query().x > n),
    texts.map(lambda t: Query().z == t),
    st.just(Query().y.exists()),
)


def add_one(document: dict[str, Any]) -> None:
    document["x"] += 1


operations = st.one_of(
    st.tuples(st.just("insert"), documents),
    st.tuples(st.just("insert_numbered"), documents, st.integers(1, 40)),
    st.tuples(st.just("insert_multiple"), st.lists(documents, max_size=4)),
    st.tuples(st.just("update"), documents, conditions),
    st.tuples(st.just("update_each"), conditions),
    st.tuples(st.just("update_numbered"), documents, st.lists(st.integers(1, 20), max_size=3)),
    st.tuples(st.just("update_multiple"), st.lists(st.tuples(documents, conditions), max_size=3)),
    st.tuples(st.just("upsert"), documents, conditions),
    st.tuples(st.just("remove"), conditions),
    # TinyDB itself fails on a number that is named twice.
    st.tuples(st.just("remove_numbered"), st.lists(st.integers(1, 20), max_size=3, unique=True)),
    st.tuples(st.just("truncate")),
    st.tuples(st.just("compact")),
    st.tuples(st.just("reopen")),
)


def perform(table: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    match name, arguments:
        case "insert_numbered", (document, number):
            return table.insert(Document(document, number))
        case "update_each", (condition,):
            return table.update(add_one, condition)
        case "update_numbered", (document, numbers):
            return table.update(document, doc_ids=numbers)
        case "remove_numbered", (numbers,):
            return table.remove(doc_ids=numbers)
        case "upsert", (document, condition):
            return sorted(table.upsert(document, condition))
        case _:
            return getattr(table, name)(*arguments)


def outcome(table: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    try:
        found = perform(table, name, arguments)
    except ValueError:
        return "refused"
    return sorted(found) if isinstance(found, list) else found


def contents(table: Any) -> list[tuple[int, Any]]:
    return sorted((document.doc_id, dict(document)) for document in table)


@pytest.mark.usefixtures("quick")
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(operations, max_size=14), conditions)
def test_any_operations_have_the_results_of_plain_tinydb(
    tmp_path_factory: pytest.TempPathFactory, done: list[Any], condition: Any
) -> None:
    home = tmp_path_factory.mktemp("home")
    store = Store.open(home)
    plain = TinyDB(storage=MemoryStorage).table("contacts")
    for name, *arguments in done:
        if name == "compact":
            store.compact()
        elif name == "reopen":
            store.close()
            store = Store.open(home)
            # A plain table that is opened anew counts on from its highest number as well.
            plain._next_id = None
        else:
            mine = outcome(store.contacts, name, tuple(arguments))
            assert mine == outcome(plain, name, tuple(arguments)), name
        assert contents(store.contacts) == contents(plain)
        assert len(store.contacts) == len(plain)
    assert sorted(map(str, store.contacts.search(condition))) == sorted(
        map(str, plain.search(condition))
    )
    assert store.contacts.count(condition) == plain.count(condition)
    assert store.contacts.contains(condition) == plain.contains(condition)
    for number in range(1, 20):
        assert store.contacts.get(doc_id=number) == plain.get(doc_id=number)
    store.close()
    with Store.open(home, read_only=True) as again:
        assert contents(again.contacts) == contents(plain)


spans = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from([0, 1, 2, 7, 30, 90, 100_000])).map(
        lambda pair: [pair[0], pair[0] + pair[1]]
    ),
    max_size=5,
)
events = st.fixed_dictionaries(
    {
        "id": st.integers(0, 12).map(str),
        "calendar": st.sampled_from(["home", "work"]),
        "resource": st.sampled_from(["r1", "r2", "r3"]),
        "spans": spans,
    }
)
steps = st.one_of(
    st.tuples(st.just("put"), events),
    st.tuples(st.just("put_many"), st.lists(events, max_size=80)),
    st.tuples(st.just("drop"), st.integers(0, 12).map(str)),
    st.tuples(st.just("compact")),
    st.tuples(st.just("reopen")),
    st.tuples(st.just("undone"), st.lists(events, max_size=5)),
)


class Change(Exception):
    """A change of mind."""


def change_and_think_better_of_it(store: Store, events: list[dict[str, Any]]) -> None:
    with store.transaction():
        store.events.put_many(events)
        store.events.truncate()
        raise Change


@pytest.mark.usefixtures("quick")
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, max_size=12), st.integers(-5, 320), st.integers(0, 100))
def test_documents_are_found_by_id_by_field_and_by_time(
    tmp_path_factory: pytest.TempPathFactory, done: list[Any], start: int, length: int
) -> None:
    home = tmp_path_factory.mktemp("home")
    store = Store.open(home)
    model: dict[str, dict[str, Any]] = {}
    for name, *arguments in done:
        if name == "put":
            store.events.put(arguments[0])
            model[arguments[0]["id"]] = arguments[0]
        elif name == "put_many":
            store.events.put_many(arguments[0])
            model.update({event["id"]: event for event in arguments[0]})
        elif name == "drop":
            assert store.events.drop(arguments[0]) == (arguments[0] in model)
            model.pop(arguments[0], None)
        elif name == "undone":
            with pytest.raises(Change):
                change_and_think_better_of_it(store, arguments[0])
        elif name == "compact":
            store.compact()
        else:
            store.close()
            store = Store.open(home)
        check(store, model, start, start + length)
    store.close()


def check(store: Store, model: dict[str, dict[str, Any]], start: int, end: int) -> None:
    for id in map(str, range(13)):
        assert store.events.by_id(id) == model.get(id)
    for field, value in [("calendar", "home"), ("resource", "r2"), ("resource", "none")]:
        expected = [event for event in model.values() if event[field] == value]
        assert by_id(store.events.where(field, value)) == by_id(expected)

    def firsts(event: dict[str, Any]) -> list[int]:
        return [s for s, e in event["spans"] if s < end and e > start]

    overlapping = [event for event in model.values() if firsts(event)]
    found = store.events.overlapping(start, end)
    assert by_id(found) == by_id(overlapping)
    assert [min(firsts(event)) for event in found] == sorted(min(firsts(e)) for e in overlapping)
    at_home = [event for event in overlapping if event["calendar"] == "home"]
    assert by_id(store.events.overlapping(start, end, {"home"})) == by_id(at_home)


def by_id(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda event: event["id"])


def test_bookings_are_found_by_the_time_between_start_and_end(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.bookings.put_many(
            {"id": str(n), "start": n * 10, "end": n * 10 + 10} for n in range(10)
        )
        assert [b["id"] for b in store.bookings.overlapping(20, 40)] == ["2", "3"]
        assert [b["id"] for b in store.bookings.overlapping(19, 41)] == ["1", "2", "3", "4"]


def test_contacts_are_found_by_address_without_regard_to_case(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.contacts.put({"id": "1", "email": "Åse.Berg@Example.org"})
        for _ in range(2):
            assert [c["id"] for c in store.contacts.where("email", "åse.berg@example.ORG")] == ["1"]
            store.compact()


def test_a_document_that_was_read_is_the_readers_own(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        given = {"id": "1", "guest": {"name": "Kari"}}
        store.bookings.put(given)
        given["guest"]["name"] = "changed"  # type: ignore[index]
        for _ in range(2):
            for read in [
                store.bookings.by_id("1"),
                store.bookings.all()[0],
                store.bookings.get(Query().id == "1"),
                store.bookings.search(Query().id == "1")[0],
            ]:
                assert read is not None
                assert read["guest"] == {"name": "Kari"}
                read["guest"]["name"] = "changed"
            store.compact()


def test_no_two_documents_share_an_id(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.pages.insert_multiple([{"id": "a"}, {"id": "b"}])
        store.compact()
        with pytest.raises(ValueError, match="'a' already exists"):
            store.pages.insert({"id": "a"})
        with pytest.raises(ValueError, match="'a' already exists"):
            store.pages.update({"id": "a"}, Query().id == "b")
        assert [page["id"] for page in store.pages.all()] == ["a", "b"]
        assert store.generation == 1


def test_ids_may_change_places_within_a_transaction(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, Store.open(tmp_path) as other:
        store.pages.insert_multiple([{"id": "a", "n": 1}, {"id": "b", "n": 2}])
        with store.transaction():
            store.pages.update({"id": "c"}, Query().n == 1)
            store.pages.update({"id": "a"}, Query().n == 2)
            store.pages.update({"id": "b"}, Query().n == 1)
        other.refresh()
        for each in (store, other, Store.open(tmp_path, read_only=True)):
            assert each.pages.by_id("a") == {"id": "a", "n": 2}
            assert each.pages.by_id("b") == {"id": "b", "n": 1}
            assert each.pages.by_id("c") is None


def test_to_put_what_is_there_already_writes_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.pages.put({"id": "a", "title": "Intro"})
        before = store.generation
        store.pages.put({"id": "a", "title": "Intro"})
        assert store.generation == before


def test_a_field_without_an_index_is_refused(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, pytest.raises(ValueError, match="not indexed"):
        store.bookings.where("note", "x")


def test_times_that_make_no_sense_are_kept_and_found_otherwise(tmp_path: Path) -> None:
    odd = [[1], ["a", "b"], [1 << 70, 1 << 71], "ab", None, [5, 9], [3, 1]]
    with Store.open(tmp_path) as store:
        store.events.put({"id": "odd", "calendar": "c", "spans": odd})
        store.bookings.put({"id": "odd", "start": "soon", "end": None})
        store.events.put({"id": "none", "calendar": "c", "spans": None})
        for _ in range(2):
            assert [event["id"] for event in store.events.overlapping(6, 7)] == ["odd"]
            assert [event["id"] for event in store.events.where("calendar", "c")] == ["odd", "none"]
            assert store.events.by_id("odd") == {"id": "odd", "calendar": "c", "spans": odd}
            assert store.bookings.overlapping(0, 1 << 50) == []
            store.compact()
