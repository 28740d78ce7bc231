"""Where schemas stand inside a JSON Schema (draft 2020-12), and what its references lead to."""

from collections.abc import Iterator
from typing import Final, TypeAlias
from urllib.parse import unquote

from runfox.values import Json

Path: TypeAlias = tuple[str | int, ...]

ONE: Final = (
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
LISTED: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED: Final = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")


def subschemas(source: Json) -> Iterator[tuple[Path, Json]]:
    """Give each schema inside a schema, with its path: itself first, and those above before those below."""
    waiting: list[tuple[Path, Json]] = [((), source)]
    while waiting:
        path, schema = waiting.pop()
        yield path, schema
        if type(schema) is dict:
            waiting += reversed([((*path, *way), below) for way, below in _below(schema)])


def _below(schema: dict[str, Json]) -> Iterator[tuple[Path, Json]]:
    for keyword, value in schema.items():
        if keyword in ONE:
            yield (keyword,), value
        elif keyword in LISTED and type(value) is list:
            for position, item in enumerate(value):
                yield (keyword, position), item
        elif keyword in NAMED and type(value) is dict:
            for name, item in value.items():
                yield (keyword, name), item


class References:
    """The schemas of a schema, by the text of a reference: ``#``, ``#/$defs/size``, ``#anchor``."""

    def __init__(self, source: Json) -> None:
        self._found: dict[str, Json] = {}
        for path, schema in subschemas(source):
            self._found["#" + "".join(f"/{_escaped(part)}" for part in path)] = schema
            if type(schema) is dict:
                for keyword in ("$anchor", "$dynamicAnchor"):
                    if keyword in schema:
                        self._found[f"#{schema[keyword]}"] = schema

    def __contains__(self, reference: str) -> bool:
        return unquote(reference) in self._found

    def __getitem__(self, reference: str) -> Json:
        return self._found[unquote(reference)]

    def names(self) -> list[str]:
        """Return the references that an author may mean, the shortest first."""
        return sorted(self._found, key=len)


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
