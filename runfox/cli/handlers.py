"""Plain Python modules as executors: they know nothing of runfox."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from inspect import Parameter, Signature, isfunction, signature, unwrap
from types import ModuleType
from typing import Any, Protocol

from runfox.cli.modules import import_module, is_file, load_file
from runfox.errors import ExecutorError, did_you_mean
from runfox.execution import JobContext
from runfox.values import Json


class UnknownExecutor(ExecutorError):
    """A step names a function that the module does not have. ``fn`` is that name, ``known`` what it has."""

    def __init__(self, fn: str, *, known: tuple[str, ...], source: str) -> None:
        hint = did_you_mean(fn, known, label="Its functions")
        if get_close_matches(fn, known, n=1):
            hint += f" Its functions: {', '.join(known)}."
        super().__init__(f"{source} has no function {fn!r}. {hint}")
        self.fn = fn
        self.known = known


class Call(Protocol):
    """Executes one step, whatever the module is made of."""

    def __call__(self, fn: str, inputs: dict[str, Json], context: JobContext, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Handlers:
    """The executor of ``--executor``: a file or a module, and perhaps the name of a callable in it.

    It holds names only, so it can be sent to other processes, each of which imports what they say.
    """

    source: str
    name: str | None = None

    @classmethod
    def of(cls, given: str) -> "Handlers":
        """Return what ``FILE.py``, ``FILE.py:NAME``, ``MODULE`` or ``MODULE:NAME`` stands for."""
        source, mark, name = given.rpartition(":")
        if mark and source and "/" not in name and "\\" not in name:
            return cls(source, name)
        return cls(given)

    def load(self) -> None:
        """Import the module now. Raises ``ExecutorError`` that says where it fails."""
        _call_of(self)

    def __call__(self, fn: str, inputs: dict[str, Json], context: JobContext) -> Any:
        return _call_of(self)(fn, inputs, context)

    def __str__(self) -> str:
        return self.source if self.name is None else f"{self.source}:{self.name}"


@lru_cache(maxsize=16)
def _call_of(handlers: Handlers) -> Call:
    source = handlers.source
    module = load_file(source) if is_file(source) else import_module(source)
    if handlers.name is not None:
        return _executor_of(_attribute(module, handlers), str(handlers))
    execute = vars(module).get("execute")
    if callable(execute) and _places(execute) >= 2:
        return _executor_of(execute, f"{source}:execute")
    return Functions(module, source)


def _attribute(module: ModuleType, handlers: Handlers) -> Any:
    name = handlers.name or ""
    found = vars(module).get(name)
    if found is None:
        known = [other for other, value in vars(module).items() if callable(value)]
        public = [other for other in known if not other.startswith("_")]
        hint = did_you_mean(name, public, label="It has")
        raise ExecutorError(f"{handlers.source} has no {name!r}. {hint}")
    return found


def _executor_of(found: Any, shown: str) -> Call:
    """Return a callable of the user's own as it is called: with the context if it has a place for it."""
    places = _places(found) if callable(found) else 0
    if places < 2:
        raise ExecutorError(
            f"{shown} cannot execute steps: it must be a function (fn, inputs), or (fn, inputs, context)"
        )
    call: Call = found if places == 3 else lambda fn, inputs, _context: found(fn, inputs)
    return call


def _places(function: Any) -> int:
    """How many arguments by position it takes, of the three there may be."""
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):  # a builtin that does not tell
        return 2
    if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in parameters):
        return 3
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return min(3, sum(parameter.kind in kinds for parameter in parameters))


class Functions:
    """The public functions that a module defines, each called with the inputs as keyword arguments."""

    def __init__(self, module: ModuleType, source: str) -> None:
        self.source = source
        self._functions = {
            name: (value, signature(value))
            for name, value in vars(module).items()
            if not name.startswith("_") and _is_own(value, module)
        }
        if not self._functions:
            raise ExecutorError(
                f"{source} defines no public function. It needs one for each fn of the workflow, "
                "or one execute(fn, inputs)."
            )

    def __call__(self, fn: str, inputs: dict[str, Json], _context: JobContext, /) -> Any:
        found = self._functions.get(fn)
        if found is None:
            raise UnknownExecutor(fn, known=tuple(self._functions), source=self.source)
        function, takes = found
        try:
            takes.bind(**inputs)
        except TypeError:
            raise TypeError(_misfit(fn, takes, inputs)) from None
        return function(**inputs)


def _is_own(value: Any, module: ModuleType) -> bool:
    return (
        callable(value)
        and isfunction(unwrap(value))
        and getattr(value, "__module__", None) == module.__name__
    )


def _misfit(fn: str, takes: Signature, inputs: dict[str, Json]) -> str:
    """Say which inputs of a step do not fit the parameters of its function."""
    kinds = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    names = [name for name, parameter in takes.parameters.items() if parameter.kind in kinds]
    needed = [name for name in names if takes.parameters[name].default is Parameter.empty]
    missing = [name for name in needed if name not in inputs]
    unknown = [name for name in inputs if name not in names]
    parts = [
        f"{fn}() takes {', '.join(names) or 'no inputs'}",
        f"the input of the step has {', '.join(inputs) or 'nothing'}",
    ]
    if missing:
        parts.append(f"missing: {', '.join(missing)}")
    if unknown:
        near = get_close_matches(unknown[0], missing, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        parts.append(f"unknown: {', '.join(unknown)}{hint}")
    if not missing and not unknown:
        parts.append("a parameter of it can only be given by position, which inputs are not")
    return "; ".join(parts)
