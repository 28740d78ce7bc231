"""What can happen to an execution from outside: results, signals, and what operators want of it."""

from typing import Any, NamedTuple, TypeAlias

from runfox.graph.facts import Error
from runfox.values import Json


class StepResult(NamedTuple):
    """What came back from one run of a step: an ``output``, or an ``error`` with ``type`` and ``message``.

    ``run_id`` None answers the run that is in flight. ``delivery`` None is trusted; otherwise a store
    refuses a failure from a delivery that has been taken over.
    """

    step_id: str
    run_id: int | None = None
    output: dict[str, Json] | None = None
    error: Error | None = None
    delivery: int | None = None


class ChildEnded(NamedTuple):
    """The execution that a run of a step began has ended: an ``output``, or an ``error``."""

    step: str
    run_id: int
    output: Any = None
    error: Error | None = None


class SignalSent(NamedTuple):
    """A signal. ``id`` makes a repeated one recognisable; "" does not."""

    name: str
    data: Json = None
    key: Json = None
    id: str = ""


class CancelAsked(NamedTuple):
    """The run is to end as cancelled; asked again while ``finally`` runs, without the rest of that."""


class PauseAsked(NamedTuple):
    """Nothing more is to be dispatched for now."""


class ResumeAsked(NamedTuple):
    """A paused run is to go on."""


class RetryAsked(NamedTuple):
    """What failed is to be tried again, keeping what succeeded. ``steps`` () means all."""

    steps: tuple[str, ...] = ()


class RerunAsked(NamedTuple):
    """A step, and all behind it, is to run again; with ``given`` in place of its own input."""

    step: str
    given: dict[str, Json] | None = None


class SkipAsked(NamedTuple):
    """A step is not to run in this turn: complete with ``output``, or skipped if that is None."""

    step: str
    output: dict[str, Json] | None = None


class StepCancelAsked(NamedTuple):
    """One run of a step is to make way for another execution's."""

    step: str
    run_id: int


class SlotFreed(NamedTuple):
    """A place in a limit became free that steps of this run wait for."""

    key: str


Verb: TypeAlias = (
    CancelAsked | PauseAsked | ResumeAsked | RetryAsked | RerunAsked | SkipAsked | StepCancelAsked
)
Event: TypeAlias = StepResult | ChildEnded | SignalSent | SlotFreed | Verb
