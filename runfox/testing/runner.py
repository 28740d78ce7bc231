"""What a runner promises, beside any store: jobs go out once, results come in and stay until they are used."""

from datetime import timedelta

import pytest

from runfox import spec
from runfox.backend import Backend
from runfox.errors import RequestError
from runfox.graph import StepResult
from runfox.results import Complete, DispatchJob
from runfox.spec import Spec
from runfox.testing.builders import a_spec, run_of
from runfox.testing.hostile import PAYLOAD, TEXTS
from runfox.values import text


class RunnerContract:
    """``Runner``. Subclass it and give a ``backend`` fixture: your runner and any store, both empty.

    The worker's side is checked where the runner has one. If yours only dispatches, override ``queued``.
    """

    @pytest.fixture
    def backend(self) -> Backend:
        raise NotImplementedError("give a fixture `backend`: your runner and any store, both empty")

    @pytest.fixture
    def both_sides(self, backend: Backend) -> Backend:
        if not hasattr(backend.runner, "take_pending_jobs"):
            pytest.skip(f"{type(backend.runner).__name__} only dispatches")
        return backend

    def queued(self, backend: Backend) -> list[tuple[str, str, int]]:
        """Return the jobs in the queue, as (workflow execution id, step, run_id), oldest first."""
        return [run_of(job) for job in backend.list_pending_jobs()]

    # dispatch ---------------------------------------------------------------------------------------

    def test_what_advance_dispatches_is_in_the_queue(self, backend: Backend) -> None:
        assert self.queued(backend) == []
        _, jobs = _begun(backend, a_spec("a", "b"))
        assert self.queued(backend) == [run_of(job) for job in jobs]

    def test_dispatching_again_changes_nothing(self, backend: Backend) -> None:
        key, jobs = _begun(backend, a_spec("a", "b"))
        backend.runner.dispatch(key, jobs)
        backend.runner.dispatch(key, [*jobs[::-1], *jobs])
        assert self.queued(backend) == [run_of(job) for job in jobs]

    def test_dispatching_nothing_is_no_error(self, backend: Backend) -> None:
        key, jobs = _begun(backend)
        backend.runner.dispatch(key, [])
        assert self.queued(backend) == [run_of(job) for job in jobs]

    def test_executions_on_one_runner_do_not_mix(self, backend: Backend) -> None:
        one, jobs_of_one = _begun(backend)
        other, jobs_of_other = _begun(backend)
        assert one != other
        assert self.queued(backend) == [run_of(job) for job in (*jobs_of_one, *jobs_of_other)]

    # take -------------------------------------------------------------------------------------------

    def test_each_job_is_taken_once(self, both_sides: Backend) -> None:
        key, jobs = _begun(both_sides, a_spec("a", "b", "c"), inputs=PAYLOAD)
        assert [run_of(job) for job in both_sides.take_pending_jobs(2)] == [
            run_of(job) for job in jobs[:2]
        ]
        both_sides.dispatch(key, jobs)
        assert [run_of(job) for job in both_sides.take_pending_jobs()] == [run_of(jobs[2])]
        assert both_sides.take_pending_jobs() == []
        assert both_sides.list_pending_jobs() == []

    def test_a_run_that_is_over_is_not_given_out_again(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides, a_spec("a", "b"))
        # Workers that let their lease run out at once, so that whatever is left comes back.
        taken = both_sides.queue.take_pending_jobs(lease=timedelta(0))
        assert len(taken) == 2
        for job in taken:
            both_sides.submit_work_result(key, job.step_id, {}, job.run_id)
        assert isinstance(both_sides.step(key).decision, Complete)
        assert both_sides.take_pending_jobs() == []
        assert both_sides.list_pending_jobs() == []

    # results ----------------------------------------------------------------------------------------

    def test_without_results_there_is_nothing_to_gather(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides)
        assert both_sides.gather(key) == []

    def test_results_are_gathered_until_they_are_used(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides, a_spec("a", "b"))
        both_sides.submit_work_result(key, "a", PAYLOAD, 0)
        for _ in range(2):
            (result,) = both_sides.gather(key)
            assert (result.step_id, result.run_id, result.error) == ("a", 0, None)
            assert text(result.output) == text(PAYLOAD)
        both_sides.step(key)
        assert both_sides.gather(key) == []
        assert text(both_sides.load(key).steps["a"].output) == text(PAYLOAD)

    def test_results_are_gathered_in_the_order_they_came(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides, a_spec("a", "b", "c"))
        for step in ("b", "c", "a"):
            both_sides.submit_work_result(key, step, {}, 0)
        assert [result.step_id for result in both_sides.gather(key)] == ["b", "c", "a"]

    def test_submitting_twice_is_once(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides, a_spec("a", "b"))
        for _ in range(2):
            both_sides.submit_work_result(key, "a", {"n": 1}, 0)
        assert len(both_sides.gather(key)) == 1
        revision = both_sides.step(key).record.revision
        both_sides.submit_work_result(key, "a", {"n": 1}, 0)
        assert both_sides.step(key).facts == ()
        assert both_sides.gather(key) == []
        assert both_sides.load(key).revision == revision

    def test_results_of_executions_do_not_mix(self, both_sides: Backend) -> None:
        one, _ = _begun(both_sides)
        other, _ = _begun(both_sides)
        both_sides.submit_work_result(one, "a", {"of": "one"}, 0)
        both_sides.submit_work_result(other, "a", {"of": "other"}, 0)
        assert [result.output for result in both_sides.gather(one)] == [{"of": "one"}]
        both_sides.step(one)
        assert [result.output for result in both_sides.gather(other)] == [{"of": "other"}]

    def test_a_result_without_its_run_answers_the_newest(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides, _tried_again_at_once())
        both_sides.submit_work_error(key, "a", "Broken", "it broke")
        assert [result.run_id for result in both_sides.gather(key)] == [0]
        both_sides.step(key)
        both_sides.submit_work_result(key, "a", {"n": 1})
        assert [result.run_id for result in both_sides.gather(key)] == [1]
        assert isinstance(both_sides.step(key).decision, Complete)

    def test_a_failure_is_a_result(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides)
        both_sides.submit_work_error(key, "a", "Broken", "it broke", 0)
        assert both_sides.gather(key) == [
            StepResult("a", 0, None, {"type": "Broken", "message": "it broke"})
        ]

    def test_what_cannot_be_stored_is_a_failure(self, both_sides: Backend) -> None:
        outputs: tuple[object, ...] = (None, [], "text", {"a": {1}}, {"a": float("nan")}, {1: 2})
        key, _ = _begun(both_sides, a_spec(*[f"s{number}" for number in range(len(outputs))]))
        for number, output in enumerate(outputs):
            both_sides.submit_work_result(key, f"s{number}", output, 0)
        for result in both_sides.gather(key):
            assert result.error is not None
            assert result.error["type"] == "OutputInvalid"

    # Hostile texts ----------------------------------------------------------------------------------

    def test_hostile_ids_of_executions_are_refused(self, both_sides: Backend) -> None:
        for hostile in TEXTS:
            with pytest.raises(RequestError):
                both_sides.submit_work_result(hostile + "'", "a", {}, 0)
            with pytest.raises(RequestError):
                both_sides.submit_work_error(hostile + "'", "a", "E", "m")
            with pytest.raises(RequestError):
                both_sides.gather(hostile + "'")

    def test_results_of_hostile_steps_change_nothing(self, both_sides: Backend) -> None:
        key, _ = _begun(both_sides)
        for hostile in TEXTS:
            both_sides.submit_work_result(key, hostile, {})
            both_sides.submit_work_error(key, hostile, hostile, hostile, 2**70)
        both_sides.step(key)
        assert both_sides.gather(key) == []
        both_sides.submit_work_result(key, "a", {}, 0)
        assert isinstance(both_sides.step(key).decision, Complete)

    def test_hostile_errors_fail_their_step_and_nothing_else(self, both_sides: Backend) -> None:
        for hostile in TEXTS:
            key, _ = _begun(both_sides)
            both_sides.submit_work_error(key, "a", hostile, hostile, 0)
            both_sides.step(key)
            record = both_sides.load(key)
            assert record.status.ended
            assert record.error is not None
            assert both_sides.gather(key) == []


def _begun(
    backend: Backend, of: Spec | None = None, *, inputs: dict[str, object] | None = None
) -> tuple[str, tuple[DispatchJob, ...]]:
    """Create an execution and dispatch what is ready: its long id, and the jobs."""
    key = backend.create(of or a_spec("a"), inputs)
    return key, backend.step(key).jobs


def _tried_again_at_once() -> Spec:
    return spec.from_data({"name": "again", "steps": [{"id": "a", "max_attempts": 2}]})
