"""Tokens run out, are refused, and are renewed once, however many ask in however many processes."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desk.clock import FixedClock
from desk.desk import Desk
from desk.ids import counted_ids
from desk.tokens import EARLY, KeptTokens, grant_of
from providers.base import ProviderError
from scheduling.errors import ErrorKind, KobleError
from store.lock import Lock
from tests.desk.clouds import KEY, account, files_under, signed_in
from tests.vendors.oauth import Logins
from words import Phrase

ROOT = Path(__file__).parents[2]


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logins]:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(KEY)
    monkeypatch.setenv("KOBLE_KEY_FILE", str(path))
    with Logins() as logins:
        monkeypatch.setenv("KOBLE_GOOGLE_LOGIN", logins.url)
        yield logins
    assert logins.violations == []


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock, logins: Logins) -> AsyncIterator[Desk]:
    desk = await Desk.open(tmp_path / "home", clock=clock, ids=counted_ids(), zone="UTC")
    yield desk
    await desk.close()


async def kept(desk: Desk) -> str:
    """The refresh token among the secrets."""
    secret = await desk.vault.get("cloud")
    assert secret is not None
    return grant_of(secret).refresh_token


async def test_a_token_is_good_until_five_minutes_before_its_end(
    desk: Desk, logins: Logins, clock: FixedClock
) -> None:
    tokens = await signed_in(desk, logins)
    first = await tokens.token()
    clock.at += 3600 - EARLY - 1
    assert await tokens.token() == first
    assert logins.renewals == 0
    clock.at += 1
    second = await tokens.token()
    assert second != first
    assert await tokens.token() == second
    assert logins.renewals == 1


async def test_a_token_that_was_refused_is_renewed_and_another_is_not(
    desk: Desk, logins: Logins
) -> None:
    tokens = await signed_in(desk, logins)
    first = await tokens.token()
    second = await tokens.token(refused=first)
    assert second in logins.access
    assert await tokens.token(refused=first) == second, "somebody else noticed it late"
    assert logins.renewals == 1


async def test_twenty_who_ask_at_once_make_one_renewal(
    desk: Desk, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins.owner.rotates = True
    tokens = await signed_in(desk, logins, expires_in=10)
    get, got = desk.vault.get, []

    async def counted(name: str) -> dict[str, str] | None:
        got.append(name)
        return await get(name)

    monkeypatch.setattr(desk.vault, "get", counted)
    found = await asyncio.gather(*(tokens.token() for _ in range(20)))
    assert len(set(found)) == 1
    assert logins.renewals == 1
    assert got == ["cloud"], "the others need no secret for it"


async def test_a_rotated_refresh_token_is_kept_before_the_new_access_token_is_used(
    desk: Desk, logins: Logins
) -> None:
    logins.owner.rotates = True
    tokens = await signed_in(desk, logins, expires_in=10)
    before = await kept(desk)
    for _ in range(3):
        assert await tokens.token(refused=await tokens.token()) in logins.access
        assert await kept(desk) in logins.refresh
    assert before not in logins.refresh


async def test_whoever_goes_away_does_not_lose_the_new_grant(desk: Desk, logins: Logins) -> None:
    logins.owner.rotates = True
    tokens = await signed_in(desk, logins, expires_in=10)
    logins.owner.hold.clear()
    asking = asyncio.create_task(tokens.token())
    await asyncio.to_thread(logins.arrived.acquire)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    logins.owner.hold.set()
    await desk.sign_in.close()
    assert await kept(desk) in logins.refresh


async def test_a_dead_grant_says_so_each_time_and_stays_what_it_is(
    desk: Desk, logins: Logins
) -> None:
    tokens = await signed_in(desk, logins, expires_in=10)
    before = await kept(desk)
    logins.refresh.clear()
    for _ in range(2):
        with pytest.raises(ProviderError) as refused:
            await tokens.token()
        assert refused.value.kind is ErrorKind.AUTH
    assert await kept(desk) == before


async def test_a_vendor_in_trouble_changes_nothing(desk: Desk, logins: Logins) -> None:
    tokens = await signed_in(desk, logins, expires_in=10)
    before = await kept(desk)
    logins.owner.broken = [503]
    with pytest.raises(ProviderError) as refused:
        await tokens.token()
    assert refused.value.kind is ErrorKind.UNAVAILABLE
    assert await kept(desk) == before
    assert await tokens.token() in logins.access


async def test_where_the_grant_was_wiped_there_is_no_token(desk: Desk, logins: Logins) -> None:
    tokens = await signed_in(desk, logins, expires_in=10)
    await desk.vault.delete("cloud")
    with pytest.raises(ProviderError) as refused:
        await tokens.token()
    assert refused.value.kind is ErrorKind.AUTH
    assert logins.renewals == 0


async def test_a_grant_that_cannot_be_kept_is_not_used(
    desk: Desk, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await signed_in(desk, logins, expires_in=10)
    before = await kept(desk)

    async def full(*_: object) -> None:
        raise KobleError(ErrorKind.STORAGE, Phrase("The disk is full."))

    with monkeypatch.context() as patch:
        patch.setattr(desk.vault, "set", full)
        with pytest.raises(KobleError) as failed:
            await tokens.token()
    assert failed.value.kind is ErrorKind.STORAGE
    assert await kept(desk) == before
    assert await tokens.token() in logins.access


async def test_a_koble_that_holds_the_lock_too_long_is_not_waited_for_for_ever(
    desk: Desk, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.tokens.PATIENCE", 0.0)
    tokens = await signed_in(desk, logins, expires_in=10)
    other = Lock(desk.home / "lock.grants")
    assert other.acquire(0)
    with pytest.raises(ProviderError) as waited:
        await tokens.token()
    assert waited.value.kind is ErrorKind.UNAVAILABLE
    other.close()
    assert await tokens.token() in logins.access


ASK = """
import asyncio, sys
from pathlib import Path
from desk.clock import FixedClock
from desk.desk import Desk
from desk.tokens import KeptTokens
from tests.desk.clouds import account

