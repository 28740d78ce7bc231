"""Texts and payloads that have broken stores before."""

from runfox.values import Json

TEXTS = (
    "",
    " ",
    "'",
    "'; DROP TABLE executions; --",
    '"',
    "x1' OR '1'='1",
    "%",
    "_",
    "x%",
    "\\",
    "\n",
    "a\x00b",
    "\x00",
    "\ud800",
    "\udc00\ud800",
    "é",
    "🦊",
    "\u202e",
    "../../etc/passwd",
    "x1#x1",
    "{}",
    "$1",
    "x" * 100_000,
)
"""None of these is an id. A store that is asked for them answers that there is none, and is otherwise unmoved."""

PAYLOAD: dict[str, Json] = {
    "": "an empty key",
    "text": "'\"\\%_;--\t\r\n\x00\x1f\x7f\u2028é🦊\ud800 \udc00",
    "\ud800'\"\x00": "a hostile key",
    "integers": [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)],
    "floats": [0.1, -0.0, 1e300, 5e-324, 1.0, 123456789.123456789],
    "words": [True, False, None],
    "empty": [{}, [], ""],
    "long": "x" * 100_000,
    "deep": {"a": [{"b": [{"c": [[[[[[{"d": 1}]]]]]]}]}]},
    "null": "null",
    "json": '{"a": [1, "\\u0000"]}',
}
"""JSON that must come back from a store exactly as it went in."""
