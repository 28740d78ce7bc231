"""The pure core: from a record and an event to the facts that follow, and from facts to a record.

    decide   start, advance, on_step_result, decide, step   (record, event, now) -> Transition
    evolve   evolve, fold, rebuild                          (record, facts) -> record
    ask      ended, explain

Nothing here reads a clock, does I/O, or draws lots. No argument is ever changed.
"""

from runfox.graph.decide import advance, blank, decide, on_step_result, start, step
from runfox.graph.events import (
    CancelAsked,
    ChildEnded,
    Event,
    PauseAsked,
    RerunAsked,
    ResumeAsked,
    RetryAsked,
    SignalSent,
    SkipAsked,
    SlotFreed,
    StepCancelAsked,
    StepResult,
)
from runfox.graph.explain import RUN, explain
from runfox.graph.facts import FACTS, Fact, WorkflowCreated
from runfox.graph.fold import derived, evolve, fold, rebuild
from runfox.graph.forking import fork
from runfox.graph.layout import Plan, compile_plan
from runfox.graph.outside import NOTHING_KNOWN, Claim, Full, Kept, Outside, Question
from runfox.graph.record import Origin, Parent, StepRecord, WorkflowRecord
from runfox.graph.transition import NOWHERE, ChildStart, Elsewhere, Transition, ended, in_flight

__all__ = [
    "FACTS",
    "NOTHING_KNOWN",
    "NOWHERE",
    "RUN",
    "CancelAsked",
    "ChildEnded",
    "ChildStart",
    "Claim",
    "Elsewhere",
    "Event",
    "Fact",
    "Full",
    "Kept",
    "Origin",
    "Outside",
    "Parent",
    "PauseAsked",
    "Plan",
    "Question",
    "RerunAsked",
    "ResumeAsked",
    "RetryAsked",
    "SignalSent",
    "SkipAsked",
    "SlotFreed",
    "StepCancelAsked",
    "StepRecord",
    "StepResult",
    "Transition",
    "WorkflowCreated",
    "WorkflowRecord",
    "advance",
    "blank",
    "compile_plan",
    "decide",
    "derived",
    "ended",
    "evolve",
    "explain",
    "fold",
    "fork",
    "in_flight",
    "on_step_result",
    "rebuild",
    "start",
    "step",
]
