"""From the plain data of a sound workflow to its model. Nothing is checked here."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from runfox import expressions, values
from runfox.spec import durations
from runfox.spec.bodies import each_of, schedules_of, wait_of
from runfox.spec.compiled import Compiled
from runfox.spec.data_schema import DataSchema
from runfox.spec.folding import Usual
from runfox.spec.model import Block, Body, Call, Do, Fn, Spec, StateKey, Step, Timeout
from runfox.spec.modifiers import MODIFIERS, limit_of
from runfox.spec.secrets import secrets_in, without_secrets
from runfox.spec.siblings import Siblings
from runfox.values import Json


def spec_of(data: dict[str, Any], compiled: Compiled) -> Spec:
    """Build the model of a workflow that was checked."""
    build = partial(_spec, compiled)
    return build(data, Siblings(data["workflows"], build) if "workflows" in data else {})


def _spec(compiled: Compiled, data: dict[str, Any], workflows: Mapping[str, Spec]) -> Spec:
    build = _Builder(compiled, Usual(data["defaults"]) if "defaults" in data else None)
    version = data.get("version")
    return Spec(
        name=data["name"],
        version=None if version is None else str(version),
        description=data.get("description"),
        labels=data.get("labels", {}),
        block=build.block(data["steps"], data.get("outputs")),
        last=build.block(data["finally"], None) if "finally" in data else None,
        inputs=DataSchema(data["inputs"]) if "inputs" in data else None,
        state={name: _state_key(declared) for name, declared in data.get("state", {}).items()},
        timeout=durations.parse(data["timeout"]) if "timeout" in data else None,
        priority=int(data.get("priority", 5)),
        limit=limit_of(data["limit"], compiled) if "limit" in data else None,
        on_failure=data.get("on_failure", "fail"),
        schedules=tuple(schedules_of(data.get("schedule", []))),
        workflows=workflows,
        data=data,
        workflow_id=values.digest(data),
    )


def _state_key(declared: dict[str, Any]) -> StateKey:
    schema = {word: part for word, part in declared.items() if word not in {"default", "merge"}}
    return StateKey(
        schema=DataSchema(schema) if schema else None,
        default=declared.get("default"),
        has_default="default" in declared,
        merge=declared.get("merge"),
    )


class _Builder:
    """Builds the steps of one workflow, at any depth."""

    def __init__(self, compiled: Compiled, usual: Usual | None) -> None:
        self._compiled = compiled
        self._usual = usual
        self._fns: dict[str, Fn] = {}  # of ten thousand steps many have the same

    def block(self, steps: list[dict[str, Any]], outputs: Json) -> Block:
        made = tuple(map(self._step, steps))
        return Block(
            steps=made,
            index={step.id: position for position, step in enumerate(made)},
            outputs=None if outputs is None else self._compiled.template(outputs),
        )

    def _step(self, data: dict[str, Any]) -> Step:
        if self._usual is not None:
            data = self._usual.folded(data)
        step_id: str = data["id"] if "id" in data else data["op"]
        if "foreach" in data:
            return self._each(step_id, data)
        fields = self._fields(data, each=None)
        return Step(id=step_id, body=self._body(step_id, data), **fields)

    def _each(self, step_id: str, data: dict[str, Any]) -> Step:
        """Take a step apart: what holds for each item becomes a step of its own, of the same id."""
        item = Step(id=step_id, body=self._body(step_id, data), **self._fields(data, each=True))
        fields = self._fields(data, each=False)
        if item.timeout is not None and item.timeout.total is not None:
            fields["timeout"] = Timeout(total=item.timeout.total)
            item = item._replace(timeout=_without_total(item.timeout))
        return Step(id=step_id, body=each_of(data["foreach"], item, self._compiled), **fields)

    def _fields(self, data: dict[str, Any], *, each: bool | None) -> dict[str, Any]:
        """Return the fields that keys give: those of each item, those of the step, or all (None)."""
        compiled = self._compiled
        fields: dict[str, Any] = {}
        for name, value in data.items():
            found = MODIFIERS.get(name)
            if found is not None and (each is None or found.each is each):
                fields[found.field] = found.make(value, compiled)
        if "input" in data and each is not False:
            self._take_input(data["input"], fields)
        return fields

    def _take_input(self, given: Json, fields: dict[str, Any]) -> None:
        secrets = secrets_in(given)
        if secrets:
            fields["secrets"] = tuple(secrets)
            # Made for this once, so it is not kept by its identity, as what the author wrote is.
            fields["input"] = expressions.template(without_secrets(given))
        else:
            fields["input"] = self._compiled.template(given)

    def _body(self, step_id: str, data: dict[str, Any]) -> Body:
        if "call" in data:
            return Call(workflow=data["call"], detach=data.get("detach", False))
        if "do" in data:
            return Do(block=self.block(data["do"], data.get("outputs")))
        if "wait" in data:
            return wait_of(data["wait"], self._compiled)
        name: str = data.get("fn") or data.get("type") or step_id
        found = self._fns.get(name)
        if found is None:
            found = self._fns[name] = Fn(name=name)
        return found


def _without_total(timeout: Timeout) -> Timeout | None:
    rest = replace(timeout, total=None)
    return None if rest == Timeout() else rest
