"""The pure core: from a record and an event to the facts that follow, and from facts to a record.

    decide   start, advance, on_step_result, step     (record, event, now) -> Transition
    evolve   evolve, fold, rebuild                    (record, facts) -> record
    ask      ended, explain

Nothing here reads a clock, does I/O, or draws lots. No argument is ever changed.
"""

from runfox.graph.decide import advance, blank, on_step_result, start, step
from runfox.graph.explain import explain
from runfox.graph.facts import FACTS, Fact, WorkflowCreated
from runfox.graph.fold import derived, evolve, fold, rebuild
from runfox.graph.outcomes import StepResult
from runfox.graph.plan import Plan, compile_plan
from runfox.graph.record import Origin, StepRecord, WorkflowRecord
from runfox.graph.transition import Transition, ended, in_flight

__all__ = [
    "FACTS",
    "Fact",
    "Origin",
    "Plan",
    "StepRecord",
    "StepResult",
    "Transition",
    "WorkflowCreated",
    "WorkflowRecord",
    "advance",
    "blank",
    "compile_plan",
    "derived",
    "ended",
    "evolve",
    "explain",
    "fold",
    "in_flight",
    "on_step_result",
    "rebuild",
    "start",
    "step",
]
