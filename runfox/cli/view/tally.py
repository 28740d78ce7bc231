"""How an execution stands, kept by what moved: a glance at 10,000 steps costs what has changed."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

from runfox.cli.feed import Moved
from runfox.cli.view.entries import UNDO, entries, entry_path
from runfox.graph import Fact, StepRecord, WorkflowRecord
from runfox.graph.facts import BlockStarted, WorkflowEnding, WorkflowReopened
from runfox.graph.places import step_at
from runfox.spec.model import Do, Fn
from runfox.status import StepStatus

ACTIVE = frozenset({StepStatus.IN_PROGRESS, StepStatus.RETRY, StepStatus.WAITING})
BROKEN = frozenset({StepStatus.FAILED, StepStatus.HALTED})


class Tally:
    """Counts by status, and which steps are at work or broken, in the order in which they became so.

    ``counts`` are of the steps of the workflow itself, not of those inside of others or of ``finally``; ``size``
    is how many entries there are in all. ``jobs`` are the steps in progress that are executed, or queue for it.
    """

    def __init__(self, record: WorkflowRecord) -> None:
        self.counts: Counter[StepStatus] = Counter()
        self.active: dict[str, StepRecord] = {}
        self.broken: dict[str, StepRecord] = {}
        self.jobs: dict[str, StepRecord] = {}
        self._look(record)

    def _look(self, record: WorkflowRecord) -> None:
        self.record = record
        self.size = 0
        for kept in (self.counts, self.active, self.broken, self.jobs):
            kept.clear()
        for entry in entries(record):
            self.size += 1
            self._enter(entry.path, entry.cell, runs=isinstance(entry.step.body, Fn))

    def told(self, moved: Moved) -> None:
        """Take a commit into account. O(steps that it moved), unless steps inside of others come or go."""
        before, after = moved.before.steps, moved.after.steps
        touched = {path: before.get(path) for path in _touched(moved.facts)}
        if _structural(moved.facts) or any(
            cell is None or _has_steps(cell, path, moved.before) for path, cell in touched.items()
        ):
            self._look(moved.after)
            return
        self.record = moved.after
        for path, old in touched.items():
            assert old is not None
            if path in self.record.plan.index:
                self.counts[old.status] -= 1
            for kept in (self.active, self.broken, self.jobs):
                kept.pop(path, None)
            self._enter(path, after[path], runs=_runs(self.record, path))
        self._renew(path for fact in moved.facts for path in _around(getattr(fact, "step", "")))

    def at_work(self, places: int) -> dict[str, StepRecord]:
        """Return the steps that are being executed where ``places`` are at a time.

        The others were dispatched and queue: jobs are executed in the order of their dispatch.
        """
        return dict(islice(list(self.jobs.items()), places))

    def queued(self, places: int) -> int:
        """Return how many steps of the workflow itself were dispatched and are not executed yet."""
        index = self.record.plan.index
        return sum(path in index for path in islice(list(self.jobs), places, None))

    def _enter(self, path: str, cell: StepRecord, *, runs: bool) -> None:
        if path in self.record.plan.index:
            self.counts[cell.status] += 1
        if cell.status in ACTIVE:
            self.active[path] = cell
            if runs and cell.status is StepStatus.IN_PROGRESS:
                self.jobs[path] = cell
        elif cell.status in BROKEN:
            self.broken[path] = cell

    def _renew(self, paths: Iterable[str]) -> None:
        """Look again at steps that something happened inside of."""
        for path in dict.fromkeys(paths):
            if path in self.active:
                self.active[path] = self.record.steps[path]


def _runs(record: WorkflowRecord, path: str) -> bool:
    return path.startswith(UNDO) or isinstance(step_at(record.plan, path).body, Fn)


def _structural(facts: Iterable[Fact]) -> bool:
    """Whether steps come into being that were not there. A block that an item begins is not shown."""
    for fact in facts:
        match fact:
            case WorkflowEnding() | WorkflowReopened():
                return True
            case BlockStarted(step=step) if entry_path(step) == step:
                return True
    return False


def _has_steps(cell: StepRecord, path: str, record: WorkflowRecord) -> bool:
    """Whether a step has others inside of it that are shown, and that may go with what happens to it."""
    inner = cell.more.inner
    if inner is None:
        return False
    return isinstance(step_at(record.plan, path).body, Do)


def _touched(facts: Iterable[Fact]) -> Iterable[str]:
    """The entries that facts are about, but for those only something inside of which is meant."""
    names: dict[str, None] = {}
    for fact in facts:
        step = getattr(fact, "step", "")
        for path in (step, *getattr(fact, "steps", ())):
            if path and entry_path(path) == path:
                names[path] = None
    return names


def _around(path: str) -> Iterator[str]:
    """The entries that a step is inside of, and its own."""
    shown = entry_path(path)
    if shown and not shown.startswith(UNDO):
        yield from accumulate(shown.split("."), "{}.{}".format)
