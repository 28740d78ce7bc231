"""A spec made ready to be run: steps as positions, who depends on whom, what a new record looks like.

Compiled once per definition and shared by all its executions, so that a transition looks nothing up twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from runfox.graph.persistent import Chunks, vector
from runfox.graph.record import FRESH, Frame, StepRecord
from runfox.results import TERMS, Terms
from runfox.spec.model import (
    Block,
    Branch,
    Call,
    Complete,
    Do,
    Each,
    Fn,
    Join,
    Set,
    Signal,
    Spec,
    Step,
    Timeout,
    Wait,
    Wanted,
)
from runfox.status import StepStatus

# A gate counts the dependencies of a step in one integer: those that have not ended yet in the low bits,
# those that were satisfied and those that ended in a way the step does not run after in bits of their own.
LEFT: Final = 1
SATISFIED: Final = 1 << 24
UNMET: Final = 1 << 48
_LEFT_BITS = SATISFIED - 1


def gate_decided(gate: int) -> bool:
    """Whether every dependency has ended."""
    return not gate & _LEFT_BITS


def gate_open(gate: int) -> bool:
    """Whether a step that needs all of them may run: all ended, at least one satisfied, none unmet."""
    return not gate & _LEFT_BITS and SATISFIED <= gate < UNMET


def satisfied(gate: int) -> int:
    """How many dependencies ended as they should."""
    return (gate & (UNMET - 1)) // SATISFIED


def left(gate: int) -> int:
    """How many dependencies have not ended."""
    return gate & _LEFT_BITS


_S = StepStatus
_NEUTRAL = (_S.SKIPPED, _S.CANCELLED, _S.UNDONE)


def _weights(wanted: Wanted) -> dict[StepStatus, int]:
    met: dict[Wanted, tuple[StepStatus, ...]] = {
        "complete": (_S.COMPLETE,),
        "failed": (_S.FAILED,),
        "skipped": (_S.SKIPPED, _S.CANCELLED),
        "ended": tuple(status for status in _S if status.ended),
    }
    return {
        status: LEFT
        if not status.ended
        else SATISFIED
        if status in met[wanted]
        else 0
        if status in _NEUTRAL
        else UNMET
        for status in _S
    }


_ALL: tuple[Wanted, ...] = ("complete", "failed", "skipped", "ended")
WEIGHTS: Final[dict[Wanted, dict[StepStatus, int]]] = {wanted: _weights(wanted) for wanted in _ALL}
"""What a dependency in each status counts for in the gate of a step that wants it to end in that way."""


class Same(Sequence[Step]):
    """The one step of all items of a ``foreach``, whatever the position."""

    __slots__ = ("step",)

    def __init__(self, step: Step) -> None:
        self.step = step

    def __getitem__(self, position: object) -> Step:  # type: ignore[override] # any position gives it
        return self.step

    def __iter__(self) -> Iterator[Step]:
        return iter((self.step,))

    def __len__(self) -> int:
        return 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A list of steps, or the items of a ``foreach``, made ready to be run.

    Attributes:
        dependents: By position, the steps that wait for that one to be complete.
        others: By position, those that wait for another end of it, and for which.
        plain: By position, whether nothing but its dependencies decides when the step begins.
        quick: By position, whether it is simple, and its turn is not bounded in time.
        swift: By position, whether nothing but its dependents, and branches that go on or turn back, have to be
            asked when it succeeds (``swift``).
        simple: By position, whether a step begins by being handed to an executor, and nothing else is asked.
        inner: By position, the layout of what is inside the step; of items, that of each at position 0.
        totals: How long a turn of a step may take, where that is bounded.
        attempts: How long one attempt may take, of steps whose attempts no worker bounds; of items, at position 0.
        lingering: Positions of ``foreach`` steps that ignore the rest of their items: those may outlast them.
        items: The ``foreach`` that this is the items of, else None.
        numbered: Whether its steps have numbers in place of ids, and begin one after another.
    """

    steps: Sequence[Step]
    index: dict[str, int]
    dependents: Sequence[Sequence[int]] = ()
    others: Mapping[int, Sequence[tuple[int, Wanted]]] = field(default_factory=dict)
    joins: Mapping[int, Join] = field(default_factory=dict)
    plain: Sequence[bool] = ()
    simple: Sequence[bool] = ()
    quick: Sequence[bool] = ()
    swift: Sequence[bool] = ()
    totals: Mapping[int, timedelta] = field(default_factory=dict)
    attempts: Mapping[int, timedelta] = field(default_factory=dict)
    terms: Sequence[Terms] = ()
    roots: tuple[int, ...] = ()
    gates: Chunks[int] = field(default_factory=list)
    cells: Chunks[StepRecord] = field(default_factory=list)
    inner: Mapping[int, "Layout"] = field(default_factory=dict)
    lingering: tuple[int, ...] = ()
    items: Each | None = None
    numbered: bool = False
    block: Block | None = None

    def inside(self, position: int) -> "Layout":
        """Return the layout of what is inside a step."""
        return self.inner[0 if self.items is not None else position]

    def term(self, position: int) -> Terms:
        """Return what a queue has to know of a step's jobs."""
        return self.terms[position if len(self.terms) > 1 or not self.numbered else 0]

    def attempt(self, position: int) -> timedelta | None:
        """Return how long one attempt may take that no worker bounds."""
        return self.attempts.get(0 if self.numbered else position)

    @staticmethod
    def satisfies(wanted: Wanted, status: StepStatus) -> bool:
        """Whether a dependency in that status ended as it should."""
        return WEIGHTS[wanted][status] == SATISFIED

    def blank(self) -> Frame:
        """Return the frame that a list of steps begins with."""
        return Frame(self.cells, self.gates, self.roots, len(self.steps))

    def opens(self, position: int, gate: int, cell: StepRecord) -> bool:
        """Whether a step's dependencies let it run now."""
        join = self.joins.get(position)
        if join is None:
            return gate_open(gate)
        if cell.more.held or (join.rest == "wait" and left(gate)):
            return False
        return satisfied(gate) >= join.need

    def can_open(self, position: int, gate: int) -> bool:
        """Whether a step's dependencies let it run, or still may."""
        join = self.joins.get(position)
        if join is None:
            return gate < UNMET and (left(gate) > 0 or gate >= SATISFIED)
        return satisfied(gate) + left(gate) >= join.need


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """A compiled spec. ``last`` is its ``finally``; ``signals`` are all that a wait of it names."""

    spec: Spec
    layout: Layout
    last: Layout | None
    signals: dict[str, tuple[Signal, ...]]

    @property
    def workflow_id(self) -> str:
        return self.spec.workflow_id

    @property
    def steps(self) -> Sequence[Step]:
        return self.layout.steps

    @property
    def index(self) -> dict[str, int]:
        return self.layout.index


