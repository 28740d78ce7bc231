"""What a JSON Schema of a workflow may not hold, though the standard allows it: each with its reason."""

from collections.abc import Iterator

from runfox.errors import did_you_mean
from runfox.spec.patterns import PatternInvalid, compiled
from runfox.spec.subschemas import Path, References, subschemas
from runfox.values import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def unusable(source: Json) -> Iterator[tuple[Path, str]]:
    """Give what cannot be used in a schema of the right shape, with its path."""
    references = References(source)
    everywhere = list(subschemas(source))
    loosely = any(
        type(schema) is dict
        and not schema.keys().isdisjoint(("patternProperties", "dependentSchemas"))
        for _, schema in everywhere
    )
    for path, schema in everywhere:
        if type(schema) is dict:
            for keyword, message in (
                *_identities(path, schema),
                *_references(schema, references),
                *_unevaluated(schema, loosely=loosely),
            ):
                yield (*path, keyword), message
            yield from _patterns(path, schema)


def _identities(path: Path, schema: dict[str, Json]) -> Iterator[tuple[str, str]]:
    if path and "$id" in schema:
        yield "$id", "an $id inside a schema changes what '#' means in it; leave it out"
    if schema.get("$schema", DRAFT).rstrip("#") != DRAFT:
        yield "$schema", f"schemas are read as draft 2020-12; write {DRAFT}, or leave it out"


def _references(schema: dict[str, Json], known: References) -> Iterator[tuple[str, str]]:
    for keyword in ("$ref", "$dynamicRef"):
        reference = schema.get(keyword)
        if reference is None or reference in known:
            continue
        if not reference.startswith("#"):
            message = "only places in the same schema can be named, like '#/$defs/size': nothing is fetched"
        else:
            message = f"no schema at {reference!r:.80}. {did_you_mean(reference, known.names())}"
        yield keyword, message


def _unevaluated(schema: dict[str, Json], *, loosely: bool) -> Iterator[tuple[str, str]]:
    """The library finds out what was evaluated by searching with ``re``, and without an end to its work."""
    for keyword in ("unevaluatedItems", "unevaluatedProperties"):
        if keyword in schema and loosely:
            yield keyword, f"{keyword} is not supported with patternProperties or dependentSchemas"


def _patterns(path: Path, schema: dict[str, Json]) -> Iterator[tuple[Path, str]]:
    asked = [("pattern", schema["pattern"])] if "pattern" in schema else []
    named = schema.get("patternProperties", {})
    for place, pattern in (*asked, *((("patternProperties", name), name) for name in named)):
        try:
            compiled(pattern)
        except PatternInvalid as reason:
            yield (*path, *((place,) if type(place) is str else place)), str(reason)
