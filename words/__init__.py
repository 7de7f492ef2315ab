"""Languages. Every string a person reads goes through `_`, `many` or a `Phrase`.

English is the language of the source; the others lie in `locale/` as gettext catalogues.
"""

import gettext
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

LANGUAGES = {"en": "English", "nb": "Norsk bokmål"}
_LOCALE = Path(__file__).parent / "locale"
_current = "en"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use(language: str) -> None:
    """Speak `language` from here on; an unknown one means English."""
    global _catalogue, _current
    _current = language if language in LANGUAGES else "en"
    if _current == "en":
        _catalogue = gettext.NullTranslations()
    else:
        _catalogue = gettext.translation("koble", _LOCALE, [_current])


def current() -> str:
    """The language spoken now: a key of `LANGUAGES`."""
    return _current


def preferred() -> str:
    """The language that the environment asks for (LC_ALL, LC_MESSAGES, LANG)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "nb" if value[:2].lower() in ("nb", "no", "nn") else "en"
    return "en"


def _(message: str, /, **values: Any) -> str:
    """`message` in the current language, its `{names}` filled from `values`."""
    text = _catalogue.gettext(message)
    return text.format_map(values) if values else text


def many(one: str, other: str, n: int, /, **values: Any) -> str:
    """The form for `n` in the current language; `{n}` is filled as well."""
    return _catalogue.ngettext(one, other, n).format_map({"n": n, **values})


class Phrase:
    """A message chosen now and said later, in the language of whoever reads it.

    Rules, providers and the desk make phrases (`Phrase("The folder {path} is not there.",
    path=path)`); `str(phrase)` says one. Values may be phrases themselves.
    """

    __slots__ = ("message", "values")

    def __init__(self, message: str, /, **values: Any) -> None:
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return _(self.message, **self.values)

    def __repr__(self) -> str:
        return f"Phrase({self.message!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Phrase):
            return NotImplemented
        return (self.message, self.values) == (other.message, other.values)

    def __hash__(self) -> int:
        return hash(self.message)


class Later:
    """A text that is made when it is said, such as a day in the reader's language.

    `str(Later(say, …))` is `say(…)`; for the values of phrases.
    """

    __slots__ = ("_args", "_say")

    def __init__(self, say: Callable[..., str], /, *args: Any) -> None:
        self._say = say
        self._args = args

    def __str__(self) -> str:
        return self._say(*self._args)

    def __repr__(self) -> str:
        return f"Later({self._say.__name__}, {self._args!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Later):
            return NotImplemented
        return (self._say, self._args) == (other._say, other._args)

    def __hash__(self) -> int:
        return hash((self._say, self._args))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
