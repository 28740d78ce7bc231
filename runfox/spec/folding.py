"""The defaults of a workflow, folded into the data of its steps."""

from typing import Final

from runfox.values import Json

_SINGLE: Final[tuple[str, ...]] = ("queue", "priority")
_ATTEMPTS: Final[tuple[str, ...]] = ("retry", "max_attempts")
_TOTAL: Final = "total"


class Usual:
    """What steps do not say. What is about attempts goes to those whose body is tried: fn and call.

    A ``do`` or a ``wait`` has attempts of no usual length, and its failure is no accident of a moment.
    """

    __slots__ = ("_attempts", "_single", "_timeout")

    def __init__(self, defaults: dict[str, Json]) -> None:
        self._single = {name: defaults[name] for name in _SINGLE if name in defaults}
        self._attempts = {name: defaults[name] for name in _ATTEMPTS if name in defaults}
        self._timeout = _parts(defaults["timeout"]) if "timeout" in defaults else {}

    def folded(self, step: dict[str, Json]) -> dict[str, Json]:
        """Return the data of a step with what it does not say itself; its values stay the same objects."""
        tried = "do" not in step and "wait" not in step
        full: dict[str, Json] = {**self._single, **step}
        if tried and not any(name in step for name in _ATTEMPTS):
            full.update(self._attempts)
        timeout = {name: value for name, value in self._timeout.items() if tried or name == _TOTAL}
        if timeout:
            full["timeout"] = {**timeout, **_parts(step.get("timeout", {}))}
        return full


def _parts(timeout: Json) -> dict[str, Json]:
    return timeout if type(timeout) is dict else {"attempt": timeout}
