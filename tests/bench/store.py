"""The store beside sqlite3 (WAL, synchronous=FULL), both with equal documents and indexes.

Alone (`python -m tests.bench.store`) it prints the reference too.
"""

import asyncio
import gc
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from store.store import Store

SIZES = (1_000, 10_000, 100_000)
MANY = SIZES[-1]
FIRST = 1_735_689_600
WEEK = (FIRST + 300 * 86_400, FIRST + 307 * 86_400)
SINGLE = 300


class Row(NamedTuple):
    """One job: what the reference and koble took, and what the goal is a bound of."""

    name: str
    reference: float
    koble: float
    measured: float
    unit: str
    goal: float


def run() -> list[tuple[str, float, str, float]]:
    """Rows of (name with both times in ms where they are compared, measured, unit, goal)."""
    return [
        (
            f"{row.name} {row.koble:.2f}/{row.reference:.2f}" if row.reference else row.name,
            row.measured,
            row.unit,
            row.goal,
        )
        for row in measure()
    ]


def measure() -> list[Row]:
    """All jobs, on a disk of their own folder."""
    rows = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            home, file = Path(folder, "home"), Path(folder, "reference.db")
            fill(home, file, count)
            rows += opening(home, file, count)
            if count == MANY:
                rows.append(memory(home))
            rows += writing(home, file, count)
            rows += [growth(home), blocking(home, count)]
            if count == MANY:
                rows.append(stall(home))
    with tempfile.TemporaryDirectory() as folder:
        rows.append(sync(Path(folder)))
    return rows


def event(n: int, title: str = "Planning") -> dict[str, Any]:
    """A document of about 620 bytes, over two years."""
    start = FIRST + random.Random(n).randrange(0, 2 * 365 * 86_400, 900)
    return {
        "id": f"event-{n:06}",
        "calendar": f"calendar-{n % 5}",
        "resource": f"resource-{n:06}",
        "uid": f"{n:06}-4f1c-9a57@calendar.example.org",
        "title": f"{title} {n}",
        "spans": [[start, start + random.Random(n).choice((1800, 3600, 5400))]],
        "zone": "Europe/Oslo",
        "description": "What was said last time, and what is still to do. " * 4,
        "organizer": "kari.nordmann@example.org",
        "attendees": [{"email": "ola.nordmann@example.org", "name": "Ola Nordmann"}],
        "link": "https://meet.example.org/abc-defg-hij",
        "etag": f'"{n:016x}"',
    }


def connect(file: Path) -> sqlite3.Connection:
    """The reference, as it is best used."""
    reference = sqlite3.connect(file, isolation_level=None)
    reference.execute("pragma journal_mode = wal")
    reference.execute("pragma synchronous = full")
    return reference


def create(reference: sqlite3.Connection) -> None:
    """The same indexes as koble's."""
    reference.execute(
        "create table events (id text primary key, calendar text, resource text,"
        " first integer, last integer, document text) without rowid"
    )
    for field in ("calendar", "resource", "first"):
        reference.execute(f"create index by_{field} on events ({field})")


def upsert(
    reference: sqlite3.Connection, documents: list[dict[str, Any]], cursor: str = ""
) -> None:
    """Insert or replace documents, and a calendar's cursor if given, in one transaction."""
    reference.execute("begin immediate")
    reference.executemany(
        "insert into events values (?, ?, ?, ?, ?, ?) on conflict (id) do update set"
        " calendar = excluded.calendar, resource = excluded.resource, first = excluded.first,"
        " last = excluded.last, document = excluded.document",
        [
            (
                document["id"],
                document["calendar"],
                document["resource"],
                *document["spans"][0],
                msgspec.json.encode(document).decode(),
            )
            for document in documents
        ],
    )
    if cursor:
        reference.execute("insert or replace into calendars values ('calendar-0', ?)", (cursor,))
    reference.execute("commit")


def week_of(reference: sqlite3.Connection) -> list[dict[str, Any]]:
    """The reference's answer; no event is longer than a day, so it need not look further back."""
    rows = reference.execute(
        "select document from events where first > ? and first < ? and last > ? order by first, id",
        (WEEK[0] - 86_400, WEEK[1], WEEK[0]),
    )
    return [msgspec.json.decode(document) for (document,) in rows.fetchall()]


def fill(home: Path, file: Path, count: int) -> None:
    """The same documents on both sides."""
    documents = [event(n) for n in range(count)]
    assert 600 < statistics.mean(len(msgspec.json.encode(d)) for d in documents[:100]) < 640
    with Store.open(home) as koble:
        for first in range(0, count, 5000):
            koble.events.put_many(documents[first : first + 5000])
        koble.compact()
    reference = connect(file)
    create(reference)
    upsert(reference, documents)
    reference.execute("pragma wal_checkpoint(truncate)")
    reference.close()


