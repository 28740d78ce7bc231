"""What a check of a value says."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from runfox.spec.problem import Path
from runfox.values import Json


class Fault(NamedTuple):
    """What is wrong with a value. ``path`` leads inside it; ``at`` is as of a ``Finding``."""

    code: str
    message: str
    hint: str | None = None
    path: Path = ()
    at: Literal["key", "value"] = "value"


Check: TypeAlias = Callable[[Json], Sequence[Fault]]
FINE: Final[tuple[Fault, ...]] = ()


def described(value: Json) -> str:
    """Return what a value is, in the words of the people who write YAML."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value:.20}" if type(value) is float else f"the number {value}"
        case str():
            return f"the text {value!r:.40}" if value else "an empty text"
        case dict():
            return "a mapping"
        case _:
            return "a list"


def mistyped(wanted: str, value: Json, path: Path = (), hint: str | None = None) -> tuple[Fault]:
    return (Fault("wrong-type", f"{wanted} is expected here, not {described(value)}", hint, path),)


def within(faults: Iterable[Fault], *path: str | int) -> list[Fault]:
    """Return the faults of a part as those of the whole."""
    return [fault._replace(path=(*path, *fault.path)) for fault in faults]
