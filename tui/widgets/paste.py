"""A field into which something is pasted that is checked at once."""

from textual.events import Paste

from tui.widgets.form import FormField, TextField


class _Pasted(TextField):
    """Takes every line of what is pasted, in place of what was there, and is submitted."""

    async def on_paste(self, event: Paste) -> None:
        """A long address that was wrapped on its way is one line again, and JSON loses nothing."""
        event.prevent_default()
        event.stop()
        self.value = "".join(line.strip() for line in event.text.splitlines())
        self.cursor_position = len(self.value)
        await self.action_submit()


class PasteField(FormField):
    """A form field that is submitted as soon as something is pasted into it."""

    def __init__(self, name: str, label: str, *, hint: str = "", required: bool = False) -> None:
        super().__init__(name, label, hint=hint, required=required)
        self._input = _Pasted()
