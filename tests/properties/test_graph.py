"""What the graph promises of every workflow and everything that can happen to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfox import graph, spec
from runfox.graph import StepResult
from runfox.graph.facts import WorkflowEnded
from runfox.values import Json
from tests.properties import laws, specs
from tests.properties.stories import Story

QUICK = settings(max_examples=150)
LONG = settings(max_examples=2_000)


def lives(data: dict[str, Json], events: list[specs.Event]) -> Story:
    story = Story(data)
    story.live(events)
    return story


@QUICK
@given(specs.workflows(), specs.STORIES)
def test_every_transition_keeps_the_laws_and_does_what_the_plain_model_does(data, events):
    lives(data, events)


@QUICK
@given(specs.workflows(), specs.STORIES)
def test_every_execution_ends_once_and_run_ids_grow_by_one(data, events):
    story = lives(data, events)
    story.finish()
    story.numbers_grow_by_one()
    assert sum(isinstance(fact, WorkflowEnded) for fact in story.facts) == 1


@QUICK
@given(specs.workflows(), specs.STORIES)
def test_the_facts_of_a_whole_history_fold_to_the_record(data, events):
    story = lives(data, events)
    folded = graph.fold(story.blank(), story.facts, revision=story.record.revision)
    assert laws.stored(folded) == laws.stored(story.record)


@QUICK
@given(specs.workflows(), specs.STORIES, st.lists(specs.ANSWERS, max_size=6))
def test_many_results_at_once_are_the_same_as_one_after_another(data, events, answers):
    story = lives(data, events)
    results = [story.result(answer) for answer in answers]
    index = story.plan.index
    at_once = graph.step(story.record, results, now=story.now)
    record, facts = story.record, []
    for result in sorted(results, key=lambda result: index.get(result.step_id, len(index))):
        transition = graph.on_step_result(record, result, now=story.now)
        record, facts = transition.record, facts + list(transition.facts)
    transition = graph.advance(record, now=story.now)
    assert (*facts, *transition.facts) == at_once.facts
    one_by_one = transition.record._replace(revision=at_once.record.revision)
    assert laws.stored(one_by_one) == laws.stored(at_once.record)
    assert transition.jobs == at_once.jobs


@QUICK
@given(specs.workflows(), specs.STORIES, st.integers(0, 30))
def test_a_result_delivered_twice_is_a_result_delivered_once(data, events, pick):
    story = lives(data, events)
    jobs = graph.in_flight(story.record)
    if jobs:
        job = jobs[pick % len(jobs)]
        result = StepResult(job.step_id, job.run_id, {"n": 1})
        once = graph.step(story.record, [result], now=story.now).record
        twice = graph.step(once, [result], now=story.now).record
        together = graph.step(story.record, [result, result], now=story.now).record
        quiet = twice._replace(revision=once.revision, ignored=once.ignored)
        assert laws.stored(quiet) == laws.stored(once)
        assert laws.stored(together._replace(ignored=once.ignored)) == laws.stored(once)


@QUICK
@given(specs.workflows(), specs.STORIES)
def test_a_record_read_from_text_decides_as_the_one_in_memory(data, events):
    story = lives(data, events)
    again = laws.records.record_from(laws.records.record_text(story.record), story.plan)
    results = [StepResult(job.step_id, None, {"n": 3}) for job in graph.in_flight(again)]
    one = graph.step(story.record, results, now=story.now)
    other = graph.step(again, results, now=story.now)
    assert one.facts == other.facts
    assert one.jobs == other.jobs
    assert one.decision == other.decision


@QUICK
@given(specs.workflows(), specs.STORIES)
def test_each_step_that_has_not_ended_is_explained(data, events):
    story = lives(data, events)
    reasons = graph.explain(story.record, now=story.now)
    waiting = {name for name, cell in story.record.steps.items() if not cell.status.ended}
    assert set(reasons) == (set() if story.record.status.ended else waiting)
    assert all(reasons.values())


@st.composite
def confluent(draw: st.DrawFn) -> tuple[dict[str, Json], dict[str, int], int]:
    """A workflow without races: each step merges a key of its own, and reads what it depends on.

    With it, how often each step fails before it succeeds, and how often the one loop goes round.
    """
    names = specs.NAMES[: draw(st.integers(1, len(specs.NAMES)))]
    needs = {name: draw(specs.needs(names[:number])) for number, name in enumerate(names)}
    steps = [
        {
            "id": name,
            "depends_on": needs[name],
            "input": {above: {"var": f"steps.{above}.output.{above}"} for above in needs[name]},
            "retry": {"max_attempts": 3, "delay": draw(st.sampled_from([0, 1]))},
        }
        for name in names
    ]
    setter, target = draw(st.sampled_from(steps)), draw(st.sampled_from(names))
    if target == setter["id"] or target in setter["depends_on"]:
        setter["branch"] = [
            {"condition": {"var": "again"}, "action": {"set": target}},
            {"action": "complete"},
        ]
    outputs = {name: {"var": f"steps.{name}.output.{name}"} for name in names}
    data = {"name": "confluent", "steps": draw(st.permutations(steps)), "outputs": outputs}
    failures = {name: draw(st.integers(0, 2)) for name in names}
    return data, failures, draw(st.integers(0, 2))


def worked(data: dict[str, Json], failures: dict[str, int], turns: int, picks: list[int]) -> Story:
    """Bring a workflow to its end, its results in the order of ``picks``, some of them more than once."""
    story = Story(data)
    looping = {step["id"] for step in data["steps"] if "branch" in step}
    moves = iter(picks)
    while not story.record.status.ended:
        jobs = graph.in_flight(story.record)
        if not jobs:
            assert story.record.wake_at is not None
            story.now = story.record.wake_at
            story.advance()
            continue
        pick = next(moves, 0)
        job = jobs[pick % len(jobs)]
        if job.attempt <= failures[job.step_id]:
            result = StepResult(job.step_id, job.run_id, error={"type": "E", "message": "m"})
        else:
            output: dict[str, Json] = {job.step_id: [job.step_id, job.inputs]}
            if job.step_id in looping:
                output["again"] = job.turn < turns
            result = StepResult(job.step_id, job.run_id, output)
        story.given.append(result)
        repeats = [story.given[pick % len(story.given)]] if pick % 3 == 0 else []
        if pick % 2:
            story.step([result, *repeats])
        else:
            for one in (*repeats, result, *repeats):
                story.one(one)
            story.advance()
    return story


@settings(max_examples=60)
@given(confluent(), st.lists(st.integers(0, 1_000), max_size=60))
def test_order_and_repetition_of_results_do_not_change_the_outcome_where_there_is_no_race(
    work, picks
):
    plainly, shuffled = worked(*work, []), worked(*work, picks)
    assert shuffled.record.status == plainly.record.status == "complete"
    assert shuffled.record.outcome == plainly.record.outcome
    assert dict(shuffled.record.state) == dict(plainly.record.state)
    for name, cell in plainly.record.steps.items():
        assert shuffled.record.steps[name].output == cell.output


@QUICK
@given(specs.workflows())
def test_building_a_plan_changes_nothing_of_the_spec(data):
    made = spec.build(data)
    plan = graph.compile_plan(made)
    assert plan.spec is made and list(plan.index) == [step.id for step in made.steps]
    for position, step in enumerate(made.steps):
        for dependency in step.depends_on:
            assert position in plan.layout.dependents[plan.index[dependency.step]]


@pytest.mark.slow
@LONG
@given(specs.workflows(), st.lists(specs.EVENTS, max_size=30))
def test_every_promise_holds_of_long_stories(data, events):
    story = lives(data, events)
    story.finish()
    story.numbers_grow_by_one()
    folded = graph.fold(story.blank(), story.facts, revision=story.record.revision)
    assert laws.stored(folded) == laws.stored(story.record)
