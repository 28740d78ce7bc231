"""One call of an executor, whatever kind of callable it is."""

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from runfox.execution.returned import raised, result_from
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.values import Json, plain

Executor: TypeAlias = Callable[..., Any]
"""``(fn, inputs) -> dict``. May be async, may be a generator (each dict it yields is progress, what it returns
is the output), may take a third positional argument, the ``JobContext``."""

Progress: TypeAlias = Callable[[DispatchJob, Json], None]


class JobContext(NamedTuple):
    """What an executor may know of its job, if it takes a third argument."""

    workflow_execution_id: str
    step_id: str
    run_id: int
    attempt: int
    delivery: int
    idempotency_key: str
    """The same for every attempt and delivery of a turn: hand it to services that know such keys."""


def context_of(job: DispatchJob) -> JobContext:
    """Return the context that an executor gets with a job."""
    return JobContext(
        job.workflow_execution_id,
        job.step_id,
        job.run_id,
        job.attempt,
        job.delivery,
        job.idempotency_key,
    )


def perform(executor: Executor, job: DispatchJob, progress: Progress | None = None) -> StepResult:
    """Call an executor for a job, and return what came of it. An async one gets an event loop of its own.

    Only ``KeyboardInterrupt`` gets out: it is the person at the keyboard who wants to stop, not the executor.
    The executor gets copies, so it can do with its inputs what it likes.
    """
    try:
        output = _call(executor, job)
        if type(output) is not dict:
            output = _waited_for(output, job, progress)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an executor raises is its step's failure
        return raised(job.step_id, job.run_id, error, job.delivery)
    return result_from(job.step_id, job.run_id, output, delivery=job.delivery)


async def perform_async(
    executor: Executor, job: DispatchJob, progress: Progress | None = None
) -> StepResult:
    """The same within a running event loop."""
    try:
        output = await _settled(_call(executor, job), job, progress)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001
        return raised(job.step_id, job.run_id, error, job.delivery)
    return result_from(job.step_id, job.run_id, output, delivery=job.delivery)


def _call(executor: Executor, job: DispatchJob) -> Any:
    if takes_context(executor):
        return executor(job.fn, plain(job.inputs), context_of(job))
    return executor(job.fn, plain(job.inputs))


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


def _drain(generator: Any, job: DispatchJob, progress: Progress | None) -> Any:
    last: Any = None
    while True:
        try:
            last = next(generator)
        except StopIteration as stop:
            # One that only yields has said everything with its last word.
            return last if stop.value is None else stop.value
        if progress is not None:
            progress(job, last)


def _waited_for(output: Any, job: DispatchJob, progress: Progress | None) -> Any:
    if inspect.isgenerator(output):
        return _drain(output, job, progress)
    if inspect.isawaitable(output) or inspect.isasyncgen(output):
        return _run_loop(output, job, progress)
    return output


def _run_loop(output: Any, job: DispatchJob, progress: Progress | None) -> Any:
    import asyncio  # 40 ms that only async executors cost

    return asyncio.run(_settled(output, job, progress))


async def _settled(output: Any, job: DispatchJob, progress: Progress | None) -> Any:
    if inspect.isasyncgen(output):
        last: Any = None
        async for last in output:
            if progress is not None:
                progress(job, last)
        return last
    if inspect.isgenerator(output):
        return _drain(output, job, progress)
    return await output if inspect.isawaitable(output) else output
