"""Workflows drawn by a seed: graphs of steps whose result does not depend on who is first."""

from functools import cache
from random import Random

from runfox.values import text
from tests.simulation.flows import Flow

COUNT = 300
"""How many there are: each is run once without faults to know how it ends, which is then remembered."""


@cache
def drawn(number):
    """Return one of them."""
    random = Random(f"flow {number}")
    steps = [_step(random, place) for place in range(random.randint(2, 5))]
    workflows = {
        "inner": {"steps": [{"id": "x", "input": {"n": {"var": "input.n"}}}], "outputs": _n("x")}
    }
    data = {
        "name": f"drawn-{number}",
        "on_failure": random.choice(["fail", "continue", "rollback"]),
        "workflows": workflows,
        "steps": steps,
        "outputs": {"ns": {"vars": "steps[*].output.n"}},
    }
    if random.random() < 0.2:
        data["finally"] = [{"id": "z"}]
    if not any("call" in step for step in steps):
        del data["workflows"]
    return Flow(f"drawn {number}", text(data), ends=("complete", "failed"), steady=False)


def _n(step):
    return {"n": {"var": [f"steps.{step}.output.n", 0]}}


def _step(random, place):
    before = [f"s{number}" for number in range(place)]
    step = {"id": f"s{place}"}
    needs = random.sample(before, min(len(before), random.choice([0, 1, 1, 1, 2])))
    if needs:
        step["depends_on"] = sorted(needs)
        if random.random() < 0.15:
            step["depends_on"] = [{need: "ended"} for need in step["depends_on"]]
        step["input"] = _n(min(needs))
    match random.randrange(8):
        case 0:
            step["call"] = "inner"
        case 1:
            step |= {"fn": "flaky", "retry": {"max_attempts": 2, "delay": random.choice([0, 1])}}
        case 2:
            each = {"items": [1, 2, 3], "max": random.choice([1, 3])}
            step |= {"foreach": each, "input": {"n": {"var": "item"}}}
        case 3:
            step["do"] = [{"id": "x"}, {"id": "y", "depends_on": ["x"]}]
            step["outputs"] = {"n": {"var": "steps.y.output.n"}}
            step.pop("input", None)
        case 4:
            step.pop("input", None)
            step |= {"wait": {"for": random.choice([0, 1, 3])}}
    if random.random() < 0.2 and "wait" not in step:
        step["undo"] = {"fn": "back"}
    if random.random() < 0.07 and not step.keys() & {"call", "foreach", "do", "wait", "fn"}:
        step["fn"] = "broken"
    if random.random() < 0.1 and place:
        step["when"] = {">": [{"var": [f"steps.{before[-1]}.output.n", 0]}, 1]}
    return step
