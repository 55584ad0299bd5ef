"""How to call every route of the API with another agency's ids, drawn from its OpenAPI document.

A parameter or field that `known_names` does not hold makes its route unknown, which fails the walk:
whoever adds one says here whose record it names, or that it names none.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.app.web_api.access.known_names import (
    BODIES,
    FIELDS,
    LIVE,
    NOT_CALLED,
    OF_NOBODY,
    OF_RECORDS,
    RAW,
    STRETCH,
    WORDS,
)

Schema = Mapping[str, Any]


class UnknownRoute(Exception):
    """The walk does not know how to call a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCall:
    """One request. `is_foreign`: an id in its path is another's."""

    method: str
    path: str
    is_foreign: bool
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Ids by the names of paths and fields: another agency's, and one's own."""

    foreign: Mapping[str, Any]
    own: Mapping[str, Any]
    kinds: Mapping[str, tuple[str, str]]
    """Of each kind of the registry an entry: another's, and one's own."""

    def words(self) -> dict[str, str]:
        """All of them as words of a text: `camera`, and `own_camera_id`."""
        own = {f"own_{name}": str(one) for name, one in self.own.items()}
        return {name: str(one) for name, one in self.foreign.items()} | own


class KnownRoutes:
    """The calls of every route of an OpenAPI document."""

    def __init__(self, document: Schema, prefix: str, ids: Ids) -> None:
        self._schemas = document["components"]["schemas"]
        self._paths = document["paths"]
        self._prefix = prefix
        self._ids = ids

    def routes(self) -> list[tuple[str, str]]:
        """Every method and path."""
        return [(method.upper(), path) for path, ways in self._paths.items() for method in ways]

    def calls(self, method: str, path: str) -> list[RouteCall]:
        """The calls of one route; none of one that is not called, for a reason.

        Raises `UnknownRoute`.
        """
        path = path.replace("{path:path}", "{path}")
        short = path.removeprefix(self._prefix)
        if (method, short) in NOT_CALLED:
            return []
        operation = self._paths[path][method.lower()]
        given = operation.get("parameters", ())
        in_path = [one["name"] for one in given if one["in"] == "path"]
        in_query = {one["name"]: one for one in given if one["in"] == "query"}
        self._check_names(method, path, operation, in_path, in_query)
        bodies = list(self._bodies(method, short, operation))
        queries = list(self._queries(in_query))
        calls = []
        for address, is_foreign in self._addresses(path, in_path):
            for query, (body, raw, form) in itertools.product(queries, bodies):
                asked = {**query, **({"format": form} if form else {})}
                calls.append(
                    RouteCall(
                        method=method, path=address, is_foreign=is_foreign, query=asked, body=body,
                        raw=raw,
                    )
                )  # fmt: skip
        return calls

    def _check_names(
        self, method: str, path: str, operation: Schema, in_path: list[str], in_query: Schema
    ) -> None:
        known = OF_RECORDS | OF_NOBODY.keys() | {"kind"}
        unknown = [name for name in in_path if name not in known]
        texts = {name for name, one in in_query.items() if self._holds_text(one["schema"])}
        for content in operation.get("requestBody", {}).get("content", {}).values():
            texts |= set(self._texts(content["schema"]))
        unknown += sorted(texts - FIELDS - WORDS.keys())
        if "requestBody" not in operation and (method, path.removeprefix(self._prefix)) in RAW:
            unknown = [one for one in unknown if one != "format"]
        if unknown:
            raise UnknownRoute(f"{method} {path}: whose are {', '.join(unknown)}?")

    def _addresses(self, path: str, names: list[str]) -> Iterator[tuple[str, bool]]:
        """The path with ids of others, and with one's own."""
        kinds = list(self._ids.kinds.items()) if "kind" in names else [("", ("", ""))]
        for kind, (foreign, own) in kinds:
            for whose, entry, is_foreign in (
                (self._ids.foreign, foreign, True),
                (self._ids.own, own, False),
            ):
                values = {**OF_NOBODY, **whose, "kind": kind}
                values |= {"entry_id": entry} if kind else {}
                if is_foreign and not OF_RECORDS.intersection(names):
                    continue
                if not is_foreign and path.endswith(LIVE):
                    continue
                if all(name in values for name in names):
                    filled = path
                    for name in names:
                        filled = filled.replace(f"{{{name}}}", str(values[name]))
                    yield filled, is_foreign

    def _queries(self, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Only what is needed, then each id of another, then each switch."""
        needed = {
            name: self._query_value(name, one) for name, one in given.items() if one.get("required")
        }
        needed |= STRETCH if STRETCH.keys() <= given.keys() else {}
        needed = {name: value for name, value in needed.items() if value is not None}
        yield needed
        for name in given:
            if name in FIELDS and name not in needed:
                yield needed | {name: self._ids.foreign.get(name, "nobody")}
            elif name == "dry_run":
                yield needed | {name: "true"}

    def _query_value(self, name: str, one: Schema) -> Any:
        if name in WORDS:
            return WORDS[name]
        if name in FIELDS:
            return self._ids.foreign.get(name, "nobody")
        return self._sample(one["schema"], name)

    def _bodies(
        self, method: str, path: str, operation: Schema
    ) -> Iterator[tuple[Any, str | None, str | None]]:
        if (method, path) in RAW:
            for form, text in RAW[method, path]:
                yield None, text.format_map(self._ids.words()), form
            return
        if (method, path) in BODIES:
            for body in BODIES[method, path]:
                yield _filled(body, self._ids.words()), None, None
            return
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            yield None, None, None
            return
        for schema in self._alternatives(content["application/json"]["schema"]):
            yield self._sample(schema, "body"), None, None

    def _alternatives(self, schema: Schema) -> list[Schema]:
        return list(schema.get("oneOf", [schema]))

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _sample(self, schema: Schema, name: str) -> Any:
        """A value that the schema takes; of a field that names a record, another's."""
        if name in FIELDS and name in self._ids.foreign:
            return self._shaped(schema, self._ids.foreign[name])
        schema = self._resolved(schema)
        if name in WORDS and "enum" not in schema:
            return WORDS[name]
        choices = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, ())]
        if choices:
            return self._sample(choices[0], name)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        return self._of_type(schema, name)

    def _of_type(self, schema: Schema, name: str) -> Any:
        match schema.get("type"):
            case "object":
                fields = schema.get("properties", {})
                wanted = {*schema.get("required", ()), *(FIELDS & fields.keys())}
                made = {one: self._sample(fields[one], one) for one in fields if one in wanted}
                return made | (STRETCH if STRETCH.keys() <= fields.keys() else {})
            case "array":
                return [self._sample(schema["items"], name)]
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return True
        return "x"

    def _shaped(self, schema: Schema, value: Any) -> Any:
        """A list where the field takes one."""
        options = [self._resolved(one) for one in schema.get("anyOf", [schema])]
        is_list = any(one.get("type") == "array" for one in options)
        return [value] if is_list and not isinstance(value, list) else value

    def _texts(self, schema: Schema, name: str = "", seen: frozenset[str] = frozenset()) -> Any:
        """The names of all fields that hold text, or a table of any form."""
        if "$ref" in schema:
            named = schema["$ref"]
            if named not in seen:
                yield from self._texts(self._resolved(schema), name, seen | {named})
            return
        for choice in ("anyOf", "oneOf", "allOf"):
            for one in schema.get(choice, ()):
                yield from self._texts(one, name, seen)
        if "items" in schema:
            yield from self._texts(schema["items"], name, seen)
        for key, one in schema.get("properties", {}).items():
            yield from self._texts(one, key, seen)
        if name and self._holds_text(schema):
            yield name

    def _holds_text(self, schema: Schema) -> bool:
        schema = self._resolved(schema)
        if any(self._holds_text(one) for one in schema.get("anyOf", ())):
            return True
        if schema.get("type") == "array":
            return any(self._holds_text(one) for one in _parts(schema))
        return schema.get("type") == "string" and "enum" not in schema and "const" not in schema


def _parts(schema: Schema) -> list[Schema]:
    """What an array holds: any number of one form, or one of each."""
    return [schema["items"]] if "items" in schema else list(schema["prefixItems"])


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """The same with its words put in."""
    if isinstance(value, dict):
        return {key: _filled(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return value.format_map(words) if isinstance(value, str) else value
