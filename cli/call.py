"""One command as it was asked for: its words, the desk, and how times are read and shown."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Collection
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import words
from cli.commands import RESTORE
from cli.documents import offers_data, reasons_data
from cli.output import EXITS, Answer, Exit, Output
from cli.passwords import is_terminal, passphrase
from desk.clock import Clock, FixedClock, SystemClock
from desk.critical import NotOffered
from desk.desk import Desk
from desk.home import home
from scheduling.connections import Profile
from scheduling.errors import KobleError
from scheduling.instants import parse_instant
from scheduling.zones import Zone, zone
from words import _, dates


class Call:
    """What a command works with.

    Attributes:
        args: the words of the command.
        desk: open until the command has ended.
        output: for what is told beside the answer.
        zone: the profile's, in which times are shown and read.
    """

    def __init__(
        self, args: argparse.Namespace, desk: Desk, output: Output, profile: Profile
    ) -> None:
        self.args = args
        self.desk = desk
        self.output = output
        self.zone = zone(profile.zone)

    @property
    def now(self) -> int:
        """The time of this call, in UTC seconds."""
        return self.desk.clock.now()

    def span(self, where: Zone) -> tuple[int | None, int | None]:
        """--from and --to, read in `where`; None where not given."""
        start, end = self.args.start, self.args.end
        return (
            None if start is None else parse_instant(start, where, field="from"),
            None if end is None else parse_instant(end, where, field="to", end=True),
        )

    def when(self, start: int, end: int, where: Zone | None = None) -> str:
        """A span for a person: "Tue 1 Dec 09:00–09:30"."""
        where = where or self.zone
        text = dates.span_text(start, end, where.name)
        midnight = where.midnight(where.day(start) + 1)
        return text if end > midnight else f"{self.day(start, where)} {text}"

    def day(self, instant: int, where: Zone | None = None) -> str:
        """The day of an instant for a person: "Tue 1 Dec"."""
        name = (where or self.zone).name
        return dates.day_short(
            dates.local(instant, name).date(), dates.local(self.now, name).date()
        )

    async def read_conflicts(self) -> None:
        """Read the calendars that keep offers away."""
        calendars = await self.desk.calendars.all()
        await self.read({each.id for each in calendars if each.conflicts})

    async def read(self, calendars: Collection[str] | None = None) -> None:
        """Read these calendars, or all; what could not be read is told beside the answer."""
        for report in await self.desk.sync.now(only=calendars):
            if report.error:
                self.output.note(f"{report.calendar.name}: {report.error}")


Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]


def perform(args: argparse.Namespace, output: Output) -> int:
    """Run the command that `args` name, print its answer, and return its exit code."""
    module, _colon, name = args.where.partition(":")
    handler: Handler = getattr(import_module(module), name)
    try:
        if args.sample:
            import tempfile  # it takes a while, and is seldom needed

            with tempfile.TemporaryDirectory(prefix="koble-") as folder:
                answer = _answer(args, output, handler, Path(folder))
        else:
            answer = _answer(args, output, handler, home())
    except KobleError as error:
        output.error(error)
        return EXITS.get(error.kind, Exit.FAILED)
    if answer is None:
        return Exit.TAKEN
    output.answer(answer)
    return answer.code


def _answer(
    args: argparse.Namespace, output: Output, handler: Handler, folder: Path
) -> Answer | None:
    if args.where == RESTORE:
        from cli.repair import restore  # only for this

        return restore(args, folder)
    return asyncio.run(_perform(args, output, handler, folder))


async def _perform(
    args: argparse.Namespace, output: Output, handler: Handler, folder: Path
) -> Answer | None:
    """The answer; None where a time was refused, and that has been told."""
    clock: Clock = SystemClock() if args.now is None else FixedClock(0)
    try:
        desk = await Desk.open(folder, clock=clock)
    except KobleError as error:
        if vars(args).get("verify"):
            from cli.repair import verify  # only when something is wrong

            return verify(folder, error)
        raise
    if is_terminal():
        desk.vault.ask = passphrase
    try:
        profile = await desk.settings.profile()
        if isinstance(clock, FixedClock):
            clock.at = parse_instant(args.now, zone(profile.zone), field="now")
        if args.sample:
            from desk.sample import furnish  # only to try koble out

            await furnish(desk)
            profile = await desk.settings.profile()
        if args.lang is None:
            words.use(profile.language)
        call = Call(args, desk, output, profile)
        try:
            return await handler(call)
        except NotOffered as error:
            _refuse(call, error)
            return None
    finally:
        await desk.close()


def _refuse(call: Call, error: NotOffered) -> None:
    """Tell every reason why a time is not to be had, and which ones are near it."""
    output = call.output
    if output.json:
        output.error(error, reasons=reasons_data(error.reasons), others=offers_data(error.others))
        return
    output.note(str(error.message))
    for reason in error.reasons:
        output.note(f"- {reason.phrase}")
    if error.others:
        near = ", ".join(call.when(each.start, each.end) for each in error.others)
        output.note(_("The nearest times are: {times}.", times=near))
