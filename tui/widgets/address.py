"""A long web address: as text, as a link that terminals follow, cut to the lines there are."""

from textual.content import Content
from textual.geometry import Size
from textual.style import Style
from textual.widget import Widget


class Address(Widget):
    """An address without blanks, broken anywhere.

    It is an OSC 8 link as well: many terminals open it in the browser of the computer that the
    person sits at, also over SSH.

    Args:
        most: lines that it takes at most; what is longer ends in an ellipsis.
    """

    DEFAULT_CSS = "Address { height: auto; color: $accent; }"

    def __init__(self, *, most: int, id: str | None = None) -> None:
        super().__init__(id=id)
        self.most = most
        self.url = ""

    def show(self, url: str) -> None:
        """Show another address."""
        self.url = url
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as it needs, or may take."""
        return min(self.most, -(-len(self.url) // max(1, width)))

    def render(self) -> Content:
        """Lines as wide as the widget."""
        width, room = self.size.width, self.size.width * self.size.height
        text = self.url if len(self.url) <= room else f"{self.url[: room - 1]}…"
        lines = "\n".join(text[at : at + width] for at in range(0, len(text), max(1, width)))
        return Content(lines).stylize(Style(link=self.link)) if self.link else Content(lines)

    @property
    def link(self) -> str:
        """What terminals may follow; empty for what is no plain web address.

        It is written to the terminal as it stands, and some of these addresses come from afar.
        """
        plain = self.url.isascii() and self.url.isprintable() and " " not in self.url
        return self.url if plain and self.url.startswith(("https://", "http://")) else ""
