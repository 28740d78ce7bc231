"""From the plain data of a sound workflow to its model. Nothing is checked here."""

from datetime import timedelta

from runfox import values
from runfox.spec import durations
from runfox.spec.compiled import Compiled
from runfox.spec.kinds import target_step
from runfox.spec.model import (
    MAX_ITERATIONS,
    Action,
    Branch,
    Complete,
    Fail,
    Finish,
    Halt,
    Retry,
    Set,
    Spec,
    Step,
)
from runfox.values import Json

_AT_ONCE = timedelta(0)


def spec_of(data: dict[str, Json], compiled: Compiled) -> Spec:
    """Build the model of a workflow that was checked."""
    steps = tuple([_step(step, compiled) for step in data["steps"]])
    version = data.get("version")
    outputs = data.get("outputs")
    return Spec(
        name=data["name"],
        version=None if version is None else str(version),
        description=data.get("description"),
        labels=data.get("labels", {}),
        steps=steps,
        outputs=None if outputs is None else compiled.template(outputs),
        data=data,
        workflow_id=values.digest(data),
        index={step.id: position for position, step in enumerate(steps)},
    )


def _step(data: dict[str, Json], compiled: Compiled) -> Step:
    step_id: str = data["id"] if "id" in data else data["op"]
    given = data.get("input")
    return Step(
        id=step_id,
        fn=data.get("fn") or data.get("type") or step_id,
        input=None if given is None else compiled.template(given),
        depends_on=names(data.get("depends_on", [])),
        branches=tuple([_branch(branch, compiled) for branch in data.get("branch", ())]),
        retries=_retries(data, compiled),
        max_iterations=int(data.get("max_iterations", MAX_ITERATIONS)),
        label=data.get("label"),
        description=data.get("description"),
    )


def names(value: Json) -> tuple[str, ...]:
    """Return the names in a list of them, or the one name."""
    return (value,) if type(value) is str else tuple(value)


def _retries(data: dict[str, Json], compiled: Compiled) -> tuple[Retry, ...]:
    if "max_attempts" in data:
        return (Retry(max_attempts=int(data["max_attempts"]), delay=_AT_ONCE),)
    if "retry" not in data:
        return ()
    policy = data["retry"]
    usual = _USUAL
    return (
        Retry(
            max_attempts=int(policy.get("max_attempts", usual.max_attempts)),
            delay=_duration(policy, "delay", usual.delay),
            backoff=float(policy.get("backoff", usual.backoff)),
            max_delay=_duration(policy, "max_delay", usual.max_delay),
            jitter=float(policy.get("jitter", usual.jitter)),
            condition=compiled.expression(policy["if"]) if "if" in policy else None,
        ),
    )


_USUAL = Retry()


def _duration(policy: dict[str, Json], key: str, usual: timedelta) -> timedelta:
    return durations.parse(policy[key]) if key in policy else usual


def _branch(data: dict[str, Json], compiled: Compiled) -> Branch:
    condition = compiled.expression(data["condition"]) if "condition" in data else None
    return Branch(condition=condition, action=_action(data, compiled))


def _action(data: dict[str, Json], compiled: Compiled) -> Action:
    action = data["action"]
    if type(action) is dict:
        return Set(targets=_targets(action["set"], compiled))
    match action:
        case "halt":
            return Halt(result=compiled.template(data.get("result", _NO_RESULT)))
        case "complete":
            return Complete()
        case "finish":
            return Finish()
        case "fail":
            return Fail(error=compiled.template(data["result"]) if "result" in data else None)
    raise ValueError(f"no action {action!r}")  # the checks refuse it


_NO_RESULT: dict[str, Json] = {}


def _targets(value: Json, compiled: Compiled) -> tuple[str, ...] | Json:
    if type(value) is dict:
        return compiled.expression(value)
    return tuple(dict.fromkeys(target_step(target) for target in names(value)))
