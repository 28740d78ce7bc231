"""From facts back to a record, and the derived parts of a record from its facts alone."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runfox.graph.draft import Draft, awaited_by, waits
from runfox.graph.facts import Fact
from runfox.graph.frames import COUNTS
from runfox.graph.layout import WEIGHTS, Layout
from runfox.graph.persistent import EMPTY, Layers, Timer, flat, meld, vector
from runfox.graph.places import LAST, UNDO, undo_layout
from runfox.graph.record import FRESH, Frame, StepRecord, WorkflowRecord
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
    after = draft.record(revision)
    draft.release()
    return after


class _Found:
    """What is found in the frames of a record on the way: timers, and what steps wait for."""

    def __init__(self) -> None:
        self.timers: Timer | None = None
        self.awaited: dict[str, tuple[object, ...]] = {}

    def look(self, cell: StepRecord, where: tuple[int, ...]) -> None:
        for timer in timers_of(cell, where):
            self.timers = meld(self.timers, timer)
        if cell.status is StepStatus.WAITING:
            for name in awaited_by(cell):
                entry = (cell.started_at, where, cell.run_id)
                self.awaited[name] = (*self.awaited.get(name, ()), entry)


def timers_of(cell: StepRecord, where: tuple[int, ...]) -> Iterator[Timer]:
    """Yield the timers that a step waits for."""
    kinds = {StepStatus.RETRY: "retry", StepStatus.WAITING: "wait"}
    if cell.due is not None and cell.status in kinds:
        kind = "limit" if cell.more.blocked is not None else kinds[cell.status]
        yield Timer(cell.due, where, cell.run_id, kind)
    if cell.more.expires is not None:
        timer = Timer(cell.more.expires, where, cell.run_id, "attempt")
        if waits(cell, timer):
            yield timer
    if cell.more.deadline is not None and not cell.status.ended:
        yield Timer(cell.more.deadline, where, 0, "total")


def rebuild(record: WorkflowRecord) -> WorkflowRecord:
    """Return the record with everything derived computed afresh. Costs O(steps + dependencies)."""
    plan = record.plan
    found = _Found()
    frame = _rebuilt(plan.layout, record.frame, (), found)
    undo, last = record.undo, record.last
    if undo is not None:
        undo = _rebuilt(undo_layout(plan, record.undos), undo, (UNDO,), found)
    if last is not None and plan.last is not None:
        last = _rebuilt(plan.last, last, (LAST,), found)
    timers = found.timers
    if record.deadline is not None and record.ending is None:
        timers = meld(timers, Timer(record.deadline, (), 0, "run"))
    return record._replace(
        frame=frame,
        undo=undo,
        last=last,
        timers=timers,
        awaited=Layers(found.awaited) if found.awaited else EMPTY,
        state_bytes=size(dict(record.state)),
    )


def _rebuilt(layout: Layout, frame: Frame, where: tuple[int, ...], found: _Found) -> Frame:
    cells = list(flat(frame.cells))
    gates = list(flat(layout.gates))
    counts = [0, 0, 0, 0]  # open, flying, successes, failures
    busy = []
    for position, cell in enumerate(cells):
        if cell is FRESH:
            counts[0] += 1
            continue
        place = (*where, position)
        found.look(cell, place)
        if cell.more.inner is not None:
            inner = _rebuilt(layout.inside(position), cell.more.inner, place, found)
            cells[position] = cell._replace(more=cell.more._replace(inner=inner))
            goes_on = cell.status is StepStatus.IN_PROGRESS or position in layout.lingering
            if goes_on and _anything(inner):
                busy.append(position)
        _count(counts, cell.status, numbered=layout.numbered)
        if not layout.numbered:
            _weigh(layout, gates, position, cell.status)
    next_ = _next(cells) if layout.numbered else 0
    ready = [
        position
        for position, cell in enumerate(cells[:next_] if layout.numbered else cells)
        if cell.status is StepStatus.READY
        and (layout.numbered or layout.opens(position, gates[position], cell))
    ]
    return Frame(
        vector(cells),
        vector(gates),
        tuple(sorted([*ready, *busy])),
        counts[0],
        counts[1],
        next_,
        counts[2],
        counts[3],
        frame.values,
        frame.error,
        frame.closed,
    )


def _anything(inner: Frame) -> bool:
    """Whether something inside may begin."""
    return bool(inner.ready) or (inner.next < len(inner.values) and not inner.closed)


def _count(counts: list[int], status: StepStatus, *, numbered: bool) -> None:
    _, is_open, is_flying = COUNTS[status]
    counts[0] += is_open
    counts[1] += is_flying
    if numbered:
        counts[2] += status is StepStatus.COMPLETE
        counts[3] += status is StepStatus.FAILED


def _weigh(layout: Layout, gates: list[int], position: int, status: StepStatus) -> None:
    weight = COUNTS[status][0]
    if weight:
        for dependent in layout.dependents[position]:
            gates[dependent] += weight
    for dependent, wanted in layout.others.get(position, ()):
        gates[dependent] += WEIGHTS[wanted][status] - 1


def _next(cells: list[StepRecord]) -> int:
    """Return the first position from which on nothing has begun."""
    for position in range(len(cells), 0, -1):
        cell = cells[position - 1]
        if cell.status is not StepStatus.READY or cell.attempt or cell.run_id >= cell.more.base:
            return position
    return 0


class Derived(NamedTuple):
    """What a record derives from its facts, in a form that two ways of getting there can be compared in."""

    frames: tuple[object, ...]
    timers: frozenset[tuple[object, tuple[int, ...], int, str]]
    awaited: frozenset[tuple[str, frozenset[object]]]


def derived(record: WorkflowRecord) -> Derived:
    """Return what a record derives, without what has outlived its use: the oracle of a property test."""
    plan = record.plan
    frames = [_told(plan.layout, record.frame)]
    if record.undo is not None:
        frames.append(_told(undo_layout(plan, record.undos), record.undo))
    if record.last is not None and plan.last is not None:
        frames.append(_told(plan.last, record.last))
    draft = Draft(record, record.origin.created_at)
    timers: set[tuple[object, tuple[int, ...], int, str]] = set()
    heap = [record.timers]
    while heap:
        timer = heap.pop()
        if timer is not None:
            heap += [timer.left, timer.right]
            if draft.waits_for(timer):
                timers.add(timer[:4])
    draft.release()
    awaited = {(name, frozenset(entries)) for name, entries in record.awaited.items() if entries}
    return Derived(tuple(frames), frozenset(timers), frozenset(awaited))


def _told(layout: Layout, frame: Frame) -> tuple[object, ...]:
    cells = list(flat(frame.cells))
    gates = tuple(flat(frame.gates))
    ready = frozenset(
        position
        for position in frame.ready
        if cells[position].status is StepStatus.READY
        and (layout.numbered or layout.opens(position, gates[position], cells[position]))
    )
    inner = tuple(
        (position, _told(layout.inside(position), cell.more.inner))
        for position, cell in enumerate(cells)
        if cell.more.inner is not None
    )
    counts = (frame.open, frame.flying, frame.next, frame.successes, frame.failures)
    return (gates, ready, counts, inner)
