"""Forms: a label, a field, a hint; and an error under the field that caused it."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Paste
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from scheduling.errors import KobleError
from tui import marks


class TextField(Input):
    """One line to type in, as all of koble's are: flat, and with a cursor that does not blink.

    A blinking cursor writes to the terminal twice a second for nothing.
    """

    cursor_blink = reactive(False, init=False)

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        disabled: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            password=password,
            compact=True,
            disabled=disabled,
            id=id,
        )

    async def on_paste(self, event: Paste) -> None:
        """Several lines become one, and nothing of them is lost; a password is one line."""
        event.prevent_default()
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        text = "".join(lines[:1]) if self.password else " ".join(map(str.strip, lines))
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)

    def action_copy(self) -> None:
        """Copy what is selected; a password never leaves its field."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut what is selected; a password is only removed."""
        if self.password:
            self.delete_selection()
        else:
            super().action_cut()


class FormField(Vertical):
    """One field of a form.

    Args:
        name: its name, as `KobleError.field` and `form_values` have it.
        label: what stands left of it.
        value: what is in it.
        hint: a word of help under it, while there is no error.
        placeholder: an example, shown while it is empty.
        required: marked, and refused when empty by `missing`.
        password: what is typed is not shown.
        disabled: not to be changed.
    """

    DEFAULT_CSS = """
    FormField { height: auto; layout: grid; grid-size: 2; grid-columns: 20 1fr; grid-rows: auto; }
    FormField > .label { height: 1; }
    FormField > .below { column-span: 2; height: auto; padding-left: 20; color: $muted; }
    FormField > .below.-wrong { color: $error; }
    FormField.-tight > .below { display: none; }
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        value: str = "",
        hint: str = "",
        placeholder: str = "",
        required: bool = False,
        password: bool = False,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=f"field-{name}")
        self.label = label
        self.hint = hint
        self.required = required
        self.error = ""
        self._input = TextField(
            value, placeholder=placeholder, password=password, disabled=disabled
        )

    @property
    def value(self) -> str:
        """What is in the field, without white space around it (a password: as it is)."""
        return self._input.value if self._input.password else self._input.value.strip()

    @value.setter
    def value(self, text: str) -> None:
        self._input.value = text

    def compose(self) -> ComposeResult:
        """The label, the field, the line under them."""
        mark = f" {marks.REQUIRED}" if self.required else ""
        yield Static(f"{self.label}{mark}", markup=False, classes="label")
        yield self._input
        yield Static(self.hint, markup=False, classes="below")

    def on_mount(self) -> None:
        """No empty line where there is nothing to say."""
        self.set_class(not self.hint, "-tight")

    def go(self) -> None:
        """Take the focus."""
        self._input.focus()

    def advise(self, hint: str) -> None:
        """Another word of help."""
        self.hint = hint
        self.say(self.error)

    def say(self, error: str) -> None:
        """Show an error under the field; empty: the hint again."""
        self.error = error
        below = self.query_one(".below", Static)
        below.update(f"{marks.WRONG} {error}" if error else self.hint)
        below.set_class(bool(error), "-wrong")
        self.set_class(not error and not self.hint, "-tight")


def form_values(form: Widget) -> dict[str, str]:
    """The values of all fields below `form`, by name."""
    return {field.name or "": field.value for field in form.query(FormField)}


def show_errors(form: Widget, errors: Mapping[str, str]) -> bool:
    """Show each error under its field, take others away, and go to the first wrong field.

    Returns whether there were any.
    """
    first: FormField | None = None
    for field in form.query(FormField):
        field.say(errors.get(field.name or "", ""))
        if field.error and first is None:
            first = field
    if first is not None:
        first.go()
        # Once it is known how many lines the error takes.
        form.call_after_refresh(first.scroll_visible, animate=False)
    return first is not None


def show_error(form: Widget, error: KobleError) -> bool:
    """Show `error` under the field that caused it; False where it names none of the form."""
    return show_errors(form, {field_of(error): str(error)} if error.field else {})


def field_of(error: KobleError) -> str:
    """The field that caused `error`: of `limits.day`, `limits`."""
    return error.field.partition(".")[0]


def missing(form: Widget, words: str) -> dict[str, str]:
    """`words` for each required field that is empty, by its name."""
    return {
        field.name or "": words
        for field in form.query(FormField)
        if field.required and not field.value
    }
