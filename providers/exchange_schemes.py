"""How a server lets people sign in, as it says itself before anybody has."""

import base64
import struct
from collections.abc import Iterable

from exchangelib.transport import AUTH_TYPE_MAP, BASIC, GSSAPI, NTLM

from scheduling.text import clean

LATIN = f"{BASIC} latin-1"
"""Basic for Microsoft's web server, which takes names and passwords for Latin-1 text."""


def schemes(header: str, software: str = "") -> tuple[str, ...]:
    """How a server lets people sign in, the best first.

    Negotiate alone is Kerberos where its library is installed, and may be NTLM as well.

    Args:
        header: its WWW-Authenticate.
        software: its Server.
    """
    offered = {
        part.strip().split(" ")[0].lower() for part in header.replace("=", " ").split(",") if part
    }
    found = []
    if "ntlm" in offered:
        found.append(NTLM)
    elif "negotiate" in offered:
        found += [GSSAPI] if GSSAPI in AUTH_TYPE_MAP else []
        found.append(NTLM)
    if "basic" in offered:
        latin = software.lower().startswith("microsoft-iis") and "utf-8" not in header.lower()
        found.append(LATIN if latin else BASIC)
    return tuple(found)


def named(ways: Iterable[str]) -> str:
    """Ways to sign in, as people are told of them."""
    return ", ".join(each.partition(" ")[0].upper() for each in ways)


def challenge_in(header: str) -> bytes:
    """NTLM's challenge; empty where there is none."""
    for part in header.split(","):
        word, _, rest = part.strip().partition(" ")
        if word.lower() in ("ntlm", "negotiate") and rest:
            try:
                data = base64.b64decode(rest)
            except ValueError:
                continue
            if data[:12] == b"NTLMSSP\0\2\0\0\0":
                return data
    return b""


def domain_in(header: str) -> str:
    """The Windows domain in NTLM's challenge; empty where it names none."""
    data = challenge_in(header)
    try:
        length, _most, at = struct.unpack("<HHI", data[40:48])
        info = data[at : at + length]
        while len(info) >= 4:
            kind, size = struct.unpack("<HH", info[:4])
            if kind == 2:  # the NetBIOS name of the domain
                return clean(info[4 : 4 + size].decode("utf-16-le", "replace"), limit=64)
            if kind == 0:
                return ""
            info = info[4 + size :]
    except struct.error:
        return ""
    return ""
