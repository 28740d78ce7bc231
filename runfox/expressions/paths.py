"""``var`` paths: ``a.b.0``, split once, then looked up without a copy of anything.

A path names keys of mappings and positions of lists, from 0; a negative position is not there.
Views (any Mapping or Sequence) are asked with plain ``view[key]``.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from runfox.expressions.coercion import is_list, text
from runfox.expressions.limits import Meter
from runfox.expressions.model import Path, Run
from runfox.values import Json


class _Missing:
    """Not there, as opposed to there and null."""


MISSING: Final = _Missing()


def path_text(value: Json) -> str | None:
    """The path that a value spells: ``1.1`` is ``"1.1"``, null the whole scope; else None."""
    if type(value) is str:
        return value
    return text(value, None) if value is None or type(value) in {int, float, bool} else None


def split(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def is_position(segment: str) -> bool:
    return segment.isdecimal() and segment.isascii() and (segment[0] != "0" or segment == "0")


def child(value: Json, segment: str | int) -> Json:
    """Return one child, or MISSING. An int is a position and means nothing to a mapping."""
    if type(value) is dict or isinstance(value, Mapping):
        if type(segment) is int:
            return MISSING
        try:
            return value[segment]
        except KeyError:
            return MISSING
    if not is_list(value):
        return MISSING
    if type(segment) is str:
        if not is_position(segment) or len(segment) > 9:
            return MISSING
        segment = int(segment)
    return value[segment] if segment < len(value) else MISSING  # type: ignore[operator]


def find(value: Json, path: Path) -> Json:
    """Return what a path leads to, or MISSING."""
    for segment in path:
        value = child(value, segment)
        if value is MISSING:
            return MISSING
    return value


class Read(Protocol):
    """A ``Run`` that is as well called with the data alone."""

    def __call__(self, scope: Json, meter: Meter | None = None, /) -> Json: ...


def lookup(path: tuple[str, ...], default: Run | None) -> Read:
    """Return the closure that reads ``path``; ``default`` answers where nothing is there."""
    if not path:
        return lambda scope, _meter=None: scope
    if any(map(is_position, path)):
        return _read_any(path, default)
    return _READERS.get(len(path), _read_deep)(path, default)


def _look(path: tuple[str, ...], default: Run | None, scope: Json, meter: Meter | None) -> Json:
    value = find(scope, path)
    if value is not MISSING:
        return value
    return None if default is None else default(scope, meter)


def _read_any(path: tuple[str, ...], default: Run | None) -> Read:
    return lambda scope, meter=None: _look(path, default, scope, meter)


# Plain subscription is tried first: with mappings all the way it is the whole answer, and the
# shortest code for it has one subscript per key.
_NOT_SO = (LookupError, TypeError)


def _read_1(path: tuple[str, ...], default: Run | None) -> Read:
    (a,) = path

    def run(scope: Json, meter: Meter | None = None) -> Json:
        try:
            return scope[a]
        except _NOT_SO:
            return _look(path, default, scope, meter)

    return run


def _read_2(path: tuple[str, ...], default: Run | None) -> Read:
    a, b = path

    def run(scope: Json, meter: Meter | None = None) -> Json:
        try:
            return scope[a][b]
        except _NOT_SO:
            return _look(path, default, scope, meter)

    return run


def _read_3(path: tuple[str, ...], default: Run | None) -> Read:
    a, b, c = path

    def run(scope: Json, meter: Meter | None = None) -> Json:
        try:
            return scope[a][b][c]
        except _NOT_SO:
            return _look(path, default, scope, meter)

    return run


def _read_4(path: tuple[str, ...], default: Run | None) -> Read:
    a, b, c, d = path

    def run(scope: Json, meter: Meter | None = None) -> Json:
        try:
            return scope[a][b][c][d]
        except _NOT_SO:
            return _look(path, default, scope, meter)

    return run


def _read_deep(path: tuple[str, ...], default: Run | None) -> Read:
    def run(scope: Json, meter: Meter | None = None) -> Json:
        try:
            value = scope
            for segment in path:
                value = value[segment]
        except _NOT_SO:
            return _look(path, default, scope, meter)
        return value

    return run


_READERS: Final = {1: _read_1, 2: _read_2, 3: _read_3, 4: _read_4}