def opening(home: Path, file: Path, count: int) -> list[Row]:
    """To open and read the first week; and a week in a store that is open."""

    def open_reference() -> sqlite3.Connection:
        reference = connect(file)
        week_of(reference)
        return reference

    def open_koble() -> Store:
        koble = Store.open(home)
        koble.events.overlapping(*WEEK)
        return koble

    first = best_of(15, lambda: open_reference().close(), lambda: open_koble().close())
    reference, koble = open_reference(), open_koble()
    theirs, mine = week_of(reference), koble.events.overlapping(*WEEK)
    assert len(mine) > count / 150
    assert by_id(mine) == by_id(theirs)
    assert [d["spans"][0][0] for d in mine] == [d["spans"][0][0] for d in theirs]
    again = best_of(15, lambda: week_of(reference), lambda: koble.events.overlapping(*WEEK))
    koble.close()
    reference.close()
    return [
        ratio(f"open {count:,} documents and read a week ({len(mine)})", first, 2.0),
        # Of a thousand, either takes hundredths of a millisecond.
        ratio(f"a week by overlap of {count:,}", again, 1.5 if count > SIZES[0] else 2.5),
    ]


MEMORY = """
import sys
from pathlib import Path
from store.store import Store

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "RssFile")))

before = resident()
koble = Store.open(Path(sys.argv[1]))
koble.events.overlapping(int(sys.argv[2]), int(sys.argv[3]))
assert koble.events.by_id("event-000777")["title"] == "Planning 777"
print((resident() - before) / 1024)
"""


