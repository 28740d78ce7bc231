"""How an execution stands, kept by what moved: a glance at 10,000 steps costs what has changed."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from runfox.cli.feed import Moved
from runfox.graph import Fact, StepRecord, WorkflowRecord
from runfox.status import StepStatus

ACTIVE = frozenset({StepStatus.IN_PROGRESS, StepStatus.RETRY, StepStatus.WAITING})
BROKEN = frozenset({StepStatus.FAILED, StepStatus.HALTED})


class Tally:
    """Counts by status, and which steps are at work or broken, in the order in which they became so."""

    def __init__(self, record: WorkflowRecord) -> None:
        self.record = record
        self.counts: Counter[StepStatus] = Counter()
        self.active: dict[str, StepRecord] = {}
        self.broken: dict[str, StepRecord] = {}
        for step, cell in record.steps.items():
            self._enter(step, cell)

    def told(self, moved: Moved) -> None:
        """Take a commit into account. O(steps that it moved)."""
        before, after = moved.before.steps, moved.after.steps
        for step in _touched(moved.facts):
            self.counts[before[step].status] -= 1
            self.active.pop(step, None)
            self.broken.pop(step, None)
            self._enter(step, after[step])
        self.record = moved.after

    def at_work(self, places: int) -> dict[str, StepRecord]:
        """Return the steps in progress that are being executed where ``places`` are at a time.

        The others were dispatched and queue: jobs are executed in the order of their dispatch.
        """
        begun = ((step, cell) for step, cell in list(self.active.items()) if _in_progress(cell))
        return dict(islice(begun, places))

    def _enter(self, step: str, cell: StepRecord) -> None:
        self.counts[cell.status] += 1
        if cell.status in ACTIVE:
            self.active[step] = cell
        elif cell.status in BROKEN:
            self.broken[step] = cell


def _in_progress(cell: StepRecord) -> bool:
    return cell.status is StepStatus.IN_PROGRESS


def _touched(facts: Iterable[Fact]) -> Iterable[str]:
    names: dict[str, None] = {}
    for fact in facts:
        step = getattr(fact, "step", None)
        if step is not None:
            names[step] = None
        names.update(dict.fromkeys(getattr(fact, "steps", ())))
    return names
