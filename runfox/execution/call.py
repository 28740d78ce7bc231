"""One call of an executor, whatever kind of callable it is."""

import inspect
import os
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from runfox.execution.errand import Errand
from runfox.execution.returned import raised, result_from
from runfox.execution.secrets import NO_VEIL, Secrets, Veil, fill, from_environment, secrets_of
from runfox.graph import StepResult
from runfox.results import TERMS, DispatchJob
from runfox.values import Json, NotJson, TooBig, checked, plain

Executor: TypeAlias = Callable[..., Any]
"""``(fn, inputs) -> dict``. May be async, may be a generator (each dict it yields is progress, what it returns
is the output), may take a third positional argument, the ``JobContext``."""

Progress: TypeAlias = Callable[[DispatchJob, Json], None]

MAX_PROGRESS = 100_000
"""Bytes of one word of progress in which secrets are looked for. A larger one is not passed on then."""


def _nothing() -> None:
    """Take a sign of life that nobody waits for."""


def _never() -> bool:
    return False


class JobContext(NamedTuple):
    """What an executor may know of its job, if it takes a third argument."""

    workflow_execution_id: str
    step_id: str
    run_id: int
    attempt: int
    delivery: int
    idempotency_key: str
    """The same for every attempt and delivery of a turn: hand it to services that know such keys."""
    deadline: datetime | None = None
    """When the attempt is past its time, by this machine's clock; None: it may take as long as it takes."""
    beat: Callable[[], None] = _nothing
    """Give a sign of life, for ``timeout.heartbeat``: twice in that time at least. More often costs next to
    nothing."""
    withdrawn: Callable[[], bool] = _never
    """Ask whether nobody waits for the result any longer: the run was cancelled, taken over, or is past its
    time. What you return then is of no use, so clean up and leave. In threads and processes it is up to you;
    an async executor is cancelled."""


def context_of(errand: Errand) -> JobContext:
    """Return the context that an executor gets with a job."""
    job = errand.job
    return JobContext(
        job.workflow_execution_id,
        job.step_id,
        job.run_id,
        job.attempt,
        job.delivery,
        job.idempotency_key,
        errand.deadline,
        errand.beat,
        errand.is_withdrawn,
    )


class Call:
    """A job, and what its executor needs to be called: copies of its inputs, with the secrets in them.

    Nothing but the inputs ever has the secrets, and what the executor says goes through the veil.
    """

    __slots__ = ("_errand", "_pid", "_progress", "job", "veil")

    def __init__(self, job: DispatchJob, errand: Errand | None, progress: Progress | None) -> None:
        self.job = job
        self.veil = NO_VEIL
        self._errand = errand
        self._progress = progress
        self._pid = os.getpid()

    def of(self, executor: Executor, secrets: Secrets) -> Any:
        """Call the executor, and return what it does: its output, or something to wait for."""
        job = self.job
        inputs = plain(job.inputs)
        if job.terms is not TERMS and job.terms.secrets:
            known = secrets_of(job, secrets)
            self.veil = Veil(known.values())
            fill(inputs, job.terms.secrets, known)
        if takes_context(executor):
            return executor(job.fn, inputs, context_of(self._errand or Errand(job)))
        return executor(job.fn, inputs)

    def say(self, word: Any) -> None:
        """Pass progress on. It is a sign of life, too."""
        if self._errand is not None:
            self._errand.beat()
        if self._progress is None:
            return
        if self.veil is not NO_VEIL:
            try:
                word = self.veil.value(checked(word, limit=MAX_PROGRESS))
            except (NotJson, TooBig):
                return
        self._progress(self.job, word)

    def answered(self, output: Any) -> StepResult:
        self._end_copy()
        job, veil = self.job, self.veil
        result = result_from(job.step_id, job.run_id, output, delivery=job.delivery)
        if veil is NO_VEIL:
            return result
        return result._replace(output=veil.value(result.output), error=veil.value(result.error))

    def raised(self, error: BaseException) -> StepResult:
        self._end_copy()
        job = self.job
        return raised(job.step_id, job.run_id, error, job.delivery, hide=self.veil.text)

    def _end_copy(self) -> None:
        """End this process if the executor forked it: what the job came to is for the original to say."""
        if os.getpid() != self._pid:
            os._exit(0)


def perform(
    executor: Executor,
    job: DispatchJob,
    progress: Progress | None = None,
    *,
    secrets: Secrets = from_environment,
    errand: Errand | None = None,
) -> StepResult:
    """Call an executor for a job, and return what came of it. An async one gets an event loop of its own.

    Only ``KeyboardInterrupt`` gets out: it is the person at the keyboard who wants to stop, not the executor.
    The executor gets copies, so it can do with its inputs what it likes. ``errand`` is that of the job, if its
    time runs already.
    """
    call = Call(job, errand, progress)
    try:
        output = call.of(executor, secrets)
        if type(output) is not dict:
            output = _waited_for(output, call)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an executor raises is its step's failure
        return call.raised(error)
    return call.answered(output)


async def perform_async(
    executor: Executor, errand: Errand, progress: Progress | None, secrets: Secrets
) -> StepResult:
    """The same within a running event loop, where not even a ``KeyboardInterrupt`` may get out."""
    call = Call(errand.job, errand, progress)
    try:
        output = await _settled(call.of(executor, secrets), call)
    except BaseException as error:  # noqa: BLE001
        return call.raised(error)
    return call.answered(output)


def is_async(executor: Executor) -> bool:
    """Return whether an executor says of itself that what it returns has to be awaited."""
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    return any(kind(one) for kind in kinds for one in (executor, type(executor).__call__))


def takes_context(executor: Executor) -> bool:
    """Return whether an executor has a place for a third positional argument."""
    try:
        return _takes_context(executor)
    except TypeError:  # not hashable
        return _takes_context.__wrapped__(executor)


@lru_cache(maxsize=1024)
def _takes_context(executor: Executor) -> bool:
    try:
        parameters = inspect.signature(executor).parameters.values()
    except (TypeError, ValueError):  # a builtin that does not tell
        return False
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(places) >= 3


def _drain(generator: Any, call: Call) -> Any:
    last: Any = None
    while True:
        try:
            last = next(generator)
        except StopIteration as stop:
            # One that only yields has said everything with its last word.
            return last if stop.value is None else stop.value
        call.say(last)


def _waited_for(output: Any, call: Call) -> Any:
    if inspect.isgenerator(output):
        return _drain(output, call)
    if inspect.isawaitable(output) or inspect.isasyncgen(output):
        return _run_loop(output, call)
    return output


def _run_loop(output: Any, call: Call) -> Any:
    import asyncio  # 40 ms that only async executors cost

    return asyncio.run(_settled(output, call))


async def _settled(output: Any, call: Call) -> Any:
    if inspect.isasyncgen(output):
        last: Any = None
        async for last in output:
            call.say(last)
        return last
    if inspect.isgenerator(output):
        return _drain(output, call)
    return await output if inspect.isawaitable(output) else output
