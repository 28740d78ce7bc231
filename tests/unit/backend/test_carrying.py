"""A run is carried from store to store as JSON, keeps its history, and goes on where it was."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from runfox import Complete, Workflow
from runfox.backend import Backend, SqliteRunner, SqliteStore, codec
from runfox.backend.clock import utc_now
from runfox.backend.parcel import ParcelRefused, unpacked
from runfox.backend.protocols import Query
from runfox.connect import connect
from runfox.errors import ExecutionExists, ExecutionNotFound, StoreUnavailable, VerbRefused
from runfox.status import WorkflowStatus
from runfox.testing import told
from runfox.values import digest
from runfox.worker import Worker

FLOW = {
    "name": "flow",
    "workflows": {
        "child": {
            "steps": [{"id": "x"}, {"id": "y", "depends_on": ["x"]}],
            "outputs": {"by": {"var": "steps.y.output.fn"}},
        }
    },
    "steps": [
        {"id": "first"},
        {"id": "asked", "depends_on": ["first"], "wait": {"signal": "go"}},
        {"id": "flying", "depends_on": ["first"], "queue": "slow"},
        {"id": "again", "depends_on": ["first"], "retry": {"max_attempts": 3, "delay": "1s"}},
        {"id": "called", "depends_on": ["first"], "call": "child"},
        {"id": "narrow", "depends_on": ["first"], "limit": {"max": 1, "key": "desk"}},
        {
            "id": "last",
            "depends_on": ["asked", "flying", "again", "called", "narrow"],
        },
    ],
    "outputs": {
        "by": {"var": "steps.called.output.by"},
        "said": {"var": "steps.asked.output.data"},
    },
}
HOLDER = {"name": "holder", "steps": [{"id": "h", "limit": {"max": 1, "key": "desk"}}]}
OUTCOME = {"by": "y", "said": {"n": 1}}

Open = Callable[[], Backend]


@pytest.fixture
def places(tmp_path) -> Iterator[Open]:
    """Return what makes an empty SQLite database."""
    made: list[Backend] = []

    def make() -> Backend:
        made.append(connect(str(tmp_path / f"{len(made)}.db")))
        return made[-1]

    yield make
    for backend in made:
        backend.store.close()


def echo(fn, inputs):
    return {"fn": fn}


def half_done(backend: Backend) -> Workflow:
    """A run that waits for a signal, a worker, a timer, one that it called, and a place in a limit."""
    Workflow.from_dict(HOLDER, backend, execution_id="holder").advance()
    run = Workflow.from_dict(FLOW, backend, execution_id="r1", labels={"team": "a"})
    run.advance()
    backend.submit_work_result(run.id, "first", {"fn": "first"})
    backend.step(run.id)
    backend.take_pending_jobs()
    backend.submit_work_error(run.id, "again", "Broken", "it broke")
    backend.step(run.id)
    [child] = backend.executions(Query(parent="r1"))
    backend.step(child.execution_id)
    backend.submit_work_result(child.execution_id, "x", {"fn": "x"}, 0)
    return run


def goes_on(backend: Backend) -> None:
    backend.signal("r1", "go", {"n": 1})
    run = Workflow.resume("r1", backend)
    worker = Worker(backend, echo, concurrency=2)
    while not run.status.ended:
        worker.run(until_idle=True)
        backend.wait([run.id], timeout=timedelta(seconds=0.1))
    assert backend.load("r1").outcome == OUTCOME


def all_of(backend: Backend) -> dict[str, object]:
    return {
        one.execution_id: (told(backend.load(one.execution_id)), backend.history(one.execution_id))
        for one in backend.executions(Query(limit=1_000))
        if one.execution_id != "holder"
    }


def test_a_run_is_the_same_in_every_store_that_it_is_carried_to_and_goes_on_there(places) -> None:
    first, memory, last = places(), connect("memory:"), places()
    half_done(first)
    before = all_of(first)
    assert len(before) == 2
    parcel = json.loads(json.dumps(first.export("r1")))
    memory.import_run(parcel)
    assert all_of(memory) == before
    last.import_run(json.loads(json.dumps(memory.export("r1"))))
    assert all_of(last) == before
    assert last.load("r1").origin.labels["team"] == "a"
    goes_on(last)
    goes_on(memory)


def test_a_run_is_carried_to_postgresql_and_back(places, postgres_database) -> None:
    first, middle, last = places(), connect(postgres_database), places()
    half_done(first)
    before = all_of(first)
    middle.import_run(first.export("r1"))
    assert all_of(middle) == before
    last.import_run(middle.export("r1"))
    assert all_of(last) == before
    goes_on(middle)
    middle.store.close()
    goes_on(last)


def test_what_was_in_flight_is_queued_anew_and_nothing_else(places) -> None:
    first, last = places(), places()
    run = half_done(first)
    last.import_run(first.export("r1"))
    assert {job.step_id for job in last.list_pending_jobs()} == {"flying", "x"}
    assert {job.delivery for job in last.list_pending_jobs()} == {0}
    assert {job.run_id for job in last.list_pending_jobs() if job.step_id == "flying"} == {
        run.backend.load("r1").steps["flying"].run_id
    }


def test_messages_that_nobody_had_used_come_with_it(places) -> None:
    first, last = places(), places()
    half_done(first)
    first.signal("r1", "go", {"n": 1})
    [child] = first.executions(Query(parent="r1"))
    last.import_run(first.export("r1"))
    assert [one.kind for one in last.store.read(child.execution_id, 10)] == ["result"]
    assert last.load("r1").steps["asked"].status.ended


def test_a_finished_run_is_carried_with_its_outcome_and_starts_nothing(places) -> None:
    first, last = places(), places()
    run = Workflow.from_dict({"name": "n", "steps": [{"id": "a"}]}, first, execution_id="r1")
    Worker(first, echo).run(until_idle=True)
    run.advance()
    Worker(first, echo).run(until_idle=True)
    assert isinstance(run.run(), Complete)
    last.import_run(first.export("r1"))
    assert last.load("r1").status is WorkflowStatus.COMPLETE
    assert last.list_pending_jobs() == []
    assert last.store.due(10) == []
    assert all_of(last) == all_of(first)


def test_importing_again_changes_nothing_also_when_it_has_gone_on(places) -> None:
    first, last = places(), places()
    half_done(first)
    parcel = first.export("r1")
    key = last.import_run(parcel)
    before = all_of(last)
    assert last.import_run(parcel) == key
    assert all_of(last) == before
    goes_on(last)
    after = all_of(last)
    assert last.import_run(parcel) == key
    assert all_of(last) == after


def test_another_run_of_the_same_id_is_not_overwritten(places) -> None:
    first, last = places(), places()
    half_done(first)
    half_done(last)
    before = all_of(last)
    with pytest.raises(ExecutionExists, match="another history"):
        last.import_run(first.export("r1"))
    assert all_of(last) == before


def test_a_run_that_comes_in_piece_by_piece_is_not_touched_before_it_is_all_there(
    places, tmp_path
) -> None:
    first = places()
    half_done(first)
    parcel, revision = first.export("r1"), first.load("r1").revision
    # Whatever it waits for is over by that clock.
    store = SqliteStore(tmp_path / "late.db", clock=lambda: utc_now() + timedelta(days=1))
    last = Backend(store, SqliteRunner(tmp_path / "late.db"))
    real, left = store.commit, 0

    def breaking(commit):
        nonlocal left
        left -= 1
        if left < 0:
            raise StoreUnavailable("the store is gone")
        return real(commit)

    store.commit = breaking
    tries = 0
    while not isinstance(imported(last, parcel), str):
        assert store.due(10) == [] or store.load("r1").revision == revision
        tries, left = tries + 1, 1
    assert tries >= 3
    store.commit = real
    assert all_of(last) == all_of(first)
    assert "r1" in store.due(10)
    store.close()


def imported(backend: Backend, parcel: dict) -> str | StoreUnavailable:
    try:
        return backend.import_run(parcel)
    except StoreUnavailable as error:
        return error


def test_only_the_first_of_those_that_called_each_other_is_exported(places) -> None:
    first = places()
    half_done(first)
    [child] = first.executions(Query(parent="r1"))
    with pytest.raises(VerbRefused, match="export the first of them, r1"):
        first.export(child.execution_id)
    with pytest.raises(ExecutionNotFound):
        first.export("nobody")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: [], "no run that runfox exported"),
        (lambda data: {**data, "kind": "other"}, "no run that runfox exported"),
        (lambda data: {**data, "format": 2}, "use a newer one"),
        (lambda data: {**data, "id": "r2"}, "its checksum does not fit"),
        (lambda data: signed({**data, "engine": codec.FORMAT + 1}), "upgrade this one first"),
        (lambda data: signed({**data, "definitions": []}), "a workflow of the run is missing"),
        (lambda data: signed({**data, "executions": []}), "a workflow of the run is missing"),
        (lambda data: signed({**data, "executions": [{}]}), "cannot be read"),
        (lambda data: signed(without_a_commit(data)), "has a gap"),
        (lambda data: signed(with_another_workflow(data)), "is not the one of its id"),
    ],
)
def test_a_file_that_is_none_or_was_changed_is_refused(places, change, message) -> None:
    first, last = places(), places()
    half_done(first)
    with pytest.raises(ParcelRefused, match=message):
        last.import_run(change(first.export("r1")))
    assert last.executions() == []


def signed(data: dict) -> dict:
    body = {key: value for key, value in data.items() if key != "checksum"}
    return {**body, "checksum": digest(body)}


def without_a_commit(data: dict) -> dict:
    (one, *others) = data["executions"]
    return {**data, "executions": [{**one, "history": one["history"][1:]}, *others]}


def with_another_workflow(data: dict) -> dict:
    (one, *others) = data["definitions"]
    return {**data, "definitions": [{**one, "text": {**one["text"], "name": "other"}}, *others]}


def test_a_parcel_says_what_it_holds(places) -> None:
    first = places()
    half_done(first)
    parcel = unpacked(first.export("r1"))
    assert parcel.executions[0].execution_id == "r1"
    assert parcel.engine == codec.FORMAT
    assert [one.revision for one in parcel.executions[0].rows][-1] == first.load("r1").revision
