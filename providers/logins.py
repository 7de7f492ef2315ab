"""Signing in with a password: Digest (RFC 7616) where a server offers it, else Basic (RFC 7617).

A server is asked first, without the password, which of the two it wants.
"""

import base64
import hashlib
import re
import secrets
from urllib.parse import quote, urlsplit

import msgspec

from providers.addresses import is_here
from providers.base import ProviderError
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

_PIECE = re.compile(
    r"""[\s,]*(?P<word>[A-Za-z0-9!#$%&'*+.^_`|~-]+)
        (?:\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s,"]*))?""",
    re.VERBOSE,
)
_LONGEST = 8_000
"""Characters of what a server asks for that are looked at."""
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""Those that koble answers, the better one first."""


class Challenge(msgspec.Struct, frozen=True):
    """One way in which a server lets people sign in; names are in lower case."""

    scheme: str
    parameters: dict[str, str]


def challenges(text: str) -> list[Challenge]:
    """What a `WWW-Authenticate` header offers, also where several were joined to one."""
    found: list[Challenge] = []
    for piece in _PIECE.finditer(text[:_LONGEST]):
        word, value = piece["word"].lower(), piece["value"]
        if value is None:
            found.append(Challenge(word, {}))
        elif found:
            plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
            found[-1].parameters.setdefault(word, plain)
    return found


class Login:
    """A user name and a password, and how the server of one account wants them.

    Once a server has asked for Digest, the password itself is never sent to it.
    """

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._digest: Challenge | None = None
        self._count = 0
        self.asked = False
        """Whether it is known how to sign in."""

    def header(self, method: str, url: str) -> str:
        """The `Authorization` of one request; empty before the server was asked.

        Raises:
            ProviderError: permission, where a network in between could read along.
        """
        if not self.asked:
            return ""
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_here(parts.hostname or ""):
            raise ProviderError(
                ErrorKind.PERMISSION,
                Phrase("The address must begin with https://: a password travels there."),
                field="url",
            )
        if self._digest is None:
            return "Basic " + base64.b64encode(self._pair(":").encode()).decode()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._count += 1
        return self._answer(self._digest.parameters, method, target)

    def take(self, told: str, host: str) -> bool:
        """Take in what a server told with a 401; whether it makes sense to ask once more.

        Args:
            told: its `WWW-Authenticate`.
            host: for messages.

        Raises:
            ProviderError: unsupported, where it wants what koble does not know.
        """
        first, self.asked = not self.asked, True
        offered = challenges(told)
        found = [each for each in offered if each.scheme == "digest" and _algorithm(each)]
        if found:
            best = min(found, key=lambda each: [*_HASHES].index(_algorithm(each)))
            anew = self._digest is None or best.parameters.get("stale", "").lower() == "true"
            self._digest, self._count = best, 0
            return first or anew
        if offered and not any(each.scheme == "basic" for each in offered):
            raise ProviderError(
                ErrorKind.UNSUPPORTED,
                Phrase(
                    "{host} wants another sign-in than with a password ({ways}).",
                    host=clean(host),
                    ways=clean(", ".join(dict.fromkeys(each.scheme for each in offered)), limit=80),
                ),
                Phrase("Its owner can tell whether it takes app passwords at another address."),
                field="url",
            )
        return first

    def _pair(self, middle: str) -> str:
        return f"{self._username}{middle}{self._password}"

    def _answer(self, asked: dict[str, str], method: str, target: str) -> str:
        algorithm = asked.get("algorithm", "MD5").upper()

        def mixed(*words: str) -> str:
            return _HASHES[algorithm](":".join(words).encode()).hexdigest()

        realm, nonce = asked.get("realm", ""), asked["nonce"]
        count, own = f"{self._count:08x}", secrets.token_hex(16)
        secret = mixed(self._pair(f":{realm}:"))
        response = mixed(secret, nonce, count, own, "auth", mixed(method, target))
        said = [f"realm={_quoted(realm)}", f"nonce={_quoted(nonce)}", f"uri={_quoted(target)}"]
        said += [f"algorithm={algorithm}", "qop=auth", f"nc={count}", f'cnonce="{own}"']
        said += [f'response="{response}"']
        if "opaque" in asked:
            said.append(f"opaque={_quoted(asked['opaque'])}")
        if self._username.isascii():
            said.append(f"username={_quoted(self._username)}")
        else:
            said.append(f"username*=UTF-8''{quote(self._username, safe='')}")
        return "Digest " + ", ".join(said)


def _algorithm(challenge: Challenge) -> str:
    """The hash to answer with; empty where koble cannot answer."""
    asked = challenge.parameters
    ways = {way.strip().lower() for way in asked.get("qop", "").split(",")}
    algorithm = asked.get("algorithm", "MD5").upper()
    return algorithm if algorithm in _HASHES and "auth" in ways and "nonce" in asked else ""


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
