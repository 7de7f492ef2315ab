"""What a vendor has written down of its interface, and whether a request and its answer keep to it.

The documents lie beside the project; where they are missing, nothing is checked, and whoever asks
for them is told so (`contract` returns None).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

FOLDER = Path(__file__).parents[2].parent / "shared" / "contracts"
Json = Any
_METHODS = {"get", "put", "post", "patch", "delete"}
_FORMATS = FormatChecker(())
_INSTANT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
    r"([Zz]|[+-]\d\d:\d\d)?"
)


@_FORMATS.checks("date-time")
def _instant(value: object) -> bool:
    return not isinstance(value, str) or _INSTANT.fullmatch(value) is not None


@_FORMATS.checks("date")
def _date(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


@_FORMATS.checks("byte")
def _byte(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[A-Za-z0-9+/_-]*=*", value) is not None


class Contract:
    """One document in the form of OpenAPI 3.

    Args:
        document: the paths and the schemas.
        strict: a field that the document does not name is a violation, also where the document
            leaves room for such.
    """

    def __init__(self, document: Mapping[str, Json], *, strict: bool = False) -> None:
        self._components = _tidy(document["components"], strict)
        self._validators: dict[str, Draft202012Validator] = {}
        self._paths = sorted(
            (
                (path.count("{"), re.compile(_pattern(path)), item)
                for path, item in document["paths"].items()
            ),
            key=lambda each: each[0],
        )
        self._strict = strict

    def request(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | Json | None = None,
    ) -> list[str]:
        """What is wrong with a request; `path` is below the server's base, still in percent."""
        operation, common = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: there is no such call"]
        found = [*self._query(query, [*common, *operation.get("parameters", ())])]
        said = self._resolved(operation.get("requestBody", {}))
        schema = _json_schema(said)
        if schema is None:
            if body:
                found.append("it takes no body")
        elif body:
            found += self._value(schema, body)
        elif said.get("required"):
            found.append("the body is missing")
        return [f"{method} {path}: {each}" for each in found]

    def answer(
        self, method: str, path: str, status: int, body: bytes | Json | None = None
    ) -> list[str]:
        """What is wrong with an answer; any status of success stands for the one documented."""
        operation, _ = self._operation(method, path)
        if operation is None:
            return []  # the request was told off already
        answers = operation["responses"]
        key = next(
            (key for key in (str(status), f"{status // 100}XX", "default") if key in answers),
            next((key for key in answers if status < 300 and key.startswith("2")), None),
        )
        if key is None or status == 304:
            return []  # a refusal that the document does not describe
        schema = _json_schema(self._resolved(answers[key]))
        found = self._value(schema, body) if schema is not None and body else []
        return [f"{method} {path} answered {status}: {each}" for each in found]

    def unknown(self, schema: str, tree: Mapping[str, Json]) -> list[str]:
        """Names in a tree of fields that the schema of that name does not have."""
        return list(self._unknown({"$ref": f"#/components/schemas/{schema}"}, tree))

    def _unknown(self, schema: Json, tree: Mapping[str, Json]) -> Iterator[str]:
        schema = self._resolved(schema)
        schema = self._resolved(schema.get("items", schema))
        for name, inside in tree.items():
            if name in schema.get("properties", {}):
                yield from self._unknown(schema["properties"][name], inside)
            else:
                yield name

    def _operation(self, method: str, path: str) -> tuple[Json | None, list[Json]]:
        for _, pattern, item in self._paths:
            if pattern.fullmatch(path) and method.lower() in item:
                return item[method.lower()], item.get("parameters", [])
        return None, []

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            kind, name = node["$ref"].removeprefix("#/components/").split("/", 1)
            node = self._components[kind][name]
        return node

    def _query(self, query: Iterable[tuple[str, str]], parameters: Iterable[Json]) -> list[str]:
        known = {
            each["name"]: each
            for each in map(self._resolved, parameters)
            if each.get("in") == "query"
        }
        found = [
            f"the parameter {name} is missing"
            for name, each in known.items()
            if each.get("required") and name not in dict(query)
        ]
        for name, text in query:
            if name not in known:
                found.append(f"there is no parameter {name}")
                continue
            schema = known[name].get("schema", {})
            values = [text]
            if schema.get("type") == "array":
                values = text.split(",") if known[name].get("explode") is False else [text]
                schema = schema.get("items", {})
            for value in values:
                found += [f"{name}: {each}" for each in self._value(schema, _read(value, schema))]
        return found

    def _value(self, schema: Json, value: bytes | Json) -> list[str]:
        if isinstance(value, bytes):
            try:
                value = json.loads(value)
            except ValueError:
                return ["what is sent is no JSON"]
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**_tidy(schema, self._strict), "components": self._components}
            self._validators[key] = Draft202012Validator(whole, format_checker=_FORMATS)
        return [
            f"{each.json_path}: {each.message[:300]}"
            for each in self._validators[key].iter_errors(value)
        ]


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))


