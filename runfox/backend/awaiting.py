"""Driving executions from an event loop: the driver again, with the waiting left to the loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic

from runfox.backend.base import Backend
from runfox.backend.driver import LOOK, Family, Work, holding_of, recover
from runfox.backend.holding import Holding
from runfox.backend.inprocess import InProcessWorker
from runfox.backend.sweeping import tidy
from runfox.execution.pools import CrewPool, Done
from runfox.results import Ended


async def follow(backend: Backend, key: str) -> Ended:
    """Bring an execution to its end while workers elsewhere execute, and return how it ended."""
    call, bell = backend.lift.call, backend.lift.bell
    await call(recover, backend, key)
    family = Family(backend, key, None)
    looked = monotonic()
    while True:
        rings = bell.rings
        over, seconds = await call(lambda: (family.move([]), family.seconds()))
        if over is not None:
            return over
        await bell.wait(rings, seconds)
        if monotonic() >= looked + LOOK:
            looked = monotonic()
            await call(tidy, backend)
        await call(family.look_around)


async def execute(backend: Backend, key: str, worker: InProcessWorker) -> Ended:
    """Bring an execution to its end, executing its jobs here, and return how it ended.

    Coroutines are tasks of this loop; other executors have threads or processes of their own. Who is cancelled
    gives back what is held here, and goes on when it is called again, as ``driver.execute``.
    """
    # A thread that went on would take jobs for somebody who has given back what he had.
    settled, bell = backend.lift.settled, backend.lift.bell
    await settled(recover, backend, key)
    pool = worker.open_here()
    heard = asyncio.Event()
    pool.listen(_ringing(heard))
    async with _held(backend, pool) as holding:
        work = Work(backend, key, holding)
        done: list[Done] = []
        while True:
            rings = bell.rings
            over, seconds = await settled(_move, work, done)
            if over is not None:
                return over
            if holding.busy:
                await _wait_for(heard, min(seconds, pool.patience))
            else:
                await bell.wait(rings, seconds)
            done = await settled(_fetch, work, holding)


@asynccontextmanager
async def _held(backend: Backend, pool: CrewPool) -> AsyncIterator[Holding]:
    """Enter, and leave, what is held, which blocks."""
    holding = holding_of(backend, pool)
    holding.__enter__()
    try:
        yield holding
    except BaseException as error:
        await backend.lift.settled(holding.__exit__, type(error))
        raise
    else:
        await backend.lift.settled(holding.__exit__, None)


def _move(work: Work, done: list[Done]) -> tuple[Ended | None, float]:
    over = work.move(done)
    return over, 0.0 if over is not None else work.seconds()


def _fetch(work: Work, holding: Holding) -> list[Done]:
    done = holding.finished(0.0)
    work.look_around(done)
    return done


async def _wait_for(heard: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await heard.wait()
    # Before results are fetched: what is finished meanwhile is heard again.
    heard.clear()


def _ringing(heard: asyncio.Event) -> Callable[[], None]:
    """Return what sets an event of this loop, from any thread."""
    loop = asyncio.get_running_loop()

    def ring() -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody listens any more
            loop.call_soon_threadsafe(heard.set)

    return ring
