"""What is told in toasts, and what can be taken back for as long as its toast says so."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from textual.timer import Timer

from scheduling.errors import KobleError
from tui import marks
from tui.commands import Commands, key_text
from tui.commands.general import Undo
from tui.guard import GuardedApp
from words import _

if TYPE_CHECKING:
    from desk.clock import Clock

UNDO_SECONDS = 10
NOTICE_SECONDS = 5


@dataclass(frozen=True)
class Notice:
    """One toast, as the log keeps it: when (UTC seconds), what, and how grave."""

    at: int
    text: str
    severity: str = "information"


@dataclass(frozen=True)
class _Done:
    """Something that can still be taken back."""

    undo: Callable[[], Coroutine[Any, Any, None]]
    timer: Timer


class NoticeApp(Commands, GuardedApp):  # type: ignore[misc] # COMMANDS are ours, not Textual's
    """An app that tells what was done, keeps it in a log, and takes it back when asked to."""

    clock: "Clock"

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[Notice] = []
        self._done: list[_Done] = []

    def notice(
        self,
        text: str,
        *,
        severity: Literal["information", "warning", "error"] = "information",
        seconds: float = NOTICE_SECONDS,
    ) -> None:
        """Show a short toast, and keep it in the log. `text` is literal, never markup."""
        self.notices.append(Notice(self.clock.now(), text, severity))
        mark = {"error": f"{marks.WRONG} ", "warning": f"{marks.ALERT} "}.get(severity, "")
        self.notify(f"{mark}{text}", severity=severity, timeout=seconds, markup=False)

    def complain(self, error: KobleError) -> None:
        """Show an error that is meant for a person, with its way out."""
        self.notice(str(error), severity="error", seconds=2 * NOTICE_SECONDS)

    def offer_undo(self, text: str, undo: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Say what was done, and let `u` take it back for ten seconds, the latest first.

        `undo` is awaited when the person asks; nothing may have left the house until then.
        """
        self._done.append(_Done(undo, self.set_timer(UNDO_SECONDS, self._forget_oldest)))
        key = key_text(self.keys_of(Undo)[0])
        self.notice(f"{text}   {key} {_('undo')}", seconds=UNDO_SECONDS)
        self.refresh_bindings()

    def _forget_oldest(self) -> None:
        self._done.pop(0)
        self.refresh_bindings()

    @property
    def undoable(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._done)

    def on_undo(self) -> None:
        """Take the last thing back that can be."""
        if self._done:
            last = self._done.pop()
            last.timer.stop()
            if not self._done:
                self.clear_notifications()
            self.refresh_bindings()
            # In a group of its own: what is taken back after it must not stop it half way.
            self.start(self, last.undo(), f"undo {len(self._done)}")
