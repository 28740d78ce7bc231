"""Defaults of a JSON Schema, filled into a value."""

from runfox.spec.subschemas import References
from runfox.values import Json, plain

MAX_LOOKS = 500_000
"""How many pairs of a value and a schema are looked at, before the value is left as it is."""


class _TooMany(Exception):
    pass


def filled(source: Json, references: References, value: Json) -> Json:
    """Return the value with the defaults of absent properties filled in, at any depth.

    Goes through ``properties``, ``items``, ``prefixItems``, ``allOf`` and ``$ref``. What may or may not hold
    (``anyOf``, ``oneOf``, ``if``) fills in nothing. The first default found counts. The argument is not changed.
    """
    copy = plain(value)
    try:
        _Filling(references).fill(source, copy, frozenset())
    except (RecursionError, _TooMany):
        # Judging the value comes to the same end, and says so.
        return plain(value)
    return copy


class _Filling:
    """One walk of a value and its schema together; it changes the copy that it was given."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._left = MAX_LOOKS

    def fill(self, schema: Json, value: Json, above: frozenset[str]) -> None:
        """Fill in one value. ``above`` are the references that led here without a step into the value."""
        self._left -= 1
        if self._left < 0:
            raise _TooMany
        if type(schema) is not dict or type(value) not in (dict, list):
            return
        if type(value) is dict:
            self._fill_properties(schema.get("properties", {}), value)
        else:
            self._fill_items(schema, value)
        for part in schema.get("allOf", ()):
            self.fill(part, value, above)
        reference = schema.get("$ref")
        if reference is not None and reference not in above:
            self.fill(self._references[reference], value, above | {reference})

    def _fill_properties(self, properties: dict[str, Json], value: dict[str, Json]) -> None:
        for name, schema in properties.items():
            if name not in value:
                found = self._default(schema, frozenset())
                if not found:
                    continue
                value[name] = plain(found[0])
            self.fill(schema, value[name], frozenset())

    def _fill_items(self, schema: dict[str, Json], value: list[Json]) -> None:
        first = schema.get("prefixItems", ())
        for part, item in zip(first, value, strict=False):
            self.fill(part, item, frozenset())
        if "items" in schema:
            for item in value[len(first) :]:
                self.fill(schema["items"], item, frozenset())

    def _default(self, schema: Json, above: frozenset[str]) -> tuple[Json] | None:
        """Return the default of a schema, or of one that it consists of; in a tuple, since null is one too."""
        self._left -= 1
        if self._left < 0:
            raise _TooMany
        if type(schema) is not dict:
            return None
        if "default" in schema:
            return (schema["default"],)
        for part in schema.get("allOf", ()):
            found = self._default(part, above)
            if found:
                return found
        reference = schema.get("$ref")
        if reference is None or reference in above:
            return None
        return self._default(self._references[reference], above | {reference})
