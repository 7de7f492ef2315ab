"""Gather the strings that people read, merge them into the catalogues, compile those.

Run by `make words`. Strings are found by how they are said: `_("…")`, `Phrase("…")`,
`many("…", "…", n)` and the docstrings of commands, which are their help.
"""

import ast
import inspect
import io
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
ROOMS = ("cli", "desk", "providers", "scheduling", "store", "tui", "web", "words")
LOCALE = ROOT / "words" / "locale"
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""The header wants dates; a real one would change at every run."""
MessageId = str | tuple[str, str]


def strings_of(source: str) -> Iterator[tuple[int, MessageId]]:
    """Line and message id of every string that `source` says to people."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            texts = [
                arg.value
                for arg in node.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if name in ("_", "Phrase") and texts:
                yield node.lineno, texts[0]
            elif name == "many" and len(texts) >= 2:
                yield node.lineno, (texts[0], texts[1])
        elif (
            isinstance(node, ast.ClassDef)
            and any(
                isinstance(each, (ast.Assign, ast.AnnAssign))
                and "title" in ast.unparse(each).split("=")[0]
                and "Phrase(" in ast.unparse(each)
                for each in node.body
            )
            and (help_text := ast.get_docstring(node))
        ):
            yield node.lineno, " ".join(inspect.cleandoc(help_text).split())


def gather() -> Catalog:
    """Every string of every room."""
    catalogue = Catalog(project="koble", version="", fuzzy=False)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for _, message in strings_of(path.read_text(encoding="utf-8")):
                if message:
                    catalogue.add(message, locations=[(str(path.relative_to(ROOT)), 0)])
    return catalogue


def placeholders(text: str) -> set[str]:
    """The names that `text` wants filled."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def po_file(language: str) -> Path:
    """Where the catalogue of `language` lies."""
    return LOCALE / language / "LC_MESSAGES" / "koble.po"


def load(language: str) -> Catalog:
    """The catalogue of `language` as it is written down."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, project="koble", version="")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def told(message: Message) -> bool:
    """Whether all forms of `message` have words."""
    forms = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return all(forms)


def main() -> int:
    """Merge and compile; tells how many strings have no words yet."""
    template = gather()
    missing = 0
    for folder in sorted(each for each in LOCALE.iterdir() if each.is_dir()):
        catalogue = load(folder.name)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        catalogue.creation_date = catalogue.revision_date = SOME_DAY
        path = po_file(folder.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, sort_output=True, no_location=True)
        path.with_suffix(".mo").write_bytes(compiled(load(folder.name)))
        untold = [each.id for each in catalogue if each.id and not told(each)]
        missing += len(untold)
        for each in untold:
            sys.stdout.write(f"{folder.name}: no words for {each!r}\n")
    sys.stdout.write(f"{len(template)} strings, {missing} without words\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
