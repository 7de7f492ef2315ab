"""Signing in with a password: what a server asks for, and what it gets."""

import pytest

from providers.base import ProviderError
from providers.logins import Login, challenges
from scheduling.errors import ErrorKind

HOST = "dav.example.org"
URL = f"https://{HOST}/dir/index.html"


def login(username: str = "Mufasa") -> Login:
    return Login(username, "Circle of Life")


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(
    algorithm: str, response: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("providers.logins.secrets.token_hex", lambda _size: own)
    mufasa = login()
    assert mufasa.take(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", '
        f'algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
        HOST,
    )
    assert f'response="{response}"' in mufasa.header("GET", URL)


def test_nothing_is_sent_before_a_server_was_asked() -> None:
    assert login().header("GET", URL) == ""


def test_a_server_that_does_not_ask_gets_basic() -> None:
    ada = Login("ada", "p")
    assert ada.take("", HOST)
    assert ada.header("GET", URL) == "Basic YWRhOnA="
    assert not ada.take('Basic realm="x"', HOST), "the password is wrong"


def test_the_better_hash_is_answered_and_the_unknown_left_alone() -> None:
    ada = login()
    ada.take(
        'Basic realm="b", Digest realm="m", nonce="1", qop=auth, Digest realm="s", nonce="2",'
        ' algorithm=sha-256, qop="auth", Digest realm="x", nonce="3", algorithm=SHA-512-256',
        HOST,
    )
    assert 'nonce="2"' in ada.header("GET", URL)
    assert "algorithm=SHA-256" in ada.header("GET", URL)


def test_who_wanted_digest_never_gets_basic_after_that() -> None:
    ada = login()
    ada.take('Digest realm="m", nonce="1", qop="auth"', HOST)
    assert not ada.take('Basic realm="b"', HOST)
    assert ada.header("GET", URL).startswith("Digest ")


def test_a_nonce_is_counted_and_taken_anew_when_it_is_stale() -> None:
    ada = login()
    ada.take('Digest realm="m", nonce="1", qop="auth"', HOST)
    assert "nc=00000001" in ada.header("GET", URL)
    assert "nc=00000002" in ada.header("GET", URL)
    assert not ada.take('Digest realm="m", nonce="2", qop="auth"', HOST), "refused"
    assert ada.take('Digest realm="m", nonce="3", qop="auth", stale=TRUE', HOST)
    said = ada.header("PROPFIND", URL + "?a=b")
    assert 'nonce="3"' in said
    assert "nc=00000001" in said
    assert 'uri="/dir/index.html?a=b"' in said


@pytest.mark.parametrize(
    "told",
    [
        "Negotiate",
        'Bearer realm="x", scope="y"',
        'Digest realm="m", nonce="1", algorithm=SHA-512-256, qop="auth"',
        'Digest realm="m", nonce="1"',
        'Digest realm="m", nonce="1", qop="auth-int"',
        'Digest realm="m", qop="auth"',
    ],
)
def test_a_sign_in_that_is_not_known_is_said_and_no_password_sent(told: str) -> None:
    with pytest.raises(ProviderError) as caught:
        login().take(told, HOST)
    assert (caught.value.kind, caught.value.field) == (ErrorKind.UNSUPPORTED, "url")
    assert HOST in str(caught.value)


def test_a_name_with_other_letters_or_quotes_is_written_as_it_has_to_be() -> None:
    told = 'Digest realm="a \\"b\\" c", nonce="1", qop="auth"'
    for name, written in [("Jäsøn", "username*=UTF-8''J%C3%A4s%C3%B8n"), ('a"b', r'"a\"b"')]:
        ada = login(name)
        ada.take(told, HOST)
        said = ada.header("GET", URL)
        assert written in said
        assert r'realm="a \"b\" c"' in said


@pytest.mark.parametrize("told", ['Basic realm="x"', 'Digest realm="m", nonce="1", qop="auth"'])
def test_without_encryption_only_this_computer_is_signed_in_to(told: str) -> None:
    ada = login()
    ada.take(told, HOST)
    with pytest.raises(ProviderError) as caught:
        ada.header("GET", "http://192.168.0.7/dav/")
    assert (caught.value.kind, caught.value.field) == (ErrorKind.PERMISSION, "url")
    assert ada.header("GET", "http://[::1]:5232/dav/")


@pytest.mark.parametrize(
    "told", ["", ",,,", "=", 'Digest realm="', "\x00", 'a="b"', "Digest " + "=," * 99_999]
)
def test_nonsense_offers_nothing(told: str) -> None:
    assert all(not each.parameters.get("nonce") for each in challenges(told))
