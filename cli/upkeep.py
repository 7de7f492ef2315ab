"""Looking after koble itself: log, backup, doctor."""

from collections.abc import Iterator
from pathlib import Path

from cli.call import Call
from cli.output import Answer, Exit, Table
from desk.doctor import Check, examine
from scheduling.errors import ErrorKind, KobleError
from scheduling.instants import utc_text
from scheduling.text import clean
from words import Phrase, _, dates


async def log(call: Call) -> Answer:
    """What was done, the newest first."""
    entries = await call.desk.log.entries(call.args.limit)
    table = Table(
        (_("When"), _("What")),
        [(dates.moment_text(each.at, call.zone.name), str(each.phrase)) for each in entries],
    )
    return Answer(
        {
            "entries": [
                {"at": utc_text(each.at), "text": str(each.phrase), "subject": each.subject or None}
                for each in entries
            ]
        },
        [table if entries else _("Nothing was done yet.")],
    )


async def backup(call: Call) -> Answer:
    """Write everything but secrets to a file."""
    path = _target(call.args.file, force=call.args.force)
    await call.desk.backup(path)
    shown = clean(str(path))
    return Answer({"file": shown}, [_("Written: {file}. Secrets are not in it.", file=shown)])


def _target(name: str, *, force: bool) -> Path:
    path = Path(name).expanduser().absolute()
    try:
        path.lstat()
        there = True
    except FileNotFoundError:
        there = False
    except (OSError, ValueError) as error:  # too long, or with a NUL
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("“{file}” cannot be the name of a file.", file=clean(name, limit=60)),
            field="file",
        ) from error
    if there and not force:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("{file} is there already.", file=clean(str(path))),
            Phrase("Choose another name, or give --force to replace it."),
            field="file",
        )
    return path


async def doctor(call: Call) -> Answer:
    """Find out what is wrong."""
    checks = await examine(call.desk, write=call.args.write)
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