def _json_schema(node: Json) -> Json | None:
    for kind, content in node.get("content", {}).items():
        if "json" in kind or kind == "*/*":
            return content.get("schema", {})
    return None


def _read(text: str, schema: Json) -> Json:
    """A parameter's text as the kind of value that it should be."""
    if schema.get("type") in ("integer", "number", "boolean"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _tidy(node: Json, strict: bool) -> Json:
    """The same in the words of JSON Schema: `nullable` is OpenAPI's own."""
    if isinstance(node, list):
        return [_tidy(each, strict) for each in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(each, strict) for key, each in node.items()}
    if strict and isinstance(node.get("properties"), dict) and node.get("type") == "object":
        tidy.setdefault("additionalProperties", False)
    if tidy.pop("nullable", None) is True:
        return {"anyOf": [tidy, {"type": "null"}]}
    return tidy


def discovered(document: Mapping[str, Json]) -> dict[str, Json]:
    """A discovery document of Google's in the form of OpenAPI 3."""
    schemas = {name: _schema(each) for name, each in document["schemas"].items()}
    common = [_parameter(name, each) for name, each in document["parameters"].items()]
    paths: dict[str, Json] = {}

    def walk(resource: Mapping[str, Json]) -> None:
        for each in resource.get("methods", {}).values():
            # `{+name}` may hold slashes; nothing that is asked for here does.
            path = "/" + (each.get("flatPath") or each["path"]).lstrip("/")
            operation: dict[str, Json] = {
                "parameters": [
                    *common,
                    *(_parameter(name, one) for name, one in each.get("parameters", {}).items()),
                ],
                "responses": {"200": _content(each.get("response"))},
            }
            if "request" in each:
                operation["requestBody"] = {"required": True, **_content(each["request"])}
            paths.setdefault(path, {})[each["httpMethod"].lower()] = operation
        for one in resource.get("resources", {}).values():
            walk(one)

    walk(document)
    return {"paths": paths, "components": {"schemas": schemas}}


def _content(reference: Mapping[str, str] | None) -> dict[str, Json]:
    if reference is None:
        return {}
    schema = {"$ref": f"#/components/schemas/{reference['$ref']}"}
    return {"content": {"application/json": {"schema": schema}}}


def _parameter(name: str, said: Mapping[str, Json]) -> dict[str, Json]:
    schema = _schema({key: said[key] for key in ("type", "enum", "format") if key in said})
    return {
        "name": name,
        "in": said["location"],
        "required": said.get("required", False),
        "schema": {"type": "array", "items": schema} if said.get("repeated") else schema,
    }


def _schema(said: Mapping[str, Json]) -> dict[str, Json]:
    if "$ref" in said:
        return {"$ref": f"#/components/schemas/{said['$ref']}"}
    made: dict[str, Json] = {}
    for key, value in said.items():
        if key == "properties":
            made[key] = {name: _schema(each) for name, each in value.items()}
        elif key in ("items", "additionalProperties"):
            made[key] = _schema(value)
        elif key in ("enum", "format") or (key == "type" and value != "any"):
            made[key] = value
    return made


def contract(name: str, *, strict: bool = False) -> Contract | None:
    """The contract in a file below `../shared/contracts`; None where it is missing."""
    path = FOLDER / name
    return _contract(path, strict) if path.is_file() else None


@cache
def _contract(path: Path, strict: bool) -> Contract:
    document = json.loads(path.read_bytes())
    return Contract(discovered(document) if "rootUrl" in document else document, strict=strict)
