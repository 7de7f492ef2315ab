"""What screens say of a page and of its times."""

from textual.content import Content

from desk.page_text import hours_text, limits_text, minutes_text, window_text
from scheduling.offers import Mode, Reason
from scheduling.pages import Page
from tui import marks
from words import _, dates, many

DAYS = 14
"""How many days a preview holds."""
DAY = 86_400


def mode_text(mode: Mode) -> Content:
    """What booking leads to, where it is not simply confirmed."""
    if mode is Mode.OFFLINE:
        return Content.assemble(
            (f" {marks.NONE} ", "$muted"),
            (_("Offline mode"), "bold"),
            (": " + _("meetings are requested, and not added to a calendar."), "$muted"),
        )
    return Content.assemble(
        (f" {marks.STALE} ", "$warning"),
        (_("The calendar was read too long ago"), "bold"),
        (": " + _("meetings are confirmed after the next good read."), "$muted"),
    )


def title_line(page: Page, number: int) -> Content:
    """The name of a page, and how many times it offers in seven days."""
    words = many("{n} offer in 7 days", "{n} offers in 7 days", number)
    if not page.enabled:
        words = _("closed")
    mark = (f"{marks.FRESH} ", "$accent") if number else (f"{marks.ALERT} ", "$warning")
    return Content.assemble(
        (f"/{page.name}", "bold $accent"), ("  ", ""), (page.title, "bold"), ("   ", ""), mark,
        (words, "$muted"),
    )  # fmt: skip


def facts(page: Page, zone: str) -> Content:
    """What a page is set to, on a few lines."""
    lengths = ", ".join(map(str, page.durations))
    lines = [
        [
            _("{lengths} min", lengths=lengths),
            _("before {n} min", n=page.buffer_before) if page.buffer_before else "",
            _("after {n} min", n=page.buffer_after) if page.buffer_after else "",
            _("notice {text}", text=minutes_text(page.notice)) if page.notice else "",
            window_text(page.window),
            limits_text(page.limits),
        ],
        [hours_text(page.hours) or _("your working hours"), zone],
    ]
    dot = f" {marks.DOT} "
    return Content.styled("\n".join(dot.join(filter(None, line)) for line in lines), "$muted")


def why_text(start: int, zone: str, reasons: list[Reason]) -> Content:
    """Whether a time is offered, and each reason that keeps it, with what would change it."""
    moment = dates.moment_text(start, zone)
    if not reasons:
        return Content.assemble(
            (moment, "bold"), ("  ", ""), (f"{marks.DONE} ", "$success"), (_("offered"), "$muted")
        )
    parts: list[Content | tuple[str, str]] = [
        (moment, "bold"),
        (f"  {_('not offered')}", "$muted"),
    ]
    for reason in reasons:
        parts.append((f"\n {marks.DOT} {reason.phrase}", ""))
        if reason.remedy:
            parts.append((f"  {reason.remedy}", "$muted"))
    return Content.assemble(*parts)
