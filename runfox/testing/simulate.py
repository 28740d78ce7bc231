"""A workflow run to its end in memory, by a script, under a virtual clock: tests of workflows cost no time."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from runfox import graph, spec
from runfox.backend import codec
from runfox.backend.ids import execution_id as id_of
from runfox.errors import RequestError
from runfox.graph import Fact, WorkflowRecord
from runfox.graph.places import walk
from runfox.results import Ended
from runfox.spec import Spec
from runfox.status import StepStatus, WorkflowStatus
from runfox.testing.script import Answers, Script
from runfox.testing.script_names import aliases, names_of
from runfox.testing.simulate_run import Called, Run
from runfox.testing.simulate_signals import Signals
from runfox.values import Json, plain

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When a simulated run begins: a Monday morning."""

Source: TypeAlias = Spec | str | bytes | os.PathLike[str] | Mapping[str, Json]
"""A workflow: as it was read, as a path, as text of several lines, or as data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What a simulated run came to.

    Attributes:
        result: ``Complete``, ``Halt``, ``Failed`` or ``Cancelled``.
        record: The record of the run at its end.
        children: The records of the runs that it called, by the path of the calling step: of several the last.
        calls: Every attempt of every step, in the order in which they began.
        history: The facts of the run.
        unsent: The names of signals that were never sent, as no step waited for them.
    """

    result: Ended
    record: WorkflowRecord
    children: Mapping[str, WorkflowRecord]
    calls: tuple[Called, ...]
    history: tuple[Fact, ...]
    unsent: tuple[str, ...]

    @property
    def status(self) -> WorkflowStatus:
        return self.record.status

    @property
    def outcome(self) -> Any:
        """The resolved outputs of a complete run, the result of a halted one, else None."""
        return plain(self.record.outcome)

    @property
    def error(self) -> Any:
        """The error of a failed run, else None."""
        return plain(self.record.error)

    @property
    def state(self) -> dict[str, Json]:
        """What the outputs were merged into."""
        return dict(plain(self.record.state))

    @property
    def steps(self) -> dict[str, StepStatus]:
        """The status of every step by its path: ``ship``, ``block.inner``, ``each[3]``, ``ship/pack``."""
        found = {path: cell.status for path, _, cell in walk(self.record)}
        for caller, record in self.children.items():
            found |= {f"{caller}/{path}": cell.status for path, _, cell in walk(record)}
        return found

    @property
    def elapsed(self) -> timedelta:
        """The virtual time from the start to the end."""
        return (
            self.record.ended_at or self.record.origin.created_at
        ) - self.record.origin.created_at

    def called(self, name: str) -> list[Called]:
        """Return the calls of a step, by its id or path, or of a fn."""
        return [call for call in self.calls if name in aliases(call.path, call.fn)]


def simulate(
    workflow: Source,
    script: Mapping[str, Answers] | None = None,
    inputs: dict[str, Json] | None = None,
    *,
    default: Answers | None = None,
    signals: Signals = (),
    children: Iterable[Source] = (),
    start: datetime = START,
) -> Simulation:
    """Run a workflow to its end by what a script says, and return what came of it.

    Waits, pauses between attempts and timeouts move a virtual clock; nothing sleeps. Steps that are ready at
    once begin at once, and answer in that order unless one ``Takes`` time. Workflows that are called run in the
    same way, those of a store if they are among ``children``; one that is detached ends with the simulation.

    Args:
        workflow: A ``Spec``, a path, a text, or data. A ``str`` is a path if it is of one line and no JSON.
        script: What steps answer, by id, path (``block.inner``, ``each[3]``, ``ship/pack`` of what ``ship``
            calls) or fn, the more exact first. An output, ``Fails``, ``TimesOut``, ``Takes``, an exception, a
            function of the inputs, or a list of these for one run of the step after another.
        default: What steps answer that the script does not name.
        signals: ``{name: data}``, each sent when a step waits for it; or a list of mappings: ``signal``, and
            perhaps ``data``, ``key``, ``id``, and ``at`` (a duration from the start) or ``after`` (a step).

    Raises:
        Unscripted: A step ran that has no answer.
        Stuck: It waits for a signal that nobody sends.
        SpecError, InputsInvalid, SignalRefused: As outside of tests.
    """
    if start.tzinfo is None:
        raise RequestError("the start has no time zone: give datetime(..., tzinfo=UTC)")
    main = read(workflow)
    kept = [read(child) for child in children]
    told = Script(script or {}, default, names_of([main, *kept]))
    run = Run(main, kept, told, start.astimezone(UTC))
    key = run.drive(inputs, signals)
    root = id_of(key)
    return Simulation(
        result=graph.ended(run.records[root]),
        record=run.records[root],
        children={
            run.prefixes[one].removesuffix("/"): record
            for one, record in run.records.items()
            if one != root
        },
        calls=tuple(run.calls),
        history=tuple(fact for row in run.backend.history(key) for fact in codec.facts(row)),
        unsent=run.unsent,
    )


def read(workflow: Source) -> Spec:
    """Return the workflow that is meant. Raises ``SpecError``, and ``OSError`` for a file that is not there."""
    match workflow:
        case Spec():
            return workflow
        case bytes():
            return spec.load(workflow)
        case str() if "\n" in workflow or workflow.lstrip().startswith("{"):
            return spec.load(workflow)
        case str() | os.PathLike():
            return spec.load_file(Path(workflow))
        case _:
            return spec.from_data(workflow)
