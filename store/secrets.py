"""Secrets: tokens and passwords in one encrypted file, its key somewhere safer.

The file says by what it was locked. Its key comes from

- a file named by KOBLE_KEY_FILE, or `koble-key` in the credentials of the service manager
  ($CREDENTIALS_DIRECTORY), where one is given: that is a decision, and comes first;
- the keyring of the desktop, which keeps a random key;
- a passphrase (scrypt), asked by whoever opens;
- nothing: plain text, only where that is explicitly allowed.
"""

import hashlib
import logging
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from scheduling.errors import ErrorKind, KobleError
from store.compaction import take
from store.home import prepare, trouble, write_whole
from store.keyrings import Keyring, Unusable
from store.lock import Lock
from words import Phrase

GIVEN: Final = "given"
KEYRING: Final = "keyring"
PASSPHRASE: Final = "passphrase"  # noqa: S105  # a kind of lock
PLAIN: Final = "plain"
COST = 1 << 16
"""scrypt's N: 64 MB and about 0.2 s for a guess."""
_FORMAT = 1
_LEAST_KEY = 32
_log = logging.getLogger(__name__)


class _Seal(msgspec.Struct, frozen=True):
    """By what a file is locked; not secret, but nobody may change it unseen."""

    format: int
    kind: Literal["given", "keyring", "passphrase", "plain"]
    salt: bytes
    """Names the key in the keyring, and goes into those that are derived."""
    cost: int = 0


class _File(msgspec.Struct, frozen=True):
    seal: _Seal
    nonce: bytes
    data: bytes


