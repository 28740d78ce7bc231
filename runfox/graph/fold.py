"""From facts back to a record, and the derived parts of a record from its facts alone."""

from collections.abc import Iterable
from typing import NamedTuple

from runfox.graph.draft import COUNTS, Draft
from runfox.graph.facts import Fact
from runfox.graph.persistent import Timer, flat, meld, vector
from runfox.graph.plan import gate_open
from runfox.graph.record import WorkflowRecord
from runfox.status import StepStatus
from runfox.values import size


def evolve(record: WorkflowRecord, fact: Fact) -> WorkflowRecord:
    """Return the record after one fact. Nothing is decided, and the revision, a matter of commits, stays."""
    return fold(record, (fact,), revision=record.revision)


def fold(record: WorkflowRecord, facts: Iterable[Fact], *, revision: int) -> WorkflowRecord:
    """Return the record after facts, at ``revision``. Costs O(facts)."""
    draft = Draft(record, record.origin.created_at)
    for fact in facts:
        fact.apply(draft)
    return draft.record(revision)


class Derived(NamedTuple):
    """What a record derives from its facts, in a form that two ways of getting there can be compared in."""

    gates: tuple[int, ...]
    ready: frozenset[int]
    open: int
    flying: int
    timers: frozenset[tuple[object, int, int]]


def rebuild(record: WorkflowRecord) -> WorkflowRecord:
    """Return the record with everything derived computed afresh. Costs O(steps + dependencies)."""
    plan = record.plan
    gates = list(flat(plan.gates))
    timers: Timer | None = None
    open_, flying = 0, 0
    for position, cell in enumerate(flat(record.cells)):
        status = cell.status
        weight, is_open, is_flying = COUNTS[status]
        open_ += is_open
        flying += is_flying
        if status is StepStatus.RETRY:
            timers = meld(timers, Timer(cell.due, position, cell.run_id))
        if weight:
            for dependent in plan.dependents[position]:
                gates[dependent] += weight
    ready = tuple(
        position
        for position, cell in enumerate(flat(record.cells))
        if cell.status is StepStatus.READY and gate_open(gates[position])
    )
    return record._replace(
        gates=vector(gates),
        ready=ready,
        open=open_,
        flying=flying,
        timers=timers,
        state_bytes=size(dict(record.state)),
    )


def derived(record: WorkflowRecord) -> Derived:
    """Return what a record derives, without what has outlived its use: the oracle of a property test."""
    cells = list(flat(record.cells))
    gates = tuple(flat(record.gates))
    ready = frozenset(
        position
        for position in record.ready
        if cells[position].status is StepStatus.READY and gate_open(gates[position])
    )
    timers: set[tuple[object, int, int]] = set()
    heap = [record.timers]
    while heap:
        timer = heap.pop()
        if timer is not None:
            heap += [timer.left, timer.right]
            cell = cells[timer.position]
            if cell.status is StepStatus.RETRY and cell.run_id == timer.run_id:
                timers.add((timer.due, timer.position, timer.run_id))
    return Derived(gates, ready, record.open, record.flying, frozenset(timers))
