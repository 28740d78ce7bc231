"""What holds of every transition, whatever led to it. Tests of single rules check it on their way, too."""

from runfox import graph
from runfox.backend import codec
from runfox.backend.protocols import Row
from runfox.graph import Transition, WorkflowRecord
from runfox.graph.facts import ResultIgnored, StepDispatched, WorkflowEnded
from runfox.graph.persistent import flat
from runfox.results import Cancelled, Complete, Dispatch, Failed, Halt, Pending
from runfox.status import StepStatus, WorkflowStatus

STORED = (
    "revision", "status", "state", "ignored", "outcome", "error", "started_at", "ended_at",
)  # fmt: skip


def stored(record: WorkflowRecord) -> tuple[object, ...]:
    """All that facts say of a record, to be compared."""
    return (*(getattr(record, name) for name in STORED), list(flat(record.cells)))


def snapshot(record: WorkflowRecord) -> str:
    """Everything in a record, down to the last part, as one text."""
    return repr(
        (
            codec.record_text(record),
            list(flat(record.gates)),
            record.ready,
            record.open,
            record.flying,
            record.timers,
            record.state_bytes,
        )
    )


def holds(before: WorkflowRecord, untouched: str, transition: Transition) -> None:
    """Check one transition. ``untouched`` is the snapshot of ``before`` that was taken before it."""
    assert snapshot(before) == untouched
    facts_make_the_record(before, transition)
    derived_parts_can_be_rebuilt(transition.record)
    texts_keep_everything(transition)
    nothing_starts_early(before, transition)
    the_end_is_final(before, transition)
    the_queue_is_told(before, transition)
    the_decision_is_what_the_record_says(transition)


def facts_make_the_record(before: WorkflowRecord, transition: Transition) -> None:
    after = transition.record
    if not transition.facts:
        assert after is before
        return
    assert after.revision == before.revision + 1
    folded = graph.fold(before, transition.facts, revision=after.revision)
    assert stored(folded) == stored(after)
    assert graph.derived(graph.rebuild(folded)) == graph.derived(after)
    one_by_one = before
    for fact in transition.facts:
        one_by_one = graph.evolve(one_by_one, fact)
    assert stored(one_by_one._replace(revision=after.revision)) == stored(after)


def derived_parts_can_be_rebuilt(record: WorkflowRecord) -> None:
    rebuilt = graph.rebuild(record)
    assert graph.derived(record) == graph.derived(rebuilt)
    assert record.wake_at == rebuilt.wake_at
    assert record.state_bytes >= rebuilt.state_bytes - 2  # the braces of an empty state


def texts_keep_everything(transition: Transition) -> None:
    record = transition.record
    again = codec.record_from(codec.record_text(record), record.plan)
    assert stored(again) == stored(record)
    assert list(again.state) == list(record.state)
    assert graph.derived(again) == graph.derived(record)
    if transition.facts:
        at = transition.facts[0].at
        row = Row(record.revision, at, codec.facts_text(transition.facts))
        assert tuple(codec.facts(row)) == transition.facts


def nothing_starts_early(before: WorkflowRecord, transition: Transition) -> None:
    record = before
    for fact in transition.facts:
        if isinstance(fact, StepDispatched):
            assert not record.status.ended
            step = record.plan.steps[record.plan.index[fact.step]]
            for dependency in step.depends_on:
                assert record.steps[dependency].status is StepStatus.COMPLETE
            cell = record.steps[fact.step]
            assert fact.run_id == cell.run_id + 1
            assert fact.attempt == cell.attempt + 1
            assert cell.due is None or cell.due <= fact.at
        record = graph.evolve(record, fact)


def the_end_is_final(before: WorkflowRecord, transition: Transition) -> None:
    ends = [fact for fact in transition.facts if isinstance(fact, WorkflowEnded)]
    assert len(ends) == (transition.record.status.ended and not before.status.ended)
    if ends:
        assert transition.facts.index(ends[0]) == len(transition.facts) - 1 or all(
            isinstance(fact, ResultIgnored)
            for fact in transition.facts[transition.facts.index(ends[0]) + 1 :]
        )
        assert transition.record.flying == 0
        assert transition.record.wake_at is None
    if before.status.ended:
        assert all(isinstance(fact, ResultIgnored) for fact in transition.facts)
        quiet = transition.record._replace(revision=before.revision, ignored=before.ignored)
        assert stored(quiet) == stored(before)
        assert not transition.jobs


def the_queue_is_told(before: WorkflowRecord, transition: Transition) -> None:
    """The jobs of a transition are the runs in flight after it and not before; the closed, the other way."""
    was = {(job.step_id, job.run_id): job for job in graph.in_flight(before)}
    now = {(job.step_id, job.run_id): job for job in graph.in_flight(transition.record)}
    jobs = {(job.step_id, job.run_id): job for job in transition.jobs}
    assert len(jobs) == len(transition.jobs)
    assert jobs == {run: job for run, job in now.items() if run not in was}
    assert set(transition.closed) == was.keys() - now.keys()


def the_decision_is_what_the_record_says(transition: Transition) -> None:
    record, decision = transition.record, transition.decision
    match record.status:
        case WorkflowStatus.COMPLETE:
            assert decision == Complete(record.outcome) or decision is None
        case WorkflowStatus.HALTED:
            assert decision == Halt(record.outcome)
        case WorkflowStatus.FAILED:
            assert decision == Failed(record.error) or decision is None
        case WorkflowStatus.CANCELLED:
            assert decision == Cancelled()
        case _:
            assert decision in (Dispatch(transition.jobs), Pending(), None)
            assert not transition.jobs or decision == Dispatch(transition.jobs)


def can_go_on(record: WorkflowRecord) -> bool:
    """Whether an execution that was just advanced is over, or something is under way for it."""
    return record.status.ended or bool(graph.in_flight(record)) or record.wake_at is not None
