"""The short way to say that a JSON Schema has the right shape, which nearly all have.

The standard's own schema of schemas takes a millisecond and a half for each, and its library a sixth of a second
to import. What is not plainly right is left to that, which finds the place and the words.
"""

import re
from collections.abc import Callable
from typing import Final

from runfox.spec.subschemas import LISTED, NAMED, ONE, subschemas
from runfox.values import Json

_DEEP: Final = 100
_REFERENCE: Final = re.compile(r"#[A-Za-z0-9_/$.-]*")


def plainly_right(source: Json) -> bool:
    """Return whether a schema is certainly of the right shape; False says nothing."""
    return all(len(path) <= _DEEP and _right(schema) for path, schema in subschemas(source))


def plain_default(schema: dict[str, Json]) -> bool:
    """Return whether the default of a schema certainly fits it; False says nothing."""
    name = schema.get("type")
    return (
        schema.keys() <= {"type", "default", "title", "description"}
        and type(name) is str
        and type(schema["default"]) in _KINDS[name]
    )


_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
TYPES: Final = frozenset(_KINDS)


def _right(schema: Json) -> bool:
    if type(schema) is bool:
        return True
    if type(schema) is not dict:
        return False
    for keyword, value in schema.items():
        right = _RIGHT.get(keyword)
        if right is None or not right(value):
            return False
    return True


def _anything(_value: Json) -> bool:
    return True


def _text(value: Json) -> bool:
    return type(value) is str


def _yes_or_no(value: Json) -> bool:
    return type(value) is bool


def _list(value: Json) -> bool:
    return type(value) is list


def _some(value: Json) -> bool:
    return type(value) is list and bool(value)


def _mapping(value: Json) -> bool:
    return type(value) is dict


def _number(value: Json) -> bool:
    return type(value) is int or type(value) is float


def _positive(value: Json) -> bool:
    return _number(value) and value > 0


def _count(value: Json) -> bool:
    return type(value) is int and value >= 0


def _type(value: Json) -> bool:
    if type(value) is str:
        return value in TYPES
    return _some(value) and _names(value) and TYPES.issuperset(value)


def _names(value: Json) -> bool:
    return (
        type(value) is list
        and all(type(name) is str for name in value)
        and len(set(value)) == len(value)
    )


def _reference(value: Json) -> bool:
    return type(value) is str and _REFERENCE.fullmatch(value) is not None


_RIGHT: Final[dict[str, Callable[[Json], bool]]] = {
    # Schemas below are looked at by themselves.
    **dict.fromkeys(ONE, _anything),
    **dict.fromkeys(LISTED, _some),
    **dict.fromkeys(NAMED, _mapping),
    **dict.fromkeys(("const", "default"), _anything),
    **dict.fromkeys(("title", "description", "format", "pattern", "$comment"), _text),
    **dict.fromkeys(("deprecated", "readOnly", "writeOnly", "uniqueItems"), _yes_or_no),
    **dict.fromkeys(("enum", "examples"), _list),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _count
    ),
    "multipleOf": _positive,
    "required": _names,
    "type": _type,
    "$ref": _reference,
}
