"""How outputs are merged into ``state``: what a key becomes, and whether it may.

A declared key may have an operator and a schema. The schema describes what ``state`` holds, so it is the merged
value that has to fit. All functions are pure and return fresh values; lists of ``state`` are never changed.
"""

from collections.abc import Callable, Mapping
from typing import Final

from runfox.spec.data_schema import DataSchema
from runfox.spec.equality import identity
from runfox.spec.model import Merge, StateKey
from runfox.values import MAX_INTEGER, Json, plain


class Unmergeable(ValueError):
    """An operator cannot take a value. The message names neither the key nor the step."""


def initial(spec_state: Mapping[str, StateKey]) -> dict[str, Json]:
    """Return what ``state`` is before any output: the defaults of the declared keys that have one."""
    return {name: plain(key.default) for name, key in spec_state.items() if key.has_default}


def merged(
    spec_state: Mapping[str, StateKey], state: Mapping[str, Json], output: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the keys of ``state`` that an output sets, with their values after merging.

    Keys that are not declared, or have no operator, take the latest value. Raises ``Unmergeable`` for what
    ``unfit`` tells of first.
    """
    changed = {}
    for name, value in output.items():
        key = spec_state.get(name)
        changed[name] = (
            value if key is None or key.merge is None else _joined(key, name, state, value)
        )
    return changed


def unfit(
    spec_state: Mapping[str, StateKey], state: Mapping[str, Json], output: Mapping[str, Json]
) -> str | None:
    """Return why an output cannot be merged, or None if it can be.

    It cannot be where an operator does not take the value, or the merged value does not fit the key's schema.
    """
    for name, value in output.items():
        key = spec_state.get(name)
        if key is None:
            continue
        try:
            problem = _misfit(key, name, state, value)
        except Unmergeable as reason:
            problem = str(reason)
        if problem is not None:
            return f"state {name!r}: {problem}"
    return None


def _misfit(key: StateKey, name: str, state: Mapping[str, Json], value: Json) -> str | None:
    after = value if key.merge is None else _joined(key, name, state, value)
    if key.schema is None:
        return None
    before = state.get(name)
    if key.merge in _LISTS and type(before) is list and before and _item_by_item(key.schema):
        # What was there fitted when it came, so that a long list is not judged again for each new item.
        after = after[len(before) :]
    return next(iter(key.schema.problems(after)), None)


_LISTS: Final = ("append", "union")
_OF_ITEMS: Final = {"type", "items", "title", "description", "default", "examples", "$comment"}


def _item_by_item(schema: DataSchema) -> bool:
    """Whether a list fits if each of its items does, as far as the keywords of its schema tell."""
    source = schema.source
    return type(source) is dict and source.keys() <= _OF_ITEMS


def _joined(key: StateKey, name: str, state: Mapping[str, Json], value: Json) -> Json:
    assert key.merge is not None
    if name in state:
        return _OPERATORS[key.merge](state[name], value)
    return _FIRST[key.merge](value)


# Operators: what was there, and what came -------------------------------------------------------------


def _number(value: Json) -> int | float:
    if type(value) is int or type(value) is float:
        return value
    raise Unmergeable(f"add takes numbers, not {_described(value)}")


def _added(before: Json, value: Json) -> int | float:
    total = _number(before) + _number(value)
    if type(total) is int and not -MAX_INTEGER <= total < MAX_INTEGER:
        raise Unmergeable("the sum is an integer beyond 64 bits")
    if total - total != 0:
        raise Unmergeable("the sum is beyond what a number can hold")
    return total


def _listed(before: Json, operator: str) -> list[Json]:
    if type(before) is list:
        return before
    raise Unmergeable(f"{operator} takes a list to add to, not {_described(before)}")


def _appended(before: Json, value: Json) -> list[Json]:
    return [*_listed(before, "append"), value]


def _united(before: Json, value: Json) -> list[Json]:
    """Return what was there, and of the new items those that were not, each once."""
    items = list(_listed(before, "union"))
    known = {identity(item) for item in items}
    for item in value if type(value) is list else (value,):
        same = identity(item)
        if same not in known:
            known.add(same)
            items.append(item)
    return items


def _greater(before: Json, value: Json) -> Json:
    return value if _before(before, value, "max") else before


def _lesser(before: Json, value: Json) -> Json:
    return value if _before(value, before, "min") else before


def _before(a: Json, b: Json, operator: str) -> bool:
    """Return whether ``a`` is less than ``b``: two numbers, or two texts."""
    one, other = _ordered(a, operator), _ordered(b, operator)
    if (type(one) is str) is not (type(other) is str):
        raise Unmergeable(f"{operator} cannot compare {_described(a)} and {_described(b)}")
    result: bool = one < other
    return result


def _ordered(value: Json, operator: str) -> Json:
    if type(value) in (int, float, str):
        return value
    raise Unmergeable(f"{operator} takes numbers or texts, not {_described(value)}")


def _described(value: Json) -> str:
    if value is None:
        return "null"
    return _WORDS.get(type(value), "a mapping")


_WORDS: Final = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
}

_OPERATORS: Final[dict[Merge, Callable[[Json, Json], Json]]] = {
    "add": _added,
    "append": _appended,
    "union": _united,
    "max": _greater,
    "min": _lesser,
}

_FIRST: Final[dict[Merge, Callable[[Json], Json]]] = {
    "add": _number,
    "append": lambda value: [value],
    "union": lambda value: _united([], value),
    "max": lambda value: _ordered(value, "max"),
    "min": lambda value: _ordered(value, "min"),
}
