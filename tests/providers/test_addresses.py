"""Which names are this computer's, and which only look like it."""

import pytest

from providers.addresses import is_here, proxy_of


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]
)
def test_these_are_this_computer(host: str) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.evil.com",
        "127.0.0.1.evil.com",
        "localhost.evil.com",
        "127.1",
        "0.0.0.0",  # noqa: S104 -- nothing is bound to it
        "10.0.0.1",
        "::",
        "::2",
        "::ffff:10.0.0.1",
    ],
)
def test_these_are_another_whatever_they_are_called(host: str) -> None:
    assert not is_here(host)


def test_a_name_that_looks_like_this_computer_goes_by_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.org:3128")
    assert proxy_of("http://127.evil.com/") == "http://proxy.example.org:3128"
    assert proxy_of("http://127.0.0.1/") == ""