class Secrets:
    """What connections need to sign in, by name. Never in the store, in a repr or in a log."""

    __slots__ = ("_allow_plain", "_ask", "_key", "_kind", "_lock", "_path", "_seal")

    def __init__(self, home: Path, ask: Callable[[], str] | None, *, allow_plain: bool) -> None:
        self._path = home / "secrets"
        self._lock = Lock(home / "lock.secrets")
        self._ask = ask
        self._allow_plain = allow_plain
        self._kind = ""
        self._seal: _Seal | None = None
        self._key = b""

    @classmethod
    def open(
        cls,
        home: Path,
        passphrase: Callable[[], str] | None = None,
        *,
        allow_plain: bool = False,
    ) -> "Secrets":
        """Find the key to the secrets in `home`, or a place where a new one can be kept.

        `passphrase` is called only where nothing else has the key; for a new file when the first
        secret is set. It may be called again where another process has begun another file.

        Raises:
            KobleError: auth (a wrong passphrase or key) or storage, with the way out.
        """
        prepare(home)
        secrets = cls(home, passphrase, allow_plain=allow_plain)
        if secrets._read() is None:
            secrets._kind = secrets._choose()
        return secrets

    def __repr__(self) -> str:
        return f"Secrets({str(self._path)!r})"

    @property
    def where(self) -> str:
        """Where the key lies, in words for a person."""
        if self._kind == GIVEN:
            return str(Phrase("in the key file {path}", path=str(_given_path())))
        if self._kind == KEYRING:
            return str(Phrase("in the keyring of this computer"))
        if self._kind == PASSPHRASE:
            return str(Phrase("nowhere: it is made from your passphrase"))
        return str(Phrase("nowhere: the secrets are stored as plain text"))

    def get(self, name: str) -> dict[str, Any] | None:
        """The secret called `name`, as another process may have left it a moment ago."""
        return (self._read() or {}).get(name)

    def set(self, name: str, value: dict[str, Any]) -> None:
        """Keep `value` under `name`, durably."""
        with self._locked():
            self._write({**(self._read() or {}), name: value})

    def delete(self, name: str) -> None:
        """Forget `name`; one that is not there is no error. With the last one goes the file."""
        with self._locked():
            found = self._read() or {}
            if found.pop(name, None) is None:
                return
            if found:
                self._write(found)
            else:
                self._wipe()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        take(self._lock)
        try:
            yield
        except OSError as error:
            raise trouble(error, self._path) from error
        finally:
            self._lock.close()

    def _read(self) -> dict[str, dict[str, Any]] | None:
        """All secrets; None where there is no file."""
        try:
            file = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble(error, self._path) from error
        except msgspec.MsgspecError:
            raise _unreadable(self._path) from None
        if file.seal.format > _FORMAT:
            raise KobleError(
                ErrorKind.STORAGE,
                Phrase("A newer koble has written {path}.", path=str(self._path)),
                Phrase("Update koble. Nothing was changed."),
            )
        if file.seal != self._seal:
            self._key = self._unlock(file.seal)
            self._kind, self._seal = file.seal.kind, file.seal
        try:
            found: dict[str, dict[str, Any]] = msgspec.json.decode(self._decrypt(file))
        except KobleError:
            self._seal = None
            raise
        return found

    def _write(self, secrets: dict[str, dict[str, Any]]) -> None:
        if self._seal is None or not self._path.exists():
            self._key, self._seal = self._begin(os.urandom(16))
        nonce, data = os.urandom(12), msgspec.json.encode(secrets)
        if self._seal.kind != PLAIN:
            data = _cipher(self._key).encrypt(nonce, data, msgspec.json.encode(self._seal))
        write_whole(self._path, [msgspec.json.encode(_File(self._seal, nonce, data))])

    def _wipe(self) -> None:
        self._path.unlink()
        if self._seal is not None and self._seal.kind == KEYRING:
            try:
                Keyring().delete(self._seal.salt.hex())
            except Unusable as error:
                _log.warning("The key that opens nothing any more is still there: %s", error)
        self._seal = None

    def _decrypt(self, file: _File) -> bytes:
        if file.seal.kind == PLAIN:
            return file.data
        # cryptography takes 40 ms to import: only where a secret is wanted.
        from cryptography.exceptions import InvalidTag

        try:
            text: bytes = _cipher(self._key).decrypt(
                file.nonce, file.data, msgspec.json.encode(file.seal)
            )
            return text
        except (InvalidTag, ValueError):
            if file.seal.kind == PASSPHRASE:
                raise KobleError(
                    ErrorKind.AUTH, Phrase("This is not the passphrase."), field="passphrase"
                ) from None
            raise _unreadable(self._path) from None

    def _unlock(self, seal: _Seal) -> bytes:
        """The key to a file that is there."""
        if seal.kind == GIVEN:
            return _derived(_given(), seal.salt)
        if seal.kind == PASSPHRASE and self._ask is not None:
            try:
                return _from_passphrase(self._ask(), seal)
            except ValueError:  # scrypt cannot be run at the cost that the file names.
                raise _unreadable(self._path) from None
        if seal.kind == PLAIN and self._allow_plain:
            return b""
        if seal.kind == KEYRING:
            return _from_keyring(seal)
        if seal.kind == PASSPHRASE:
            raise KobleError(
                ErrorKind.AUTH,
                Phrase("The secrets are locked with a passphrase."),
                Phrase("Start koble in a terminal, where it can ask for it."),
            )
        raise KobleError(
            ErrorKind.STORAGE,
            Phrase("The secrets in {path} are plain text.", path=str(self._path)),
            Phrase("Allow that, or remove the file and sign in again."),
        )

    def _choose(self) -> str:
        """What the key of a new file can be kept in."""
        if _given_path() is not None:
            return GIVEN
        try:
            Keyring().get("probe")
        except Unusable as error:
            _log.info("No keyring: %s", error)
        else:
            return KEYRING
        if self._ask is not None:
            return PASSPHRASE
        if self._allow_plain:
            return PLAIN
        raise KobleError(
            ErrorKind.STORAGE,
            Phrase("There is no safe place for passwords and tokens on this computer."),
            Phrase(
                "Unlock its keyring, name a file with a long random key in KOBLE_KEY_FILE, "
                "or choose a passphrase."
            ),
        )

    def _begin(self, salt: bytes) -> tuple[bytes, _Seal]:
        """The key of a new file, and its seal."""
        if self._kind == GIVEN:
            return _derived(_given(), salt), _Seal(_FORMAT, GIVEN, salt)
        if self._kind == PASSPHRASE and self._ask is not None:
            seal = _Seal(_FORMAT, PASSPHRASE, salt, COST)
            return _from_passphrase(self._ask(), seal), seal
        if self._kind == PLAIN:
            return b"", _Seal(_FORMAT, PLAIN, salt)
        key = os.urandom(32)
        try:
            Keyring().set(salt.hex(), key.hex())
        except Unusable as error:
            _log.warning("The keyring did not keep the key: %s", error)
            raise KobleError(
                ErrorKind.STORAGE,
                Phrase("The keyring of this computer did not keep the key."),
                Phrase("Unlock it and try again, or name a key file in KOBLE_KEY_FILE."),
            ) from None
        return key, _Seal(_FORMAT, KEYRING, salt)


