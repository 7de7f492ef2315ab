"""Looking after koble itself: log, backup, doctor."""

import asyncio
from pathlib import Path

from cli.call import Call
from cli.output import Answer, Table
from cli.repair import told
from desk import repair
from desk.doctor import examine
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
    if call.args.verify:
        checks += await asyncio.to_thread(repair.verify, call.desk.home)
    return told(checks)
