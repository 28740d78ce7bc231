"""JSON Schemas (draft 2020-12) of a workflow: of inputs, outputs, state and signals.

What a value may cost is bounded: a schema may be written by somebody who is not trusted, and a value may be as
hostile as the executor that returned it. ``format`` is not asserted.
"""

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from runfox.errors import MissingExtra, did_you_mean
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.spec.subschemas import References

MAX_TOLD: Final = 5
"""How many violations one refusal names."""
MAX_MESSAGE: Final = 200
"""How many characters of one violation are told."""
MAX_WORK: Final = 500_000
"""How many keywords are applied in judging one value; matching a long text counts for more than one."""
MAX_NESTED: Final = 100
"""How many keywords apply inside each other: about 50 levels of a schema that contains itself."""

Path: TypeAlias = tuple[str | int, ...]
Rule: TypeAlias = Callable[[Any, Any, Any, Any], Iterable[Any] | None]


class DataSchema:
    """A JSON Schema that was checked. Needs the extra ``schema`` when it is first used, not to be made."""

    def __init__(self, source: Json) -> None:
        self.source = source

    def problems(self, value: Json) -> list[str]:
        """Return what is wrong with a value, each as ``place: reason``; empty if it fits.

        Places are JSON paths (``$.items[2].price``). At most ``MAX_TOLD`` are told. A value that is too large
        or too deep to be judged does not fit. Raises ``MissingExtra``.
        """
        if self.source is True or self.source == {}:
            return []
        return _problems(self._validator, value)

    def filled(self, value: Json) -> Json:
        """Return a copy of the value with the defaults of absent properties filled in, at any depth.

        Goes through ``properties``, ``items``, ``prefixItems``, ``allOf`` and ``$ref``; not through what may or
        may not hold. What does not fit stays as it is, for ``problems`` to tell.
        """
        from runfox.spec.defaults import filled

        return filled(self.source, self._references, value)

    def problems_at(self, schema: Json, value: Json) -> list[str]:
        """Return what is wrong with a value, filled in, for a schema that stands inside this one."""
        from runfox.spec.defaults import filled

        return _problems(
            self._validator.evolve(schema=schema), filled(schema, self._references, value)
        )

    @cached_property
    def _validator(self) -> Any:
        return _validator(self.source)

    @cached_property
    def _references(self) -> "References":
        from runfox.spec.subschemas import References

        return References(self.source)


# Judging a value --------------------------------------------------------------------------------------


class _TooMuch(Exception):
    """A value takes too long to judge, or is nested too deeply. The message says which."""


class _Work:
    """What the judging of one value has cost so far."""

    __slots__ = ("deep", "left")

    def __init__(self) -> None:
        self.left = MAX_WORK
        self.deep = 0

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise _TooMuch("too large to be judged by its schema")


_work: ContextVar[_Work] = ContextVar("_work")


def _problems(validator: Any, value: Json) -> list[str]:
    before = _work.set(_Work())
    try:
        errors = islice(validator.iter_errors(value), MAX_TOLD)
        return [f"{error.json_path}: {_told(error)}" for error in errors]
    except _TooMuch as reason:
        return [f"$: {reason}"]
    except RecursionError:
        return ["$: nested too deeply to be judged by its schema"]
    finally:
        _work.reset(before)


def _told(error: Any) -> str:
    text: str = error.message
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 3]}..."


def _validator(source: Json) -> Any:
    from referencing import Registry

    # An empty registry: nothing is ever looked up outside the schema.
    return _dialect()(source, registry=Registry())


@lru_cache(maxsize=1)
def _dialect() -> Any:
    """Return the class of validators whose every keyword is counted, and whose patterns cannot blow up."""
    library = _library()
    rules: dict[str, Rule] = {**library.Draft202012Validator.VALIDATORS}
    rules |= {
        "additionalProperties": _additional_properties,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique_items,
    }
    counted = {keyword: _counted(rule) for keyword, rule in rules.items()}
    return library.validators.extend(library.Draft202012Validator, counted)


def _library() -> Any:
    try:
        import jsonschema
    except ImportError:
        raise MissingExtra("a JSON Schema", "schema") from None
    return jsonschema


