"""Many processes at one run, or at one file, at the same time."""

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from random import Random

import pytest

from runfox import Complete, Dispatch, SqliteStore, Workflow
from runfox.backend.protocols import Query
from runfox.connect import connect
from tests.acceptance.flows import FLOW, INPUTS, OUTCOME, RUNS, answer, left_over, starts, successes
from tests.acceptance.processes import begin, said

PROCESSES = 8

_barrier = None


def _meet(barrier):
    global _barrier  # noqa: PLW0603 - how a process of a pool gets what cannot be sent to it
    _barrier = barrier


@pytest.fixture(scope="module")
def together():
    """Call a function in eight processes at the same moment, each with its number first."""
    context = multiprocessing.get_context("spawn")
    # When one of them fails, the others must not wait for ever.
    barrier = context.Barrier(PROCESSES, timeout=20)
    with ProcessPoolExecutor(
        PROCESSES, mp_context=context, initializer=_meet, initargs=(barrier,)
    ) as pool:

        def call(function, *arguments):
            calls = [pool.submit(function, number, *arguments) for number in range(PROCESSES)]
            return [call.result(timeout=60) for call in calls]

        yield call


def race_to_the_end(number, database, key):
    """Advance a run and answer its jobs, in no good order, some twice. Returns what was dispatched here."""
    random = Random(number)
    backend = connect(database)
    run = Workflow.resume(key, backend)
    mine = []
    _barrier.wait()
    while True:
        match run.advance():
            case Dispatch(jobs):
                mine += [(job.step_id, job.run_id) for job in jobs]
                todo = list(jobs)
                random.shuffle(todo)
                for job in todo:
                    for _ in range(random.choice((1, 1, 2))):
                        report(run, job)
            case Complete(outcome):
                backend.store.close()
                return mine, outcome


def report(run, job):
    try:
        output = answer(job.fn, job.inputs, job.attempt)
    except RuntimeError as error:
        run.on_step_error(job.step_id, "RuntimeError", str(error), job.run_id)
    else:
        run.on_step_result(job.step_id, output, job.run_id)


@pytest.mark.parametrize(
    "race", [*range(5), *[pytest.param(race, marks=pytest.mark.slow) for race in range(5, 50)]]
)
def test_of_racing_processes_each_run_is_dispatched_to_one(tmp_path, together, race):
    database = str(tmp_path / "runs.db")
    backend = connect(database)
    run = Workflow.from_dict(FLOW, backend, inputs=INPUTS)
    answers = together(race_to_the_end, database, run.id)
    dispatched = Counter(run for mine, _ in answers for run in mine)
    assert dispatched == {**RUNS, ("flaky", 0): 1}
    assert [outcome for _, outcome in answers] == [OUTCOME] * PROCESSES
    assert successes(backend, run.id) == RUNS
    assert left_over(database) == []
    backend.store.close()


def answer_all(number, database, key, jobs):
    """Report the results of all jobs, as every other process does."""
    backend = connect(database)
    run = Workflow.resume(key, backend)
    Random(number).shuffle(jobs)
    _barrier.wait()
    for job in jobs:
        run.on_step_result(job.step_id, {"value": job.inputs["number"]}, job.run_id)
    backend.store.close()


def test_no_result_is_lost_when_all_report_at_once(tmp_path, together):
    database = str(tmp_path / "runs.db")
    backend = connect(database)
    steps = [{"id": f"s{n}", "input": {"number": n}} for n in range(24)]
    run = Workflow.from_dict({"name": "wide", "steps": steps}, backend)
    jobs = run.advance().jobs
    together(answer_all, database, run.id, list(jobs))
    assert successes(backend, run.id) == {(f"s{n}", 0): 1 for n in range(24)}
    record = backend.load(run.id)
    assert [cell.output for cell in record.steps.values()] == [{"value": n} for n in range(24)]
    assert [row.revision for row in backend.history(run.id)] == list(range(1, record.revision + 1))
    backend.store.close()


def submit_all(number, database, key, jobs):
    """Put a share of the results into the inbox."""
    backend = connect(database)
    _barrier.wait()
    for job in jobs[number::4]:
        backend.submit_work_result(key, job.step_id, {"value": number % 4}, job.run_id)
    backend.store.close()


