"""The short way for JSON that has nothing wrong with it, which is nearly all JSON.

What is not plainly right is left to the long way, which finds the place and the words for it.
"""

import re
from json import JSONDecoder
from typing import NoReturn

from runfox.spec.admission import deeper
from runfox.spec.limits import MAX_DEPTH, MAX_EVENTS
from runfox.spec.scalars import resolve
from runfox.values import Json

# An escaped NUL or half of a surrogate pair; an escaped backslash before it only costs the long way.
_DOUBTFUL = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class NotPlain(ValueError):
    """The text is not JSON, or holds something that has to be looked at."""


def plain_json(text: str) -> Json:
    """Return the data of a JSON text. Raises ``NotPlain``."""
    # No more values than this, and for each at most its key, its start and its end.
    values = 1 + text.count(",") + text.count("[") + text.count("{")
    if values > MAX_EVENTS // 3 or _DOUBTFUL.search(text):
        raise NotPlain
    try:
        data = _decoder.decode(text)
    except (ValueError, RecursionError):
        raise NotPlain from None
    if deeper(data, MAX_DEPTH):
        raise NotPlain
    return data


def _without_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotPlain
    return result


def _refused(_name: str) -> NoReturn:
    raise NotPlain


_decoder = JSONDecoder(
    object_pairs_hook=_without_duplicates,
    parse_int=resolve,
    parse_float=resolve,
    parse_constant=_refused,
)