def _counted(rule: Rule) -> Rule:
    def apply(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
        work = _work.get()
        work.spend(1)
        if work.deep >= MAX_NESTED:
            raise _TooMuch("nested too deeply to be judged by its schema")
        work.deep += 1
        try:
            yield from rule(validator, wanted, value, schema) or ()
        finally:
            work.deep -= 1

    return apply


def _violation(message: str) -> Any:
    return _library().ValidationError(message)


def _matches(pattern: str, text: str) -> bool:
    from runfox.spec.patterns import compiled

    found, cost = compiled(pattern).search(text)
    _work.get().spend(cost)
    return found


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    if type(value) is str and not _matches(pattern, value):
        yield _violation(f"{value!r:.80} does not match the pattern {pattern!r:.80}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Json], value: Any, _schema: Any
) -> Iterator[Any]:
    if type(value) is dict:
        for pattern, schema in patterns.items():
            for name, item in value.items():
                if _matches(pattern, name):
                    yield from validator.descend(item, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Json, value: Any, schema: Any) -> Iterator[Any]:
    if type(value) is not dict:
        return
    known = schema.get("properties", ())
    patterns = schema.get("patternProperties", ())
    for name, item in value.items():
        if name in known or any(_matches(pattern, name) for pattern in patterns):
            continue
        if allowed is False:
            hint = f". {did_you_mean(name, known)}" if known else ""
            yield _violation(f"unknown property {name!r:.80}{hint}")
        else:
            yield from validator.descend(item, allowed, path=name)


def _unique_items(_validator: Any, wanted: Json, value: Any, _schema: Any) -> Iterator[Any]:
    from runfox.spec.equality import identity

    if wanted and type(value) is list:
        first: dict[object, int] = {}
        for position, item in enumerate(value):
            before = first.setdefault(identity(item), position)
            if before != position:
                yield _violation(f"items {before} and {position} are equal")


# Checking a schema ------------------------------------------------------------------------------------

_MOST: Final = 100
"""How many mistakes of one schema are told."""


def check(source: Json) -> list[tuple[Path, str]]:
    """Return what is wrong with a schema, each with the path inside it; empty if it can be used.

    Its shape; references that lead elsewhere or nowhere; patterns that cannot be used; defaults that do not fit.
    Raises ``MissingExtra``.
    """
    from runfox.spec.schema_rules import unusable
    from runfox.spec.schema_shape import plainly_right

    if type(source) is bool:
        return []
    if not _installed():
        raise MissingExtra("a JSON Schema", "schema")  # sooner than when a value is judged
    found = [] if plainly_right(source) else list(_misshapen(source))
    found = found or list(islice(unusable(source), _MOST))
    # The standard tells one mistake by several of its rules.
    return list(dict.fromkeys(found or islice(_wrong_defaults(source), _MOST)))


@lru_cache(maxsize=1)
def _installed() -> bool:
    from importlib.util import find_spec

    return find_spec("jsonschema") is not None


def _misshapen(source: Json) -> Iterator[tuple[Path, str]]:
    dialect = _library().Draft202012Validator
    try:
        for error in islice(dialect(dialect.META_SCHEMA).iter_errors(source), _MOST):
            path = tuple(error.absolute_path)
            yield path, _wrong_type(path, error.instance) or _told(error)
    except RecursionError:
        yield (), "the schema is nested too deeply"


def _wrong_type(path: Path, name: Json) -> str | None:
    from runfox.spec.schema_shape import TYPES

    if path and path[-1] == "type" and type(name) is str:
        return f"no type {name!r:.80}. {did_you_mean(name, sorted(TYPES), label='Types')}"
    return None


def _wrong_defaults(source: Json) -> Iterator[tuple[Path, str]]:
    from runfox.spec.schema_shape import plain_default
    from runfox.spec.subschemas import subschemas

    whole = DataSchema(source)
    for path, schema in subschemas(source):
        if type(schema) is dict and "default" in schema and not plain_default(schema):
            for problem in whole.problems_at(schema, schema["default"]):
                yield (*path, "default"), f"the default does not fit its own schema: {problem}"
