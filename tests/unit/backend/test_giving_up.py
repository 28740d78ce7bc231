"""A process may make a backend for every call: what it leaves behind does not add up."""

import gc
from datetime import timedelta
from pathlib import Path

import pytest

from runfox import Complete, Workflow
from runfox.connect import connect

FLOW = {"name": "one", "steps": [{"id": "a"}]}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return str(tmp_path / "runs.db")
    return request.getfixturevalue("postgres_database")


def execute(fn, inputs):
    return {}


def run_with_a_backend_of_its_own(url):
    assert Workflow.from_dict(FLOW, connect(url, executor=execute)).run() == Complete({})
    gc.collect()


def test_a_backend_for_each_run_leaves_no_locks_and_no_workers(url):
    kept = connect(url)
    kept.executions()
    run_with_a_backend_of_its_own(url)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(12):
        run_with_a_backend_of_its_own(url)
    kept.take_pending_jobs()  # whoever comes next clears up
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2
    folder = Path(f"{url}-workers")
    assert not folder.exists() or len(list(folder.iterdir())) <= 3
    assert len(kept.workers()) <= 3
    kept.store.close()


def test_jobs_taken_by_a_backend_that_is_gone_are_held_by_their_lease(url):
    kept = connect(url)
    workflow = Workflow.from_dict(FLOW, kept)
    workflow.advance()
    [job] = connect(url, lease=timedelta(hours=1)).take_pending_jobs()
    gc.collect()
    for _ in range(3):
        assert kept.take_pending_jobs() == []
    connect(url).submit_work_result(workflow.id, job.step_id, {}, job.run_id)
    assert workflow.advance() == Complete({})
    kept.store.close()
