"""Whether what is said on the wire is what the contract of Exchange Web Services allows."""

from functools import cache
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element

CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "ews" / "messages.xsd"
MISSING = "the schema of Exchange Web Services is not here (../shared/contracts/ews)"


@cache
def _loaded(path: Path) -> etree.XMLSchema | None:
    return etree.XMLSchema(etree.parse(path)) if path.exists() else None


class Schema:
    """The schema, where it can be had."""

    def __init__(self, path: Path = CONTRACT) -> None:
        self._schema = _loaded(path)
        self.here = self._schema is not None

    def faults(self, element: Element) -> list[str]:
        """What is wrong with an element of a body or header; nothing where there is no schema."""
        if self._schema is None:
            return []
        alone = etree.fromstring(etree.tostring(element))
        if self._schema.validate(alone):
            return []
        return [error.message for error in self._schema.error_log]
