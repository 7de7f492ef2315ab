"""What the tests of Office 365 share: a provider at the double, and times as Graph takes them.

The traps in the names of tests are what integrations of calendars usually get wrong:

3 a full listing that is not compared, so that what was deleted lives for ever
5 the cursor lost, because it comes with the last page only
6 occurrences without a title
7 the first day of a series shown as its event
8 a lost state of changes taken for an error, or for no changes
9 what left the window taken for deleted
10 an old link kept while the window moves
11 years of occurrences, one by one
12 all-day events shifted or skipped
13 free time that blocks, or busy time that does not
14 only the first of several days blocked
15 Windows names of zones where others belong, and the other way round
16 offsets with the sign turned round
17 names of zones that nobody knows
18 wall times that drift with the clocks
19 a creation tried again that makes a second meeting
20 a write tried again that may have been obeyed
21 a new guest who uninvites all others
22 a new text that kills the Teams meeting
23 mails to guests about nothing
26 more than four questions at a time
27 ids taken for the same whose case differs
28 a token that ran out tried for ever
"""

from typing import Any

from providers.office365 import Office365Provider
from scheduling.connections import Access
from tests.providers.stages import Office365Stage, OneToken
from tests.vendors.graph import Server


class Waits:
    """What was waited for, in no time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def provided(graphs: Server, stage: Office365Stage, **more: Any) -> Office365Provider:
    """A provider of the stage's mailbox."""
    usual = {"access": Access.WRITE, "tokens": OneToken(stage.graph.token), "sleep": Waits()}
    return Office365Provider(base=graphs.url, local=True, **usual | more)


def times(start: str, end: str, zone: str = "UTC") -> dict[str, Any]:
    """When an event is."""
    return {
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": zone},
    }


JUNE = times("2026-06-02T07:00:00", "2026-06-02T08:00:00")