def test_no_message_is_lost_while_a_driver_reads(tmp_path, together):
    database = str(tmp_path / "runs.db")
    backend = connect(database)
    steps = [{"id": f"s{n}"} for n in range(40)]
    run = Workflow.from_dict({"name": "wide", "steps": steps}, backend)
    jobs = run.advance().jobs
    together(submit_all, database, run.id, list(jobs))
    run.run()
    assert successes(backend, run.id) == {(f"s{n}", 0): 1 for n in range(40)}
    assert left_over(database) == []
    backend.store.close()


def create_many(number, database, count):
    """Create runs, with ids of runfox's own."""
    backend = connect(database)
    _barrier.wait()
    ids = [Workflow.from_dict(FLOW, backend, inputs={"seed": number}).id for _ in range(count)]
    backend.store.close()
    return ids


def test_a_thousand_runs_created_at_once_have_a_thousand_ids(tmp_path, together):
    database = str(tmp_path / "runs.db")
    ids = [key for mine in together(create_many, database, 125) for key in mine]
    assert len(set(ids)) == 1_000
    backend = connect(database)
    listed = {found.execution_id for found in backend.executions(Query(limit=2_000))}
    assert listed == {key.rpartition("#")[2] for key in ids}
    backend.store.close()


def create_one(_number, database):
    """Create a run whose id the caller chose."""
    backend = connect(database)
    _barrier.wait()
    key = Workflow.from_dict(FLOW, backend, inputs=INPUTS, execution_id="mine").id
    backend.store.close()
    return key


def test_a_run_of_ones_own_id_is_created_once(tmp_path, together):
    database = str(tmp_path / "runs.db")
    assert len(set(together(create_one, database))) == 1
    backend = connect(database)
    assert len(backend.history("mine")) == 1
    backend.store.close()


def open_first(_number, folder):
    """Open files that are not there, all at the same moments."""
    for number in range(10):
        _barrier.wait()
        store = SqliteStore(f"{folder}/{number}.db")
        store.executions()
        store.close()


def test_a_file_can_be_opened_first_by_many(tmp_path, together):
    together(open_first, str(tmp_path))
    assert len(list(tmp_path.glob("*.db"))) == 10


@pytest.mark.parametrize("concurrency", [1, 3])
def test_two_drivers_of_one_run_share_it(tmp_path, concurrency):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    backend = connect(str(database))
    run = Workflow.from_dict(FLOW, backend, inputs=INPUTS)
    drivers = [begin("drive", database, run.id, log, 0.02, concurrency) for _ in range(3)]
    assert [said(driver) for driver in drivers] == [f"Complete(outcome={OUTCOME})"] * 3
    assert starts(log) == {**RUNS, ("flaky", 0): 1}
    assert successes(backend, run.id) == RUNS
    assert left_over(database) == []
    backend.store.close()


def test_drivers_and_workers_share_a_run(tmp_path):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    backend = connect(str(database))
    run = Workflow.from_dict(FLOW, backend, inputs=INPUTS)
    workers = [begin("work", database, run.id, log, 0.01, 2) for _ in range(2)]
    try:
        assert said(begin("drive", database, run.id, log, 0.01)) == f"Complete(outcome={OUTCOME})"
    finally:
        for worker in workers:
            worker.terminate()
            worker.communicate()
    assert starts(log) == {**RUNS, ("flaky", 0): 1}
    assert successes(backend, run.id) == RUNS
    backend.store.close()


def test_a_backend_may_be_made_before_a_fork(tmp_path):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    backend = connect(str(database))
    run = Workflow.from_dict(FLOW, backend, inputs=INPUTS)
    lines = said(begin("fork", database, run.id, log, 0.01)).splitlines()
    names, answers = zip(*(line.split(maxsplit=1) for line in lines), strict=True)
    assert answers == (f"Complete(outcome={OUTCOME})",) * 2
    # One name would be one worker, and would make tokens that tell two commits as one.
    assert len(set(names)) == 2
    assert starts(log) == {**RUNS, ("flaky", 0): 1}
    assert successes(backend, run.id) == RUNS
    backend.store.close()
