"""What a transition costs, counted in calls: the same at 10,000 steps as at 100."""

import sys
from collections.abc import Callable

import pytest

from runfox import graph
from runfox.graph import Transition, WorkflowRecord
from runfox.graph.persistent import Editor
from tests.unit.graph.runs import NOW, equal, failure, plan_of, success, var

SMALL, LARGE = 100, 10_000


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, in Python and in C."""
    count = 0

    def counting(frame, event, arg):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def begun(*steps, **keys) -> WorkflowRecord:
    record = graph.start(plan_of(*steps, **keys), execution_id="x", inputs={}, now=NOW).record
    return graph.advance(record, now=NOW).record


def after(record: WorkflowRecord, *results) -> Transition:
    return graph.step(record, results, now=NOW)


def chain(size: int, **last) -> list[dict]:
    links = [{"id": f"s{n}", "depends_on": [f"s{n - 1}"]} for n in range(1, size)]
    return [{"id": "s0"}, *links[:-1], {**links[-1], **last}]


def fan(size: int, **each) -> list[dict]:
    return [{"id": f"s{n}", **each} for n in range(size)]


def a_link_of_a_chain(size: int) -> Callable[[], object]:
    record = begun(*chain(size))
    for n in range(size // 2):
        record = after(record, success(f"s{n}", {f"k{n % 7}": n})).record
    return lambda: after(record, success(f"s{size // 2}", {"k": 1}))


def one_of_many_in_parallel(size: int) -> Callable[[], object]:
    record = begun(*fan(size))
    return lambda: after(record, success(f"s{size // 2}", {"k": 1}))


def one_of_many_that_are_joined(size: int) -> Callable[[], object]:
    join = {"id": "join", "depends_on": [f"s{n}" for n in range(size - 1)]}
    record = begun(*fan(size - 1), join)
    return lambda: after(record, success(f"s{size // 2}", {"k": 1}))


def a_retry(size: int) -> Callable[[], object]:
    record = begun(*fan(size, max_attempts=3))
    return lambda: after(record, failure(f"s{size // 2}"))


def a_turn_of_one_step(size: int) -> Callable[[], object]:
    again = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "s0"}},
    ]
    record = begun({"id": "s0", "branch": again}, *fan(size)[1:])
    return lambda: after(record, success("s0"))


def an_input_read_from_another_step(size: int) -> Callable[[], object]:
    record = begun(
        *fan(size - 1), {"id": "z", "depends_on": ["s1"], "input": {"x": var("steps.s1.output.x")}}
    )
    return lambda: after(record, success("s1", {"x": 1}))


def a_branch_that_reads_state(size: int) -> Callable[[], object]:
    branch = [{"condition": equal("state.x", 2), "action": "halt"}]
    record = begun({"id": "s0", "branch": branch}, *fan(size)[1:])
    return lambda: after(record, success("s0", {"x": 1}))


def a_result_that_is_ignored(size: int) -> Callable[[], object]:
    record = begun(*fan(size))
    return lambda: after(record, success("s5", {"k": 1}, 7))


def an_advance_with_nothing_to_do(size: int) -> Callable[[], object]:
    record = begun(*fan(size))
    return lambda: graph.advance(record, now=NOW)


def creating_an_execution(size: int) -> Callable[[], object]:
    plan = plan_of(*fan(size))
    return lambda: graph.start(plan, execution_id="x", inputs={}, now=NOW)


@pytest.mark.parametrize(
    "transition",
    [
        a_link_of_a_chain,
        one_of_many_in_parallel,
        one_of_many_that_are_joined,
        a_retry,
        a_turn_of_one_step,
        an_input_read_from_another_step,
        a_branch_that_reads_state,
        a_result_that_is_ignored,
        an_advance_with_nothing_to_do,
        creating_an_execution,
    ],
)
def test_a_transition_costs_no_more_calls_at_ten_thousand_steps_than_at_a_hundred(transition):
    small, large = transition(SMALL), transition(LARGE)
    assert calls(large) <= 1.2 * calls(small)


def test_a_transition_writes_only_the_chunks_it_touches(monkeypatch):
    record = begun(*chain(LARGE))
    editors = []
    made = Editor.__init__
    monkeypatch.setattr(
        Editor, "__init__", lambda self, chunks: editors.append(self) or made(self, chunks)
    )
    after(record, success("s0"))
    assert sum(len(editor._owned) for editor in editors) <= 4


def test_many_retries_that_wait_cost_the_next_one_at_most_the_depth_of_their_heap():
    def waiting(size: int) -> WorkflowRecord:
        record = begun(*fan(size, retry={"delay": 60, "max_attempts": 5}))
        return after(record, *(failure(f"s{n}") for n in range(size - 1))).record

    small, large = waiting(SMALL), waiting(LARGE)
    one = calls(lambda: after(small, failure(f"s{SMALL - 1}")))
    many = calls(lambda: after(large, failure(f"s{LARGE - 1}")))
    levels = LARGE.bit_length()  # each is a meld and a node made anew
    assert many <= one + 2 * levels


def test_results_one_by_one_cost_the_same_however_many_steps_have_become_ready():
    def waiting(size: int) -> WorkflowRecord:
        pairs = [{"id": f"t{n}", "depends_on": [f"s{n}"]} for n in range(size)]
        record = begun(*fan(size), *pairs)
        for n in range(size - 1):
            record = graph.on_step_result(record, success(f"s{n}"), now=NOW).record
        return record

    small, large = waiting(SMALL), waiting(LARGE // 10)
    one = calls(lambda: graph.on_step_result(small, success(f"s{SMALL - 1}"), now=NOW))
    many = calls(lambda: graph.on_step_result(large, success(f"s{LARGE // 10 - 1}"), now=NOW))
    assert many <= 1.2 * one
