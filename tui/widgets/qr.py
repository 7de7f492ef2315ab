"""A QR code, where there is room for it."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from desk.qr import qr_lines


class QrCode(Widget):
    """An address as a code for a camera, black on white in every theme."""

    DEFAULT_CSS = "QrCode { width: auto; height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[str] = []

    def show(self, text: str) -> None:
        """Show the code of `text`; nothing for an empty one."""
        self.lines = qr_lines(text) if text else []
        self.refresh(layout=True)

    @property
    def needs(self) -> Size:
        """Columns and lines that the code takes."""
        return Size(max(map(len, self.lines), default=0), len(self.lines))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as the code."""
        return self.needs.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the code."""
        return self.needs.height

    def render(self) -> Content:
        """The code."""
        return Content.styled("\n".join(self.lines), "#000000 on #ffffff")
