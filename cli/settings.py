"""Settings by name: settings get, set."""

from typing import Any

import msgspec

from cli.call import Call
from cli.output import Answer, Table
from scheduling.errors import ErrorKind, KobleError
from words import Phrase, _


async def get(call: Call) -> Answer:
    """One setting, or all of them."""
    name = call.args.name
    if name is None:
        settings = await call.desk.settings.all()
        rows = [(each, _text(value)) for each, value in settings.items()]
        return Answer({"settings": settings}, [Table((_("Name"), _("Value")), rows)])
    value = await call.desk.settings.get(name)
    return Answer({"name": name, "value": value}, [_text(value)])


async def change(call: Call) -> Answer:
    """Change one setting."""
    name = call.args.name
    await call.desk.settings.set(name, _value(name, call.args.value))
    value = await call.desk.settings.get(name)
    return Answer({"name": name, "value": value}, [f"{name}: {_text(value)}"])


def _value(name: str, text: str) -> Any:
    """Lists and tables are written as JSON; anything else is the text itself."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise KobleError(
            ErrorKind.INVALID,
            Phrase("{name} is not JSON: {why}.", name=name, why=str(error)),
            field=name,
        ) from error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
