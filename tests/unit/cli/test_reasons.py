"""Why steps wait, and why a whole execution may not move."""

from datetime import timedelta

from runfox import graph
from runfox.cli.reasons import reasons, run_reasons
from tests.unit.graph.runs import NOW, Run, plan_of


def why(run: Run) -> dict[str, str]:
    return reasons(run.record, now=run.now)


def whole(run: Run) -> list[str]:
    return list(run_reasons(run.record, now=run.now))


def test_plain_steps_have_the_reasons_that_the_graph_gives() -> None:
    run = Run({"id": "a"}, {"id": "b", "max_attempts": 2}, {"id": "c", "depends_on": ["a", "b"]})
    run.ok("a")
    assert why(run) == graph.explain(run.record, now=run.now)


def test_a_wait_says_for_which_signal_and_until_when() -> None:
    run = Run({"id": "w", "wait": {"signal": "go", "key": "k1", "for": "90s"}})
    assert why(run)["w"].startswith("waits for signal go of k1 or until ")
    assert why(run)["w"].endswith("(1m30s from now)")


def test_a_block_counts_what_is_inside_and_each_of_it_has_a_reason() -> None:
    run = Run({"id": "b", "do": [{"id": "x"}, {"id": "y", "depends_on": ["x"]}]})
    assert why(run) == {
        "b": "2 steps inside of it have not ended",
        "b.x": "run 0 is with a worker, or queued for one (attempt 1)",
        "b.y": "waits for x (in_progress)",
    }


def test_a_foreach_is_one_line_with_counts() -> None:
    run = Run({"id": "e", "foreach": {"items": [1, 2, 3, 4], "max": 2, "tolerate": 1}, "fn": "f"})
    run.ok("e[0]").fails("e[1]")
    assert why(run) == {"e": "1/4 done, 1 failed, 2 at work"}


def test_a_call_names_the_execution_that_it_waits_for() -> None:
    run = Run({"id": "c", "call": "other"}, workflows={"other": {"steps": [{"id": "x"}]}})
    assert why(run)["c"] == f"waits for {run.record.steps['c'].more.child} to end"


def test_a_join_says_how_many_are_missing() -> None:
    run = Run({"id": "a"}, {"id": "b"}, {"id": "j", "depends_on": ["a", "b"], "join": "any"})
    assert why(run)["j"] == "waits for 1 more of: a (in_progress), b (in_progress)"


def test_a_step_that_wants_a_failure_says_so() -> None:
    run = Run({"id": "a"}, {"id": "h", "depends_on": [{"a": "failed"}]})
    assert why(run)["h"] == "waits for a to fail (in_progress)"


def test_a_paused_run_says_so_for_itself_and_for_what_could_run() -> None:
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]})
    paused = graph.step(run.record, [], now=run.now, asked=graph.PauseAsked()).record
    done = graph.step(paused, [graph.StepResult("a", None, {})], now=run.now).record
    assert "paused" in next(run_reasons(done, now=run.now))
    assert reasons(done, now=run.now) == {"b": "ready, but the run is paused"}


def test_a_delayed_run_says_until_when() -> None:
    later = NOW + timedelta(minutes=5)
    record = graph.start(
        plan_of({"id": "a"}), execution_id="x1", inputs={}, now=NOW, start_at=later
    ).record
    assert list(run_reasons(record, now=NOW)) == [
        "it is delayed until 2026-01-01T12:05:00Z, 5m00s from now"
    ]
    assert reasons(record, now=NOW) == {"a": "ready, but the run is delayed"}


def test_a_run_that_ends_says_what_is_done_first() -> None:
    run = Run({"id": "a"}, **{"finally": [{"id": "z"}]})
    run.ok("a")
    assert whole(run) == ["it is ending, and will be complete: the steps of finally run"]
    assert "z" in why(run)


def test_a_run_that_is_over_has_no_reasons_left() -> None:
    run = Run({"id": "a"}).ok("a")
    assert why(run) == {}
    assert whole(run) == ["it is over: complete"]
