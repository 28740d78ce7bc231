"""The short way of the usual case: plain steps succeed, turn back or go on, and plain steps begin because of it.

Most transitions are of this kind, and the long way (``decide.step``) spends most of its time on asking what does
not apply to them. Whatever is not plain is left to it: then ``swift`` has no answer. Where it has one, a property
test holds it to the same facts, record, jobs and decision as the long way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from runfox.errors import ExpressionFailed
from runfox.expressions import truthy
from runfox.graph.ending import resolve
from runfox.graph.events import Event, StepResult
from runfox.graph.facts import Fact, StepDispatched, StepsReset, StepSucceeded
from runfox.graph.fitting import MAX_STATE
from runfox.graph.frames import COUNTS
from runfox.graph.layout import SATISFIED, Layout, gate_decided, gate_open
from runfox.graph.persistent import Editor
from runfox.graph.record import NOTHING, Ending, Frame, StepRecord, WorkflowRecord
from runfox.graph.resets import steps_behind
from runfox.graph.scope import StepsView, WorkflowView
from runfox.graph.transition import Transition, job_of
from runfox.results import Dispatch, DispatchJob, Pending
from runfox.spec.model import Branch, Set
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import TooBig, size

_IN_PROGRESS, _READY, _COMPLETE = StepStatus.IN_PROGRESS, StepStatus.READY, StepStatus.COMPLETE
_RUNNING = WorkflowStatus.IN_PROGRESS


def swift(record: WorkflowRecord, events: Sequence[Event], now: datetime) -> Transition | None:
    """Return what ``step`` makes of these events, or None if that has to be found out the long way."""
    if not events or not _plainly_running(record):
        return None
    layout = record.origin.plan.layout
    positions = _positions(layout, events)
    if positions is None:
        return None
    short = _Short(record, now)
    for position, result in positions:
        if not short.succeed(position, result):
            return None
    if short.open == 0 or short.state_bytes > MAX_STATE or not short.begin():
        return None
    return short.transition()


def _plainly_running(record: WorkflowRecord) -> bool:
    """Whether nothing is due, nothing is ready, and the run neither ends nor is held up."""
    return (
        record.status is _RUNNING
        and record.timers is None
        and record.ending is None
        and not record.frame.ready
        and record.frame.error is None
    )


def _positions(layout: Layout, events: Sequence[Event]) -> list[tuple[int, StepResult]] | None:
    """Return successes of plain steps in the order of the spec; None if there is anything else among them."""
    found: list[tuple[int, StepResult]] = []
    for event in events:
        if type(event) is not StepResult or event.error is not None:
            return None
        position = layout.index.get(event.step_id)
        if position is None or not layout.swift[position]:
            return None
        found.append((position, event))
    if len(found) > 1:
        found.sort(key=lambda one: one[0])
    return found


class _Short:
    """The next record in the making. Each of its steps says whether it can be done in the short way.

    It is as much of a draft, and of a frame, as views ask for.
    """

    __slots__ = (
        "before",
        "cells",
        "closed",
        "facts",
        "flying",
        "gates",
        "jobs",
        "layout",
        "now",
        "open",
        "opened",
        "state",
        "state_bytes",
    )

    parent: None = None
    where: tuple[int, ...] = ()
    ending: Ending | None = None

    def __init__(self, record: WorkflowRecord, now: datetime) -> None:
        self.before = record
        self.now = now
        self.layout = record.origin.plan.layout
        self.cells: Editor[StepRecord] = Editor(record.frame.cells)
        self.gates: Editor[int] = Editor(record.frame.gates)
        self.open = record.frame.open
        self.flying = record.frame.flying
        self.facts: list[Fact] = []
        self.closed: list[tuple[str, int]] = []
        self.opened: list[int] = []
        self.jobs: list[DispatchJob] = []
        self.state = record.state
        self.state_bytes = record.state_bytes

    @property
    def status(self) -> WorkflowStatus:
        return self.before.status

    @property
    def started_at(self) -> datetime | None:
        return self.before.started_at

    def succeed(self, position: int, result: StepResult) -> bool:
        """Take the output of a step, and find out whom it lets through."""
        old, layout, now = self.cells[position], self.layout, self.now
        output, run_id = result.output or {}, old.run_id
        if (
            old.status is not _IN_PROGRESS
            or (result.run_id is not None and result.run_id != run_id)
            or output.get("ok") is False
        ):
            return False
        if output:
            self.state_bytes += size(output)
            self.state = self.state.with_items(output)
        name = layout.steps[position].id
        self.facts.append(StepSucceeded(name, run_id, output, now))
        self.closed.append((name, run_id))
        self.cells[position] = StepRecord(
            _COMPLETE, old.turn, old.attempt, run_id, old.first_run, old.sets,
            output, None, None, None, old.started_at, now, run_id, old.more,
        )  # fmt: skip
        self.open -= 1
        self.flying -= 1
        gates = self.gates
        for dependent in layout.dependents[position]:
            gate = gates[dependent] = gates[dependent] + (SATISFIED - 1)
            if not layout.plain[dependent]:
                return False
            if gate_decided(gate):
                if not gate_open(gate) or not layout.quick[dependent]:
                    return False
                self.opened.append(dependent)
        branches = layout.steps[position].branches
        return not branches or self._judge(position, branches, output)

    def _judge(self, position: int, branches: tuple[Branch, ...], output: dict[str, Any]) -> bool:
        """Do what the first branch that holds says."""
        seen = {
            **output,
            **self._scope(),
            "attempt": self.cells[position].attempt,
            "output": output,
        }
        seen.pop("error", None)
        try:
            for branch in branches:
                if branch.condition is None or truthy(branch.condition(seen)):
                    action = branch.action
                    return not isinstance(action, Set) or self._turn_back(position, action)
        except ExpressionFailed:
            return False
        return True

    def _turn_back(self, position: int, action: Set) -> bool:
        """Begin a new turn of the targets, and of all that they let through."""
        layout, cells = self.layout, self.cells
        setter, step = cells[position], layout.steps[position]
        if setter.sets >= step.max_iterations or not isinstance(action.targets, tuple):
            return False
        targets = [layout.index[target] for target in action.targets]
        back = steps_behind(self, targets)
        if not all(
            layout.quick[one] and layout.plain[one] and one not in layout.others for one in back
        ):
            return False
        cells[position] = setter._replace(sets=setter.sets + 1)
        names = tuple([layout.steps[one].id for one in targets])
        paths = names if back == targets else tuple([layout.steps[one].id for one in back])
        self.facts.append(StepsReset(step.id, names, paths, self.now))
        return all(self._reset(one) for one in back)

    def _reset(self, position: int) -> bool:
        old, layout = self.cells[position], self.layout
        if old.more is not NOTHING:
            return False
        weight, still_open, flying = COUNTS[old.status]
        self.cells[position] = StepRecord(
            _READY, old.turn + 1, 0, old.run_id, old.run_id + 1, old.sets
        )
        self.open += 1 - still_open
        self.flying -= flying
        if old.status is _IN_PROGRESS:
            self.closed.append((layout.steps[position].id, old.run_id))
        if weight:
            gates = self.gates
            for dependent in layout.dependents[position]:
                gates[dependent] = gates[dependent] - weight
        self.opened.append(position)
        return True

    def begin(self) -> bool:
        """Hand out the steps that were let through."""
        if not self.opened:
            return True
        key, layout, now = self.before.origin.key, self.layout, self.now
        seen: dict[str, Any] | None = None
        for position in sorted(set(self.opened)):
            old, step = self.cells[position], layout.steps[position]
            if not gate_open(self.gates[position]):
                if gate_decided(self.gates[position]):
                    return False
                continue  # what had let it through goes back
            if old.status is not _READY or old.more is not NOTHING:
                return False
            inputs: Any = {}
            if step.input is not None:
                seen = seen or self._scope()
                try:
                    inputs = resolve(step.input, seen)
                except (ExpressionFailed, TooBig):
                    return False
            run_id = old.run_id + 1
            self.facts.append(StepDispatched(step.id, run_id, 1, inputs, now))
            self.cells[position] = cell = StepRecord(
                _IN_PROGRESS, old.turn, 1, run_id, run_id, old.sets,
                None, old.error, inputs, None, now, None, old.answered,
            )  # fmt: skip
            self.jobs.append(job_of(key, step.id, step, cell, layout.terms[position]))
        return True

    def _scope(self) -> dict[str, Any]:
        sight: Any = self
        return {
            "input": self.before.origin.inputs,
            "state": self.state,
            "steps": StepsView(sight),
            "workflow": WorkflowView(sight),
        }

    def transition(self) -> Transition:
        """Close it."""
        before, jobs = self.before, tuple(self.jobs)
        frame = Frame(
            self.cells.chunks,
            self.gates.chunks,
            (),
            self.open,
            self.flying + len(jobs),
        )
        record = WorkflowRecord(
            before.origin, before.revision + 1, before.status, self.state, frame, before.ignored,
            before.outcome, before.error, before.started_at, before.ended_at, None,
            self.state_bytes, before.awaited, before.signals, before.known, before.undos,
            before.undo, before.last,
        )  # fmt: skip
        decision = Dispatch(jobs) if jobs else Pending()
        return Transition(record, tuple(self.facts), decision, jobs, tuple(self.closed))
