"""JSON values: what a payload may be, how large it is, and its one canonical text.

Everything that enters a record (inputs, outputs, state) is plain JSON: dicts with string keys, lists,
strings, finite numbers, booleans, None. Checking, measuring and copying are one walk, so what a caller
does to its own dict afterwards cannot reach into a record.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]
from math import isfinite
from typing import Any, NoReturn, TypeAlias

# JSON has no narrower type that Python's checkers can follow through recursion and views.
Json: TypeAlias = Any

MAX_DEPTH = 200
# Beyond 64 bits other JSON readers round silently, so such a number would change on its way.
MAX_INTEGER = 2**63

_sorted = JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False, sort_keys=True)


class NotJson(ValueError):
    """A value cannot be stored as JSON. ``path`` leads to the offending part, ``reason`` says why."""

    def __init__(self, path: tuple[str | int, ...], reason: str) -> None:
        place = "".join(f"[{part!r}]" for part in path)
        super().__init__(f"{place}: {reason}" if place else reason)
        self.path = path
        self.reason = reason


class TooBig(ValueError):
    """A value is larger than ``limit`` bytes of JSON."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes of JSON")
        self.limit = limit


def checked(value: Json, *, limit: int) -> Json:
    """Return a fresh copy of ``value`` that is certainly plain JSON of at most ``limit`` bytes.

    The size is counted as compact text with non-ASCII characters escaped, the form that stores keep,
    except that escapes inside strings count once; a value may therefore be a little over.
    Tuples are not lists here, and bool is not a number: what went in is what comes out after a store.

    Raises:
        NotJson: It holds something else: a set, bytes, NaN, a key that is no string, a cycle.
        TooBig: It is larger than ``limit``; the walk stops there, so 100 MB cost no more than the limit.
    """
    if type(value) is dict and len(value) < 9:
        short = _checked_short(value)
        if short is not None:
            return short
    copy, left = _walk(value, (), limit)
    if left < 0:
        raise TooBig(limit)
    return copy


def _checked_short(value: dict[Any, Any]) -> Json | None:
    """Return a copy of a small dict of small scalars, or None if it is anything else: the usual payload."""
    for key, item in value.items():
        kind = type(item)
        if type(key) is not str or len(key) > 100:
            return None
        if kind is str:
            if len(item) > 1000:
                return None
        elif kind is int:
            if not -MAX_INTEGER <= item < MAX_INTEGER:
                return None
        elif kind is float:
            if not isfinite(item):
                return None
        elif item is not None and kind is not bool:
            return None
    return value.copy()


def _walk(value: Json, path: tuple[str | int, ...], left: int) -> tuple[Json, int]:
    kind = type(value)
    if kind is str:
        return value, left - len(value) - 2
    if kind is int:
        if -MAX_INTEGER <= value < MAX_INTEGER:
            return value, left - 4
        raise NotJson(
            path, "an integer beyond 64 bits is rounded by other JSON readers; send it as a string"
        )
    if value is None or kind is bool:
        return value, left - 4
    if kind is float:
        if isfinite(value):
            return value, left - 8
        raise NotJson(path, f"{value} is no JSON number; send null or a string")
    if left < 0:
        return None, left
    if len(path) >= MAX_DEPTH:
        raise NotJson(path[:3], f"nested deeper than {MAX_DEPTH} levels, or it contains itself")
    if kind is dict:
        return _walk_dict(value, path, left)
    if kind is list:
        return _walk_list(value, path, left)
    raise NotJson(path, f"{kind.__name__} cannot be stored as JSON{_way_out(kind)}")


def _walk_dict(value: dict[Any, Any], path: tuple[str | int, ...], left: int) -> tuple[Json, int]:
    copy: dict[str, Json] = {}
    left -= 2
    for key, item in value.items():
        if type(key) is not str:
            raise NotJson(path, f"key {shown(key)} is no string")
        left -= len(key) + 4
        copy[key], left = _walk(item, (*path, key), left)
        if left < 0:
            return None, left
    return copy, left


def _walk_list(value: list[Any], path: tuple[str | int, ...], left: int) -> tuple[Json, int]:
    copy: list[Json] = []
    left -= 2
    for position, item in enumerate(value):
        part, left = _walk(item, (*path, position), left - 1)
        if left < 0:
            return None, left
        copy.append(part)
    return copy, left


def shown(value: object) -> str:
    """Return how a value is shown in a message. What somebody else's class says of itself is not asked for."""
    kind = type(value)
    if value is None or kind in (bool, float, str):
        return repr(value)
    if type(value) is int and -MAX_INTEGER <= value < MAX_INTEGER:
        return str(value)
    return f"of type {kind.__name__}"


def _way_out(kind: type) -> str:
    if issubclass(kind, set | frozenset | tuple):
        return "; return a list"
    if issubclass(kind, bytes | bytearray):
        return "; decode it, or store it elsewhere and return a reference"
    return "; return dicts, lists, strings, numbers, booleans or None"


_SMALL = (int, float, bool, type(None))


def size(value: Json) -> int:
    """Return about how many bytes of compact JSON a checked value takes, counted as ``checked`` does."""
    kind = type(value)
    if kind is str:
        return len(value) + 2
    total = 2
    if kind is dict:
        for key, item in value.items():
            total += len(key) + 4 + (8 if type(item) in _SMALL else size(item))
        return total
    if kind is list:
        for item in value:
            total += 9 if type(item) in _SMALL else 1 + size(item)
        return total
    return 8


def plain(value: Json) -> Json:
    """Return a fresh dict or list with the same content; scalars are returned as they are.

    Takes the read-only views that expressions see, too: whatever is a mapping or a sequence is copied out.
    """
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool or kind is float:
        return value
    if kind is dict:
        return {key: plain(item) for key, item in value.items()}
    if kind is list:
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in value}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    return value


def text(value: Json) -> str:
    """Return compact JSON in ASCII, which every database and log takes as it is."""
    return _compact(value)


def _encoder() -> Callable[[Json], str]:
    """Return an encoder that is set up once: doing so takes ten times as long as a small payload does."""
    if c_make_encoder is None:  # a Python without the C accelerator
        return JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
    encode = c_make_encoder(
        None, _no_default, encode_basestring_ascii, None, ":", ",", False, False, False
    )
    return lambda value: "".join(encode(value, 0))


def _no_default(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} is no JSON")


_compact = _encoder()


def canonical(value: Json) -> str:
    """Return compact JSON with sorted keys: equal values have equal text."""
    return _sorted.encode(value)


def digest(value: Json) -> str:
    """Return the first 32 hex digits of the SHA-256 of the canonical text."""
    return sha256(canonical(value).encode()).hexdigest()[:32]


def parse(source: str | bytes) -> Json:
    """Read strict JSON: no NaN, no duplicate keys. Raises ``ValueError`` that says where."""
    try:
        return _strict.decode(source.decode() if isinstance(source, bytes) else source)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} column {error.colno}: {error.msg}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _refuse_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"duplicate key {key!r}")
            seen.add(key)
    return result


_strict = JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates)
