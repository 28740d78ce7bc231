"""Which steps of executions have failed, of what, and how often."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from runfox.graph import WorkflowRecord
from runfox.graph.layout import Layout
from runfox.graph.places import undo_layout
from runfox.graph.record import Frame, StepRecord
from runfox.status import StepStatus

DEAD = "LeaseLost"
"""The error of a step that cost too many workers their lease, or their life: a dead letter."""

_NUMBER = re.compile(r"\[\d+\]")


class FailedStep(NamedTuple):
    """A step that has failed and is not tried again. ``tries`` counts all its runs, ``at`` is the end.

    ``id`` is its execution in the long form, ``root`` the first of those that called each other, in the short.
    """

    id: str
    root: str
    name: str
    step: str
    type: str
    message: str
    tries: int
    at: datetime | None

    @property
    def kind(self) -> str:
        """The step, whichever item of a ``foreach`` it was: ``each[*].inner``."""
        return _NUMBER.sub("[*]", self.step)


class Failures(NamedTuple):
    """Failed steps that are alike: of one workflow, step and type of error. ``newest`` is one of them."""

    name: str
    step: str
    type: str
    times: int
    newest: FailedStep


class Wanted(NamedTuple):
    """Which failed steps are meant: those that all of this is true of.

    ``step`` is a path, or that of all items (``each[*].inner``), ``tries`` the most that it was tried.
    """

    step: str | None = None
    type: str | None = None
    tries: int | None = None
    since: datetime | None = None

    def fits(self, failed: FailedStep) -> bool:
        """Return whether a failed step is meant."""
        return (
            self.step in (None, failed.step, failed.kind)
            and self.type in (None, failed.type)
            and (self.tries is None or failed.tries <= self.tries)
            and (self.since is None or (failed.at is not None and failed.at >= self.since))
        )


ANY_FAILED = Wanted()


def failed_steps(record: WorkflowRecord) -> list[FailedStep]:
    """Return the steps that failed by themselves, innermost ones, in the order of the workflow."""
    plan = record.plan
    found = list(_failed(plan.layout, record.frame, ""))
    if record.undo is not None:
        found += _failed(undo_layout(plan, record.undos), record.undo, "undo")
    if record.last is not None and plan.last is not None:
        found += _failed(plan.last, record.last, "")
    return [_told(record, path, cell) for path, cell in found]


def _failed(layout: Layout, frame: Frame, prefix: str) -> Iterator[tuple[str, StepRecord]]:
    position = 0
    for chunk in frame.cells:
        for cell in chunk:
            if cell.status is StepStatus.FAILED or cell.more.inner is not None:
                path = (
                    f"{prefix}[{position}]"
                    if layout.numbered
                    else prefix + layout.steps[position].id
                )
                yield from _innermost(layout, position, path, cell)
            position += 1


def _innermost(
    layout: Layout, position: int, path: str, cell: StepRecord
) -> Iterator[tuple[str, StepRecord]]:
    inside: list[tuple[str, StepRecord]] = []
    if cell.more.inner is not None:
        inner = layout.inside(position)
        inside += _failed(inner, cell.more.inner, path if inner.numbered else f"{path}.")
    if inside:
        yield from inside
    elif cell.status is StepStatus.FAILED:
        yield path, cell


def _told(record: WorkflowRecord, path: str, cell: StepRecord) -> FailedStep:
    error = cell.error or {}
    return FailedStep(
        record.origin.key,
        record.execution_id if record.origin.parent is None else record.origin.parent.root,
        record.plan.spec.name,
        path,
        str(error.get("type", "Error")),
        str(error.get("message", "")),
        cell.run_id + 1,
        cell.ended_at,
    )


def tallied(failed: Iterable[FailedStep]) -> list[Failures]:
    """Return what failed alike together, the most frequent first."""
    alike: dict[tuple[str, str, str], list[FailedStep]] = defaultdict(list)
    for one in failed:
        alike[one.name, one.kind, one.type].append(one)
    found = [Failures(*key, len(ones), max(ones, key=_end)) for key, ones in alike.items()]
    return sorted(found, key=lambda row: (-row.times, row[:3]))


def _end(failed: FailedStep) -> float:
    return failed.at.timestamp() if failed.at is not None else 0.0