def _cipher(key: bytes) -> Any:
    # cryptography takes 40 ms to import: only where a secret is wanted.
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


def _from_passphrase(passphrase: str, seal: _Seal) -> bytes:
    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    if not text:
        raise KobleError(
            ErrorKind.AUTH, Phrase("A passphrase cannot be empty."), field="passphrase"
        )
    return hashlib.scrypt(text, salt=seal.salt, n=seal.cost, r=8, p=1, maxmem=1 << 28, dklen=32)


def _from_keyring(seal: _Seal) -> bytes:
    try:
        found = Keyring().get(seal.salt.hex())
    except Unusable as error:
        _log.warning("The keyring did not say the key: %s", error)
        raise KobleError(
            ErrorKind.AUTH,
            Phrase("The key to the secrets is in a keyring that cannot be used now."),
            Phrase("Unlock the keyring of this computer, then try again."),
        ) from None
    if found is None:
        raise KobleError(
            ErrorKind.AUTH,
            Phrase("The key to the secrets is no longer in the keyring of this computer."),
            Phrase("Remove the file of secrets in koble's folder, then sign in again."),
        )
    return bytes.fromhex(found)


def _given_path() -> Path | None:
    """The key file that was given, if one was."""
    if named := os.environ.get("KOBLE_KEY_FILE"):
        return Path(named)
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        path = Path(folder) / "koble-key"
        return path if path.exists() else None
    return None


def _given() -> bytes:
    """What the given key file holds."""
    path = _given_path()
    if path is None:
        raise KobleError(
            ErrorKind.AUTH,
            Phrase("The secrets are locked with a key file, and none was given."),
            Phrase("Name it in KOBLE_KEY_FILE."),
        )
    try:
        content = path.read_bytes().strip()
        mode = path.stat().st_mode
    except OSError as error:
        raise trouble(error, path) from error
    # The service manager guards its own folder, and sets modes of its own there.
    if mode & 0o077 and "KOBLE_KEY_FILE" in os.environ:
        raise KobleError(
            ErrorKind.PERMISSION,
            Phrase("Others can read the key file {path}.", path=str(path)),
            Phrase("Make it yours alone: chmod 600 {path}", path=str(path)),
        )
    if len(content) < _LEAST_KEY:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("The key file {path} is too short.", path=str(path)),
            Phrase("Fill it with at least 32 random bytes: openssl rand -base64 48"),
        )
    return content


def _derived(key: bytes, salt: bytes) -> bytes:
    """A key for one file, from a given key that is random and long enough."""
    return hashlib.blake2b(key, digest_size=32, salt=salt, person=b"koble secrets").digest()


def _unreadable(path: Path) -> KobleError:
    return KobleError(
        ErrorKind.AUTH,
        Phrase("The secrets in {path} cannot be read with this key.", path=str(path)),
        Phrase("Give the key they were locked with, or remove the file and sign in again."),
    )
