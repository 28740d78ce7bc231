"""Why a step is not running, in words."""

from runfox import graph
from tests.unit.graph.runs import Run, failure, success


def told(run: Run) -> dict[str, str]:
    return graph.explain(run.record, now=run.now)


def test_a_step_that_waits_names_what_it_waits_for():
    run = Run({"id": "a"}, {"id": "b"}, {"id": "c", "depends_on": ["a", "b"]}).ok("a")
    assert told(run)["c"] == "waits for b (in_progress)"


def test_a_step_that_waits_for_many_names_five_and_counts_the_others():
    names = [f"s{n}" for n in range(8)]
    run = Run(*({"id": name} for name in names), {"id": "join", "depends_on": names})
    assert told(run)["join"].startswith("waits for s0 (in_progress), s1")
    assert told(run)["join"].endswith(" and 3 more")


def test_a_step_that_runs_says_so():
    run = Run({"id": "a", "max_attempts": 2}).fails("a")
    assert told(run)["a"] == "run 1 is with a worker, or queued for one (attempt 2)"


def test_a_step_that_will_be_tried_again_says_why_and_when():
    run = Run({"id": "a", "retry": {"delay": 20}}).fails("a")
    assert told(run)["a"] == (
        "attempt 1 failed with Boom; the next one is due in 20.0 s, at 2026-01-01T12:00:20+00:00"
    )


def test_a_retry_whose_moment_has_come_is_due_now():
    run = Run({"id": "a", "retry": {"delay": 0}}).result(failure("a"))
    assert told(run)["a"] == "attempt 1 failed with Boom; the next one is due now"


def test_a_step_that_may_start_waits_for_the_next_advance():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]}).result(success("a"))
    assert told(run)["b"] == "ready; the next advance dispatches it"


def test_steps_that_have_ended_need_no_reason():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]}).ok("a")
    assert set(told(run)) == {"b"}


def test_nothing_waits_when_the_run_is_over():
    run = Run({"id": "a"}, {"id": "b"}, {"id": "c", "depends_on": ["b"]}).fails("a")
    assert told(run) == {}


def test_a_wait_names_its_signal_and_its_moment_once():
    run = Run({"id": "w", "wait": {"signal": "go", "for": 20}}, {"id": "t", "wait": {"for": 5}})
    assert told(run) == {
        "w": "waits for the signal 'go', until 2026-01-01T12:00:20+00:00, 20.0 s from now, at most",
        "t": "waits until 2026-01-01T12:00:05+00:00, 5.0 s from now",
    }
