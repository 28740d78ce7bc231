"""The handle on one execution. It holds nothing but the id: everything else is asked of the store."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from runfox import graph, spec
from runfox.backend import Backend, InProcessWorker, driver
from runfox.backend.lifting import Lift, awaited
from runfox.backend.protocols import NO_LABELS
from runfox.execution import failure, result_from
from runfox.results import Decision, Ended, Halt, Pending
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, plain

_SECOND = timedelta(seconds=1)


class Workflow:
    """One execution of a workflow, as its caller holds it.

    Make one with ``from_yaml``, ``from_file`` or ``from_dict``, find one with ``resume``. Then either ``run``
    it to its end, or move it event by event with ``advance`` and ``on_step_result``, in any process.
    """

    def __init__(self, execution_id: str, backend: Backend) -> None:
        self.id = execution_id
        self.backend = backend

    @classmethod
    def from_yaml(
        cls,
        text: str | bytes,
        backend: Backend | None = None,
        *,
        inputs: dict[str, Json] | None = None,
        execution_id: str | None = None,
        labels: Mapping[str, str] = NO_LABELS,
        delay: timedelta | None = None,
        source: str = "<string>",
    ) -> "Workflow":
        """Create an execution of a workflow written as YAML or JSON.

        Raises ``SpecError`` with every problem of the text, and what ``Backend.create`` raises.
        """
        return cls._create(
            spec.load(text, source=source), backend, inputs, execution_id, labels, delay
        )

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        backend: Backend | None = None,
        *,
        inputs: dict[str, Json] | None = None,
        execution_id: str | None = None,
        labels: Mapping[str, str] = NO_LABELS,
        delay: timedelta | None = None,
    ) -> "Workflow":
        """Create an execution of the workflow in a ``.yaml`` or ``.json`` file."""
        return cls._create(spec.load_file(path), backend, inputs, execution_id, labels, delay)

    @classmethod
    def from_dict(
        cls,
        data: dict[str, Json],
        backend: Backend | None = None,
        *,
        inputs: dict[str, Json] | None = None,
        execution_id: str | None = None,
        labels: Mapping[str, str] = NO_LABELS,
        delay: timedelta | None = None,
    ) -> "Workflow":
        """Create an execution of a workflow given as plain data; it passes the same checks as a text."""
        return cls._create(spec.from_data(data), backend, inputs, execution_id, labels, delay)

    @classmethod
    def _create(
        cls,
        read: spec.Spec,
        backend: Backend | None,
        inputs: dict[str, Json] | None,
        execution_id: str | None,
        labels: Mapping[str, str],
        delay: timedelta | None,
    ) -> "Workflow":
        backend = backend if backend is not None else Backend()
        key = backend.create(read, inputs, execution_id=execution_id, labels=labels, delay=delay)
        return cls(key, backend)

    @classmethod
    def start(
        cls,
        name: str,
        backend: Backend,
        *,
        inputs: dict[str, Json] | None = None,
        execution_id: str | None = None,
        labels: Mapping[str, str] = NO_LABELS,
        delay: timedelta | None = None,
    ) -> "Workflow":
        """Create an execution of a workflow that the store keeps, by its ``name`` or ``name@version``."""
        return cls._create(backend.find(name), backend, inputs, execution_id, labels, delay)

    @classmethod
    def resume(cls, execution_id: str, backend: Backend) -> "Workflow":
        """Return the handle on an execution that exists. Raises ``ExecutionNotFound``, a ``KeyError`` too."""
        return cls(backend.load(execution_id).origin.key, backend)

    # Moving it --------------------------------------------------------------------------------------

    def advance(self) -> Decision:
        """Dispatch what is ready, after applying results that wait, and tell how the workflow stands.

        ``Dispatch`` has jobs that nobody else was given, however many processes call this at once.
        """
        decision = self.backend.step(self.id).decision
        assert decision is not None
        return decision

    def on_step_result(
        self, step_id: str, output: object, run_id: int | None = None
    ) -> Halt | Pending | None:
        """Apply what a run of a step answered, and dispatch nothing.

        Returns ``Halt`` if a branch halted the workflow, ``Pending`` if the step will be tried again, else
        None. An output that cannot be stored is a failure of the run. A result that is late, repeated or was
        never asked for changes nothing. Without ``run_id`` it answers the run in flight.
        """
        return self.backend.on_step_result(self.id, result_from(step_id, run_id, output))

    def on_step_error(
        self,
        step_id: str,
        type: str,
        message: str,
        run_id: int | None = None,
    ) -> Halt | Pending | None:
        """Apply the failure of a run of a step, and dispatch nothing. Returns as ``on_step_result``."""
        return self.backend.on_step_result(self.id, failure(step_id, run_id, type, message))

    def run(self, worker: InProcessWorker | None = None) -> Ended:
        """Bring the workflow to its end, and return how it ended.

        With a ``worker``, or a backend that has an executor, the steps are executed here. Otherwise workers
        elsewhere execute them, and this call waits. Stopped at any moment, it goes on when called again, here
        or in another process.
        """
        worker = worker or self.backend.worker
        if worker is None:
            return driver.follow(self.backend, self.id)
        return driver.execute(self.backend, self.id, worker.open())

    # What operators do ------------------------------------------------------------------------------

    def signal(self, name: str, data: Json = None, *, to: Json = None, id: str = "") -> None:
        """Send a signal to a wait. ``to`` addresses it by the wait's ``key``; one of an ``id`` counts once.

        It is durable on return. Raises ``SignalRefused`` if the workflow is over or never waits for it, or the
        data does not fit.
        """
        self.backend.signal(self.id, name, data, to=to, id=id)

    def cancel(self) -> None:
        """End the workflow as cancelled, after its ``finally``; called again, without the rest of that."""
        self.backend.cancel(self.id)

    def pause(self) -> None:
        """Dispatch nothing more until it is resumed; results and signals are still applied."""
        self.backend.pause(self.id)

    def unpause(self) -> None:
        """Let a paused workflow go on."""
        self.backend.resume(self.id)

    def retry(self, *steps: str) -> None:
        """Try what failed again, all of it or these steps, and keep what succeeded."""
        self.backend.retry(self.id, *steps)

    def rerun(self, step: str, *, input: dict[str, Json] | None = None) -> None:
        """Run a step, and all behind it, again; with another ``input``, if one is given."""
        self.backend.rerun(self.id, step, input=input)

    def skip(self, step: str, *, output: dict[str, Json] | None = None) -> None:
        """Let a step not run in this turn: skipped, or complete with ``output``."""
        self.backend.skip(self.id, step, output=output)

    def fork(self, at: int, *, execution_id: str | None = None) -> "Workflow":
        """Return a new execution that begins where this one stood at a revision."""
        return Workflow(self.backend.fork(self.id, at, execution_id=execution_id), self.backend)

    def explain(self) -> dict[str, str]:
        """Return, for each step that has not ended, why it is not running, or who is at it until when.

        What holds the whole workflow up stands under "". Empty when it is over.
        """
        return self.backend.explain(self.id)

    # Looking at it ----------------------------------------------------------------------------------

    @property
    def status(self) -> WorkflowStatus:
        return self.backend.load(self.id).status

    @property
    def outcome(self) -> Any:
        """The resolved outputs of a complete workflow, the result of a halted one, else None. A copy."""
        return plain(self.backend.load(self.id).outcome)

    @property
    def result(self) -> Ended | None:
        """How the workflow ended, or None while it has not."""
        record = self.backend.load(self.id)
        return graph.ended(record) if record.status.ended else None

    @property
    def step_statuses(self) -> dict[str, StepStatus]:
        """The status of every step, in the order of the spec."""
        return {step: cell.status for step, cell in self.backend.load(self.id).steps.items()}

    @property
    def progress(self) -> dict[str, int]:
        """How many steps are in each status, and in ``total``."""
        counts: dict[str, int] = dict.fromkeys(StepStatus, 0)
        for status in self.step_statuses.values():
            counts[status] += 1
        return {**counts, "total": sum(counts.values())}

    @property
    def step_durations(self) -> dict[str, float]:
        """Seconds from the first dispatch of its turn to its end, of every step that has ended after running."""
        return {
            step: (cell.ended_at - cell.started_at) / _SECOND
            for step, cell in self.backend.load(self.id).steps.items()
            if cell.started_at is not None and cell.ended_at is not None
        }

    @property
    def elapsed(self) -> float:
        """Seconds from the first dispatch to the end, or to now; 0 before the first."""
        record = self.backend.load(self.id)
        if record.started_at is None:
            return 0.0
        return ((record.ended_at or self.backend.store.now()) - record.started_at) / _SECOND

    # Awaited ----------------------------------------------------------------------------------------
    # What blocks happens in threads of the backend, whose bound ``AsyncBackend`` says.

    @property
    def lift(self) -> Lift:
        """The threads that the awaited forms happen in."""
        return self.backend.lift

    afrom_yaml = awaited(from_yaml)
    afrom_file = awaited(from_file)
    afrom_dict = awaited(from_dict)
    astart = awaited(start)
    aresume = awaited(resume)

    aadvance = awaited(advance)
    aon_step_result = awaited(on_step_result)
    aon_step_error = awaited(on_step_error)

    async def arun(self, worker: InProcessWorker | None = None) -> Ended:
        """Bring the workflow to its end as ``run`` does, and return how it ended.

        Coroutine executors are tasks of the loop that this is awaited in, others have threads. Cancelled, it
        gives back what it has in hand, and goes on when it is called again, here or in another process: tasks
        are cancelled then, and a thread, which cannot be ended, goes on unheard.
        """
        from runfox.backend import awaiting

        worker = worker or self.backend.worker
        if worker is None:
            return await awaiting.follow(self.backend, self.id)
        return await awaiting.execute(self.backend, self.id, worker)

    asignal = awaited(signal)
    acancel = awaited(cancel)
    apause = awaited(pause)
    aunpause = awaited(unpause)
    aretry = awaited(retry)
    arerun = awaited(rerun)
    askip = awaited(skip)
    afork = awaited(fork)
    aexplain = awaited(explain)

    async def astatus(self) -> WorkflowStatus:
        return await self.lift.call(lambda: self.status)

    async def aoutcome(self) -> Any:
        return await self.lift.call(lambda: self.outcome)

    async def aresult(self) -> Ended | None:
        return await self.lift.call(lambda: self.result)

    async def astep_statuses(self) -> dict[str, StepStatus]:
        return await self.lift.call(lambda: self.step_statuses)

    async def aprogress(self) -> dict[str, int]:
        return await self.lift.call(lambda: self.progress)

    async def astep_durations(self) -> dict[str, float]:
        return await self.lift.call(lambda: self.step_durations)

    async def aelapsed(self) -> float:
        return await self.lift.call(lambda: self.elapsed)
