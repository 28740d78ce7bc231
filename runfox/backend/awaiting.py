"""Driving executions from an event loop: the driver again, with the waiting left to the loop."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from time import monotonic

from runfox.backend.base import Backend
from runfox.backend.driver import LOOK, Family, recover
from runfox.backend.holding import Holding
from runfox.backend.inprocess import InProcessWorker
from runfox.backend.protocols import Taker
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
    settled = backend.lift.settled
    await settled(recover, backend, key)
    pool = worker.open_here()
    holding = _holding(backend, pool)
    holding.__enter__()

    async def leave(kind: type[BaseException] | None, *_: object) -> None:
        await settled(holding.__exit__, kind)

    async with AsyncExitStack() as stack:
        stack.push_async_exit(leave)
        return await _Work(backend, Family(backend, key, holding), holding, pool).done()


def _holding(backend: Backend, pool: CrewPool) -> Holding:
    source = backend.queue.ledger
    taker = Taker(backend.name, backend.lease if source.leased else None)
    return Holding(source, taker, pool, max_deliveries=backend.max_deliveries)


class _Work:
    """What ``driver.execute`` does, in pieces that block, each in a thread, and the waiting between them."""

    def __init__(self, backend: Backend, family: Family, holding: Holding, pool: CrewPool) -> None:
        self._lift = backend.lift
        self._family = family
        self._holding = holding
        self._pool = pool
        self._heard = asyncio.Event()
        pool.listen(_ringing(self._heard))

    async def done(self) -> Ended:
        done: list[Done] = []
        while True:
            rings = self._lift.bell.rings
            # A thread that goes on would take jobs for somebody who has given back what he had.
            over, expired, seconds = await self._lift.settled(self._move, done)
            if over is not None:
                return over
            if self._holding.busy:
                await self._wait_for_one(seconds)
            else:
                await self._lift.bell.wait(rings, seconds)
            done = await self._lift.settled(self._fetch, expired)

    def _move(self, done: list[Done]) -> tuple[Ended | None, int, float]:
        """Decide, and begin with what is ready: how it ended, how much was past its time, how long to wait."""
        family, holding = self._family, self._holding
        over = family.move(done)
        if done:
            holding.recorded(done)
        if over is not None:
            return over, 0, 0.0
        expired = holding.look()
        if not holding.busy or holding.behind:
            family.take()
        return None, expired, family.seconds()

    def _fetch(self, expired: int) -> list[Done]:
        """Return what has been executed; look around at times, and when there is nothing."""
        done = self._holding.finished(0.0)
        if expired or not done:
            self._family.look_around()
        else:
            self._family.look_around_at_times()
        return done

    async def _wait_for_one(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, self._pool.patience)):
                await self._heard.wait()
        # Before they are fetched: what is finished meanwhile is heard again.
        self._heard.clear()


def _ringing(heard: asyncio.Event) -> Callable[[], None]:
    """Return what sets an event of this loop, from any thread."""
    loop = asyncio.get_running_loop()

    def ring() -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody listens any more
            loop.call_soon_threadsafe(heard.set)

    return ring