def compile_plan(spec: Spec) -> Plan:
    """Compile a checked spec. Costs O(steps + dependencies)."""
    layout = _layout(spec.block, spec.priority)
    layout = replace(layout, swift=_swift(spec, layout))
    last = _layout(spec.last, spec.priority) if spec.last is not None else None
    signals: dict[str, list[Signal]] = {}
    for top in (layout, last):
        for step in _all_steps(top) if top is not None else ():
            if isinstance(step.body, Wait):
                for signal in step.body.signals:
                    signals.setdefault(signal.name, []).append(signal)
    found = {name: tuple(waits) for name, waits in signals.items()}
    return Plan(spec=spec, layout=layout, last=last, signals=found)


def _all_steps(layout: Layout) -> Iterator[Step]:
    yield from layout.steps if layout.items is None else [layout.steps[0]]
    for inner in layout.inner.values():
        yield from _all_steps(inner)


def _layout(block: Block, priority: int) -> Layout:
    index, steps = block.index, block.steps
    dependents: list[list[int]] = [[] for _ in steps]
    others: dict[int, list[tuple[int, Wanted]]] = {}
    gates: list[int] = []
    roots: list[int] = []
    joins: dict[int, Join] = {}
    for position, step in enumerate(steps):
        for dependency in step.depends_on:
            if dependency.wanted == "complete":
                dependents[index[dependency.step]].append(position)
            else:
                waiting = others.setdefault(index[dependency.step], [])
                waiting.append((position, dependency.wanted))
        if step.join is not None:
            joins[position] = step.join
        if step.depends_on:
            gates.append(len(step.depends_on) * LEFT)
        else:
            # The start of the workflow is what satisfies a step without dependencies.
            gates.append(SATISFIED)
            roots.append(position)
    simple = tuple([_is_simple(step) for step in steps])
    totals = {
        position: step.timeout.total
        for position, step in enumerate(steps)
        if step.timeout is not None and step.timeout.total is not None
    }
    return Layout(
        steps=steps,
        index=index,
        dependents=tuple(dependents),
        others=others,
        joins=joins,
        plain=tuple([step.when is None and step.join is None for step in steps]),
        simple=simple,
        quick=tuple([one and position not in totals for position, one in enumerate(simple)]),
        totals=totals,
        attempts=_attempts(steps),
        terms=tuple([terms_of(step, priority) for step in steps]),
        roots=tuple(roots),
        gates=vector(gates),
        cells=vector([FRESH] * len(gates)),
        inner=_inner(steps, priority),
        lingering=tuple(
            [p for p, s in enumerate(steps) if type(s.body) is Each and s.body.rest == "ignore"]
        ),
        block=block,
    )


