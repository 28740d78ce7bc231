"""Runs that together have every kind of fact, in as few steps as that takes."""

from runfox.graph import (
    CancelAsked,
    ChildEnded,
    Full,
    Outside,
    PauseAsked,
    ResumeAsked,
    RetryAsked,
    SignalSent,
    SkipAsked,
    SlotFreed,
)
from tests.unit.graph.runs import Run, equal, failure, success


def plain() -> Run:
    """Retries, a failure that a branch handles, a loop, and a failure that ends the run."""
    again = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "a"}},
    ]
    run = Run(
        {"id": "a", "max_attempts": 2},
        {"id": "b", "depends_on": ["a"], "branch": again},
        {"id": "c", "branch": [{"action": "complete"}]},
        {"id": "d"},
        {"id": "e", "depends_on": ["d"]},
        {"id": "f"},
    )
    run.fails("a").fails("c").ok("a").ok("b").ok("a", {"x": 1}, run=1).ok("a", {"x": 2})
    return run.step(success("b", {"done": True}), failure("d"))


def bodies() -> Run:
    """A block, items with more to come, an execution, waits, and an operator who skips."""
    run = Run(
        {"id": "block", "do": [{"id": "inner"}]},
        {
            "id": "each",
            "foreach": {
                "items": [1, 2],
                "need": 2,
                "more": {"if": [equal("results.2", None), [3], []]},
            },
        },
        {"id": "child", "call": "other", "depends_on": ["block"]},
        {"id": "kept", "wait": {"signal": "go"}, "depends_on": ["block"]},
        {"id": "told", "wait": {"signal": "stop"}},
        {"id": "late", "wait": {"for": "1h"}, "depends_on": ["each", "block"], "join": "any"},
        workflows={"other": {"steps": [{"id": "x"}]}},
    )
    run.step(SignalSent("go", 1, id="g"), SignalSent("nobody", id="n")).ok("each[0]")
    run.step(SignalSent("stop", {"by": "me"})).ok("block.inner").ok("each[1]")
    run.step(ChildEnded("child", 0, {"ok": True}))
    return run.ask(SkipAsked("late", {"by": "hand"}))


def rolled_back() -> Run:
    """A failure that has what was done undone."""
    run = Run(
        {"id": "a", "undo": {"fn": "take_back"}},
        {"id": "b", "depends_on": ["a"]},
        on_failure="rollback",
    )
    return run.ok("a").fails("b").ok("undo[0]")


def halted() -> Run:
    return Run({"id": "a", "branch": [{"action": "halt"}]}).ok("a")


def blocked() -> Run:
    """Places to wait for: the run's own, and a step's."""
    runs_full, steps_full = (Outside(full={key: Full(())}) for key in ("w", "k"))
    limit = {"key": "k", "max": 1}
    steps = [{"id": "a", "limit": limit}, {"id": "b", "depends_on": ["a"]}]
    run = Run(*steps, limit={"key": "w", "max": 1}, outside=runs_full)
    run.step(SlotFreed("w"), outside=steps_full).step(SlotFreed("k"))
    run.ask(PauseAsked()).ok("a")
    return run.ask(ResumeAsked())


def reopened() -> Run:
    """A run that ended, and goes on where it failed."""
    run = Run({"id": "block", "do": [{"id": "a"}]}, {"id": "b"}, **{"finally": [{"id": "z"}]})
    run.fails("block.a").ok("z").ask(RetryAsked()).ok("block.a")
    return run.ask(CancelAsked()).ok("z")


def kept() -> Run:
    """A failure after which others go on."""
    run = Run({"id": "a"}, {"id": "b"}, on_failure="continue")
    return run.fails("a").ok("b")


EVERYTHING = (plain, bodies, rolled_back, halted, blocked, reopened, kept)
