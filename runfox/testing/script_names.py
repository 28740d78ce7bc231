"""The names that a step of a simulated run goes by, and those that a workflow has steps for."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runfox.errors import RequestError, did_you_mean
from runfox.spec import Spec
from runfox.spec.model import Block, Do, Each, Fn, Step

_NUMBER = re.compile(r"\[\d+\]")


def aliases(path: str, fn: str) -> Iterator[str]:
    """Yield what a script may call a run: from its exact path to what it has in common with others.

    ``ship/pack[3].weigh`` of a called workflow is also ``ship/pack.weigh``, ``pack[3].weigh``, ``pack.weigh``
    and ``weigh``.
    """
    own = path.rpartition("/")[2]
    plain = _NUMBER.sub("", own)
    yield from dict.fromkeys(
        (path, _NUMBER.sub("", path), own, plain, plain.rpartition(".")[2], fn)
    )


class Names(NamedTuple):
    """What the steps of some workflows can be called: by path or id, without numbers, and by fn.

    ``executed`` are the paths and ids of those that an executor is called for, and so a script.
    """

    paths: frozenset[str]
    ids: frozenset[str]
    fns: frozenset[str]
    executed: frozenset[str]

    def check(self, key: str) -> None:
        """Refuse a name that no step to be executed has. Raises ``RequestError``."""
        told = self.fault(key, executed=True)
        if told is not None:
            raise RequestError(" ".join(told))

    def fault(self, key: str, *, executed: bool) -> tuple[str, str] | None:
        """Return what is wrong with a name, and the way out; None if some step can be meant."""
        *callers, own = _NUMBER.sub("", key).split("/")
        inside = all(one in self.paths for one in callers)
        if key in self.fns or (inside and own in self.executed):
            return None
        if not inside or own not in self.paths | self.ids:
            known = sorted(self.paths | self.ids | self.fns)
            hint = did_you_mean(key, known, label="There are")
            return f"no step or fn is called {key!r}.", hint
        if not executed:
            return None
        told = f"step {key!r} is not executed: it waits, or holds or calls other steps."
        return (
            told,
            f"Name those that it runs, as {key}.STEP or {key}/STEP; send signals to a wait.",
        )


def names_of(specs: Iterable[Spec]) -> Names:
    """Return the names of all steps of workflows, and of those in the same files."""
    found: dict[str, Step] = {}
    left, seen = list(specs), set[str]()
    while left:
        spec = left.pop()
        if spec.workflow_id in seen:
            continue
        seen.add(spec.workflow_id)
        left += [spec.workflows[name] for name in spec.workflows]
        for block in filter(None, (spec.block, spec.last)):
            found.update(_steps(block, ""))
    bodies = {path: step.body for path, step in found.items()}
    fns = {body.name for body in bodies.values() if type(body) is Fn}
    fns |= {step.undo.fn for step in found.values() if step.undo is not None}
    undo = {"undo"} if any(step.undo for step in found.values()) else set[str]()
    paths = frozenset(found) | undo
    executed = {path for path, body in bodies.items() if type(body) is Fn} | undo
    return Names(paths, _ids(paths), frozenset(fns), _ids(executed) | executed)


def _ids(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(path.rpartition(".")[2] for path in paths)


def _steps(block: Block, prefix: str) -> Iterator[tuple[str, Step]]:
    for outer in block.steps:
        step = outer
        path = prefix + step.id
        while type(step.body) is Each:
            step = step.body.item
        yield path, step
        if type(step.body) is Do:
            yield from _steps(step.body.block, f"{path}.")