def memory(home: Path) -> Row:
    """What a process grows by when it opens the store and reads a week and a document."""
    out = subprocess.run(
        [sys.executable, "-c", MEMORY, str(home), *map(str, WEEK)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return Row("memory for 100,000 documents and a week", 0.0, float(out), float(out), "MB", 15.0)


def writing(home: Path, file: Path, count: int) -> list[Row]:
    """Durable commits of one document and of a thousand."""
    reference, koble = connect(file), Store.open(home)
    changed = [[event(n * 311 % count, "Changed")] for n in range(SINGLE)]
    new = [[event(count + n)] for n in range(SINGLE)]
    thousands = [[event(n * 97 % count, f"Turn {turn}") for n in range(1000)] for turn in range(9)]
    rows = [
        ratio(
            f"one durable update of {count:,}",
            quarter_of(
                SINGLE,
                lambda n: upsert(reference, changed[n]),
                lambda n: koble.events.put_many(changed[n]),
            ),
            1.0,
        ),
        ratio(
            f"one durable insert into {count:,}",
            quarter_of(
                SINGLE,
                lambda n: upsert(reference, new[n]),
                lambda n: koble.events.put_many(new[n]),
            ),
            # The same writes as theirs, to the byte a little more of it where all is small.
            1.0 if count == SIZES[-1] else 1.15,
        ),
        ratio(
            f"1,000 of {count:,} in one transaction",
            quarter_of(
                9,
                lambda n: upsert(reference, thousands[n]),
                lambda n: koble.events.put_many(thousands[n]),
            ),
            # Where that is all there is, every second time a snapshot is written with it.
            1.0 if count > SIZES[0] else 4.0,
        ),
    ]
    (found,) = reference.execute("select count(*) from events").fetchone()
    assert found == len(koble.events) == count + SINGLE
    theirs = reference.execute("select document from events order by id").fetchall()
    mine = by_id(koble.events.all())
    assert mine == [msgspec.json.decode(document) for (document,) in theirs]
    koble.close()
    reference.close()
    return rows


def growth(home: Path) -> Row:
    """How long the journals get while everything is changed twice over."""
    with Store.open(home) as koble:
        state = koble._storage._state
        live = sum(len(raw) for _, raw in koble._storage.rows("events").documents())
        count, most = len(koble.events), 0
        for first in range(0, 2 * count, 500):
            koble.events.put_many(
                event(n % count, f"Grown {first}") for n in range(first, first + 500)
            )
            most = max(most, koble._storage._state.journalled)
        assert koble._storage._state is not state
        assert len(koble.events) == count
    return Row(
        f"MB of journal beside {count:,} live", live / 1e6, most / 1e6, most / live, "×", 2.0
    )


def blocking(home: Path, count: int) -> Row:
    """The longest that a loop waits while commits, and the snapshots between, are made beside."""

    def work() -> None:
        with Store.open(home) as koble:
            before, turn = newest(home), 0
            while newest(home) == before or koble._storage._compacting():
                koble.events.put_many(event(n, f"Beside {turn}") for n in range(50))
                turn += 1

    async def watch() -> float:
        worst = 0.0
        job = asyncio.get_running_loop().run_in_executor(None, work)
        while not job.done():
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, time.perf_counter() - began - 0.001)
        await job
        return worst * 1e3

    worst = min(asyncio.run(watch()) for _ in range(2))
    return Row(f"longest wait of the loop, snapshot of {count:,}", 0.0, worst, worst, "ms", 50.0)


def stall(home: Path) -> Row:
    """The longest that one commit takes while a snapshot of everything is written beside it.

    Of two such snapshots the better one: other processes that use the disk hold up commits too.
    """
    worst = min(longest_commit(home, turn) * 1e3 for turn in range(2))
    return Row("longest commit beside a snapshot", 0.0, worst, worst, "ms", 50.0)


def longest_commit(home: Path, round_: int) -> float:
    """Seconds that the longest commit took, of one each few milliseconds."""
    koble = Store.open(home)
    worst, turn, before = 0.0, 0, newest(home)
    while newest(home) == before and not koble._storage._compacting():
        koble.events.put_many(event(n, f"Before {round_} {turn}") for n in range(2000))
        turn += 1
    storage = koble._storage
    commits = 0
    while storage._compacting():
        document = event(commits % 1000, f"Meanwhile {round_}")
        began = time.perf_counter()
        koble.events.put(document)
        worst = max(worst, time.perf_counter() - began)
        commits += 1
        time.sleep(0.003)
    began = time.perf_counter()
    koble.events.put(event(1, f"Afterwards {round_}"))
    worst = max(worst, time.perf_counter() - began)
    assert commits > 20
    koble.close()
    return worst


def newest(home: Path) -> Path:
    """The journal in use."""
    return max(home.glob("journal-*"))


def sync(folder: Path) -> Row:
    """A page of ten changes and its cursor, applied to 10,000 events in one commit."""
    reference, koble = connect(folder / "sync.db"), Store.open(folder / "sync")
    create(reference)
    reference.execute("create table calendars (id text primary key, cursor text)")
    events = [event(n) for n in range(10_000)]
    upsert(reference, events)
    koble.events.put_many(events)
    koble.compact()
    pages = [[event(turn * 10 + n, "Moved") for n in range(10)] for turn in range(50)]

    def theirs(turn: int) -> None:
        for change in pages[turn]:
            reference.execute(
                "select id from events where resource = ?", (change["resource"],)
            ).fetchall()
        upsert(reference, pages[turn], cursor=str(turn))

    def mine(turn: int) -> None:
        with koble.transaction():
            for change in pages[turn]:
                koble.events.where("resource", change["resource"])
            koble.events.put_many(pages[turn])
            koble.calendars.put({"id": "calendar-0", "cursor": str(turn)})

    taken = quarter_of(50, theirs, mine)
    row = Row("ten changes into 10,000 events", *taken, taken[1], "ms", 1.0)
    assert koble.calendars.all() == [{"id": "calendar-0", "cursor": "49"}]
    assert koble.events.by_id("event-000499") == pages[49][9]
    koble.close()
    reference.close()
    return row


def by_id(documents: list[Any]) -> list[dict[str, Any]]:
    """In the order of their ids, as plain dictionaries."""
    return sorted(map(dict, documents), key=lambda document: document["id"])


def best_of(
    times: int, reference: Callable[[], object], koble: Callable[[], object]
) -> tuple[float, float]:
    """Milliseconds, the best of some turns taken one after the other."""
    return measured(times, lambda _: reference(), lambda _: koble(), min)


def quarter_of(
    times: int, reference: Callable[[int], object], koble: Callable[[int], object]
) -> tuple[float, float]:
    """Milliseconds, the quarter of the turns that were disturbed least."""
    return measured(times, reference, koble, calm)


def calm(times: list[float]) -> float:
    """The lower quartile: other processes that use the disk add milliseconds to a commit."""
    return statistics.quantiles(times, n=4)[0]


def measured(
    times: int,
    reference: Callable[[int], object],
    koble: Callable[[int], object],
    choose: Callable[[list[float]], float],
) -> tuple[float, float]:
    """Milliseconds of both sides, which take turns so that a busy machine is fair to both."""
    taken: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for turn in range(times):
        for side, work in enumerate((reference, koble)):
            began = time.perf_counter()
            work(turn)
            taken[side].append(time.perf_counter() - began)
    return choose(taken[0]) * 1e3, choose(taken[1]) * 1e3


def ratio(name: str, taken: tuple[float, float], goal: float) -> Row:
    """A row that compares."""
    return Row(name, *taken, taken[1] / taken[0], "×", goal)


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    print(f"{'':<52}{'sqlite3':>9}{'koble':>9}{'':>10}{'goal':>9}  on {os.cpu_count()} cores")
    missed = 0
    for row in measure():
        good = row.measured <= row.goal
        missed += not good
        print(
            f"{row.name:<52}{row.reference:>8.2f} {row.koble:>8.2f} "
            f"{row.measured:>7.2f} {row.unit:<2}{row.goal:>9.2f}  {'ok' if good else 'MISSED'}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
