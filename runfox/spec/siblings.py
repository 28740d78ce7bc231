"""The workflows of one file, each built when it is first asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from runfox.spec.model import Spec
from runfox.values import Json

Build: TypeAlias = Callable[[dict[str, Any], Mapping[str, Spec]], Spec]


class Siblings(Mapping[str, Spec]):
    """Workflows by name, which may call each other in circles.

    One that calls others has all of them in its own data, so that it can be stored and run by itself. Were all
    built at once, a file of very many would take the square of its size to digest.
    """

    def __init__(self, sources: dict[str, Any], build: Build) -> None:
        self._sources = sources
        self._build = build
        self._built: dict[str, Spec] = {}

    def __getitem__(self, name: str) -> Spec:
        found = self._built.get(name)
        if found is None:
            # Two threads may build the same; either is right.
            found = self._built[name] = self._made(name, self._sources[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def _made(self, name: str, source: dict[str, Any]) -> Spec:
        data = {"name": name, **source}
        if "workflows" in source:
            return self._build(data, Siblings(source["workflows"], self._build))
        if _calls(source["steps"]) or _calls(source.get("finally", ())):
            return self._build({**data, "workflows": self._sources}, self)
        return self._build(data, {})


def _calls(steps: list[dict[str, Json]]) -> bool:
    """Whether a step of a list, or inside one of it, calls a workflow."""
    return any("call" in step or _calls(step.get("do", [])) for step in steps)