def _swift(spec: Spec, layout: Layout) -> tuple[bool, ...]:
    if spec.state:
        return (False,) * len(spec.block.steps)
    return tuple(
        [
            layout.simple[position]
            and all(_goes_on(branch) for branch in step.branches)
            and step.output is None
            and step.undo is None
            and position not in layout.others
            for position, step in enumerate(spec.block.steps)
        ]
    )


def _attempts(steps: Sequence[Step]) -> dict[int, timedelta]:
    return {
        position: step.timeout.attempt
        for position, step in enumerate(steps)
        if step.timeout is not None
        and step.timeout.attempt is not None
        and isinstance(step.body, Call | Do | Wait)
    }


def _goes_on(branch: Branch) -> bool:
    """Whether a branch leaves the run going on: it completes its step, or sets steps that it names."""
    action = branch.action
    return isinstance(action, Complete) or (
        isinstance(action, Set) and isinstance(action.targets, tuple)
    )


def _is_simple(step: Step) -> bool:
    return (
        isinstance(step.body, Fn)
        and step.join is None
        and step.limit is None
        and step.cache is None
    )


def _inner(steps: Sequence[Step], priority: int) -> dict[int, Layout]:
    found: dict[int, Layout] = {}
    for position, step in enumerate(steps):
        body = step.body
        if isinstance(body, Do):
            found[position] = _layout(body.block, priority)
        elif isinstance(body, Each):
            item = body.item
            found[position] = Layout(
                steps=Same(item),
                index={},
                simple=(_is_simple(item),),
                attempts=_attempts((item,)),
                terms=(terms_of(item, priority),),
                inner=_inner((item,), priority),
                items=body,
                numbered=True,
            )
    return found


_NO_TIMEOUT = Timeout()


def terms_of(step: Step, priority: int) -> Terms:
    """Return what a queue has to know of a step's jobs; the one ``TERMS`` where that is nothing."""
    timeout = step.timeout or _NO_TIMEOUT
    own = priority if step.priority is None else step.priority
    terms = Terms(
        own,
        step.queue or "",
        _seconds(timeout.attempt),
        _seconds(timeout.heartbeat),
        _seconds(timeout.queue),
        step.secrets,
    )
    return TERMS if terms == TERMS else terms


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
