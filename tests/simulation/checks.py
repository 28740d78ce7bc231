"""What must hold of everything that becomes durable, and of everything that is executed, whatever goes wrong.

The checks see each commit as the store makes it, each job as a worker gets it, and each call of an executor. They
keep books of their own, so that what the store has forgotten, or never knew, is missed.
"""

from collections import Counter, defaultdict
from typing import ClassVar

from runfox import graph
from runfox.graph.facts import (
    ChildStarted,
    ResultIgnored,
    SignalIgnored,
    SignalReceived,
    StepFailed,
    StepRetrying,
    StepsReopened,
    StepsReset,
    StepSucceeded,
    StepUndone,
    StepWaiting,
    UndoRecorded,
    WorkflowReopened,
)
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import canonical

OVER = {StepStatus.COMPLETE, StepStatus.SKIPPED, StepStatus.FAILED, StepStatus.CANCELLED}
HOLDS = {StepStatus.IN_PROGRESS, StepStatus.WAITING}
SILENT = (ResultIgnored, SignalIgnored)


class Violation(AssertionError):
    """A promise was not kept. The engine may take it for an executor's failure: all of them are in ``found``."""

    found: ClassVar[list["Violation"]] = []

    def __init__(self, told):
        super().__init__(told)
        self.found.append(self)


def demand(kept, promise, *values):
    """Raise ``Violation`` unless a promise is kept."""
    if not kept:
        raise Violation(": ".join([promise, ", ".join(str(value) for value in values)]))