async def main():
    home, now, die = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    desk = await Desk.open(home, clock=FixedClock(now), zone="UTC")
    tokens = KeptTokens(desk, account(), await desk.vault.get("cloud"))
    if "before" in die:
        async def set(name, value):
            import os
            os._exit(9)
        desk.vault.set = set
    if "after" in die:
        keep = desk.vault.set
        async def set(name, value):
            import os
            await keep(name, value)
            os._exit(9)
        desk.vault.set = set
    print("asking", flush=True)
    print(await tokens.token(), flush=True)
    await desk.close()

asyncio.run(main())
"""


def asking(home: Path, clock: FixedClock, *die: str) -> subprocess.Popen[str]:
    """Another koble that wants a token."""
    return subprocess.Popen(
        [sys.executable, "-c", ASK, str(home), str(clock.at), *die],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_two_processes_renew_once_and_both_have_the_new_token(
    desk: Desk, logins: Logins, clock: FixedClock
) -> None:
    logins.owner.rotates = True
    await signed_in(desk, logins, expires_in=10)
    logins.owner.hold.clear()
    both = [asking(desk.home, clock) for _ in range(2)]
    for each in both:
        assert each.stdout is not None
        assert await asyncio.to_thread(each.stdout.readline) == "asking\n"
    await asyncio.to_thread(logins.arrived.acquire)
    logins.owner.hold.set()
    found = {(await asyncio.to_thread(each.communicate))[0].strip() for each in both}
    assert [each.returncode for each in both] == [0, 0]
    assert len(found) == 1
    assert found <= logins.access
    assert logins.renewals == 1
    assert await kept(desk) in logins.refresh


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_beside_the_keeping_leaves_the_old_grant_or_the_new_one(
    desk: Desk, logins: Logins, clock: FixedClock, when: str
) -> None:
    await signed_in(desk, logins, expires_in=10)
    secret = await desk.vault.get("cloud")
    crashed = asking(desk.home, clock, when)
    await asyncio.to_thread(crashed.communicate)
    assert crashed.returncode == 9
    left = await desk.vault.get("cloud")
    assert left is not None
    assert (left == secret) is (when == "before")
    tokens = KeptTokens(desk, account(), left)
    assert await tokens.token() in logins.access, "the lock of the one that died stands in no way"


async def test_no_token_is_in_a_repr_or_anywhere_in_the_home(desk: Desk, logins: Logins) -> None:
    tokens = await signed_in(desk, logins, expires_in=10)
    await tokens.token()
    assert "hush" not in repr(tokens)
    assert "hush" not in files_under(desk.home)
