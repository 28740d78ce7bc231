"""What the graph promises of every workflow of the whole language, and everything that can happen to it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from runfox import graph, spec
from runfox.errors import SignalRefused, VerbRefused
from runfox.graph import SignalSent, StepResult
from runfox.graph.decide import in_order
from runfox.graph.draft import Draft
from runfox.graph.places import walk
from runfox.values import Json
from tests.properties import laws, whole
from tests.properties.whole import Happening
from tests.properties.world import Life, Script, World

QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])


class Chance(World):
    """A world in which anything happens at any time, before it goes on as scripted."""

    def happens(self, one: Happening) -> None:
        life = list(self.lives.values())[one.pick % len(self.lives)]
        match one.kind:
            case "answer" | "answers" | "late":
                results = self.results(life, one)
                if results:
                    self.move(life, *results)
            case "wake":
                self._wake()
            case "second":
                self.now += timedelta(seconds=1)
                self.move(life)
            case "signal":
                self.asks(life, SignalSent("go", {"n": one.pick}, None, f"m{one.pick % 7}"))
            case "mail":
                self._mail()
            case "verb" if life is self.top or not life.record.status.ended:
                paths = [path for path, _, _ in walk(life.record)]
                self.asks(life, whole.verb(one.pick, paths[one.pick % len(paths)]))

    def results(self, life: Life, one: Happening) -> list[StepResult]:
        jobs = life.jobs if one.kind == "late" else list(graph.in_flight(life.record))
        if not jobs:
            return []
        most = 3 if one.kind == "answers" else 1
        found = [jobs[(one.pick + number) % len(jobs)] for number in range(min(most, len(jobs)))]
        return [_result(job.step_id, job.run_id, one.answer) for job in found]

    def asks(self, life: Life, event: graph.Event) -> None:
        """Do what somebody asks for; what is refused changes nothing."""
        before, snapshot = life.record, laws.snapshot(life.record)
        try:
            self.move(life, asked=event)
        except (VerbRefused, SignalRefused):
            assert life.record is before
            assert laws.snapshot(before) == snapshot


def _result(step: str, run_id: int, answer: str) -> StepResult:
    if answer == "fail":
        return StepResult(step, run_id, error={"type": "Boom", "message": "random"})
    outputs: dict[str, dict[str, Json]] = {
        "not_ok": {"n": 2, "ok": False},
        "bad": {"n": "bad", "flag": True},
    }
    return StepResult(step, run_id, outputs.get(answer, {"n": 1, "k": 1, "items": [1, 2]}))


def lived(data: dict[str, Json], happenings: list[Happening]) -> Chance:
    world = Chance(data, Script(answers={"a": ("ok", "fail", "ok")}), build=spec.build)
    for one in happenings:
        world.happens(one)
    return world


@QUICK
@given(whole.files(), whole.HAPPENINGS)
def test_every_transition_keeps_the_laws_and_every_execution_ends(data, happenings):
    lived(data, happenings).live()


@QUICK
@given(whole.files(), whole.HAPPENINGS)
def test_many_results_at_once_are_the_same_as_one_after_another(data, happenings):
    for life in lived(data, happenings).lives.values():
        record = life.record
        now = record.started_at or record.origin.created_at
        results = [_result(job.step_id, job.run_id, "ok") for job in graph.in_flight(record)]
        at_once = graph.step(record, results, now=now)
        draft = Draft(record, now)
        facts: list[graph.Fact] = []
        one_by_one = record
        for result in in_order(draft, results):
            told = graph.on_step_result(one_by_one, result, now=now)
            one_by_one, facts = told.record, [*facts, *told.facts]
        told = graph.advance(one_by_one, now=now)
        assert (*facts, *told.facts) == at_once.facts
        assert told.record._replace(revision=0).status is at_once.record.status
        assert all(job in at_once.jobs for job in told.jobs)


@pytest.mark.slow
@LONG
@given(whole.files(), whole.HAPPENINGS)
def test_every_promise_holds_of_many_more(data, happenings):
    world = lived(data, happenings).live()
    for life in world.lives.values():
        origin = life.record.origin
        created = graph.WorkflowCreated(origin.plan.workflow_id, origin.inputs, origin.created_at)
        blank = graph.blank(origin.plan, execution_id=origin.execution_id, created=created)
        blank = blank._replace(origin=origin)
        folded = graph.fold(blank, life.facts, revision=life.record.revision)
        assert laws.stored(folded) == laws.stored(life.record)
