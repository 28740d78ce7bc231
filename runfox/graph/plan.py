"""A spec made ready to be run: steps as positions, who depends on whom, what a new record looks like.

Compiled once per definition and shared by all its executions, so that a transition looks nothing up twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from runfox.graph.persistent import Chunks, vector
from runfox.graph.record import FRESH, StepRecord
from runfox.spec.model import Spec, Step

# A gate counts the dependencies of a step in one integer: those that have not ended yet in the low bits,
# those that were satisfied and those that ended in a way the step does not run after in bits of their own.
LEFT = 1
SATISFIED = 1 << 24
UNMET = 1 << 48
_LEFT_BITS = SATISFIED - 1


def gate_decided(gate: int) -> bool:
    """Whether every dependency has ended."""
    return not gate & _LEFT_BITS


def gate_open(gate: int) -> bool:
    """Whether the step may run: all dependencies ended, at least one satisfied, none unmet."""
    return not gate & _LEFT_BITS and SATISFIED <= gate < UNMET


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """A compiled spec. ``gates`` and ``cells`` are what every new record starts with."""

    spec: Spec
    steps: tuple[Step, ...]
    index: dict[str, int]
    dependents: tuple[Sequence[int], ...]
    roots: tuple[int, ...]
    gates: Chunks[int]
    cells: Chunks[StepRecord]

    @property
    def workflow_id(self) -> str:
        return self.spec.workflow_id


def compile_plan(spec: Spec) -> Plan:
    """Compile a checked spec. Costs O(steps + dependencies)."""
    index = spec.index
    dependents: list[list[int]] = [[] for _ in spec.steps]
    gates: list[int] = []
    roots: list[int] = []
    for position, step in enumerate(spec.steps):
        for dependency in step.depends_on:
            dependents[index[dependency]].append(position)
        if step.depends_on:
            gates.append(len(step.depends_on) * LEFT)
        else:
            # The start of the workflow is what satisfies a step without dependencies.
            gates.append(SATISFIED)
            roots.append(position)
    return Plan(
        spec=spec,
        steps=spec.steps,
        index=index,
        dependents=tuple(dependents),
        roots=tuple(roots),
        gates=vector(gates),
        cells=vector([FRESH] * len(gates)),
    )
