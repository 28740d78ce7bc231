"""The 43 workflow control-flow patterns: each is a workflow that is sound, and runs."""

import re
from collections.abc import Callable
from threading import Thread
from time import sleep

import pytest

from runfox import Workflow, spec
from runfox.backend import Backend
from runfox.values import Json
from tests.patterns.interleavings import HERE
from tests.patterns.scenes import SCENES, Outputs

FILES = sorted(HERE.glob("wcp*.yaml"))
RECIPES = {8, 18, 28, 31, 33, 38, 41, 42}
HEAD = re.compile(r"# Pattern (\d+), ([A-Z][^:]+): ")

each = pytest.mark.parametrize("number", range(1, 44))


def test_every_pattern_has_a_workflow_and_a_scene():
    assert [path.name for path in FILES] == [f"wcp{number:02}.yaml" for number in range(1, 44)]
    assert sorted(SCENES) == [*range(1, 44)]


@each
def test_each_workflow_says_which_pattern_it_is_and_has_no_problem(number):
    path = FILES[number - 1]
    text = path.read_text()
    head = HEAD.match(text)
    assert head is not None
    assert int(head[1]) == number
    assert ("\n# Recipe: " if number in RECIPES else "\n# By: ") in text
    assert spec.check_text(text, source=path.name) == []


@each
def test_each_workflow_runs_to_its_end_as_the_pattern_says(number):
    scene = SCENES[number]
    flow: Workflow
    during, verb = scene.during

    def act() -> None:
        if verb == "cancel":
            flow.cancel()
        else:
            flow.signal(verb)

    answer = _executor(scene.outputs, lambda fn: act() if fn == during else None)
    flow = Workflow.from_yaml(
        FILES[number - 1].read_text(), Backend(executor=answer), inputs=scene.inputs
    )
    for name in scene.signals:
        flow.signal(name)
    if verb and not during:
        Thread(target=_when_it_waits, args=(flow, act), daemon=True).start()
    flow.run()
    done = {step for step, status in flow.step_statuses.items() if status == "complete"}
    assert flow.status == scene.status
    assert done == set(scene.complete.split())


def _executor(outputs: Outputs, heard: Callable[[str], None]) -> Callable[..., dict[str, Json]]:
    left = {fn: iter(some) for fn, some in outputs.items() if isinstance(some, list)}

    def execute(fn: str, inputs: dict[str, Json]) -> dict[str, Json]:
        heard(fn)
        if fn in left:
            return next(left[fn])
        found = outputs.get(fn, {})
        assert isinstance(found, dict)
        return found

    return execute


def _when_it_waits(flow: Workflow, act: Callable[[], None]) -> None:
    """Act as soon as some step waits: what comes before that would be lost."""
    while "waiting" not in flow.step_statuses.values():
        sleep(0.001)
    act()
