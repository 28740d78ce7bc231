"""How one world becomes the next: an event reaches an execution, and all that is decided because of it.

It is what stores do, but purely, so that a world can be left and come back to.
"""

from typing import NamedTuple

from runfox import graph
from runfox.errors import SignalRefused, VerbRefused
from runfox.graph import Event, Outside, Plan, Transition, WorkflowRecord
from runfox.values import Json
from tests.patterns import keeping
from tests.patterns.between import full, messages, places
from tests.patterns.worlds import NOW, ROOT, World
from tests.properties import laws


class Change(NamedTuple):
    """One decision on the way from a world to the next. ``refused``: it was asked for in vain."""

    execution: str
    before: WorkflowRecord
    told: Transition
    refused: bool = False


class Step(NamedTuple):
    """One thing that can happen in a world, and all that is decided because of it."""

    before: World
    after: World
    changes: tuple[Change, ...]


def begin(plan: Plan, inputs: dict[str, Json], given: tuple[tuple[Event, ...], ...]) -> Step:
    """Return how a run begins."""
    started = graph.start(plan, execution_id=ROOT, inputs=inputs, now=NOW)
    world = World({ROOT: started.record}, given)
    return happen(world, ROOT, None, "start")


def happen(
    world: World, execution: str, event: Event | None, how: str, *, asked: bool = False
) -> Step:
    """Let an event reach an execution, and all follow that is decided in the same moment."""
    changes: list[Change] = []
    moved = world._replace(trail=(*world.trail, how))
    after = _decide(moved, execution, event, changes, asked=asked)
    return Step(world, after, tuple(changes))


def _decide(
    world: World, execution: str, event: Event | None, changes: list[Change], *, asked: bool = False
) -> World:
    before = world.family[execution]
    untouched = laws.snapshot(before)
    events = () if event is None or asked else (event,)
    wanted = event if asked else None
    outside = graph.NOTHING_KNOWN
    try:
        while True:
            told = graph.step(before, events, now=world.now, outside=outside, asked=wanted)
            missing = full(world, execution, told)
            if not missing:
                break
            outside = Outside(full={**outside.full, **missing})
    except (SignalRefused, VerbRefused):
        changes.append(Change(execution, before, Transition(before, (), None), refused=True))
        return world
    assert not told.elsewhere.questions
    keeping.keeps(before, untouched, told)
    changes.append(Change(execution, before, told))
    after = world._replace(family={**world.family, execution: told.record})
    after = places(after, execution, told)
    after = messages(after, before, told)
    return _births(after, told, changes)


def _births(world: World, told: Transition, changes: list[Change]) -> World:
    for start in told.elsewhere.starts:
        spec = told.record.plan.spec
        called = spec if start.workflow == "self" else spec.workflows[start.workflow]
        born = graph.start(
            graph.compile_plan(called),
            execution_id=start.execution_id,
            inputs=start.inputs,
            now=world.now,
            parent=start.parent,
        )
        world = world._replace(family={**world.family, start.execution_id: born.record})
        world = _decide(world, start.execution_id, None, changes)
    return world
