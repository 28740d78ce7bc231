"""A JSON Logic expression in a few words, for the small print of a picture."""

from runfox.values import Json, text

MOST_LEVELS = 5
MOST_CHARACTERS = 60

_BETWEEN = {
    **{sign: sign for sign in ("==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "??")},
    **{word: word for word in ("in", "and", "or")},
    "===": "==",
    "!==": "!=",
}


def phrase(expression: Json) -> str:
    """Return the expression as a person would say it, cut with an ellipsis where it is long.

    It is for reading only: what is cut, and how deep it nested, cannot be told from it.
    """
    words = _words(expression, MOST_LEVELS)
    return words if len(words) <= MOST_CHARACTERS else words[: MOST_CHARACTERS - 1].rstrip() + "…"


def _words(expression: Json, levels: int) -> str:
    if levels == 0:
        return "…"
    if isinstance(expression, list):
        return f"[{', '.join(_words(item, levels - 1) for item in expression[:8])}]"
    if not isinstance(expression, dict):
        return text(expression) if not isinstance(expression, str) else f"'{expression}'"
    if len(expression) != 1:
        return "{…}"
    [(operator, given)] = expression.items()
    return _said(operator, given if isinstance(given, list) else [given], levels)


def _said(operator: str, given: list[Json], levels: int) -> str:
    match operator, given:
        case (("var" | "vars"), [str() | int() as path, *_]):
            return str(path) or "it"
        case "!", [one]:
            return f"not {_inner(one, levels)}"
        case "!!", [one]:
            return _inner(one, levels)
        case _, [_, _, *_] if operator in _BETWEEN:
            return f" {_BETWEEN[operator]} ".join(_inner(one, levels) for one in given[:8])
        case _:
            return f"{operator}({', '.join(_words(one, levels - 1) for one in given[:8])})"


def _inner(expression: Json, levels: int) -> str:
    """An operand; in parentheses where it is itself made of operands."""
    words = _words(expression, levels - 1)
    if isinstance(expression, dict) and len(expression) == 1:
        [(operator, given)] = expression.items()
        if operator in _BETWEEN and isinstance(given, list) and len(given) > 1:
            return f"({words})"
    return words
