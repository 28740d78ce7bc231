"""What is promised of a backend is promised of its awaited forms, and loops share a backend as threads do."""

import asyncio
from collections import Counter
from random import Random
from threading import Thread
from threading import enumerate as enumerate_threads

import pytest

from runfox import (
    AsyncBackend,
    Complete,
    Dispatch,
    InMemoryStore,
    SqliteRunner,
    SqliteStore,
    Workflow,
)
from runfox.backend.postgres import PostgresStore
from runfox.connect import connect
from runfox.testing import RunnerContract
from tests.acceptance.flows import successes
from tests.contract.text_store import TextStore

LONG = 60
"""Seconds after which a test gives up."""


class Door:
    """An ``AsyncBackend`` by the names of the forms that block: each is awaited in a loop elsewhere."""

    def __init__(self, backend, loop):
        self._backend = backend
        self._loop = loop

    def __getattr__(self, name):
        form = getattr(self._backend, f"a{name}", None)
        if form is None:
            return getattr(self._backend, name)

        def call(*args, **kwargs):
            awaited = asyncio.run_coroutine_threadsafe(form(*args, **kwargs), self._loop)
            return awaited.result(LONG)

        return call


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class TestAwaitedInMemory(RunnerContract):
    @pytest.fixture
    def backend(self, loop):
        return Door(AsyncBackend(), loop)


class TestAwaitedOnSqlite(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path, loop):
        store = SqliteStore(tmp_path / "s.db")
        backend = AsyncBackend(store, SqliteRunner(tmp_path / "s.db"))
        yield Door(backend, loop)
        backend.lift.close()
        store.close()


class TestAwaitedOnSqliteWithAQueueElsewhere(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path, loop):
        store, runner = SqliteStore(tmp_path / "s.db"), SqliteRunner(tmp_path / "r.db")
        backend = AsyncBackend(store, runner)
        yield Door(backend, loop)
        backend.lift.close()
        store.close()
        runner.close()


class TestAwaitedOnPostgres(RunnerContract):
    @pytest.fixture
    def backend(self, postgres_database, loop):
        backend = AsyncBackend.of(connect(postgres_database))
        yield Door(backend, loop)
        backend.lift.close()
        backend.runner.close()
        backend.store.close()


class TestAwaitedOnTheStoreOfAThirdParty(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path, loop):
        return Door(AsyncBackend(TextStore(tmp_path)), loop)


# Many at once -----------------------------------------------------------------------------------------

WIDE = {
    "name": "wide",
    "steps": [
        {"id": "first"},
        *[{"id": f"s{n}", "depends_on": ["first"]} for n in range(10)],
        {"id": "last", "depends_on": [f"s{n}" for n in range(10)]},
    ],
}


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, tmp_path):
    if request.param == "memory":
        yield InMemoryStore()
        return
    if request.param == "sqlite":
        store = SqliteStore(tmp_path / "s.db")
    else:
        store = PostgresStore(request.getfixturevalue("postgres_database"))
    yield store
    store.close()


async def race(run):
    """Advance a run until it has ended, answering each job twice; return the jobs that were dispatched here."""
    mine = []
    while True:
        match await run.aadvance():
            case Dispatch(jobs):
                mine += [(job.step_id, job.run_id) for job in jobs]
                for job in jobs:
                    for _ in range(2):
                        await run.aon_step_result(job.step_id, {"by": job.step_id}, job.run_id)
            case Complete():
                return mine


@pytest.mark.parametrize("threads", [1, 8])
def test_of_many_tasks_that_advance_a_run_one_is_given_each_job(store, threads):
    async def main():
        async with AsyncBackend(store, threads=threads) as backend:
            run = await Workflow.afrom_dict(WIDE, backend)
            found = await asyncio.gather(*[race(run) for _ in range(20)])
            return Counter(job for mine in found for job in mine)

    dispatched = asyncio.run(main())
    assert dispatched == {(step["id"], 0): 1 for step in WIDE["steps"]}


async def race_interrupted(run, random):
    """The same, but whatever is awaited is given up after a while, as often as not, and begun again."""
    while True:
        call = asyncio.create_task(step_on(run))
        await asyncio.wait([call], timeout=random.uniform(0, 0.02))
        if call.cancel():
            await asyncio.wait([call])
        elif isinstance(call.result(), Complete):
            return


async def step_on(run):
    match await run.aadvance():
        case Complete() as ended:
            return ended
    # Whoever was told of a job may have given up since: its queue knows of it.
    for job in await run.backend.alist_pending_jobs():
        await run.aon_step_result(job.step_id, {"by": job.step_id}, job.run_id)
    return None


@pytest.mark.parametrize("seed", range(3))
def test_tasks_that_are_cancelled_at_any_moment_lose_nothing_and_record_nothing_twice(store, seed):
    async def main():
        async with AsyncBackend(store, threads=3) as backend:
            run = await Workflow.afrom_dict(WIDE, backend)
            async with asyncio.timeout(LONG):
                await asyncio.gather(*[race_interrupted(run, Random(seed + n)) for n in range(8)])
            assert await backend.alist_pending_jobs() == []
            return run

    run = asyncio.run(main())
    assert successes(run.backend, run.id) == {(step["id"], 0): 1 for step in WIDE["steps"]}
    rows = run.backend.history(run.id)
    assert [row.revision for row in rows] == list(range(1, len(rows) + 1))


def test_of_many_loops_that_advance_a_run_one_is_given_each_job(store):
    backend = AsyncBackend(store)
    run = Workflow.from_dict(WIDE, backend)
    found = []
    loops = [Thread(target=lambda: found.extend(asyncio.run(race(run)))) for _ in range(6)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    assert Counter(found) == {(step["id"], 0): 1 for step in WIDE["steps"]}
    backend.lift.close()


def test_a_hundred_runs_at_once_are_all_driven_to_their_ends(store):
    executed, hearts = Counter(), set()

    async def execute(fn, inputs, job):
        hearts.update(one for one in enumerate_threads() if one.name == "runfox-heart")
        executed[job.workflow_execution_id, fn] += 1
        await asyncio.sleep(0)
        return {}

    async def main():
        async with AsyncBackend(store, executor=execute, threads=4) as backend:
            runs = [await Workflow.afrom_dict(WIDE, backend) for _ in range(100)]
            return runs, await asyncio.gather(*[run.arun() for run in runs])

    others = set(enumerate_threads())
    runs, ends = asyncio.run(main())
    assert ends == [Complete({})] * 100
    assert len(hearts - others) <= 1
    assert executed == {(run.id, step["id"]): 1 for run in runs for step in WIDE["steps"]}
