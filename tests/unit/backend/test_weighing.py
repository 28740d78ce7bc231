"""What is too much for one commit comes in several, or is a failure that names the limit; nothing is stuck."""

import pytest

from runfox import (
    Complete,
    Failed,
    InMemoryStore,
    InProcessRunner,
    SqliteRunner,
    SqliteStore,
    Workflow,
)
from runfox.backend import Backend, codec
from runfox.backend.protocols import Limits
from runfox.backend.records import record_text
from runfox.backend.weighing import weight
from runfox.errors import TooLarge
from runfox.graph import StepResult, fold, rebuild, step
from runfox.graph.outside import Outside
from runfox.spec import from_data
from runfox.testing import FakeClock
from tests.golden import driving
from tests.golden.flows import FLOWS, INPUTS

LARGE = "x" * 900_000


def var(path):
    return {"var": path}


def wide(count, text=LARGE):
    given = {"text": var("steps.a.output.text")}
    steps = [
        {"id": f"s{n}", "fn": "small", "depends_on": ["a"], "input": given} for n in range(count)
    ]
    return {"name": "wide", "steps": [{"id": "a", "fn": "large"}, *steps]}


def execute(fn, inputs):
    return {"text": LARGE} if fn == "large" else {"n": 1}


@pytest.fixture(params=["memory", "sqlite", "sqlite, jobs elsewhere"])
def backend(request, tmp_path):
    if request.param == "memory":
        yield Backend(InMemoryStore(), InProcessRunner(), executor=execute)
        return
    path = tmp_path / "runs.db"
    store = SqliteStore(path, profile="fast")
    runner = SqliteRunner(path if request.param == "sqlite" else tmp_path / "jobs.db")
    yield Backend(store, runner, executor=execute)
    store.close()
    runner.close()


def commits(backend, key):
    return [codec.facts(row) for row in backend.history(key)]


def test_inputs_of_many_steps_come_in_several_commits(backend):
    run = Workflow.from_dict(wide(12), backend)
    assert run.run() == Complete({})
    weights = [weight(facts) for facts in commits(backend, run.id)]
    assert max(weights) <= backend.store.limits.max_facts
    assert sum(weights) > 2 * backend.store.limits.max_facts


def test_a_driver_that_steps_by_itself_is_told_that_there_is_more(backend):
    key = backend.create(from_data(wide(12)))
    backend.step(key)
    backend.step(key, [StepResult("a", 0, {"text": LARGE})])
    for _ in range(20):
        for due in backend.store.due(10):
            backend.step(due)
    assert len(backend.list_pending_jobs()) == 12
    assert backend.store.due(10) == []


def test_items_that_are_large_come_in_several_commits(backend):
    flow = {
        "name": "each",
        "steps": [
            {"id": "a", "fn": "large"},
            {
                "id": "each",
                "depends_on": ["a"],
                "do": [
                    {"id": "p", "fn": "small", "input": {"text": var("steps.a.output.text")}},
                    {"id": "q", "fn": "small", "input": {"text": var("steps.a.output.text")}},
                ],
                "foreach": {"items": [1, 2, 3, 4, 5]},
            },
        ],
    }
    run = Workflow.from_dict(flow, backend)
    assert run.run() == Complete({})
    assert max(map(weight, commits(backend, run.id))) <= backend.store.limits.max_facts


def test_results_that_are_large_together_are_used_in_several_commits(backend):
    steps = [{"id": f"s{n}", "fn": "work"} for n in range(12)]
    outputs = {"n": {"count": [{"vars": "steps.*.output.text"}]}}
    run = Workflow.from_dict({"name": "many", "steps": steps, "outputs": outputs}, backend)
    run.advance()
    assert len(backend.take_pending_jobs()) == 12
    for n in range(12):
        backend.submit_work_result(run.id, f"s{n}", {"text": LARGE[n:]})
    assert run.run() == Complete({"n": 12})
    assert max(map(weight, commits(backend, run.id))) <= backend.store.limits.max_facts


def test_results_that_are_handed_in_at_once_may_be_more_than_one_commit_takes(backend):
    steps = [{"id": f"s{n}", "fn": "work"} for n in range(6)]
    run = Workflow.from_dict({"name": "many", "steps": steps}, backend)
    run.advance()
    backend.step(run.id, [StepResult(f"s{n}", 0, {"text": LARGE}) for n in range(6)])
    assert run.result is None
    for _ in range(10):
        for due in backend.store.due(10):
            backend.step(due)
    assert run.result == Complete({})
    assert max(map(weight, commits(backend, run.id))) <= backend.store.limits.max_facts


def test_an_output_that_alone_is_too_much_is_a_failure_that_names_the_limit():
    backend = Backend(InMemoryStore(limits=Limits(max_facts=1_000_000)))
    flow = {
        "name": "x",
        "steps": [
            {"id": "a", "undo": {"fn": "back", "input": var("output")}},
            {"id": "b", "depends_on": ["a"], "input": {"text": var("steps.a.output.text")}},
        ],
        "on_failure": "rollback",
    }
    run = Workflow.from_dict(flow, backend)
    run.advance()
    backend.submit_work_result(run.id, "a", {"text": LARGE})
    ended = run.advance()
    assert isinstance(ended, Failed)
    assert ended.error["type"] == "TooLarge"
    assert "max_facts (1000000 bytes)" in ended.error["message"]
    assert backend.list_pending_jobs() == []
    assert backend.store.due(10) == []


def test_an_execution_that_begins_with_too_much_is_refused():
    backend = Backend(InMemoryStore(limits=Limits(max_facts=1_000)))
    with pytest.raises(TooLarge, match="max_facts"):
        backend.create(from_data(wide(1)), labels={"k": "x" * 1_001})
    assert backend.executions() == []
    backend.create(from_data(wide(1)), labels={"k": "x" * 900})


def test_a_fork_of_more_than_one_commit_takes_is_refused(backend):
    run = Workflow.from_dict(wide(12), backend)
    run.run()
    with pytest.raises(TooLarge, match="max_facts"):
        run.fork(backend.load(run.id).revision - 1)
    assert len(backend.executions()) == 1


def one_by_one(record, events, *, now):
    """Step with one run handed out by each decision, until nothing is left."""
    facts = []
    while True:
        found = step(record, events, now=now, outside=Outside(most=1))
        if not found.facts or found.elsewhere.questions:
            return record, facts
        record, events = found.record, ()
        facts += found.facts
        # What is left is found after a crash, too.
        assert set(rebuild(record).frame.ready) <= set(record.frame.ready)


@pytest.mark.parametrize("name", sorted(set(FLOWS) - {"cached", "narrow", "limited"}))
def test_what_is_handed_out_one_by_one_is_what_is_handed_out_at_once(name):
    data = {"name": name, **{k: v for k, v in FLOWS[name].items() if k not in ("asks", "halves")}}
    clock = FakeClock()
    backend = Backend(InMemoryStore(clock=clock))
    key = backend.create(from_data(data), INPUTS)
    for _ in range(5):
        before = backend.load(key)
        at_once = step(before, (), now=clock(), outside=Outside(most=10**6))
        record, facts = one_by_one(before, (), now=clock())
        assert sorted(map(repr, facts)) == sorted(map(repr, at_once.facts))
        again = fold(before, facts, revision=record.revision)
        assert record_text(again) == record_text(record)
        backend.step(key)
        for job in backend.take_pending_jobs(100):
            driving.answer(backend, job)
