"""A scheduler starts what is due, once, however many there are and whatever happens between two writes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from runfox import spec
from runfox.backend import Backend, InMemoryStore, SqliteRunner, SqliteStore
from runfox.backend.protocols import Query
from runfox.errors import RequestError, StoreUnavailable
from runfox.graph import StepResult
from runfox.schedule import Scheduler
from runfox.schedule.scheduler import HELD, LONGEST
from runfox.status import WorkflowStatus
from runfox.testing import FakeClock
from runfox.testing.builders import a_definition

NIGHT = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Place:
    """A store with a clock that a test moves, and as many schedulers as it wants."""

    def __init__(self, store: Any, clock: FakeClock) -> None:
        self.clock = clock
        self.store = store
        self.backend = self.another()

    def another(self) -> Backend:
        return Backend(self.store)

    def activate(self, schedule: Any, name: str = "job", **more: Any) -> None:
        """Make a workflow of one step the active one of its name."""
        made = spec.from_data({"name": name, "schedule": schedule, "steps": [{"id": "a"}], **more})
        self.store.keep_definition(a_definition(made))
        self.store.activate(made.workflow_id)

    def at(self, hours: float, scheduler: Scheduler) -> list[str]:
        """Let a scheduler look at an hour of the day, and return the short ids of what it started."""
        self.clock.advance(NIGHT + hours * HOUR - self.clock())
        return [key.rpartition("#")[2] for key in scheduler.run_once()]

    def finish(self, execution_id: str) -> None:
        self.backend.step(execution_id, [StepResult(step_id="a", run_id=0, output={})])

    def ids(self, status: WorkflowStatus | None = None) -> list[str]:
        return sorted(one.execution_id for one in self.backend.executions(Query(status=status)))

    @property
    def open(self) -> list[str]:
        return self.ids(WorkflowStatus.IN_PROGRESS)


@pytest.fixture(params=["memory", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    clock = FakeClock(NIGHT)
    if request.param == "memory":
        return Place(InMemoryStore(clock=clock), clock)
    return Place(SqliteStore(str(tmp_path / "s.db"), clock=clock, profile="fast"), clock)


def hourly(**more: Any) -> dict[str, Any]:
    return {"cron": "0 * * * *", **more}


def the_run(hour: int, key: str = "job-0") -> str:
    return f"{key}-20261121T{hour:02}0000Z"


def test_a_run_is_started_and_dispatched_when_it_is_due(place: Place) -> None:
    place.activate(hourly(input={"of": "night"}))
    scheduler = Scheduler(place.backend)
    assert place.at(0.5, scheduler) == []
    assert place.at(0.99, scheduler) == []
    assert place.at(1, scheduler) == [the_run(1)]
    assert place.at(1.5, scheduler) == []
    record = place.backend.load(the_run(1))
    assert record.status is WorkflowStatus.IN_PROGRESS
    assert record.inputs == {"of": "night"}


def test_a_run_is_labelled_with_its_schedule(place: Place) -> None:
    place.activate(hourly(), labels={"team": "night"})
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    place.at(1, scheduler)
    (found,) = place.backend.executions(Query(labels={"schedule": "job-0"}))
    assert found.labels == {"team": "night", "schedule": "job-0"}


def test_a_schedule_that_is_new_has_missed_nothing(place: Place) -> None:
    place.activate(hourly(catchup="all"))
    assert place.at(23.5, Scheduler(place.backend)) == []


def test_what_is_not_active_starts_nothing(place: Place) -> None:
    made = spec.from_data({"name": "job", "schedule": [hourly()], "steps": [{"id": "a"}]})
    place.store.keep_definition(a_definition(made))
    scheduler = Scheduler(place.backend)
    assert place.at(0.5, scheduler) == place.at(1.5, scheduler) == []


def test_a_new_version_takes_over_where_the_old_one_was(place: Place) -> None:
    place.activate(hourly(overlap="allow"), version="1")
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    place.at(1, scheduler)
    place.activate(hourly(overlap="allow"), version="2")
    assert place.at(1.5, scheduler) == []
    assert place.at(2, scheduler) == [the_run(2)]
    assert place.backend.load(the_run(1)).workflow_id != place.backend.load(the_run(2)).workflow_id


def test_each_schedule_of_each_workflow_goes_by_itself(place: Place) -> None:
    place.activate([hourly(), {"every": "30m", "overlap": "allow"}])
    place.activate({"at": "2026-11-21T01:00:00Z"}, name="once")
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    assert sorted(place.at(1, scheduler)) == [
        the_run(1),
        the_run(1, "job-1"),
        the_run(1, "once-0"),
    ]
    assert place.at(1.5, scheduler) == ["job-1-20261121T013000Z"]


@pytest.mark.parametrize(
    ("catchup", "hours"), [("none", []), ("latest", [5]), ("all", [2, 3, 4, 5])]
)
def test_what_was_missed_while_no_scheduler_ran_is_caught_up_with(
    place: Place, catchup: str, hours: list[int]
) -> None:
    place.activate(hourly(catchup=catchup, overlap="allow"))
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    place.at(1, scheduler)
    assert place.at(5.5, Scheduler(place.backend)) == [the_run(hour) for hour in hours]
    assert place.at(6, scheduler) == [the_run(6)]


# Overlap ----------------------------------------------------------------------------------------------


def test_skip_leaves_out_what_is_due_while_a_run_is_open(place: Place) -> None:
    place.activate(hourly(overlap="skip"))
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    place.at(1, scheduler)
    assert place.at(2, scheduler) == []
    place.finish(the_run(1))
    assert place.at(2.5, scheduler) == []
    assert place.at(3, scheduler) == [the_run(3)]


def test_a_run_started_by_hand_or_by_another_schedule_is_not_in_the_way(place: Place) -> None:
    place.activate([hourly(overlap="skip"), {"cron": "30 * * * *", "overlap": "skip"}])
    place.activate(hourly(overlap="skip"), name="job-0")
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    assert place.at(0.5, scheduler) == ["job-1-20261121T003000Z"]
    assert sorted(place.at(1, scheduler)) == [the_run(1, "job-0-0"), the_run(1)]


def test_allow_starts_runs_beside_each_other(place: Place) -> None:
    place.activate(hourly(overlap="allow"))
    scheduler = Scheduler(place.backend)
    for hour in range(4):
        place.at(hour, scheduler)
    assert place.open == [the_run(1), the_run(2), the_run(3)]


def test_replace_cancels_the_run_that_is_open(place: Place) -> None:
    place.activate(hourly(overlap="replace"))
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    place.at(1, scheduler)
    assert place.at(2, scheduler) == [the_run(2)]
    place.backend.step(the_run(1))
    assert place.backend.load(the_run(1)).status is WorkflowStatus.CANCELLED
    assert place.open == [the_run(2)]


def test_replace_starts_only_the_last_of_what_was_missed(place: Place) -> None:
    place.activate(hourly(overlap="replace", catchup="all"))
    place.at(0, Scheduler(place.backend))
    assert place.at(5, Scheduler(place.backend)) == [the_run(5)]


def test_queue_starts_one_after_another_and_leaves_none_out(place: Place) -> None:
    place.activate(hourly(overlap="queue"))
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    assert place.at(1, scheduler) == [the_run(1)]
    assert place.at(2, scheduler) == place.at(3, scheduler) == []
    for hour in (1, 2):
        place.finish(the_run(hour))
        assert place.at(3.5, Scheduler(place.backend)) == [the_run(hour + 1)]
        assert place.open == [the_run(hour + 1)]
    place.finish(the_run(3))
    assert place.at(3.6, scheduler) == []
    assert place.at(4, scheduler) == [the_run(4)]


@pytest.mark.parametrize(
    ("catchup", "hours"), [("none", []), ("latest", [5]), ("all", [2, 3, 4, 5])]
)
def test_an_empty_queue_takes_in_what_was_missed_as_catchup_says(
    place: Place, catchup: str, hours: list[int]
) -> None:
    place.activate(hourly(overlap="queue", catchup=catchup))
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    place.at(1, scheduler)
    place.finish(the_run(1))
    found = []
    for _ in range(6):
        for run in place.at(5.5, scheduler):
            found.append(run)
            place.finish(run)
    assert found == [the_run(hour) for hour in hours]


def test_a_single_start_is_queued_once(place: Place) -> None:
    place.activate({"at": "2026-11-21T01:00:00Z", "overlap": "queue"})
    scheduler = Scheduler(place.backend)
    assert place.at(0, scheduler) == []
    assert place.at(1.2, scheduler) == [the_run(1)]
    assert place.at(2, scheduler) == place.at(3, Scheduler(place.backend)) == []


# Several, and crashes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace", "allow"])
def test_of_several_schedulers_one_starts_a_run(place: Place, overlap: str) -> None:
    place.activate(hourly(overlap=overlap))
    schedulers = [Scheduler(place.another()) for _ in range(3)]
    for scheduler in schedulers:
        assert place.at(0, scheduler) == []
    started = [run for scheduler in schedulers for run in place.at(1, scheduler)]
    assert started == [the_run(1)]
    assert place.ids() == [the_run(1)]


class Dies(StoreUnavailable):
    """The process ends here."""


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace", "allow"])
@pytest.mark.parametrize("method", ["create", "commit", "fire"])
@pytest.mark.parametrize("written", [False, True])
def test_a_scheduler_that_dies_at_any_write_leaves_the_run_to_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch, overlap: str, method: str, *, written: bool
) -> None:
    place.activate(hourly(overlap=overlap))
    place.at(0, Scheduler(place.backend))
    kind = type(place.store)
    real = getattr(kind, method)
    calls = 0

    def dying(*args: Any, **more: Any) -> None:
        nonlocal calls
        calls += 1
        if written:
            real(*args, **more)
        raise Dies

    with monkeypatch.context() as patch:
        patch.setattr(kind, method, dying)
        with pytest.raises(Dies):
            place.at(1, Scheduler(place.another()))
    assert calls
    place.at(1.01, Scheduler(place.another()))
    assert place.ids() == [the_run(1)]
    assert place.open == [the_run(1)]


def test_one_that_cannot_be_started_is_told_and_not_in_the_way_of_others(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"inputs": {"required": ["x"]}}
    place.activate(hourly(), name="bad", **wrong)
    place.activate(hourly(), name="good")
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    assert place.at(1, scheduler) == [the_run(1, "good-0")]
    assert place.at(1.1, scheduler) == []
    (told,) = [one for one in caplog.records if "could not be started" in one.getMessage()]
    assert "bad-0" in told.getMessage()


def test_a_store_that_keeps_no_definitions_is_refused() -> None:
    class Bare:
        limits = InMemoryStore().limits
        database = None

    with pytest.raises(RequestError, match="Bare keeps no active definitions"):
        Scheduler(Backend(Bare()))  # type: ignore[arg-type]


def test_a_scheduler_sleeps_until_something_is_due_and_looks_more_often_while_a_run_is_waited_for(
    place: Place,
) -> None:
    place.activate(hourly(overlap="queue"))
    scheduler = Scheduler(place.backend)
    place.at(0, scheduler)
    assert scheduler._seconds() == LONGEST
    place.clock.advance(HOUR - timedelta(seconds=7.5))
    assert scheduler._seconds() == 7.5
    place.at(1, scheduler)
    assert scheduler._seconds() == LONGEST
    place.at(2, scheduler)
    assert scheduler._seconds() == HELD
    place.finish(the_run(1))
    place.at(2.1, scheduler)
    assert scheduler._seconds() == LONGEST


# The loop ---------------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "sqlite"])
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    if request.param == "memory":
        return Backend(InMemoryStore())
    file = str(tmp_path / "s.db")
    return Backend(SqliteStore(file), SqliteRunner(file))


@pytest.fixture
def running(real: Backend) -> Iterator[Scheduler]:
    scheduler = Scheduler(real)
    thread = Thread(target=scheduler.run)
    thread.start()
    yield scheduler
    scheduler.stop()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.usefixtures("running")
def test_the_loop_finds_what_becomes_active_and_starts_it_when_it_is_due(real: Backend) -> None:
    schedule = {"every": "1s", "overlap": "allow"}
    made = spec.from_data({"name": "tick", "schedule": [schedule], "steps": [{"id": "a"}]})
    real.store.keep_definition(a_definition(made))  # type: ignore[attr-defined]
    real.store.activate(made.workflow_id)  # type: ignore[attr-defined]
    until = monotonic() + 30
    while len(real.executions()) < 2 and monotonic() < until:
        sleep(0.05)
    assert len(real.executions()) >= 2