class Checks:
    """The books of one simulation."""

    def __init__(self, clock, *, max_deliveries):
        self.clock = clock
        self.max_deliveries = max_deliveries
        self.store = None
        self.slots = {}
        self.open = set()
        self.commits = Counter()
        self.jobs = {}
        """The runs that were dispatched, as (execution_id, step, run_id), by their long keys."""
        self.newest = {}
        self.floor = {}
        self.recorded = set()
        self.starts = Counter()
        self.outputs = defaultdict(list)
        self.taken_back = 0
        self.given_back = 0
        self.lost = Counter()
        self.endings = 0
        self.errors = Counter()
        self.messages = Counter()
        self.children = Counter()
        self.due = {}
        self.timers = 0
        self.signals = defaultdict(list)
        self.ignored = Counter()
        self.undos = defaultdict(list)
        self.conflicts = 0
        self.executions = 0

    # What becomes durable ---------------------------------------------------------------------------

    def created(self, commit, executions):
        own = commit.execution_id
        demand(own not in executions, "an execution is created once", own)
        demand(
            commit.revision == commit.record.revision == 1, "a new execution is at revision 1", own
        )
        self.executions += 1
        self.open.add(own)
        self._look(commit.record._replace(revision=0), commit)

    def committing(self, kept, commit):
        before, after, own = kept.record, commit.record, commit.execution_id
        demand(
            commit.revision == kept.revision + 1 == after.revision,
            "revisions go up by one",
            own,
            kept.revision,
            commit.revision,
        )
        if before.status.ended:
            self._reopens(before, commit)
        elif before.ending is not None:
            last = before.plan.last
            names = last.index if last is not None else {}
            for job in commit.jobs:
                first = job.step_id.split(".")[0].split("[")[0]
                demand(
                    first == "undo" or first in names,
                    "once a run is ending, nothing but undos and finally is dispatched",
                    own,
                    job.step_id,
                )
        self._look(before, commit)

    def _reopens(self, before, commit):
        after, own = commit.record, commit.execution_id
        if any(type(fact) is WorkflowReopened for fact in commit.facts):
            self.open.add(own)
            return
        silent = all(type(fact) in SILENT for fact in commit.facts)
        demand(silent and not commit.jobs, "what has ended stays as it is", own, commit.facts)
        same = (before.status, before.outcome, before.error) == (
            after.status,
            after.outcome,
            after.error,
        )
        demand(same, "an outcome never changes", own)

    def _look(self, before, commit):
        own, after = commit.execution_id, commit.record
        self.commits[own] += 1
        now = self.store.now()
        demand(commit.at <= now, "no commit is from the future", own)
        for fact in commit.facts:
            look = _LOOKS.get(type(fact))
            if look is not None:
                look(self, own, fact, commit, now)
        for job in commit.jobs:
            self._dispatched(own, job, after, now)
        if after.status.ended and own in self.open:
            self.open.discard(own)
            parent = after.origin.parent
            self.endings += parent is not None and not parent.detached

    def _dispatched(self, own, job, after, now):
        run = (own, job.step_id, job.run_id)
        demand(run not in self.jobs, "a run is dispatched once", *run)
        self.jobs[run] = job
        newest = self.newest.get(run[:2], -1)
        demand(job.run_id > newest, "numbers of runs grow", *run, newest)
        self.newest[run[:2]] = job.run_id
        due = self.due.pop(run[:2], None)
        demand(due is None or due <= now, "nothing is tried again before its time", *run, due, now)
        demand(
            after.status is not WorkflowStatus.PAUSED, "while paused nothing is dispatched", *run
        )
        position = after.plan.index.get(job.step_id)
        if position is not None:
            step = after.plan.steps[position]
            if step.join is None:
                for needed in step.depends_on:
                    status = after.steps[needed.step].status
                    demand(status in OVER, "a step waits for those before it", *run, needed, status)

    def _succeeded(self, own, fact, commit, now):
        run = (own, fact.step, fact.run_id)
        demand(run not in self.recorded, "a completion is recorded once", *run)
        self.recorded.add(run)
        floor = self.floor.get(run[:2], -1)
        demand(fact.run_id > floor, "no result of an earlier turn counts", *run, floor)
        if run in self.jobs:
            output = canonical(fact.output)
            demand(output in self.outputs[run], "what is recorded was executed", *run, output)
        elif run[:2] in self.due:
            due = self.due.pop(run[:2])
            if fact.output.get("signal") is None:
                self.timers += 1
                demand(due <= now, "no timer is early", *run, due, now)

    def _is_due(self, own, fact, commit, now):
        if fact.due is not None:
            self.due[own, fact.step] = fact.due

    def _retrying(self, own, fact, commit, now):
        self.timers += 1
        self.errors[fact.error["type"]] += 1
        self._is_due(own, fact, commit, now)
        run = (own, fact.step, fact.run_id)
        self._lost(run, fact.error)
        told = fact.error["message"].split()
        if told[0] == "delivery":
            key = (commit.record.origin.key, fact.step, fact.run_id)
            current = self.store.ledger.delivery(key)
            demand(
                current in (None, int(told[1])),
                "only the current delivery can fail a run",
                *run,
                told,
                current,
            )

    def _failed(self, own, fact, commit, now):
        self._lost((own, fact.step, self.newest.get((own, fact.step))), fact.error)

    def _lost(self, run, error):
        if error["type"] == "LeaseLost":
            lost = self.lost[run]
            demand(lost >= self.max_deliveries, "only lost leases count as lost", *run, lost)

    def _reset(self, own, fact, commit, now):
        for step in fact.steps if type(fact) is StepsReset else ():
            self.floor[own, step] = self.newest.get((own, step), -1)
        self.due = {key: due for key, due in self.due.items() if key[0] != own}

    def _began(self, own, fact, commit, now):
        self.children[own, fact.step, fact.run_id] += 1
        demand(self.children[own, fact.step, fact.run_id] == 1, "a child begins once", own, fact)

    def _signalled(self, own, fact, commit, now):
        known = self.signals[own]
        for one in known:
            demand(not fact.id or one.id != fact.id, "a signal of an id counts once", own, fact)
            demand(one.data != fact.data, "a signal is applied once", own, fact)
        known.append(fact)

    def _to_undo(self, own, fact, commit, now):
        self.undos[own].append(fact.step)

    def _undone(self, own, fact, commit, now):
        last = self.undos[own].pop()
        demand(fact.step == last, "effects are undone the last one first", own, fact.step, last)

    def _ignored(self, own, fact, commit, now):
        self.ignored[own] += 1

    def refused(self, commit, kept):
        demand(commit.token != kept.token, "a repeated commit is recognised", commit.execution_id)

    def told(self, message, new):
        self.messages[message.kind] += new

    def settled(self, commit):
        """Check what a commit left behind in the queue and in the limits."""
        record = commit.record
        if self.store._executions[commit.execution_id].commit is not commit:
            return
        key = record.origin.key
        rows = self.store.ledger.rows(key)
        flying = {(job.step_id, job.run_id) for job in graph.in_flight(record)}
        demand(rows <= flying, "a job is of a run in flight", key, rows - flying)
        if flying - rows:
            waiting = self.store._inbox._waiting.get(commit.execution_id, {}).values()
            told = {
                (one.body.get("step"), one.body.get("run_id"))
                for one in waiting
                if one.kind == "result"
            }
            demand(flying - rows <= told, "a run in flight has a job", key, flying - rows - told)
        if self.slots:
            self._check_slots()

    def _check_slots(self):
        busy = Counter()
        for kept in self.store._executions.values():
            record = kept.commit.record
            limit = record.plan.spec.limit
            if limit is not None and record.status is WorkflowStatus.IN_PROGRESS:
                busy["run"] += record.blocked is None and record.ending is None
            for step, cell in zip(record.plan.steps, record.steps.values(), strict=True):
                if step.limit is not None and cell.status is StepStatus.IN_PROGRESS:
                    busy["k"] += 1
        for key, most in self.slots.items():
            demand(busy[key] <= most, "no limit is exceeded, whoever holds it", key, busy[key])
        for key, held in self.store._slots._held.items():
            most = self.slots.get(key)
            demand(most is None or len(held) <= most, "no limit is exceeded", key, list(held))
            for own, step, run_id in held:
                record = self.store._executions[own].commit.record
                kept = not record.status.ended
                if kept and step:
                    cell = record.steps[step]
                    kept = cell.run_id <= run_id and cell.status not in OVER
                demand(kept, "a slot is held only by what is in flight", key, own, step, run_id)

    # What is executed -------------------------------------------------------------------------------

    def reclaimed(self, jobs):
        self.taken_back += len(jobs)
        self.lost.update((key.split("#")[1], step, run_id) for key, step, run_id in jobs)

    def requeued(self, key):
        long, step, run_id = key
        waiting = self.store._inbox._waiting.get(long.split("#")[1], {}).values()
        answers = [
            one
            for one in waiting
            if one.kind == "result"
            and (one.body["step"], one.body["run_id"]) == (step, run_id)
            and one.body["error"] is None
        ]
        demand(not answers, "what is answered is not given out again", *key)

    def delivered(self, job):
        run = (job.execution_id, job.step_id, job.run_id)
        demand(
            job.delivery <= self.max_deliveries,
            "no job is delivered more often than it may be",
            *run,
            job.delivery,
        )

    def started(self, context):
        run = (context.workflow_execution_id.split("#")[1], context.step_id, context.run_id)
        demand(run in self.jobs, "what is executed was dispatched", *run)
        self.starts[run] += 1
        demand(
            self.starts[run] <= self.max_deliveries + self.given_back,
            "nothing is executed more often than it is delivered",
            *run,
        )
        return run

    def answered(self, run, output):
        self.outputs[run].append(canonical(output))


_LOOKS = {
    StepSucceeded: Checks._succeeded,
    StepRetrying: Checks._retrying,
    StepFailed: Checks._failed,
    StepWaiting: Checks._is_due,
    StepsReset: Checks._reset,
    StepsReopened: Checks._reset,
    ChildStarted: Checks._began,
    SignalReceived: Checks._signalled,
    SignalIgnored: Checks._ignored,
    UndoRecorded: Checks._to_undo,
    StepUndone: Checks._undone,
}
