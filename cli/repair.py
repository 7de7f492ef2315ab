"""What is done to a home that may not even open: restore, and what the doctor can tell then."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from cli.output import Answer, Exit
from desk import repair
from desk.doctor import Check
from scheduling.errors import KobleError
from scheduling.text import clean
from words import _


def restore(args: argparse.Namespace, home: Path) -> Answer:
    """Put a backup in the place of all that is stored."""
    file = Path(args.file).expanduser().absolute()
    kept = repair.restore(home, file)
    shown = clean(str(file))
    lines = [_("Restored: {file}. Secrets are as they were.", file=shown)]
    if kept:
        lines.append(_("What was there before lies in {kept}.", kept=clean(str(kept))))
    return Answer({"file": shown, "kept": clean(str(kept)) if kept else None}, lines)


def verify(home: Path, error: KobleError) -> Answer:
    """What can be found out about a home that does not open, because of `error`."""
    store = Check(name="store", ok=False, text=error.message, hint=error.hint)
    return told([store, *repair.verify(home)])


def told(checks: list[Check]) -> Answer:
    """What was found, and whether all of it is well."""
    return Answer(
        {
            "checks": [
                {
                    "name": each.name,
                    "ok": each.ok,
                    "text": str(each.text),
                    "hint": str(each.hint) if each.hint else None,
                }
                for each in checks
            ],
            "ok": all(each.ok for each in checks),
        },
        _checks(checks),
        Exit.DONE if all(each.ok for each in checks) else Exit.FAILED,
    )


def _checks(checks: list[Check]) -> Iterator[str]:
    marks = {True: _("ok"), False: _("wrong")}
    size = max(map(len, marks.values()))
    for each in checks:
        yield f"{marks[each.ok]:{size}}  {each.text}"
        if each.hint:
            yield f"{'':{size}}  {each.hint}"
