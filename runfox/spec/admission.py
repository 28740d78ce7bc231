"""A workflow given as a dict: copied once it is certain to be plain JSON within the limits of a file."""

from collections.abc import Iterator, Mapping

from runfox import values
from runfox.spec.limits import MAX_BYTES, MAX_DEPTH
from runfox.spec.problem import Finding, Path
from runfox.values import Json


def admitted(data: Json) -> tuple[Json, list[Finding]]:
    """Return a copy of the data, and what stands against it. The copy is of use only where nothing does."""
    try:
        copy = values.checked(dict(data) if isinstance(data, Mapping) else data, limit=MAX_BYTES)
    except values.NotJson as fault:
        return None, [Finding(fault.path, "not-json", fault.reason)]
    except values.TooBig:
        return None, [Finding((), "too-large", f"more than {MAX_BYTES:,} bytes")]
    if deeper(copy, MAX_DEPTH):
        return None, [Finding((), "too-deep", f"nested deeper than {MAX_DEPTH} levels")]
    return copy, _bad_texts(copy)


def deeper(value: Json, levels: int) -> bool:
    """Whether a value nests more than so many levels of mappings and lists."""
    if type(value) is not dict and type(value) is not list:
        return False
    inner = value.values() if type(value) is dict else value
    return levels == 0 or any(deeper(item, levels - 1) for item in inner)


def _bad_texts(value: Json) -> list[Finding]:
    """What a reader refuses in a text, too: nothing could show it, and some stores cannot keep it."""
    text = values.text(value)
    if "\\u0000" not in text and "\\ud" not in text:
        return []
    return [
        Finding(
            path,
            "bad-character",
            "the character U+0000 or half of a surrogate pair",
            "Leave it out.",
        )
        for path, found in _texts(value, ())
        if "\0" in found or any("\ud800" <= char <= "\udfff" for char in found)
    ]


def _texts(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if type(value) is str:
        yield path, value
    elif type(value) is list:
        for position, item in enumerate(value):
            yield from _texts(item, (*path, position))
    elif type(value) is dict:
        for name, item in value.items():
            yield (*path, name), name
            yield from _texts(item, (*path, name))
