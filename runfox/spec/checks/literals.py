"""Data that looks like logic, and logic that looks like data: only warnings, since both may be meant."""

from collections.abc import Iterable, Iterator

from runfox.expressions import OPERATORS
from runfox.spec.checks.logic import Use, as_data
from runfox.spec.checks.places import RESULT
from runfox.spec.problem import Finding, Path
from runfox.values import Json

_BY_CASE = {name.casefold(): name for name in OPERATORS}
_WORDS = sorted(name for name in OPERATORS if name.isalpha() and len(name) > 2)
_BY_LETTERS = {"".join(sorted(word)): word for word in _WORDS}


def constant_logic(uses: list[Use]) -> Iterator[Finding]:
    """``{max: 5}`` among data: an operator that reads nothing is rarely meant."""
    for use in uses:
        if use.in_data and use.expression.constant:
            name = next(iter(use.expression.source))
            message = f"{name!r} is an operator, and this mapping always gives the same value"
            yield Finding(
                use.path, "constant-logic", message, as_data(use.expression.source), "warning"
            )


def nearly_logic(data: list[tuple[Path, Json]]) -> Iterator[Finding]:
    """``{vra: input.x}`` among data: a mapping whose only key is nearly an operator."""
    for path, value in data:
        for place, mapping in _lonely_mappings(value, path):
            ((name, argument),) = mapping.items()
            meant = _meant(name, argument)
            if meant is not None:
                message = f"{name!r} is no operator, so this mapping is passed on as data"
                hint = f"Did you mean {meant!r}? {as_data(mapping)}"
                yield Finding((*place, name), "nearly-logic", message, hint, "warning", at="key")


def _lonely_mappings(value: Json, path: Path) -> list[tuple[Path, dict[str, Json]]]:
    """Return the mappings of one key that are data. What is inside logic is the compiler's to judge."""
    found: list[tuple[Path, dict[str, Json]]] = []
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if type(value) is dict:
            if len(value) == 1:
                if next(iter(value)) in OPERATORS:
                    continue
                found.append((path, value))
            inner: Iterable[tuple[str | int, Json]] = value.items()
        else:
            inner = enumerate(value) if type(value) is list else ()
        waiting += [
            ((*path, name), item)
            for name, item in inner
            if type(item) is dict or type(item) is list
        ]
    return found


def _meant(name: str, argument: Json) -> str | None:
    """Return the operator that a key was meant to be, by its letters or by what it is given."""
    if not 1 < len(name) < 20:
        return None
    same = _BY_CASE.get(name.casefold())
    if same is not None:
        return same
    word = _BY_LETTERS.get("".join(sorted(name)))
    if word is not None and _is_swap(name, word):
        return word
    if type(argument) is list or (type(argument) is str and argument.split(".")[0] in RESULT):
        return next((word for word in _WORDS if _is_one_edit(name, word)), None)
    return None


def _is_swap(name: str, word: str) -> bool:
    """Whether two words of the same letters differ in two neighbouring ones."""
    differ = [i for i, (a, b) in enumerate(zip(name, word, strict=True)) if a != b]
    return len(differ) == 2 and differ[1] == differ[0] + 1


def _is_one_edit(name: str, word: str) -> bool:
    """Whether one letter is added, left out or changed."""
    if abs(len(name) - len(word)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(name, word, strict=False)) if a != b),
        min(len(name), len(word)),
    )
    if len(name) == len(word):
        return name[start + 1 :] == word[start + 1 :]
    longer, shorter = (name, word) if len(name) > len(word) else (word, name)
    return longer[start + 1 :] == shorter[start:]
