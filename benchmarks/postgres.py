"""What jobs cost in a PostgreSQL database, as ratios to the least that the same server can do, in the same run.

    python benchmarks/postgres.py            # starts a server of its own, or uses RUNFOX_TEST_POSTGRES
    python benchmarks/postgres.py P7

"Bare" is one prepared statement that takes a job (SKIP LOCKED), and one that keeps its result, each a transaction.
Times are wall clock, the least of several rounds that alternate with the bare form. Nothing here passes or fails.
"""

import math
import multiprocessing
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent))

from runfox import spec
from runfox.connect import connect
from runfox.worker import Worker
from tests.postgres_server import a_schema, a_url, with_schema

RUNS = 300
STEPS = 5
ROUNDS = 3


def execute(fn, inputs):
    return {"v": 1}


def chain(steps=STEPS):
    links = [{"id": "s0"}]
    links += [{"id": f"s{n}", "depends_on": [f"s{n - 1}"]} for n in range(1, steps)]
    return spec.build({"name": "chain", "steps": links})


def fan(width):
    return spec.build({"name": "fan", "steps": [{"id": f"s{n}"} for n in range(width)]})


def say(name, text):
    print(f"{name:4} {text}", flush=True)


# The least that can be done ----------------------------------------------------------------------------


def bare_table(url, jobs):
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("DROP TABLE IF EXISTS public.bare")
        connection.execute(
            "CREATE TABLE public.bare (id BIGINT PRIMARY KEY, worker TEXT, result TEXT)"
        )
        connection.execute("CREATE INDEX ON public.bare (id) WHERE worker IS NULL")
        connection.execute("INSERT INTO public.bare SELECT generate_series(1, %s)", (jobs,))


def bare_work(url):
    """Take jobs one by one until there are none, and keep the result of each."""
    with closing(psycopg.connect(url, autocommit=True, prepare_threshold=0)) as connection:
        connection.execute("SET enable_seqscan = off")
        while True:
            row = connection.execute(
                "UPDATE public.bare SET worker = %s WHERE id = (SELECT id FROM public.bare"
                " WHERE worker IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
                ("w",),
            ).fetchone()
            if row is None:
                return
            connection.execute(
                "UPDATE public.bare SET result = %s WHERE id = %s", ('{"v":1}', row[0])
            )


# Workers -----------------------------------------------------------------------------------------------


def work(url, concurrency):
    backend = connect(url)
    Worker(backend, execute, concurrency=concurrency).run(until_idle=True)
    backend.store.close()


def begin(url, specs):
    """Create runs, and queue their first steps."""
    backend = connect(url)
    for one in specs:
        backend.step(backend.create(one))
    backend.store.close()


def timed(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def in_processes(count, target, *arguments) -> float:
    """Return for how long so many processes are at it, once all are there."""
    context = multiprocessing.get_context("fork")
    ready, go = context.Semaphore(0), context.Event()

    def run():
        ready.release()
        go.wait()
        target(*arguments)

    processes = [context.Process(target=run) for _ in range(count)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    start = perf_counter()
    go.set()
    for process in processes:
        process.join()
    return perf_counter() - start


def p6(url):
    """Jobs of many runs, by workers that decide themselves."""
    jobs = RUNS * STEPS
    best: dict[str, float] = {}

    def note(name, seconds):
        best[name] = min(best.get(name, math.inf), seconds / jobs * 1e6)

    for _ in range(ROUNDS):
        bare_table(url, jobs)
        note("bare", timed(lambda: bare_work(url)))
        bare_table(url, jobs)
        note("bare by 4", in_processes(4, bare_work, url))
        for name, specs, workers, concurrency in (
            ("one by one", [chain()] * RUNS, 1, 1),
            ("batches of 20", [fan(20)] * (jobs // 20), 1, 20),
            ("20 runs at once", [chain()] * RUNS, 1, 20),
            ("by 4 workers", [chain()] * RUNS, 4, 1),
        ):
            with a_schema(url) as schema:
                own = with_schema(url, schema)
                begin(own, specs)
                note(name, in_processes(workers, work, own, concurrency))
    bare = best["bare"]
    for name, each in best.items():
        say("P6", f"{name}: {each:.0f} us a job, {each / bare:.2f}x bare")
    say("P6", f"4 workers are {best['one by one'] / best['by 4 workers']:.2f}x as fast as one")
    say("P6", f"4 bare ones are {bare / best['bare by 4']:.2f}x as fast as one")


# Hops --------------------------------------------------------------------------------------------------


def bare_hops(url, count):
    """Return the seconds from before an INSERT with NOTIFY to its being heard of on another connection."""
    found = []
    with (
        closing(psycopg.connect(url, autocommit=True)) as ear,
        closing(psycopg.connect(url, autocommit=True, prepare_threshold=0)) as mouth,
    ):
        mouth.execute("CREATE TABLE IF NOT EXISTS public.hops (at DOUBLE PRECISION)")
        ear.execute("LISTEN hops")
        for _ in range(count):
            start = perf_counter()
            with mouth.pipeline(), mouth.transaction():
                mouth.execute("INSERT INTO public.hops VALUES (%s)", (start,))
                mouth.execute("SELECT pg_notify('hops', '')")
            for _ in ear.notifies(timeout=10, stop_after=1):
                found.append(perf_counter() - start)
    return found


def answer(url):
    """Another process: it submits the results of the steps on queue ``there``."""
    backend = connect(url)
    while True:
        for job in backend.queue.take_pending_jobs(1, queues=["there"]):
            if job.step_id == "end":
                backend.store.close()
                return
            backend.submit_work_result(
                job.workflow_execution_id, job.step_id, {"at": perf_counter()}, job.run_id
            )
        backend.store.wait(1.0)


def p7(url):
    """From the result in one process to the start of the next step in another, by default settings."""
    count = 200
    bare = median(bare_hops(url, count)) * 1e3
    links = []
    for n in range(count):
        before = [f"here{n - 1}"] if n else []
        links += [
            {"id": f"there{n}", "queue": "there", "depends_on": before},
            {
                "id": f"here{n}",
                "depends_on": [f"there{n}"],
                "input": {"at": {"var": f"steps.there{n}.output.at"}},
            },
        ]
    links.append({"id": "end", "queue": "there", "depends_on": [f"here{count - 1}"]})
    hops = []

    def hear(fn, inputs):
        hops.append(perf_counter() - inputs["at"])
        if len(hops) == count:
            worker.stop()
        return {}

    with a_schema(url) as schema:
        own = with_schema(url, schema)
        context = multiprocessing.get_context("fork")
        other = context.Process(target=answer, args=(own,))
        backend = connect(own)
        backend.step(backend.create(spec.build({"name": "hops", "steps": links})))
        other.start()
        worker = Worker(backend, hear, queues=[""])
        worker.run()
        worker = Worker(backend, hear, queues=[""])
        worker.run(until_idle=True)
        other.join(30)
        backend.store.close()
    ours = median(hops) * 1e3
    say(
        "P7",
        f"result to next start through another process: {ours:.2f} ms, a bare NOTIFY {bare:.2f} ms:"
        f" {ours / bare:.1f}x",
    )


def main() -> None:
    wanted = {name.upper() for name in sys.argv[1:]}
    with a_url() as url:
        for goal in (p6, p7):
            if not wanted or goal.__name__.upper() in wanted:
                goal(url)


if __name__ == "__main__":
    main()
